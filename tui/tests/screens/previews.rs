//! What an object looks like: beside its list, in its details, and in the chooser.

use std::sync::Arc;

use imgwatch::domain::ids::RequestId;
use imgwatch::domain::preview::{Picture, Pixels, Preview};
use imgwatch::keymap::action::Panel;
use imgwatch::model::Model;
use imgwatch::model::dialog::{Details, Dialog, Subject};
use imgwatch::model::looks::Depth;
use imgwatch::terminal::pictures;
use imgwatch::view;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use crate::choosing;
use crate::panels::{focused, zoomed};
use crate::picture::text;
use crate::shot::{Shot, Size, screen};

/// The model with a preview of its selected object, as it is drawn once the picture is encoded.
pub(crate) fn previewing(mut model: Model, preview: Preview, (width, height): Size) -> String {
    model.looks.depth = Depth::Many;
    let id = model.previewed().unwrap().0;
    model.previews.begin(RequestId(99), id);
    model.previews.take(RequestId(99), Ok(preview), model.now);
    let encoded = view::wanted(&model, width, height).and_then(|wanted| pictures::in_blocks(&wanted));
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view::draw(frame, &model, encoded.as_ref())).unwrap();
    text(terminal.backend().buffer()).join("\n")
}

fn picture() -> Preview {
    let rgba = (0..64 * 48).flat_map(|at| if at % 64 < 32 { [200, 40, 40, 255] } else { [40, 40, 200, 255] }).collect();
    let pixels = Arc::new(Pixels { width: 64, height: 48, rgba });
    Preview::Picture(Picture { format: "JPEG", size: (4_032, 3_024), turned: true, ends_early: false, pixels })
}

fn detailed() -> Model {
    let mut model = focused(Panel::Objects);
    let key = model.objects.row(0).unwrap().key.clone();
    model.dialog = Some(Dialog::Details(Details { subject: Subject::Object(key), offset: 0 }));
    model
}

pub(crate) fn shots() -> Vec<Shot> {
    const USUAL: Size = (80, 24);
    const LARGE: Size = (120, 40);
    let of = |name: &str, model: Model, preview, size| {
        Shot::text(format!("preview-{name}"), move || previewing(model, preview, size))
    };
    let words =
        Preview::Text { lines: vec!["{".into(), "  \"name\": \"\u{1b}[31mcat\"".into(), "}".into()], more: false };
    let nothing = Preview::Nothing("10000 x 10000 pixels are 100 million; up to 64 million are decoded".into());
    vec![
        of("picture", zoomed(Panel::Objects), picture(), USUAL),
        of("picture-large", zoomed(Panel::Objects), picture(), LARGE),
        of("picture-details", detailed(), picture(), USUAL),
        of("text", zoomed(Panel::Objects), words.clone(), USUAL),
        of("text-details", detailed(), words, USUAL),
        of("nothing", zoomed(Panel::Objects), nothing, USUAL),
        of("chooser-picture", choosing::on("cat", &[3, 0, 5]), picture(), LARGE),
        of("chooser-folder", choosing::on("ca", &[0, 3, 5]), choosing::folder(), LARGE),
    ]
}

#[test]
fn without_colours_no_picture_is_asked_for() {
    let mut model = focused(Panel::Objects);
    model.zoom = true;
    model.looks.depth = Depth::Many;
    let id = model.previewed().unwrap().0;
    model.previews.begin(RequestId(99), id);
    model.previews.take(RequestId(99), Ok(picture()), model.now);
    assert!(view::wanted(&model, 120, 40).is_some());
    model.looks.depth = Depth::None;
    assert!(view::wanted(&model, 120, 40).is_none());
    assert!(format!("{:?}", screen(&model, (120, 40))).contains("a picture takes more colours"));
    model.looks.no_color = true;
    assert!(format!("{:?}", screen(&model, (120, 40))).contains("NO_COLOR takes them away"));
}
