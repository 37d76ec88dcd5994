//! The logs of several functions in one panel: whose a line is, which are shown, and how old what is shown is.

use std::sync::Arc;

use imgwatch::domain::log::{LogLine, LogNews, Tail};
use imgwatch::domain::wiring::{Edge, EdgeKind, Node, NodeKind, State, Wiring};
use imgwatch::effect::{Effect, TerminalEffect};
use imgwatch::keymap::action::Panel;
use imgwatch::model::Model;
use imgwatch::msg::Update;
use imgwatch::update::{Msg, update};

use super::{at, model, press, problem, send, support};

fn arn(function: &str) -> String {
    format!("arn:aws:lambda:eu-west-1:123456789012:function:{function}")
}

/// A bucket that sends to `thumbs`, to `index`, and to a function of another account; `thumbs` is the line's.
fn wiring() -> Wiring {
    let bucket = Node::new(NodeKind::Bucket, "images").read().followed();
    let (mut nodes, mut edges) = (vec![bucket.clone()], Vec::new());
    for name in ["audit", "index", "thumbs"] {
        let (node, edge) = Edge::to(&bucket, NodeKind::Function, &arn(name), EdgeKind::AllEvents, State::Ok);
        let (group, to_group) =
            Edge::to(&node, NodeKind::LogGroup, &format!("/aws/lambda/{name}"), EdgeKind::Log, State::Ok);
        let node = if name == "audit" { Node { state: State::OtherAccount, ..node } } else { node.read() };
        nodes.extend([if name == "thumbs" { node.followed() } else { node }, group.read()]);
        edges.extend([edge, to_group]);
    }
    Wiring::new(nodes, edges)
}

fn line(second: i64, function: &str, text: &str) -> LogLine {
    LogLine { function: function.into(), ..support::line(at(second), &second.to_string(), text) }
}

/// A dashboard of that pipeline, with one line of `thumbs` and two of `index`.
fn several() -> Model {
    let (mut model, _) = model();
    send(&mut model, Update::Wiring(Arc::new(wiring())));
    send(&mut model, Update::Tail(Tail::Live));
    send(&mut model, Update::LogRead(at(0)));
    for news in [LogNews::Tail(Tail::Live), LogNews::Read(at(0))] {
        send(&mut model, Update::OtherLog { function: "index".into(), news });
    }
    let lines = [line(1, "thumbs", "one"), line(2, "index", "two"), line(3, "index", "three")];
    send(&mut model, Update::LogLines(lines.into()));
    model
}

fn shown(model: &Model) -> Vec<&str> {
    model.logs.visible().map(|line| line.text.raw()).collect()
}

#[test]
fn the_filter_finds_a_function_by_its_name_where_lines_show_it() {
    let (mut model, _) = model();
    send(&mut model, Update::LogLines(vec![line(1, "thumbs", "one"), line(2, "thumbs", "of thumbs")]));
    press(&mut model, "3 / 'thumbs' enter");
    assert_eq!(shown(&model), ["of thumbs"], "the name of the only function is in no line");
    send(&mut model, Update::LogLines(vec![line(3, "index", "two")]));
    assert_eq!(shown(&model), ["one", "of thumbs"], "of two, it is");
    press(&mut model, "esc / '!THUMBS' enter");
    assert_eq!(shown(&model), ["two"]);
    press(&mut model, "esc / 'index' enter esc g N");
    assert_eq!(model.logs.search().text(), "index");
    // A function that is followed and has no line yet is one more, too.
    let (mut model, _) = self::model();
    send(&mut model, Update::LogLines(vec![line(1, "thumbs", "one")]));
    press(&mut model, "3 / 'thumbs' enter");
    assert_eq!(shown(&model), [""; 0]);
    send(&mut model, Update::OtherLog { function: "index".into(), news: LogNews::Tail(Tail::Connecting) });
    assert_eq!(shown(&model), ["one"]);
    send(&mut model, Update::OtherLog { function: "index".into(), news: LogNews::Ended });
    assert_eq!(shown(&model), [""; 0]);
}

#[test]
fn lines_that_are_dropped_take_their_function_with_them() {
    let (mut model, _) = model();
    send(&mut model, Update::LogLines(vec![line(0, "index", "old")]));
    let many = (1..=i64::try_from(imgwatch::model::logs::MAX_LINES).unwrap()).map(|at| line(at, "thumbs", "new"));
    press(&mut model, "3 / 'new' enter");
    send(&mut model, Update::LogLines(many.collect()));
    assert!(!model.logs.are_named());
    assert_eq!(model.logs.len(), imgwatch::model::logs::MAX_LINES);
}

/// Opens the pipeline and goes to the row of a resource.
fn go_to(model: &mut Model, kind: NodeKind, name: &str) {
    press(model, "m");
    let is_it = |node: &Node| node.kind == kind && node.name.raw() == name;
    let row = model.wiring.outline().iter().position(|row| is_it(row.node)).unwrap();
    for _ in 0..row {
        press(model, "j");
    }
}

#[test]
fn a_function_of_the_pipeline_and_its_log_group_lead_to_its_lines_alone() {
    let mut model = several();
    for (kind, name, expected) in [
        (NodeKind::Function, "index", &["two", "three"][..]),
        (NodeKind::LogGroup, "/aws/lambda/thumbs", &["one"]),
        (NodeKind::Function, "thumbs", &["one"]),
    ] {
        go_to(&mut model, kind, name);
        press(&mut model, "3");
        assert!(model.dialog.is_none() && model.focus == Panel::Logs, "{name}");
        assert_eq!(shown(&model), expected, "{name}");
        press(&mut model, "esc");
        assert_eq!(shown(&model), ["one", "two", "three"], "{name}");
    }
    // Whatever the filter hid before.
    press(&mut model, "3 / 'one' enter");
    go_to(&mut model, NodeKind::Function, "index");
    press(&mut model, "3");
    assert_eq!(shown(&model), ["two", "three"]);
}

#[test]
fn what_has_no_log_that_is_followed_says_why() {
    for (kind, name, expected) in [
        (NodeKind::Function, "audit", "audit: not followed: it is in another account"),
        (NodeKind::Bucket, "images", "only functions and their log groups have logs"),
    ] {
        let mut model = several();
        go_to(&mut model, kind, name);
        press(&mut model, "3");
        assert_eq!(model.notice.as_ref().map(|notice| notice.text.raw()), Some(expected));
        assert!(model.dialog.is_some(), "{name}: the pipeline stays open");
    }
}

#[test]
fn every_resource_whose_arn_follows_from_a_name_has_one_to_copy() {
    for (kind, name, expected) in [
        (NodeKind::Bucket, "images", "arn:aws:s3:::images"),
        (NodeKind::LogGroup, "/aws/lambda/index", "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/index"),
        (NodeKind::Function, "index", "arn:aws:lambda:eu-west-1:123456789012:function:index"),
    ] {
        let mut model = several();
        go_to(&mut model, kind, name);
        let copied = Effect::Terminal(TerminalEffect::Copy(expected.to_owned()));
        assert_eq!(press(&mut model, "Y"), [copied], "{name}");
    }
}

#[test]
fn what_is_old_is_drawn_until_it_is_not() {
    let mut model = several();
    let tick = |model: &mut Model, second| drop(update(model, Msg::Tick(at(second))));
    tick(&mut model, 10);
    assert!(!model.animates(), "nothing is old");
    send(&mut model, Update::LogRead(at(10)));
    tick(&mut model, 11);
    assert!(model.animates(), "index was read eleven seconds ago");
    send(&mut model, Update::OtherLog { function: "index".into(), news: LogNews::Read(at(11)) });
    assert!(!model.animates());
    tick(&mut model, 30);
    assert!(model.animates(), "both are old");
}

#[test]
fn an_absence_is_known_only_where_every_log_was_read() {
    let mut model = several();
    let tell = |model: &mut Model, news| drop(send(model, Update::OtherLog { function: "index".into(), news }));
    send(&mut model, Update::LogRead(at(9)));
    assert_eq!(model.logs.reading().read_at, Some(at(0)), "the one that was read longest ago");
    send(&mut model, Update::LogSettings(support::json_logs("INFO", "INFO")));
    assert_eq!(model.logs.reading().platform_lines, None, "the other's are not known");
    tell(&mut model, LogNews::Settings(support::json_logs("INFO", "WARN")));
    assert_eq!(model.logs.reading().platform_lines, Some(false));
    tell(&mut model, LogNews::Settings(support::json_logs("INFO", "INFO")));
    assert_eq!(model.logs.reading().platform_lines, Some(true));
    tell(&mut model, LogNews::Tail(Tail::NoInvocationYet));
    assert_eq!(*model.logs.reading().tail, Tail::Live, "where there is no group, there is no invocation");
    tell(&mut model, LogNews::Tail(Tail::Failed(problem())));
    assert!(matches!(model.logs.reading().tail, Tail::Failed(_)));
    tell(&mut model, LogNews::Tail(Tail::Connecting));
    assert_eq!(model.logs.reading().read_at, None, "it is read from its beginning again");
    assert_eq!(model.logs.reading().platform_lines, None);
    tell(&mut model, LogNews::Ended);
    assert_eq!(model.logs.reading().read_at, Some(at(9)));
}

#[test]
fn a_log_that_cannot_be_read_is_said_once_and_kept() {
    let mut model = several();
    let failed = || LogNews::Tail(Tail::Failed(problem()));
    send(&mut model, Update::OtherLog { function: "index".into(), news: failed() });
    let said = problem().to_string();
    assert_eq!(model.notice.as_ref().map(|notice| notice.text.raw().to_owned()), Some(said.clone()));
    assert_eq!(model.history.iter().filter(|notice| notice.text.raw() == said).count(), 1);
    assert_eq!(model.logs.tail, Tail::Live, "the line's function is not concerned");
}
