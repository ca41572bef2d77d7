//! The analyzer of a plain tantivy program: words in lower case, by their Snowball stem.

use tantivy::tokenizer::{
    LowerCaser, RemoveLongFilter, SimpleTokenizer, TextAnalyzer, Token, TokenFilter, TokenStream, Tokenizer,
};

/// tantivy's `en_stem`, which is a feature of it that dateline does not use.
pub fn analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(40))
        .filter(LowerCaser)
        .filter(Stem)
        .build()
}

/// Stems words in lower case, like tantivy's filter of this kind. Words with other than ASCII letters stay:
/// the stemmer panics on some.
#[derive(Clone)]
struct Stem;

#[derive(Clone)]
struct StemTokenizer<T>(T);

struct StemStream<S> {
    words: S,
    stemmer: rust_stemmers::Stemmer,
    stem: String,
}

impl TokenFilter for Stem {
    type Tokenizer<T: Tokenizer> = StemTokenizer<T>;

    fn transform<T: Tokenizer>(self, tokenizer: T) -> StemTokenizer<T> {
        StemTokenizer(tokenizer)
    }
}

impl<T: Tokenizer> Tokenizer for StemTokenizer<T> {
    type TokenStream<'a> = StemStream<T::TokenStream<'a>>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Self::TokenStream<'a> {
        StemStream {
            words: self.0.token_stream(text),
            stemmer: rust_stemmers::Stemmer::create(rust_stemmers::Algorithm::English),
            stem: String::new(),
        }
    }
}

impl<S: TokenStream> TokenStream for StemStream<S> {
    fn advance(&mut self) -> bool {
        if !self.words.advance() {
            return false;
        }
        let word = &mut self.words.token_mut().text;
        if word.is_ascii() {
            self.stem.clear();
            self.stem.push_str(&self.stemmer.stem(word));
            std::mem::swap(word, &mut self.stem);
        }
        true
    }

    fn token(&self) -> &Token {
        self.words.token()
    }

    fn token_mut(&mut self) -> &mut Token {
        self.words.token_mut()
    }
}
