//! The configuration file: named pipelines, which of them is meant when nothing else says so, and how the dashboard begins.
//!
//! ```toml
//! pipeline = "dev"
//!
//! [pipelines.dev]
//! profile = "dev"
//! region = "eu-west-1"
//! stack = "image-pipeline"
//!
//! [pipelines.live]
//! bucket = "my-images"
//! topic = "alerts"
//! read-only = true
//! color = "red"
//!
//! [dashboard]
//! theme = "dark"
//!
//! [keys.panels]
//! upload = "U"
//! ```
//!
//! It only reads: nothing here writes a file or knows a cloud.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::dashboard::{self, Dashboard};
use super::keys::{self, Tables};
use crate::config::xdg;
use crate::domain::protection::PipelineColor;
use crate::keymap::KeyOverride;

/// The file as it is written. Unknown keys are refused: a misspelled key would otherwise go unnoticed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The pipeline that is meant when none is named.
    pub pipeline: Option<String>,
    /// All of them, by name.
    #[serde(default)]
    pub pipelines: BTreeMap<String, Entry>,
    /// How the dashboard begins.
    #[serde(default)]
    pub dashboard: Dashboard,
    /// Other keys than the table's.
    #[serde(default)]
    pub(crate) keys: Tables,
}

/// One pipeline. Whatever it leaves out is looked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Entry {
    pub bucket: Option<String>,
    pub function: Option<String>,
    #[serde(default)]
    pub topic: Topics,
    pub log_group: Option<String>,
    pub stack: Option<String>,
    pub profile: Option<String>,
    pub region: Option<String>,
    pub endpoint_url: Option<String>,
    #[serde(default, deserialize_with = "dashboard::switch")]
    pub read_only: Option<bool>,
    pub color: Option<PipelineColor>,
}

/// One topic, or a list of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "OneOrMore")]
pub struct Topics(pub Vec<String>);

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected the name or ARN of a topic, or a list of them")]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl From<OneOrMore> for Topics {
    fn from(topics: OneOrMore) -> Self {
        Self(match topics {
            OneOrMore::One(topic) => vec![topic],
            OneOrMore::More(topics) => topics,
        })
    }
}

/// The file as it was found, and the pipeline that was chosen from it.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Where it is, or would be; `None` where there is no home directory.
    pub path: Option<PathBuf>,
    /// What it says; `None` where there is no file.
    pub file: Option<File>,
    /// The name of the chosen pipeline.
    pub chosen: Option<String>,
    pub keys: Vec<KeyOverride>,
}

impl Choice {
    /// Reads the file that is named, else the one in its usual place. No pipeline is chosen.
    ///
    /// # Errors
    /// When a named file is not there, or any file cannot be read or understood.
    pub fn read(named: Option<&Path>) -> Result<Self, String> {
        let usual = || Some(xdg::config()?.join("config.toml"));
        let Some(path) = named.map(Path::to_owned).or_else(usual) else { return Ok(Self::default()) };
        match std::fs::read_to_string(&path) {
            Ok(text) => Self::of(path, &text),
            Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => {
                Ok(Self { path: Some(path), ..Self::default() })
            }
            Err(error) => Err(format!("cannot read the config file {}: {error}", path.display())),
        }
    }

    /// Understands the file's text.
    fn of(path: PathBuf, text: &str) -> Result<Self, String> {
        let refuse = |error| format!("cannot use the config file {}: {error}", path.display());
        // The parser's own words name line, column and key.
        let mut file: File = toml::from_str(text).map_err(refuse)?;
        let keys = keys::asked(std::mem::take(&mut file.keys), text);
        Ok(Self { path: Some(path), file: Some(file), chosen: None, keys })
    }

    /// Chooses the pipeline that is named, else the file's default, else the only one.
    ///
    /// # Errors
    /// When there is no such pipeline.
    pub fn choose(mut self, asked: Option<&str>) -> Result<Self, String> {
        let file = self.file.as_ref();
        let names: Vec<&str> = self.names().collect();
        let default = file.and_then(|file| file.pipeline.as_deref());
        let only = if let [only] = names.as_slice() { Some(*only) } else { None };
        let Some(name) = asked.or(default).or(only).map(str::to_owned) else { return Ok(self) };
        if !names.contains(&name.as_str()) {
            let place = self.path.as_deref().unwrap_or(Path::new("~/.config/imgwatch/config.toml")).display();
            let have = match (&self.file, names.as_slice()) {
                (None, _) => "the file is not there".to_owned(),
                (_, []) => "the file has no pipelines".to_owned(),
                (_, names) => format!("it has {}", names.join(", ")),
            };
            return Err(format!("there is no pipeline {name:?} in the config file {place}: {have}"));
        }
        self.chosen = Some(name);
        Ok(self)
    }

    /// The chosen pipeline.
    pub fn entry(&self) -> Option<&Entry> {
        self.get(self.chosen.as_deref()?)
    }

    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.file.as_ref()?.pipelines.get(name)
    }

    /// The names of all pipelines.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.file.iter().flat_map(|file| file.pipelines.keys().map(String::as_str))
    }

    /// What came of looking into it, when no pipeline was found there.
    pub fn outcome(&self) -> String {
        let Some(path) = &self.path else { return "no home directory to look for it in".to_owned() };
        let path = path.display();
        let names: Vec<&str> = self.names().collect();
        match (&self.file, &self.chosen, names.as_slice()) {
            (None, ..) => format!("{path} is not there"),
            (_, Some(name), _) => format!("{path}: pipeline {name} names no part"),
            (_, None, []) => format!("{path} has no pipelines"),
            (_, None, names) => format!("{path}: choose {} with --pipeline", names.join(" or ")),
        }
    }
}

#[cfg(test)]
mod tests;
