//! What the logs say of uploads of other programs. It is left out, because a command is about its own files, and a busy
//! bucket writes many times as much about others.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};

use crate::domain::evidence::{Fact, Write};
use crate::text::clean::Clean;

/// Facts that are kept whatever they are about: they show what the log has.
const FEW: usize = 1_000;
/// Ids that are remembered, and as many before them. What comes of one invocation comes soon.
const MOST: usize = 100_000;

/// Which invocations and messages are about objects of others only.
#[derive(Debug, Default)]
pub(super) struct OtherUploads {
    kept: usize,
    /// Invocations of which something was kept: then all of it is, so that none seems to name nothing.
    begun: Ids,
    /// Invocations and messages of others.
    others: Ids,
}

impl OtherUploads {
    /// Leaves out what is about others. `facts` come together, so that the start of an invocation is judged by the records
    /// behind it; `own` are the keys of this program's files.
    pub(super) fn leave_out(&mut self, facts: &mut Vec<Fact>, own: &HashSet<&Clean>) {
        let is_own = |write: &Write| own.contains(&write.key);
        for (id, _) in facts.iter().filter_map(record).filter(|(_, write)| is_own(write)) {
            self.begun.insert(id);
        }
        if self.kept >= FEW {
            for fact in &*facts {
                let Some((id, _)) = record(fact).filter(|(id, write)| !is_own(write) && !self.begun.has(id)) else {
                    continue;
                };
                self.others.insert(id);
                if let Fact::Published { message_id, .. } = fact {
                    self.others.insert(message_id);
                }
            }
        }
        facts.retain(|fact| id(fact).is_none_or(|id| !self.others.has(id) || self.begun.has(id)));
        self.kept += facts.len();
        for id in facts.iter().filter_map(id) {
            self.begun.insert(id);
        }
    }
}

/// A record of imgwatch's handler: its invocation, and the write that it is about.
fn record(fact: &Fact) -> Option<(&Clean, &Write)> {
    fact.record().and_then(|(source, write)| Some((source.lambda_request_id.as_ref()?, write)))
}

/// The invocation or the message that a fact is about.
fn id(fact: &Fact) -> Option<&Clean> {
    fact.invocation().or_else(|| fact.message_id())
}

/// The latest ids, as hashes: there are many, and none is shown.
#[derive(Debug, Default)]
struct Ids {
    new: HashSet<u64>,
    old: HashSet<u64>,
}

impl Ids {
    fn insert(&mut self, id: &Clean) {
        if self.new.len() >= MOST {
            self.old = std::mem::take(&mut self.new);
        }
        self.new.insert(hash(id));
    }

    fn has(&self, id: &Clean) -> bool {
        let hash = hash(id);
        self.new.contains(&hash) || self.old.contains(&hash)
    }
}

fn hash(id: &Clean) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(id)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::evidence::{DeliveryStatusEntry, InvocationReport, LogSource, ReportStatus};
    use crate::domain::timeline::Timelines;

    fn source(id: &str) -> LogSource {
        LogSource { at: Timestamp::UNIX_EPOCH, stream: "s".into(), lambda_request_id: Some(id.into()) }
    }

    fn write(key: &str) -> Write {
        let (bucket, key) = ("images".into(), key.into());
        Write { bucket, key, e_tag: None, version_id: None, sequencer: None, s3_request_id: None }
    }

    fn started(id: &str) -> Fact {
        Fact::Invoked(source(id))
    }

    fn received(id: &str, key: &str) -> Fact {
        Fact::Received(source(id), write(key))
    }

    fn published(id: &str, key: &str) -> Fact {
        let message_id = format!("message-{id}").as_str().into();
        Fact::Published { source: source(id), write: write(key), message_id }
    }

    fn reported(id: &str) -> Fact {
        let report = InvocationReport {
            duration_us: None,
            billed_us: None,
            init_us: None,
            memory_mb: None,
            memory_used_mb: None,
            status: ReportStatus::Success,
            error: None,
        };
        Fact::Reported(source(id), report)
    }

    fn delivered(id: &str) -> Fact {
        Fact::DeliveryStatusEntry(DeliveryStatusEntry {
            message_id: format!("message-{id}").as_str().into(),
            at: Timestamp::UNIX_EPOCH,
            destination: "arn".into(),
            success: true,
            status_code: None,
            response: None,
            dwell_ms: None,
            attempts: None,
        })
    }

    fn whole(id: &str, key: &str) -> Vec<Fact> {
        vec![started(id), received(id, key), published(id, key), reported(id), delivered(id)]
    }

    /// One that has kept enough to leave things out.
    fn full() -> OtherUploads {
        OtherUploads { kept: FEW, ..OtherUploads::default() }
    }

    fn kept(others: &mut OtherUploads, facts: Vec<Fact>) -> Vec<Fact> {
        let mut facts = facts;
        let own = "own.png".into();
        others.leave_out(&mut facts, &HashSet::from([&own]));
        facts
    }

    #[test]
    fn all_of_an_invocation_for_others_is_left_out_in_any_batches() {
        let mut others = full();
        assert_eq!(kept(&mut others, whole("1", "other.png")), []);
        assert_eq!(kept(&mut others, vec![reported("1"), delivered("1"), received("1", "other.png")]), []);
        // What names nothing may be anyone's.
        let unnamed = vec![started("2"), reported("2"), delivered("9")];
        assert_eq!(kept(&mut others, unnamed.clone()), unnamed);
    }

    #[test]
    fn all_of_an_invocation_of_which_something_was_kept_is_kept() {
        let mut others = full();
        assert_eq!(kept(&mut others, vec![started("1")]), [started("1")]);
        let rest = vec![received("1", "other.png"), published("1", "other.png"), reported("1"), delivered("1")];
        assert_eq!(kept(&mut others, rest.clone()), rest, "else it would seem to name nothing");
        let mut uploads = Timelines::default();
        uploads.learn([vec![started("1")], rest].concat());
        uploads.refold();
        assert_eq!(uploads.all().len(), 1);
    }

    #[test]
    fn what_is_about_own_files_is_kept_also_beside_others() {
        let mut others = full();
        assert_eq!(kept(&mut others, whole("1", "own.png")), whole("1", "own.png"));
        let mixed = [whole("2", "other.png"), whole("2", "own.png")].concat();
        assert_eq!(kept(&mut others, mixed.clone()), mixed);
        // A batch of images whose first page was about others.
        assert_eq!(kept(&mut others, vec![started("3"), received("3", "other.png")]), []);
        let own = vec![received("3", "own.png"), published("3", "own.png"), reported("3"), delivered("3")];
        assert_eq!(kept(&mut others, own.clone()), own);
    }

    #[test]
    fn a_short_log_is_kept_as_it_is() {
        let mut others = OtherUploads::default();
        assert_eq!(kept(&mut others, whole("1", "other.png")), whole("1", "other.png"));
    }

    #[test]
    fn ids_are_bounded() {
        let mut ids = Ids::default();
        let id = |number: usize| Clean::new(&number.to_string());
        for number in 0..=MOST * 2 {
            ids.insert(&id(number));
        }
        assert!(ids.new.len() + ids.old.len() <= MOST * 2);
        assert!(ids.has(&id(MOST * 2)) && ids.has(&id(MOST)) && !ids.has(&id(0)));
    }
}
