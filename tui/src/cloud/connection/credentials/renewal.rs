//! What renews the credentials of a profile: the exact command, as far as the configuration files show it. Pure.

use crate::cloud::connection::profiles::Profiles;
use crate::text::clean::Clean;

/// What to do when the credentials of a profile have expired, where its configuration shows it. `keys` says
/// whether the environment holds keys, which then come before every profile that was not named.
pub(in crate::cloud) fn advice(profiles: &Profiles, keys: bool) -> Option<String> {
    if !profiles.is_named && keys {
        return Some(
            "set new AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, and start again".to_owned(),
        );
    }
    sentence(|profile, key| profiles.value(profile, key), profiles.selected())
        .map(|text| Clean::new(&text).shown().to_owned())
}

/// `value` looks up a key of a profile.
fn sentence<'a>(value: impl Fn(&str, &str) -> Option<&'a str>, selected: &'a str) -> Option<String> {
    let mut name = selected;
    // A role is assumed with another profile's credentials; the files may lead in a circle.
    for _ in 0..8 {
        let has = |key: &str| value(name, key).is_some();
        if let Some(source) = value(name, "source_profile").filter(|source| *source != name && has("role_arn")) {
            name = source;
            continue;
        }
        let flag = if name == "default" { String::new() } else { format!(" --profile {}", shell_words::quote(name)) };
        let text = if has("sso_session") || has("sso_start_url") {
            format!("renew them with `aws sso login{flag}`; imgwatch reconnects automatically")
        } else if has("login_session") {
            format!("renew them with `aws login{flag}`; imgwatch reconnects automatically")
        } else if has("credential_process") {
            format!("sign in to what profile {name} runs as its credential_process; imgwatch reconnects automatically")
        } else if has("aws_access_key_id") {
            format!("write new keys for profile {name} to ~/.aws/credentials; imgwatch reconnects automatically")
        } else {
            return None;
        };
        return Some(text);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROFILES: [(&str, &[(&str, &str)]); 8] = [
        ("default", &[("login_session", "arn:aws:iam::1:user/ada")]),
        ("dev", &[("sso_session", "corp")]),
        ("old style", &[("sso_start_url", "https://example.com")]),
        ("admin", &[("role_arn", "arn:aws:iam::1:role/admin"), ("source_profile", "dev")]),
        ("circle", &[("role_arn", "arn:aws:iam::1:role/a"), ("source_profile", "circle2")]),
        ("circle2", &[("role_arn", "arn:aws:iam::1:role/a"), ("source_profile", "circle")]),
        ("tool", &[("credential_process", "/bin/tool")]),
        ("keys", &[("aws_access_key_id", "A"), ("aws_secret_access_key", "S")]),
    ];

    fn value(profile: &str, key: &str) -> Option<&'static str> {
        let (_, pairs) = PROFILES.iter().find(|(name, _)| *name == profile)?;
        pairs.iter().find(|(name, _)| *name == key).map(|(_, value)| *value)
    }

    #[test]
    fn the_command_is_the_one_of_this_profile() {
        let cases = [
            ("default", "`aws login`"),
            ("dev", "`aws sso login --profile dev`"),
            ("old style", "`aws sso login --profile 'old style'`"),
            ("admin", "`aws sso login --profile dev`"),
            ("tool", "profile tool runs as its credential_process"),
            ("keys", "new keys for profile keys"),
        ];
        for (profile, expected) in cases {
            let said = sentence(value, profile).unwrap();
            assert!(said.contains(expected), "{profile}: {said}");
        }
        assert_eq!([sentence(value, "circle"), sentence(value, "gone")], [None, None]);
    }
}
