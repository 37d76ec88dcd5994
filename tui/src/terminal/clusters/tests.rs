use std::num::NonZero;

use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Widget as _;
use ratatui::{Terminal, TerminalOptions, Viewport};

use super::*;
use crate::terminal::Sheet;

/// Flags, a skin tone, a heart that is red by its selector, keycaps, a family, conjuncts and vowel signs, half-width kana,
/// and emoji of a recent Unicode.
const NAMES: [&str; 9] = [
    "uploaded🇩🇪trip.png",
    "🇩🇪🇫🇷.png",
    "ok👍🏽.png",
    "❤️x.png",
    "1️⃣2️⃣.png",
    "👨\u{200d}👩\u{200d}👧.png",
    "क्षत्रिय.png",
    "ｶﾞﾊﾟ.png",
    "🫩🅰new.png",
];

/// A terminal that counts every character by itself, as many do.
struct Screen {
    terminal: Terminal<Printer<Sheet>>,
    sheet: Sheet,
    clusters: Clusters,
    seen: vt100::Parser,
}

const AREA: Rect = Rect { x: 0, y: 0, width: 24, height: 4 };

impl Screen {
    fn new() -> Self {
        let sheet = Sheet::default();
        let [rows, columns] = [AREA.height, AREA.width].map(|size| NonZero::new(size).unwrap());
        let options = TerminalOptions { viewport: Viewport::Fixed(AREA) };
        let terminal = Terminal::with_options(Printer::new(sheet.clone()), options).unwrap();
        Self { terminal, sheet, clusters: Clusters::default(), seen: vt100::Parser::new(rows, columns, 0) }
    }

    fn draw(&mut self, rows: &[&str]) -> String {
        self.terminal
            .draw(|frame| {
                for (row, y) in rows.iter().zip(0..) {
                    Line::from(*row).render(Rect { y, height: 1, ..AREA }, frame.buffer_mut());
                }
                self.clusters.settle(frame.buffer_mut());
            })
            .unwrap();
        self.seen.process(&self.sheet.take());
        let shown = self.seen.screen().contents();
        shown.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_end().to_owned()
    }
}

#[test]
fn nothing_of_a_row_stays_when_rows_move() {
    for name in NAMES {
        let mut screen = Screen::new();
        screen.draw(&["top", name, "plain.png", name]);
        screen.draw(&[name, "plain.png", name, "end"]);
        assert_eq!(screen.draw(&["a", "", "b", ""]), "a\n\nb", "{name}");
    }
}

#[test]
fn what_follows_a_cluster_is_in_its_columns() {
    for name in NAMES {
        let mut screen = Screen::new();
        let at = u16::try_from(crate::text::width::columns(name)).unwrap();
        for _ in 0..2 {
            screen.draw(&["", &format!("{name}|end")]);
            let row: String = (at..at + 4).map(|x| screen.seen.screen().cell(1, x).unwrap().contents()).collect();
            assert_eq!(row, "|end", "{name}");
            screen.draw(&["", "other"]);
        }
    }
}

#[test]
fn no_cluster_reaches_beyond_the_last_column() {
    for name in ["👍🏽", "🇩🇪", "❤️", "क्ष", "🇩"] {
        let mut screen = Screen::new();
        let row = format!("{:w$}{name}", "", w = 24 - crate::text::width::columns(name));
        let shown = screen.draw(&[&row, "next"]);
        assert_eq!(shown.lines().nth(1), Some("next"), "{name}: {shown}");
    }
}

#[test]
fn text_of_one_width_everywhere_is_printed_as_before() {
    for text in ["plain", "e\u{301}", "日本", "한글", "─│▀", "Zürich", "ж", "…", "ก็", "\u{1112}\u{1161}"]
    {
        for cluster in unicode_segmentation::UnicodeSegmentation::graphemes(text, true) {
            assert!(!is_disputed(cluster), "{cluster}");
        }
    }
}
