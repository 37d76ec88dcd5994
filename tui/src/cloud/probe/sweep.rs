//! Removes what killed programs left: queues by their prefix and their tags, and subscriptions whose queue is gone.
//!
//! It touches nothing that this program did not tag, and no probe whose program may live. What may not be read is
//! left alone: a sweep is no reason to ask for more permissions.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::clients::{ProbeClients, ProbeQueue, is_missing};
use super::lock::{self, Holder};
use super::make::{ALIVE, TOPIC};
use crate::domain::probe::PREFIX;
use crate::domain::problem::Problem;
use crate::text::clean::Clean;

/// A program of another machine says that it lives far more often than this.
const STALE: SignedDuration = SignedDuration::from_mins(30);

/// What a sweep did.
#[derive(Debug, Default)]
pub(super) struct Swept {
    /// Names of queues.
    pub(super) removed: Vec<Clean>,
    /// What could not be removed.
    pub(super) left: Option<Problem>,
}

/// Removes what is left of probes in this account and region.
pub(super) async fn run(clients: &ProbeClients) -> Swept {
    let mut swept = Swept::default();
    let mut urls = listed(clients).await;
    // A queue may be missing from the list for a minute after it was made.
    for name in lock::abandoned(&clients.topic_arn, clients.endpoint.as_deref()) {
        if urls.contains_key(&name) {
            continue;
        }
        match look_up(clients, &name).await {
            QueueLookup::Exists(url) => drop(urls.insert(name, url)),
            // One that was made just now may not be found yet.
            QueueLookup::Missing if lock::is_old(&name) => lock::forget(&name),
            QueueLookup::Missing | QueueLookup::Unknown => {}
        }
    }
    for (name, url) in &urls {
        let Some(topic_arn) = abandoned_on(clients, name, url, Timestamp::now()).await else { continue };
        let found = ProbeQueue { name: name.clone(), url: url.clone(), topic_arn, subscription: None };
        match clients.remove(&found).await {
            Ok(()) => swept.removed.push(Clean::new(name)),
            Err(problem) => swept.left = Some(problem),
        }
    }
    orphans(clients, &urls, &mut swept).await;
    swept
}

/// Queues with a probe's name: name and URL.
async fn listed(clients: &ProbeClients) -> HashMap<String, String> {
    let mut urls = HashMap::new();
    let mut pages = clients.sqs.list_queues().queue_name_prefix(PREFIX).max_results(1000).into_paginator().send();
    while let Some(Ok(page)) = pages.next().await {
        for url in page.queue_urls() {
            urls.insert(url.rsplit('/').next().unwrap_or_default().to_owned(), url.clone());
        }
    }
    urls
}

enum QueueLookup {
    Exists(String),
    Missing,
    Unknown,
}

async fn look_up(clients: &ProbeClients, name: &str) -> QueueLookup {
    match clients.sqs.get_queue_url().queue_name(name).send().await {
        Ok(answer) => answer.queue_url.map_or(QueueLookup::Unknown, QueueLookup::Exists),
        Err(error) if is_missing(&error) => QueueLookup::Missing,
        Err(_) => QueueLookup::Unknown,
    }
}

/// The topic of a queue that is a probe and has lost its program.
async fn abandoned_on(clients: &ProbeClients, name: &str, url: &str, now: Timestamp) -> Option<String> {
    let answer = clients.sqs.list_queue_tags().queue_url(url).send().await.ok()?;
    let tags = answer.tags.unwrap_or_default();
    // Without our tag it belongs to something else, whatever its name.
    let topic_arn = tags.get(TOPIC)?.clone();
    let is_over = match lock::holder(name) {
        Holder::Gone => true,
        Holder::Alive => false,
        Holder::Unknown => is_stale(tags.get(ALIVE)?, now),
    };
    is_over.then_some(topic_arn)
}

/// Whether the last sign of life is too old.
fn is_stale(alive: &str, now: Timestamp) -> bool {
    alive.parse::<Timestamp>().is_ok_and(|at| now.duration_since(at) > STALE)
}

/// Subscriptions of the topic to probe queues that do not exist any more.
async fn orphans(clients: &ProbeClients, urls: &HashMap<String, String>, swept: &mut Swept) {
    let Ok(subscriptions) = clients.subscriptions(&clients.topic_arn).await else { return };
    for (endpoint, subscription) in subscriptions {
        let Some(name) = clients.name(&endpoint).filter(|name| name.starts_with(PREFIX)) else { continue };
        if urls.contains_key(name) || lock::holder(name) == Holder::Alive {
            continue;
        }
        if let QueueLookup::Missing = look_up(clients, name).await {
            match clients.drop_subscription(&subscription).await {
                Ok(()) => swept.removed.push(Clean::new(name)),
                Err(problem) => swept.left = Some(problem),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_sign_of_life_that_is_known_to_be_old_is_stale() {
        let now: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        assert!(is_stale("2026-11-23T11:29:00Z", now));
        for alive in ["2026-11-23T11:31:00Z", "2026-11-23T12:10:00Z", "", "yesterday"] {
            assert!(!is_stale(alive, now), "{alive:?}");
        }
    }
}
