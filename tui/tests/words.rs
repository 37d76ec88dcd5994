//! Everything that a user reads keeps to the field's own words: no help text, screen, string, page or contract holds a
//! word that was given up for a plainer one.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use imgwatch::cli::Cli;
use imgwatch::keymap::{KEYMAP, PLACES};

/// Words that are given up, each with the one to use. In lower case; a space stands for any white space.
const OLD: &[(&str, &str)] = &[
    // Contracts.
    ("looked_at", "found"),
    ("could_not_look", "not_checked"),
    ("could-not-look", "not_checked"),
    ("unheardms", "drop_response_ms"),
    // Diagnosis.
    ("mend", "fix"),
    ("mends", "fixes"),
    ("mended", "fixed"),
    ("mending", "fixing"),
    ("miswired", "misconfigured"),
    ("could not look", "not checked"),
    ("looked at", "found, checked"),
    ("look among", "check"),
    ("who signs the requests", "caller identity"),
    ("ways of uploading", "event types"),
    ("counts as an image", "accepted image types"),
    ("time to start and publish", "timeout and memory"),
    ("place for events", "failure destination"),
    ("fail for good", "failure destination"),
    ("right to send", "queue policy"),
    ("policy towards", "topic policy"),
    ("receipt", "delivery status"),
    ("receipts", "delivery statuses, delivery status logging"),
    ("link in a mail", "email footer link"),
    ("kept for ever", "never expires"),
    ("until it holds", "to take effect"),
    ("fires", "would invoke the function"),
    ("does not fire", "would not invoke the function"),
    ("in the place of", "replace with"),
    ("put your address", "replace with your address"),
    ("counts as", "is accepted as"),
    // Uploads.
    ("not invoked yet", "no invocation in the log as of TIME"),
    ("stuck", "no progress"),
    ("nothing for", "no progress for"),
    ("does not name it yet", "no matching log entry"),
    ("by what is not known", "cannot be evaluated"),
    ("not by this dashboard", "uploaded elsewhere"),
    ("way of an upload", "path of an upload"),
    ("way of every upload", "path of every upload"),
    ("on its way", "in progress"),
    ("on their way", "in progress"),
    ("stopped by you", "cancelled"),
    ("tells of", "shows, names"),
    ("told of", "notified of, named"),
    ("are told", "are notified"),
    ("words of a delivery", "delivery states"),
    // Email.
    ("confirmation letter", "confirmation email"),
    ("its letter", "its confirmation email"),
    ("the letter", "the email"),
    ("no letter", "no match for"),
    ("confirmation mail", "confirmation email"),
    ("mail's", "the email's"),
    ("its mail", "its email"),
    ("a mail", "an email"),
    ("the mail", "the email"),
    ("telephone", "phone"),
    ("sns is to send", "an endpoint"),
    // Keys and dialogs.
    ("narrow the", "filter"),
    ("the whole screen", "full screen"),
    ("take it back", "toggle"),
    ("stand still", "pause"),
    ("so far", "messages"),
    ("sure?", "confirm"),
    ("enter go", "what Enter does"),
    ("has the letters", "no match for"),
    ("is called like", "no match for"),
    ("it may be empty", "optional"),
    ("no counts yet", "no metrics yet"),
    ("is no duration", "invalid duration"),
    ("is no key", "unknown key"),
    ("is no link", "is not a link"),
    ("take another", "choose another"),
    ("asks while", "confirms while"),
    ("go on with", "switch, continue"),
    ("goes on with", "selects, continues"),
    ("goes on by itself", "reconnects automatically"),
    ("tried again by itself", "retries automatically"),
    ("neither a text", "unsupported format"),
    ("trouble", "error"),
    ("order by", "sort by"),
    ("what is in order", "ok"),
    ("call for attention", "notify"),
    ("called out", "notified"),
    ("times are told", "timestamp format"),
    ("tell times", "timestamp format"),
    ("make a probe queue", "create a probe queue"),
    ("making the probe queue", "creating the probe queue"),
    // Logs and configuration.
    ("have the log told", "stream logs"),
    ("log told", "stream logs"),
    ("as it holds", "effective"),
    ("cloud of its own", "embedded local cloud"),
    ("anew", "again"),
    ("whoever", "if the user"),
];

/// Names in which such a word is right.
const ALLOWED: &[&str] = &["receipt handle", "a mail catcher", "a mail server"];

/// One text in front of the user: where it stands, and what it says.
struct Text {
    place: String,
    content: String,
    /// The line in `place` that the text begins in.
    line: usize,
}

#[test]
fn nothing_that_a_user_reads_holds_an_old_word() {
    let mut texts = help();
    texts.extend(keys());
    texts.extend(pages());
    texts.extend(literals());
    assert!(texts.len() > 1_000, "only {} texts were found", texts.len());
    let found: Vec<String> = texts.iter().flat_map(old_words).collect();
    assert!(found.is_empty(), "{} old words:\n{}", found.len(), found.join("\n"));
}

#[test]
fn old_words_are_found_as_whole_words_across_lines_and_named_with_their_line() {
    let text = |text: &str| Text { place: "x".to_owned(), content: text.to_owned(), line: 7 };
    let found = |words: &str| old_words(&text(words));
    assert_eq!(found("fine\nWhat mends it"), ["x:8: \"mends\": use fixes"]);
    assert_eq!(found("the confirmation\n  Letter came"), ["x:7: \"confirmation letter\": use confirmation email"]);
    assert_eq!(found("\"looked_at\": 1"), ["x:7: \"looked_at\": use found"]);
    for good in ["amend it", "recommended", "struck", "a receipt handle", "no letters here", "unfiresome"] {
        assert!(found(good).is_empty(), "{good}: {:?}", found(good));
    }
}

#[test]
fn literals_are_read_without_comments_and_tests() {
    let source = "// \"mend\"\nlet a = \"one \\\n    two\"; let b = r#\"three \"quoted\"\"#; let c = '\"';\nlet d = \"four\";\n\
        #[cfg(test)]\nmod tests { \"five\" }";
    let read: Vec<(usize, String)> = strings(source).into_iter().collect();
    let expected = [(2, "one two"), (3, "three \"quoted\""), (4, "four")];
    assert_eq!(read, expected.map(|(line, text)| (line, text.to_owned())));
}

/// The help of every command, long and short.
fn help() -> Vec<Text> {
    let mut texts = Vec::new();
    let mut commands = vec![("imgwatch".to_owned(), Cli::command())];
    while let Some((name, mut command)) = commands.pop() {
        commands.extend(command.get_subcommands().map(|inner| (format!("{name} {}", inner.get_name()), inner.clone())));
        for (flag, help) in [("--help", command.render_long_help()), ("-h", command.render_help())] {
            texts.push(Text { place: format!("{name} {flag}"), content: help.to_string(), line: 1 });
        }
    }
    texts
}

/// The table of keys, which the footer, the help and the palette show.
fn keys() -> Vec<Text> {
    let rows = KEYMAP.iter().flat_map(|row| [row.hint, row.help]);
    let titles = PLACES.iter().map(|(_, title)| *title);
    rows.chain(titles).map(|text| Text { place: "keymap.rs".to_owned(), content: text.to_owned(), line: 1 }).collect()
}

/// Pages, the template, screens as they are committed, and files of contracts.
fn pages() -> Vec<Text> {
    let mut files = ["README.md", "CHANGELOG.md", "SECURITY.md", "template.yaml"].map(|name| top().join(name)).to_vec();
    files.extend(files_under(&top().join("docs"), &["md", "svg"]));
    files.extend(files_under(&top().join("tui/tests"), &["snap", "trycmd", "json"]));
    files
        .iter()
        .map(|path| Text { place: place(path), content: std::fs::read_to_string(path).unwrap(), line: 1 })
        .collect()
}

/// The strings of the program: errors, hints, findings, dialogs and states. Their tests are left out.
fn literals() -> Vec<Text> {
    let files = files_under(&top().join("tui/src"), &["rs"]);
    let shown = files.into_iter().filter(|path| !path.to_string_lossy().contains("tests"));
    let read = |path: PathBuf| {
        let source = std::fs::read_to_string(&path).unwrap();
        strings(&source).into_iter().map(move |(line, text)| Text { place: place(&path), content: text, line })
    };
    shown.flat_map(read).collect()
}

/// The string literals of a source file with their lines, up to its tests.
fn strings(source: &str) -> Vec<(usize, String)> {
    let code = source.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let (mut found, mut rest, mut line) = (Vec::new(), code, 1);
    while let Some(c) = rest.chars().next() {
        let passed = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("'\"'") || rest.starts_with("'\\") {
            3
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            let end = raw.find("\"#").unwrap_or(raw.len());
            found.push((line, raw[..end].to_owned()));
            (end + 5).min(rest.len())
        } else if c == '"' {
            let text = literal(&rest[1..]);
            found.push((line, text.replace("\\\n", "\n").split_whitespace().collect::<Vec<_>>().join(" ")));
            (text.len() + 2).min(rest.len())
        } else {
            c.len_utf8()
        };
        line += rest[..passed].matches('\n').count();
        rest = &rest[passed..];
    }
    found
}

/// A literal's text up to the quote that ends it.
fn literal(text: &str) -> &str {
    let mut escaped = false;
    let end = text.find(|c| {
        let ends = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        ends
    });
    &text[..end.unwrap_or(text.len())]
}

/// `place:line: "old": use new` for each old word in the text.
fn old_words(text: &Text) -> Vec<String> {
    // White space becomes one blank; each byte of the result has its line.
    let (mut flat, mut lines, mut line) = (String::new(), Vec::new(), text.line);
    for c in text.content.to_lowercase().chars() {
        line += usize::from(c == '\n');
        if !c.is_whitespace() {
            flat.push(c);
        } else if !flat.ends_with(' ') {
            flat.push(' ');
        }
        lines.resize(flat.len(), line);
    }
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for (old, new) in OLD {
        for (at, _) in flat.match_indices(old) {
            let (before, after) = (&flat[..at], &flat[at + old.len()..]);
            let is_whole = !(before.ends_with(is_part) || old.ends_with(is_part) && after.starts_with(is_part));
            if is_whole && !ALLOWED.iter().any(|allowed| flat[at..].starts_with(allowed)) {
                found.push(format!("{}:{}: {old:?}: use {new}", text.place, lines[at]));
            }
        }
    }
    found
}

fn files_under(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_under(&path, extensions));
        } else if extensions.iter().any(|extension| path.extension().is_some_and(|it| it == *extension)) {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn top() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn place(path: &Path) -> String {
    path.strip_prefix(top()).unwrap_or(path).display().to_string()
}
