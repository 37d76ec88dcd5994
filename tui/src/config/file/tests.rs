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
        topic: Topics(vec!["alerts".to_owned()]),
        log_group: text("/aws/lambda/F"),
        endpoint_url: text("http://127.0.0.1:4566"),
        ..Entry::default()
    };
    assert_eq!(choice.entry(), Some(&expected));
    let dev = choice.get("dev").unwrap();
    assert_eq!([&dev.profile, &dev.region, &dev.stack], [&text("dev"), &text("eu-west-1"), &text("image-pipeline")]);
}

#[test]
fn a_pipeline_may_have_several_topics() {
    let topics = |value: &str| {
        let read = choice(&format!("[pipelines.one]\ntopic = {value}"), None);
        read.map(|choice| choice.entry().unwrap().topic.0.clone())
    };
    assert_eq!(topics("\"a\""), Ok(vec!["a".to_owned()]));
    assert_eq!(topics("[\"a\", \"b\"]"), Ok(vec!["a".to_owned(), "b".to_owned()]));
    let refused = topics("1").unwrap_err();
    assert!(refused.contains("expected the name or ARN of a topic, or a list of them"), "{refused}");
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
    let text =
        "[keys.panels]\nupload = 'U'\n\nquit = ['Q', 'ctrl-q']\n[keys.logs]\npause = []\n[dashboard]\nlive-tail = true";
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
