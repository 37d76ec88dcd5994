//! The order of sources: a flag, else the environment, else the chosen pipeline of the config file.
//!
//! Clap has put flags before the environment already. What none of them names is looked for by `cloud::wiring`.

use clap::error::ErrorKind;
use serde::Serialize;

use super::Cli;
use crate::config::file::{Entry, Topics};
use crate::config::{Settings, Target, is_loopback};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "from")]
pub(crate) enum Origin {
    /// It was typed.
    #[serde(rename = "flag")]
    Flag {
        /// With its dashes.
        name: String,
    },
    /// A variable of the environment.
    #[serde(rename = "environment")]
    Environment {
        /// Its name.
        name: String,
    },
    /// The config file.
    #[serde(rename = "file")]
    File {
        /// The table there; empty for the top.
        table: String,
    },
    /// Nothing says otherwise.
    #[serde(rename = "default")]
    Default,
    /// Nothing names it: it is looked for when it is needed.
    #[serde(rename = "start")]
    Start,
}

/// A value, and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sourced<T> {
    pub(crate) value: T,
    pub(crate) origin: Origin,
}

/// What is named of the pipeline. `None` is looked for.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) endpoint_url: Sourced<Option<String>>,
    pub(crate) profile: Sourced<Option<String>>,
    pub(crate) region: Sourced<Option<String>>,
    pub(crate) stack: Sourced<Option<String>>,
    pub(crate) bucket: Sourced<Option<String>>,
    pub(crate) function: Sourced<Option<String>>,
    /// The one that is followed first.
    pub(crate) topics: Sourced<Vec<String>>,
    pub(crate) log_group: Sourced<Option<String>>,
    pub(crate) read_only: Sourced<bool>,
}

impl Cli {
    /// Where a value came from that the command line or the environment gave.
    pub(crate) fn origin(&self, id: &'static str) -> Origin {
        match self.variables.get(id) {
            Some(name) => Origin::Environment { name: name.clone() },
            None => Origin::Flag { name: format!("--{}", id.replace('_', "-")) },
        }
    }

    /// Whether the endpoint is the one of the AWS CLI's own variable.
    pub(crate) fn endpoint_is_of_variable(&self) -> bool {
        let is_of_variable = self.variables.get("endpoint_url").is_some_and(|name| name == "AWS_ENDPOINT_URL");
        is_of_variable && self.pipeline.endpoint_url.is_some()
    }

    /// What is named of the pipeline, and by what.
    pub(crate) fn names(&self) -> Names {
        let given = &self.pipeline;
        let mut file = self.file.entry().cloned().unwrap_or_default();
        if given.stack.is_some() {
            // Another pipeline is meant than the file's, and its outputs name it.
            file = Entry { bucket: None, function: None, topic: Topics::default(), log_group: None, ..file };
        }
        let table = self.file.chosen.as_deref().map(|name| format!("pipelines.{name}")).unwrap_or_default();
        let first = |id, named: &Option<String>, entry: Option<String>| {
            let named = named.clone().map(|value| (value, self.origin(id)));
            let found = named.or_else(|| Some((entry?, Origin::File { table: table.clone() })));
            match found.filter(|(name, _)| !name.trim().is_empty()) {
                Some((value, origin)) => Sourced { value: Some(value), origin },
                None => Sourced { value: None, origin: Origin::Start },
            }
        };
        let topics = match (given.topic.is_empty(), file.topic.0) {
            (false, _) => Sourced { value: given.topic.clone(), origin: self.origin("topic") },
            (true, named) if named.iter().any(|topic| !topic.trim().is_empty()) => {
                Sourced { value: named, origin: Origin::File { table: table.clone() } }
            }
            (true, _) => Sourced { value: Vec::new(), origin: Origin::Start },
        };
        let read_only = match (given.read_only, file.read_only) {
            (Some(value), _) => Sourced { value, origin: self.origin("read_only") },
            (None, Some(value)) => Sourced { value, origin: Origin::File { table: table.clone() } },
            (None, None) => Sourced { value: false, origin: Origin::Default },
        };
        Names {
            read_only,
            endpoint_url: first("endpoint_url", &given.endpoint_url, file.endpoint_url),
            profile: first("profile", &given.profile, file.profile),
            region: first("region", &given.region, file.region),
            stack: first("stack", &given.stack, file.stack),
            bucket: first("bucket", &given.bucket, file.bucket),
            function: first("function", &given.function, file.function),
            topics,
            log_group: first("log_group", &given.log_group, file.log_group),
        }
    }

    /// Where the pipeline is and what is named of it. `own` is the endpoint that `--local` has started.
    ///
    /// # Errors
    /// Wrong usage: an endpoint that is no URL.
    pub fn settings(&self, own: Option<&str>) -> Result<Settings, clap::Error> {
        let (given, names) = (&self.pipeline, self.names());
        let url = match own {
            Some(url) => Some(url.to_owned()),
            // It is being started, on a port that is not known yet.
            None if given.local => Some("http://127.0.0.1".to_owned()),
            None => names.endpoint_url.value,
        };
        let mut file = self.file.clone();
        if given.stack.is_some() {
            // Another pipeline is meant than the file's.
            file.chosen = None;
        }
        // What a flag says holds for every pipeline; what the file says of one is still there when it is needed.
        let is_given = self.pipeline.read_only.is_some() || given.stack.is_some();
        let (profile, region) = (names.profile.value, names.region.value);
        let target = match url {
            Some(url) if is_loopback(&url).is_none() => {
                let flag = if given.endpoint_url.is_some() { "--endpoint-url" } else { "endpoint-url" };
                let text = format!("{flag} {url:?} is no URL; write it like http://127.0.0.1:4566");
                return Err(self.refuse(ErrorKind::ValueValidation, &text));
            }
            Some(url) => Target::Endpoint { url, profile, region },
            None => Target::Aws { profile, region },
        };
        let mut topics = names.topics.value.into_iter();
        Ok(Settings {
            target,
            endpoint_is_of_variable: self.endpoint_is_of_variable(),
            region_is_fixed: self.region_is_typed,
            bucket: names.bucket.value,
            function: names.function.value,
            topic: topics.next(),
            more_topics: topics.collect(),
            log_group: names.log_group.value,
            stack: names.stack.value,
            read_only: is_given.then_some(names.read_only.value),
            purpose: self.purpose(),
            idle_timeout: given.idle_timeout,
            file,
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::config::file::{Choice, File};

    /// A command line and a config file; the environment stands for flags here, as clap mixes the two.
    fn settings(line: &str, entry: &Entry) -> Settings {
        let mut cli = Cli::try_parse_from(line.split_whitespace()).unwrap();
        let file = File { pipelines: [("dev".to_owned(), entry.clone())].into(), ..File::default() };
        cli.file = Choice { file: Some(file), chosen: Some("dev".to_owned()), ..Choice::default() };
        cli.settings(None).unwrap()
    }

    type Field = fn(&Settings) -> Option<&str>;

    #[test]
    fn every_name_comes_from_its_first_source() {
        let text = |text: &str| Some(text.to_owned());
        let entry = Entry {
            bucket: text("file"),
            function: text("file"),
            topic: Topics(vec!["file".to_owned()]),
            log_group: text("file"),
            stack: text("file"),
            profile: text("file"),
            region: text("file"),
            ..Entry::default()
        };
        let fields: [(&str, Field); 7] = [
            ("bucket", |settings| settings.bucket.as_deref()),
            ("function", |settings| settings.function.as_deref()),
            ("topic", |settings| settings.topic.as_deref()),
            ("log-group", |settings| settings.log_group.as_deref()),
            ("stack", |settings| settings.stack.as_deref()),
            ("profile", |settings| settings.target.profile()),
            ("region", |settings| settings.target.region()),
        ];
        let with_stack = settings("imgwatch --stack flag", &entry);
        assert_eq!((with_stack.stack.as_deref(), with_stack.bucket), (Some("flag"), None), "another pipeline is meant");
        for (flag, field) in fields.into_iter().filter(|(flag, _)| *flag != "stack") {
            let both = settings(&format!("imgwatch --{flag} flag"), &entry);
            assert_eq!(field(&both), Some("flag"), "--{flag} comes before the file");
            let others = fields.iter().filter(|(other, _)| *other != flag);
            assert!(others.into_iter().all(|(_, field)| field(&both) == Some("file")), "--{flag} touches itself only");
            assert_eq!(field(&settings("imgwatch", &entry)), Some("file"), "{flag}");
            assert_eq!(field(&settings("imgwatch", &Entry::default())), None, "{flag}");
        }
    }

    #[test]
    fn several_topics_are_taken_from_one_source() {
        let topics = |line: &str, file: &[&str]| {
            let topic = Topics(file.iter().map(|topic| (*topic).to_owned()).collect());
            let found = settings(line, &Entry { topic, ..Entry::default() });
            found.topic.into_iter().chain(found.more_topics).collect::<Vec<_>>()
        };
        assert_eq!(topics("imgwatch --topic a --topic b", &["c"]), ["a", "b"]);
        assert_eq!(topics("imgwatch --topic a,b", &["c"]), ["a", "b"]);
        assert_eq!(topics("imgwatch", &["c", "d"]), ["c", "d"]);
        assert_eq!(topics("imgwatch", &[]), [""; 0]);
        assert_eq!(topics("imgwatch --stack s", &["c"]), [""; 0], "another pipeline is meant");
    }

    #[test]
    fn an_endpoint_of_the_file_is_one_as_good_as_any() {
        let entry = Entry { endpoint_url: Some("http://127.0.0.1:4566".to_owned()), ..Entry::default() };
        let found = settings("imgwatch --region r", &entry);
        assert!(matches!(found.target, Target::Endpoint { url, .. } if url == "http://127.0.0.1:4566"));
        let typed = settings("imgwatch --endpoint-url http://[::1]:1", &entry);
        assert!(matches!(typed.target, Target::Endpoint { url, .. } if url == "http://[::1]:1"));
    }
}
