//! The last invocations in the function's log, and the objects whose names are looked for there. Bounded: a busy log and a
//! large bucket are read in part, and the findings say so.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use super::log::{AFTER, Part, ago};
use super::lookup::LookupReader;
use crate::cloud::follow::lines;
use crate::domain::diagnosis::findings::{Invocations, Listing, Lookup};
use crate::domain::objects::{Object, e_tag};
use crate::text::clean::Clean;

/// How far back the log is read for the last invocations, from the first attempt to the last: most functions are quiet, and
/// the log of a busy one is long.
const BACK: [Duration; 3] = [Duration::from_mins(10), Duration::from_hours(1), Duration::from_hours(24)];

/// Pages of the log that are read for them, each of at most 1 MB.
const READ: usize = 5;

/// Pages of the bucket that are listed for the names in the log.
const LISTED: usize = 5;

/// The last invocations in the log.
pub(super) async fn read(
    reader: LookupReader<'_>,
    logs: &aws_sdk_cloudwatchlogs::Client,
    group: &Clean,
    (s3, bucket): (&aws_sdk_s3::Client, &Clean),
) -> Lookup<Invocations> {
    let now = Timestamp::now();
    let mut read = (now, Listing::from(Vec::new()));
    for back in BACK {
        let since = ago(now, back);
        let part = Part { reader, logs, group, since, until: None };
        let listing = match part.read(None, READ).await {
            Lookup::Found(listing) => listing,
            other => return other.map(|_| Invocations::of(since, Vec::new(), &[], bucket, &[])),
        };
        let (lines, _) = lines::read(&listing.items);
        let requests: BTreeSet<_> = lines.iter().filter_map(|line| line.request_id.as_ref()).collect();
        let is_enough = requests.len() >= Invocations::MOST || listing.rest.found().is_none();
        read = (since, listing);
        if is_enough {
            break;
        }
    }
    let (since, listing) = read;
    let (lines, facts) = lines::read(&listing.items);
    // What an invocation of that time handled was written in the hours before, since Lambda tries for up to six.
    let objects = objects(reader, s3, bucket, ago(since, AFTER)).await;
    let unlisted = objects.as_ref().map_or_else(Clone::clone, |listing| listing.rest.clone());
    let objects = objects.map(|listing| listing.items).unwrap_or_default();
    let found = Invocations::of(since, lines, &facts, bucket, &objects);
    Lookup::Found(Invocations { rest: listing.rest, unlisted, ..found })
}

/// The objects that were written since, as far as the bucket could be listed.
async fn objects(
    reader: LookupReader<'_>,
    s3: &aws_sdk_s3::Client,
    bucket: &Clean,
    since: Timestamp,
) -> Result<Listing<Object>, Lookup<()>> {
    let reader = LookupReader { named: bucket.raw(), ..reader };
    let (mut items, mut token): (Vec<Object>, Option<String>) = (Vec::new(), None);
    for _ in 0..LISTED {
        let request = s3.list_objects_v2().bucket(bucket.raw()).set_continuation_token(token).send();
        let page = match reader.at("s3:ListBucket", request).await {
            Lookup::Found(page) => page,
            other if items.is_empty() => return Err(other.map(|_| ())),
            other => return Ok(Listing { items, rest: other.map(|_| ()) }),
        };
        let written = page.contents().iter().filter_map(object_of);
        items.extend(written.filter(|object| object.modified >= since));
        token = page.next_continuation_token().map(str::to_owned);
        if token.is_none() {
            return Ok(items.into());
        }
    }
    let why = format!("it has more than the {} objects that are listed", LISTED * 1_000);
    Ok(Listing { items, rest: Lookup::Failed(why.into()) })
}

fn object_of(object: &aws_sdk_s3::types::Object) -> Option<Object> {
    let modified = object.last_modified().and_then(|at| Timestamp::from_second(at.secs()).ok())?;
    let e_tag = object.e_tag().map(e_tag);
    Some(Object { key: Clean::new(object.key()?), size: 0, modified, e_tag })
}
