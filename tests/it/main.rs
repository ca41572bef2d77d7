//! Tests of the whole: structure, laws, stories and transcripts.

mod alerts;
mod common;
mod diagnose;
mod formats;
mod language;
mod laws;
mod marks;
mod names;
mod reference;
mod relevance;
mod stage;
mod stories;
mod tidy;
mod transcripts;
