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
    pub topic: Option<String>,
    pub log_group: Option<String>,
    pub stack: Option<String>,
    pub profile: Option<String>,
    pub region: Option<String>,
    pub endpoint_url: Option<String>,
    #[serde(default, deserialize_with = "dashboard::switch")]
    pub read_only: Option<bool>,
    pub color: Option<PipelineColor>,
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
mod tests {
    use super::*;
    use crate::cli::log_file::Level;
    use crate::command::contract;
    use crate::domain::display::{Clock, Notify, Theme};
    use crate::keymap::{KEYMAP, names};

    const TWO: &str = r#"
        [pipelines.dev]
        profile = "dev"
        region = "eu-west-1"
        stack = "image-pipeline"

        [pipelines.live]
        bucket = "my-images"
        function = "F"
        topic = "alerts"
        log-group = "/aws/lambda/F"
        endpoint-url = "http://127.0.0.1:4566"
    "#;

    fn choice(text: &str, pipeline: Option<&str>) -> Result<Choice, String> {
        Choice::of("/somewhere/config.toml".into(), text)?.choose(pipeline)
    }

    #[test]
    fn every_key_is_read() {
        let choice = choice(TWO, Some("live")).unwrap();
        let text = |text: &str| Some(text.to_owned());
        let expected = Entry {
            bucket: text("my-images"),
            function: text("F"),
            topic: text("alerts"),
            log_group: text("/aws/lambda/F"),
            endpoint_url: text("http://127.0.0.1:4566"),
            ..Entry::default()
        };
        assert_eq!(choice.entry(), Some(&expected));
        let dev = choice.get("dev").unwrap();
        assert_eq!(
            [&dev.profile, &dev.region, &dev.stack],
            [&text("dev"), &text("eu-west-1"), &text("image-pipeline")]
        );
    }

    #[test]
    fn the_named_pipeline_wins_then_the_default_then_the_only_one() {
        let with_default = format!("pipeline = \"dev\"\n{TWO}");
        let one = "[pipelines.one]\nbucket = \"b\"";
        let cases = [
            (TWO, Some("live"), Some("live")),
            (TWO, None, None),
            (&with_default, None, Some("dev")),
            (&with_default, Some("live"), Some("live")),
            (one, None, Some("one")),
            ("", None, None),
        ];
        for (text, named, expected) in cases {
            assert_eq!(choice(text, named).unwrap().chosen.as_deref(), expected, "{named:?} of {text}");
        }
        assert!(choice(TWO, None).unwrap().outcome().contains("dev or live"));
    }

    #[test]
    fn slips_are_named_with_file_line_and_key() {
        let cases = [
            ("[pipelines.dev]\nbuckt = \"b\"", ["line 2", "buckt"]),
            ("\n\npipline = \"dev\"", ["line 3", "pipline"]),
            ("[pipelines.dev]\nbucket = 7", ["line 2", "bucket = 7"]),
            ("[pipelines.dev\n", ["line 1", "pipelines.dev"]),
            ("[pipelines.live]\nread-only = \"yes\"", ["line 2", "expected true or false"]),
            ("[pipelines.live]\ncolor = \"pink\"", ["line 2", "`red`, `yellow`"]),
            ("[dashboard]\ntheme = \"pink\"", ["line 2", "`terminal`, `dark`"]),
            ("[dashboard]\nmouse = \"no\"", ["line 2", "expected true or false, or the flag's \"on\" or \"off\""]),
            ("[keys.panels]\n\nupload = 7", ["line 3", "expected a key, such as \"ctrl-x\""]),
            ("[keys]\nupload = \"U\"", ["line 2", "expected a map"]),
        ];
        for (text, words) in cases {
            let error = choice(text, None).unwrap_err();
            assert!(error.contains("/somewhere/config.toml"), "{error}");
            assert!(words.iter().all(|word| error.contains(word)), "{words:?}: {error}");
        }
        let error = choice(TWO, Some("prod")).unwrap_err();
        assert!(error.contains("\"prod\"") && error.contains("dev, live"), "{error}");
        let error = choice("pipeline = \"gone\"", None).unwrap_err();
        assert!(error.contains("\"gone\"") && error.contains("no pipelines"), "{error}");
    }

    #[test]
    fn switches_are_written_as_toml_or_as_the_flag_has_them() {
        for (on, off) in [("true", "false"), ("\"on\"", "\"off\"")] {
            let found = choice(&format!("[dashboard]\nmouse = {off}\nlive-tail = {on}"), None).unwrap();
            let dashboard = found.file.unwrap().dashboard;
            assert_eq!((dashboard.mouse, dashboard.live_tail), (Some(false), Some(true)), "{on} {off}");
        }
    }

    #[test]
    fn the_dashboard_and_its_keys_are_read_with_their_lines() {
        let text = "[keys.panels]\nupload = 'U'\n\nquit = ['Q', 'ctrl-q']\n[keys.logs]\npause = []\n[dashboard]\nlive-tail = true";
        let found = choice(text, None).unwrap();
        let lines: Vec<(usize, &str, usize)> =
            found.keys.iter().map(|asked| (asked.line, asked.action.as_str(), asked.keys.len())).collect();
        assert_eq!(lines, [(6, "pause", 0), (4, "quit", 2), (2, "upload", 1)]);
        assert_eq!(found.file.unwrap().dashboard.live_tail, Some(true));
    }

    #[test]
    fn colors_of_pipelines_are_read_by_their_names() {
        for color in PipelineColor::ALL {
            let found = choice(&format!("[pipelines.live]\ncolor = {:?}", color.name()), None).unwrap();
            assert_eq!(found.entry().unwrap().color, Some(color));
        }
    }

    #[test]
    fn words_of_the_file_are_those_of_the_flags() {
        let read = |line: String| choice(&format!("[dashboard]\n{line}"), None).unwrap().file.unwrap().dashboard;
        for theme in Theme::ALL {
            assert_eq!(read(format!("theme = {:?}", theme.word())).theme, Some(theme));
        }
        for clock in Clock::ALL {
            assert_eq!(read(format!("clock = {:?}", clock.name())).clock, Some(clock));
        }
        for notify in Notify::ALL {
            assert_eq!(read(format!("notify = {:?}", notify.word())).notify, Some(notify));
        }
    }

    /// The keys that the parser names as known where it finds an unknown one.
    fn known(table: &str) -> Vec<String> {
        let error = choice(&format!("{table}\nunknown = 1"), None).unwrap_err();
        let known = error.split("expected one of ").nth(1).unwrap_or_else(|| panic!("{error}"));
        known.lines().next().unwrap().split(", ").map(|name| name.trim_matches('`').to_owned()).collect()
    }

    #[test]
    fn the_contract_of_the_config_file_holds() {
        let keys: BTreeMap<&str, Vec<&str>> = names::scopes()
            .into_iter()
            .map(|scope| {
                let rows = KEYMAP.iter().filter(|row| row.scope == scope);
                (names::scope(scope), rows.map(|row| names::action(row.action)).collect())
            })
            .collect();
        let document = serde_json::json!({
            "top": known(""),
            "pipelines.NAME": known("[pipelines.dev]"),
            "dashboard": known("[dashboard]"),
            "values": {
                "color": PipelineColor::ALL.map(PipelineColor::name),
                "theme": Theme::ALL.map(Theme::word),
                "clock": Clock::ALL.map(Clock::name),
                "notify": Notify::ALL.map(Notify::word),
                "log-level": Level::ALL.map(Level::word),
            },
            "keys": keys,
        });
        contract::check("config-file", &[document]);
    }

    #[test]
    fn a_file_that_was_named_has_to_be_there() {
        let error = Choice::read(Some(Path::new("/nowhere/config.toml"))).unwrap_err();
        assert!(error.contains("/nowhere/config.toml"), "{error}");
    }
}
