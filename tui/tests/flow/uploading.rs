//! What keys do from `u` to the queue: choosing files, planning their upload, stopping it and going on with it.

use std::path::PathBuf;

use imgwatch::domain::evidence::{Fact, Write};
use imgwatch::domain::files::{Entry, EntryKind, FileScan, FolderRequest, Listing, Refused, ScannedFile};
use imgwatch::domain::ids::UploadId;
use imgwatch::domain::transfer::{ObjectKey, TransferState, Upload, UploadNews, UploadSource};
use imgwatch::effect::{CloudEffect, Effect};
use imgwatch::keymap::action::Panel;
use imgwatch::model::dialog::{ConfirmAction, Dialog};
use imgwatch::model::uploads::UploadRow;
use imgwatch::model::{Connection, Consent, Model};
use imgwatch::msg::Update;
use imgwatch::update::{Msg, settle, update};

use super::{at, list, model, object, press, problem, send};

/// The folder that the chooser asks for.
fn asked(effects: &[Effect]) -> FolderRequest {
    let place = effects.iter().find_map(|effect| match effect {
        Effect::Cloud(CloudEffect::ListFolder { place, .. }) => Some(place.clone()),
        _ => None,
    });
    place.unwrap_or_else(|| panic!("{effects:?}"))
}

/// Answers the chooser's question with these names; those that end in `/` are folders, those in `|` are pipes, and those
/// with an `@` are links.
fn answer(model: &mut Model, folder: &str, names: &[&str]) -> Vec<Effect> {
    let Some(Dialog::Choose(chooser)) = &model.dialog else { panic!("{:?}", model.dialog) };
    let (request, place) = chooser.asked.clone().unwrap();
    let entries = names
        .iter()
        .map(|name| Entry {
            name: name.trim_end_matches(['/', '|', '@']).into(),
            path: PathBuf::from(folder).join(name.trim_end_matches(['/', '|', '@'])),
            kind: match name.chars().last() {
                Some('/') => EntryKind::Folder,
                Some('|') => EntryKind::Other,
                _ => EntryKind::File,
            },
            is_link: name.contains('@'),
            size: 3,
            modified: None,
        })
        .collect();
    let listing =
        Listing { place, folder: folder.into(), shown: folder.into(), entries: Ok(entries), more: false, last: None };
    send(model, Update::FolderListed { request, listing })
}

/// Answers the plan's question: these files, each with its name below what was chosen.
fn scan(model: &mut Model, files: &[(&str, &str)]) -> Vec<Effect> {
    let Some(Dialog::Plan(plan)) = &model.dialog else { panic!("{:?}", model.dialog) };
    let request = plan.asked;
    let files = files
        .iter()
        .map(|(path, name)| ScannedFile {
            path: path.into(),
            name: (*name).into(),
            size: 3,
            content_type: "image/png".into(),
        })
        .collect();
    send(model, Update::FilesFound { request, scan: FileScan { files, ..FileScan::default() } })
}

/// The uploads that were asked for: path, key, and whether the object may be overwritten.
fn uploads(effects: &[Effect]) -> Vec<(String, String, bool)> {
    let upload = |effect: &Effect| match effect {
        Effect::Cloud(CloudEffect::Upload {
            upload: Upload { source: UploadSource::File(path), key: ObjectKey::Named(key), replace },
            ..
        }) => Some((path.to_str().unwrap().to_owned(), key.clone(), *replace)),
        _ => None,
    };
    effects.iter().filter_map(upload).collect()
}

fn upload(path: &str, key: &str, replace: bool) -> (String, String, bool) {
    (path.to_owned(), key.to_owned(), replace)
}

#[test]
fn a_typed_path_leads_to_its_file_however_early_enter_is_pressed() {
    let (mut model, _) = model();
    assert_eq!(asked(&press(&mut model, "u")), FolderRequest::default());
    let effects = press(&mut model, "'/tmp/ph' enter");
    assert_eq!(asked(&effects).typed, "/tmp/");
    let effects = answer(&mut model, "/tmp", &["photos/", "photo.png", "other.png", "ph"]);
    assert!(effects.contains(&Effect::Cloud(CloudEffect::RememberFolder("/tmp".into()))), "{effects:?}");
    scan(&mut model, &[("/tmp/ph", "ph")]);
    assert_eq!(uploads(&press(&mut model, "enter")), [upload("/tmp/ph", "ph", false)]);
    assert!(model.dialog.is_none() && model.focus == Panel::Uploads);
}

/// Answers the plan's question: these files, and these that cannot be uploaded; one without a name has none that is UTF-8.
fn scan_with_refused(model: &mut Model, files: &[(&str, &str)], refused: &[(&str, Option<&str>)]) -> Vec<Effect> {
    let effects = scan(model, files);
    let Some(Dialog::Plan(plan)) = &mut model.dialog else { panic!("{:?}", model.dialog) };
    let refused = refused.iter().map(|(path, name)| Refused {
        path: path.into(),
        name: name.map(Into::into),
        problem: problem(),
    });
    plan.scan.as_mut().unwrap().refused = refused.collect();
    effects
}

#[test]
fn what_cannot_be_uploaded_stays_among_the_uploads_with_its_reason_and_can_be_sent_again() {
    let (mut model, _) = model();
    press(&mut model, "u '/tmp/ca'");
    answer(&mut model, "/tmp", &["cats/"]);
    press(&mut model, "ctrl-a enter");
    let refused = [("/tmp/cats/link.png", Some("cats/link.png")), ("/tmp/cats/b?d.png", None)];
    scan_with_refused(&mut model, &[("/tmp/cats/a.png", "cats/a.png")], &refused);
    let sent = uploads(&press(&mut model, "'p/' enter"));
    assert_eq!(sent, [upload("/tmp/cats/a.png", "p/cats/a.png", false)]);
    let stands = |key: &str| model.uploads.transfers.iter().find(|one| one.key.raw() == key).map(|one| &one.state);
    assert_eq!(stands("p/cats/a.png"), Some(&TransferState::Queued));
    for key in ["p/cats/link.png", "/tmp/cats/b?d.png"] {
        assert_eq!(stands(key), Some(&TransferState::Failed(problem())), "{key}");
    }
    let notice = model.notice.as_ref().map(|notice| notice.text.shown()).unwrap_or_default();
    assert!(notice.contains("2 files were not uploaded"), "{notice}");
    let again = press(&mut model, "ctrl-r");
    assert_eq!(uploads(&again), [upload("/tmp/cats/link.png", "p/cats/link.png", false)]);
    let is_nameless = |effect: &Effect| matches!(effect, Effect::Cloud(CloudEffect::Upload { upload, .. }) if upload.source == UploadSource::Nameless("/tmp/cats/b?d.png".into()));
    assert!(again.iter().any(is_nameless), "it has no key, and fails again: {again:?}");
}

#[test]
fn enter_does_not_go_on_with_what_is_neither_a_file_nor_a_folder() {
    let (mut model, _) = model();
    press(&mut model, "u '/tmp/pi'");
    answer(&mut model, "/tmp", &["pipe|"]);
    press(&mut model, "enter");
    assert!(matches!(model.dialog, Some(Dialog::Choose(_))), "{:?}", model.dialog);
}

#[test]
fn folders_are_entered_and_left_and_marks_stay() {
    let (mut model, _) = model();
    press(&mut model, "u '/tmp/'");
    answer(&mut model, "/tmp", &["cats/", "a.png"]);
    press(&mut model, "down space backspace");
    let effects = answer(&mut model, "/", &["tmp/"]);
    // Its preview is another thing than its listing.
    assert!(
        matches!(&effects[..], [Effect::Cloud(CloudEffect::Preview { .. })]),
        "what is there is not read again: {effects:?}"
    );
    // With something marked, Enter would go on with that.
    press(&mut model, "tab");
    answer(&mut model, "/tmp", &["cats/", "a.png"]);
    assert_eq!(asked(&press(&mut model, "tab")).base, Some("/tmp/cats".into()));
    answer(&mut model, "/tmp/cats", &["b.png", "c.png"]);
    let effects = press(&mut model, "ctrl-a enter");
    let sources = ["/tmp/a.png", "/tmp/cats/b.png", "/tmp/cats/c.png"].map(PathBuf::from).to_vec();
    assert!(
        matches!(&effects[..], [Effect::Cloud(CloudEffect::ScanFiles { sources: asked, .. }), ..] if *asked == sources),
        "{effects:?}"
    );
    // Going back finds everything as it was.
    press(&mut model, "esc");
    let Some(Dialog::Choose(chooser)) = &model.dialog else { panic!("{:?}", model.dialog) };
    assert_eq!(chooser.marked.len(), 3);
    press(&mut model, "ctrl-a");
    let Some(Dialog::Choose(chooser)) = &model.dialog else { panic!("{:?}", model.dialog) };
    assert_eq!(chooser.marked.len(), 1, "pressed again it takes back what it marked");
}

#[test]
fn marking_everything_leaves_out_links_to_folders_as_an_upload_of_the_folder_does() {
    let (mut model, _) = model();
    press(&mut model, "u '/tmp/'");
    answer(&mut model, "/tmp", &["loop@/", "cats/", "a.png", "b.png@"]);
    let effects = press(&mut model, "ctrl-a enter");
    let [Effect::Cloud(CloudEffect::ScanFiles { sources, .. }), ..] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(*sources, ["/tmp/a.png", "/tmp/b.png", "/tmp/cats"].map(PathBuf::from));
    // A link that is marked by itself is meant.
    press(&mut model, "esc");
    press(&mut model, "ctrl-a space");
    let effects = press(&mut model, "enter");
    let [Effect::Cloud(CloudEffect::ScanFiles { sources, .. }), ..] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(*sources, [PathBuf::from("/tmp/loop")]);
}

#[test]
fn a_late_answer_about_another_folder_changes_nothing() {
    let (mut model, _) = model();
    press(&mut model, "u '/a/'");
    let Some(Dialog::Choose(chooser)) = &model.dialog else { panic!("{:?}", model.dialog) };
    let (request, place) = chooser.asked.clone().unwrap();
    press(&mut model, "'b/'");
    let listing =
        Listing { place, folder: "/a".into(), shown: "/a/".into(), entries: Ok(Vec::new()), more: false, last: None };
    send(&mut model, Update::FolderListed { request, listing });
    let Some(Dialog::Choose(chooser)) = &model.dialog else { panic!("{:?}", model.dialog) };
    assert!(chooser.text.value() == "/a/b/" && chooser.current().is_none());
}

#[test]
fn what_is_in_the_bucket_is_left_out_unless_overwriting_is_chosen() {
    let (mut model, _) = model();
    list(&mut model, vec![object("p/a.png", 1, 0)], true);
    let files = [("/x/a.png", "a.png"), ("/x/b.png", "b.png")];
    let plan = |model: &mut Model| {
        update(model, Msg::Paste("/x/a.png /x/b.png".to_owned()));
        scan(model, &files);
    };
    plan(&mut model);
    let effects = press(&mut model, "'p/' enter");
    assert_eq!(uploads(&effects), [upload("/x/b.png", "p/b.png", false)]);
    model.uploads.transfers.clear();
    plan(&mut model);
    // The prefix of the last time is offered again.
    let effects = press(&mut model, "tab enter");
    assert_eq!(uploads(&effects), [upload("/x/a.png", "p/a.png", true), upload("/x/b.png", "p/b.png", false)]);
}

#[test]
fn a_single_file_that_exists_is_not_sent_by_enter_alone() {
    let (mut model, _) = model();
    update(&mut model, Msg::Paste("'/x/with space.png'\n".to_owned()));
    scan(&mut model, &[("/x/with space.png", "with space.png")]);
    // The bucket's listing comes after the plan was opened.
    list(&mut model, vec![object("with space.png", 1, 0)], true);
    assert_eq!(uploads(&press(&mut model, "enter")), []);
    assert!(matches!(model.dialog, Some(Dialog::Plan(_))));
    assert_eq!(uploads(&press(&mut model, "'2' enter")), [upload("/x/with space.png", "with space.png2", false)]);
}

#[test]
fn what_turns_out_to_exist_is_overwritten_only_after_a_question() {
    let (mut model, _) = model();
    update(&mut model, Msg::Paste("/x/a.png".to_owned()));
    scan(&mut model, &[("/x/a.png", "a.png")]);
    press(&mut model, "enter");
    let id = model.uploads.transfers[0].id;
    send(&mut model, Update::Upload(id, UploadNews::Exists));
    assert_eq!(uploads(&press(&mut model, "ctrl-r")), [], "not among those that failed");
    assert_eq!(uploads(&press(&mut model, "R")), []);
    let Some(Dialog::Question(question)) = &model.dialog else { panic!("{:?}", model.dialog) };
    assert!(question.action == ConfirmAction::Overwrite(id) && question.text.shown().contains("a.png"));
    assert_eq!(uploads(&press(&mut model, "n R y")), [upload("/x/a.png", "a.png", true)]);
}

/// Three uploads in the queue, of which the first is being sent.
fn queue() -> (Model, Vec<UploadId>) {
    let (mut model, _) = model();
    update(&mut model, Msg::Paste("/x".to_owned()));
    scan(&mut model, &[("/x/a", "x/a"), ("/x/b", "x/b"), ("/x/c", "x/c")]);
    press(&mut model, "enter");
    let ids: Vec<UploadId> = model.uploads.transfers.iter().map(|transfer| transfer.id).collect();
    send(&mut model, Update::Upload(ids[0], UploadNews::Began { key: "x/a".into(), size: 3 }));
    (model, ids)
}

fn stored(model: &mut Model, id: UploadId, key: &str) {
    let write = Write {
        bucket: "images".into(),
        key: key.into(),
        e_tag: None,
        version_id: None,
        sequencer: None,
        s3_request_id: Some(format!("S3-{}", id.0).into()),
    };
    send(
        model,
        Update::Facts(vec![Fact::Stored { upload: id, began: at(0), at: at(1), not_before: at(0), write, size: 3 }]),
    );
}

fn keys(model: &Model) -> Vec<&str> {
    model.uploads.rows().map(|row| row.key().raw()).collect()
}

#[test]
fn the_queue_is_stopped_as_a_whole_and_goes_on_where_it_was() {
    let (mut model, ids) = queue();
    assert_eq!(keys(&model), ["x/a", "x/b", "x/c"]);
    stored(&mut model, ids[0], "x/a");
    assert_eq!(keys(&model), ["x/b", "x/c", "x/a"], "what is stored makes room at the top");
    assert_eq!(press(&mut model, "X"), [], "stopping many is asked");
    let effects = press(&mut model, "y");
    assert_eq!(
        effects[..2],
        [Effect::Cloud(CloudEffect::CancelUpload(ids[1])), Effect::Cloud(CloudEffect::CancelUpload(ids[2]))]
    );
    for id in &ids[1..] {
        send(&mut model, Update::Upload(*id, UploadNews::Cancelled));
    }
    let again = uploads(&press(&mut model, "ctrl-r"));
    assert_eq!(again, [upload("/x/b", "x/b", false), upload("/x/c", "x/c", false)]);
    stored(&mut model, ids[1], "x/b");
    stored(&mut model, ids[2], "x/c");
    assert!(model.uploads.transfers.is_empty(), "the queue is through");
    assert_eq!(model.uploads.timelines.all().len(), 3);
}

#[test]
fn one_upload_is_sent_again_after_it_failed() {
    let (mut model, ids) = queue();
    send(&mut model, Update::Upload(ids[0], UploadNews::Failed(problem())));
    // It is over, and below what is still to come.
    assert_eq!(keys(&model), ["x/b", "x/c", "x/a"]);
    press(&mut model, "G");
    assert!(matches!(model.uploads.selected_row(), Some(UploadRow::Transfer(transfer)) if transfer.id == ids[0]));
    assert_eq!(uploads(&press(&mut model, "R")), [upload("/x/a", "x/a", false)]);
    assert_eq!(model.uploads.transfers[0].state, TransferState::Queued);
}

#[test]
fn a_thousand_uploads_are_shown_in_good_time_and_all_of_them_in_the_end() {
    let (mut model, _) = model();
    let write = |number: u64| Write {
        bucket: "images".into(),
        key: format!("k{number}").into(),
        e_tag: None,
        version_id: None,
        sequencer: None,
        s3_request_id: Some(format!("S3-{number}").into()),
    };
    for number in 0..3_000 {
        let fact = Fact::Stored {
            upload: UploadId(number),
            began: at(0),
            at: at(1),
            not_before: at(0),
            write: write(number),
            size: 1,
        };
        update(&mut model, Msg::Update(Update::Facts(vec![fact])));
        settle(&mut model);
    }
    assert!(model.uploads.timelines.all().len() >= 1_000);
    update(&mut model, Msg::Tick(at(2)));
    settle(&mut model);
    assert_eq!(model.uploads.timelines.all().len(), 3_000);
}

#[test]
fn a_click_selects_and_a_second_one_enters_or_marks() {
    let (mut model, _) = model();
    press(&mut model, "u '/tmp/'");
    answer(&mut model, "/tmp", &["cats/", "a.png"]);
    let pick = |model: &mut Model, row| update(model, Msg::Pick(row));
    pick(&mut model, 1);
    pick(&mut model, 1);
    let Some(Dialog::Choose(chooser)) = &model.dialog else { panic!("{:?}", model.dialog) };
    assert_eq!(chooser.marked, ["/tmp/a.png".into()].into());
    pick(&mut model, 0);
    pick(&mut model, 0);
    let Some(Dialog::Choose(chooser)) = &model.dialog else { panic!("{:?}", model.dialog) };
    assert_eq!(chooser.base, Some("/tmp/cats".into()));
}

#[test]
fn a_key_of_ones_own_making_is_no_prefix_for_the_next_upload() {
    let (mut model, _) = model();
    update(&mut model, Msg::Paste("/x/a.png".to_owned()));
    scan(&mut model, &[("/x/a.png", "a.png")]);
    assert_eq!(uploads(&press(&mut model, "'/b' enter")), [upload("/x/a.png", "a.png/b", false)]);
    assert_eq!(model.uploads.prefix, "");
}

#[test]
fn a_prefix_that_is_typed_early_stays_a_prefix_and_nothing_unseen_is_overwritten() {
    let (mut model, _) = model();
    list(&mut model, vec![object("p/a.png", 1, 0)], true);
    update(&mut model, Msg::Paste("/x/a.png".to_owned()));
    // Before it is known what is chosen: a prefix, a Tab that means nothing yet, and Enter.
    assert_eq!(uploads(&press(&mut model, "'p/' tab enter")), []);
    assert_eq!(uploads(&scan(&mut model, &[("/x/a.png", "a.png")])), [], "the object that is there has not been named");
    let Some(Dialog::Plan(plan)) = &model.dialog else { panic!("{:?}", model.dialog) };
    assert_eq!((plan.key.value(), plan.clashes.len(), plan.replace), ("p/a.png", 1, false));
    assert_eq!(uploads(&press(&mut model, "tab enter")), [upload("/x/a.png", "p/a.png", true)]);
}

#[test]
fn who_goes_back_to_a_folder_that_was_not_read_yet_sees_it_read() {
    let (mut model, _) = model();
    press(&mut model, "u '/tmp/'");
    answer(&mut model, "/tmp", &["cats/", "a.png"]);
    press(&mut model, "down space up");
    assert_eq!(asked(&press(&mut model, "tab")).base, Some("/tmp/cats".into()));
    press(&mut model, "enter");
    assert_eq!(asked(&press(&mut model, "esc")).base, Some("/tmp/cats".into()), "it is asked for again");
    answer(&mut model, "/tmp/cats", &["b.png"]);
    // Leaving it, the cursor is where one came from.
    press(&mut model, "backspace");
    answer(&mut model, "/tmp", &["aardvarks/", "cats/", "a.png"]);
    let Some(Dialog::Choose(chooser)) = &model.dialog else { panic!("{:?}", model.dialog) };
    assert_eq!(chooser.selected_entry().map(|entry| entry.name.raw()), Some("cats"));
    // What is typed goes before the marks do, and those before the chooser.
    press(&mut model, "'zz' esc");
    assert!(matches!(&model.dialog, Some(Dialog::Choose(chooser)) if chooser.marked.len() == 1));
    press(&mut model, "esc");
    assert!(matches!(&model.dialog, Some(Dialog::Choose(chooser)) if chooser.marked.is_empty()));
    press(&mut model, "esc");
    assert!(model.dialog.is_none());
}

#[test]
fn keys_that_were_typed_ahead_hold_once_the_folder_is_read() {
    let (mut model, _) = model();
    press(&mut model, "u '/tmp/' ctrl-a enter");
    let effects = answer(&mut model, "/tmp", &["a.png", "b.png"]);
    let [Effect::Cloud(CloudEffect::ScanFiles { sources, .. }), ..] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(sources.len(), 2);
}

#[test]
fn a_key_that_erases_does_not_leave_the_folder_while_it_is_held_down() {
    let (mut model, _) = model();
    press(&mut model, "u '/tmp/'");
    answer(&mut model, "/tmp", &["a.png"]);
    press(&mut model, "'x' backspace backspace backspace");
    let base = |model: &Model| match &model.dialog {
        Some(Dialog::Choose(chooser)) => chooser.base.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(base(&model), Some("/tmp".into()));
    update(&mut model, Msg::Tick(at(5)));
    press(&mut model, "backspace");
    assert_eq!(base(&model), Some("/".into()));
}

#[test]
fn a_file_in_a_marked_folder_is_not_sent_twice() {
    let (mut model, _) = model();
    press(&mut model, "u '/tmp/'");
    answer(&mut model, "/tmp", &["cats/"]);
    press(&mut model, "space tab");
    answer(&mut model, "/tmp/cats", &["b.png"]);
    let effects = press(&mut model, "space enter");
    let [Effect::Cloud(CloudEffect::ScanFiles { sources, .. }), ..] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(*sources, [PathBuf::from("/tmp/cats")]);
}

#[test]
fn a_moving_first_row_is_not_cancelled_by_chance() {
    let (mut model, ids) = queue();
    assert_eq!(press(&mut model, "x"), []);
    assert!(model.notice.is_some());
    assert_eq!(press(&mut model, "j x"), [Effect::Cloud(CloudEffect::CancelUpload(ids[1]))]);
    assert_eq!(
        press(&mut model, "k x"),
        [Effect::Cloud(CloudEffect::CancelUpload(ids[0]))],
        "who has gone to it means it"
    );
}

#[test]
fn nothing_that_waits_is_left_behind_by_a_switch() {
    let (mut model, _) = queue();
    assert!(press(&mut model, "P").is_empty() && model.dialog.is_none());
}

#[test]
fn another_key_is_not_overwritten_unasked_and_a_full_queue_refuses_only_while_it_is_full() {
    let (mut model, _) = model();
    list(&mut model, vec![object("a", 1, 0), object("ab", 1, 0)], true);
    update(&mut model, Msg::Paste("/x/a".to_owned()));
    scan(&mut model, &[("/x/a", "a")]);
    assert_eq!(uploads(&press(&mut model, "tab 'b' enter")), [], "overwriting was chosen for another object");
    press(&mut model, "tab");
    let Some(Dialog::Plan(plan)) = &mut model.dialog else { panic!("{:?}", model.dialog) };
    plan.fault = Some("the queue was full a moment ago".into());
    assert_eq!(uploads(&press(&mut model, "enter")), [upload("/x/a", "ab", true)]);
}

/// A dashboard of a pipeline on AWS, whose first upload is asked about; it has these subscribers.
fn on_aws() -> Model {
    let (mut model, _) = model();
    model.inbox.available = false;
    model.consent = Consent::Needed;
    let people = ["ada@example.com", "bob@example.com"].map(|name| super::subscription(name, true));
    super::subscribe_all(&mut model, people.to_vec());
    model
}

fn question(model: &Model) -> Option<&str> {
    match &model.dialog {
        Some(Dialog::Question(question)) => Some(question.text.shown()),
        _ => None,
    }
}

#[test]
fn the_first_upload_to_aws_is_asked_about_and_the_next_ones_are_not() {
    let mut model = on_aws();
    assert_eq!(press(&mut model, "u enter"), []);
    assert_eq!(question(&model), Some("Upload 1 file to bucket images?"));
    // No is the default, and leads back to what was chosen.
    press(&mut model, "enter");
    assert!(matches!(model.dialog, Some(Dialog::Choose(_))) && model.uploads.transfers.is_empty());
    press(&mut model, "enter");
    let is_upload = |effect: &Effect| matches!(effect, Effect::Cloud(CloudEffect::Upload { .. }));
    assert!(press(&mut model, "y").iter().any(is_upload) && model.dialog.is_none());
    assert!(press(&mut model, "u enter").iter().any(is_upload), "it is asked once");
}

#[test]
fn a_plan_stays_behind_the_question_and_is_sent_after_yes() {
    let mut model = on_aws();
    update(&mut model, Msg::Paste("/x".to_owned()));
    scan(&mut model, &[("/x/a", "x/a"), ("/x/b", "x/b")]);
    assert_eq!(uploads(&press(&mut model, "'p/' enter")), []);
    assert_eq!(question(&model), Some("Upload 2 files to bucket images?"));
    press(&mut model, "n");
    let Some(Dialog::Plan(plan)) = &model.dialog else { panic!("{:?}", model.dialog) };
    assert_eq!(plan.key.value(), "p/");
    // What has come into the bucket meanwhile is not overwritten.
    press(&mut model, "enter");
    send(&mut model, Update::ObjectFound(object("p/x/a", 1, 0)));
    assert_eq!(uploads(&press(&mut model, "y")), [upload("/x/b", "p/x/b", false)]);
    assert!(model.dialog.is_none());
}

#[test]
fn nothing_is_asked_of_the_local_cloud_nor_where_the_settings_say_so() {
    for (inbox, consent, connection, is_loopback, asks) in [
        (false, Consent::Needed, Connection::Ready, false, true),
        // An emulator on this machine may send to others.
        (false, Consent::Needed, Connection::Ready, true, true),
        (false, Consent::Needed, Connection::Connecting, false, true),
        (false, Consent::Needed, Connection::Connecting, true, false),
        (true, Consent::Needed, Connection::Ready, true, false),
        (false, Consent::Unasked, Connection::Ready, false, false),
        (false, Consent::Given, Connection::Ready, false, false),
    ] {
        let mut model = on_aws();
        (model.inbox.available, model.consent, model.is_loopback) = (inbox, consent, is_loopback);
        model.connection = connection.clone();
        press(&mut model, "u enter");
        assert_eq!(question(&model).is_some(), asks, "{inbox} {consent:?} {connection:?} {is_loopback}");
    }
}

#[test]
fn another_pipeline_is_asked_about_again() {
    let mut model = on_aws();
    press(&mut model, "u enter y");
    model.forget();
    assert_eq!(model.consent, Consent::Needed);
    model.consent = Consent::Unasked;
    model.forget();
    assert_eq!(model.consent, Consent::Unasked);
}

#[test]
fn a_key_leads_to_the_folder_of_the_last_upload() {
    let (mut model, _) = model();
    press(&mut model, "u");
    answer(&mut model, "/tmp", &["a.png"]);
    assert!(press(&mut model, "ctrl-o").is_empty());
    let Some(Dialog::Choose(chooser)) = &mut model.dialog else { panic!("{:?}", model.dialog) };
    assert!(chooser.error.is_some(), "there is none yet");
    chooser.listing.as_mut().unwrap().last = Some("/pictures".into());
    let place = asked(&press(&mut model, "ctrl-o"));
    assert_eq!(place.base, Some("/pictures".into()));
    answer(&mut model, "/pictures", &["b.png"]);
    let Some(Dialog::Choose(chooser)) = &model.dialog else { panic!("{:?}", model.dialog) };
    assert!(chooser.error.is_none() && chooser.listing.as_ref().unwrap().folder == *"/pictures");
}
