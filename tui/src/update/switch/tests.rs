use super::*;
use crate::domain::ids::UploadId;
use crate::domain::transfer::{ObjectKey, Transfer, TransferState, Upload, UploadSource};
use crate::effect::TerminalEffect;
use crate::keymap::action::Panel;
use crate::model::Connection;
use crate::text::key::{Code, Key};
use crate::update::{Msg, update};

fn model() -> Model {
    let names = || Clean::new("name");
    let pipeline = Pipeline { bucket: names(), function: names(), topic: names(), target: names() };
    Model::new(jiff::Timestamp::UNIX_EPOCH, pipeline)
}

fn connected() -> Model {
    let mut model = model();
    let pipeline = model.pipeline.clone();
    update(&mut model, Msg::Update(Update::Connected { pipeline, inbox: true }));
    model
}

fn switched(target: &str, chosen: Vec<(ChoiceKind, Clean)>) -> Msg {
    let protection = Protection { read_only: true, color: None };
    Msg::Update(Update::Switched { target: target.into(), chosen, protection, search: None, is_loopback: false })
}

fn press(model: &mut Model, keys: &str) -> Vec<Effect> {
    let key = |c| if c == '\n' { Key::plain(Code::Enter) } else { Key::char(c) };
    keys.chars().flat_map(|c| update(model, Msg::Key(key(c)))).collect()
}

fn transfer(state: TransferState) -> Transfer {
    let key = ObjectKey::Own { prefix: String::new() };
    Transfer {
        id: UploadId(1),
        upload: Upload { source: UploadSource::TestImage, key, replace: true },
        key: "k".into(),
        size: None,
        sent: 0,
        began: jiff::Timestamp::UNIX_EPOCH,
        moved: jiff::Timestamp::UNIX_EPOCH,
        state,
    }
}

fn profiles(model: &mut Model, effects: &[Effect]) {
    let Some(Effect::Cloud(CloudEffect::ListProfiles { request })) = effects.first() else { panic!("{effects:?}") };
    let choice = |name: &str| Choice { kind: ChoiceKind::Profile, name: name.into(), region: Some("eu-west-1".into()) };
    let profiles = Ok(vec![choice("a"), choice("b")]);
    update(model, Msg::Update(Update::ProfilesListed { request: *request, profiles }));
}

#[test]
fn another_profile_empties_everything_and_ignores_the_old_connection() {
    let mut model = connected();
    model.focus = Panel::Logs;
    let before = model.next_request();
    let effects = press(&mut model, "P");
    profiles(&mut model, &effects);
    update(&mut model, Msg::Key(Key::plain(Code::Down)));
    let effects = press(&mut model, "\n");
    let to = Some((ChoiceKind::Profile, Clean::new("b")));
    assert_eq!(
        effects,
        [Effect::Cloud(CloudEffect::Switch(Switch { to, region: None }))],
        "its own region needs no naming"
    );
    assert_eq!((model.connection.clone(), model.inbox.available), (Connection::Connecting, false));
    assert!(model.next_request() > before, "ids come once");

    let pipeline = model.pipeline.clone();
    update(&mut model, Msg::Update(Update::Connected { pipeline: pipeline.clone(), inbox: true }));
    assert_eq!(model.connection, Connection::Connecting, "that was the old connection");
    update(&mut model, switched("b", Vec::new()));
    assert_eq!(model.pipeline.target.shown(), "b");
    update(&mut model, Msg::Update(Update::Connected { pipeline, inbox: false }));
    assert_eq!(model.connection, Connection::Ready);
}

#[test]
fn a_typed_region_is_asked_for_and_a_wrong_one_is_not() {
    let mut model = connected();
    let effects = press(&mut model, "P");
    profiles(&mut model, &effects);
    update(&mut model, Msg::Key(Key::ctrl('u')));
    assert_eq!(press(&mut model, "eu south\n"), [], "the form says what is wrong");
    update(&mut model, Msg::Key(Key::ctrl('u')));
    let effects = press(&mut model, "eu-south-1\n");
    let [Effect::Cloud(CloudEffect::Switch(switch))] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(switch.region.as_deref(), Some("eu-south-1"));
}

#[test]
fn nothing_is_left_while_something_is_sent() {
    let mut model = connected();
    model.uploads.transfers = vec![transfer(TransferState::Sending)].into();
    assert_eq!(press(&mut model, "P"), []);
    assert!(model.dialog.is_none() && model.notice.is_some());
}

#[test]
fn uploads_that_could_be_sent_again_are_not_forgotten_unasked() {
    let mut model = connected();
    model.uploads.transfers = vec![transfer(TransferState::Cancelled)].into();
    let ask = |model: &mut Model| {
        let effects = press(model, "P");
        profiles(model, &effects);
        assert_eq!(press(model, "\n"), []);
        assert!(
            matches!(&model.dialog, Some(Dialog::Question(question)) if question.text.shown().contains("One upload"))
        );
    };
    ask(&mut model);
    assert_eq!(press(&mut model, "n"), []);
    assert_eq!((model.connection.clone(), model.uploads.transfers.len()), (Connection::Ready, 1));
    ask(&mut model);
    assert!(matches!(&press(&mut model, "y")[..], [Effect::Cloud(CloudEffect::Switch(_))]));
    assert!(model.uploads.transfers.is_empty());
}

fn pipeline(name: &str) -> Choice {
    Choice { kind: ChoiceKind::Pipeline, name: name.into(), region: None }
}

#[test]
fn the_form_begins_at_what_is_watched() {
    let (live, b) = ((ChoiceKind::Pipeline, Clean::new("live")), (ChoiceKind::Profile, Clean::new("b")));
    for (chosen, before, after) in [
        (vec![live.clone()], "live", "live"),
        (vec![b.clone()], "dev", "b"),
        (vec![b, live], "live", "live"),
        (Vec::new(), "dev", "dev"),
    ] {
        let mut model = connected();
        model.pipelines = vec![pipeline("dev"), pipeline("live")];
        model.chosen = chosen;
        let effects = press(&mut model, "P");
        assert_eq!(under_the_cursor(&model), before, "{:?}", model.chosen);
        profiles(&mut model, &effects);
        assert_eq!(under_the_cursor(&model), after, "{:?}", model.chosen);
    }
}

#[test]
fn a_cursor_that_was_moved_stays_when_the_profiles_come() {
    let mut model = connected();
    model.pipelines = vec![pipeline("dev"), pipeline("live")];
    model.chosen = vec![(ChoiceKind::Profile, "b".into())];
    let effects = press(&mut model, "P");
    update(&mut model, Msg::Key(Key::plain(Code::Down)));
    profiles(&mut model, &effects);
    assert_eq!(under_the_cursor(&model), "live");
}

fn under_the_cursor(model: &Model) -> &str {
    let Some(Dialog::Switch(form)) = &model.dialog else { panic!("{:?}", model.dialog) };
    form.chosen().map_or("", |choice| choice.name.raw())
}

#[test]
fn pipelines_of_the_config_file_are_chosen_on_the_first_run_screen() {
    let mut model = model();
    model.pipelines = vec![pipeline("dev"), pipeline("live")];
    model.search = Some(Search::default());
    update(&mut model, Msg::Key(Key::plain(Code::Down)));
    assert_eq!(press(&mut model, "j"), [], "there is no third one");
    update(&mut model, Msg::Update(Update::NothingFound(Search { is_over: true, ..Search::default() })));
    let to = Some((ChoiceKind::Pipeline, Clean::new("live")));
    assert_eq!(press(&mut model, "\n"), [Effect::Cloud(CloudEffect::Switch(Switch { to, region: None }))]);
    assert!(model.search.is_none());
    let chosen = vec![(ChoiceKind::Pipeline, Clean::new("live")), (ChoiceKind::Profile, Clean::new("p"))];
    update(&mut model, switched("b", chosen));
    assert_eq!(model.chosen_pipeline(), Some(&Clean::new("live")));
    assert!(model.is_chosen(&pipeline("live")) && !model.is_chosen(&pipeline("dev")));
    assert!(!model.is_chosen(&pipeline("p")), "a profile's name is no pipeline's");
}

#[test]
fn without_pipelines_enter_does_nothing_on_the_first_run_screen() {
    let mut model = model();
    model.search = Some(Search { is_over: true, ..Search::default() });
    assert_eq!(press(&mut model, "j\n"), []);
    assert!(model.search.is_some());
}

#[test]
fn the_first_run_screen_has_keys_of_its_own() {
    let mut model = model();
    update(&mut model, Msg::Update(Update::NothingFound(Search { is_over: true, ..Search::default() })));
    assert_eq!(press(&mut model, "us"), [], "there is no panel to upload from");
    assert_eq!(press(&mut model, "r"), [Effect::Cloud(CloudEffect::Reconnect)]);
    assert!(model.search.as_ref().is_some_and(|search| !search.is_over));
    if cfg!(feature = "local") {
        assert_eq!(press(&mut model, "l"), [Effect::Cloud(CloudEffect::StartLocal)]);
    }
    update(&mut model, switched("local", Vec::new()));
    assert!(model.search.is_none());
    assert_eq!(press(&mut model, "q"), [Effect::Terminal(TerminalEffect::Quit)]);
}
