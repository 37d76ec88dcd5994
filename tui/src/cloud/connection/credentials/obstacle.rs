//! Why there are no credentials, where the SDK's error does not say: files that are not there, a code that the user would
//! have to type.

use std::fs::File;

use crate::cloud::connection::profiles::{Profiles, variable};
use crate::domain::problem::{Problem, ProblemKind};

/// Variables that name a file with a token.
const TOKEN_FILES: [&str; 2] = ["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];

/// What is in the way, as far as the configuration and its files show it.
pub(super) fn of(profiles: &Profiles) -> Option<Problem> {
    let selected = profiles.selected();
    // A role is assumed with another profile's credentials; the files may lead in a circle.
    let mut names = vec![selected];
    while let Some(source) = names.last().and_then(|name| profiles.value(name, "source_profile")) {
        if names.contains(&source) {
            break;
        }
        names.push(source);
    }
    let of_profile = names.iter().find_map(|name| {
        mfa(profiles, selected, name).or_else(|| token_of_profile(profiles, name)).or_else(|| session(profiles, name))
    });
    let of_environment =
        || TOKEN_FILES.into_iter().find_map(|name| token(&variable(name)?, &format!("which {name} names"), name));
    of_profile.or_else(|| if profiles.is_named { None } else { of_environment() })
}

/// The program asks for no code: it would need another each hour, in the middle of what is shown.
fn mfa(profiles: &Profiles, selected: &str, name: &str) -> Option<Problem> {
    let serial = profiles.value(name, "mfa_serial").filter(|_| profiles.value(name, "role_arn").is_some())?;
    let why = format!("profile {name} needs a code of the MFA device {serial}, and imgwatch does not ask for codes");
    let problem = Problem::new(ProblemKind::Invalid, format!("cannot use profile {selected}"), why);
    let selected = shell_words::quote(selected);
    Some(problem.with_hint(format!(
        "get a session from the AWS CLI: eval \"$(aws configure export-credentials --profile {selected} --format env)\", then start imgwatch without this profile"
    )))
}

fn token_of_profile(profiles: &Profiles, name: &str) -> Option<Problem> {
    let path = profiles.value(name, "web_identity_token_file")?;
    token(path, &format!("the web_identity_token_file of profile {name}"), &format!("the profile {name}"))
}

/// `from` names the file, and is what can be corrected.
fn token(path: &str, of: &str, from: &str) -> Option<Problem> {
    let error = File::open(path).err()?;
    let problem = Problem::new(ProblemKind::File, "no AWS credentials", format!("cannot read {path}, {of}: {error}"));
    Some(problem.with_hint(format!("write the token to this file, or correct {from}")))
}

/// The SDK finds a session by its name, and takes no name with a space.
fn session(profiles: &Profiles, name: &str) -> Option<Problem> {
    let session = profiles.value(name, "sso_session").filter(|session| session.contains(char::is_whitespace))?;
    let why = format!("its sso_session {session:?} has a space in its name, which the SDK does not read");
    let problem = Problem::new(ProblemKind::Invalid, format!("cannot use profile {name}"), why);
    Some(problem.with_hint("give the sso-session a name without spaces in ~/.aws/config"))
}
