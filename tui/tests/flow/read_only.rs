//! While a pipeline is read-only, keys that would change something say so and ask for nothing.

use imgwatch::domain::protection::Protection;
use imgwatch::effect::Effect;
use imgwatch::keymap::{KEYMAP, Scope};
use imgwatch::model::NoticeLevel;
use imgwatch::msg::Update;
use imgwatch::text::clean::Clean;
use imgwatch::update::{Msg, update};

use super::{model, press, send};

#[test]
fn every_key_that_changes_something_is_refused_with_what_to_do() {
    let changing: Vec<_> = KEYMAP.iter().filter(|row| row.action.changes_something()).collect();
    assert!(changing.len() >= 7, "{changing:?}");
    for row in changing {
        let (mut model, _) = model();
        model.protection = Protection { read_only: true, color: None };
        if let Scope::In(panel) = row.scope {
            model.focus = panel;
        }
        for key in row.usual() {
            model.notice = None;
            let effects = update(&mut model, Msg::Key(*key));
            assert!(effects.is_empty() && model.dialog.is_none(), "{:?}: {effects:?}", row.action);
            let notice = model.notice.as_ref().unwrap_or_else(|| panic!("{:?} says nothing", row.action));
            assert_eq!(notice.level, NoticeLevel::Hint);
            assert!(notice.text.shown().contains("--read-only=off"), "{:?}", notice.text);
        }
    }
}

#[test]
fn another_pipeline_brings_its_own_protection_and_account() {
    let (mut model, _) = model();
    send(&mut model, Update::Account("123456789012".into()));
    assert_eq!(model.account.as_ref().map(Clean::shown), Some("123456789012"));
    model.forget();
    assert_eq!(model.account, None);
    let protection = Protection { read_only: true, color: None };
    send(
        &mut model,
        Update::Switched { target: "live".into(), chosen: Vec::new(), protection, search: None, is_loopback: false },
    );
    assert_eq!(model.protection, protection);
    let reads: Vec<Effect> = press(&mut model, "r");
    assert!(!reads.is_empty(), "reading goes on");
}
