//! Several functions that get the events of one bucket, side by side.

use crate::domain::delivery::{deliveries, incomplete};
use crate::domain::evidence::{Fact, LogSource, ReportStatus, TopicMessage, Write};
use crate::domain::subscriptions::Subscriptions;
use crate::domain::timeline::tests::{in_any_order, line, stored, write};
use crate::domain::timeline::{Basis, Joined, KnownFunctions, Outcome, Timeline, Timelines, UploadStatus, fold};
use crate::domain::wiring::{EdgeKind, NodeKind, Wiring};
use crate::support::wiring::{Graph, rule};
use crate::support::{self, at, report};
use crate::text::clean::Clean;

fn of(function: &str, millis: i64, id: &str) -> LogSource {
    LogSource { function: function.into(), stream: Clean::new(&format!("stream of {function}")), ..line(millis, id) }
}

fn image() -> Write {
    write("in/a.png", Some("S3-1"))
}

/// An invocation of a function that ends like this.
fn invocation(function: &str, id: &str, status: ReportStatus) -> [Fact; 2] {
    [Fact::Invoked(of(function, 40, id)), Fact::Reported(of(function, 60, id), report(status))]
}

fn printed(function: &str, id: &str, text: &str) -> Fact {
    Fact::Printed(of(function, 50, id), text.into())
}

/// The timelines, which are the same in whatever order the facts come, if `f` is followed.
fn timelines(facts: &[Fact], wiring: &Wiring) -> Vec<Timeline> {
    let following = || {
        let mut uploads = Timelines::default();
        uploads.follow(wiring);
        uploads
    };
    in_any_order(facts, following, |uploads| uploads.all().to_vec())
}

fn only(facts: &[Fact]) -> Timeline {
    let mut all = timelines(facts, &wiring());
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// The bucket's function `f` publishes to the topic that is followed, `g` does so as well, and `h` to another one.
fn wiring() -> Wiring {
    let mut graph = Graph::new();
    for (function, topic) in [("f", "done"), ("g", "done"), ("h", "other")] {
        let function = graph.to(&graph.bucket.clone(), NodeKind::Function, function, rule(""));
        let topic = graph.to(&function, NodeKind::Topic, topic, EdgeKind::Variable("T".into()));
        if topic.name.raw() == "done" {
            graph.know(topic.followed());
        }
    }
    graph.following("f")
}

fn functions(timeline: &Timeline) -> Vec<(&str, Joined)> {
    timeline.each().map(|part| (part.function.raw(), part.joined)).collect()
}

fn status(facts: &[Fact]) -> UploadStatus {
    let mut uploads = Timelines::default();
    uploads.follow(&wiring());
    uploads.learn(facts.iter().cloned());
    uploads.refold();
    uploads.status(&uploads.all()[0], super::read(100, Some(true)), at(100))
}

#[test]
fn one_function_may_fail_while_the_other_one_publishes() {
    let published = support::published(of("f", 50, "L-f"), image(), "M-1");
    let mut facts = vec![stored(1, 0, image()), published];
    facts.extend(invocation("f", "L-f", ReportStatus::Success));
    assert_eq!(status(&facts), UploadStatus::Published);
    for attempt in 0..3_i64 {
        let line = |millis| of("g", 40 + attempt * 10 + millis, "L-g");
        facts.extend([
            Fact::Invoked(line(0)),
            Fact::Failed { source: line(1), write: image(), reason: "no right".into() },
            Fact::Reported(line(2), report(ReportStatus::Failure)),
        ]);
        assert_eq!(status(&facts), if attempt == 2 { UploadStatus::Failed } else { UploadStatus::Waiting });
    }
    let timeline = only(&facts);
    assert_eq!(functions(&timeline), [("f", Joined::Exactly), ("g", Joined::Exactly)]);
    let [first, second] = timeline.each().collect::<Vec<_>>()[..] else { panic!("two functions") };
    assert_eq!((first.publications().len(), first.has_given_up()), (1, false));
    assert_eq!((second.outcome.clone(), second.has_given_up()), (Outcome::Failed("no right".into()), true));
    assert_eq!(second.invocations[0].attempts.len(), 3);
}

#[test]
fn invocations_of_two_functions_are_no_rivals() {
    let mut facts = vec![stored(1, 0, write("in/a.png", None))];
    for (function, id) in [("f", "L-f"), ("g", "L-g")] {
        facts.push(printed(function, id, "new image in/a.png"));
        facts.extend(invocation(function, id, ReportStatus::Success));
    }
    let by_key = Joined::By(Basis::Key);
    assert_eq!(functions(&only(&facts)), [("f", by_key), ("g", by_key)]);
    assert_eq!(status(&facts), UploadStatus::Processed);
    // Two of one function are.
    facts.push(printed("g", "L-2", "new image in/a.png"));
    facts.extend(invocation("g", "L-2", ReportStatus::Success));
    assert_eq!(functions(&only(&facts)), [("f", by_key)]);
}

#[test]
fn an_upload_is_of_the_functions_that_got_it_only() {
    let mut facts = vec![stored(1, 0, image()), stored(2, 5, write("out/b.png", Some("S3-2")))];
    facts.push(support::published(of("g", 50, "L-g"), image(), "M-1"));
    let all = timelines(&facts, &wiring());
    let told: Vec<_> = all.iter().map(|it| (it.upload.unwrap().0, functions(it))).collect();
    // The second upload is not known to have come anywhere.
    assert_eq!(told, [(2, vec![("f", Joined::UploadOnly)]), (1, vec![("g", Joined::Exactly)])]);
    // What others uploaded is one timeline, too.
    let foreign = [
        Fact::Received(of("f", 50, "L-f"), write("c.png", Some("S3-3"))),
        Fact::Received(of("h", 51, "L-h"), write("c.png", Some("S3-3"))),
    ];
    assert_eq!(functions(&only(&foreign)), [("f", Joined::LogOnly), ("h", Joined::LogOnly)]);
}

#[test]
fn a_message_that_either_function_may_have_published_is_neithers() {
    let message = |id: &str| {
        let message = TopicMessage { message_id: id.into(), topic: "t".into(), at: at(55), attributes: "{}".into() };
        Fact::MessageText(message, "processed in/a.png".into())
    };
    let mut facts = vec![stored(1, 0, write("in/a.png", None)), message("M-1")];
    let one = |function: &str, id: &str| {
        let [began, ended] = invocation(function, id, ReportStatus::Success);
        [printed(function, id, "in/a.png"), began, ended]
    };
    facts.extend(one("f", "L-f"));
    assert_eq!(only(&facts).publications().len(), 1);
    facts.extend(one("g", "L-g"));
    let timeline = only(&facts);
    assert!(timeline.each().all(|part| part.outcome == Outcome::Waiting && part.is_processed()), "{timeline:?}");
    // A record of one of them says whose it is.
    facts.push(support::published(of("g", 56, "L-g"), write("in/a.png", None), "M-1"));
    let timeline = only(&facts);
    let published: Vec<(&str, usize)> =
        timeline.each().map(|part| (part.function.raw(), part.publications().len())).collect();
    assert_eq!(published, [("f", 0), ("g", 1)]);
}

#[test]
fn subscribers_are_those_of_the_topic_that_a_function_publishes_to() {
    let queue = "arn:aws:sqs:us-east-1:1:audit";
    for (function, shares) in [("f", true), ("g", true), ("h", false)] {
        let facts = [
            stored(1, 0, image()),
            support::published(of(function, 50, "L"), image(), "M-1"),
            Fact::DeliveryStatusEntry(support::delivery_status(at(70), "M-1", queue)),
        ];
        let timeline = only(&facts);
        assert_eq!(timeline.shares_topic, shares, "{function}");
        let subscriptions = Subscriptions::default();
        assert_eq!(deliveries(&timeline, &subscriptions).len(), 1, "what is shown to have arrived has");
        let why = incomplete(&timeline, &subscriptions).unwrap();
        assert_eq!(why.contains("what function h publishes"), !shares, "{why}");
    }
    // Nothing is known of a wiring that was not read.
    let unread = KnownFunctions { name: "f".into(), ..KnownFunctions::default() };
    let facts = [stored(1, 0, image()), support::published(of("g", 50, "L"), image(), "M-1")];
    assert!(!fold(&facts.into(), &unread)[0].shares_topic);
}
