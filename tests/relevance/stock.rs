//! The query one writes first with tantivy: the words, stemmed, in `title` or in `body`, by its own BM25.

use dateline::eval::{Question, Run};
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{
    FAST, Field, IndexRecordOption, Schema, TantivyDocument, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::TokenStream;
use tantivy::{Index, IndexWriter, ReloadPolicy, Searcher, Term};

use crate::{Outcome, Text, best, stem};

const STEMMED: &str = "stemmed";

pub struct Stock<'a> {
    texts: &'a [Text],
    pub searcher: Searcher,
    title: Field,
    pub body: Field,
}

impl<'a> Stock<'a> {
    /// An index in memory.
    pub fn new(texts: &'a [Text]) -> Outcome<Stock<'a>> {
        let mut builder = Schema::builder();
        let indexing = TextFieldIndexing::default()
            .set_tokenizer(STEMMED)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let text = TextOptions::default().set_indexing_options(indexing);
        let title = builder.add_text_field("title", text.clone());
        let body = builder.add_text_field("body", text);
        let number = builder.add_u64_field("number", FAST);
        let index = Index::create_in_ram(builder.build());
        index.tokenizers().register(STEMMED, stem::analyzer());
        let mut writer: IndexWriter = index.writer_with_num_threads(1, 400 << 20)?;
        for (at, text) in (0_u64..).zip(texts) {
            let mut document = TantivyDocument::default();
            document.add_text(title, &text.title);
            document.add_text(body, &text.body);
            document.add_u64(number, at);
            writer.add_document(document)?;
        }
        writer.commit()?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Stock { texts, searcher: reader.searcher(), title, body })
    }

    pub fn search_all(&self, questions: &[Question], depth: usize) -> Outcome<Run> {
        let mut run = Run::default();
        for question in questions {
            run.0.insert(question.id.clone(), self.search(&question.text, depth)?);
        }
        Ok(run)
    }

    /// Any of the words in one of the fields.
    pub fn query(&self, typed: &str) -> BooleanQuery {
        let mut words: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        stem::analyzer().token_stream(typed).process(&mut |token| {
            for field in [self.title, self.body] {
                let term = Term::from_field_text(field, &token.text);
                words.push((Occur::Should, Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs))));
            }
        });
        BooleanQuery::new(words)
    }

    pub fn search(&self, typed: &str, depth: usize) -> Outcome<Vec<(String, f32)>> {
        let collector = TopDocs::with_limit(depth).order_by_score();
        let mut scored = Vec::new();
        for (score, address) in self.searcher.search(&self.query(typed), &collector)? {
            let numbers = self.searcher.segment_reader(address.segment_ord).fast_fields().u64("number")?;
            scored.push((usize::try_from(numbers.first(address.doc_id).unwrap_or_default())?, score));
        }
        Ok(best(self.texts, scored, depth))
    }
}
