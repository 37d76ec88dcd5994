//! Checks of the ground that everything stands on: who asks, what time it is, and whether the parts can meet at all.

use imgwatch_shared::arn::Arn;

use crate::domain::diagnosis::findings::{Findings, Lookup};
use crate::domain::diagnosis::{Check, Draft, fix};
use crate::text::time;

/// AWS refuses requests that are off by more than this.
const SKEW_REFUSED_MS: i64 = 5 * 60_000;

/// From here on times from here and from there cannot be compared well.
const SKEW_NOTED_MS: i64 = 30_000;

const CALLER: Draft =
    Draft { id: "caller", title: "Caller identity", why: "all checks use the permissions of this identity" };

const CLOCK: Draft = Draft {
    id: "clock",
    title: "Clock of this machine",
    why: "AWS rejects requests if the clock is off by more than five minutes, and times in timelines would be wrong",
};

const BUCKET: Draft =
    Draft { id: "bucket", title: "Bucket and region", why: "requests to another region are redirected or refused" };

const REGIONS: Draft = Draft {
    id: "regions",
    title: "Regions of the pipeline",
    why: "S3 invokes only functions in its own region, and the function publishes to topics in its region",
};

pub(super) fn region_of(arn: &str) -> &str {
    Arn::parse(arn).map_or("", |arn| arn.region)
}

pub(super) fn account_of(arn: &str) -> &str {
    Arn::parse(arn).map_or("", |arn| arn.account)
}

pub(super) fn check(findings: &Findings, out: &mut Vec<Check>) {
    out.push(match &findings.caller {
        Lookup::Found(caller) => CALLER.ok(&format!("{} of account {}", caller.arn.raw(), caller.account.raw())),
        lookup => CALLER.not_checked(lookup),
    });
    out.push(clock(findings));
    out.push(bucket(findings));
    out.push(regions(findings));
}

fn clock(findings: &Findings) -> Check {
    let Lookup::Found(ahead) = findings.clock_ahead_ms else { return CLOCK.not_checked(&findings.clock_ahead_ms) };
    let off = ahead.abs();
    let side = if ahead < 0 { "behind" } else { "ahead of" };
    let text = format!("{} {side} the Date header of S3", time::duration(off));
    let fix = || vec![fix::note("synchronise the clock with NTP:"), "sudo timedatectl set-ntp true".into()];
    match off {
        SKEW_REFUSED_MS.. => CLOCK.failure(&text, fix()),
        SKEW_NOTED_MS.. => CLOCK.warning(&text, fix()),
        // The header knows whole seconds.
        _ => CLOCK.ok("within 30 seconds of the Date header of S3"),
    }
}

fn bucket(findings: &Findings) -> Check {
    let names = &findings.names;
    let bucket = names.bucket.raw();
    match &findings.bucket_region {
        Lookup::Found(region) if region == &names.region => BUCKET.ok(&format!("{bucket} is in {}", region.raw())),
        Lookup::Found(region) => {
            let text = format!("{bucket} is in {}, requests go to {}", region.raw(), names.region.raw());
            BUCKET.failure(&text, vec![fix::note(&format!("run imgwatch with --region {}", region.raw()))])
        }
        Lookup::Missing(why) => {
            let words = ["s3api", "create-bucket", "--bucket", bucket];
            let place = format!("LocationConstraint={}", names.region.raw());
            let elsewhere = ["--create-bucket-configuration", &place];
            let words =
                if names.region.raw() == "us-east-1" { words.to_vec() } else { [&words[..], &elsewhere].concat() };
            let fix = vec![
                fix::note("check --bucket, --profile and --region; or create the bucket:"),
                fix::aws(findings, &words),
            ];
            BUCKET.failure(&format!("{bucket}: {}", why.raw()), fix)
        }
        lookup => BUCKET.not_checked(lookup),
    }
}

fn regions(findings: &Findings) -> Check {
    let mut parts = vec![("topic", region_of(findings.names.topic_arn.raw()))];
    parts.extend(findings.function.found().map(|function| ("function", region_of(function.arn.raw()))));
    parts.extend(findings.bucket_region.found().map(|region| ("bucket", region.raw())));
    parts.retain(|(_, region)| !region.is_empty());
    parts.reverse();
    let text: Vec<String> = parts.iter().map(|(part, region)| format!("{part} in {region}")).collect();
    let text = text.join(", ");
    let Some((_, first)) = parts.first() else { return REGIONS.not_checked(&findings.function) };
    if parts.iter().all(|(_, region)| region == first) {
        // What could not be seen may be anywhere. The topic's region is a part of its name.
        let check = REGIONS.ok(&text);
        let check = check.besides("the bucket's region", &findings.bucket_region);
        let check = check.besides("the function's region", &findings.function);
        let has_topic = !findings.names.topic_arn.raw().is_empty();
        return if has_topic { check } else { check.besides::<()>("the topic's region", &Lookup::NotAsked) };
    }
    REGIONS.failure(
        &text,
        vec![fix::note("choose resources of one region, or deploy the others in the region of the bucket")],
    )
}
