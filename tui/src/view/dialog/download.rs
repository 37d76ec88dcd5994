//! The form that asks where to download an object to. What Enter will do is written out before it is pressed.
//!
//! ```text
//! ┏ Download ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
//! ┃ photos/2026/cat.png                                ┃
//! ┃ version 3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrH           ┃  only of one that is not current
//! ┃ 47.1 KiB                                           ┃
//! ┃ > /home/ada/cat.png                                ┃
//! ┃                                                    ┃
//! ┃ Enter downloads it there, and asks before it …     ┃
//! ┗━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┛
//! ```

use ratatui::style::Style;
use ratatui::text::Line;

use super::super::text::prose;
use super::super::theme;
use super::Content;
use crate::keymap::Scope;
use crate::keymap::action::Action;
use crate::model::Model;
use crate::model::dialog::DownloadForm;
use crate::model::keys::key_of;
use crate::text::size;
use crate::text::width::wrap;

pub(super) fn form<'a>(form: &'a DownloadForm, model: &Model, width: usize) -> Content<'a> {
    let key = wrap(form.key.shown(), width).into_iter().map(|row| Line::styled(row, theme::strong()));
    let version = form.version_id.as_ref().map(|id| format!("version {}", id.shown()));
    let about = version.into_iter().chain([size::bytes(form.size)]).flat_map(|text| wrap(&text, width));
    let mut lines: Vec<Line<'_>> = key.chain(about.map(|row| Line::styled(row, theme::dim()))).collect();
    let row = lines.len();
    lines.extend([Line::default(), Line::default()]);
    let (text, style) = match &form.fault {
        Some(problem) => (format!("✗ {problem}"), theme::bad()),
        None if form.asked.is_some() => ("checking the path…".to_owned(), theme::busy()),
        None if form.path.value().trim().is_empty() => {
            ("enter the path of a file or directory".to_owned(), theme::dim())
        }
        None => {
            let key = key_of(model, Scope::Typing, Action::Submit);
            (format!("{key} downloads the object (asks before it overwrites a file)"), Style::new())
        }
    };
    lines.extend(prose(&text, width, style));
    Content { title: "Download", lines, offset: 0, field: Some((row, &form.path)), list: None }
}
