//! Paths that begin as typed, for completing them. It reads directories and nothing else.

use std::path::Path;

use super::context::Context;
use super::source;
use crate::model::load::RequestId;
use crate::msg::Update;
use crate::text::clean::Clean;

/// More would not help anyone to choose.
const MOST: usize = 200;

/// Finds paths that begin like this; directories end in `/`. A directory that cannot be read has none.
pub(super) async fn complete(context: &Context, request: RequestId, text: String) {
    let found = tokio::task::spawn_blocking(move || beginning(&text)).await.unwrap_or_default();
    let paths = found.into_iter().map(Clean::from).collect();
    context.say(Update::PathsCompleted { request, paths }).await;
}

fn beginning(text: &str) -> Vec<String> {
    // What was typed stays as it was typed, `~/` included.
    let (folder, start) = match text.rsplit_once('/') {
        Some((folder, start)) => (format!("{folder}/"), start),
        None => (String::new(), text),
    };
    let place = source::expand(if folder.is_empty() { "./" } else { &folder });
    let Ok(entries) = std::fs::read_dir(&place) else { return Vec::new() };
    let mut found: Vec<String> = entries
        .filter_map(Result::ok)
        // A name that is not text could not be typed on.
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.starts_with(start) && (start.starts_with('.') || !name.starts_with('.')))
        .collect();
    found.sort();
    if found.len() > MOST {
        // What all begin with is what the first and the last begin with.
        found.swap_remove(MOST - 1);
        found.truncate(MOST);
    }
    found.into_iter().map(|name| with_slash(&place, &folder, &name)).collect()
}

fn with_slash(place: &Path, folder: &str, name: &str) -> String {
    // Links to directories can be entered too.
    let slash = if place.join(name).is_dir() { "/" } else { "" };
    format!("{folder}{name}{slash}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn completes_files_and_directories_in_order() {
        let place = tempfile::tempdir().expect("a directory");
        for name in ["cat.png", "car.png", "dog.png", ".cache"] {
            std::fs::write(place.path().join(name), "").expect("a file");
        }
        std::fs::create_dir(place.path().join("cats")).expect("a directory");
        let root = place.path().to_str().expect("text");
        let expected = ["car.png", "cat.png", "cats/"].map(|name| format!("{root}/{name}"));
        assert_eq!(beginning(&format!("{root}/ca")), expected);
        assert_eq!(beginning(&format!("{root}/")).len(), 4, "hidden files wait for a dot");
        assert_eq!(beginning(&format!("{root}/.c")), [format!("{root}/.cache")]);
        assert_eq!(beginning("/nowhere at all/x"), [""; 0]);
    }

    #[test]
    fn too_many_entries_still_begin_like_all_of_them() {
        let place = tempfile::tempdir().expect("a directory");
        for number in 0..MOST {
            std::fs::write(place.path().join(format!("cat-{number:03}.png")), "").expect("a file");
        }
        for name in ["cave.png", "car.png"] {
            std::fs::write(place.path().join(name), "").expect("a file");
        }
        let root = place.path().to_str().expect("text");
        let found = beginning(&format!("{root}/c"));
        assert_eq!(found.len(), MOST);
        assert!(found.is_sorted(), "{found:?}");
        assert_eq!(found.first(), Some(&format!("{root}/car.png")));
        assert_eq!(found.last(), Some(&format!("{root}/cave.png")));
    }
}
