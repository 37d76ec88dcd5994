//! The versions of an object: asked for, moved in, shown in full, copied, and followed to their uploads.

use imgwatch::domain::evidence::{Fact, Write};
use imgwatch::domain::ids::RequestId;
use imgwatch::domain::objects::{Content, Version};
use imgwatch::domain::preview::PreviewId;
use imgwatch::domain::transfer::DownloadNews;
use imgwatch::effect::{CloudEffect, Effect, TerminalEffect};
use imgwatch::keymap::action::Panel;
use imgwatch::model::Model;
use imgwatch::model::dialog::Dialog;
use imgwatch::model::load::Load;
use imgwatch::model::versions::VersionsView;
use imgwatch::msg::Update;
use imgwatch::text::clean::Clean;
use imgwatch::update::{Msg, update};

use super::{at, list, model, object, press, problem, published, send};

fn version(id: &str, written: i64) -> Version {
    let content = Some(Content { size: 7, e_tag: Some("tag".into()) });
    Version { id: id.into(), at: at(written), is_latest: false, content }
}

/// `v3` is current, `v1` the oldest.
fn three() -> Vec<Version> {
    vec![Version { is_latest: true, ..version("v3", 3) }, version("v2", 2), version("v1", 1)]
}

/// A model with two objects, `b.png` under the cursor.
fn on_b() -> Model {
    let (mut model, _) = model();
    list(&mut model, vec![object("a.png", 1, 1), object("b.png", 2, 2)], true);
    press(&mut model, "2");
    model
}

fn asked(effects: &[Effect]) -> (RequestId, &str) {
    let [Effect::Cloud(CloudEffect::ListVersions { request, key })] = effects else { panic!("{effects:?}") };
    (*request, key.raw())
}

fn answer(model: &mut Model, request: RequestId, versions: Vec<Version>) -> Vec<Effect> {
    send(model, Update::VersionsListed { request, versions, more: false })
}

/// The list of the versions of `b.png`.
fn listed() -> Model {
    let mut model = on_b();
    let effects = press(&mut model, "v");
    let (request, key) = asked(&effects);
    assert_eq!(key, "b.png");
    answer(&mut model, request, three());
    model
}

fn view(model: &Model) -> &VersionsView {
    let Some(Dialog::Versions(view)) = &model.dialog else { panic!("{:?}", model.dialog) };
    view
}

fn selected(model: &Model) -> &str {
    model.versions.items[view(model).selection.cursor].id.raw()
}

#[test]
fn they_are_listed_for_the_object_that_is_selected_or_shown() {
    let mut model = on_b();
    assert_eq!(asked(&press(&mut model, "v")).1, "b.png");
    press(&mut model, "esc j enter");
    assert_eq!(asked(&press(&mut model, "v")).1, "a.png");
    assert!(model.versions.items.is_empty(), "those of another object are not shown for it");
    let mut elsewhere = on_b();
    press(&mut elsewhere, "?");
    assert_eq!(press(&mut elsewhere, "v"), vec![]);
    assert!(elsewhere.notice.is_some());
}

#[test]
fn they_are_listed_for_the_key_of_an_upload_and_not_for_one_of_another_bucket() {
    let mut model = on_b();
    send(&mut model, Update::Facts(vec![published("deleted-since.png")]));
    press(&mut model, "1 enter");
    assert_eq!(asked(&press(&mut model, "v")).1, "deleted-since.png");
    let (mut other, _) = super::model();
    let Fact::Published { source, write, message_id } = published("k") else { panic!("it is published") };
    let write = Write { bucket: "other".into(), ..write };
    send(&mut other, Update::Facts(vec![Fact::Published { source, write, message_id }]));
    press(&mut other, "1 enter");
    assert_eq!(press(&mut other, "v"), vec![], "the bucket is another one");
}

#[test]
fn only_the_answer_to_the_latest_question_counts() {
    let mut model = on_b();
    let first = asked(&press(&mut model, "v")).0;
    let second = asked(&press(&mut model, "r")).0;
    answer(&mut model, first, vec![version("old", 1)]);
    assert!(model.versions.items.is_empty() && model.versions.load.is_loading());
    answer(&mut model, second, three());
    assert_eq!((selected(&model), &model.versions.load), ("v3", &Load::Ready));
    let third = asked(&press(&mut model, "v")).0;
    send(&mut model, Update::VersionsFailed { request: third, problem: problem() });
    assert_eq!((model.versions.items.len(), model.versions.load.problem()), (3, Some(&problem())), "old data stays");
}

#[test]
fn the_cursor_stays_on_its_version_when_a_newer_one_comes() {
    let mut model = listed();
    press(&mut model, "j");
    let request = asked(&press(&mut model, "r")).0;
    answer(&mut model, request, [vec![version("v4", 4)], three()].concat());
    assert_eq!(selected(&model), "v2");
    press(&mut model, "G");
    assert_eq!(selected(&model), "v1");
    let request = asked(&press(&mut model, "r")).0;
    answer(&mut model, request, vec![version("v4", 4)]);
    assert_eq!(selected(&model), "v4", "what is gone gives the cursor to the last row");
    press(&mut model, "esc");
    assert!(model.dialog.is_none());
}

#[test]
fn one_is_shown_in_full_with_its_own_content_and_esc_leads_back() {
    let mut model = listed();
    let effects = press(&mut model, "j enter");
    let [Effect::Cloud(CloudEffect::Preview { id: PreviewId::Object { key, version, .. }, size: 7, .. })] =
        &effects[..]
    else {
        panic!("{effects:?}")
    };
    assert_eq!((key.raw(), version.as_ref().map(Clean::raw)), ("b.png", Some("v2")));
    assert_eq!(view(&model).open, Some(("v2".into(), 0)));
    assert_eq!(press(&mut model, "y"), vec![Effect::Terminal(TerminalEffect::Copy("v2".to_owned()))]);
    press(&mut model, "esc");
    assert_eq!((selected(&model), &view(&model).open), ("v2", &None));
    // A click on the row of the cursor does the same.
    update(&mut model, Msg::Pick(2));
    assert_eq!((selected(&model), &view(&model).open), ("v1", &None));
    update(&mut model, Msg::Pick(2));
    assert_eq!(view(&model).open, Some(("v1".into(), 0)));
    press(&mut model, "v");
    assert_eq!(view(&model).open, None, "the list is asked for again");
}

#[test]
fn a_version_is_downloaded_by_its_id_and_what_is_current_by_its_key() {
    for (keys, expected) in [("D", None), ("j D", Some("v2")), ("j enter D", Some("v2"))] {
        let mut model = listed();
        press(&mut model, keys);
        let effects = press(&mut model, "enter");
        let [Effect::Cloud(CloudEffect::Download { id, download })] = &effects[..] else { panic!("{effects:?}") };
        assert_eq!(download.version_id.as_ref().map(Clean::raw), expected, "{keys}");
        assert_eq!((download.key.raw(), download.e_tag.as_ref().map(Clean::raw)), ("b.png", Some("tag")));
        // Over a file that is there it is as large as before, which the object of that key now is not.
        send(&mut model, Update::Download(*id, DownloadNews::Exists { to: "/b.png".into() }));
        press(&mut model, "y");
        assert_eq!(model.downloads.running.values().map(|running| running.size).collect::<Vec<_>>(), [7]);
    }
    let mut model = on_b();
    let (request, _) = asked(&press(&mut model, "v"));
    answer(&mut model, request, vec![Version { content: None, ..version("m", 1) }]);
    assert_eq!(press(&mut model, "D"), []);
    assert!(model.notice.as_ref().is_some_and(|notice| notice.text.shown().contains("a delete marker has no content")));
}

#[test]
fn the_download_of_a_deleted_objects_version_is_stopped_in_the_list_and_in_full() {
    for before in ["k", "j", "enter"] {
        let mut model = on_b();
        let (request, _) = asked(&press(&mut model, "v"));
        answer(&mut model, request, three());
        press(&mut model, "j D");
        let effects = press(&mut model, "enter");
        let [Effect::Cloud(CloudEffect::Download { id, .. })] = effects[..] else { panic!("{effects:?}") };
        send(&mut model, Update::Download(id, DownloadNews::Began { to: "/home/ada/b.png".into() }));
        send(&mut model, Update::Facts(vec![published("b.png")]));
        // The object is deleted; its upload leads to the versions.
        press(&mut model, "esc r");
        list(&mut model, Vec::new(), true);
        press(&mut model, "1 enter");
        let (request, _) = asked(&press(&mut model, "v"));
        answer(&mut model, request, three());
        press(&mut model, before);
        assert_eq!(press(&mut model, "x"), [Effect::Cloud(CloudEffect::CancelDownload(id))], "{before}");
    }
}

#[test]
fn doctor_looks_for_the_key_whose_versions_are_shown() {
    let mut model = listed();
    let effects = press(&mut model, "d");
    let [Effect::Cloud(CloudEffect::Examine { key: Some(key), .. })] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(key.raw(), "b.png");
}

#[test]
fn the_id_is_copied_and_the_uri_of_the_object() {
    let mut model = listed();
    assert_eq!(press(&mut model, "y"), vec![Effect::Terminal(TerminalEffect::Copy("v3".to_owned()))]);
    assert_eq!(press(&mut model, "Y"), vec![Effect::Terminal(TerminalEffect::Copy("s3://images/b.png".to_owned()))]);
    let mut empty = on_b();
    press(&mut empty, "v");
    assert_eq!(press(&mut empty, "y"), vec![], "nothing is listed yet");
    assert_eq!(press(&mut empty, "enter"), vec![]);
    assert_eq!(view(&empty).open, None);
}

#[test]
fn a_version_leads_to_the_upload_that_made_it_also_where_a_filter_hides_it() {
    let mut model = listed();
    let Fact::Published { source, write, message_id } = published("b.png") else { panic!("it is published") };
    let write = Write { version_id: Some("v2".into()), ..write };
    send(&mut model, Update::Facts(vec![Fact::Published { source, write, message_id }, published("other.png")]));
    press(&mut model, "1");
    assert!(matches!(model.dialog, Some(Dialog::Versions(_))), "nothing is known of the newest one");
    assert!(model.notice.is_some());
    press(&mut model, "esc 1 / 'other' enter 2 v j 1");
    assert_eq!((model.focus, model.dialog.is_none()), (Panel::Uploads, true));
    let row = model.uploads.selected_row().unwrap();
    assert_eq!((row.key().raw(), model.uploads.filter.is_empty()), ("b.png", true));
}
