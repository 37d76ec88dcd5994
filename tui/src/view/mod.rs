//! What the dashboard shows: a picture of the model. It takes `&Model`, changes nothing and asks for nothing.
//!
//! Foreign text is shown only as its cleaned form. [`viewports`] runs the layout code that [`draw`] runs, so that the
//! model scrolls by the rows that are really there.
//!
//! ```text
//! header    the pipeline, the target, LIVE or the error
//! panels    see `layout`; each one is `panel` around its own file
//! footer    the keys that hold now, or the latest notice
//! dialog    at most one, over the panels
//! ```

mod dialog;
mod download;
mod excerpt;
mod first_run;
mod footer;
mod header;
mod heading;
mod highlight;
mod hit;
mod inbox;
mod layout;
mod letters;
mod logs;
mod metrics;
mod objects;
mod paint;
mod panel;
mod preview;
mod subscriptions;
mod text;
mod theme;
mod uploads;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::Paragraph;
use ratatui_image::protocol::Protocol;

use crate::keymap::action::Panel;
use crate::model::{Model, Viewports};

pub use hit::{hinted, hit, picked};
pub use preview::wanted;

/// Draws the whole screen; `picture` is the one that [`wanted`] asked for, once it is encoded.
pub fn draw(frame: &mut Frame<'_>, model: &Model, picture: Option<&Protocol>) {
    everything(frame, model, picture);
    paint::dress(frame.buffer_mut(), &model.display);
}

fn everything(frame: &mut Frame<'_>, model: &Model, picture: Option<&Protocol>) {
    let area = frame.area();
    let Some(screen) = layout::screen(model, area, model.zoom) else {
        return too_small(frame, area);
    };
    header::draw(frame, screen.header, model);
    if let Some(search) = &model.search {
        first_run::draw(frame, screen.main, model, search);
    }
    for panel in model.panels() {
        let area = screen.panel(panel);
        if !area.is_empty() && model.search.is_none() {
            panel_in(frame, area, model, panel, picture);
        }
    }
    dialog::draw(frame, screen.main, model, picture);
    // Last, since a long notice lies over the rows above it.
    footer::draw(frame, screen.footer, model);
}

fn panel_in(frame: &mut Frame<'_>, area: Rect, model: &Model, panel: Panel, picture: Option<&Protocol>) {
    match panel {
        Panel::Uploads => uploads::draw(frame, area, model),
        Panel::Objects => objects::draw(frame, area, model, picture),
        Panel::Logs => logs::draw(frame, area, model),
        Panel::Subscriptions => subscriptions::draw(frame, area, model),
        Panel::Inbox => inbox::draw(frame, area, model),
    }
    let body = panel::slots(model, panel, area).body;
    let body = if panel == Panel::Objects { objects::parts(model, body).list } else { body };
    highlight::mark(frame.buffer_mut(), body, model.marked(panel));
}

/// Draws one panel over the whole frame, as it is drawn at its place on a screen.
pub fn draw_panel(frame: &mut Frame<'_>, model: &Model, panel: Panel) {
    panel_in(frame, frame.area(), model, panel, None);
    paint::dress(frame.buffer_mut(), &model.display);
}

/// Draws the open dialog without the panels below it, and its keys in the last row.
pub fn draw_dialog(frame: &mut Frame<'_>, model: &Model) {
    let area = frame.area();
    let (main, keys) = layout::top(area, area.height.saturating_sub(1));
    dialog::draw(frame, main, model, None);
    footer::draw(frame, keys, model);
    paint::dress(frame.buffer_mut(), &model.display);
}

/// Rows that fit into each panel and into the open dialog on a screen of this size.
pub fn viewports(model: &Model, width: u16, height: u16) -> Viewports {
    let area = Rect::new(0, 0, width, height);
    let Some(screen) = layout::screen(model, area, model.zoom) else {
        return Viewports { panels: [1; 5], dialog: 1, dialog_len: 0 };
    };
    let panels = Panel::ALL.map(|panel| {
        // A panel that is hidden or folded keeps the rows that it will have again.
        let area = layout::place(model, area, panel).unwrap_or_default();
        let body = panel::slots(model, panel, area).body;
        let rows = match panel {
            Panel::Uploads => uploads::rows(model, body),
            Panel::Objects => usize::from(objects::parts(model, body).list.height),
            Panel::Subscriptions => subscriptions::rows(model, body),
            _ => usize::from(body.height),
        };
        rows.max(1)
    });
    let (dialog, dialog_len) = dialog::extent(model, screen.main);
    Viewports { panels, dialog: dialog.max(1), dialog_len }
}

/// A screen on which nothing would be readable says what it needs.
fn too_small(frame: &mut Frame<'_>, area: Rect) {
    let (width, height) = layout::LEAST;
    let sentence = format!("imgwatch needs at least {width}x{height}; this terminal is {}x{}", area.width, area.height);
    let lines = text::prose(&sentence, usize::from(area.width), theme::strong());
    frame.render_widget(Paragraph::new(lines), area);
}
