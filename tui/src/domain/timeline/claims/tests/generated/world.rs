//! What happens in a case, and what of it can be seen.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;

use jiff::Timestamp;

use super::super::{at, write};
use super::cases::{Case, KEYS, Plan, Prints, Seen, Sent, Writer, print};
use crate::domain::evidence::{Counted, Listed, ListedObject, LogStretch, Write};
use crate::domain::timeline::by_count::{Accepted, ByCount, Run, Traffic};
use crate::text::clean::Clean;

/// The longest that the function may run.
pub(super) const LONGEST_MS: i64 = 60_000;

/// An invocation: what it prints, and the seconds in which it runs.
#[derive(Debug)]
pub(super) struct Handled {
    pub(super) id: Clean,
    pub(super) runs: RangeInclusive<i64>,
    pub(super) text: String,
}

#[derive(Debug)]
pub(super) struct Message {
    pub(super) id: Clean,
    pub(super) at: i64,
    /// The invocation that sent it; `None` is somebody else.
    pub(super) sender: Option<Clean>,
    pub(super) sent: Sent,
}

impl Message {
    /// The minute in which CloudWatch counts it.
    pub(super) fn minute(&self) -> i64 {
        let second = at(self.at).as_second();
        let shift = match second.rem_euclid(60) {
            59 if self.sent.is_shifted => 1,
            0 if self.sent.is_shifted => -1,
            _ => 0,
        };
        (second.div_euclid(60) + shift) * 60
    }
}

/// What happens in a case.
#[derive(Debug)]
pub(super) struct World {
    /// The number of a write, when it was made, and by whom.
    pub(super) writes: Vec<(usize, i64, Writer, Write)>,
    pub(super) handled: Vec<Handled>,
    pub(super) messages: Vec<Message>,
}

impl World {
    /// A write of the same key by a stranger is left out unless the log has its ids: no line tells them apart.
    pub(super) fn of(case: &Case) -> Self {
        let Case { plans, prints, .. } = case;
        let mut world = Self { writes: Vec::new(), handled: Vec::new(), messages: Vec::new() };
        let mut began = 0;
        for (number, plan) in plans.iter().enumerate() {
            let (key, is_ours) = (KEYS[plan.key], plan.writer == Writer::Us);
            let has_ids = matches!(prints, Prints::Event);
            let is_same =
                |other: &Plan| other.writer == Writer::Us && (KEYS[other.key] == key || other.content == plan.content);
            if !is_ours && !has_ids && plans.iter().any(is_same) {
                continue;
            }
            let write = write(key, &plan.content.to_string(), &format!("{number:03}"));
            began += plan.gap;
            for event in 0..plan.events {
                let mut text = print(*prints, &write);
                // Where a line does not tell which object is its own, what else it names may be taken for it.
                let is_told = match prints {
                    Prints::Nothing => false,
                    Prints::ETag => is_ours,
                    _ => true,
                };
                if let Some(other) = plan.other.filter(|_| is_told) {
                    text.push_str(&format!("\nsee also: {}", KEYS[other]));
                }
                let first = began + plan.delay + 30 * event;
                let id = Clean::new(&format!("L{number}-{event}"));
                for sent in &plan.sends {
                    world.publish(first + sent.after % (plan.lasts + 1), Some(&id), *sent);
                }
                world.handled.push(Handled { id, runs: first..=first + plan.lasts, text });
            }
            world.writes.push((number, began, plan.writer, write));
        }
        for (near, sent) in &case.strangers {
            let near = world.handled.iter().cycle().nth(*near).map_or(0, |handled| *handled.runs.start());
            world.publish(near + sent.after, None, *sent);
        }
        world
    }

    pub(super) fn publish(&mut self, at: i64, sender: Option<&Clean>, sent: Sent) {
        let id = Clean::new(&format!("M{}", self.messages.len()));
        self.messages.push(Message { id, at, sender: sender.cloned(), sent });
    }

    pub(super) fn ours(&self) -> Vec<(usize, i64, Write)> {
        let ours = self.writes.iter().filter(|(.., writer, _)| *writer == Writer::Us);
        ours.map(|(number, began, _, write)| (*number, *began, write.clone())).collect()
    }

    pub(super) fn last(&self) -> i64 {
        self.handled.iter().map(|handled| *handled.runs.end()).max().unwrap_or_default()
    }

    pub(super) fn listed(&self, second: i64) -> Listed {
        let seen = self.writes.iter().filter(|(.., writer, _)| *writer != Writer::Unseen);
        let object = |(_, began, _, write): &(usize, i64, Writer, Write)| ListedObject {
            key: write.key.clone(),
            e_tag: write.e_tag.clone(),
            modified: at(*began),
        };
        Listed { at: at(second), since: at(-1_000), bucket: "images".into(), objects: Some(seen.map(object).collect()) }
    }

    /// What CloudWatch counts that has counted all to a moment, and every other message after it.
    pub(super) fn counted(&self, complete_to: i64) -> Counted {
        let mut minutes = BTreeMap::new();
        let has = |(number, message): &(usize, &Message)| message.at <= complete_to || number % 2 == 0;
        for (_, message) in self.messages.iter().enumerate().filter(has) {
            *minutes.entry(Timestamp::from_second(message.minute()).unwrap()).or_default() += 1;
        }
        let whole = |second| Timestamp::from_second(at(second).as_second().div_euclid(60) * 60).unwrap();
        Counted {
            at: at(complete_to),
            topic: "topic".into(),
            from: whole(-600),
            to: whole(20_000),
            complete_to: at(complete_to),
            minutes: Some(minutes),
        }
    }

    /// The message of each invocation, as it is judged by what can be seen.
    pub(super) fn judged(&self, counted: &Counted, log: LogStretch) -> HashMap<&Clean, &Message> {
        let millis = |second: i64| at(second).as_millisecond();
        let run = |handled: &'_ Handled| {
            let (began, ended) = (millis(*handled.runs.start()), millis(*handled.runs.end()));
            let from = log.from.as_millisecond();
            (began, ended, began >= from, ended >= from)
        };
        let runs = self.handled.iter().filter(|handled| run(handled).3).map(|handled| {
            let (began, ended, is_whole, _) = run(handled);
            Run { id: &handled.id, began: if is_whole { began } else { ended - LONGEST_MS }, ended, is_whole }
        });
        let runs: Vec<Run<'_>> = runs.collect();
        let seen = self.messages.iter().filter(|message| message.sent.seen != Seen::Not).map(|message| Accepted {
            id: &message.id,
            at: (message.sent.seen == Seen::Accepted).then(|| millis(message.at)),
            by: millis(message.at),
            is_free: true,
        });
        let topic = Clean::new("topic");
        let traffic = Traffic::new(&topic, runs.clone(), seen, vec![counted], vec![log], LONGEST_MS);
        let found = runs.iter().filter_map(|run| match traffic.judge(run)? {
            ByCount::Found(id, _) => Some((run.id, self.messages.iter().find(|message| message.id == *id)?)),
            ByCount::Uncounted(_) => None,
        });
        found.collect()
    }

    /// The rule of `time`, told once more without haste: no other upload, invocation or object that can be seen.
    pub(super) fn is_alone(&self, number: usize, id: &str) -> bool {
        let began = self.writes.iter().find(|write| write.0 == number).unwrap().1;
        let first = |handled: &Handled| *handled.runs.start();
        let invoked = self.handled.iter().find(|one| one.id.raw() == id).map(first).unwrap();
        let window = began - 5..=began + 120;
        let others = self.writes.iter().filter(|write| write.0 != number && write.2 != Writer::Unseen);
        let invocations = self.handled.iter().filter(|one| one.id.raw() != id);
        window.contains(&invoked)
            && !others.map(|write| write.1).any(|at| (began - 120..=invoked + 5).contains(&at))
            && !invocations.map(first).any(|at| window.contains(&at))
    }
}
