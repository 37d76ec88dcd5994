//! What can be seen of the program: words, the place of a cursor, marks, sequences for the terminal.

use crate::is_marked;

/// Whether it is seen: on the screen, or in what was written since the key.
pub(super) type See = Box<dyn Fn(&vt100::Screen, &[u8]) -> bool>;

/// This text.
pub(super) fn text(text: &'static str) -> See {
    Box::new(move |screen, _| screen.contents().contains(text))
}

/// This text no longer.
pub(super) fn gone(text: &'static str) -> See {
    Box::new(move |screen, _| !screen.contents().contains(text))
}

/// No probe, and none that is being removed: another one can be made.
pub(super) fn no_probe() -> See {
    both(gone("probe on"), gone("probe …"))
}

pub(super) fn both(a: See, b: See) -> See {
    Box::new(move |screen, bytes| a(screen, bytes) && b(screen, bytes))
}

/// The panels with Uploads focused, and nothing over them.
pub(super) fn home() -> See {
    Box::new(|screen, _| {
        let text = screen.contents();
        text.contains("┏ 1 Uploads") && text.contains("2 Objects") && text.matches('┏').count() == 1
    })
}

/// The number of the object under the cursor: `▸ pic-07.png`.
fn object(screen: &vt100::Screen) -> Option<usize> {
    let text = screen.contents();
    text.split_once("▸ pic-")?.1.get(..2)?.parse().ok()
}

/// The cursor on this object, of those in the order of their keys.
pub(super) fn on(number: usize) -> See {
    Box::new(move |screen, _| object(screen) == Some(number))
}

/// The cursor beyond this object.
pub(super) fn beyond(number: usize) -> See {
    Box::new(move |screen, _| object(screen).is_some_and(|object| object > number))
}

/// The cursor of the file chooser on this picture, of those in the order of their names, or on a later one.
pub(super) fn chosen_beyond(number: usize) -> See {
    Box::new(move |screen, _| {
        let text = screen.contents();
        let chosen = text.split_once("▸   pic-").and_then(|(_, rest)| rest.get(..2)?.parse().ok());
        chosen.is_some_and(|chosen: usize| chosen > number)
    })
}

/// What a dialog's border says of a text that is scrolled: the first line, the last one, and all of them.
pub(crate) fn place(screen: &vt100::Screen) -> Option<(usize, usize, usize)> {
    let text = screen.contents();
    text.lines().filter(|line| line.contains('┏')).find_map(|line| {
        let (before, all) = line.rsplit_once(" of ")?;
        let (first, last) = before.rsplit_once(' ')?.1.split_once('-')?;
        Some((first.parse().ok()?, last.parse().ok()?, all.split(' ').next()?.parse().ok()?))
    })
}

/// The text scrolled to this line.
pub(super) fn at(line: usize) -> See {
    Box::new(move |screen, _| place(screen).is_some_and(|(first, _, _)| first == line))
}

/// The text scrolled further than to this line, and not to its end.
pub(super) fn past(line: usize) -> See {
    Box::new(move |screen, _| place(screen).is_some_and(|(first, _, _)| first > line))
}

/// The end of the text.
pub(super) fn bottom() -> See {
    Box::new(|screen, _| place(screen).is_some_and(|(_, last, all)| last == all))
}

/// Marks of a search.
pub(super) fn marked() -> See {
    Box::new(|screen, _| is_marked(screen))
}

pub(super) fn unmarked() -> See {
    Box::new(|screen, _| !is_marked(screen))
}

/// The ground of the screen in one of the 256 colours, or the terminal's own.
pub(super) fn ground(colour: Option<u8>) -> See {
    Box::new(move |screen, _| {
        screen.cell(0, 0).is_some_and(|cell| cell.bgcolor() == colour.map_or(vt100::Color::Default, vt100::Color::Idx))
    })
}

/// This sequence, written since the key.
pub(super) fn wrote(sequence: &'static [u8]) -> See {
    Box::new(move |_, bytes| bytes.windows(sequence.len()).any(|window| window == sequence))
}
