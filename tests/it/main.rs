//! Tests of the whole: structure, laws, stories and transcripts.

mod common;
mod formats;
mod laws;
mod stories;
mod tidy;
mod transcripts;
