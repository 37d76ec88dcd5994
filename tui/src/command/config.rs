//! `imgwatch config`: the effective configuration, each value with where it comes from. It asks no network, and knows no
//! secret: credentials are the AWS SDK's, and an endpoint's user and password are left out.

use std::fmt::Write as _;

use serde::Serialize;

use super::failure::Failure;
use super::{json, output};
use crate::cli::display::on_or_off;
use crate::cli::sources::{Origin, Sourced};
use crate::cli::{Cli, ConfigArgs, log_file};
use crate::config::{BUCKET, FUNCTION, TOPIC, redacted};
use crate::keymap::{KEYMAP, names};
use crate::terminal::exit::Exit;
use crate::text::clean::Clean;

/// Columns of names and values.
const NAME: usize = 16;
const VALUE: usize = 28;

#[derive(Serialize)]
struct ConfigReport {
    config_file: FileStatus,
    log_file: FileStatus,
    values: Vec<Setting>,
    keys: Vec<KeyRow>,
}

/// A file, which may or may not be there.
#[derive(Serialize)]
struct FileStatus {
    path: Option<String>,
    /// The config file is there, the log file is written.
    used: bool,
}

#[derive(Serialize)]
struct Setting {
    name: &'static str,
    value: Option<String>,
    source: Origin,
}

/// An action that has other keys than usual.
#[derive(Serialize)]
struct KeyRow {
    scope: &'static str,
    action: &'static str,
    keys: Vec<String>,
    default: Vec<String>,
}

pub(super) async fn run(cli: &Cli, args: &ConfigArgs) -> Result<Exit, Failure> {
    let page = page(cli)?;
    output::write(&if args.json { json::line(&page)? } else { text(&page) }).await?;
    Ok(Exit::Proven)
}

fn page(cli: &Cli) -> Result<ConfigReport, Failure> {
    let text = |path: &std::path::Path| path.to_string_lossy().into_owned();
    let config_file = FileStatus { path: cli.file.path.as_deref().map(text), used: cli.file.file.is_some() };
    let log = cli.log_file().value;
    let log_file = FileStatus { used: log.is_some(), path: log.or_else(log_file::usual_path).as_deref().map(text) };
    Ok(ConfigReport { config_file, log_file, values: values(cli)?, keys: keys(cli) })
}

fn values(cli: &Cli) -> Result<Vec<Setting>, Failure> {
    let settings = cli.settings(None).map_err(|error| Failure::new(error.to_string(), "").usage())?;
    let (names, display) = (cli.names(), cli.sourced_display());
    let is_here = settings.target.is_loopback();
    let value = |name, found: Sourced<Option<String>>| Setting { name, value: found.value, source: found.origin };
    // The local cloud's names stand in for missing ones.
    let usual = |name, found: Sourced<Option<String>>, usual: &str| match found {
        Sourced { value: None, .. } if is_here => {
            Setting { name, value: Some(usual.to_owned()), source: Origin::Default }
        }
        found => value(name, found),
    };
    let Sourced { value: topics, origin } = names.topics;
    let topics = Sourced { value: Some(topics.join(", ")).filter(|topics| !topics.is_empty()), origin };
    let word = |name, word: &str, source| Setting { name, value: Some(word.to_owned()), source };
    let unsought = |name| Setting { name, value: None, source: Origin::Default };
    let pipeline = Sourced { value: cli.file.chosen.clone(), origin: pipeline_origin(cli) };
    let endpoint_url = match names.endpoint_url {
        _ if cli.pipeline.local => word("endpoint-url", "embedded local cloud", cli.origin("local")),
        Sourced { value: Some(url), origin } => {
            Setting { name: "endpoint-url", value: Some(redacted(&url)), source: origin }
        }
        Sourced { value: None, .. } => word("endpoint-url", "AWS", Origin::Default),
    };
    Ok(vec![
        value("pipeline", pipeline),
        endpoint_url,
        if cli.pipeline.local { unsought("profile") } else { value("profile", names.profile) },
        match names.region {
            Sourced { value: None, .. } if cli.pipeline.local => unsought("region"),
            region => value("region", region),
        },
        // A stack is looked for only where nothing names a pipeline.
        match names.stack {
            Sourced { value: None, .. } if is_here || settings.names_something() => unsought("stack"),
            stack => value("stack", stack),
        },
        usual("bucket", names.bucket, BUCKET),
        usual("function", names.function, FUNCTION),
        usual("topic", topics, TOPIC),
        value("log-group", names.log_group),
        word("read-only", on_or_off(names.read_only.value), names.read_only.origin),
        value("color", color(cli)),
        word("theme", display.theme.value.word(), display.theme.origin),
        word("clock", display.clock.value.name(), display.clock.origin),
        word("mouse", on_or_off(display.mouse.value), display.mouse.origin),
        word("live-tail", on_or_off(display.live_tail.value), display.live_tail.origin),
        word("notify", display.notify.value.word(), display.notify.origin),
        word("confirm-upload", on_or_off(display.confirm_upload.value), display.confirm_upload.origin),
        word("log-level", cli.log_level().value.word(), cli.log_level().origin),
    ])
}

/// Only the config file gives a pipeline a colour.
fn color(cli: &Cli) -> Sourced<Option<String>> {
    let table = || cli.file.chosen.as_deref().map(|name| format!("pipelines.{name}")).unwrap_or_default();
    match cli.file.entry().and_then(|entry| entry.color) {
        Some(color) => Sourced { value: Some(color.name().to_owned()), origin: Origin::File { table: table() } },
        None => Sourced { value: None, origin: Origin::Default },
    }
}

fn pipeline_origin(cli: &Cli) -> Origin {
    match (&cli.pipeline.pipeline, &cli.file.chosen) {
        (Some(_), _) => cli.origin("pipeline"),
        (None, Some(_)) => Origin::File { table: String::new() },
        (None, None) => Origin::Default,
    }
}

fn keys(cli: &Cli) -> Vec<KeyRow> {
    let row = |own: &crate::keymap::CustomKeys| {
        let shown = |keys: &[crate::text::key::Key]| keys.iter().map(ToString::to_string).collect();
        let row = KEYMAP.iter().find(|row| row.scope == own.scope && row.action == own.action)?;
        let (scope, action) = (names::scope(own.scope), names::action(own.action));
        Some(KeyRow { scope, action, keys: shown(&own.keys), default: shown(row.usual()) })
    };
    cli.keys.own().iter().filter_map(row).collect()
}

fn text(page: &ConfigReport) -> String {
    let clean = |text: &str| Clean::new(text).shown().to_owned();
    let path =
        |place: &FileStatus| place.path.as_deref().map_or_else(|| "no home directory to look in".to_owned(), clean);
    let mut out = String::new();
    let state = if page.config_file.used { "" } else { " (is not there)" };
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{:<NAME$}{}{state}", "config file", path(&page.config_file));
    let state = if page.log_file.used { "" } else { " (off; --log-file turns it on)" };
    let _ = writeln!(out, "{:<NAME$}{}{state}\n", "log file", path(&page.log_file));
    for value in &page.values {
        let shown = value.value.as_deref().map_or_else(|| "-".to_owned(), clean);
        let _ = writeln!(out, "{:<NAME$}{shown:<VALUE$}  {}", value.name, clean(&source(value)));
    }
    let _ = writeln!(out, "\nkeys{}", if page.keys.is_empty() { "          default" } else { "" });
    for row in &page.keys {
        let keys = if row.keys.is_empty() { "no key".to_owned() } else { row.keys.join(" ") };
        let name = format!("{}.{}", row.scope, row.action);
        let _ = writeln!(out, "  {name:<30}  {keys} (default {})", row.default.join(" "));
    }
    out
}

fn source(value: &Setting) -> String {
    match &value.source {
        Origin::Flag { name } => format!("flag {name}"),
        Origin::Environment { name } => format!("environment variable {name}"),
        Origin::File { table } if table.is_empty() => "config file".to_owned(),
        Origin::File { table } => format!("config file, [{table}]"),
        Origin::Default => "default".to_owned(),
        Origin::Start if ["profile", "region"].contains(&value.name) => "as the AWS CLI finds it, at start".to_owned(),
        Origin::Start => "looked up at start".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::contract;

    /// The names of the values that are printed are checked by `tests/cmd/config.trycmd`.
    #[test]
    fn the_contract_holds() {
        let origins = [
            Origin::Flag { name: "--topic".to_owned() },
            Origin::Environment { name: "IMGWATCH_TOPIC".to_owned() },
            Origin::File { table: "pipelines.dev".to_owned() },
            Origin::Default,
            Origin::Start,
        ];
        let values = origins.map(|source| Setting { name: "topic", value: Some("alerts".to_owned()), source });
        let keys =
            KeyRow { scope: "panels", action: "quit", keys: vec!["Q".to_owned()], default: vec!["q".to_owned()] };
        let page = ConfigReport {
            config_file: FileStatus { path: Some("/home/you/.config/imgwatch/config.toml".to_owned()), used: true },
            log_file: FileStatus { path: None, used: false },
            values: values.into(),
            keys: vec![keys],
        };
        contract::check("config", &contract::lines(&json::line(&page).unwrap()));
    }
}
