//! Shows the model. Stub.

use ratatui::Frame;

use crate::model::{Model, Viewports};

/// Draws.
pub fn draw(_frame: &mut Frame<'_>, _model: &Model) {}

/// Rows.
pub fn viewports(model: &Model, _width: u16, _height: u16) -> Viewports {
    model.viewports
}
