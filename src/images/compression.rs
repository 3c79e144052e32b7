//! Layers and archives as they come: plain, gzip or zstd.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

/// How much is read at once, in bytes.
const BUFFER: usize = 128 << 10;

/// How gzip files begin (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// How zstd frames begin (RFC 8878).
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// Whether the first bytes of a file are those of a format that `decompressed` knows.
pub(super) fn is_compressed(start: &[u8]) -> bool {
    start.starts_with(&GZIP) || start.starts_with(&ZSTD)
}

/// A reader of what a stream holds, whatever it is compressed with: told by its first bytes, for media types are wrong in
/// real archives.
///
/// # Errors
/// If its beginning cannot be read.
pub(super) fn decompressed<'r>(mut stream: impl Read + 'r) -> io::Result<Box<dyn BufRead + 'r>> {
    // What comes from an engine may come byte by byte.
    let mut start = Vec::new();
    stream.by_ref().take(4).read_to_end(&mut start)?;
    let is_gzip = start.starts_with(&GZIP);
    let is_zstd = start.starts_with(&ZSTD);
    let stream = BufReader::with_capacity(BUFFER, io::Cursor::new(start).chain(stream));
    if is_gzip {
        let decoder = MultiGzDecoder::new(stream);
        return Ok(Box::new(BufReader::with_capacity(BUFFER, decoder)));
    }
    if is_zstd {
        let frames = Frames::new(stream, FrameDecoder::new());
        return Ok(Box::new(BufReader::with_capacity(BUFFER, frames)));
    }
    Ok(Box::new(stream))
}

/// All frames of a zstd stream, one after the other: some writers make several, and put indexes into frames to be skipped.
struct Frames<R> {
    stream: R,
    decoder: FrameDecoder,
    is_in_frame: bool,
}

impl<R: BufRead> Frames<R> {
    const fn new(stream: R, decoder: FrameDecoder) -> Self {
        Self {
            stream,
            decoder,
            is_in_frame: false,
        }
    }

    /// Begins the next frame with content; whether there is one.
    fn begin(&mut self) -> io::Result<bool> {
        while !self.stream.fill_buf()?.is_empty() {
            match self.decoder.reset(&mut self.stream) {
                Ok(()) => return Ok(true),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame {
                    length,
                    ..
                })) => {
                    let mut skipped = self.stream.by_ref().take(u64::from(length));
                    io::copy(&mut skipped, &mut io::sink())?;
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(false)
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.is_in_frame && !self.begin()? {
                return Ok(0);
            }
            self.is_in_frame = true;
            let count = self.decoder.read(buffer)?;
            if count > 0 {
                return Ok(count);
            }
            if self.decoder.is_finished() {
                self.is_in_frame = false;
                continue;
            }
            let some = BlockDecodingStrategy::UptoBytes(BUFFER);
            let decoded = self.decoder.decode_blocks(&mut self.stream, some);
            decoded.map_err(io::Error::other)?;
        }
    }
}
