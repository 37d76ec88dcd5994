//! Where everything lies. Pure: the same model and size give the same places to drawing and to the viewports.
//!
//! ```text
//! wide (from 100x32)                       compact                        zoomed
//! header                                   header                         header
//! ┌ Uploads ─────────┐┌ Objects ───────┐   ┌ Uploads ───┐┌ Objects ──┐   ┌ the focused panel ──────┐
//! │                  ││                │   │            ││           │   │                         │
//! │                  │└────────────────┘   │            ││           │   │                         │
//! │                  │┌ Subscriptions ─┐   └────────────┘└───────────┘   │                         │
//! │                  │└────────────────┘   ┌ Logs ──────┐┌ Subscrip… ┐   │                         │
//! │                  │┌ Inbox ─────────┐   │            │└───────────┘   │                         │
//! └──────────────────┘└────────────────┘   │            │┌ Inbox ────┐   │                         │
//! ┌ Logs ──────────────────────────────┐   └────────────┘└───────────┘   └─────────────────────────┘
//! └────────────────────────────────────┘   footer                         footer
//! footer
//! ```

use ratatui::layout::Rect;

use crate::model::{Model, Panel};

/// The least screen that shows panels.
pub(super) const LEAST: (u16, u16) = (60, 15);

/// The places of one screen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Screen {
    pub(super) header: Rect,
    /// All that lies between header and footer.
    pub(super) main: Rect,
    pub(super) footer: Rect,
    panels: [Rect; 5],
}

impl Screen {
    /// A panel's place; empty for one that is not shown.
    pub(super) fn panel(&self, panel: Panel) -> Rect {
        self.panels.get(panel as usize).copied().unwrap_or_default()
    }
}

/// The places, or nothing where the screen is too small for panels.
pub(super) fn screen(model: &Model, area: Rect, zoomed: bool) -> Option<Screen> {
    if area.width < LEAST.0 || area.height < LEAST.1 {
        return None;
    }
    // The line of the pipeline needs a row of its own where the target does not fit beside it.
    let header_rows = if area.width >= 120 || area.height < 20 { 1 } else { 2 };
    let (header, rest) = top(area, header_rows);
    let (main, footer) = top(rest, rest.height - 1);
    let panels = if zoomed { alone(model.focus, main) } else { all(main, model.inbox.available) };
    Some(Screen { header, main, footer, panels })
}

fn alone(panel: Panel, main: Rect) -> [Rect; 5] {
    Panel::ALL.map(|other| if other == panel { main } else { Rect::default() })
}

fn all(main: Rect, inbox: bool) -> [Rect; 5] {
    if main.width >= 100 && main.height >= 30 { wide(main, inbox) } else { compact(main, inbox) }
}

fn wide(main: Rect, inbox: bool) -> [Rect; 5] {
    let (upper, logs) = top(main, share(main.height, 62));
    let (uploads, side) = left(upper, share(main.width, 60));
    let (objects, below) = top(side, share(side.height, if inbox { 42 } else { 60 }));
    let (subscriptions, letters) = top(below, if inbox { below.height.div_ceil(2) } else { below.height });
    [uploads, objects, logs, subscriptions, letters]
}

fn compact(main: Rect, inbox: bool) -> [Rect; 5] {
    let (upper, lower) = top(main, share(main.height, 54));
    let (uploads, objects) = left(upper, share(main.width, 60));
    let (logs, side) = left(lower, share(main.width, 60));
    let (subscriptions, letters) = top(side, if inbox { side.height.div_ceil(2) } else { side.height });
    [uploads, objects, logs, subscriptions, letters]
}

fn share(whole: u16, percent: u16) -> u16 {
    u16::try_from(u32::from(whole) * u32::from(percent) / 100).unwrap_or(whole)
}

/// Splits after so many rows.
pub(super) fn top(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    (Rect { height: rows, ..area }, Rect { y: area.y + rows, height: area.height - rows, ..area })
}

/// Splits after so many columns.
pub(super) fn left(area: Rect, columns: u16) -> (Rect, Rect) {
    let columns = columns.min(area.width);
    (Rect { width: columns, ..area }, Rect { x: area.x + columns, width: area.width - columns, ..area })
}
