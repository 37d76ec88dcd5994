//! The default event bus: which of its rules the bucket's events match, and where these send them.
//!
//! Events of AWS's own services arrive on the default bus only.

use aws_config::SdkConfig;
use aws_sdk_eventbridge::types::{Rule, RuleState, Target};
use futures_util::stream::{self, StreamExt as _};
use imgwatch_shared::arn::Arn;

use super::whole::{AT_ONCE, Found};
use crate::cloud::connection::problem::{self, OperationContext};
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::wiring::{EdgeKind, EventPattern, Matches, Node, NodeKind, ObjectCreated, State};
use crate::text::clean::Clean;

const RULES: &str = "events:ListRules";
const TARGETS: &str = "events:ListTargetsByRule";

/// Pages that are read at most of a listing; one has a hundred rules, and a bus three hundred unless AWS raises that.
const MOST_PAGES: usize = 20;

/// Reads the rules that events of this bucket match.
pub(super) async fn read(config: &SdkConfig, node: &Node, bucket: &str) -> Found {
    let events = aws_sdk_eventbridge::Client::new(config);
    let (rules, is_whole) = match rules(&events, node.name.raw()).await {
        Ok(rules) => rules,
        Err(problem) => return Found::unread(node, problem, RULES),
    };
    let mut found = if is_whole {
        Found::node(node.clone().read())
    } else {
        let why = format!("only the first {} rules were read", rules.len());
        let problem = Problem::new(ProblemKind::Other, "cannot read all rules of the default event bus", why);
        Found::unread(node, problem, RULES)
    };
    let mut reading = Vec::new();
    for rule in rules {
        let matches = matched(&rule, bucket);
        if matches != Matches::No {
            reading.push(one(events.clone(), node.clone(), rule, matches));
        }
    }
    let all: Vec<Found> = stream::iter(reading).buffer_unordered(AT_ONCE).collect().await;
    for one in all {
        found.add(one);
    }
    found
}

/// The rules of a bus, and whether these are all.
async fn rules(events: &aws_sdk_eventbridge::Client, bus: &str) -> Result<(Vec<Rule>, bool), Problem> {
    let (mut rules, mut token) = (Vec::new(), None);
    for _ in 0..MOST_PAGES {
        let request = events.list_rules().event_bus_name(bus).limit(100).set_next_token(token).send();
        let answer = Box::pin(request).await.map_err(|error| {
            problem::of(&error, &OperationContext::new(format!("cannot list the rules of event bus {bus}"), RULES))
        })?;
        rules.extend(answer.rules.unwrap_or_default());
        token = answer.next_token;
        if token.is_none() {
            return Ok((rules, true));
        }
    }
    Ok((rules, false))
}

/// Whether some of the bucket's events match a rule. One without a pattern has a schedule.
fn matched(rule: &Rule, bucket: &str) -> Matches {
    let Some(pattern) = rule.event_pattern() else { return Matches::No };
    let arn = rule.arn().and_then(Arn::parse);
    let event = ObjectCreated {
        bucket,
        partition: arn.map_or("aws", |arn| arn.partition),
        account: arn.map(|arn| arn.account),
        region: arn.map(|arn| arn.region),
        ..ObjectCreated::default()
    };
    EventPattern::new(pattern).matches(&event)
}

/// One rule and its targets.
async fn one(events: aws_sdk_eventbridge::Client, bus: Node, rule: Rule, matches: Matches) -> Found {
    let name = rule.name().unwrap_or_default();
    let mut found = Found::default();
    // A rule whose pattern cannot be read may lead on, or not.
    let state = if matches == Matches::NotKnown { State::NotRead } else { State::Ok };
    let kind = EdgeKind::Pattern(Clean::new(rule.event_pattern().unwrap_or_default()));
    let node = found.to(&bus, NodeKind::EventRule, rule.arn().unwrap_or(name), kind, state);
    let is_disabled = rule.state() == Some(&RuleState::Disabled);
    let known = match targets(&events, bus.name.raw(), name).await {
        Ok(targets) => {
            for target in &targets {
                lead(&mut found, &node, target);
            }
            node.read()
        }
        Err(problem) => node.unread(problem, TARGETS),
    };
    // That it is switched off says more than that its targets are not known.
    found.know(if is_disabled { Node { state: State::Disabled, ..known } } else { known });
    found
}

async fn targets(events: &aws_sdk_eventbridge::Client, bus: &str, rule: &str) -> Result<Vec<Target>, Problem> {
    let (mut targets, mut token) = (Vec::new(), None);
    for _ in 0..MOST_PAGES {
        let request = events.list_targets_by_rule().rule(rule).event_bus_name(bus).set_next_token(token).send();
        let answer = Box::pin(request).await.map_err(|error| {
            problem::of(&error, &OperationContext::new(format!("cannot list the targets of rule {rule}"), TARGETS))
        })?;
        targets.extend(answer.targets.unwrap_or_default());
        token = answer.next_token;
        if token.is_none() {
            break;
        }
    }
    Ok(targets)
}

fn lead(found: &mut Found, rule: &Node, target: &Target) {
    let transformed = target.input().or(target.input_path()).is_some() || target.input_transformer().is_some();
    let kind = EdgeKind::Target { id: Clean::new(target.id()), transformed };
    found.to(rule, NodeKind::of_target(target.arn()), target.arn(), kind, State::Ok);
    if let Some(arn) = target.dead_letter_config().and_then(|config| config.arn()) {
        found.to(rule, NodeKind::of_target(arn), arn, EdgeKind::Failure, State::Ok);
    }
}
