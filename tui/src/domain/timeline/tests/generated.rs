//! Facts of every kind, in any order and repeated.

use std::collections::BTreeSet;

use jiff::Timestamp;
use proptest::prelude::*;

use crate::domain::evidence::{
    Counted, DeliveryStatusEntry, Envelope, Fact, LogSource, LogStretch, Probed, ReportStatus, SqsReceive,
};
use crate::domain::timeline::Timelines;
use crate::domain::timeline::tests::{line, stored};
use crate::support::{at, report, write};

/// What CloudWatch counts of the minute of all of this.
fn counted(complete_to: i64, count: u64) -> Fact {
    let minute = |second: i64| Timestamp::from_second(at(0).as_second().div_euclid(60) * 60 + second).unwrap();
    Fact::Counted(Counted {
        at: at(complete_to),
        topic: "topic".into(),
        from: minute(-60),
        to: minute(120),
        complete_to: at(complete_to),
        minutes: Some([(minute(0), count)].into()),
    })
}

fn any_fact() -> impl Strategy<Value = Fact> {
    let key = prop::sample::select(vec!["a.png", "b.png"]);
    let request = prop::option::of(prop::sample::select(vec!["S3-1", "S3-2", "S3-3"]));
    let image = (key, request).prop_map(|(key, request)| write(key, request));
    let source = (0i64..50, prop::sample::select(vec!["L-1", "L-2"]), prop::sample::select(vec!["x", "y"]))
        .prop_map(|(millis, id, stream)| LogSource { stream: stream.into(), ..line(millis, id) });
    let message = prop::sample::select(vec!["M-1", "M-2"]);
    let received = (0i64..50, message.clone(), any::<bool>());
    let ends = prop::sample::select(vec![ReportStatus::Success, ReportStatus::Failure, ReportStatus::Timeout]);
    let text = prop::sample::select(vec!["a.png", "s3://images/b.png", "nothing"]);
    let printed = (source.clone(), text, any::<bool>()).prop_map(|(source, text, names)| {
        let lambda_request_id = source.lambda_request_id.clone().filter(|_| names);
        Fact::Printed(LogSource { lambda_request_id, ..source }, text.into())
    });
    prop_oneof![
        printed,
        (0u64..4).prop_map(|id| {
            // One upload has one answer from S3.
            stored(id, i64::try_from(id).unwrap() * 7, write("a.png", Some(&format!("S3-{id}"))))
        }),
        source.clone().prop_map(Fact::Invoked),
        (source.clone(), image.clone(), 1u32..3).prop_map(|(source, write, count)| {
            let sqs = Some(SqsReceive { message_id: "Q".into(), count: Some(count) });
            Fact::Enveloped(source, write, Envelope { sqs, ..Envelope::default() })
        }),
        (source.clone(), image.clone()).prop_map(|(source, image)| Fact::Received(source, image)),
        (source.clone(), image.clone(), message.clone()).prop_map(|(source, write, message)| Fact::Published {
            source,
            write,
            message_id: message.into()
        }),
        (0i64..50, message.clone(), prop::sample::select(vec!["Q-1", "Q-2"])).prop_map(|(millis, message, queue)| {
            Fact::Probed(Probed { message_id: message.into(), at: at(millis), queue: queue.into() })
        }),
        received.prop_map(|(millis, message, success)| Fact::DeliveryStatusEntry(DeliveryStatusEntry {
            message_id: message.into(),
            topic: Some("topic".into()),
            at: at(millis),
            accepted: success.then(|| at(millis - 1)),
            destination: "Q-1".into(),
            success,
            status_code: None,
            response: None,
            dwell_ms: None,
            attempts: None,
        })),
        (0i64..3_000, 0u64..3).prop_map(|(complete_to, count)| counted(complete_to, count)),
        Just(Fact::LogRead(LogStretch { from: at(-900_000), to: at(10_000) })),
        (source.clone(), image.clone()).prop_map(|(source, write)| Fact::Failed {
            source,
            write,
            reason: "why".into()
        }),
        (source.clone(), image).prop_map(|(source, write)| Fact::Skipped { source, write, reason: "why".into() }),
        (source, ends).prop_map(|(source, end)| Fact::Reported(source, report(end))),
    ]
}

proptest! {
    #[test]
    fn order_and_repetition_do_not_matter(
        facts in prop::collection::vec(any_fact(), 0..30),
        order in any::<prop::sample::Index>(),
        again in any::<prop::sample::Index>(),
    ) {
        let learn = |facts: &[Fact]| {
            let mut uploads = Timelines::default();
            for fact in facts {
                // One at a time and folded in between, as they arrive in life.
                uploads.learn([fact.clone()]);
                uploads.refold();
            }
            uploads.all().to_vec()
        };
        let straight = learn(&facts);
        let mut shuffled = facts.clone();
        if !facts.is_empty() {
            shuffled.rotate_left(order.index(facts.len()));
            shuffled.reverse();
            shuffled.push(facts[again.index(facts.len())].clone());
        }
        prop_assert_eq!(&straight, &learn(&shuffled));
        let uploads: BTreeSet<_> = straight.iter().filter_map(|t| t.upload).collect();
        prop_assert_eq!(uploads.len(), straight.iter().filter(|t| t.upload.is_some()).count(), "no upload twice");
    }
}
