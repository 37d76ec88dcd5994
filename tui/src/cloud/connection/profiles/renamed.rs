//! Names of profiles that the SDK leaves out: those with spaces, which the AWS CLI writes in quotes, and others with
//! characters that it does not expect. They get another name for the SDK. Pure.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Keys whose value is a name that may have been changed.
const REFERENCES: [&str; 2] = ["source_profile", "services"];

/// The name with each character that the SDK does not accept escaped.
pub(super) fn sdk_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/' | '.' | '%' | '@' | ':' | '+') {
            out.push(c);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{:X}", u32::from(c));
        }
    }
    out
}

/// A file with names that the SDK takes, and the names in the file by those; nothing where the SDK takes the file as it is.
pub(super) fn rename(text: &str, is_config: bool) -> Option<(String, BTreeMap<String, String>)> {
    let mut names = BTreeMap::new();
    let mut is_changed = false;
    let headers: Vec<Cow<'_, str>> = text
        .lines()
        .map(|line| match header(line, is_config) {
            Some((prefix, name)) if sdk_name(&name) != name || line.contains(['"', '\'']) => {
                let (new, space) = (sdk_name(&name), if prefix.is_empty() { "" } else { " " });
                is_changed = true;
                let line = format!("[{prefix}{space}{new}]");
                names.insert(new, name);
                line.into()
            }
            _ => Cow::Borrowed(line),
        })
        .collect();
    if !is_changed {
        return None;
    }
    let lines: Vec<String> = headers.iter().map(|line| reference(line).unwrap_or_else(|| line.to_string())).collect();
    Some((lines.join("\n"), names))
}

/// What a line begins, such as `profile`, and its name. In the credentials file the whole header is the name.
fn header(line: &str, is_config: bool) -> Option<(String, String)> {
    let (inside, _) = line.strip_prefix('[')?.split_once(']')?;
    if !is_config {
        return Some((String::new(), inside.trim().to_owned()));
    }
    // As the AWS CLI does, with the rules of a shell.
    match shell_words::split(inside).ok()?.as_slice() {
        [name] => Some((String::new(), name.clone())),
        [prefix, name] => Some((prefix.clone(), name.clone())),
        _ => None,
    }
}

/// A line that refers to a name, with the SDK's name.
fn reference(line: &str) -> Option<String> {
    let (key, value) = line.split_once('=')?;
    REFERENCES.contains(&key.trim()).then(|| format!("{key}= {}", sdk_name(value.trim())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_the_sdk_takes_are_left_to_it() {
        for text in
            ["", "[default]\nregion = a\n", "[profile dev]\nsource_profile=base\n; [profile 'no']", "[profile a b]\n"]
        {
            assert_eq!(rename(text, true), None, "{text}");
        }
        assert_eq!(rename("[dev]\naws_access_key_id = A b\n", false), None);
    }

    #[test]
    fn quoted_names_and_what_refers_to_them_are_renamed_alike() {
        let text = "[profile 'my new']\nregion = eu-west-1\n[profile \"plain\"]\nsource_profile = my new\n[profile caf\u{e9}]\n[sso-session 'corp']\n";
        let (text, names) = rename(text, true).unwrap();
        assert_eq!(
            text,
            "[profile my%20new]\nregion = eu-west-1\n[profile plain]\nsource_profile = my%20new\n[profile caf%E9]\n[sso-session corp]"
        );
        assert_eq!(names.get("my%20new").map(String::as_str), Some("my new"));
        assert_eq!(names.get("caf%E9").map(String::as_str), Some("caf\u{e9}"));
        let (text, names) = rename("[my new]\naws_access_key_id = A\n", false).unwrap();
        assert_eq!((text.as_str(), names.len()), ("[my%20new]\naws_access_key_id = A", 1));
    }
}
