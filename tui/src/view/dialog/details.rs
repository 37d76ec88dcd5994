//! One thing in full: every id, every line, wrapped to the box. Looked up in each frame, so that it stays live.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::text::{cell, date, remaining, words};
use super::super::{download, inbox, metrics, preview, theme, uploads};
use super::json;
use crate::domain::inbox::InboxMessage;
use crate::domain::log::LogLine;
use crate::domain::objects::Object;
use crate::domain::subscriptions::{Attributes, DeliveryStatusLogging, Protocol, Subscription};
use crate::keymap::Scope;
use crate::keymap::action::{Action, Panel};
use crate::model::Model;
use crate::model::dialog::Subject;
use crate::model::keys::key_of;
use crate::text::width::wrap;
use crate::text::{size, time};

/// Columns of the names.
const NAMES: usize = 12;
/// Boxes with fewer columns have no room beside a name.
const NARROW: usize = 44;

/// The title and the rows.
pub(super) fn text(subject: &Subject, model: &Model, width: usize) -> (&'static str, Vec<Line<'static>>) {
    let (title, lines) = match subject {
        Subject::Upload(id) => {
            let row = model.uploads.find(id);
            ("Upload", row.map(|row| uploads::details(row, model, width)))
        }
        // What the filter hides by now is still there.
        Subject::Object(key) => ("Object", model.objects.object(key).map(|object| object_text(&object, model, width))),
        Subject::LogLine(id) => {
            let line = model.logs.line(id);
            ("Log line", line.map(|line| log_text(line, width)))
        }
        Subject::Subscription(protocol, endpoint) => {
            let item = model.subscriptions.known.find(*protocol, endpoint);
            ("Subscription", item.map(|item| subscription_text(item, model, width)))
        }
        Subject::InboxMessage(number) => {
            ("Message", model.inbox.message(*number).map(|message| message_text(message, model, width)))
        }
    };
    (title, lines.unwrap_or_else(|| vec![Line::styled("no longer in the list", theme::dim())]))
}

pub(super) fn pair(out: &mut Vec<Line<'static>>, name: &str, text: &str, width: usize) {
    named(out, name, wrap(text, room(width)), width);
}

/// The same for sentences, which break between words.
pub(super) fn sentence(out: &mut Vec<Line<'static>>, name: &str, text: &str, width: usize) {
    named(out, name, words(text, room(width)), width);
}

/// Columns beside the names; on a narrow screen texts stand below them.
pub(super) fn room(width: usize) -> usize {
    width.saturating_sub(if width < NARROW { 2 } else { NAMES })
}

fn named(out: &mut Vec<Line<'static>>, name: &str, rows: Vec<String>, width: usize) {
    if width < NARROW {
        if !name.is_empty() {
            out.push(Line::styled(name.to_owned(), theme::dim()));
        }
        return out.extend(rows.into_iter().map(|row| Line::from(format!("  {row}"))));
    }
    for (index, row) in rows.into_iter().enumerate() {
        let head = cell(if index == 0 { name } else { "" }, NAMES, theme::dim());
        out.push(Line::from(vec![head, Span::raw(row)]));
    }
}

fn paragraph(out: &mut Vec<Line<'static>>, text: &str, width: usize, style: Style) {
    out.extend(wrap(text, width.max(8)).into_iter().map(|row| Line::styled(row, style)));
}

fn object_text(object: &Object, model: &Model, width: usize) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    pair(&mut out, "key", object.key.shown(), width);
    pair(&mut out, "bucket", model.pipeline.bucket.shown(), width);
    pair(&mut out, "size", &size::exact(object.size), width);
    let age = time::age(object.modified, model.now);
    sentence(&mut out, "written", &format!("{}, age {age}", date(object.modified)), width);
    if let Some(e_tag) = &object.e_tag {
        pair(&mut out, "etag", e_tag.shown(), width);
    }
    let about = model.previews.about(&object.preview_id());
    let rows = about.map(|about| [("type", &about.content_type), ("version", &about.version_id)]);
    for (name, text) in rows.into_iter().flatten() {
        if let Some(text) = text {
            pair(&mut out, name, text.shown(), width);
        }
    }
    for row in download::details(&object.key, model) {
        sentence(&mut out, "download", &row, width);
    }
    out.push(Line::default());
    out.extend(preview::lines(model, width));
    out
}

fn log_text(line: &LogLine, width: usize) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    pair(&mut out, "time", &date(line.at), width);
    pair(&mut out, "function", line.function.shown(), width);
    pair(&mut out, "log stream", line.stream.shown(), width);
    if let Some(id) = &line.invocation {
        pair(&mut out, "request", id.shown(), width);
        if line.request_id.is_none() {
            sentence(&mut out, "", "not named by the line: this invocation was running in the log stream", width);
        }
    }
    out.push(Line::default());
    match json::pretty(line.full.shown()) {
        Some(rows) => rows.iter().for_each(|row| paragraph(&mut out, row, width, Style::new())),
        None => paragraph(&mut out, line.full.shown(), width, Style::new()),
    }
    out
}

fn subscription_text(item: &Subscription, model: &Model, width: usize) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    pair(&mut out, "protocol", item.protocol.word(), width);
    pair(&mut out, "endpoint", item.endpoint.shown(), width);
    match &item.arn {
        Some(arn) => {
            pair(&mut out, "state", "confirmed", width);
            pair(&mut out, "arn", arn.shown(), width);
        }
        None => sentence(&mut out, "state", "pending confirmation: no messages until its owner confirms", width),
    }
    if let Some(left) = model.subscriptions.known.expires_in(item, model.now) {
        let text = format!("in {} unless confirmed: SNS removes it after two days", remaining(left));
        sentence(&mut out, "expires", &text, width);
    }
    if let Attributes::Read { authenticated: Some(authenticated), .. } = item.attributes {
        sentence(&mut out, "unsubscribe", &unsubscribe(model, item.protocol, authenticated), width);
    }
    if model.subscriptions.known.probe.queue() == Some(&item.endpoint) {
        let key = key_of(model, Scope::Panels, Action::Probe);
        pair(&mut out, "probe", &format!("temporary probe queue; {key} removes it"), width);
    }
    if let Some(since) = model.subscriptions.known.confirmed_since(item) {
        pair(&mut out, "confirmed", &format!("seen at {}", date(since)), width);
    }
    sentence(&mut out, "status log", &status_logging(item.protocol, model), width);
    if !item.protocol.logs_delivery_status() {
        for (index, row) in metrics::details(model).iter().enumerate() {
            sentence(&mut out, if index == 0 { "metrics" } else { "" }, row, width);
        }
    }
    attributes(&mut out, item, model, width);
    out
}

/// When the attributes were read and the filter policy that they hold, or why they are not known.
fn attributes(out: &mut Vec<Line<'static>>, item: &Subscription, model: &Model, width: usize) {
    let again = format!("press {} in Subscriptions to refresh", key_of(model, Scope::Panels, Action::Refresh));
    match &item.attributes {
        Attributes::Pending => {}
        Attributes::NotRead(problem) => {
            let text = format!("not read: {problem}; {again}");
            sentence(out, "attributes", &text, width);
        }
        Attributes::Read { at, filter_policy, .. } => {
            let text = format!("read at {}; {again}", date(*at));
            sentence(out, "attributes", &text, width);
            let Some(policy) = filter_policy else { return pair(out, "filter", "no filter policy", width) };
            let on = if policy.on_body { "the message body" } else { "the message attributes" };
            pair(out, "filter", &format!("policy on {on}:"), width);
            let rows = json::pretty(policy.json.shown()).unwrap_or_else(|| vec![policy.json.shown().to_owned()]);
            for row in &rows {
                pair(out, "", row, width);
            }
        }
    }
}

/// Who can remove it: `ConfirmationWasAuthenticated` in words.
fn unsubscribe(model: &Model, protocol: Protocol, authenticated: bool) -> String {
    match (authenticated, protocol) {
        (true, _) => "requires a signed request of its owner (ConfirmationWasAuthenticated is true)".to_owned(),
        (false, Protocol::Email | Protocol::EmailJson) => format!(
            "anyone with one of its emails can unsubscribe it with the link in the email footer, also a link scanner; to prevent \
             that, remove it with {}, subscribe it again, and confirm the email's link with {}",
            key_of(model, Scope::In(Panel::Subscriptions), Action::Unsubscribe),
            key_of(model, Scope::Panels, Action::Confirm)
        ),
        (false, _) => "the confirmation was not signed (ConfirmationWasAuthenticated is false)".to_owned(),
    }
}

fn status_logging(protocol: Protocol, model: &Model) -> String {
    let status_logging = &model.subscriptions.known.status_logging;
    let text = match (protocol.logs_delivery_status(), status_logging.enabled(protocol)) {
        (false, _) => "SNS logs no delivery status for this protocol",
        (true, Some(true)) => "the topic logs the status of every delivery by this protocol",
        (true, Some(false)) => "the topic does not log the status of every delivery by this protocol",
        (true, None) => match status_logging {
            DeliveryStatusLogging::NotRead(problem) => return format!("the topic's settings are not known: {problem}"),
            _ => "the topic's settings have not been read yet",
        },
    };
    text.to_owned()
}

fn message_text(message: &InboxMessage, model: &Model, width: usize) -> Vec<Line<'static>> {
    let mut out = Vec::new();
    pair(&mut out, "to", &format!("{} ({})", message.to.shown(), message.protocol.shown()), width);
    if let Some(subject) = &message.subject {
        pair(&mut out, "subject", subject.shown(), width);
    }
    pair(&mut out, "sent", &date(message.at), width);
    if let Some(id) = &message.message_id {
        pair(&mut out, "message", id.shown(), width);
    }
    if inbox::awaits_confirmation(message, model) {
        let key = key_of(model, Scope::Reading, Action::Confirm);
        pair(&mut out, "confirm", &format!("press {key} to confirm"), width);
    }
    out.push(Line::default());
    for line in &message.body {
        match json::pretty(line.shown()) {
            Some(rows) => rows.iter().for_each(|row| paragraph(&mut out, row, width, Style::new())),
            None => text_line(&mut out, line.shown(), width),
        }
    }
    out
}

/// A line of a mail: it breaks between words, and what follows is as far in as its start.
fn text_line(out: &mut Vec<Line<'static>>, line: &str, width: usize) {
    let text = line.trim_start_matches(' ');
    let indent = (line.len() - text.len()).min(width / 2);
    let rows = words(text, width.saturating_sub(indent).max(8));
    out.extend(rows.into_iter().map(|row| Line::from(format!("{}{row}", " ".repeat(indent)))));
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::domain::log::LineKind;
    use crate::domain::pipeline::Pipeline;
    use crate::model::filter::Filter;

    #[test]
    fn what_the_filter_hides_is_still_shown_in_full() {
        let pipeline = Pipeline { bucket: "b".into(), function: "f".into(), topic: "t".into(), target: "here".into() };
        let now = Timestamp::UNIX_EPOCH;
        let mut model = Model::new(now, pipeline);
        model.objects.put(Object { key: "cat.png".into(), size: 1, modified: now, e_tag: None });
        model.logs.insert([LogLine {
            id: "id".into(),
            at: now,
            function: "f".into(),
            stream: "stream".into(),
            kind: LineKind::Text,
            level: None,
            request_id: None,
            invocation: None,
            text: "a cat".into(),
            full: "a cat".into(),
        }]);
        model.objects.set_filter(Filter::new("dog"));
        model.logs.set_filter(Filter::new("dog"));
        let rows = |subject| text(&subject, &model, 60).1.iter().map(Line::to_string).collect::<Vec<_>>().join("\n");
        assert!(rows(Subject::LogLine("id".into())).contains("a cat"));
        assert!(rows(Subject::Object("cat.png".into())).contains("cat.png"));
        assert!(rows(Subject::LogLine("other".into())).contains("no longer"));
    }
}
