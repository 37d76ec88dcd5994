//! The state of one request: its ids, the body that arrived, the problem that failed it.

use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::{HeaderName, HeaderValue};
use s3s::S3Error;

use super::payload::Received;
use super::problem::Problem;
use crate::common::env::Env;

/// One request's own record, shared by its body, its operation and its answer.
pub(crate) struct Reply {
    /// `x-amz-request-id`: sixteen hexadecimal digits.
    pub(crate) request_id: String,
    /// `x-amz-id-2`.
    pub(crate) id_2: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    received: Option<Received>,
    problem: Option<Problem>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Reply {
    pub(crate) fn new(env: &Env) -> Self {
        let (id, _) = env.uuid().as_u64_pair();
        let mut host = Vec::with_capacity(64);
        for _ in 0..4 {
            host.extend_from_slice(env.uuid().as_bytes());
        }
        // The version bits of a UUID do not matter here: sixteen digits of it stay unique enough for one machine.
        Self { request_id: format!("{id:016X}"), id_2: BASE64.encode(&host[..57]), state: Mutex::default() }
    }

    /// The body is complete, and its digests are those that the client sent.
    pub(crate) fn received(&self, received: Received) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).received = Some(received);
    }

    /// The digests of the body; only after it was read to its end.
    pub(crate) fn take_received(&self) -> Option<Received> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).received.take()
    }

    /// Adds a header that the output of `s3s` cannot carry.
    pub(crate) fn header(&self, name: HeaderName, value: HeaderValue) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).headers.push((name, value));
    }

    pub(crate) fn headers(&self) -> Vec<(HeaderName, HeaderValue)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).headers.clone()
    }

    /// Fails the request. Only the first problem counts, because later ones follow from it.
    pub(crate) fn fail(&self, problem: Problem) -> S3Error {
        let code = problem.code().clone();
        self.state.lock().unwrap_or_else(PoisonError::into_inner).problem.get_or_insert(problem);
        S3Error::new(code)
    }

    /// Why a body was not received: the client's problem if there is one, else this machine's.
    pub(crate) fn not_received(&self, error: impl std::fmt::Display) -> Problem {
        self.problem().unwrap_or_else(|| Problem::internal(error))
    }

    pub(crate) fn problem(&self) -> Option<Problem> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).problem.clone()
    }
}

/// The text of an XML element. Control characters become references, as AWS writes them although XML 1.0 forbids it.
pub(crate) fn escape(text: &str) -> String {
    references(&quick_xml::escape::escape(text))
}

/// Replaces control characters by references.
pub(crate) fn references(xml: &str) -> String {
    let mut text = String::with_capacity(xml.len());
    for character in xml.chars() {
        match character {
            '\t' | '\n' => text.push(character),
            '\0'..='\u{1f}' => text.extend(["&#", &u32::from(character).to_string(), ";"]),
            _ => text.push(character),
        }
    }
    text
}
