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
//!
//! portrait: narrow or low                  portrait: narrow and tall
//! header                                   header
//! ┌ the focused panel ──────┐              ┌ the focused panel ──────┐
//! │                         │              │ half of the screen      │
//! └─────────────────────────┘              └─────────────────────────┘
//! ─ Objects ───────── 1,204 ─              ┌ Objects ─────── 1,204 ──┐
//! ─ Logs ──────────── LIVE ──              │ the same for each other │
//! ─ Subscriptions ─────── 2 ─              └─────────────────────────┘
//! footer                                   footer
//! ```

use ratatui::layout::Rect;

use crate::keymap::action::Panel;
use crate::model::Model;

/// The least screen that shows panels: an address, or the end of a key with its size, fits into 30 columns; header, the
/// titles of four panels, four rows of the fifth in its border, and footer take 12 rows.
pub(super) const LEAST: (u16, u16) = (30, 12);
/// Narrower or lower screens have their panels one above the other.
const SIDE_BY_SIDE: (u16, u16) = (60, 15);
/// So have screens that are no wider and at least so high: two columns would waste their height.
const TALL: (u16, u16) = (84, 46);
/// Screens of so many rows have room for a map of a pipeline that branches, and that map so many rows.
const WITH_MAP: u16 = 40;
const MOST_PATHS: u16 = 3;
/// Rows of a panel's border; a panel of one row has its title and no sides.
const BORDER: u16 = 2;
/// Rows inside the border that make it worth its room.
const WORTH_A_BORDER: u16 = 2;

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

/// Whether a panel is folded to the line of its title.
pub(super) fn is_folded(area: Rect) -> bool {
    area.height <= BORDER
}

/// The places, or nothing where the screen is too small for panels.
pub(super) fn screen(model: &Model, area: Rect, zoomed: bool) -> Option<Screen> {
    focused(model, area, zoomed, model.focus)
}

/// The place that a panel has as soon as it has the keys: the zoom aside for those that the zoom hides.
pub(super) fn place(model: &Model, area: Rect, panel: Panel) -> Option<Rect> {
    let zoomed = model.zoom && panel == model.focus;
    Some(focused(model, area, zoomed, panel)?.panel(panel))
}

fn focused(model: &Model, area: Rect, zoomed: bool, focus: Panel) -> Option<Screen> {
    if area.width < LEAST.0 || area.height < LEAST.1 {
        return None;
    }
    let (header, rest) = top(area, line_rows(area) + map_rows(model, area));
    let (main, footer) = top(rest, rest.height - 1);
    let inbox = model.inbox.available;
    let panels = if zoomed {
        alone(focus, main)
    } else if area.width < SIDE_BY_SIDE.0
        || area.height < SIDE_BY_SIDE.1
        || (area.width <= TALL.0 && area.height >= TALL.1)
    {
        portrait(main, focus, model.panels())
    } else if main.width >= 100 && main.height >= 30 {
        wide(main, inbox)
    } else {
        compact(main, inbox)
    };
    Some(Screen { header, main, footer, panels })
}

/// Rows of the header without a map: the line of the pipeline needs one of its own where the target does not fit beside it.
pub(super) fn line_rows(area: Rect) -> u16 {
    if area.width >= 120 || area.height < 20 { 1 } else { 2 }
}

/// Rows for the pipeline's other paths, on screens that have room for them.
pub(super) fn map_rows(model: &Model, area: Rect) -> u16 {
    let paths = u16::try_from(model.paths.others.len()).unwrap_or(u16::MAX);
    if area.height < WITH_MAP { 0 } else { paths.min(MOST_PATHS) }
}

fn alone(panel: Panel, main: Rect) -> [Rect; 5] {
    Panel::ALL.map(|other| if other == panel { main } else { Rect::default() })
}

/// One above the other, in the order of their numbers: half for the focused one and the same for each other, or one row
/// for each other where that would be a border around next to nothing.
fn portrait(main: Rect, focus: Panel, shown: impl Iterator<Item = Panel> + Clone) -> [Rect; 5] {
    let others = u16::try_from(shown.clone().count()).unwrap_or(1).saturating_sub(1).max(1);
    let equal = main.height / 2 / others;
    let other = if equal >= BORDER + WORTH_A_BORDER { equal } else { 1 };
    let (mut panels, mut rest) = ([Rect::default(); 5], main);
    for panel in shown {
        let rows = if panel == focus { main.height.saturating_sub(other * others) } else { other };
        let (area, below) = top(rest, rows);
        rest = below;
        if let Some(place) = panels.get_mut(panel as usize) {
            *place = area;
        }
    }
    panels
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
