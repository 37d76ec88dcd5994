//! The check of incomplete multipart uploads: how many, since when, and what removes them.

use crate::domain::diagnosis::findings::{Findings, Lookup};
use crate::domain::diagnosis::{Check, Draft, fix};
use crate::domain::parts::Incomplete;
use crate::text::clean::Clean;
use crate::text::time;

const INCOMPLETE: Draft = Draft {
    id: "incomplete-uploads",
    title: "Incomplete multipart uploads",
    why: "an upload that was interrupted leaves parts in the bucket: no listing shows them, and AWS bills them",
};

pub(super) fn check(findings: &Findings) -> Check {
    let Lookup::Found(found) = &findings.incomplete_uploads else {
        return INCOMPLETE.not_checked(&findings.incomplete_uploads);
    };
    let bucket = findings.names.bucket.raw();
    if found.count == 0 {
        return INCOMPLETE.ok(&format!("none in {bucket}"));
    }
    let since = found.oldest.map(|at| format!(", begun since {}", time::utc(at))).unwrap_or_default();
    INCOMPLETE.note(&format!("{} in {bucket}{since}", found.counted()), removal(findings, found))
}

/// One command for each of the oldest; for the rest, the rule that removes them all.
fn removal(findings: &Findings, found: &Incomplete) -> Vec<Clean> {
    let bucket = findings.names.bucket.raw();
    let mut fix = vec![fix::note("a program may still be sending one; what this removes cannot be completed any more")];
    for (key, id, at) in &found.first {
        if let Some(at) = at {
            fix.push(fix::note(&format!("begun at {}:", time::utc(*at))));
        }
        let words =
            ["s3api", "abort-multipart-upload", "--bucket", bucket, "--key", key.raw(), "--upload-id", id.raw()];
        fix.push(fix::aws(findings, &words));
    }
    if found.is_more || found.count > found.first.len() {
        let text = "the others: a lifecycle rule with AbortIncompleteMultipartUpload removes all after some days; this lists \
            them:";
        fix.push(fix::note(text));
        fix.push(fix::aws(findings, &["s3api", "list-multipart-uploads", "--bucket", bucket]));
    }
    fix
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::diagnosis::CheckStatus;
    use crate::domain::diagnosis::tests::healthy;
    use jiff::Timestamp;

    fn incomplete(count: usize) -> Lookup<Incomplete> {
        let at = Timestamp::from_second(1_700_000_000).ok();
        let first = (0..count.min(Incomplete::NAMED)).map(|n| (Clean::new(&format!("a {n}.png")), "id".into(), at));
        Lookup::Found(Incomplete { count, is_more: false, oldest: at, first: first.collect() })
    }

    #[test]
    fn they_are_counted_and_dated_with_the_commands_that_remove_them() {
        let of = |lookup| check(&Findings { incomplete_uploads: lookup, ..healthy() });
        assert_eq!(of(incomplete(0)).status, CheckStatus::Ok);
        let one = of(incomplete(1));
        assert_eq!(one.status, CheckStatus::Note);
        let found = one.found.raw();
        assert!(
            found.starts_with("1 incomplete multipart upload in ") && found.contains("2023-11-14T22:13:20"),
            "{found}"
        );
        let command = one.fix.last().map(Clean::raw).unwrap_or_default();
        assert!(command.contains("abort-multipart-upload") && command.contains("--key 'a 0.png'"), "{command}");
        let many = of(incomplete(9));
        let commands = many.fix.iter().filter(|line| line.raw().contains("abort-multipart-upload")).count();
        assert_eq!(commands, Incomplete::NAMED);
        let denied = of(Lookup::Denied { permission: "s3:ListBucketMultipartUploads", why: "no".into() });
        assert_eq!(
            (denied.status, denied.permission),
            (CheckStatus::NotChecked, Some("s3:ListBucketMultipartUploads"))
        );
    }
}
