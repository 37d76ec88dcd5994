//! The first-run screen and the dialog for another profile.

use imgwatch::model::Model;
use imgwatch::model::dialog::Dialog;
use imgwatch::model::search::{Looked, Mark, Search};
use imgwatch::model::switch::{Choice, Kind, SwitchForm};
use imgwatch::view;
use insta::assert_snapshot;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use tui_input::Input;

use crate::models;

fn at_both_sizes(name: &str, model: &Model) {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| view::draw(frame, model, None)).unwrap();
        assert_snapshot!(format!("{name}-{width}x{height}"), terminal.backend());
    }
}

fn search() -> Search {
    let looked = vec![
        Looked::nothing("flags", "no --bucket, --stack or --pipeline"),
        Looked::nothing("environment", "no IMGWATCH_BUCKET, IMGWATCH_STACK or IMGWATCH_PIPELINE"),
        Looked::nothing("config file", "/home/ada/.config/imgwatch/config.toml is not there"),
    ];
    Search { looked, ..Search::default() }
}

fn model(search: Search) -> Model {
    let mut model = models::first();
    for name in [&mut model.pipeline.bucket, &mut model.pipeline.function, &mut model.pipeline.topic] {
        *name = "…".into();
    }
    model.pipeline.target = "aws dev".into();
    model.search = Some(search);
    model
}

#[test]
fn first_run() {
    at_both_sizes("first-run-looking", &model(search()));

    let mut over = Search { is_over: true, ..search() };
    over.problem = Some(models::problem(
        "cannot reach AWS",
        "no region is configured",
        "pass --region, set AWS_REGION, or run `imgwatch --local`",
    ));
    at_both_sizes("first-run-without-region", &model(over));

    let mut over = Search { is_over: true, ..search() };
    let outcome =
        "images-dev, images-live, a-stack-with-a-rather-long-name-such-as-tools-make; choose one with --stack";
    let place = "stacks in eu-west-1 as profile dev".into();
    over.looked.push(Looked { place, outcome: outcome.into(), mark: Mark::Choose });
    at_both_sizes("first-run-several-stacks", &model(over));

    let mut over = Search { is_over: true, ..search() };
    let outcome = "cloudformation:DescribeStacks is not allowed".into();
    over.looked.push(Looked { place: "stacks in eu-west-1".into(), outcome, mark: Mark::Trouble });
    at_both_sizes("first-run-not-allowed", &model(over));
}

#[test]
fn switching() {
    let choice =
        |kind, name: &str, region: Option<&str>| Choice { kind, name: name.into(), region: region.map(Into::into) };
    let mut choices = vec![
        choice(Kind::Pipeline, "dev", Some("eu-west-1")),
        choice(Kind::Pipeline, "live", None),
        choice(Kind::Profile, "default", Some("us-east-1")),
        choice(Kind::Profile, "a profile of a company with a long name and \u{202e}a trick", Some("eu-central-1")),
    ];
    let with = |form: SwitchForm| {
        let mut model = models::busy();
        model.dialog = Some(Dialog::Switch(form));
        model
    };
    let region = Input::new("eu-west-1".into());
    at_both_sizes("switch", &with(SwitchForm { choices: choices.clone(), region, ..SwitchForm::default() }));

    choices.extend((1..=30).map(|number| choice(Kind::Profile, &format!("account-{number}"), None)));
    let region = Input::new("eu west".into());
    at_both_sizes("switch-many", &with(SwitchForm { choices, cursor: 20, region, ..SwitchForm::default() }));

    let error = Some("cannot read the AWS configuration files: no such thing".into());
    at_both_sizes("switch-error", &with(SwitchForm { error, ..SwitchForm::default() }));
}

fn pipeline(name: &str, region: Option<&str>) -> Choice {
    Choice { kind: Kind::Pipeline, name: name.into(), region: region.map(Into::into) }
}

#[test]
fn pipelines_of_the_config_file_are_offered() {
    let mut over = Search { is_over: true, cursor: 1, ..search() };
    over.looked[2] = Looked::nothing("config file", "/home/ada/.config/imgwatch/config.toml: choose dev or live");
    let mut model = model(over);
    model.pipelines = vec![pipeline("dev", Some("eu-west-1")), pipeline("live", None)];
    at_both_sizes("first-run-pipelines", &model);
    model.pipelines.extend((1..=20).map(|number| pipeline(&format!("customer-{number}"), Some("us-east-1"))));
    model.search.as_mut().unwrap().cursor = 12;
    at_both_sizes("first-run-many-pipelines", &model);
}

#[test]
fn the_header_and_the_form_name_what_was_chosen() {
    let mut model = models::busy();
    model.pipeline.target = "AWS profile work, eu-west-1".into();
    model.pipelines = vec![pipeline("dev", Some("eu-west-1")), pipeline("live", None)];
    model.chosen = vec![(Kind::Pipeline, "dev".into()), (Kind::Profile, "work".into())];
    let mut choices = model.pipelines.clone();
    choices.push(Choice { kind: Kind::Profile, name: "work".into(), region: None });
    model.dialog = Some(Dialog::Switch(SwitchForm { choices, ..SwitchForm::default() }));
    at_both_sizes("switch-current", &model);
}
