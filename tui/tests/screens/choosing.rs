//! Choosing files, planning their upload, and the queue.

use std::path::PathBuf;

use imgwatch::domain::files::{Entry, EntryKind, FileScan, Limit, Listing, Refused, ScannedFile};
use imgwatch::domain::ids::{RequestId, UploadId};
use imgwatch::domain::preview::Preview;
use imgwatch::domain::problem::{Problem, ProblemKind};
use imgwatch::domain::transfer::{ObjectKey, Transfer, TransferState, Upload, UploadSource};
use imgwatch::model::Model;
use imgwatch::model::chooser::Chooser;
use imgwatch::model::dialog::Dialog;
use imgwatch::model::plan::Plan;
use imgwatch::view;
use tui_input::Input;

use crate::models::{ago, busy};
use crate::mouse::SIZES;
use crate::picture::text;
use crate::previews::previewing;
use crate::shot::screen;

fn entry(name: &str, size: u64, age: i64) -> Entry {
    Entry {
        name: name.trim_end_matches('/').into(),
        path: PathBuf::from("/home/ada/pictures").join(name.trim_end_matches('/')),
        kind: if name.ends_with('/') { EntryKind::Folder } else { EntryKind::File },
        is_link: false,
        size,
        modified: Some(ago(age)),
    }
}

fn entries() -> Vec<Entry> {
    let mut entries = vec![
        entry("cats/", 0, 900_000),
        entry("holidays in a folder with a long name that goes on and on, further than any column/", 0, 90_000_000),
        entry("a picture with a long name that goes on and on, further than any column of a list.png", 12, 60_000),
        entry("cat.png", 131_800, 4_000_000),
        entry("notes.txt", 913, 86_400_000),
        entry("scarf.jpg", 1_100_000, 864_000_000),
    ];
    entries.extend((0..40).map(|number| entry(&format!("screenshot-{number:02}.png"), 40_000 + number, 7_200_000)));
    entries
}

/// The folder of pictures, with this typed and everything found in it.
fn chooser(text: &str) -> Chooser {
    let base = Some(PathBuf::from("/home/ada/pictures"));
    let mut chooser = Chooser { text: Input::new(text.to_owned()), base, ..Chooser::default() };
    let found = entries();
    chooser.found = (0..found.len()).collect();
    let (folder, shown) = ("/home/ada/pictures".into(), "~/pictures/".into());
    chooser.listing =
        Some(Listing { place: chooser.place(), folder, shown, entries: Ok(found), more: false, last: None });
    chooser
}

fn choosing(chooser: Chooser) -> Model {
    let mut model = busy();
    model.dialog = Some(Dialog::Choose(Box::new(chooser)));
    model
}

/// The chooser in each of its states.
fn choosers() -> Vec<(&'static str, Model)> {
    // As it opens: nothing is typed, and the test image is offered.
    let mut fresh = Chooser { base: None, ..chooser("") };
    let place = fresh.place();
    fresh.listing = fresh.listing.map(|listing| Listing { place, ..listing });
    let mut marked = chooser("");
    marked.marked = [&entries()[0], &entries()[3]].map(|entry| entry.path.clone()).into();
    marked.selection.cursor = 30;
    let problem = Problem::new(ProblemKind::File, "cannot read the folder /root", "permission denied")
        .with_hint("choose another folder");
    let mut denied = chooser("");
    denied.listing = denied.listing.map(|listing| Listing { entries: Err(problem), ..listing });
    denied.found.clear();
    let mut nothing = chooser("zebra");
    nothing.found.clear();
    nothing.error = Some("no match for \"zebra\" in ~/pictures/".into());
    let mut pipe = chooser("scarf");
    if let Some(Ok(entries)) = pipe.listing.as_mut().map(|listing| &mut listing.entries) {
        entries[5].kind = EntryKind::Other;
    }
    pipe.found = vec![5];
    vec![
        ("pipe", choosing(pipe)),
        ("fresh", choosing(fresh)),
        ("marked", choosing(marked)),
        ("reading", choosing(Chooser { base: Some("/elsewhere".into()), ..chooser("") })),
        ("denied", choosing(denied)),
        ("nothing", choosing(nothing)),
    ]
}

/// The chooser with this typed, and these entries found.
pub(crate) fn on(text: &str, found: &[usize]) -> Model {
    let mut chooser = chooser(text);
    chooser.found = found.to_vec();
    choosing(chooser)
}

/// A folder with more in it than there is room for.
pub(crate) fn folder() -> Preview {
    let folders = ["small/", "a folder with a long name that goes on and on, further than any column/"];
    let files = (0..60).map(|number| format!("cat-{number:02}.png"));
    let names = folders.map(str::to_owned).into_iter().chain(files);
    Preview::Folder {
        names: names.map(|name| name.as_str().into()).collect(),
        folders: 2,
        files: 60,
        bytes: 7_908_000,
        hidden: 2,
        others: 0,
        more: false,
    }
}

#[test]
fn what_is_in_a_folder_is_said_in_words() {
    let cases = [
        ((1, 2, 0, 0, false), "│ 1 folder, and 2 files of 744 B "),
        ((0, 2, 5, 5, false), "│ 2 files of 744 B "),
        ((0, 1, 0, 0, true), "│ at least 1 file of 744 B "),
        ((2, 0, 5, 0, false), "│ 2 folders "),
        ((0, 0, 0, 0, false), "│ empty folder "),
        ((0, 0, 1, 2, false), "│ no files or folders except 1 hidden "),
        ((0, 0, 3, 0, false), "│ no files or folders except 3 hidden "),
        ((0, 0, 0, 2, false), "│ no files or folders "),
    ];
    for ((folders, files, hidden, others, more), said) in cases {
        let seen = Preview::Folder { names: Vec::new(), folders, files, bytes: 744, hidden, others, more };
        let shot = previewing(on("ca", &[0]), seen, (120, 40));
        assert!(shot.contains(said), "{said}:\n{shot}");
    }
}

fn plan(files: Vec<ScannedFile>, key: &str) -> Plan {
    let sources = vec!["/home/ada/pictures/cats".into()];
    Plan { scan: Some(FileScan { files, ..FileScan::default() }), ..Plan::new(sources, RequestId(1), key) }
}

fn found(name: &str, size: u64) -> ScannedFile {
    let path = PathBuf::from("/home/ada/pictures").join(name);
    ScannedFile { path, name: name.into(), size, content_type: "image/png".into() }
}

fn planned(plan: Plan) -> Model {
    let mut model = busy();
    model.dialog = Some(Dialog::Plan(Box::new(plan)));
    model
}

/// The plan in each of its states.
fn plans() -> Vec<(&'static str, Model)> {
    let cats = || (0..12).map(|number| found(&format!("cats/cat-{number:02}.png"), 131_800 + number)).collect();
    let mut clashing = plan(cats(), "photos/");
    clashing.clashes = vec![0, 3, 4, 5];
    let mut single = plan(vec![found("cat.png", 131_800)], "photos/cat.png");
    single.sources = vec!["/home/ada/pictures/cat.png".into()];
    let mut troubled = plan(cats(), "");
    troubled.unfit = [(3, "another file has the same key cats/cat-03.png".into())].into();
    let locked =
        Problem::new(ProblemKind::File, "cannot upload /home/ada/pictures/cats/locked.png", "permission denied");
    let path = PathBuf::from("/home/ada/pictures/cats/locked.png");
    let refused = vec![Refused { path, name: Some("cats/locked.png".into()), problem: locked }; 7];
    troubled.scan = troubled.scan.map(|scan| FileScan { skipped: 3, limit: Some(Limit::Files), refused, ..scan });
    let mut deep = troubled.clone();
    deep.scan = deep.scan.map(|scan| FileScan { limit: Some(Limit::Entries), ..scan });
    vec![
        ("looking", planned(Plan { scan: None, ..plan(Vec::new(), "") })),
        ("folder", planned(plan(cats(), "photos/2026/"))),
        ("clashes", planned(clashing.clone())),
        ("overwrites", planned(Plan { replace: true, ..clashing })),
        ("single", planned(single.clone())),
        ("exists", planned(Plan { clashes: vec![0], ..single })),
        ("test-image", planned(Plan { sources: Vec::new(), ..plan(Vec::new(), "photos/") })),
        ("troubled", planned(troubled.clone())),
        ("deep", planned(deep)),
        (
            "full",
            planned(Plan { fault: Some("9,000 uploads are waiting, and the queue takes 10,000".into()), ..troubled }),
        ),
    ]
}

#[test]
fn every_file_of_a_plan_can_be_scrolled_to_while_the_field_stays() {
    let files: Vec<ScannedFile> = (1..=10_000).map(|number| found(&format!("cat-{number:05}.png"), 1)).collect();
    let mut plan = plan(files, "photos/");
    plan.clashes = vec![0, 9_999];
    let mut model = planned(plan);
    for (width, height) in SIZES {
        model.scroll = None;
        let first = text(&screen(&model, (width, height))).join("\n");
        assert!(first.contains("photos/cat-00001.png") && first.contains("(exists)"), "{first}");
        let viewports = view::viewports(&model, width, height);
        assert!(viewports.dialog < usize::from(height) && viewports.dialog_len == 10_000, "{viewports:?}");
        model.scroll = Some(usize::MAX);
        let last = text(&screen(&model, (width, height))).join("\n");
        for words in
            ["> photos/ ", "Enter uploads 9,998 files", "[skip them]", "photos/cat-10000.png", "-10,000 of 10,000"]
        {
            assert!(last.contains(words), "{words}: {last}");
        }
    }
}

/// Every state of the two dialogs.
pub(crate) fn dialogs() -> Vec<(&'static str, Model)> {
    choosers().into_iter().chain(plans()).collect()
}

/// A queue under way, and what it left out.
pub(crate) fn queues() -> Vec<(&'static str, Model)> {
    let mut model = busy();
    let transfer = |number: u64, state| Transfer {
        id: UploadId(100 + number),
        upload: Upload {
            source: UploadSource::File("/home/ada/pictures/cat.png".into()),
            key: ObjectKey::Named("cat.png".into()),
            replace: false,
        },
        key: format!("cats/cat-{number:02}.png").into(),
        size: Some(2_000_000),
        sent: if state == TransferState::Sending { 500_000 } else { 0 },
        began: ago(4_000),
        moved: ago(100),
        state,
    };
    model.uploads.transfers = (0..30)
        .map(|number| match number {
            0..10 => transfer(number, TransferState::Stored),
            10 | 11 => transfer(number, TransferState::Exists),
            12..15 => transfer(number, TransferState::Sending),
            15 => Transfer { moved: ago(12_000), ..transfer(number, TransferState::Sending) },
            16 => transfer(
                number,
                TransferState::Held(
                    Problem::new(
                        ProblemKind::Unreachable,
                        "cannot upload cats/cat-16.png to bucket images",
                        "connection refused",
                    )
                    .with_hint("check the network"),
                ),
            ),
            _ => transfer(number, TransferState::Queued),
        })
        .collect::<Vec<_>>()
        .into();
    model.waits_for = Some("s3.eu-west-1.amazonaws.com".into());
    model.uploads.selection.cursor = 0;
    let mut left = busy();
    let unknown = Problem::new(
        ProblemKind::Other,
        "it is not known whether cat.png was stored in bucket images",
        "cancelled before S3 answered; it may come",
    );
    let unknown = TransferState::OutcomeUnknown(unknown.with_hint("look for the object, or send it again"));
    let over = [TransferState::Exists, TransferState::Exists, unknown, TransferState::Cancelled];
    left.uploads.transfers = (10..).zip(over).map(|(number, state)| transfer(number, state)).collect::<Vec<_>>().into();
    left.uploads.selection.cursor = 0;
    vec![("queue", model), ("over", left)]
}

#[test]
fn every_row_of_the_list_is_found_under_the_mouse() {
    for (width, height) in SIZES {
        let mut chooser = chooser("");
        chooser.selection.cursor = 30;
        let model = choosing(chooser);
        let rows: Vec<usize> =
            (0..height).filter_map(|y| view::picked(&model, (width, height), (width / 4, y))).collect();
        assert!(rows.len() > 5 && rows.windows(2).all(|pair| pair[0] + 1 == pair[1]), "{rows:?}");
        assert!(rows.contains(&30), "the cursor is in view: {rows:?}");
    }
}

pub(crate) fn hostile(text: Input) -> Chooser {
    let name = text.value().to_owned();
    let mut chooser = chooser("");
    let entries = (0..9).map(|_| Entry { name: name.as_str().into(), ..entry("x", 1, 1) }).collect();
    chooser.listing =
        chooser.listing.map(|listing| Listing { shown: name.as_str().into(), entries: Ok(entries), ..listing });
    chooser.found = (0..9).collect();
    chooser.error = Some(name.as_str().into());
    chooser.text = text;
    chooser
}

pub(crate) fn hostile_plan(text: &Input) -> Plan {
    let mut plan = plan((0..9).map(|_| found(text.value(), u64::MAX / 16)).collect(), text.value());
    plan.clashes = (0..9).collect();
    plan
}
