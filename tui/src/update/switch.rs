//! Switching to another connection: the form, and what is kept of the old one. Pure.

use crate::domain::ids::RequestId;
use crate::domain::pipeline::Pipeline;
use crate::domain::problem::Problem;
use crate::domain::protection::Protection;
use crate::domain::search::Search;
use crate::domain::switch::{Choice, ChoiceKind, Switch};
use crate::domain::transfer::Transfer;
use crate::effect::{CloudEffect, Effect};
use crate::keymap::Scope;
use crate::keymap::action::{Action, Panel};
use crate::model::dialog::{ConfirmAction, Dialog, Question};
use crate::model::keys::key_of;
use crate::model::switch::SwitchForm;
use crate::model::{Model, NoticeLevel};
use crate::msg::Update;
use crate::text::clean::Clean;
use crate::text::size::count;

/// Opens the form at what is watched now; the profiles come as soon as they are read.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    if is_busy(model) {
        return Vec::new();
    }
    let request = model.next_request();
    let mut form = SwitchForm { asked: Some(request), choices: model.pipelines.clone(), ..SwitchForm::default() };
    form.start_at(|choice| model.is_chosen(choice));
    model.dialog = Some(Dialog::Switch(form));
    vec![Effect::Cloud(CloudEffect::ListProfiles { request })]
}

/// The profiles, below the pipelines.
pub(super) fn listed(model: &mut Model, request: RequestId, profiles: Result<Vec<Choice>, Problem>) {
    let Some(Dialog::Switch(mut form)) = model.dialog.take_if(|dialog| asks_for(dialog, request)) else { return };
    form.asked = None;
    match profiles {
        Ok(profiles) => form.choices.extend(profiles),
        Err(problem) => form.error = Some(Clean::new(&problem.to_string())),
    }
    form.start_at(|choice| model.is_chosen(choice));
    model.dialog = Some(Dialog::Switch(form));
}

/// Whether a form waits for the answer to this request.
fn asks_for(dialog: &Dialog, request: RequestId) -> bool {
    matches!(dialog, Dialog::Switch(form) if form.asked == Some(request))
}

/// Chooses another row, of the form or of the first-run screen.
pub(super) fn step(model: &mut Model, by: isize) {
    if let Some(Dialog::Switch(form)) = &mut model.dialog {
        form.step(by);
    } else if let Some(search) = &mut model.search {
        search.cursor = search.cursor.saturating_add_signed(by).min(model.pipelines.len().saturating_sub(1));
    }
}

/// Watches the pipeline that is chosen on the first-run screen.
pub(super) fn watch(model: &mut Model) -> Vec<Effect> {
    let Some(search) = &model.search else { return Vec::new() };
    let Some(choice) = model.pipelines.get(search.cursor) else { return Vec::new() };
    let to = Some((choice.kind, choice.name.clone()));
    go(model, Switch { to, region: None })
}

pub(super) fn step_region(model: &mut Model, by: isize) {
    if let Some(Dialog::Switch(form)) = &mut model.dialog {
        form.step_region(by);
    }
}

/// Leaves this connection for what the form says.
pub(super) fn submit(model: &mut Model, form: SwitchForm) -> Vec<Effect> {
    let region = form.region.value().trim().to_owned();
    let is_wrong = |region: &str| region.chars().any(|c| !c.is_ascii_alphanumeric() && c != '-');
    if is_wrong(&region) || (form.chosen().is_none() && region.is_empty()) {
        // The form says what is wrong with it.
        model.dialog = Some(Dialog::Switch(form));
        return Vec::new();
    }
    if is_busy(model) {
        return Vec::new();
    }
    let to = form.chosen().map(|choice| (choice.kind, choice.name.clone()));
    // The region beside a choice is its own: with it in the request, the bucket's would not be looked up.
    let region = Some(region).filter(|region| form.region_is_typed && !region.is_empty());
    let switch = Switch { to, region };
    let text = match model.uploads.transfers.iter().filter(|transfer| transfer.is_unfinished()).count() {
        0 => return go(model, switch),
        1 => "One upload is not complete and will be removed from the list. Switch anyway?".to_owned(),
        unfinished => {
            format!("{} uploads are not complete and will be removed from the list. Switch anyway?", count(unfinished))
        }
    };
    model.dialog = Some(Dialog::Question(Question { text: text.into(), action: ConfirmAction::Switch(switch) }));
    Vec::new()
}

/// Leaves this connection for another one.
pub(super) fn go(model: &mut Model, switch: Switch) -> Vec<Effect> {
    model.forget();
    vec![Effect::Cloud(CloudEffect::Switch(switch))]
}

/// Starts the local cloud, where this build has one.
pub(super) fn start_local(model: &mut Model) -> Vec<Effect> {
    if !cfg!(feature = "local") {
        model.say(NoticeLevel::Hint, "this build has no local cloud; build it with the feature `local`");
        return Vec::new();
    }
    model.say(NoticeLevel::Hint, "starting the local cloud …");
    vec![Effect::Cloud(CloudEffect::StartLocal)]
}

/// Looks for the pipeline again.
pub(super) fn retry(model: &mut Model) -> Vec<Effect> {
    if let Some(search) = &mut model.search {
        search.is_over = false;
    }
    vec![Effect::Cloud(CloudEffect::Reconnect)]
}

/// The new connection speaks for the first time.
pub(super) fn begun(
    model: &mut Model,
    target: Clean,
    chosen: Vec<(ChoiceKind, Clean)>,
    protection: Protection,
    search: Option<Search>,
    is_loopback: bool,
) {
    let (dialog, notice) = (model.dialog.take(), model.notice.take());
    model.forget();
    model.is_switching = false;
    model.search = search;
    model.is_loopback = is_loopback;
    model.chosen = chosen;
    model.protection = protection;
    model.pipeline = Pipeline { target, ..model.pipeline.clone() };
    // A dialog that was opened meanwhile is about what to do next.
    model.dialog = dialog.filter(|dialog| matches!(dialog, Dialog::Switch(_) | Dialog::Help { .. }));
    model.notice = notice;
}

/// What the old connection still sends after a switch: only a failed action is shown.
pub(super) fn unswitched(model: &mut Model, update: Update) -> Vec<Effect> {
    if let Update::ActionFailed(problem) = update {
        model.say(NoticeLevel::Error, problem.to_string());
    }
    Vec::new()
}

/// No pipeline was found: the first-run screen says so.
pub(super) fn nothing(model: &mut Model, search: Search) {
    let cursor = model.search.as_ref().map_or(0, |search| search.cursor);
    model.search = Some(Search { cursor, ..search });
}

fn is_busy(model: &mut Model) -> bool {
    let is_sending = model.uploads.transfers.iter().any(Transfer::is_under_way);
    let is_receiving = model.downloads.under_way().next().is_some();
    if is_sending {
        let key = key_of(model, Scope::In(Panel::Uploads), Action::CancelUploads);
        model.say(NoticeLevel::Hint, format!("uploads are in progress: wait, or cancel them in Uploads with {key}"));
    } else if is_receiving {
        let key = key_of(model, Scope::In(Panel::Objects), Action::CancelDownload);
        let text = format!("a download is in progress: wait, or cancel it with {key} on its object or its versions");
        model.say(NoticeLevel::Hint, text);
    }
    is_sending || is_receiving
}

#[cfg(test)]
mod tests {
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
        let choice =
            |name: &str| Choice { kind: ChoiceKind::Profile, name: name.into(), region: Some("eu-west-1".into()) };
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
}
