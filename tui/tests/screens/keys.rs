//! With other keys, no sentence on the screen names one of the usual ones.

use imgwatch::keymap::action::{Action, Panel};
use imgwatch::keymap::{Asked, Binding, KEYMAP, Scope, bind, names};
use imgwatch::model::Model;
use imgwatch::model::keys::key_of;

use crate::models::{broken, busy, quiet};
use crate::panels::filter_all;
use crate::shot::screen;

fn text(model: &Model) -> String {
    let cells = screen(model, (200, 60)).content;
    cells.iter().map(ratatui::buffer::Cell::symbol).collect()
}

/// Every action of the panels with Alt and a letter of its own.
fn rebound(mut model: Model) -> Model {
    let letters = ('a'..='z').chain('A'..='Z');
    let rows = KEYMAP.iter().filter(|row| row.scope == Scope::Panels).zip(letters);
    let asked: Vec<Asked> = rows
        .map(|(row, letter)| Asked {
            line: 1,
            scope: names::scope(row.scope),
            action: names::action(row.action),
            keys: vec![format!("alt-{letter}")],
        })
        .collect();
    model.keys = bind(&asked).unwrap();
    model
}

#[test]
fn no_sentence_names_a_key_that_does_nothing() {
    let filtered = || {
        let mut model = busy();
        filter_all(&mut model, "nothing is called so");
        model
    };
    let usual: Vec<String> = KEYMAP
        .iter()
        .filter(|row| row.scope == Scope::Panels)
        .flat_map(Binding::usual)
        .flat_map(|key| {
            [": KEY drops", "press KEY ", "press KEY,", "press KEY:", "or KEY to "]
                .map(|p| p.replace("KEY", &key.to_string()))
        })
        .collect();
    let mut named = 0;
    for model in [quiet as fn() -> _, busy, broken, filtered] {
        let model = model();
        let shown = text(&model);
        named += usual.iter().filter(|part| shown.contains(*part)).count();
        let mut model = rebound(model);
        for panel in Panel::ALL {
            model.focus = panel;
            let shown = text(&model);
            let stale: Vec<&String> = usual.iter().filter(|part| shown.contains(*part)).collect();
            assert!(stale.is_empty(), "{stale:?}");
        }
    }
    assert!(named >= 4, "the search itself works: {named}");
    let model = rebound(quiet());
    let upload = key_of(&model, Scope::Panels, Action::Upload);
    assert!(upload.starts_with("Alt-") && text(&model).contains(&format!("press {upload}")), "{upload}");
}
