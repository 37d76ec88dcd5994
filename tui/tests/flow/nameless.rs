//! A function whose log names no object: said once, after invocations have shown it.

use imgwatch::domain::evidence::{Fact, ReportStatus};
use imgwatch::domain::log::Tail;
use imgwatch::model::Model;
use imgwatch::msg::Update;
use imgwatch::update::{Msg, settle, update};

use super::{at, model, send, support};

/// An invocation from one second to the next, with these lines.
fn invocation(id: &str, second: i64, printed: &[&str], status: ReportStatus) -> Vec<Fact> {
    let mut facts = vec![Fact::Invoked(support::source(at(second), id))];
    facts.extend(printed.iter().map(|line| Fact::Printed(support::source(at(second), id), (*line).into())));
    facts.push(Fact::Reported(support::source(at(second + 1), id), support::report(status)));
    facts
}

fn uploaded() -> Model {
    let (mut model, _) = model();
    send(&mut model, Update::Tail(Tail::Live));
    send(&mut model, Update::LogSettings(support::json_logs("INFO", "INFO")));
    let write = support::write("photos/cat.png", Some("C3D13FE58DE4C810"));
    send(&mut model, Update::Facts(vec![support::stored(1, at(10), at(11), write, 3)]));
    model
}

/// How often it was said by this second, and what.
fn said(model: &mut Model, second: i64) -> Vec<String> {
    update(model, Msg::Tick(at(second)));
    settle(model);
    let said = model.history.iter().map(|notice| notice.text.shown().to_owned());
    said.filter(|text| text.contains("names no object")).collect()
}

#[test]
fn it_is_said_once_with_the_line_to_log() {
    let mut model = uploaded();
    assert_eq!(said(&mut model, 60), [""; 0], "no invocation has come");
    let mut model = uploaded();
    send(&mut model, Update::Facts(invocation("L-1", 12, &["sent a message"], ReportStatus::Success)));
    assert_eq!(said(&mut model, 20), [""; 0], "its own may be on the way");
    let text = said(&mut model, 30).concat();
    assert!(text.contains("1 invocation since the upload") && text.ends_with("print(json.dumps(event))"), "{text}");
    send(&mut model, Update::Facts(invocation("L-2", 31, &[], ReportStatus::Success)));
    assert_eq!(said(&mut model, 60).len(), 1);
    // What is known is of the function before.
    send(&mut model, Update::Tail(Tail::Connecting));
    assert_eq!(said(&mut model, 70).len(), 1);
}

#[test]
fn nothing_is_said_of_a_function_that_names_one() {
    let event = r#"{"Records":[{"responseElements":{"x-amz-request-id":"OTHER"},"s3":{"object":{"sequencer":"1"}}}]}"#;
    let cases: [(&str, &[&str], i64, ReportStatus); 5] = [
        ("it names the key", &["got photos/cat.png"], 12, ReportStatus::Success),
        ("it names the last part", &["got cat.png"], 12, ReportStatus::Success),
        ("it logs events", &[event], 12, ReportStatus::Success),
        ("it began before the upload", &[], 5, ReportStatus::Success),
        ("it failed before it could", &[], 12, ReportStatus::Error),
    ];
    for (case, printed, second, status) in cases {
        let mut model = uploaded();
        send(&mut model, Update::Facts(invocation("L-1", second, printed, status)));
        assert_eq!(said(&mut model, 60), [""; 0], "{case}");
    }
}
