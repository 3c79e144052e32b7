//! What D-Bus takes for names and paths, as the D-Bus specification has them under "Valid Names" and "Valid Object Paths".

use crate::glob::{Builder, ByteSet, Nfa};

fn letters(more: &[u8]) -> ByteSet {
    let all = (b'a'..=b'z').chain(b'A'..=b'Z').chain([b'_']);
    ByteSet::of(all.chain(more.iter().copied()))
}

/// Letters, digits, `_`, and `more`.
fn with_digits(more: &[u8]) -> ByteSet {
    letters(&[b"0123456789", more].concat())
}

/// The parts in their order, or nothing.
fn or_nothing(sequence: impl Fn(&mut Builder)) -> Option<Nfa> {
    let mut builder = Builder::default();
    let all = builder.alternatives([false, true], |builder, is_there| {
        if is_there {
            sequence(builder);
        }
        Ok(())
    });
    all.ok()?;
    builder.finish().ok()
}

/// Object paths, or more: `/`, or words with a `/` in front of each.
#[must_use]
pub fn dbus_path() -> Option<Nfa> {
    let mut builder = Builder::default();
    let all = builder.alternatives([0, 1, 2], |builder, form| {
        if form > 0 {
            builder.byte(b'/');
        }
        if form > 1 {
            builder.any_of(with_digits(b"/"));
            builder.one_byte_of(with_digits(b""));
        }
        Ok(())
    });
    all.ok()?;
    builder.finish().ok()
}

/// Interface names, or more: two words or more with dots between them; or nothing.
#[must_use]
pub fn dbus_interface() -> Option<Nfa> {
    or_nothing(|builder| {
        builder.one_byte_of(letters(b""));
        builder.any_of(with_digits(b""));
        builder.byte(b'.');
        builder.any_of(with_digits(b"."));
        builder.one_byte_of(with_digits(b""));
    })
}

/// Names of methods and signals: one word, or nothing.
#[must_use]
pub fn dbus_member() -> Option<Nfa> {
    or_nothing(|builder| {
        builder.one_byte_of(letters(b""));
        builder.any_of(with_digits(b""));
    })
}

/// Bus names, or more: `:1.5`, or as an interface, `-` included; or nothing.
#[must_use]
pub fn dbus_name() -> Option<Nfa> {
    let mut builder = Builder::default();
    let all = builder.alternatives([0, 1, 2], |builder, form| {
        match form {
            1 => {
                builder.byte(b':');
                builder.any_of(with_digits(b"-."));
                builder.one_byte_of(with_digits(b"-"));
            }
            2 => {
                builder.one_byte_of(letters(b"-"));
                builder.any_of(with_digits(b"-"));
                builder.byte(b'.');
                builder.any_of(with_digits(b"-."));
                builder.one_byte_of(with_digits(b"-"));
            }
            _ => {}
        }
        Ok(())
    });
    all.ok()?;
    builder.finish().ok()
}
