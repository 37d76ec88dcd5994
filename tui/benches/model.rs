//! How long the model and a frame take for much of everything: the tasks behind one page, one typed letter or one burst.
//! Small and large stand side by side, so that a run says how the one grows into the other.
//!
//! `cargo bench -p imgwatch --bench model` measures; no test depends on a number of it.

mod setup;
#[path = "../tests/support/mod.rs"]
mod support;

use criterion::{BatchSize, Criterion};
use imgwatch::domain::evidence::{Fact, ReportStatus};
use imgwatch::domain::ids::RequestId;
use imgwatch::domain::log::LogLine;
use imgwatch::domain::objects::Object;
use imgwatch::domain::timeline::Timelines;
use imgwatch::model::filter::Filter;
use imgwatch::model::load::Load;
use imgwatch::model::logs::Logs;
use imgwatch::model::objects::{Objects, Sort};
use imgwatch::model::{Connection, Model};
use imgwatch::view;
use jiff::Timestamp;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

const LINES: i64 = 20_000;
const OBJECTS: i64 = 1_000_000;
const PAGE: usize = 1_000;
/// The most is as many as are kept: ten facts belong to one upload, and here five.
const UPLOADS: [u64; 3] = [500, 2_000, 20_000];
const SCREENS: [(u16, u16); 2] = [(80, 24), (200, 60)];
/// It shares no factor with the counts above: its multiples visit every place once, in no order.
const STEP: i64 = 7_919;

fn main() {
    let mut criterion = setup::criterion();
    logs(&mut criterion);
    objects(&mut criterion);
    uploads(&mut criterion);
    frames(&mut criterion);
    criterion.final_summary();
}

fn logs(criterion: &mut Criterion) {
    let in_order: Vec<LogLine> = (0..LINES).map(line).collect();
    let mixed: Vec<LogLine> = (0..LINES).map(|number| line(number * STEP % LINES)).collect();
    for (name, lines) in [("in order", in_order), ("out of order", mixed)] {
        for filter in ["", "cat"] {
            let name = format!("logs: insert 20,000 lines {name}, filter {filter:?}");
            criterion.bench_function(&name, |bencher| {
                bencher.iter_batched(|| lines.clone(), |lines| log_of(lines, filter), BatchSize::PerIteration);
            });
        }
    }
}

fn log_of(lines: Vec<LogLine>, filter: &str) -> Logs {
    let mut logs = Logs::default();
    logs.set_filter(Filter::new(filter));
    for line in lines {
        logs.insert([line]);
    }
    logs
}

fn objects(criterion: &mut Criterion) {
    let all: Vec<Object> = (0..OBJECTS).map(object).collect();
    criterion.bench_function("objects: take a million in pages of 1,000", |bencher| {
        let pages = || all.chunks(PAGE).map(<[Object]>::to_vec).collect::<Vec<_>>();
        bencher.iter_batched(pages, bucket, BatchSize::PerIteration);
    });
    let mut objects = bucket(all.chunks(PAGE).map(<[Object]>::to_vec).collect());
    criterion.bench_function("objects: sort a million again", |bencher| {
        bencher.iter(|| {
            objects.set_sort(objects.sort().next());
            objects.arrange();
        });
    });
    objects.set_sort(Sort::Newest);
    objects.arrange();
    for text in ["1", "12", "123"] {
        criterion.bench_function(&format!("objects: filter a million by {text:?}"), |bencher| {
            bencher.iter(|| {
                objects.set_filter(Filter::new(text));
                objects.arrange();
            });
        });
    }
    objects.set_filter(Filter::default());
    objects.arrange();
    let mut time = OBJECTS;
    criterion.bench_function("objects: put a known key among a million", |bencher| {
        bencher.iter(|| {
            time += 1;
            objects.put(Object { modified: at(time), ..object(time * STEP % OBJECTS) });
            objects.arrange();
        });
    });
}

fn bucket(pages: Vec<Vec<Object>>) -> Objects {
    let mut objects = Objects::default();
    objects.begin_listing();
    objects.load.begin(RequestId(1));
    let last = pages.len().saturating_sub(1);
    for (number, page) in pages.into_iter().enumerate() {
        objects.take_page(page, number == last);
        objects.arrange();
    }
    objects.load = Load::Ready;
    objects.arrange();
    objects
}

fn uploads(criterion: &mut Criterion) {
    for number in UPLOADS {
        let facts: Vec<Fact> = (0..number).flat_map(facts).collect();
        criterion.bench_function(&format!("uploads: fold the facts of {number}"), |bencher| {
            let learned = || {
                let mut uploads = Timelines::default();
                uploads.learn(facts.clone());
                uploads
            };
            bencher.iter_batched_ref(learned, Timelines::refold, BatchSize::PerIteration);
        });
    }
}

/// Drawing touches what is in view: with a million rows it should cost what it costs with a thousand.
fn frames(criterion: &mut Criterion) {
    for (name, share) in [("a thousandth", 1_000), ("all", 1)] {
        let model = filled(share);
        for (width, height) in SCREENS {
            let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal of memory");
            criterion.bench_function(&format!("frame: draw {width}x{height} over {name} of everything"), |bencher| {
                bencher.iter(|| terminal.draw(|frame| view::draw(frame, &model, None)).map(|frame| frame.count));
            });
        }
    }
}

/// A dashboard with this share of everything in its panels.
fn filled(share: i64) -> Model {
    let mut model = Model::new(at(OBJECTS), support::pipeline("eu-west-1"));
    model.connection = Connection::Ready;
    model.objects =
        bucket((0..OBJECTS / share).map(object).collect::<Vec<_>>().chunks(PAGE).map(<[_]>::to_vec).collect());
    model.logs = log_of((0..LINES / share).map(line).collect(), "");
    model.uploads.timelines.learn((0..UPLOADS[2] / share.unsigned_abs()).flat_map(facts));
    model.uploads.timelines.refold();
    model
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or_default()
}

fn line(number: i64) -> LogLine {
    let text = format!("line {number}: published the image photos/2026/03/{number:06}.png to the topic");
    LogLine {
        stream: "2026/03/01/[$LATEST]4f1e6a".into(),
        ..support::line(at(number), &format!("{number:056}"), &text)
    }
}

/// Keys come in S3's order, times do not.
fn object(number: i64) -> Object {
    let place = number * STEP % OBJECTS;
    let key = format!("photos/2026/03/{number:06}.png");
    Object { e_tag: Some(support::E_TAG.into()), ..support::object(&key, place.unsigned_abs(), at(place)) }
}

/// What is seen of one upload that goes well.
fn facts(number: u64) -> [Fact; 5] {
    let began = i64::try_from(number).unwrap_or_default() * 10;
    let write = support::write(&format!("photos/{number:04}.png"), Some(&format!("S3-{number}")));
    let source = |seconds| support::source(at(began + seconds), &format!("L-{number}"));
    [
        support::stored(number, at(began), at(began + 1), write.clone(), 1_000),
        Fact::Invoked(source(2)),
        Fact::Received(source(3), write.clone()),
        support::published(source(4), write, &format!("M-{number}")),
        Fact::Reported(source(5), support::report(ReportStatus::Success)),
    ]
}
