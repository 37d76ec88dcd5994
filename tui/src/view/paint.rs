//! Gives a finished frame its looks: the theme's colours for the roles, and plain characters where the terminal has no
//! others.
//!
//! Roles are painted in the terminal's sixteen colours (see `theme`), each of them once, so that a colour stands for its
//! role until here. Nothing here knows what the cells mean.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use crate::domain::display::Theme;
use crate::model::display_settings::{Depth, DisplaySettings};

/// The colours of one theme.
struct Palette {
    text: Color,
    /// Text that explains or repeats, and borders: a colour, since terminals differ in what they make of faint text.
    dim: Color,
    ground: Color,
    good: Color,
    warn: Color,
    bad: Color,
    busy: Color,
    odd: Color,
    even: Color,
}

const DARK: Palette = Palette {
    text: Color::Indexed(252),
    dim: Color::Indexed(245),
    ground: Color::Indexed(234),
    good: Color::Indexed(114),
    warn: Color::Indexed(221),
    bad: Color::Indexed(210),
    busy: Color::Indexed(80),
    odd: Color::Indexed(176),
    even: Color::Indexed(111),
};

const LIGHT: Palette = Palette {
    text: Color::Indexed(235),
    dim: Color::Indexed(242),
    ground: Color::Indexed(231),
    good: Color::Indexed(22),
    warn: Color::Indexed(94),
    bad: Color::Indexed(124),
    busy: Color::Indexed(24),
    odd: Color::Indexed(90),
    even: Color::Indexed(19),
};

const CONTRAST: Palette = Palette {
    text: Color::Indexed(231),
    dim: Color::Indexed(231),
    ground: Color::Indexed(16),
    good: Color::Indexed(46),
    warn: Color::Indexed(226),
    bad: Color::Indexed(213),
    busy: Color::Indexed(51),
    odd: Color::Indexed(219),
    even: Color::Indexed(159),
};

const DARK_16: Palette = Palette {
    text: Color::White,
    dim: Color::Gray,
    ground: Color::Black,
    good: Color::LightGreen,
    warn: Color::LightYellow,
    bad: Color::LightRed,
    busy: Color::LightCyan,
    odd: Color::LightMagenta,
    even: Color::LightBlue,
};

/// Yellow and green are too pale on white where there are only sixteen.
const LIGHT_16: Palette = Palette {
    text: Color::Black,
    dim: Color::DarkGray,
    ground: Color::White,
    good: Color::Black,
    warn: Color::Magenta,
    bad: Color::Red,
    busy: Color::Blue,
    odd: Color::Magenta,
    even: Color::Blue,
};

/// Paints a frame.
pub(super) fn dress(buffer: &mut Buffer, display: &DisplaySettings) {
    let palette = match (display.depth, display.theme) {
        (Depth::None, _) | (_, Theme::Terminal) => None,
        (Depth::Many, Theme::Dark) => Some(DARK),
        (Depth::Many, Theme::Light) => Some(LIGHT),
        (Depth::Many, Theme::Contrast) => Some(CONTRAST),
        (Depth::Sixteen, Theme::Dark | Theme::Contrast) => Some(DARK_16),
        (Depth::Sixteen, Theme::Light) => Some(LIGHT_16),
    };
    for cell in &mut buffer.content {
        if display.ascii && !cell.symbol().is_ascii() {
            let plain = ascii(cell.symbol());
            cell.set_symbol(plain);
        }
        if display.depth == Depth::None {
            // Crossterm leaves colours out by itself, but by sequences that take bold and reverse away with them.
            (cell.fg, cell.bg) = (Color::Reset, Color::Reset);
        }
        if let Some(palette) = &palette {
            paint(cell, palette);
        }
    }
}

fn paint(cell: &mut Cell, palette: &Palette) {
    cell.fg = match cell.fg {
        Color::Reset if cell.modifier.contains(Modifier::DIM) => palette.dim,
        Color::Reset => palette.text,
        Color::Green => palette.good,
        Color::Yellow => palette.warn,
        Color::Red => palette.bad,
        Color::Cyan => palette.busy,
        Color::Magenta => palette.odd,
        Color::Blue => palette.even,
        // A picture's own colours.
        other => other,
    };
    cell.modifier.remove(Modifier::DIM);
    if cell.bg == Color::Reset {
        cell.bg = palette.ground;
    }
}

/// What stands for a character in ASCII; one column, as the characters of the frame have.
fn ascii(symbol: &str) -> &'static str {
    match symbol {
        "─" | "·" => "-",
        // The focused panel's border stays another one.
        "━" => "=",
        "│" | "┃" => "|",
        "╷" => ",",
        "╵" => "'",
        "┌" | "┐" | "└" | "┘" | "┏" | "┓" | "┗" | "┛" | "├" | "┤" | "✓" => "+",
        "✗" => "x",
        "●" => "*",
        "○" => "o",
        "▸" | "→" => ">",
        "←" => "<",
        "▾" | "▽" | "↓" => "v",
        "↑" => "^",
        "█" => "#",
        "░" => ".",
        // A point would end a sentence, or hide a file.
        "…" => "~",
        _ => "?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    fn dressed(text: &str, style: Style, display: &DisplaySettings) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 1));
        buffer.set_string(0, 0, text, style);
        dress(&mut buffer, display);
        buffer
    }

    fn looks(theme: Theme, depth: Depth, ascii: bool) -> DisplaySettings {
        DisplaySettings { theme, depth, ascii, ..DisplaySettings::default() }
    }

    #[test]
    fn without_utf_8_every_cell_is_ascii() {
        let buffer = dressed("✓ über 猫 ─┏", Style::new(), &looks(Theme::Terminal, Depth::Sixteen, true));
        let text: String = buffer.content.iter().map(Cell::symbol).collect();
        assert_eq!(text, "+ ?ber ?  -+");
        let borders = dressed("─━", Style::new(), &looks(Theme::Terminal, Depth::None, true));
        assert_ne!(borders.content[0].symbol(), borders.content[1].symbol(), "the border tells where the keys go");
    }

    #[test]
    fn without_colours_bold_and_reverse_stay() {
        let style = Style::new().fg(Color::Red).bg(Color::Blue).add_modifier(Modifier::BOLD | Modifier::REVERSED);
        let buffer = dressed("x", style, &looks(Theme::Dark, Depth::None, false));
        let cell = &buffer.content[0];
        assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
        assert!(cell.modifier.contains(Modifier::BOLD | Modifier::REVERSED));
    }

    #[test]
    fn a_theme_colours_roles_and_the_ground_and_leaves_pictures_alone() {
        let theme = looks(Theme::Light, Depth::Many, false);
        assert_eq!(dressed("x", Style::new().fg(Color::Yellow), &theme).content[0].fg, LIGHT.warn);
        assert_eq!(dressed(" ", Style::new(), &theme).content[0].bg, LIGHT.ground);
        let picture = Style::new().fg(Color::Rgb(1, 2, 3)).bg(Color::Rgb(4, 5, 6));
        let cell = dressed("x", picture, &theme).content[0].clone();
        assert_eq!((cell.fg, cell.bg), (Color::Rgb(1, 2, 3), Color::Rgb(4, 5, 6)));
    }

    /// Red, green and blue of one of the 240 colours that every terminal with 256 of them has.
    fn rgb(color: Color) -> [u8; 3] {
        let Color::Indexed(index @ 16..) = color else { panic!("{color:?} differs between terminals") };
        let level = |step: u8| if step == 0 { 0 } else { 55 + 40 * step };
        match index - 16 {
            cube @ 0..216 => [cube / 36, cube / 6 % 6, cube % 6].map(level),
            grey => [8 + 10 * (grey - 216); 3],
        }
    }

    /// Relative luminance as WCAG 2 defines it.
    fn luminance(color: Color) -> f64 {
        let linear = rgb(color).map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    fn contrast(a: Color, b: Color) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_role_can_be_read_on_its_ground() {
        let (black, white) = (Color::Indexed(16), Color::Indexed(231));
        assert!((contrast(black, white) - 21.0).abs() < 0.001, "the formula is WCAG's");
        for (name, palette) in [("dark", DARK), ("light", LIGHT), ("contrast", CONTRAST)] {
            let Palette { text, dim, ground, good, warn, bad, busy, odd, even } = palette;
            for (role, color) in [text, good, warn, bad, busy, odd, even].into_iter().enumerate() {
                let contrast = contrast(color, ground);
                assert!(contrast >= 4.5, "role {role} of {name}: {contrast:.2}");
            }
            let contrast = contrast(dim, ground);
            assert!(contrast >= 3.0, "what is dim in {name}: {contrast:.2}");
        }
    }

    #[test]
    fn a_theme_has_a_colour_for_what_is_dim_and_the_terminal_an_attribute() {
        let dim = Style::new().add_modifier(Modifier::DIM | Modifier::REVERSED);
        let cell = dressed("x", dim, &looks(Theme::Dark, Depth::Many, false)).content[0].clone();
        assert_eq!((cell.fg, cell.modifier), (DARK.dim, Modifier::REVERSED));
        for depth in [Depth::Sixteen, Depth::None] {
            let cell = dressed("x", dim, &looks(Theme::Terminal, depth, false)).content[0].clone();
            assert_eq!((cell.fg, cell.modifier), (Color::Reset, Modifier::DIM | Modifier::REVERSED));
        }
    }

    #[test]
    fn the_terminals_own_colours_are_left_as_they_are() {
        let cell = dressed("x", Style::new().fg(Color::Green), &DisplaySettings::default()).content[0].clone();
        assert_eq!((cell.fg, cell.bg), (Color::Green, Color::Reset));
    }
}
