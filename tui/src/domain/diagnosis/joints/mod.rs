//! Checks of the joints of the entries: of what stands between the bucket and each of its functions.
//!
//! Each check is about one kind of joint. It is left out where the pipeline has none of that kind.

mod bus;
mod circle;
mod mapping;
mod queue;
mod topic;

use imgwatch_shared::resource_policy::{self, Asking};

use crate::domain::diagnosis::findings::{Findings, Lookup};
use crate::domain::diagnosis::pipeline::account_of;
use crate::domain::diagnosis::{Check, CheckStatus, Draft};
use crate::domain::wiring::{Edge, EdgeKind, Node, Wiring};
use crate::text::clean::Clean;

pub(super) fn check(findings: &Findings, out: &mut Vec<Check>) {
    queue::check(findings, out);
    mapping::check(findings, out);
    topic::check(findings, out);
    bus::check(findings, out);
    circle::check(findings, out);
}

/// What was found at several joints of one kind, as one check: the worst of it counts.
struct Verdicts {
    draft: Draft,
    status: CheckStatus,
    texts: Vec<String>,
    fix: Vec<Clean>,
    unread: Vec<(String, Lookup<()>)>,
}

impl Verdicts {
    fn new(draft: Draft) -> Self {
        Self { draft, status: CheckStatus::Ok, texts: Vec::new(), fix: Vec::new(), unread: Vec::new() }
    }

    fn say(&mut self, status: CheckStatus, text: String, fix: Vec<Clean>) {
        self.status = self.status.max(status);
        self.texts.push(text);
        self.fix.extend(fix);
    }

    /// Something that it depends on was not read.
    fn unread<T: Clone>(&mut self, what: &str, lookup: Option<&Lookup<T>>) {
        let lookup = lookup.map_or(Lookup::NotAsked, |lookup| lookup.clone().map(|_| ()));
        self.unread.push((what.to_owned(), lookup));
    }

    /// The check; none where there is no such joint.
    fn done(self) -> Option<Check> {
        if self.texts.is_empty() && self.unread.is_empty() {
            return None;
        }
        let check = self.draft.done(self.status, &self.texts.join("; "), self.fix);
        Some(self.unread.iter().fold(check, |check, (what, lookup)| check.besides(what, lookup)))
    }
}

/// Who sends over an edge: the service, and the resource for which it does.
fn sender(findings: &Findings, edge: &Edge) -> Option<(&'static str, String)> {
    let from = edge.from.name.raw().to_owned();
    Some(match edge.kind {
        EdgeKind::Rule(_) => {
            let arn = imgwatch_shared::arn::Arn::parse(edge.to.name.raw());
            let partition = arn.map_or("aws", |arn| arn.partition);
            let bucket = findings.names.bucket.raw();
            ("s3.amazonaws.com", imgwatch_shared::arn::Arn::of_bucket(partition, bucket).to_string())
        }
        EdgeKind::Target { .. } => ("events.amazonaws.com", from),
        EdgeKind::Subscription(_) => ("sns.amazonaws.com", from),
        _ => return None,
    })
}

/// Whether a resource's policy lets the service send, in a status and in words.
fn allowance(findings: &Findings, policy: &str, action: &str, edge: &Edge) -> Option<(CheckStatus, String)> {
    let (principal, source) = sender(findings, edge)?;
    let account = match account_of(&source) {
        // A bucket's ARN names no account.
        "" => findings.caller.found().map_or("", |caller| caller.account.raw()),
        account => account,
    };
    let resource = edge.to.name.raw();
    let asking = Asking { principal, action, source_arn: &source, source_account: account, resource };
    let name = imgwatch_shared::arn::name(resource);
    let (status, verb) = if resource_policy::allows(policy, &asking) {
        (CheckStatus::Ok, "allows")
    } else if resource_policy::may_allow(policy, &asking) {
        (CheckStatus::NotChecked, "has a condition that cannot be evaluated here for")
    } else {
        (CheckStatus::Failure, "does not allow")
    };
    Some((status, format!("the policy of {name} {verb} {principal} to send for {source}")))
}

/// The edges that lead to a node.
fn to<'a>(wiring: &'a Wiring, node: &Node) -> Vec<&'a Edge> {
    let id = node.id();
    wiring.edges().iter().filter(|edge| edge.to == id).collect()
}

/// The name of the resource at an end of an edge.
fn name(wiring: &Wiring, id: &crate::domain::wiring::NodeId) -> String {
    wiring.node(id).map_or_else(|| id.name.raw().to_owned(), |node| node.name.raw().to_owned())
}

#[cfg(test)]
mod tests;
