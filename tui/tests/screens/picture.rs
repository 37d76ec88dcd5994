//! A screen as text, and below it the same screen as a map of its styles: one letter for each, a space for plain text.
//!
//! The text is the same in every look, and is asserted to be. A letter stands for what a cell looks like in the dark
//! theme, the light theme and without colours together; the legend says what that is. Which letter a style has does not
//! depend on what else is on the screen, so that a difference between two maps is a difference between two screens.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use imgwatch::domain::display::Theme;
use imgwatch::model::Model;
use imgwatch::model::display_settings::{Depth, DisplaySettings};
use imgwatch::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

/// The looks of every picture.
const LOOKS: [(&str, Theme, Depth); 3] =
    [("dark", Theme::Dark, Depth::Many), ("light", Theme::Light, Depth::Many), ("none", Theme::Terminal, Depth::None)];

/// What a cell looks like in each of them.
type Style = [(Color, Color, Modifier); 3];

/// The letters of the roles: text, dim, good, warn, bad, busy and keys, odd and even invocations.
const ROLES: [u8; 8] = [252, 245, 114, 221, 210, 80, 176, 111];
const LETTERS: [(Modifier, [char; 8]); 6] = [
    (Modifier::empty(), [' ', '.', 'g', 'y', 'r', 'c', 'm', 'b']),
    (Modifier::BOLD, ['T', ',', 'G', 'Y', 'R', 'C', 'M', 'B']),
    (Modifier::REVERSED, ['#', ':', '1', '2', '3', '4', '5', '6']),
    (Modifier::BOLD.union(Modifier::REVERSED), ['@', ';', '7', '8', '9', '0', '<', '>']),
    (Modifier::BOLD.union(Modifier::UNDERLINED), ['?', '?', '?', 'u', '?', '?', '?', '?']),
    (Modifier::BOLD.union(Modifier::UNDERLINED).union(Modifier::REVERSED), ['?', '?', '?', 'v', '?', '?', '?', '?']),
];

/// The text, the map and its legend.
pub(crate) fn picture(model: &mut Model, width: u16, height: u16) -> String {
    let before = model.display.clone();
    let buffers = LOOKS.map(|(_, theme, depth)| {
        model.display = DisplaySettings { theme, depth, ..before.clone() };
        draw(model, width, height)
    });
    model.display = before;
    let texts = buffers.each_ref().map(|buffer| rows(buffer, |_, cell| cell.symbol().to_owned()));
    assert!(texts.iter().all(|text| *text == texts[0]), "a look changed the text:\n{}\n{}", texts[0], texts[2]);
    let mut legend = BTreeMap::new();
    let map = rows(&buffers[0], |at, cell| {
        let style = buffers.each_ref().map(|buffer| {
            let cell = &buffer.content[at];
            (cell.fg, cell.bg, cell.modifier)
        });
        let letter = letter(&style);
        let known = legend.entry(letter).or_insert(style);
        assert_eq!(
            *known,
            style,
            "two styles share the letter {letter:?}, at {}, {}\n{}",
            at % usize::from(width),
            at / usize::from(width),
            texts[0]
        );
        // A wide character covers two columns of the map, as it does in the text.
        letter.to_string().repeat(imgwatch::text::width::columns(cell.symbol()).max(1))
    });
    format!("{}\n\n{map}\n\n{}", texts[0], explained(&legend))
}

fn draw(model: &Model, width: u16, height: u16) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view::draw(frame, model, None)).unwrap();
    terminal.backend().buffer().clone()
}

/// Rows without the spaces at their ends; the second cell of a wide character is left out.
fn rows(buffer: &Buffer, mut of: impl FnMut(usize, &Cell) -> String) -> String {
    let width = usize::from(buffer.area.width);
    let row = |start: usize| {
        let mut text = String::new();
        let mut covered = 0;
        for at in start..start + width {
            let cell = &buffer.content[at];
            if covered > 0 {
                covered -= 1;
                continue;
            }
            covered = imgwatch::text::width::columns(cell.symbol()).saturating_sub(1);
            text.push_str(&of(at, cell));
        }
        text.trim_end().to_owned()
    };
    let rows: Vec<String> = (0..buffer.content.len()).step_by(width).map(row).collect();
    rows.join("\n")
}

fn letter(style: &Style) -> char {
    let [(dark, _, modifier), ..] = style;
    let Color::Indexed(dark) = dark else { panic!("the dark theme left a cell in {dark:?}") };
    let role = ROLES.iter().position(|role| role == dark).unwrap_or_else(|| panic!("no role has colour {dark}"));
    let row = LETTERS.iter().find(|(known, _)| known == modifier);
    let letter = row.map_or('?', |(_, letters)| letters[role]);
    assert_ne!(letter, '?', "give {style:?} a letter");
    letter
}

fn explained(legend: &BTreeMap<char, Style>) -> String {
    let mut out = String::new();
    for (letter, style) in legend {
        let letter = if *letter == ' ' { "space".to_owned() } else { letter.to_string() };
        write!(out, "{letter:<6}").unwrap();
        for ((name, ..), (fg, bg, modifier)) in LOOKS.iter().zip(style) {
            let colours = match (fg, bg) {
                (Color::Reset, Color::Reset) => String::new(),
                (fg, bg) => format!(" {} on {}", number(*fg), number(*bg)),
            };
            let words = modifier.iter_names().flat_map(|(word, _)| [" ".to_owned(), word.to_lowercase()]);
            let words: String = words.collect();
            let plain = if colours.is_empty() && words.is_empty() { " plain" } else { "" };
            write!(out, "{:<36}", format!("{name}{colours}{words}{plain}")).unwrap();
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
    out.trim_end().to_owned()
}

fn number(color: Color) -> String {
    match color {
        Color::Indexed(index) => index.to_string(),
        other => other.to_string(),
    }
}
