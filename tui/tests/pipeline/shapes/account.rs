//! An account as its services describe it: what each API answers about a pipeline.

use std::fmt::Write as _;

use serde_json::json;

use crate::raw::{Raw, Request, http};

/// Of the account that the credentials belong to.
pub(super) fn arn(service: &str, name: &str) -> String {
    let name = if service == "lambda" { format!("function:{name}") } else { name.to_owned() };
    format!("arn:aws:{service}:us-east-1:123456789012:{name}")
}

/// What there is; everything leads from the bucket `store`.
#[derive(Default)]
pub(super) struct Account {
    notifications: String,
    rules: Vec<Rule>,
    /// The queue, the function's ARN and the state of each mapping.
    mappings: Vec<(String, String, String)>,
    redrive: Vec<(String, String)>,
    /// The topic, the protocol and the endpoint.
    subscriptions: Vec<(String, String, String)>,
    /// The function, and an environment variable.
    variables: Vec<(String, String, String)>,
    /// The function, when, and the destination's ARN.
    destinations: Vec<(String, String, String)>,
    /// An operation that is refused, with the status and the error's code.
    refused: Option<(String, (&'static str, &'static str))>,
    /// Whether listings have one item a page.
    is_paged: bool,
}

/// A rule of the default event bus.
#[derive(Clone)]
pub(super) struct Rule {
    name: String,
    /// Empty for a rule with a schedule.
    pattern: String,
    is_disabled: bool,
    targets: Vec<String>,
    /// More fields of its targets, each after a comma.
    more: String,
}

impl Rule {
    pub(super) fn new(name: &str, pattern: &str) -> Self {
        let (name, pattern) = (name.to_owned(), pattern.to_owned());
        Self { name, pattern, is_disabled: false, targets: Vec::new(), more: String::new() }
    }

    pub(super) fn disabled(self) -> Self {
        Self { is_disabled: true, ..self }
    }

    /// The dead-letter queue of its targets.
    pub(super) fn dead(self, queue: &str) -> Self {
        self.with(&format!(r#","DeadLetterConfig":{{"Arn":"{queue}"}}"#))
    }

    pub(super) fn with(mut self, more: &str) -> Self {
        self.more.push_str(more);
        self
    }

    pub(super) fn target(mut self, arn: &str) -> Self {
        self.targets.push(arn.to_owned());
        self
    }

    fn listed(&self) -> String {
        let Self { name, pattern, .. } = self;
        let state = if self.is_disabled { "DISABLED" } else { "ENABLED" };
        let mut rule = json!({"Name": name, "Arn": arn("events", &format!("rule/{name}")), "State": state});
        if pattern.is_empty() {
            rule["ScheduleExpression"] = json!("rate(1 day)");
        } else {
            rule["EventPattern"] = json!(pattern);
        }
        rule.to_string()
    }

    fn targets(&self) -> Vec<String> {
        let target = |(at, arn): (usize, &String)| format!(r#"{{"Id":"{at}","Arn":"{arn}"{}}}"#, self.more);
        (1..).zip(&self.targets).map(target).collect()
    }
}

impl Account {
    /// A rule of the bucket's notification configuration.
    pub(super) fn notify(mut self, to: &str, prefix: &str, suffix: &str) -> Self {
        let element = match to.split(':').nth(2) {
            Some("lambda") => "CloudFunction",
            Some("sqs") => "Queue",
            _ => "Topic",
        };
        let id = to.trim_end_matches(":live").rsplit(':').next().unwrap();
        let filter = |name: &str, value: &str| match value {
            "" => String::new(),
            value => format!("<FilterRule><Name>{name}</Name><Value>{value}</Value></FilterRule>"),
        };
        let filters = filter("Prefix", prefix) + &filter("Suffix", suffix);
        let _ = write!(
            self.notifications,
            "<{element}Configuration><Id>to-{id}</Id><{element}>{to}</{element}><Event>s3:ObjectCreated:*</Event>\
             <Filter><S3Key>{filters}</S3Key></Filter></{element}Configuration>"
        );
        self
    }

    pub(super) fn event_bridge(mut self) -> Self {
        self.notifications.push_str("<EventBridgeConfiguration/>");
        self
    }

    pub(super) fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    pub(super) fn mapping(mut self, queue: &str, function: &str, state: &str) -> Self {
        self.mappings.push((queue.to_owned(), function.to_owned(), state.to_owned()));
        self
    }

    pub(super) fn redrive(mut self, queue: &str, dead: &str) -> Self {
        self.redrive.push((queue.to_owned(), dead.to_owned()));
        self
    }

    pub(super) fn subscribe(mut self, topic: &str, protocol: &str, endpoint: &str) -> Self {
        self.subscriptions.push((topic.to_owned(), protocol.to_owned(), endpoint.to_owned()));
        self
    }

    pub(super) fn variable(mut self, function: &str, name: &str, value: &str) -> Self {
        self.variables.push((function.to_owned(), name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn destination(mut self, function: &str, when: &str, arn: &str) -> Self {
        self.destinations.push((function.to_owned(), when.to_owned(), arn.to_owned()));
        self
    }

    pub(super) fn refuse(mut self, operation: &str, how: (&'static str, &'static str)) -> Self {
        self.refused = Some((operation.to_owned(), how)).filter(|(operation, _)| !operation.is_empty());
        self
    }

    pub(super) fn paged(self) -> Self {
        Self { is_paged: true, ..self }
    }

    /// What `imgwatch wiring` prints of it.
    pub(super) fn wiring(self) -> String {
        self.run().0
    }

    /// The same with the exit code.
    pub(super) fn run(self) -> (String, i32) {
        self.run_as(&["wiring"])
    }

    /// What a command prints of it.
    pub(super) fn run_as(self, command: &[&str]) -> (String, i32) {
        let server = Raw::start(move |request: &Request| self.answer(request));
        let keys = [("AWS_ACCESS_KEY_ID", "k"), ("AWS_SECRET_ACCESS_KEY", "s")];
        let far = server.far();
        let args = ["--endpoint-url", &far, "--region", "us-east-1", "--bucket", "store"];
        let args = [&args[..], command].concat();
        let done = crate::pipeline::finding::run_with(&args, &keys);
        (done.stdout.clone(), done.code.unwrap_or(-1))
    }

    fn answer(&self, request: &Request) -> String {
        let json = |body: String| http("200 OK", &["content-type: application/json"], &body);
        let xml = |body: &str| http("200 OK", &["content-type: text/xml"], body);
        let operation = operation(request);
        if let Some((_, (status, code))) = self.refused.as_ref().filter(|(refused, _)| *refused == operation) {
            let body = format!(r#"{{"__type":"{code}","message":"not today"}}"#);
            return http(status, &["content-type: application/json"], &body);
        }
        let of = |named: &str| request.line.contains(named) || request.body.contains(named);
        match operation.as_str() {
            "GetBucketNotification" => {
                xml(&format!("<NotificationConfiguration>{}</NotificationConfiguration>", self.notifications))
            }
            "ListRules" => json(self.page("Rules", &self.rules.iter().map(Rule::listed).collect::<Vec<_>>(), request)),
            "ListTargetsByRule" => {
                let rule = self.rules.iter().find(|rule| of(&format!("\"{}\"", rule.name))).unwrap();
                json(self.page("Targets", &rule.targets(), request))
            }
            "event-source-mappings" => {
                let mapping = |(at, (queue, function, state)): (usize, &(String, String, String))| {
                    let is_of = request.line.contains(&format!("%3A{queue}&"))
                        || request.line.ends_with(&format!("%3A{queue}"));
                    is_of.then(|| json!({"UUID": at.to_string(), "FunctionArn": function, "State": state}).to_string())
                };
                let all: Vec<String> = (1..).zip(&self.mappings).filter_map(mapping).collect();
                json(format!(r#"{{"EventSourceMappings":[{}]}}"#, all.join(",")))
            }
            "configuration" => {
                let own = self.variables.iter().filter(|(function, ..)| of(&format!("A{function}/")));
                let variables: serde_json::Map<_, _> =
                    own.map(|(_, name, value)| (name.clone(), json!(value))).collect();
                json(json!({"Environment": {"Variables": variables}}).to_string())
            }
            "event-invoke-config" => {
                let own = self.destinations.iter().filter(|(function, ..)| of(&format!("A{function}/")));
                let all: serde_json::Map<_, _> =
                    own.map(|(_, when, arn)| (when.clone(), json!({"Destination": arn}))).collect();
                if all.is_empty() {
                    let body = r#"{"__type":"ResourceNotFoundException","message":"there is none"}"#;
                    return http("404 Not Found", &["content-type: application/json"], body);
                }
                json(json!({"DestinationConfig": all}).to_string())
            }
            "GetQueueUrl" => {
                let name = request.body.split('"').skip_while(|part| *part != "QueueName").nth(2).unwrap();
                json(format!(r#"{{"QueueUrl":"http://queues/{name}"}}"#))
            }
            "GetQueueAttributes" => {
                let dead = self.redrive.iter().find(|(queue, _)| of(&format!("http://queues/{queue}\"")));
                let policy = dead.map(|(_, dead)| {
                    json!({"deadLetterTargetArn": arn("sqs", dead), "maxReceiveCount": 3}).to_string()
                });
                let mut attributes = json!({"ApproximateNumberOfMessages": "0"});
                if let Some(policy) = policy {
                    attributes["RedrivePolicy"] = policy.into();
                }
                json(json!({ "Attributes": attributes }).to_string())
            }
            "ListSubscriptionsByTopic" => {
                let own = self.subscriptions.iter().filter(|(topic, ..)| of(&format!("%3A{topic}")));
                let members: Vec<String> = own
                    .map(|(topic, protocol, endpoint)| {
                        format!(
                            "<member><SubscriptionArn>{}:1</SubscriptionArn><Protocol>{protocol}</Protocol>\
                             <Endpoint>{endpoint}</Endpoint></member>",
                            arn("sns", topic)
                        )
                    })
                    .collect();
                xml(&format!(
                    "<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions>{}\
                     </Subscriptions></ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>",
                    members.concat()
                ))
            }
            "DescribeLogGroups" => {
                let name = request.body.split('"').skip_while(|part| *part != "logGroupNamePrefix").nth(2).unwrap();
                json(format!(r#"{{"logGroups":[{{"logGroupName":"{name}"}}]}}"#))
            }
            "GetCallerIdentity" => {
                xml("<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account>\
                 <Arn>arn:aws:iam::123456789012:user/ada</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>")
            }
            _ => http(
                "400 Bad Request",
                &["content-type: application/json"],
                r#"{"__type":"ResourceNotFoundException"}"#,
            ),
        }
    }

    /// A page of a listing of EventBridge.
    fn page(&self, name: &str, items: &[String], request: &Request) -> String {
        if !self.is_paged {
            return format!(r#"{{"{name}":[{}]}}"#, items.join(","));
        }
        let token = request.body.split('"').skip_while(|part| *part != "NextToken").nth(2);
        let at: usize = token.map_or(0, |token| token.parse().unwrap());
        let next = if at + 1 < items.len() { format!(r#","NextToken":"{}""#, at + 1) } else { String::new() };
        format!(r#"{{"{name}":[{}]{next}}}"#, items.get(at).cloned().unwrap_or_default())
    }
}

/// What a request asks for: the operation, or for Lambda the last part of its path.
fn operation(request: &Request) -> String {
    if request.line.contains("?notification") {
        return "GetBucketNotification".to_owned();
    }
    let target = request.head.lines().find_map(|line| line.strip_prefix("x-amz-target: "));
    if let Some(target) = target {
        return target.rsplit('.').next().unwrap().to_owned();
    }
    if let Some((_, rest)) = request.body.split_once("Action=") {
        return rest.split('&').next().unwrap().to_owned();
    }
    let path = request.line.split(' ').nth(1).unwrap();
    path.split('?').next().unwrap().trim_end_matches('/').rsplit('/').next().unwrap().to_owned()
}
