//! What lies under the mouse. Runs the layout that `draw` runs; changes nothing.

use ratatui::layout::{Position, Rect};

use super::text::window;
use super::{dialog, footer, layout, logs, objects, panel, subscriptions, uploads};
use crate::keymap::action::Panel;
use crate::model::{Hit, Model};
use crate::text::key::Key;

/// The panel at a place on a screen of this size, and the row of its list; `None` outside of panels.
pub fn hit(model: &Model, (width, height): (u16, u16), (x, y): (u16, u16)) -> Option<Hit> {
    // While no pipeline is known, no panel is on the screen.
    if model.search.is_some() {
        return None;
    }
    let screen = layout::screen(model, Rect::new(0, 0, width, height), model.zoom)?;
    let panel = model.panels().find(|panel| screen.panel(*panel).contains(Position { x, y }))?;
    let body = panel::slots(model, panel, screen.panel(panel)).body;
    let body = match panel {
        Panel::Objects => {
            let parts = objects::parts(model, body);
            if let Some(line) = parts.names.filter(|line| line.contains(Position { x, y })) {
                let column = objects::column_at(model, usize::from(line.width), usize::from(x - line.x));
                return Some(Hit { panel, row: None, column: Some(column) });
            }
            parts.list
        }
        Panel::Subscriptions => Rect { height: u16::try_from(subscriptions::rows(model, body)).unwrap_or(0), ..body },
        _ => body,
    };
    let row = body.contains(Position { x, y }).then(|| row(model, panel, body, usize::from(y - body.y))).flatten();
    Some(Hit { panel, row, column: None })
}

/// The row of the open dialog's list at a place on a screen of this size.
pub fn picked(model: &Model, (width, height): (u16, u16), (x, y): (u16, u16)) -> Option<usize> {
    let screen = layout::screen(model, Rect::new(0, 0, width, height), model.zoom)?;
    dialog::row_at(model, screen.main, Position { x, y })
}

/// The key whose words stand at a place of the footer: to click on them is to press it.
pub fn hinted(model: &Model, (width, height): (u16, u16), (x, y): (u16, u16)) -> Option<Key> {
    let footer = layout::screen(model, Rect::new(0, 0, width, height), model.zoom)?.footer;
    let column = x.checked_sub(footer.x).filter(|_| footer.contains(Position { x, y }))?;
    footer::key_at(model, usize::from(footer.width), usize::from(column))
}

fn row(model: &Model, panel: Panel, body: Rect, line: usize) -> Option<usize> {
    let height = usize::from(body.height);
    let of_list = |selection, len| {
        let shown = window(selection, len, height);
        (shown.start + line < shown.end).then_some(shown.start + line)
    };
    match panel {
        Panel::Uploads => uploads::row_at(model, body, line),
        Panel::Logs => logs::row_at(model, body, line),
        Panel::Objects => of_list(model.objects.selection, model.objects.len()),
        Panel::Subscriptions => of_list(model.subscriptions.selection, model.subscriptions.visible().count()),
        Panel::Inbox => of_list(model.inbox.selection, model.inbox.visible().count()),
    }
}
