//! The profiles of the AWS configuration files, as the AWS CLI writes them. It changes none and signs in to nothing.
//!
//! The SDK reads the files, except for names that it takes for mistakes ([`renamed`]).

mod renamed;

use std::collections::BTreeMap;
use std::path::PathBuf;

use aws_config::profile::{self, Profile, ProfileSet};
use aws_runtime::env_config::file::{EnvConfigFileKind as FileKind, EnvConfigFiles};

use crate::cloud::connection::endpoint::causes;
use crate::cloud::connection::problem;
use crate::domain::problem::{Problem, ProblemKind};
use crate::domain::switch::{Choice, ChoiceKind};
use crate::text::clean::Clean;

/// The variables that choose a profile, in the order in which the AWS CLI reads them.
const CHOSEN_BY: [&str; 2] = ["AWS_DEFAULT_PROFILE", "AWS_PROFILE"];
/// The files, the variables that name them, and where they usually are.
const FILES: [(FileKind, &str, &str); 2] = [
    (FileKind::Config, "AWS_CONFIG_FILE", "~/.aws/config"),
    (FileKind::Credentials, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
];

/// The profiles, and which one counts.
#[derive(Debug, Default)]
pub(in crate::cloud) struct Profiles {
    set: ProfileSet,
    /// What the SDK is to read.
    pub(in crate::cloud) files: EnvConfigFiles,
    /// The names that the SDK knows by another one.
    renamed: BTreeMap<String, String>,
    /// Whether the profile was named to this program, so that nothing else may give credentials.
    pub(in crate::cloud) is_named: bool,
    chosen: Option<String>,
}

impl Profiles {
    /// All profiles of `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE`, or of their usual places. The named one counts,
    /// else the environment's, else `default`.
    #[expect(clippy::default_trait_access, reason = "the SDK keeps the names of these types in a crate of their own")]
    pub(in crate::cloud) async fn load(named: Option<&str>) -> Result<Self, Problem> {
        let (mut builder, mut renamed) = (EnvConfigFiles::builder(), BTreeMap::new());
        for (kind, variable, usual) in FILES {
            // The SDK complains of what cannot be read.
            let text = match path(variable, usual) {
                Some(path) => tokio::fs::read_to_string(path).await.unwrap_or_default(),
                None => String::new(),
            };
            let is_config = matches!(kind, FileKind::Config);
            builder = match renamed::rename(&text, is_config) {
                Some((changed, originals)) => {
                    renamed.extend(originals);
                    builder.with_contents(kind, changed)
                }
                None if is_config => builder.include_default_config_file(true),
                None => builder.include_default_credentials_file(true),
            };
        }
        let files = builder.build();
        let set = profile::load(&Default::default(), &Default::default(), &files, None).await.map_err(|error| {
            let why = problem::line(&causes(&error));
            Problem::new(ProblemKind::Invalid, "cannot read the AWS configuration files", why)
                .with_hint("correct ~/.aws/config or ~/.aws/credentials")
        })?;
        let from_environment = || CHOSEN_BY.into_iter().find_map(variable);
        let chosen = named.map(str::to_owned).or_else(from_environment);
        Ok(Self { set, files, renamed, is_named: named.is_some(), chosen })
    }

    /// The profile that the user chose.
    pub(in crate::cloud) fn chosen(&self) -> Option<&str> {
        self.chosen.as_deref()
    }

    /// The profile that counts.
    pub(in crate::cloud) fn selected(&self) -> &str {
        self.chosen.as_deref().unwrap_or("default")
    }

    /// The name by which the SDK knows the profile that the user chose.
    pub(in crate::cloud) fn sdk_name(&self) -> Option<String> {
        self.chosen.as_deref().map(renamed::sdk_name)
    }

    /// A key of a profile. The name of another profile in it is the one in the file.
    pub(in crate::cloud) fn value(&self, name: &str, key: &str) -> Option<&str> {
        let value = self.get(name)?.get(key)?;
        Some(self.renamed.get(value).map_or(value, String::as_str))
    }

    fn get(&self, name: &str) -> Option<&Profile> {
        self.set.get_profile(&renamed::sdk_name(name))
    }

    /// A profile that the user chose has to be there.
    pub(in crate::cloud) fn check(&self) -> Result<(), Problem> {
        let Some(name) = self.chosen() else { return Ok(()) };
        if self.get(name).is_some() {
            return Ok(());
        }
        let others = self.names();
        let why = if others.is_empty() {
            "the AWS configuration files have no profiles".to_owned()
        } else {
            format!("the AWS configuration files have {}", others.join(", "))
        };
        let gone = FILES.into_iter().find_map(|(_, name, usual)| {
            let path = path(name, usual).filter(|path| variable(name).is_some() && !path.exists())?;
            Some(format!("; there is no file {}, which {name} names", path.display()))
        });
        Err(Problem::new(
            ProblemKind::NotFound,
            format!("there is no profile {name}"),
            format!("{why}{}", gone.unwrap_or_default()),
        )
        .with_hint("choose a profile with --profile, or create one with `aws configure sso` or `aws login`"))
    }

    /// The names of all profiles, the default first.
    fn names(&self) -> Vec<&str> {
        let name = |name| self.renamed.get(name).map_or(name, String::as_str);
        let mut names: Vec<&str> = self.set.profiles().map(name).collect();
        names.sort_unstable_by_key(|name| (*name != "default", *name));
        names
    }
}

pub(in crate::cloud) async fn choices() -> Result<Vec<Choice>, Problem> {
    let profiles = Profiles::load(None).await?;
    let choice = |name: &str| {
        let region = profiles.value(name, "region").map(Clean::new);
        Choice { kind: ChoiceKind::Profile, name: Clean::new(name), region }
    };
    Ok(profiles.names().into_iter().map(choice).collect())
}

/// A variable of the environment that says something.
pub(in crate::cloud) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Where a file is.
fn path(name: &str, usual: &str) -> Option<PathBuf> {
    let path = variable(name).unwrap_or_else(|| usual.to_owned());
    match path.strip_prefix("~/") {
        Some(rest) => Some(std::env::home_dir()?.join(rest)),
        None => Some(path.into()),
    }
}
