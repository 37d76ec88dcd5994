//! An object's versions: the list in every state, one of them in full, and rows under the mouse.

use imgwatch::domain::evidence::{Fact, ReportStatus, Write};
use imgwatch::domain::ids::{DownloadId, RequestId};
use imgwatch::domain::objects::{Content, MOST, Version};
use imgwatch::domain::transfer::{Destination, Download};
use imgwatch::model::Model;
use imgwatch::model::dialog::Dialog;
use imgwatch::model::downloads::Running;
use imgwatch::model::load::Load;
use imgwatch::model::selection::Selection;
use imgwatch::model::versions::{Versions, VersionsView};
use imgwatch::view;

use crate::models::{ago, busy, problem, report, source, stored, write};
use crate::picture::text;
use crate::shot::screen;

const KEY: &str = "photos/2026/03/fox.png";
const CURRENT: &str = "3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrH";
const MARKER: &str = "QUpfdndhfd8438MNFDN93jdnJFkdmqnh";
const FAILED: &str = "Ft5mCn3kfGy9bqTgXeHpZ2vRwLs8dJ0a";
const OLDEST: &str = "UIORUnfndfhnw89493jJFJzQwErTyUiO";

fn version(id: &str, age: i64, size: Option<u64>) -> Version {
    let e_tag = Some("9b2cf535f27731c974343645a3985328".into());
    let content = size.map(|size| Content { size, e_tag });
    Version { id: id.into(), at: ago(age), is_latest: false, content }
}

fn newest(id: &str, age: i64, size: Option<u64>) -> Version {
    Version { is_latest: true, ..version(id, age, size) }
}

/// Four versions: published just now, deleted before, failed before that, and one from before what is read of the log.
fn kept() -> Vec<Version> {
    vec![
        newest(CURRENT, 2_000, Some(48_213)),
        version(MARKER, 300_000, None),
        version(FAILED, 900_000, Some(1_204_000)),
        version(OLDEST, 86_400_000, Some(913)),
    ]
}

fn listed(items: Vec<Version>, view: VersionsView) -> Model {
    let mut model = busy();
    let of = |version: &str, request: &str| Write { version_id: Some(version.into()), ..write(KEY, request) };
    let (published, failed) = (of(CURRENT, "7A"), of(FAILED, "7B"));
    let (id, old) = ("8f0c2b1e-6a5d-4c3b-9e8f-7a6b5c4d3e2f", "99999999-2222-4333-8444-555555555555");
    let message = "3f2a1b0c-9d8e-5f7a-8b6c-0d1e2f3a4b5c".into();
    model.uploads.timelines.learn([
        stored(21, 2_000, 12, &published, 48_213),
        Fact::Published { source: source(ago(1_952), id), write: published, message_id: message },
    ]);
    for began in [900_000, 840_000, 720_000] {
        let reason = "the topic does not exist: arn:aws:sns:us-east-1:000000000000:image-uploads".into();
        model.uploads.timelines.learn([
            Fact::Invoked(source(ago(began), old)),
            Fact::Failed { source: source(ago(began - 50), old), write: failed.clone(), reason },
            report(ago(began - 100), old, ReportStatus::Failure, None, Some("PublishError")),
        ]);
    }
    model.uploads.timelines.refold();
    model.versions = Versions { key: KEY.into(), load: Load::Ready, items, more: false };
    model.dialog = Some(Dialog::Versions(view));
    model
}

fn with(load: Load, items: Vec<Version>) -> Model {
    let mut model = listed(items, VersionsView::default());
    model.versions.load = load;
    model
}

fn opened(items: Vec<Version>, id: &str) -> Model {
    listed(items, VersionsView { open: Some((id.into(), 0)), ..VersionsView::default() })
}

/// Versions that are being downloaded, of which the first comes and the others wait.
fn downloading(mut model: Model, ids: &[&str]) -> Model {
    for (number, id) in (1..).zip(ids) {
        let path = format!("/home/ada/fox-{number}.png");
        let to = Destination::Typed(path.clone());
        let version_id = Some((*id).into());
        let download = Download { key: KEY.into(), version_id, e_tag: None, to, replace: false };
        let (to, got) = (Some(path.as_str().into()), (number == 1).then_some(602_000));
        let running = Running { download, to, size: 1_204_000, got, began: ago(2_000) };
        model.downloads.running.insert(DownloadId(number), running);
    }
    model
}

pub(crate) fn states() -> Vec<(&'static str, Model)> {
    let denied = problem(
        "cannot list the versions of photos/2026/03/fox.png",
        "s3:ListBucketVersions is not allowed: Access Denied (AccessDenied)",
        "ask for s3:ListBucketVersions, or choose another --profile",
    );
    let many = (0..i64::try_from(MOST).unwrap()).map(|age| version(&format!("{age:032}"), age * 3_600_000, Some(913)));
    let mut many =
        listed(many.collect(), VersionsView { selection: Selection { cursor: 500, offset: 490 }, open: None });
    many.versions.more = true;
    many.versions.items[0].is_latest = true;
    let below = Selection { cursor: 2, offset: 0 };
    let deleted = vec![newest(MARKER, 300_000, None), version(FAILED, 900_000, Some(1_204_000))];
    vec![
        ("kept", listed(kept(), VersionsView::default())),
        ("older", listed(kept(), VersionsView { selection: below, open: None })),
        ("deleted", listed(deleted, VersionsView::default())),
        ("only-a-marker", listed(vec![newest(MARKER, 300_000, None)], VersionsView::default())),
        ("null", listed(vec![newest("null", 300_000, Some(913))], VersionsView::default())),
        ("many", many),
        ("nothing", with(Load::Ready, Vec::new())),
        ("listing", with(Load::Loading(RequestId(1), None), Vec::new())),
        ("listing-again", with(Load::Loading(RequestId(2), None), kept())),
        ("denied", with(Load::Failed(denied.clone()), Vec::new())),
        ("denied-later", with(Load::Failed(denied), kept())),
        ("in-full", opened(kept(), CURRENT)),
        ("failed-in-full", opened(kept(), FAILED)),
        ("oldest-in-full", opened(kept(), OLDEST)),
        ("marker-in-full", opened(kept(), MARKER)),
        ("gone", opened(kept(), "removed-meanwhile")),
        ("downloading", downloading(listed(kept(), VersionsView::default()), &[FAILED])),
        ("downloading-two", downloading(listed(kept(), VersionsView::default()), &[FAILED, OLDEST])),
        ("downloading-in-full", downloading(opened(kept(), FAILED), &[FAILED])),
    ]
}

#[test]
fn every_version_is_found_under_the_mouse() {
    for (width, height) in [(30, 12), (80, 24), (120, 40)] {
        for (name, mut model) in states() {
            model.viewports = view::viewports(&model, width, height);
            // A row is found in all its columns: the middle of the screen has one of each.
            let places = (0..height).map(|y| (width / 2, y));
            let found: Vec<usize> = places.filter_map(|at| view::picked(&model, (width, height), at)).collect();
            let Some(Dialog::Versions(view)) = &model.dialog else { panic!("{:?}", model.dialog) };
            if view.open.is_some() || model.versions.items.is_empty() {
                assert!(found.is_empty(), "{name} at {width}x{height} has no rows: {found:?}");
                continue;
            }
            // On the smallest screen an error has all the space, until the user moves down.
            let is_covered = height == 12 && matches!(model.versions.load, Load::Failed(_));
            let is_in_view = found.contains(&view.selection.cursor);
            assert!(is_in_view || is_covered, "{name} at {width}x{height}: the cursor is in view");
            assert!(found.is_sorted(), "{name} at {width}x{height}: rows go down");
            assert!(found.iter().all(|row| *row < model.versions.items.len()));
        }
    }
}

#[test]
fn ids_are_whole_where_no_upload_of_the_key_is_known() {
    let mut model = listed(kept(), VersionsView::default());
    let shown = |model: &Model| text(&screen(model, (80, 24))).join("\n");
    assert!(shown(&model).contains("pipeline") && !shown(&model).contains(OLDEST));
    model.versions.key = "another.png".into();
    let rows = shown(&model);
    assert!(!rows.contains("pipeline"), "{rows}");
    for id in [CURRENT, MARKER, FAILED, OLDEST] {
        assert!(rows.contains(id), "{id}:\n{rows}");
    }
}
