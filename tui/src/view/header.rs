//! The header: what is watched, where, and whether it is live. Words and glyphs, never colour alone.
//!
//! ```text
//! wide      imgwatch  images → function → topic → 2 subscribers, 1 pending        local 127.0.0.1:4566  ● LIVE
//! narrow    imgwatch dev  AWS profile dev, eu-west-1                                                    ● LIVE
//!           images → function → topic → 2 subscribers, 1 pending
//! least     images → … → 2 subs                 ● LIVE
//! map       imgwatch  images → queue jobs → function → topic → 2 subscribers      local 127.0.0.1:4566  ● LIVE
//!                     images → thumbs
//! ```
//!
//! A pipeline with several paths shows the followed one, and the others below it or, on a low screen, their number.

use ratatui::Frame;
use ratatui::layout::{Alignment, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::layout::{self, top};
use super::text::count;
use super::{theme, uploads};
use crate::domain::log::Tail;
use crate::domain::problem::Problem;
use crate::keymap::Scope;
use crate::keymap::action::Action;
use crate::model::keys::key_of;
use crate::model::{Connection, Model};
use crate::text::clean::Clean;
use crate::text::width::{columns, cut};

const NAME: &str = "imgwatch";
const ARROW: &str = " → ";
/// Narrower headers say less of the subscribers, and not which panel has an error: the panels' titles do.
const SHORT: usize = 60;
/// Columns below which a name cannot be recognised.
const NAME_LEAST: usize = 5;

pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let rows = layout::map_rows(model, frame.area());
    let (line, map) = top(area, area.height.saturating_sub(rows));
    draw_line(frame, line, model, rows > 0);
    draw_map(frame, map, model);
}

/// The paths besides the followed one, a row each.
fn draw_map(frame: &mut Frame<'_>, area: Rect, model: &Model) {
    let (others, rows) = (&model.paths.others, usize::from(area.height));
    for (index, y) in (area.y..area.y + area.height).enumerate() {
        let Some(path) = others.get(index) else { continue };
        let names: Vec<&str> = path.iter().map(Clean::shown).collect();
        let rest = others.len() - index - 1;
        let is_last = index + 1 == rows && rest > 0;
        let more = if is_last { format!("  and {}", more(rest, model)) } else { String::new() };
        let room = usize::from(area.width).saturating_sub(columns(&more) + 2);
        let text = format!("  {}{more}", cut(&names.join(ARROW), room));
        frame.render_widget(Line::styled(text, theme::dim()), Rect { y, height: 1, ..area });
    }
}

/// `2 more paths: m`.
fn more(paths: usize, model: &Model) -> String {
    let key = key_of(model, Scope::Panels, Action::Pipeline);
    format!("{} more path{}: {key}", count(paths), if paths == 1 { "" } else { "s" })
}

fn draw_line(frame: &mut Frame<'_>, area: Rect, model: &Model, has_map: bool) {
    let width = usize::from(area.width);
    let (word, style) = status(model, width < SHORT);
    let target = target(model);
    let word = cut(&word, width * 2 / 3);
    if area.height > 1 {
        let (first, second) = top(area, 1);
        let name = name(model);
        let room = width.saturating_sub(columns(&name) + columns(&word) + 4);
        let left = Line::from(vec![Span::styled(name, name_style(model)), "  ".into(), cut(&target, room).into()]);
        frame.render_widget(left, first);
        // A span, since a line's own style would colour what stands left of it as well.
        frame.render_widget(Line::from(Span::styled(word, style)).alignment(Alignment::Right), first);
        frame.render_widget(Line::from(pipeline(model, width, has_map)), second);
        return;
    }
    // On a small screen the pipeline needs the row; the target gives way.
    let target = if width < 100 { String::new() } else { cut(&target, width / 3) };
    let room = width.saturating_sub(columns(&target) + columns(&word) + 4);
    let name = if width < 100 { model.chosen_pipeline().map(short).unwrap_or_default() } else { name(model) };
    let mut left = pipeline(model, room.saturating_sub(columns(&name) + 2), has_map);
    let used: usize = left.iter().map(Span::width).sum();
    if used + columns(&name) + 2 <= room && width >= SHORT && !name.is_empty() {
        left.splice(0..0, [Span::styled(name, name_style(model)), "  ".into()]);
    } else {
        left = pipeline(model, room, has_map);
    }
    frame.render_widget(Line::from(left), area);
    let right = Line::from(vec![Span::styled(target, theme::dim()), "  ".into(), Span::styled(word, style)]);
    frame.render_widget(right.alignment(Alignment::Right), area);
}

/// The program, and the pipeline of the config file that it watches.
fn name(model: &Model) -> String {
    match model.chosen_pipeline() {
        Some(pipeline) => format!("{NAME} {}", short(pipeline)),
        None => NAME.to_owned(),
    }
}

fn name_style(model: &Model) -> Style {
    model.protection.color.map_or_else(theme::strong, theme::pipeline)
}

/// Profile, region and account, or the endpoint.
fn target(model: &Model) -> String {
    let parts = [Some(&model.pipeline.target), model.account.as_ref()];
    let parts: Vec<&str> = parts.into_iter().flatten().map(Clean::shown).filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

fn short(name: &Clean) -> String {
    cut(name.shown(), 24)
}

/// The pipeline in at most so many columns; the longest names are cut first.
fn pipeline(model: &Model, width: usize, has_map: bool) -> Vec<Span<'static>> {
    if model.search.is_some() {
        return vec![Span::styled(cut("no pipeline yet", width), theme::dim())];
    }
    let line = [&model.pipeline.function, &model.pipeline.topic];
    let names = [&model.pipeline.bucket].into_iter().chain(&model.paths.entry).chain(line);
    let names: Vec<&str> = names.map(Clean::shown).collect();
    let told = subscribers(model, width);
    let room = width.saturating_sub(columns(&told) + names.len() * columns(ARROW));
    let mut limit = room;
    while limit > 1 && names.iter().map(|name| columns(name).min(limit)).sum::<usize>() > room {
        limit -= 1;
    }
    let mut names = names;
    let is_cut = |limit: usize, names: &[&str]| limit < NAME_LEAST && names.iter().any(|name| columns(name) > limit);
    if is_cut(limit, &names) {
        // One whole name says more than the first letters of three.
        names.splice(1.., ["…"]);
        limit = width.saturating_sub(columns(&told) + 2 * columns(ARROW) + 1);
        if is_cut(limit, &names) {
            return vec![Span::styled(cut(model.pipeline.bucket.shown(), width), theme::strong())];
        }
    }
    let mut spans = Vec::new();
    for name in names {
        spans.push(Span::styled(cut(name, limit), theme::strong()));
        spans.push(Span::styled(ARROW, theme::dim()));
    }
    let style = if told.ends_with("pending") { theme::warn() } else { Style::new() };
    let used: usize = spans.iter().map(Span::width).sum();
    spans.push(Span::styled(cut(&told, width.saturating_sub(used)), style));
    // Where the map has no room, at least how much of it there is.
    let others = if has_map { 0 } else { model.paths.others.len() };
    let forms =
        [format!("  +{}", more(others, model)), format!("  +{} paths", count(others)), format!("  +{}", count(others))];
    let fits = |form: &String| used + columns(&told) + columns(form) <= width;
    if others > 0
        && let Some(form) = forms.into_iter().find(fits)
    {
        spans.push(Span::styled(form, theme::dim()));
    }
    spans
}

fn subscribers(model: &Model, width: usize) -> String {
    let subscriptions = &model.subscriptions;
    let is_short = width < SHORT;
    if subscriptions.known.listed_at.is_none() {
        return if is_short { "not known yet" } else { "subscribers not known yet" }.to_owned();
    }
    let pending = subscriptions.known.pending();
    let told = subscriptions.known.items.len().saturating_sub(pending);
    let mut text = match told {
        _ if is_short => format!("{} subs", count(told)),
        0 => "no subscribers".to_owned(),
        1 => "1 subscriber".to_owned(),
        _ => format!("{} subscribers", count(told)),
    };
    // On the narrowest screens the title of Subscriptions says so, which is always there.
    if pending > 0 && width >= 36 {
        text.push_str(", ");
        text.push_str(&count(pending));
        text.push_str(" pending");
    }
    text
}

/// Whether all is well, in a glyph and a word; before it, that nothing may be changed.
fn status(model: &Model, is_short: bool) -> (String, Style) {
    let (word, style) = health(model, is_short);
    let word = if model.protection.read_only { format!("READ-ONLY  {word}") } else { word };
    (word, style)
}

fn health(model: &Model, is_short: bool) -> (String, Style) {
    if let Some(search) = &model.search {
        return if search.is_over {
            ("○ no pipeline".to_owned(), theme::warn())
        } else {
            ("○ looking".to_owned(), theme::busy())
        };
    }
    match &model.connection {
        Connection::Connecting => return ("○ connecting".to_owned(), theme::busy()),
        Connection::Failed(_) => return ("✗ not connected".to_owned(), theme::bad()),
        Connection::Ready => {}
    }
    let tail = match &model.logs.tail {
        Tail::Failed(problem) => Some(problem),
        _ => None,
    };
    let panels = [
        ("Objects", model.objects.load.problem()),
        ("Logs", tail),
        ("Subscriptions", model.subscriptions.load.problem()),
    ];
    let failed: Vec<(&str, &Problem)> =
        panels.into_iter().filter_map(|(name, problem)| Some((name, problem?))).collect();
    if !failed.is_empty() && is_short {
        return ("✗ error".to_owned(), theme::bad());
    }
    if !failed.is_empty() {
        let names: Vec<&str> = failed.iter().map(|(name, _)| *name).collect();
        let word = if failed.iter().all(|(_, problem)| problem.is_transient()) { "connection error" } else { "error" };
        return (format!("✗ {}: {word}", names.join(", ")), theme::bad());
    }
    match model.logs.tail {
        Tail::BackingOff { .. } => ("! slowed down".to_owned(), theme::warn()),
        Tail::Connecting => ("○ connecting".to_owned(), theme::busy()),
        _ => match uploads::newer::status(model) {
            // The log is followed, but new objects leave no trace in it.
            Some(_) if is_short => ("! newer objects".to_owned(), theme::warn()),
            Some(newer) => (newer, theme::warn()),
            None => ("● LIVE".to_owned(), theme::good()),
        },
    }
}
