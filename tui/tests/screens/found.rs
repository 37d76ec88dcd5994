//! What a filter finds is in view: every row of a panel shows the text that it was found by.

use imgwatch::keymap::action::Panel;
use imgwatch::model::Model;
use ratatui::style::Modifier;

use crate::models::concurrent;
use crate::panels::filter;
use crate::shot;

/// The rows of a zoomed panel between its borders, and how many of them have something marked.
fn rows(model: &Model, width: u16) -> (Vec<String>, usize) {
    let buffer = shot::screen(model, (width, 40));
    let symbol = |x, y| buffer[(x, y)].symbol();
    let body: Vec<u16> = (0..40).filter(|y| symbol(0, *y) == "┃").collect();
    let is_marked = |y: &&u16| (0..width).any(|x| buffer[(x, **y)].modifier.contains(Modifier::UNDERLINED));
    let rows: Vec<String> = body.iter().map(|y| (0..width).map(|x| symbol(x, *y)).collect::<String>()).collect();
    let marked = body.iter().filter(is_marked).count();
    (rows, marked)
}

#[test]
fn every_row_shows_and_marks_what_it_was_found_by() {
    for (panel, texts) in [
        // In the JSON only, at the end of a long line, and in the request id only.
        (Panel::Logs, ["\"status\":404", "0a1b2c3d", "1b2c3d4e5f60"]),
        // At the start of a key whose end is shown, in the middle of it, and in wide letters.
        (Panel::Objects, ["photos/2026/02", "really long name", "東京"]),
        (Panel::Uploads, ["photos/2026", "nothing/h", "cat"]),
        // A part of the ARN that the row leaves out, the protocol, and the end of an address.
        (Panel::Subscriptions, ["arn:aws:sqs", "https", ".org"]),
        (Panel::Inbox, ["example.com", "navy.example.org", "cat.png"]),
    ] {
        for (text, width) in texts.iter().flat_map(|text| [40, 60, 80, 120].map(|width| (text, width))) {
            let mut model = concurrent();
            (model.focus, model.zoom) = (panel, true);
            filter(&mut model, panel, text);
            let (rows, marked) = rows(&model, width);
            let found = match panel {
                Panel::Uploads => model.uploads.len(),
                Panel::Objects => model.objects.len(),
                Panel::Logs => model.logs.len(),
                Panel::Subscriptions => model.subscriptions.visible().count(),
                Panel::Inbox => model.inbox.visible().count(),
            };
            // The story of an upload may show it once more.
            let is_right = if panel == Panel::Uploads { marked >= found } else { marked == found };
            assert!(found > 0 && is_right, "{panel:?} {text} at {width}, {marked} of {found}:\n{}", rows.join("\n"));
        }
    }
}
