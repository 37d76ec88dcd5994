//! Checks of the joints of the entries: of what stands between the bucket and each of its functions.
//!
//! Each check is about one kind of joint. It is left out where the pipeline has none of that kind.

mod bus;
mod circle;
mod encryption;
mod filters;
mod mapping;
mod queue;
mod topic;

use imgwatch_shared::arn::{self, Arn};
use imgwatch_shared::resource_policy::{self, Asking};
use serde_json::Value;

use crate::domain::diagnosis::findings::{Findings, Lookup};
use crate::domain::diagnosis::pipeline::account_of;
use crate::domain::diagnosis::{Check, CheckStatus, Draft, fix};
use crate::domain::wiring::{Edge, EdgeKind, Node, NodeKind, Wiring};
use crate::text::clean::Clean;

pub(super) fn check(findings: &Findings, out: &mut Vec<Check>) {
    queue::check(findings, out);
    mapping::check(findings, out);
    topic::check(findings, out);
    encryption::check(findings, out);
    filters::check(findings, out);
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
            let partition = Arn::parse(edge.to.name.raw()).map_or("aws", |arn| arn.partition);
            ("s3.amazonaws.com", Arn::of_bucket(partition, findings.names.bucket.raw()).to_string())
        }
        EdgeKind::Target { .. } => ("events.amazonaws.com", from),
        EdgeKind::Failure if edge.from.kind == NodeKind::EventRule => ("events.amazonaws.com", from),
        EdgeKind::Subscription(_) => ("sns.amazonaws.com", from),
        _ => return None,
    })
}

/// Whether a resource's policy lets a service send.
struct Access {
    status: CheckStatus,
    text: String,
    /// The policy that would, where it is known.
    policy: Option<Value>,
}

fn access(findings: &Findings, policy: Option<&str>, action: &str, edge: &Edge) -> Option<Access> {
    let (principal, source) = sender(findings, edge)?;
    let account = match account_of(&source) {
        // A bucket's ARN names no account.
        "" => findings.caller.found().map_or("", |caller| caller.account.raw()),
        account => account,
    };
    let resource = edge.to.name.raw();
    let asking = Asking { principal, action, source_arn: &source, source_account: account, resource };
    let text = policy.unwrap_or_default();
    let (status, verb) = if resource_policy::allows(text, &asking) {
        (CheckStatus::Ok, "allows")
    } else if resource_policy::may_allow(text, &asking) {
        (CheckStatus::NotChecked, "has a condition that cannot be evaluated here for")
    } else {
        (CheckStatus::Failure, "does not allow")
    };
    let is_closed = status == CheckStatus::Failure && !resource_policy::may_deny(text, &asking);
    let policy = if is_closed { fix::allowing(policy, &asking) } else { None };
    let text = format!("the policy of {} {verb} {principal} to send for {source}", arn::name(resource));
    Some(Access { status, text, policy })
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
