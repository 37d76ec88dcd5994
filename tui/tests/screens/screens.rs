//! Whole screens: how header, panels, dialog and footer lie, at the sizes that people have.

use imgwatch::domain::protection::{PipelineColor, Protection};
use imgwatch::domain::switch::ChoiceKind;
use imgwatch::keymap::action::Panel;
use imgwatch::model::dialog::Dialog;
use imgwatch::model::{Model, NoticeLevel};

use crate::models::{broken, broken_and_empty, busy, first, newer, quiet, unconnected};
use crate::panels::{focused, zoomed};
use crate::shot::{Shot, Size, take};
use crate::{finding, previews, wired};

const LEAST: Size = (30, 12);
const SIZES: [Size; 10] =
    [LEAST, (40, 15), (60, 15), (60, 60), (80, 24), (80, 60), (100, 32), (120, 13), (120, 40), (200, 60)];

fn at(name: &str, model: Model, (width, height): Size) -> Shot {
    Shot::screen(format!("screen-{name}-{width}x{height}"), model, (width, height))
}

pub(crate) fn shots() -> Vec<Shot> {
    let mut shots: Vec<Shot> = SIZES.map(|size| at("busy", busy(), size)).into();
    shots.extend([(20, 5), (29, 20)].map(|size| at("too-small", busy(), size)));
    for panel in Panel::ALL.into_iter().skip(1) {
        shots.push(at(&panel.title().to_lowercase(), focused(panel), LEAST));
    }
    shots.push(at("objects-zoomed", zoomed(Panel::Objects), (80, 24)));
    shots.push(Shot::styled_screen("screen-styles", busy(), (80, 24)));
    let mut ascii = busy();
    ascii.display.ascii = true;
    let mut aws = busy();
    aws.inbox.available = false;
    let mut helped = focused(Panel::Logs);
    helped.dialog = Some(Dialog::Help { offset: 0 });
    for (name, model) in vec![("ascii", ascii), ("without-inbox", aws), ("dialog", helped)] {
        shots.push(at(name, model, (80, 24)));
    }
    shots.extend([
        at("first", first(), (80, 24)),
        at("quiet", quiet(), (80, 24)),
        at("broken", broken(), (80, 24)),
        at("broken-and-empty", broken_and_empty(), (80, 24)),
        at("unconnected", unconnected(), (80, 24)),
        at("newer", newer(20_000), (80, 24)),
        at("first", first(), LEAST),
        at("quiet", quiet(), LEAST),
        at("broken", broken(), LEAST),
    ]);
    shots.extend([LEAST, (80, 24), (120, 40)].map(|size| at("protected", protected(), size)));
    shots.extend(finding::first_runs().into_iter().map(|(name, model)| at(name, model, (80, 24))));
    let (name, model) = finding::first_runs().swap_remove(0);
    shots.push(at(name, model, LEAST));
    for size in [(80, 24), (200, 60)] {
        shots.push(at("wired", wired::wired(wired::wiring()), size));
        let (_, open) = wired::states().swap_remove(0);
        shots.push(at("wired-open", open, size));
    }
    shots.push(Shot::text("footers", footers));
    shots.extend(previews::shots());
    shots
}

/// A pipeline of the config file, in AWS, with a colour, that is read-only.
fn protected() -> Model {
    let mut model = busy();
    model.pipeline.target = "eu-west-1".into();
    model.account = Some("123456789012".into());
    model.chosen = vec![(ChoiceKind::Pipeline, "live".into())];
    model.protection = Protection { read_only: true, color: Some(PipelineColor::Red) };
    model
}

/// What is said in the footer, in each tone and for each panel.
fn footers() -> String {
    let said = [
        (NoticeLevel::Done, "unsubscribed ada@example.com"),
        (NoticeLevel::Hint, "there is nothing to copy here"),
        (NoticeLevel::Error, "cannot unsubscribe: AuthorizationError; allow sns:Unsubscribe"),
    ];
    let said = said.map(|(tone, text)| {
        let mut model = busy();
        model.say(tone, text);
        (format!("{tone:?}"), model)
    });
    let panels = Panel::ALL.map(|panel| (panel.title().to_owned(), focused(panel)));
    let mut out = Vec::new();
    for (name, model) in said.into_iter().chain(panels) {
        for width in [40, 80, 120] {
            let buffer = crate::shot::screen(&model, (width, 24));
            let mut rows = crate::picture::text(&buffer);
            // A long word begins above.
            let first = rows.iter().rposition(|row| row.starts_with(['✓', '·', '✗'])).unwrap_or(rows.len() - 1);
            out.push(format!("{name} at {width}: {}", rows.split_off(first).join("\n")));
        }
    }
    out.join("\n")
}

#[test]
fn whole_screens() {
    take(shots());
}
