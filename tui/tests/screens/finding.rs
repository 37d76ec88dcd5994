//! The first-run screen and the dialog for another profile.

use imgwatch::domain::search::{Looked, Mark, Search};
use imgwatch::domain::switch::{Choice, ChoiceKind};
use imgwatch::model::Model;
use imgwatch::model::dialog::Dialog;
use imgwatch::model::switch::SwitchForm;
use tui_input::Input;

use crate::models;

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

/// The first-run screen in every state.
pub(crate) fn first_runs() -> Vec<(&'static str, Model)> {
    let mut without_region = Search { is_over: true, ..search() };
    without_region.problem = Some(models::problem(
        "cannot reach AWS",
        "no region is configured",
        "pass --region, set AWS_REGION, or run `imgwatch --local`",
    ));
    let looked = |place: &str, outcome: &str, mark| {
        let mut over = Search { is_over: true, ..search() };
        over.looked.push(Looked { place: place.into(), outcome: outcome.into(), mark });
        over
    };
    let stacks = "images-dev, images-live, a-stack-with-a-rather-long-name-such-as-tools-make; choose one with --stack";
    let several = looked("stacks in eu-west-1 as profile dev", stacks, Mark::Choose);
    let denied = looked("stacks in eu-west-1", "cloudformation:DescribeStacks is not allowed", Mark::NotRead);

    let mut over = Search { is_over: true, cursor: 1, ..search() };
    over.looked[2] = Looked::nothing("config file", "/home/ada/.config/imgwatch/config.toml: choose dev or live");
    let mut two = model(over.clone());
    two.pipelines = vec![pipeline("dev", Some("eu-west-1")), pipeline("live", None)];
    let mut many = model(Search { cursor: 12, ..over });
    many.pipelines.clone_from(&two.pipelines);
    many.pipelines.extend((1..=20).map(|number| pipeline(&format!("customer-{number}"), Some("us-east-1"))));
    vec![
        ("first-run-looking", model(search())),
        ("first-run-without-region", model(without_region)),
        ("first-run-several-stacks", model(several)),
        ("first-run-not-allowed", model(denied)),
        ("first-run-pipelines", two),
        ("first-run-many-pipelines", many),
    ]
}

fn pipeline(name: &str, region: Option<&str>) -> Choice {
    Choice { kind: ChoiceKind::Pipeline, name: name.into(), region: region.map(Into::into) }
}

/// The form for another profile in every state.
pub(crate) fn switches() -> Vec<(&'static str, Model)> {
    let profile = |name: &str, region: Option<&str>| Choice { kind: ChoiceKind::Profile, ..pipeline(name, region) };
    let mut choices = vec![
        pipeline("dev", Some("eu-west-1")),
        pipeline("live", None),
        profile("default", Some("us-east-1")),
        profile("a profile of a company with a long name and \u{202e}a trick", Some("eu-central-1")),
    ];
    let with = |form: SwitchForm| {
        let mut model = models::busy();
        model.dialog = Some(Dialog::Switch(form));
        model
    };
    let form = SwitchForm { choices: choices.clone(), region: Input::new("eu-west-1".into()), ..SwitchForm::default() };
    let (few, mut current) = (with(form.clone()), with(form));
    current.pipeline.target = "AWS profile default, eu-west-1".into();
    current.chosen = vec![(ChoiceKind::Pipeline, "dev".into()), (ChoiceKind::Profile, "default".into())];

    choices.extend((1..=30).map(|number| profile(&format!("account-{number}"), None)));
    let region = Input::new("eu west".into());
    let many = with(SwitchForm { choices, cursor: 20, region, ..SwitchForm::default() });
    let error = Some("cannot read the AWS configuration files: no such thing".into());
    let error = with(SwitchForm { error, ..SwitchForm::default() });
    let asked = Some(imgwatch::domain::ids::RequestId(1));
    let reading = with(SwitchForm { asked, ..SwitchForm::default() });
    vec![("few", few), ("current", current), ("many", many), ("error", error), ("reading", reading)]
}
