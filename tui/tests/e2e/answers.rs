//! What a terminal sends that is no key: it does nothing, in whatever pieces it comes.

use super::dashboard;
use super::keys::see::place;

/// Answers, each with something in it that does something as a key.
const ANSWERS: [&[u8]; 9] = [
    b"\x1bP1$r0 q\x1b\\",
    b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\",
    b"\x1b]11;rgb:ffff/ffff/ffff\x07",
    b"\x1b_Gi=31;ENOTSUPPORTED:q\x1b\\",
    b"\x1b^qqq\x1b\\",
    b"\x1bXqqq\x1b\\",
    b"\x1bP>|iTerm2 3.5 qu?:\x1b\\",
    b"\x1b[?62;4;22c",
    b"\x1b[12;40R",
];

#[test]
fn answers_of_the_terminal_are_no_keys_in_one_piece_or_in_several() {
    let mut term = dashboard();
    for answer in ANSWERS {
        let middle = answer.len() / 2;
        for cuts in [&[][..], &[middle], &[2, middle, answer.len() - 1]] {
            let mut from = 0;
            for to in cuts.iter().copied().chain([answer.len()]) {
                term.keys_read(&answer[from..to]);
                from = to;
            }
            // Keys are read in order: what the answer would have done as keys is done by the time that the help is there.
            term.keys("?");
            term.wait_for("┏ Keys");
            term.keys("\u{1b}");
            term.wait("a lone Esc to close it", |screen| {
                let text = screen.contents();
                text.contains("┏ 1 Uploads") && text.matches('┏').count() == 1
            });
        }
    }
    term.keys("q");
    assert!(term.end().0.success());
}

#[test]
fn keys_that_come_in_several_reads_are_keys() {
    let mut term = dashboard();
    term.keys("?");
    let first = |line| move |screen: &vt100::Screen| place(screen).is_some_and(|(first, _, _)| first == line);
    term.wait("the help", first(1));
    // An arrow, an arrow of the keypad, a wheel, and a paste, which is no key here.
    for (pieces, line) in [
        (&[&b"\x1b["[..], b"B"][..], 2),
        (&[b"\x1bO", b"B"], 3),
        (&[b"\x1b[<65;", b"60;2", b"0M"], 6),
        (&[b"\x1b[200~q", b"q\x1b[20", b"1~\x1b[", b"A"], 5),
    ] {
        for piece in pieces {
            term.keys_read(piece);
        }
        term.wait(&format!("line {line}"), first(line));
    }
    term.keys("qq");
    assert!(term.end().0.success());
}

#[test]
fn an_arrow_that_is_cut_after_its_escape_character_is_an_arrow() {
    let mut term = dashboard();
    term.keys("4g");
    let on = |word: &'static str| {
        move |screen: &vt100::Screen| screen.contents().lines().any(|line| line.contains('▸') && line.contains(word))
    };
    term.wait("the first subscription", on("✓ email"));
    // Where the rest comes very late, Esc has been pressed as well: here it does nothing.
    for (last, word) in [("B", "✓ sqs"), ("A", "✓ email"), ("F", "✓ sqs")] {
        term.keys_read(b"\x1b");
        term.keys(&format!("[{last}"));
        term.wait(word, on(word));
    }
    term.keys("q");
    assert!(term.end().0.success());
}
