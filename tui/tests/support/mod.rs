//! Values of the domain, as tests and benchmarks need them: what a case is not about is usual, and what it is about is said
//! where it stands, by struct update or a field.

#![allow(dead_code, reason = "each test program that includes this file uses a part of it")]

pub(crate) mod wiring;

use imgwatch::domain::evidence::{DeliveryStatusEntry, Fact, InvocationReport, LogSource, ReportStatus, Write};
use imgwatch::domain::ids::UploadId;
use imgwatch::domain::log::{LineKind, LogLine, LogSettings};
use imgwatch::domain::objects::Object;
use imgwatch::domain::pipeline::Pipeline;
use imgwatch::domain::problem::{Problem, ProblemKind};
use imgwatch::domain::subscriptions::{Attributes, Protocol, Subscription};
use imgwatch::domain::transfer::{ObjectKey, Transfer, TransferState, Upload, UploadSource};
use imgwatch::text::clean::Clean;
use jiff::Timestamp;

pub(crate) const E_TAG: &str = "9b2cf535f27731c974343645a3985328";

/// So many milliseconds after the moment at which most tests begin.
pub(crate) fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(1_790_000_000_000 + millis).unwrap_or_default()
}

pub(crate) fn pipeline(target: &str) -> Pipeline {
    Pipeline {
        bucket: "images".into(),
        function: "ImageUploadProcessor".into(),
        topic: "image-uploads".into(),
        target: target.into(),
    }
}

/// One that does not pass by itself.
pub(crate) fn problem(what: &str, why: &str, hint: &'static str) -> Problem {
    Problem::new(ProblemKind::Denied, what, why).with_hint(hint)
}

pub(crate) fn object(key: &str, size: u64, modified: Timestamp) -> Object {
    Object { key: key.into(), size, modified, e_tag: None }
}

/// What an event says of an object, with the entity tag of a content that only this key has.
pub(crate) fn write(key: &str, request: Option<&str>) -> Write {
    Write {
        bucket: "images".into(),
        key: key.into(),
        e_tag: Some(Clean::new(&format!("etag of {key}"))),
        version_id: None,
        sequencer: None,
        s3_request_id: request.map(Clean::new),
    }
}

/// A line of an invocation.
pub(crate) fn source(at: Timestamp, request: &str) -> LogSource {
    LogSource { at, function: "f".into(), stream: "stream".into(), lambda_request_id: Some(request.into()) }
}

pub(crate) fn stored(upload: u64, began: Timestamp, at: Timestamp, write: Write, size: u64) -> Fact {
    Fact::Stored { upload: UploadId(upload), began, at, not_before: began, write, size }
}

pub(crate) fn published(source: LogSource, write: Write, message: &str) -> Fact {
    Fact::Published { source, write, message_id: message.into() }
}

pub(crate) fn report(status: ReportStatus) -> InvocationReport {
    InvocationReport {
        duration_us: Some(14_200),
        billed_us: Some(15_000),
        init_us: None,
        memory_mb: Some(128),
        memory_used_mb: Some(31),
        status,
        error: None,
    }
}

/// That a message has arrived.
pub(crate) fn delivery_status(at: Timestamp, message: &str, destination: &str) -> DeliveryStatusEntry {
    DeliveryStatusEntry {
        message_id: message.into(),
        topic: None,
        at,
        accepted: None,
        destination: destination.into(),
        success: true,
        status_code: Some(200),
        response: None,
        dwell_ms: Some(11),
        attempts: Some(1),
    }
}

/// A line that a function of others printed.
pub(crate) fn line(at: Timestamp, id: &str, text: &str) -> LogLine {
    LogLine {
        id: id.into(),
        at,
        function: "f".into(),
        stream: "stream".into(),
        kind: LineKind::Text,
        level: None,
        request_id: None,
        invocation: None,
        text: Clean::log(text),
        full: Clean::log(text),
    }
}

/// JSON logs of a function in Python that keep lines from these levels on.
pub(crate) fn json_logs(application: &str, system: &str) -> LogSettings {
    LogSettings {
        runtime: Some("python3.13".into()),
        format: Some("JSON".into()),
        application_level: Some(application.into()),
        system_level: Some(system.into()),
    }
}

/// Confirmed where its attributes were read.
pub(crate) fn subscription(protocol: Protocol, endpoint: &str, read: Option<Timestamp>) -> Subscription {
    let read_at = |at| Attributes::Read { at, filter_policy: None, authenticated: None };
    Subscription {
        arn: read.map(|_| Clean::new(&format!("arn:{endpoint}"))),
        protocol,
        endpoint: endpoint.into(),
        attributes: read.map_or(Attributes::Pending, read_at),
    }
}

pub(crate) fn upload(path: &str, key: &str) -> Upload {
    Upload { source: UploadSource::File(path.into()), key: ObjectKey::Named(key.to_owned()), replace: false }
}

/// An upload of a file of this name that has sent nothing yet.
pub(crate) fn transfer(id: u64, key: &str, began: Timestamp, state: TransferState) -> Transfer {
    Transfer {
        id: UploadId(id),
        upload: upload(&format!("/pictures/{key}"), key),
        key: key.into(),
        size: None,
        sent: 0,
        began,
        moved: began,
        state,
    }
}
