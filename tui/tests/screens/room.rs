//! Room: no text is cut beside blanks that it could have, and the advice in a message to the user is never cut.

use imgwatch::domain::evidence::Fact;
use imgwatch::domain::inbox::InboxMessage;
use imgwatch::domain::log::Tail;
use imgwatch::domain::problem::Problem;
use imgwatch::keymap::action::Panel;
use imgwatch::model::load::Load;
use imgwatch::model::{Model, NoticeLevel};
use imgwatch::msg::Update;
use imgwatch::text::key::{Code, Key};
use imgwatch::text::size;
use imgwatch::update::{Msg, settle, update};
use imgwatch::view;

use crate::models::{ago, busy, quiet, source, stored, write};
use crate::picture::text;
use crate::shot::{Size, panel, screen};
use crate::support::{problem, published};

/// The sizes at which panels were found to waste columns, and their neighbours.
const SIZES: [Size; 5] = [(80, 24), (40, 30), (60, 15), (100, 32), (30, 12)];

/// The rows of a panel alone, without its border.
fn rows(model: &Model, of: Panel, width: u16) -> Vec<String> {
    let all = text(&panel(model, of, (width, 14)));
    all.into_iter()
        .filter_map(|row| Some(row.strip_prefix(['│', '┃'])?.trim_end_matches(['│', '┃']).to_owned()))
        .collect()
}

#[test]
fn a_key_that_is_cut_takes_all_columns_up_to_its_size() {
    let model = busy();
    let mut cut = 0;
    for width in [26, 28, 32, 34, 40, 46, 60] {
        let shown = rows(&model, Panel::Objects, width);
        for object in (0..6).filter_map(|index| model.objects.row(index)) {
            let end: String = object.key.shown().chars().skip(object.key.shown().chars().count() - 5).collect();
            let wanted = format!("{end} {}", size::bytes(object.size));
            for row in shown.iter().filter(|row| row.contains('…') && row.contains(&end)) {
                // Half of a wide character cannot be shown.
                let row = if object.key.shown().is_ascii() { row.clone() } else { row.replace("  ", " ") };
                assert!(row.contains(&wanted), "{wanted:?} at {width}: {row:?}");
                cut += 1;
            }
        }
    }
    assert!(cut > 10, "there are keys that are cut");
}

#[test]
fn a_key_that_is_cut_takes_the_place_of_its_date() {
    let widths = [
        (74, "…ally long name of a holiday picture, retouched twice.jpeg 7 MiB   1h"),
        (80, "…2/a really long name of a holiday picture, retouched twice.jpeg 7 MiB   1h"),
        (92, "photos/2026/02/a really long name of a holiday picture, retouched twice.jpeg 7 MiB   1h"),
        (
            120,
            "photos/2026/02/a really long name of a holiday picture, retouched twice.jpeg          7 MiB  2026-03-04 14:04Z   1h",
        ),
    ];
    for (width, wanted) in widths {
        let shown = rows(&busy(), Panel::Objects, width).join("\n");
        assert!(shown.contains(wanted), "{width}:\n{shown}");
        assert!(shown.contains("1.1 MiB  2026-03-04 15:03Z  <1m"), "other rows keep their dates:\n{shown}");
    }
    let screen = text(&screen(&busy(), (200, 60))).join("\n");
    assert!(screen.contains(widths[1].1), "{screen}");
}

/// Of an email, what it is about or what to do with it is in view at every width, and the rest has what that leaves.
#[test]
fn an_inbox_shows_the_object_or_the_key_that_confirms() {
    for width in [22, 26, 30, 32, 36, 43, 46, 50, 58, 60, 80, 120] {
        let shown = rows(&busy(), Panel::Inbox, width);
        let [mail, asking, sms] = shown.get(..3).unwrap() else { unreachable!() };
        assert!(asking.contains("confirm"), "{width}: {asking}");
        for row in [mail, sms] {
            assert!(row.trim_end().ends_with("cat.png"), "{width}: {row}");
        }
        if width >= 32 {
            assert!(asking.contains("grace"), "{width}: {asking}");
        }
    }
    // What a short text leaves is the address's.
    let mut short = busy();
    let (to, subject) = ("ada@example.com".into(), Some("cat.png".into()));
    short.inbox.receive(vec![InboxMessage { number: 3, to, subject, ..short.inbox.messages[0].clone() }]);
    let shown = rows(&short, Panel::Inbox, 32);
    assert!(shown.iter().any(|row| row.contains("cat.png  ada@example.…")), "{shown:#?}");
    let screen = text(&screen(&busy(), (80, 24))).join("\n");
    for row in ["│   <1m  New ima…026/03/cat.png│", "│    1m  c confirms  grace.hop…│"] {
        assert!(screen.contains(row), "{screen}");
    }
}

/// Where a row has a text that is cut, what is beside it takes no more columns than its own text.
#[test]
fn no_row_of_a_narrow_list_has_blanks_beside_a_text_that_is_cut() {
    for (of, widths) in
        [(Panel::Uploads, [46, 50, 58]), (Panel::Inbox, [36, 44, 58]), (Panel::Subscriptions, [38, 40, 44])]
    {
        for width in widths {
            let shown = rows(&busy(), of, width);
            let cut: Vec<&String> =
                shown.iter().filter(|row| row.contains('…') && !row.contains("… waiting")).collect();
            assert!(!cut.is_empty(), "{of:?} at {width}: nothing is cut here\n{}", shown.join("\n"));
            for row in cut {
                let inside = row.get(row.find(|c: char| c.is_alphanumeric()).unwrap()..).unwrap();
                // A cut endpoint, and words at the right that stand below each other.
                let most = if of == Panel::Subscriptions { 4 } else { 2 };
                // The words that all rows begin with have a column of their own.
                let inside = if of == Panel::Uploads { inside.get(9..).unwrap_or(inside).trim_start() } else { inside };
                assert!(!inside.trim_end().contains(&" ".repeat(most + 1)), "{of:?} at {width}: {row:?}");
            }
        }
    }
}

/// Whether the words stand on the screen one after the other, with whatever is between them.
fn has_words(shown: &str, words: &str) -> bool {
    let mut rest = shown;
    words.split_whitespace().all(|word| match rest.find(word) {
        Some(at) => {
            rest = &rest[at + word.len()..];
            true
        }
        None => false,
    })
}

#[test]
fn an_error_in_the_footer_is_shown_to_its_end() {
    let texts = [
        "cannot unsubscribe: AuthorizationError; allow sns:Unsubscribe",
        "cannot list bucket images: connection to s3.eu-wset-1.amazonaws.com: dns error; is eu-wset-1 a region?",
        "cannot read clipboard: none",
    ];
    for (width, height) in SIZES {
        for text_of in texts {
            for level in [NoticeLevel::Error, NoticeLevel::Hint] {
                let mut model = busy();
                model.say(level, text_of);
                let rows = text(&screen(&model, (width, height)));
                let bottom = rows[rows.len() - 5..].join(" ");
                assert!(has_words(&bottom, text_of), "{width}x{height}:\n{}", rows.join("\n"));
            }
        }
    }
}

#[test]
fn a_very_long_error_says_how_to_read_the_rest() {
    let mut model = busy();
    model.say(NoticeLevel::Error, "what failed and why ".repeat(60));
    let rows = text(&screen(&model, (80, 24)));
    assert!(rows.last().unwrap().contains("… ! shows all"), "{}", rows.join("\n"));
    assert!(rows[2].contains("1 Uploads"), "it leaves the rest of the screen");
}

/// Makes a panel fail.
type Fail = fn(&mut Model, Problem);

/// The advice of a panel's error is whole wherever there are rows for it, also where why it failed is not.
#[test]
fn of_a_panels_error_the_advice_is_whole() {
    let failures: [(&str, Fail); 2] = [
        ("objects", |model, problem| model.objects.load = Load::Failed(problem)),
        ("subscriptions", |model, problem| model.subscriptions.load = Load::Failed(problem)),
    ];
    let why = "AccessDenied: User arn:aws:iam::123456789012:user/ada is not authorized to perform this ".repeat(3);
    for hint in ["allow s3:ListBucket", "check the proxy that HTTPS_PROXY names", "sign in again with `aws sso login`"]
    {
        for (name, fail) in failures {
            for (width, height) in [(80, 24), (100, 32), (120, 40)] {
                for make in [busy, quiet] {
                    let mut model = make();
                    fail(&mut model, problem("cannot list what there is to list", &why, hint));
                    let place = view::viewports(&model, width, height);
                    // A body of one row has none for the second row of an advice.
                    if place.panels[Panel::Subscriptions as usize] < 1 {
                        continue;
                    }
                    let shown = text(&screen(&model, (width, height))).join("\n");
                    assert!(has_words(&shown, &format!("→ {hint}")), "{name} at {width}x{height}:\n{shown}");
                }
            }
        }
    }
}

/// The longest permissions that a listing may lack are readable where a panel is narrow and low.
#[test]
fn a_denied_listing_names_the_permission() {
    let why = "is not allowed: User: arn:aws:iam::123456789012:user/ada is not authorized to perform this ".repeat(2);
    let cases: [(&str, Fail); 4] = [
        ("s3:ListBucket", |model, problem| model.objects.load = Load::Failed(problem)),
        ("sns:ListSubscriptionsByTopic", |model, problem| model.subscriptions.load = Load::Failed(problem)),
        ("lambda:GetFunctionConfiguration", |model, problem| model.logs.tail = Tail::Failed(problem)),
        ("logs:FilterLogEvents", |model, problem| model.logs.tail = Tail::Failed(problem)),
    ];
    for (permission, fail) in cases {
        for size in [(80, 24), (80, 60), (100, 32), (120, 40)] {
            for make in [busy, quiet] {
                let mut model = make();
                let hint = format!("ask for {permission}, or choose another --profile");
                fail(
                    &mut model,
                    problem("cannot list what there is to list", &format!("{permission} {why}"), "").with_hint(hint),
                );
                let shown = text(&screen(&model, size)).join("\n");
                assert!(shown.contains(permission), "{permission} at {size:?}:\n{shown}");
            }
        }
    }
}

/// Twelve files of which nine are published, two are waiting and one is late.
fn batch() -> Model {
    let mut model = quiet();
    model.logs.tail = Tail::Live;
    for _ in 0..12 {
        update(&mut model, Msg::Key(Key::char('u')));
        update(&mut model, Msg::Key(Key::plain(Code::Enter)));
    }
    let ids: Vec<u64> = model.uploads.transfers.iter().map(|transfer| transfer.id.0).collect();
    assert_eq!(ids.len(), 12, "each is one upload of the test image");
    let facts = |(index, id): (usize, u64)| -> Vec<Fact> {
        let (id_text, write) = (id.to_string(), write(&format!("{id}.png"), &id.to_string()));
        match index {
            0 => vec![stored(id, 95_000, 40, &write, 913)],
            1 | 2 => vec![stored(id, 5_000, 40, &write, 913)],
            _ => vec![
                stored(id, 5_000, 40, &write, 913),
                published(source(ago(4_000), &id_text), write, &format!("message-{id}")),
            ],
        }
    };
    let facts = ids.into_iter().enumerate().flat_map(facts).collect();
    update(&mut model, Msg::Update(Update::Facts(facts)));
    settle(&mut model);
    model
}

#[test]
fn a_title_counts_a_batch_and_what_needs_attention_first() {
    let sizes: [(Size, &str); 4] = [
        ((80, 24), " 12 files: 1 late · 2 waiting ┓"),
        ((60, 15), " 12 files: 1 late ┓"),
        ((40, 15), " 12 files: 1 late ┓"),
        ((120, 40), " 12 files: 1 late · 2 waiting · 9 published · 12 ┓"),
    ];
    for (size, title) in sizes {
        let rows = text(&screen(&batch(), size));
        assert!(
            rows.iter().any(|row| row.contains("1 Uploads") && row.contains(title)),
            "{size:?}:\n{}",
            rows.join("\n")
        );
    }
}

#[test]
fn keys_in_a_wide_list_of_uploads_take_the_columns_that_no_note_needs() {
    let long = "pictures/2026/03/04/summer-holiday-in-the-mountains-0001-retouched.png";
    let mut model = quiet();
    let facts = [(1, long), (2, "cat.png")].into_iter().flat_map(|(id, key)| {
        let write = write(key, &id.to_string());
        let told = published(source(ago(4_000), &id.to_string()), write.clone(), "message");
        [stored(id, 5_000, 40, &write, 913), told]
    });
    update(&mut model, Msg::Update(Update::Facts(facts.collect())));
    settle(&mut model);
    for width in [124, 160, 200] {
        let shown = rows(&model, Panel::Uploads, width);
        let at = |part: &str| {
            let row =
                shown.iter().find(|row| row.contains(part)).unwrap_or_else(|| panic!("{part}:\n{}", shown.join("\n")));
            row.chars().take_while(|c| *c != '●').count()
        };
        assert_eq!(at(long), at("cat.png"), "stages stand below each other at {width}");
        assert!(shown.iter().all(|row| !row.contains("subscribers…")), "no note is cut for it");
    }
}
