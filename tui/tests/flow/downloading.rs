//! What keys do from `D` to the file: the form, the question, what is shown meanwhile, and stopping it.

use imgwatch::domain::ids::DownloadId;
use imgwatch::domain::transfer::{Destination, Download, DownloadNews};
use imgwatch::effect::{CloudEffect, Effect};
use imgwatch::keymap::action::Panel;
use imgwatch::model::dialog::{ConfirmAction, Dialog, DownloadForm};
use imgwatch::model::{Model, NoticeLevel};
use imgwatch::msg::Update;
use imgwatch::update::{Msg, update};

use super::{at, list, model, object, press, problem, send};

/// A dashboard with two objects, of which the first is selected in Objects.
fn with_objects() -> Model {
    let (mut model, _) = model();
    model.downloads.folder = "/home/ada".into();
    let mut cat = object("photos/cat.png", 1_000, 2);
    cat.e_tag = Some("tag".into());
    list(&mut model, vec![cat, object("../../etc/passwd", 5, 1)], true);
    press(&mut model, "2");
    model
}

fn form(model: &Model) -> &DownloadForm {
    let Some(Dialog::Download(form)) = &model.dialog else { panic!("{:?}", model.dialog) };
    form
}

/// The download that was asked for.
fn asked(effects: &[Effect]) -> (DownloadId, Download) {
    let asked = effects.iter().find_map(|effect| match effect {
        Effect::Cloud(CloudEffect::Download { id, download }) => Some((*id, download.clone())),
        _ => None,
    });
    asked.unwrap_or_else(|| panic!("{effects:?}"))
}

fn receive(model: &mut Model, id: DownloadId, news: DownloadNews) {
    send(model, Update::Download(id, news));
}

/// Presses Enter in the form, and the file can be written.
fn begin(model: &mut Model) -> DownloadId {
    begin_at(model, "/home/ada/cat.png")
}

/// The same for a file of this path.
fn begin_at(model: &mut Model, path: &str) -> DownloadId {
    let (id, _) = asked(&press(model, "enter"));
    receive(model, id, DownloadNews::Began { to: path.into() });
    id
}

fn last_word(model: &Model) -> (&str, NoticeLevel) {
    let notice = model.history.back().unwrap();
    (notice.text.shown(), notice.level)
}

#[test]
fn an_object_is_downloaded_to_the_offered_path_and_both_ends_are_shown() {
    let mut model = with_objects();
    assert_eq!(press(&mut model, "D"), []);
    assert_eq!(form(&model).path.value(), "/home/ada/cat.png");
    let (id, download) = asked(&press(&mut model, "enter"));
    let to = Destination::Typed("/home/ada/cat.png".into());
    let key = "photos/cat.png".into();
    assert_eq!(download, Download { key, version_id: None, e_tag: Some("tag".into()), to, replace: false });
    assert_eq!(form(&model).asked, Some(id), "the form waits for the path to be looked at");
    assert_eq!(press(&mut model, "enter 'x'"), [], "and asks and changes nothing meanwhile");
    assert_eq!(form(&model).path.value(), "/home/ada/cat.png");
    receive(&mut model, id, DownloadNews::Began { to: "/home/ada/cat.png".into() });
    assert!(model.dialog.is_none());
    assert_eq!(last_word(&model), ("downloading photos/cat.png to /home/ada/cat.png", NoticeLevel::Hint));
    let running = |model: &Model| model.downloads.of(&"photos/cat.png".into()).next().map(|(_, running)| running.got);
    assert_eq!(running(&model), Some(None), "it waits for its turn");
    update(&mut model, Msg::Tick(at(10)));
    update(&mut model, Msg::Received(id, 0, 1_000));
    update(&mut model, Msg::Tick(at(12)));
    update(&mut model, Msg::Received(id, 500, 1_000));
    let (_, shown) = model.downloads.under_way().next().unwrap();
    assert_eq!((shown.rate(model.now), shown.left_ms(model.now)), (250, Some(2_000)));
    receive(&mut model, id, DownloadNews::Done { to: "/home/ada/cat.png".into(), size: 1_000, e_tag: None });
    assert_eq!(last_word(&model), ("downloaded photos/cat.png (1000 B) to /home/ada/cat.png", NoticeLevel::Done));
    assert!(model.downloads.running.is_empty() && running(&model).is_none());
}

#[test]
fn a_hostile_key_is_offered_a_plain_name_in_the_folder() {
    let mut model = with_objects();
    press(&mut model, "j D");
    assert_eq!(form(&model).path.value(), "/home/ada/passwd");
}

#[test]
fn details_of_an_object_download_it_and_nothing_else_does() {
    let mut model = with_objects();
    press(&mut model, "enter D");
    assert_eq!(form(&model).key.raw(), "photos/cat.png");
    press(&mut model, "esc");
    assert!(matches!(model.dialog, Some(Dialog::Details(_))));
    press(&mut model, "esc ? D");
    assert!(matches!(model.dialog, Some(Dialog::Help { .. })));
    assert_eq!(last_word(&model).0, "no object is selected: press D in Objects to download one");
}

#[test]
fn on_an_empty_bucket_it_is_said_that_there_is_no_object() {
    let (mut empty, _) = super::model();
    list(&mut empty, Vec::new(), true);
    press(&mut empty, "2");
    for (key, said) in [
        ("D", "no object is selected"),
        ("x", "no object is selected"),
        ("v", "no object here: for a deleted object press v in its upload's details"),
    ] {
        assert_eq!(press(&mut empty, key), []);
        assert_eq!(last_word(&empty), (said, NoticeLevel::Hint));
        assert!(empty.dialog.is_none());
    }
}

#[test]
fn a_path_that_cannot_be_used_is_reported_in_the_form_until_it_is_changed() {
    let mut model = with_objects();
    press(&mut model, "D");
    let (id, _) = asked(&press(&mut model, "enter"));
    receive(&mut model, id, DownloadNews::Failed(problem()));
    assert_eq!((form(&model).asked, form(&model).fault.clone()), (None, Some(problem())));
    assert!(model.downloads.running.is_empty());
    press(&mut model, "ctrl-u");
    assert!(form(&model).fault.is_none());
    assert_eq!(press(&mut model, "enter"), [], "no path is none");
    press(&mut model, "'~/b.png'");
    let (_, download) = asked(&press(&mut model, "enter"));
    assert_eq!(download.to, Destination::Typed("~/b.png".into()));
}

#[test]
fn a_form_that_is_closed_while_its_path_is_looked_at_takes_the_download_back() {
    let mut model = with_objects();
    press(&mut model, "D");
    let (id, _) = asked(&press(&mut model, "enter"));
    assert_eq!(press(&mut model, "esc"), [Effect::Cloud(CloudEffect::CancelDownload(id))]);
    assert!(model.dialog.is_none() && model.downloads.running.is_empty());
    receive(&mut model, id, DownloadNews::Exists { to: "/home/ada/cat.png".into() });
    receive(&mut model, id, DownloadNews::Cancelled);
    assert!(model.dialog.is_none() && model.notice.is_none(), "no form waits for it any more");
}

#[test]
fn a_file_that_is_there_is_named_and_overwritten_only_after_yes() {
    let mut model = with_objects();
    for (answer, is_overwritten) in [("enter", false), ("y", true)] {
        press(&mut model, "D");
        let (id, download) = asked(&press(&mut model, "enter"));
        receive(&mut model, id, DownloadNews::Exists { to: "/home/ada/cat.png".into() });
        let Some(Dialog::Question(question)) = &model.dialog else { panic!("{:?}", model.dialog) };
        assert_eq!(question.text.shown(), "Overwrite the file /home/ada/cat.png?");
        assert_eq!(question.action, ConfirmAction::Replace { download: download.clone(), size: 1_000 });
        let effects = press(&mut model, answer);
        assert!(model.dialog.is_none());
        if is_overwritten {
            let (again, asked) = asked(&effects);
            assert!(again != id && asked == Download { replace: true, ..download });
            assert_eq!(model.downloads.running.get(&again).unwrap().size, 1_000);
        } else {
            assert_eq!(effects, []);
            assert!(model.downloads.running.is_empty());
        }
    }
}

#[test]
fn x_stops_the_download_of_the_selected_row_and_of_no_other() {
    let mut model = with_objects();
    press(&mut model, "D");
    let id = begin(&mut model);
    assert_eq!(press(&mut model, "j x"), []);
    assert_eq!(last_word(&model).0, "this object is not being downloaded");
    assert_eq!(press(&mut model, "k x"), [Effect::Cloud(CloudEffect::CancelDownload(id))]);
    receive(&mut model, id, DownloadNews::Cancelled);
    assert_eq!(last_word(&model).0, "cancelled the download of photos/cat.png; the partial file is removed");
    assert!(model.downloads.running.is_empty());
}

#[test]
fn two_downloads_do_not_write_one_path() {
    let mut model = with_objects();
    press(&mut model, "D");
    let first = begin(&mut model);
    press(&mut model, "j D");
    let (second, download) = asked(&press(&mut model, "enter"));
    let effects = send(&mut model, Update::Download(second, DownloadNews::Began { to: "/home/ada/cat.png".into() }));
    assert_eq!(effects, [Effect::Cloud(CloudEffect::CancelDownload(second))]);
    assert_eq!(form(&model).asked, None);
    let why = form(&model).fault.as_ref().unwrap().to_string();
    assert!(why.starts_with("cannot write /home/ada/cat.png: a download to this path is in progress"), "{why}");
    receive(&mut model, second, DownloadNews::Cancelled);
    assert!(form(&model).fault.is_some() && model.downloads.running.keys().eq([&first]));
    // The same after a question, where no form is open.
    let (third, _) = asked(&press(&mut model, "enter"));
    receive(&mut model, third, DownloadNews::Exists { to: "/home/ada/cat.png".into() });
    let (fourth, replacing) = asked(&press(&mut model, "y"));
    assert_eq!(replacing, Download { replace: true, ..download });
    let effects = send(&mut model, Update::Download(fourth, DownloadNews::Began { to: "/home/ada/cat.png".into() }));
    assert_eq!(effects, [Effect::Cloud(CloudEffect::CancelDownload(fourth))]);
    assert_eq!(last_word(&model), (why.as_str(), NoticeLevel::Error));
    receive(&mut model, first, DownloadNews::Done { to: "/home/ada/cat.png".into(), size: 1_000, e_tag: None });
    press(&mut model, "D");
    begin(&mut model);
    assert_eq!(model.downloads.under_way().count(), 1, "the path is free again");
}

#[test]
fn several_downloads_of_a_key_are_stopped_together_also_where_its_object_is_shown_in_full() {
    let mut model = with_objects();
    for before in ["k", "enter"] {
        let ids = ["/home/ada/cat.png", "/home/ada/again.png"].map(|path| {
            press(&mut model, "D");
            begin_at(&mut model, path)
        });
        press(&mut model, before);
        assert_eq!(press(&mut model, "x"), ids.map(CloudEffect::CancelDownload).map(Effect::Cloud));
        let said = "cancelling 2 downloads of photos/cat.png; partial files are removed";
        assert_eq!(last_word(&model), (said, NoticeLevel::Hint));
        assert!(model.downloads.running.is_empty());
        receive(&mut model, ids[0], DownloadNews::Cancelled);
        assert_eq!(last_word(&model).0, said, "one sentence is enough");
        receive(&mut model, ids[1], DownloadNews::Done { to: "/home/ada/cat.png".into(), size: 1, e_tag: None });
        assert_eq!(last_word(&model).1, NoticeLevel::Done, "what was done already is reported");
    }
    assert_eq!(press(&mut model, "x"), []);
    assert_eq!(last_word(&model).0, "this object is not being downloaded");
    press(&mut model, "esc");
    assert_eq!(press(&mut model, "? x"), []);
    assert_eq!(last_word(&model).0, "no download to cancel here");
}

#[test]
fn leaving_asks_while_something_comes_and_another_pipeline_waits_for_it() {
    let mut model = with_objects();
    press(&mut model, "D");
    let id = begin(&mut model);
    let asks = |model: &mut Model, text: &str| {
        assert_eq!(press(model, "q"), []);
        let Some(Dialog::Question(question)) = &model.dialog else { panic!("{:?}", model.dialog) };
        assert_eq!(question.text.shown(), text);
        press(model, "n");
    };
    asks(&mut model, "One download is not complete. Quit and cancel it?");
    press(&mut model, "D");
    begin_at(&mut model, "/home/ada/again.png");
    asks(&mut model, "2 downloads are not complete. Quit and cancel them?");
    press(&mut model, "u enter 2");
    asks(&mut model, "One upload is not stored yet. 2 downloads are not complete. Quit and cancel them?");
    model.uploads.transfers.clear();
    press(&mut model, "P");
    assert!(model.dialog.is_none() && model.focus == Panel::Objects);
    assert!(last_word(&model).0.contains("cancel it with x on its object"), "{}", last_word(&model).0);
    receive(&mut model, id, DownloadNews::Failed(problem()));
    assert_eq!(last_word(&model), (problem().to_string().as_str(), NoticeLevel::Error));
}
