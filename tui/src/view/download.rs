//! Downloads in words: in an object's row, details and versions, and all of them in the title of Objects.

use ratatui::text::Span;

use super::text::{count, right};
use super::theme;
use super::uploads::{left_text, percent};
use crate::model::Model;
use crate::model::downloads::Running;
use crate::text::clean::Clean;
use crate::text::size;

/// How much of a key's downloads has come, in so many columns; nothing where there are none.
pub(super) fn share(key: &Clean, model: &Model, width: usize) -> Option<Span<'static>> {
    let all = of(key, model);
    let is_coming = all.iter().any(|running| running.got.is_some());
    let text = if is_coming { format!("{}%", share_of(&all)) } else { "wait".to_owned() };
    (!all.is_empty()).then(|| Span::styled(right(&text, width), theme::busy()))
}

/// All downloads together: how many, how much of them has come, and how fast.
pub(super) fn state(model: &Model) -> Vec<Span<'static>> {
    let all: Vec<&Running> = model.downloads.under_way().map(|(_, running)| running).collect();
    if all.is_empty() {
        return Vec::new();
    }
    let percent = share_of(&all);
    let what = if all.len() > 1 { format!("{} downloads", count(all.len())) } else { "downloading".to_owned() };
    let rate: u64 = all.iter().map(|running| running.rate(model.now)).sum();
    let mut spans = vec![Span::styled(format!("{what} {percent}%"), theme::busy())];
    spans.extend((rate > 0).then(|| Span::raw(size::rate(rate))));
    spans
}

/// How the downloads of a key stand, a sentence for each.
pub(super) fn details(key: &Clean, model: &Model) -> Vec<String> {
    of(key, model).into_iter().map(|running| sentence(running, model)).collect()
}

/// The same in one sentence for all.
pub(super) fn summary(key: &Clean, model: &Model) -> Option<String> {
    let all = of(key, model);
    match &all[..] {
        [] => None,
        [running] => Some(sentence(running, model)),
        all => {
            let size = all.iter().map(|running| running.size).sum();
            Some(format!("{} in progress, {}% of {}", count(all.len()), share_of(all), size::bytes(size)))
        }
    }
}

fn of<'a>(key: &'a Clean, model: &'a Model) -> Vec<&'a Running> {
    model.downloads.of(key).map(|(_, running)| running).collect()
}

/// How much of some downloads has come, in percent.
fn share_of(all: &[&Running]) -> u64 {
    let got = all.iter().map(|running| running.got.unwrap_or_default()).sum();
    percent(got, all.iter().map(|running| running.size).sum())
}

fn sentence(running: &Running, model: &Model) -> String {
    let version = running.download.version_id.as_ref().map(|id| format!("version {}", id.shown()));
    let to = running.to.as_ref().map(|to| format!("to {}", to.shown()));
    let how = match running.got {
        None => vec!["waiting for data".to_owned()],
        Some(got) => [
            Some(format!("{}% of {}", percent(got, running.size), size::bytes(running.size))),
            Some(size::rate(running.rate(model.now))),
            running.left_ms(model.now).map(left_text),
        ]
        .into_iter()
        .flatten()
        .collect(),
    };
    how.into_iter().chain(version).chain(to).collect::<Vec<_>>().join(", ")
}
