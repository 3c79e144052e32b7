//! Requests that are read, and answers that are written.

use lsp_server::{ErrorCode, Request};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Why there is no answer.
#[derive(Debug)]
pub(super) struct NoAnswer {
    pub(super) code: ErrorCode,
    pub(super) why: String,
}

impl NoAnswer {
    /// The question was about a text that is no longer there.
    pub(super) fn modified() -> Self {
        Self {
            code: ErrorCode::ContentModified,
            why: "the text has changed since".to_owned(),
        }
    }

    /// The question is about a place and names none.
    pub(super) fn no_position() -> Self {
        Self {
            code: ErrorCode::InvalidParams,
            why: "the request names no position".to_owned(),
        }
    }

    /// What was asked for cannot be done.
    pub(super) fn failed(why: impl Into<String>) -> Self {
        let (code, why) = (ErrorCode::RequestFailed, why.into());
        Self { code, why }
    }
}

/// What a request asks.
pub(super) fn params<T: DeserializeOwned>(request: Request) -> Result<T, NoAnswer> {
    serde_json::from_value(request.params).map_err(|error| NoAnswer {
        code: ErrorCode::InvalidParams,
        why: error.to_string(),
    })
}

/// An answer in the form of JSON.
pub(super) fn told(answer: impl Serialize) -> Result<Value, NoAnswer> {
    serde_json::to_value(answer).map_err(|error| NoAnswer {
        code: ErrorCode::InternalError,
        why: error.to_string(),
    })
}
