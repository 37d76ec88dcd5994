use proptest::prelude::*;

use super::*;
use crate::terminal::input::{Answer, WHEEL};

fn key(code: Code) -> Input {
    Input::Key(Key::plain(code))
}

fn char(c: char) -> Input {
    Input::Key(Key::char(c))
}

fn ctrl(c: char) -> Input {
    Input::Key(Key::ctrl(c))
}

/// What pieces are taken for that come one after the other.
fn read(pieces: &[&[u8]]) -> Vec<Input> {
    let mut parser = Parser::default();
    pieces.iter().flat_map(|piece| parser.feed(piece)).collect()
}

/// The same, when the time limit passes after each piece.
fn read_slowly(pieces: &[&[u8]]) -> Vec<Input> {
    let mut parser = Parser::default();
    let slowly = |piece: &&[u8]| {
        let mut inputs = parser.feed(piece);
        inputs.extend(parser.silence());
        inputs
    };
    pieces.iter().flat_map(slowly).collect()
}

/// What terminals send for keys, the mouse and pastes.
fn known() -> Vec<(&'static [u8], Input)> {
    let held = |code, ctrl, alt| Input::Key(Key { code, ctrl, alt });
    vec![
        (b"j", char('j')),
        ("é".as_bytes(), char('é')),
        ("🖼".as_bytes(), char('🖼')),
        (b"\r", key(Code::Enter)),
        (b"\t", key(Code::Tab)),
        (b"\x7f", key(Code::Backspace)),
        (b"\x03", ctrl('c')),
        (b"\x00", ctrl(' ')),
        (b"\x1c", ctrl('4')),
        (b"\x1b[A", key(Code::Up)),
        (b"\x1bOB", key(Code::Down)),
        (b"\x1b[1;5C", held(Code::Right, true, false)),
        (b"\x1b[1;3D", held(Code::Left, false, true)),
        (b"\x1b[H", key(Code::Home)),
        (b"\x1b[4~", key(Code::End)),
        (b"\x1b[3~", key(Code::Delete)),
        (b"\x1b[5~", key(Code::PageUp)),
        (b"\x1b[6;5~", held(Code::PageDown, true, false)),
        (b"\x1b[Z", key(Code::BackTab)),
        (b"\x1bOP", key(Code::F(1))),
        (b"\x1b[[B", key(Code::F(2))),
        (b"\x1bOR", key(Code::F(3))),
        (b"\x1b[15~", key(Code::F(5))),
        (b"\x1b[24~", key(Code::F(12))),
        (b"\x1b[24;2~", key(Code::F(12))),
        (b"\x1b[97;5u", ctrl('a')),
        (b"\x1b[67;6u", ctrl('c')),
        (b"\x1b[27u", key(Code::Esc)),
        (b"\x1b[9;2u", key(Code::BackTab)),
        (b"\x1b[97:65;2u", char('A')),
        (b"\x1b[27;5;106~", ctrl('j')),
        (b"\x1b[57419u", key(Code::Up)),
        (b"\x1bx", held(Code::Char('x'), false, true)),
        (b"\x1b\r", held(Code::Enter, false, true)),
        ("\u{1b}ü".as_bytes(), held(Code::Char('ü'), false, true)),
        (b"\x1b[<0;7;3M", Input::Click(6, 2)),
        (b"\x1b[<16;7;3M", Input::Click(6, 2)),
        (b"\x1b[<64;200;100M", Input::Wheel(199, 99, -WHEEL)),
        (b"\x1b[<65;1;1M", Input::Wheel(0, 0, WHEEL)),
        (b"\x1b[M ''", Input::Click(6, 6)),
        (b"\x1b[32;7;3M", Input::Click(6, 2)),
        (b"\x1b[200~a paste\rq\x1b[201~", Input::Paste("a paste\rq".to_owned())),
        (b"\x1b[200~\x1b[A\x1b]0;x\x07\x1b[201~", Input::Paste("\u{1b}[A\u{1b}]0;x\u{7}".to_owned())),
        (b"\x1b[6;20;10t", Input::Answer(Answer::Cell { width: 10, height: 20 })),
        (b"\x1b[?62;4;22c", Input::Answer(Answer::Sixel)),
        (b"\x1b_Gi=31;OK\x1b\\", Input::Answer(Answer::Kitty)),
        (b"\x1b[0n", Input::Answer(Answer::Ready)),
    ]
}

/// What terminals send by themselves or as an answer, and what is no key.
const SWALLOWED: [&[u8]; 34] = [
    b"\x1bP1$r0 q\x1b\\",
    b"\x1bP>|XTerm(370)\x1b\\",
    b"\x1bP1+r544e=787465726d\x1b\\",
    b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\",
    b"\x1b]11;rgb:ffff/ffff/ffff\x07",
    b"\x1b]52;c;cXE=\x07",
    "\u{1b}]l\u{e9}t\u{e9} \u{1f5bc}\u{1b}\\".as_bytes(),
    b"\x1b_Gi=32;ENOENT:no\x1b\\",
    b"\x1b^qqq\x1b\\",
    b"\x1bXqqq\x1b\\",
    b"\x1b[?62;22c",
    b"\x1b[>41;354;0c",
    b"\x1b[=0;0c",
    b"\x1b[1;1R",
    b"\x1b[?12;40;1R",
    b"\x1b[?2026;2$y",
    b"\x1b[4;2$y",
    b"\x1b[?1u",
    b"\x1b[3n",
    b"\x1b[4;800;600t",
    b"\x1b[8;24;80t",
    b"\x1b[I",
    b"\x1b[O",
    b"\x1b[201~",
    b"\x1b[<0;7;3m",
    b"\x1b[<35;7;3M",
    b"\x1b[<0;0;0M",
    b"\x1b[97;1:3u",
    b"\x1b[57441;2u",
    b"\x9b1;1R",
    b"\x9d11;rgb:ffff/ffff/ffff\x9c",
    b"\x901$r0 q\x9c",
    "\u{9d}11;rgb:0/0/0\u{9c}".as_bytes(),
    b"\x1b[1;2\x18",
];

#[test]
fn keys_the_mouse_and_pastes_are_what_terminals_send_for_them_in_any_two_pieces() {
    for (bytes, input) in known() {
        for at in 0..=bytes.len() {
            let (first, second) = bytes.split_at(at);
            assert_eq!(
                read(&[first, second]),
                std::slice::from_ref(&input),
                "{:?} at {at}",
                bytes.escape_ascii().to_string()
            );
        }
        let each: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(read(&each), [input], "{:?} byte by byte", bytes.escape_ascii().to_string());
    }
}

#[test]
fn answers_are_swallowed_whole_in_any_pieces() {
    for bytes in SWALLOWED {
        for at in 0..=bytes.len() {
            let (first, second) = bytes.split_at(at);
            assert_eq!(read(&[first, second, b"j"]), [char('j')], "{:?} at {at}", bytes.escape_ascii().to_string());
        }
        let mut each: Vec<&[u8]> = bytes.chunks(1).collect();
        each.push(b"\x1b[A");
        assert_eq!(read(&each), [key(Code::Up)], "{:?} byte by byte", bytes.escape_ascii().to_string());
    }
}

#[test]
fn what_comes_late_is_still_the_rest_of_what_has_begun() {
    let sequences = known().into_iter().map(|(bytes, input)| (bytes, Some(input)));
    let answers = SWALLOWED.into_iter().map(|bytes| (bytes, None));
    for (bytes, input) in sequences.chain(answers).filter(|(bytes, _)| bytes.len() > 2 && bytes[0] == 0x1b) {
        // What ends it may be a sequence by itself; and one letter that makes no key of Alt-[ may have been typed.
        let is_whole = |at: usize| matches!(bytes[at], b'\\' | 0x18) || at == 2 && bytes.len() == 3 && input.is_none();
        let parts = (1..bytes.len()).filter(|at| !is_whole(*at) && !bytes.starts_with(b"\x1b[200"));
        for at in parts {
            let (first, second) = bytes.split_at(at);
            let mut inputs = read_slowly(&[first, second, b"j"]);
            // It was taken for Esc, or for a key with Alt, before the rest came.
            inputs.retain(|input| !matches!(input, Input::Key(Key { alt: true, .. })) && *input != key(Code::Esc));
            let expected: Vec<Input> = input
                .iter()
                .filter(|input| !matches!(input, Input::Key(Key { alt: true, .. })) && **input != key(Code::Esc))
                .cloned()
                .chain([char('j')])
                .collect();
            assert_eq!(inputs, expected, "{:?} at {at}", bytes.escape_ascii().to_string());
        }
    }
}

#[test]
fn esc_is_esc_once_nothing_follows() {
    let mut parser = Parser::default();
    assert_eq!((parser.patience(), parser.feed(b"\x1b")), (None, vec![]));
    assert_eq!((parser.patience(), parser.silence()), (Some(ESCAPE), Some(key(Code::Esc))));
    assert_eq!(parser.feed(b"j"), [char('j')], "typed afterwards, it is no Alt-J");
    assert_eq!(parser.patience(), None);
    assert_eq!(read_slowly(&[b"\x1b", b"[", b"A"]), [key(Code::Esc), char('['), char('A')], "typed one by one");
    assert_eq!(read(&[b"\x1b\x1b\x1b[A"]), [key(Code::Esc), key(Code::Esc), key(Code::Up)]);
    // After a while, nothing is the rest of anything.
    parser.feed(b"\x1b[");
    assert_eq!(parser.silence(), Some(alt('[')));
    assert_eq!((parser.patience(), parser.silence(), parser.patience()), (Some(LATE), None, None));
    assert_eq!(parser.feed(b"A"), [char('A')]);
}

#[test]
fn keys_with_alt_that_begin_sequences_are_keys_where_nothing_follows() {
    for c in ['[', 'O', 'P', 'X', ']', '^', '_'] {
        assert_eq!(read_slowly(&[format!("\u{1b}{c}").as_bytes(), b"jj"]), [alt(c), char('j'), char('j')], "{c}");
    }
}

#[test]
fn a_string_that_does_not_end_swallows_neither_for_ever_nor_without_bounds() {
    assert_eq!(read_slowly(&[b"\x1b]11;rgb:", b"jk"]), [char('j'), char('k')]);
    assert_eq!(read(&[b"\x1b]11;rgb:\x1b[A"]), [key(Code::Up)], "a key cuts it off");
    let long = [b"\x1bP".as_slice(), &vec![b'x'; 1024 * 1024], b"\x1b[A"].concat();
    assert_eq!(read(&[&long]).last(), Some(&key(Code::Up)));
    let numbers = [b"\x1b[".as_slice(), &vec![b'1'; 1024], b"q"].concat();
    assert_eq!(read(&[&numbers]).last(), Some(&char('q')));
}

#[test]
fn a_paste_is_kept_within_bounds_and_given_up_late() {
    let long = [b"\x1b[200~".as_slice(), &vec![b'x'; 3 * 1024 * 1024], b"\x1b[201~j"].concat();
    let inputs = read(&[&long]);
    assert!(matches!(&inputs[0], Input::Paste(text) if text.len() == 1024 * 1024), "{}", inputs.len());
    assert_eq!(inputs[1..], [char('j')]);
    let mut parser = Parser::default();
    assert_eq!((parser.feed(b"\x1b[200~half"), parser.patience()), (vec![], Some(WHOLE)));
    assert_eq!(parser.silence(), Some(Input::Paste("half".to_owned())));
    assert_eq!(parser.feed(b"j"), [char('j')]);
}

proptest! {
    #[test]
    fn pieces_make_no_difference(
        picked in prop::collection::vec(any::<prop::sample::Index>(), 1..20),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..30),
    ) {
        let mut all: Vec<(&[u8], Option<Input>)> = known().into_iter().map(|(bytes, input)| (bytes, Some(input))).collect();
        all.extend(SWALLOWED.into_iter().map(|bytes| (bytes, None)));
        let picked: Vec<_> = picked.iter().map(|index| index.get(&all).clone()).collect();
        let bytes: Vec<u8> = picked.iter().flat_map(|(bytes, _)| bytes.iter().copied()).collect();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
        cuts.sort_unstable();
        let ends = cuts.iter().copied().chain([bytes.len()]);
        let pieces: Vec<&[u8]> = std::iter::once(0).chain(cuts.iter().copied()).zip(ends).map(|(from, to)| &bytes[from..to]).collect();
        let expected: Vec<Input> = picked.into_iter().filter_map(|(_, input)| input).collect();
        prop_assert_eq!(read(&pieces), expected);
    }

    #[test]
    fn whatever_comes_the_next_key_is_heard_once_nothing_follows(
        pieces in prop::collection::vec(prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(&b"\x1b[]OP_;0123M~R\\\x07\x9b\x9d\x9c"[..])], 0..40), 0..6),
        waits in prop::collection::vec(any::<bool>(), 6),
    ) {
        let mut parser = Parser::default();
        for (piece, waits) in pieces.iter().zip(waits) {
            parser.feed(piece);
            if waits {
                parser.silence();
            }
        }
        for _ in 0..2 {
            if parser.patience().is_some() {
                parser.silence();
            }
        }
        prop_assert_eq!(parser.patience(), None);
        prop_assert_eq!(parser.feed(b"j"), [char('j')]);
    }

    #[test]
    fn strings_are_no_keys(kind in prop::sample::select(&b"PX]^_"[..]), text in "[ -~]{0,200}", is_bell in any::<bool>()) {
        let end: &[u8] = if is_bell { b"\x07" } else { b"\x1b\\" };
        let bytes = [&[0x1b, kind], text.as_bytes(), end].concat();
        let keys: Vec<Input> = read(&[&bytes, b"j"]).into_iter().filter(|input| !matches!(input, Input::Answer(_))).collect();
        prop_assert_eq!(keys, [char('j')]);
    }
}
