//! Previews of objects: a picture's pixels, a text's lines, or why there is neither. A few are kept, bounded by bytes.

use std::collections::VecDeque;

use jiff::Timestamp;

use crate::domain::ids::RequestId;
use crate::domain::preview::{About, Preview, PreviewId};
use crate::domain::problem::Problem;
use crate::text::clean::Clean;

/// Bytes of pixels and text that are kept; the longest unused go first.
pub const MAX_BYTES: usize = 32 * 1024 * 1024;

/// Contents whose descriptions are kept.
const ABOUTS: usize = 64;

/// How long after a passing failure it is tried again.
const RETRY_MS: i64 = 5_000;

/// The previews that are known, and the one that is being loaded.
#[derive(Debug, Default)]
pub struct Previews {
    /// The latest one last.
    kept: VecDeque<(PreviewId, Preview)>,
    /// The latest one last.
    abouts: VecDeque<(PreviewId, About)>,
    coming: Option<(RequestId, PreviewId)>,
    /// The one that failed for a reason that passes, and when.
    passing: Option<(PreviewId, Timestamp)>,
}

impl Previews {
    /// The preview of this content.
    pub fn get(&self, id: &PreviewId) -> Option<&Preview> {
        self.kept.iter().rev().find(|(known, _)| known == id).map(|(_, preview)| preview)
    }

    /// What S3 says of this content.
    pub fn about(&self, id: &PreviewId) -> Option<&About> {
        self.abouts.iter().rev().find(|(known, _)| known == id).map(|(_, about)| about)
    }

    /// S3 said something of a content.
    pub fn describe(&mut self, id: PreviewId, about: About) {
        self.abouts.retain(|(known, _)| *known != id);
        self.abouts.push_back((id, about));
        if self.abouts.len() > ABOUTS {
            self.abouts.pop_front();
        }
    }

    /// Whether this content is being loaded.
    pub fn is_coming(&self, id: &PreviewId) -> bool {
        self.coming.as_ref().is_some_and(|(_, coming)| coming == id)
    }

    /// Another one is asked for; the one before is not waited for any longer.
    pub fn begin(&mut self, request: RequestId, id: PreviewId) {
        self.coming = Some((request, id));
    }

    /// The answer; one that was not asked for last changes nothing.
    pub fn apply(&mut self, request: RequestId, preview: Result<Preview, Problem>, now: Timestamp) {
        if let Some((_, id)) = self.coming.take_if(|(asked, _)| *asked == request) {
            let (preview, passes) = match preview {
                Ok(preview) => (preview, false),
                Err(problem) => (Preview::Nothing(Clean::new(&problem.to_string())), problem.is_transient()),
            };
            self.passing = passes.then(|| (id.clone(), now));
            self.kept.push_back((id, preview));
            while self.kept.len() > 1 && self.kept.iter().map(|(_, preview)| cost(preview)).sum::<usize>() > MAX_BYTES {
                self.kept.pop_front();
            }
        }
    }

    /// Lets the one go that failed for a reason that may have passed by now.
    pub fn retry_passing(&mut self, now: Timestamp) {
        let is_due = |at: &Timestamp| now.as_millisecond() - at.as_millisecond() >= RETRY_MS;
        if let Some((id, _)) = self.passing.take_if(|(_, at)| is_due(at)) {
            self.kept.retain(|(known, _)| *known != id);
        }
    }

    /// Lets those go that show nothing, so that they are tried again.
    pub fn retry(&mut self) {
        self.kept.retain(|(_, preview)| !matches!(preview, Preview::Nothing(_)));
        self.coming = None;
    }
}

fn cost(preview: &Preview) -> usize {
    match preview {
        Preview::Picture(picture) => picture.pixels.rgba.len(),
        Preview::Text { lines, .. } | Preview::Folder { names: lines, .. } => {
            lines.iter().map(|line| 2 * line.raw().len() + 64).sum()
        }
        Preview::Nothing(reason) => reason.raw().len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::preview::{Picture, Pixels};
    use crate::domain::problem::ProblemKind;
    use std::sync::Arc;

    fn id(key: &str) -> PreviewId {
        PreviewId::Object { key: key.into(), e_tag: None, version: None }
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    fn picture(bytes: usize) -> Preview {
        let pixels = Arc::new(Pixels { width: 1, height: 1, rgba: vec![0; bytes] });
        Preview::Picture(Picture { format: "PNG", size: (1, 1), turned: false, ends_early: false, pixels })
    }

    #[test]
    fn only_the_answer_that_was_asked_for_last_is_taken() {
        let mut previews = Previews::default();
        previews.begin(RequestId(1), id("a"));
        previews.begin(RequestId(2), id("b"));
        previews.apply(RequestId(1), Ok(picture(4)), at(0));
        assert!(previews.get(&id("a")).is_none() && previews.is_coming(&id("b")));
        previews.apply(RequestId(2), Ok(picture(4)), at(0));
        assert!(previews.get(&id("b")).is_some() && !previews.is_coming(&id("b")));
    }

    #[test]
    fn the_oldest_go_when_there_are_too_many_bytes() {
        let mut previews = Previews::default();
        for (number, key) in ["a", "b", "c"].into_iter().enumerate() {
            previews.begin(RequestId(number as u64), id(key));
            previews.apply(RequestId(number as u64), Ok(picture(MAX_BYTES / 2)), at(0));
        }
        assert!(previews.get(&id("a")).is_none());
        assert!(previews.get(&id("b")).is_some() && previews.get(&id("c")).is_some());
    }

    #[test]
    fn what_fails_for_a_passing_reason_is_tried_again_by_itself() {
        let mut previews = Previews::default();
        let problem =
            |transient| Problem::new(if transient { ProblemKind::Interrupted } else { ProblemKind::Denied }, "w", "y");
        for (number, (key, transient)) in [("a", false), ("b", true)].into_iter().enumerate() {
            previews.begin(RequestId(number as u64), id(key));
            previews.apply(RequestId(number as u64), Err(problem(transient)), at(0));
            assert!(matches!(previews.get(&id(key)), Some(Preview::Nothing(_))));
        }
        previews.retry_passing(at(1));
        assert!(previews.get(&id("b")).is_some(), "not at once");
        previews.retry_passing(at(RETRY_MS));
        assert!(previews.get(&id("a")).is_some() && previews.get(&id("b")).is_none());
    }

    #[test]
    fn what_failed_is_tried_again_and_the_rest_is_kept() {
        let mut previews = Previews::default();
        previews.begin(RequestId(1), id("a"));
        previews.apply(RequestId(1), Ok(picture(4)), at(0));
        previews.begin(RequestId(2), id("b"));
        previews.apply(RequestId(2), Ok(Preview::Nothing("no".into())), at(0));
        previews.retry();
        assert!(previews.get(&id("a")).is_some() && previews.get(&id("b")).is_none());
    }
}
