//! Tests of the whole: structure, laws, stories and transcripts.

mod alerts;
mod common;
mod formats;
mod laws;
mod names;
mod relevance;
mod stories;
mod tidy;
mod transcripts;
