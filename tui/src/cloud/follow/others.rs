//! The functions and topics beside those of the line: their logs are followed from when the wiring names them until it no
//! longer does.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{AbortHandle, Abortable, join};
use futures_util::stream::{FuturesUnordered, StreamExt as _};

use super::{Feed, Followers, Functions, line};
use crate::cloud::subscriptions::delivery_status;
use crate::domain::log::{LogNews, Tail};
use crate::domain::wiring::{Node, NodeKind, Wiring};
use crate::text::clean::Clean;

/// A log group that is followed, and what for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Log(Functions),
    DeliveryStatus { group: String },
}

type Task<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Follows all of them: logs from so long ago, and delivery statuses.
pub(super) async fn follow(source: &Followers, logs: Option<Duration>, statuses: Option<Duration>) {
    let mut wirings = source.cloud.wiring.subscribe();
    let mut running: BTreeMap<Group, AbortHandle> = BTreeMap::new();
    let mut tasks: FuturesUnordered<Abortable<Task<'_>>> = FuturesUnordered::new();
    loop {
        let wiring = Arc::clone(&wirings.borrow_and_update());
        let mut wanted = BTreeSet::new();
        if logs.is_some() {
            wanted.extend(functions(&wiring));
        }
        if statuses.is_some() {
            wanted.extend(topics(&wiring));
        }
        let ended: Vec<Group> = running.keys().filter(|group| !wanted.contains(group)).cloned().collect();
        for group in ended {
            // An aborted task does nothing more: it is polled here alone.
            running.remove(&group).iter().for_each(AbortHandle::abort);
            if let Group::Log(functions) = &group {
                source.send_ended(&functions.names).await;
            }
        }
        for group in wanted {
            if running.contains_key(&group) {
                continue;
            }
            let (handle, registration) = AbortHandle::new_pair();
            let task: Task<'_> = match &group {
                Group::Log(functions) => Box::pin(log(source, functions.clone(), logs.unwrap_or_default())),
                Group::DeliveryStatus { group } => {
                    let feed = Feed::DeliveryStatus { is_of_line: false };
                    Box::pin(source.follower(feed, group.clone(), statuses.unwrap_or_default()).run())
                }
            };
            tasks.push(Abortable::new(task, registration));
            running.insert(group, handle);
        }
        loop {
            tokio::select! {
                changed = wirings.changed() => match changed {
                    Ok(()) => break,
                    Err(_) => return,
                },
                Some(_) = tasks.next() => {}
            }
        }
    }
}

/// Follows one log, and says how its functions log.
async fn log(source: &Followers, functions: Functions, since: Duration) {
    for update in functions.updates(&LogNews::Tail(Tail::Connecting)) {
        source.connection.send(update).await;
    }
    join(source.follow(&functions, since).run(), source.send_settings(&functions)).await;
}

/// The logs of the other functions, by their groups.
fn functions(wiring: &Wiring) -> Vec<Group> {
    let of_line = line(wiring).group;
    let mut groups: BTreeMap<Clean, Vec<Clean>> = BTreeMap::new();
    let others = wiring.follow().logs.into_iter().filter(|log| log.group != of_line);
    for log in others {
        groups.entry(log.group).or_default().push(log.function.name.clone());
    }
    let log = |(group, names)| Group::Log(Functions { group, names, has_line: false });
    groups.into_iter().map(log).collect()
}

/// The delivery-status logs of the other topics.
fn topics(wiring: &Wiring) -> Vec<Group> {
    let of_line = wiring.followed(NodeKind::Topic).map(Node::id);
    let others = wiring.follow().topics.into_iter().filter(|topic| Some(topic.id()) != of_line);
    let arns = others.filter_map(|topic| topic.arn.clone());
    arns.flat_map(|arn| delivery_status::groups(arn.raw())).map(|group| Group::DeliveryStatus { group }).collect()
}
