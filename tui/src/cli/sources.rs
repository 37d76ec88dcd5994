//! The order of sources: a flag, else the environment, else the chosen pipeline of the config file.
//!
//! Clap has put flags before the environment already. What none of them names is looked for by `cloud::find`.

use clap::error::ErrorKind;

use super::Cli;
use crate::config::file::Entry;
use crate::config::{Settings, Target, is_loopback};

impl Cli {
    /// Where the pipeline is and what is named of it. `own` is the endpoint that `--local` has started.
    ///
    /// # Errors
    /// Wrong usage: an endpoint that is no URL.
    pub fn settings(&self, own: Option<&str>) -> Result<Settings, clap::Error> {
        let given = &self.pipeline;
        let mut file = self.file.entry().cloned().unwrap_or_default();
        let mut choice = self.file.clone();
        if given.stack.is_some() {
            // Another pipeline is meant than the file's, and its outputs name it.
            file = Entry { bucket: None, function: None, topic: None, log_group: None, ..file };
            choice.chosen = None;
        }
        let first = |named: &Option<String>, entry: Option<String>| {
            named.clone().or(entry).filter(|name| !name.trim().is_empty())
        };
        let url = match own {
            Some(url) => Some(url.to_owned()),
            // It is on its way, on a port that nobody knows yet.
            None if given.local => Some("http://127.0.0.1".to_owned()),
            None => first(&given.endpoint_url, file.endpoint_url),
        };
        let (profile, region) = (first(&given.profile, file.profile), first(&given.region, file.region));
        let target = match url {
            Some(url) if is_loopback(&url).is_none() => {
                let flag = if given.endpoint_url.is_some() { "--endpoint-url" } else { "endpoint-url" };
                let text = format!("{flag} {url:?} is no URL; write it like http://127.0.0.1:4566");
                return Err(self.refuse(ErrorKind::ValueValidation, &text));
            }
            Some(url) => Target::Endpoint { url, profile, region },
            None => Target::Aws { profile, region },
        };
        Ok(Settings {
            target,
            region_is_fixed: self.region_is_typed,
            bucket: first(&given.bucket, file.bucket),
            function: first(&given.function, file.function),
            topic: first(&given.topic, file.topic),
            log_group: first(&given.log_group, file.log_group),
            stack: first(&given.stack, file.stack),
            purpose: self.purpose(),
            file: choice,
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
        let file = File { pipeline: None, pipelines: [("dev".to_owned(), entry.clone())].into() };
        cli.file = Choice { path: None, file: Some(file), chosen: Some("dev".to_owned()) };
        cli.settings(None).unwrap()
    }

    type Field = fn(&Settings) -> Option<&str>;

    #[test]
    fn every_name_comes_from_its_first_source() {
        let text = |text: &str| Some(text.to_owned());
        let entry = Entry {
            bucket: text("file"),
            function: text("file"),
            topic: text("file"),
            log_group: text("file"),
            stack: text("file"),
            profile: text("file"),
            region: text("file"),
            endpoint_url: None,
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
    fn an_endpoint_of_the_file_is_one_as_good_as_any() {
        let entry = Entry { endpoint_url: Some("http://127.0.0.1:4566".to_owned()), ..Entry::default() };
        let found = settings("imgwatch --region r", &entry);
        assert!(matches!(found.target, Target::Endpoint { url, .. } if url == "http://127.0.0.1:4566"));
        let typed = settings("imgwatch --endpoint-url http://[::1]:1", &entry);
        assert!(matches!(typed.target, Target::Endpoint { url, .. } if url == "http://[::1]:1"));
    }
}
