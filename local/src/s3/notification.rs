//! A bucket's notification configuration: which events match which destination.
//!
//! `configure` has its operations, `event` sends what matches.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use imgwatch_shared::arn::Arn;
use imgwatch_shared::notification_rule::{KeyFilter, event_matches, events_overlap};
use s3s::S3ErrorCode;
use s3s::dto;

use super::problem::Problem;
use crate::common::env::Env;

/// S3's event types by family; the local cloud sends those about creating, removing and tagging.
const EVENTS: [(&str, &[&str]); 7] = [
    ("s3:ObjectCreated", &["*", "Put", "Post", "Copy", "CompleteMultipartUpload"]),
    ("s3:ObjectRemoved", &["*", "Delete", "DeleteMarkerCreated"]),
    ("s3:ObjectRestore", &["*", "Post", "Completed", "Delete"]),
    ("s3:ObjectTagging", &["*", "Put", "Delete"]),
    ("s3:LifecycleExpiration", &["*", "Delete", "DeleteMarkerCreated"]),
    ("s3:ObjectAcl", &["Put"]),
    (
        "s3:Replication",
        &[
            "*",
            "OperationFailedReplication",
            "OperationMissedThreshold",
            "OperationNotTracked",
            "OperationReplicatedAfterThreshold",
        ],
    ),
];

/// Event types without a family.
const LONE_EVENTS: [&str; 4] =
    ["s3:ReducedRedundancyLostObject", "s3:LifecycleTransition", "s3:IntelligentTiering", "s3:TestEvent"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Destination {
    Function(String),
    Queue(String),
    Topic(String),
}

impl Destination {
    pub(crate) fn arn(&self) -> &str {
        match self {
            Self::Function(arn) | Self::Queue(arn) | Self::Topic(arn) => arn,
        }
    }

    /// Whether the ARN names a resource of the service that the configuration is for.
    pub(crate) fn is_of_its_service(&self) -> bool {
        let service = match self {
            Self::Function(_) => "lambda",
            Self::Queue(_) => "sqs",
            Self::Topic(_) => "sns",
        };
        Arn::parse(self.arn()).is_some_and(|arn| arn.service == service)
    }

    /// The element that names it in a configuration.
    fn element(&self) -> &'static str {
        match self {
            Self::Function(_) => "CloudFunction",
            Self::Queue(_) => "Queue",
            Self::Topic(_) => "Topic",
        }
    }
}

/// One configuration: which events of which keys are sent to the destination.
#[derive(Debug, Clone)]
pub(crate) struct Configuration {
    pub(crate) id: String,
    pub(crate) destination: Destination,
    pub(crate) events: Vec<String>,
    /// As the client wrote them.
    prefix: Option<String>,
    suffix: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct BucketNotifications {
    pub(crate) configurations: Vec<Configuration>,
    /// Whether all events of the bucket go to EventBridge, too.
    pub(crate) event_bridge: bool,
}

impl BucketNotifications {
    /// Sends the event of every created object to one destination.
    pub(crate) fn all_created(env: &Env, destination: Destination) -> Self {
        let configuration = Configuration {
            id: new_id(env),
            destination,
            events: vec!["s3:ObjectCreated:*".to_owned()],
            prefix: None,
            suffix: None,
        };
        Self { configurations: vec![configuration], event_bridge: false }
    }

    pub(crate) fn matching(&self, event: &str, key: &str) -> Vec<Configuration> {
        self.configurations.iter().filter(|configuration| configuration.matches(event, key)).cloned().collect()
    }

    /// Errors: two configurations have one id, or would both get the same event.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        for (index, one) in self.configurations.iter().enumerate() {
            for other in self.configurations.iter().skip(index + 1) {
                if one.id == other.id {
                    let message = "Same ID used for multiple configurations. IDs must be unique";
                    return Err(Problem::invalid_argument(message, "Id", &one.id));
                }
                if one.overlaps(other) {
                    return Err(Problem::new(S3ErrorCode::InvalidArgument, overlap_message(one, other)));
                }
            }
        }
        Ok(())
    }
}

fn overlap_message(one: &Configuration, other: &Configuration) -> &'static str {
    let filtered = [one, other].iter().any(|one| one.prefix.is_some() || one.suffix.is_some());
    if filtered {
        "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are \
         overlapping for the same event type."
    } else {
        "Configurations overlap. Configurations on the same bucket cannot share a common event type."
    }
}

impl Configuration {
    /// Errors: the ARN, an event or a filter rule is not valid.
    pub(crate) fn new(
        env: &Env,
        id: Option<String>,
        destination: Destination,
        events: Vec<dto::Event>,
        filter: Option<dto::NotificationConfigurationFilter>,
    ) -> Result<Self, Problem> {
        let arn = destination.arn();
        if !Arn::is_one(arn) {
            return Err(Problem::invalid_argument("The ARN could not be parsed", destination.element(), arn));
        }
        let events: Vec<String> = events.into_iter().map(String::from).collect();
        if let Some(event) = events.iter().find(|event| !is_known(event)) {
            return Err(Problem::invalid_argument(
                "A specified event is not supported for notifications",
                "Event",
                event,
            ));
        }
        let id = id.filter(|id| !id.is_empty()).unwrap_or_else(|| new_id(env));
        let mut configuration = Self { id, destination, events, prefix: None, suffix: None };
        let rules = filter.and_then(|filter| filter.key).and_then(|key| key.filter_rules).unwrap_or_default();
        for dto::FilterRule { name, value } in rules {
            let (Some(name), Some(value)) = (name, value) else { return Err(Problem::of(S3ErrorCode::MalformedXML)) };
            configuration.add_rule(name.as_str(), value)?;
        }
        Ok(configuration)
    }

    fn add_rule(&mut self, name: &str, value: String) -> Result<(), Problem> {
        let (place, more) = if name.eq_ignore_ascii_case("prefix") {
            (&mut self.prefix, "Cannot specify more than one prefix rule in a filter.")
        } else if name.eq_ignore_ascii_case("suffix") {
            (&mut self.suffix, "Cannot specify more than one suffix rule in a filter.")
        } else {
            let message = "filter rule name must be either prefix or suffix";
            return Err(Problem::invalid_argument(message, "FilterRule.Name", name));
        };
        match place.replace(value) {
            None => Ok(()),
            Some(_) => Err(Problem::invalid_argument(more, "FilterRule.Name", name)),
        }
    }

    /// The filter with capitalised names, as S3 returns it.
    pub(crate) fn filter(&self) -> Option<dto::NotificationConfigurationFilter> {
        let rule = |name: &'static str, value: &Option<String>| {
            let name = Some(dto::FilterRuleName::from_static(name));
            value.clone().map(|value| dto::FilterRule { name, value: Some(value) })
        };
        let rules: Vec<_> =
            [rule("Prefix", &self.prefix), rule("Suffix", &self.suffix)].into_iter().flatten().collect();
        let key = dto::S3KeyFilter { filter_rules: Some(rules.clone()) };
        (!rules.is_empty()).then_some(dto::NotificationConfigurationFilter { key: Some(key) })
    }

    fn matches(&self, event: &str, key: &str) -> bool {
        let filter = self.key_filter();
        self.events.iter().any(|pattern| event_matches(pattern, event))
            && filter.prefix_holds(key)
            && filter.suffix_holds(key)
    }

    fn overlaps(&self, other: &Self) -> bool {
        let share = |one: &String| other.events.iter().any(|other| events_overlap(one, other));
        self.events.iter().any(share) && self.key_filter().overlaps(&other.key_filter())
    }

    fn key_filter(&self) -> KeyFilter<'_> {
        KeyFilter { prefix: self.prefix.as_deref(), suffix: self.suffix.as_deref() }
    }
}

fn is_known(event: &str) -> bool {
    let in_family = event
        .rsplit_once(':')
        .is_some_and(|(family, member)| EVENTS.iter().any(|(name, all)| *name == family && all.contains(&member)));
    in_family || LONE_EVENTS.contains(&event)
}

fn new_id(env: &Env) -> String {
    BASE64.encode(env.id())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::env::testing;

    fn queue(id: &str, events: &[&str], prefix: Option<&str>, suffix: Option<&str>) -> Configuration {
        let rule = |name: &str, value: &str| dto::FilterRule {
            name: Some(name.to_owned().into()),
            value: Some(value.to_owned()),
        };
        let rules = [prefix.map(|value| rule("prefix", value)), suffix.map(|value| rule("SUFFIX", value))];
        let key = dto::S3KeyFilter { filter_rules: Some(rules.into_iter().flatten().collect()) };
        Configuration::new(
            &testing::env().0,
            Some(id.to_owned()),
            Destination::Queue("arn:aws:sqs:us-east-1:000000000000:q".to_owned()),
            events.iter().map(|event| dto::Event::from((*event).to_owned())).collect(),
            Some(dto::NotificationConfigurationFilter { key: Some(key) }),
        )
        .unwrap()
    }

    #[test]
    fn a_change_matches_by_event_prefix_and_suffix() {
        let created = &["s3:ObjectCreated:*"][..];
        let cases = [
            (queue("1", created, None, None), "ObjectCreated:Put", "any", true),
            (queue("1", created, None, None), "ObjectCreated:CompleteMultipartUpload", "any", true),
            (queue("1", created, None, None), "ObjectRemoved:Delete", "any", false),
            (queue("1", &["s3:ObjectCreated:Put"], None, None), "ObjectCreated:Copy", "any", false),
            (queue("1", &["s3:ObjectCreated:Put"], None, None), "ObjectCreated:Put", "any", true),
            (queue("1", created, Some("in/"), None), "ObjectCreated:Put", "in/a.png", true),
            (queue("1", created, Some("in/"), None), "ObjectCreated:Put", "IN/a.png", false),
            (queue("1", created, Some("in/"), None), "ObjectCreated:Put", "x/in/a.png", false),
            (queue("1", created, None, Some(".png")), "ObjectCreated:Put", "in/a.png", true),
            (queue("1", created, None, Some(".png")), "ObjectCreated:Put", "in/a.PNG", false),
            (queue("1", created, Some("in/"), Some(".png")), "ObjectCreated:Put", "out/a.png", false),
            (queue("1", created, Some("a+b%2B%C3%A9"), None), "ObjectCreated:Put", "a b+é.png", true),
            (queue("1", created, Some("a+b"), None), "ObjectCreated:Put", "a+b.png", false),
            (queue("1", created, None, Some("")), "ObjectCreated:Put", "any", true),
        ];
        for (configuration, event, key, expected) in cases {
            let notifications =
                BucketNotifications { configurations: vec![configuration.clone()], event_bridge: false };
            assert_eq!(notifications.matching(event, key).len() == 1, expected, "{configuration:?} {event} {key}");
        }
    }

    #[test]
    fn two_configurations_must_not_want_the_same_event() {
        let all = &["s3:ObjectCreated:*"][..];
        let cases = [
            (queue("1", all, None, None), queue("2", all, None, None), false),
            (queue("1", all, None, None), queue("2", &["s3:ObjectRemoved:*"], None, None), true),
            (queue("1", all, None, None), queue("2", &["s3:ObjectCreated:Put"], None, None), false),
            (queue("1", all, None, Some("jpg")), queue("2", all, None, Some("pg")), false),
            (queue("1", all, None, Some(".jpg")), queue("2", all, None, Some(".png")), true),
            (queue("1", all, Some("a/"), None), queue("2", all, Some("b/"), None), true),
            (queue("1", all, Some("a/"), None), queue("2", all, Some("a/b/"), None), false),
            (queue("1", all, Some("a/"), Some(".png")), queue("2", all, Some("b/"), Some(".png")), true),
            (queue("1", all, Some("a/"), None), queue("1", all, Some("b/"), None), false),
        ];
        for (one, other, allowed) in cases {
            let notifications =
                BucketNotifications { configurations: vec![one.clone(), other.clone()], event_bridge: false };
            assert_eq!(notifications.check().is_ok(), allowed, "{one:?} {other:?}");
        }
    }

    #[test]
    fn what_aws_refuses_is_refused() {
        let make = |arn: &str, event: &str| {
            let destination = Destination::Function(arn.to_owned());
            Configuration::new(&testing::env().0, None, destination, vec![event.to_owned().into()], None)
        };
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
        assert!(make(arn, "s3:ObjectCreated:*").is_ok());
        assert_eq!(make("f", "s3:ObjectCreated:*").unwrap_err().message(), "The ARN could not be parsed");
        assert!(make(arn, "s3:ObjectCreated:Any").is_err());
        assert!(make(arn, "ObjectCreated:Put").is_err());
    }
}
