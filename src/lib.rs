pub mod article;
pub mod corpus;
pub mod error;
pub mod words;
