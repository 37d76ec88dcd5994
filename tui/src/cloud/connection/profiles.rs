//! The profiles of the AWS configuration files, as the SDK reads them. It changes none and signs in nobody.

use aws_config::profile::{self, ProfileSet};

use crate::cloud::connection::endpoint::causes;
use crate::cloud::connection::problem;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::switch::{Choice, ChoiceKind};
use crate::text::clean::Clean;

/// All profiles of `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE`, or of their usual places.
#[expect(clippy::default_trait_access, reason = "the SDK keeps the names of these types in crates of their own")]
pub(in crate::cloud) async fn load() -> Result<ProfileSet, Problem> {
    profile::load(&Default::default(), &Default::default(), &Default::default(), None).await.map_err(|error| {
        Problem::new(ProblemKind::Invalid, "cannot read the AWS configuration files", problem::line(&causes(&error)))
            .with_hint("correct ~/.aws/config or ~/.aws/credentials")
    })
}

/// The profile that counts: the named one, else `AWS_PROFILE`, else `default`.
pub(in crate::cloud) fn selected<'a>(profiles: &'a ProfileSet, named: Option<&'a str>) -> &'a str {
    named.unwrap_or_else(|| profiles.selected_profile())
}

/// A profile that the user named has to exist.
pub(in crate::cloud) fn check(profiles: &ProfileSet, named: Option<&str>) -> Result<(), Problem> {
    let from_environment = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|profile| !profile.is_empty()));
    let Some(name) = named.map(str::to_owned).or(from_environment) else { return Ok(()) };
    if profiles.get_profile(&name).is_some() {
        return Ok(());
    }
    let others = names(profiles);
    let why = if others.is_empty() {
        "the AWS configuration files have no profiles".to_owned()
    } else {
        format!("the AWS configuration files have {}", others.join(", "))
    };
    Err(Problem::new(ProblemKind::NotFound, format!("there is no profile {name}"), why)
        .with_hint("choose a profile with --profile, or create one with `aws configure sso` or `aws login`"))
}

pub(in crate::cloud) async fn choices() -> Result<Vec<Choice>, Problem> {
    let profiles = load().await?;
    let choice = |name: &str| {
        let region = profiles.get_profile(name).and_then(|profile| profile.get("region")).map(Clean::new);
        Choice { kind: ChoiceKind::Profile, name: Clean::new(name), region }
    };
    Ok(names(&profiles).into_iter().map(choice).collect())
}

/// The names of all profiles, the default first.
fn names(profiles: &ProfileSet) -> Vec<&str> {
    let mut names: Vec<&str> = profiles.profiles().collect();
    names.sort_unstable_by_key(|name| (*name != "default", *name));
    names
}
