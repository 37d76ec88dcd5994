//! Downloads in words: in an object's row and details, and all of them in the title of Objects.

use ratatui::text::Span;

use super::text::{count, right};
use super::theme;
use super::uploads::{left_text, percent};
use crate::model::Model;
use crate::model::downloads::Running;
use crate::model::objects::Object;
use crate::text::size;

/// How much of an object has come, in so many columns; nothing where it is not being downloaded.
pub(super) fn share(object: &Object, model: &Model, width: usize) -> Option<Span<'static>> {
    let (_, running) = model.downloads.of(&object.key).next()?;
    let text = running.got.map_or_else(|| "wait".to_owned(), |got| format!("{}%", percent(got, running.size)));
    Some(Span::styled(right(&text, width), theme::busy()))
}

/// All downloads together: how many, how much of them has come, and how fast.
pub(super) fn state(model: &Model) -> Vec<Span<'static>> {
    let all: Vec<&Running> = model.downloads.under_way().map(|(_, running)| running).collect();
    if all.is_empty() {
        return Vec::new();
    }
    let got = all.iter().map(|running| running.got.unwrap_or_default()).sum();
    let percent = percent(got, all.iter().map(|running| running.size).sum());
    let what = if all.len() > 1 { format!("{} downloads", count(all.len())) } else { "downloading".to_owned() };
    let rate: u64 = all.iter().map(|running| running.rate(model.now)).sum();
    let mut spans = vec![Span::styled(format!("{what} {percent}%"), theme::busy())];
    spans.extend((rate > 0).then(|| Span::raw(size::rate(rate))));
    spans
}

/// How the downloads of an object stand, a sentence for each.
pub(super) fn details(object: &Object, model: &Model) -> Vec<String> {
    model.downloads.of(&object.key).map(|(_, running)| sentence(running, model)).collect()
}

fn sentence(running: &Running, model: &Model) -> String {
    let to = running.to.as_ref().map(|to| format!("to {}", to.shown()));
    let how = match running.got {
        None => vec!["waits for its turn".to_owned()],
        Some(got) => [
            Some(format!("{}% of {}", percent(got, running.size), size::bytes(running.size))),
            Some(size::rate(running.rate(model.now))),
            running.left_ms(model.now).map(left_text),
        ]
        .into_iter()
        .flatten()
        .collect(),
    };
    how.into_iter().chain(to).collect::<Vec<_>>().join(", ")
}
