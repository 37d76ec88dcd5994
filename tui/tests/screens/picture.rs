//! What is drawn, as text, and below it the same as a map of its styles: one letter for each, a space for plain text.
//!
//! The text is the same in every look, and is asserted to be. A letter stands for what a cell looks like in the dark
//! theme, the light theme and without colours together, which [`ROLES`] and [`LETTERS`] say.

use imgwatch::domain::display::Theme;
use imgwatch::model::Model;
use imgwatch::model::looks::{Depth, Looks};
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

/// The looks of every picture.
const LOOKS: [(Theme, Depth); 3] =
    [(Theme::Dark, Depth::Many), (Theme::Light, Depth::Many), (Theme::Terminal, Depth::None)];

/// The background in the dark and in the light theme; without colours it is the terminal's.
const BACKGROUND: [u8; 2] = [234, 231];

/// Colours in the dark and in the light theme, and what is left of them without colours, of: text, dim, good, warn, bad,
/// busy and keys, odd and even invocations.
const ROLES: [(u8, u8, Modifier); 8] = [
    (252, 235, Modifier::empty()),
    (245, 242, Modifier::DIM),
    (114, 22, Modifier::empty()),
    (221, 94, Modifier::empty()),
    (210, 124, Modifier::empty()),
    (80, 24, Modifier::empty()),
    (176, 90, Modifier::empty()),
    (111, 19, Modifier::empty()),
];

/// The letters of the roles; a question mark is a style that nothing has so far.
const LETTERS: [(Modifier, [char; 8]); 6] = [
    (Modifier::empty(), [' ', '.', 'g', 'y', 'r', 'c', 'm', 'b']),
    (Modifier::BOLD, ['T', ',', 'G', 'Y', 'R', 'C', 'M', 'B']),
    (Modifier::REVERSED, ['#', ':', '1', '2', '3', '4', '5', '6']),
    (Modifier::BOLD.union(Modifier::REVERSED), ['@', ';', '7', '8', '9', '0', '<', '>']),
    (Modifier::BOLD.union(Modifier::UNDERLINED), ['?', '?', '?', 'u', '?', '?', '?', '?']),
    (Modifier::BOLD.union(Modifier::UNDERLINED).union(Modifier::REVERSED), ['?', '?', '?', 'v', '?', '?', '?', '?']),
];

/// The rows as text, and as letters for their styles.
pub(crate) struct Picture {
    pub(crate) text: Vec<String>,
    pub(crate) styles: Vec<String>,
}

/// Draws the model in every look.
pub(crate) fn picture(model: &mut Model, draw: impl Fn(&Model) -> Buffer) -> Picture {
    let before = model.looks.clone();
    let buffers = LOOKS.map(|(theme, depth)| {
        model.looks = Looks { theme, depth, ..before.clone() };
        draw(model)
    });
    model.looks = before;
    let [text, ..] = buffers.each_ref().map(text);
    for buffer in &buffers[1..] {
        assert_eq!(self::text(buffer), text, "a look changed the text");
    }
    let styles = rows(&buffers[0], |at, cell| {
        let letter = letter(buffers.each_ref().map(|buffer| &buffer.content[at]));
        // A wide character covers two columns of the map, as it does in the text.
        letter.to_string().repeat(imgwatch::text::width::columns(cell.symbol()).max(1))
    });
    Picture { text, styles }
}

/// The rows as text.
pub(crate) fn text(buffer: &Buffer) -> Vec<String> {
    rows(buffer, |_, cell| cell.symbol().to_owned())
}

/// Rows without the spaces at their ends; the second cell of a wide character is left out.
fn rows(buffer: &Buffer, mut of: impl FnMut(usize, &Cell) -> String) -> Vec<String> {
    let width = usize::from(buffer.area.width);
    let mut row = |start: usize| {
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
    (0..buffer.content.len()).step_by(width).map(&mut row).collect()
}

/// The letter of one cell in every look.
fn letter(cells: [&Cell; 3]) -> char {
    let style = cells.map(|cell| (cell.fg, cell.bg, cell.modifier));
    let modifier = style[0].2;
    let role = ROLES.iter().position(|(dark, ..)| style[0].0 == Color::Indexed(*dark));
    let role = role.unwrap_or_else(|| panic!("no role looks like {style:?}"));
    let (dark, light, left) = ROLES[role];
    let themed = |colour, background| (Color::Indexed(colour), Color::Indexed(background), modifier);
    let without = (Color::Reset, Color::Reset, modifier | left);
    assert_eq!(style, [themed(dark, BACKGROUND[0]), themed(light, BACKGROUND[1]), without]);
    let letters = LETTERS.iter().find(|(known, _)| *known == modifier);
    let letter = letters.map_or('?', |(_, letters)| letters[role]);
    assert_ne!(letter, '?', "give {style:?} a letter");
    letter
}
