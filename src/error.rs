//! What can go wrong, told so that a stranger can act on it.
//!
//! Every message says what happened, where, and what to do next: lower case, no full stop, literals
//! in backticks. A bad article is not an error: it is a [`Reject`](crate::unpack::Reject), reported and
//! counted while the rest goes in.

use std::fmt;
use std::path::{Path, PathBuf};

/// Any failure of the library; [`Error::exit_code`] is the process status it stands for.
#[derive(Debug)]
pub enum Error {
    /// The request cannot be understood: a flag's value, an unknown region, a malformed query.
    Usage(String),
    /// There is no index at the path, or it cannot be used: other format version, corrupt, half-made.
    Index { path: PathBuf, message: String },
    /// Another process is writing to the index.
    Locked { path: PathBuf },
    /// Reading or writing a file failed.
    Io { path: PathBuf, error: std::io::Error },
    /// The engine below reported an error that is none of the above.
    Engine { doing: &'static str, message: String },
    /// The caller asked to stop.
    Interrupted,
}

/// The library's result.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn usage(message: impl Into<String>) -> Error {
        Error::Usage(message.into())
    }

    pub(crate) fn index(path: &Path, message: impl Into<String>) -> Error {
        Error::Index { path: path.to_owned(), message: message.into() }
    }

    pub(crate) fn io(path: &Path, error: std::io::Error) -> Error {
        Error::Io { path: path.to_owned(), error }
    }

    pub(crate) fn engine(doing: &'static str, error: impl fmt::Display) -> Error {
        Error::Engine { doing, message: error.to_string() }
    }

    /// The exit status: 2 usage or query or a file that is not there, 3 index missing, old or corrupt, 4 locked, 6 any other
    /// failure, 130 interrupted. (0 hits, 1 none and 5 rejects are outcomes, not errors.)
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Usage(_) => 2,
            Error::Io { error, .. } if error.kind() == std::io::ErrorKind::NotFound => 2,
            Error::Index { .. } => 3,
            Error::Locked { .. } => 4,
            Error::Io { .. } | Error::Engine { .. } => 6,
            Error::Interrupted => 130,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Usage(message) => f.write_str(message),
            Error::Index { path, message } => write!(f, "index `{}`: {message}", path.display()),
            Error::Locked { path } => write!(
                f,
                "index `{}` is being written by another process; wait for it to finish and run this again",
                path.display()
            ),
            Error::Io { path, error } => write!(f, "`{}`: {error}", path.display()),
            Error::Engine { doing, message } => write!(f, "{doing}: {message}"),
            Error::Interrupted => f.write_str("interrupted; what was committed before stays"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io { error, .. } => Some(error),
            _ => None,
        }
    }
}
