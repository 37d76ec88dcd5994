//! Another profile, region or pipeline to go to.

use crate::text::clean::Clean;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub kind: ChoiceKind,
    pub name: Clean,
    /// The region that is written beside it.
    pub region: Option<Clean>,
}

/// What a row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChoiceKind {
    /// A pipeline of the config file.
    Pipeline,
    /// A profile of the AWS configuration files.
    Profile,
}

/// Where to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switch {
    /// What was chosen; nothing but the region changes without it.
    pub to: Option<(ChoiceKind, Clean)>,
    /// The region, else the choice's own.
    pub region: Option<String>,
}

/// AWS's regions that need no opting in, and then the others, for stepping through; any other may be typed.
pub const REGIONS: [&str; 33] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "ca-central-1",
    "sa-east-1",
    "eu-central-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eu-north-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "af-south-1",
    "ap-east-1",
    "ap-south-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-7",
    "ca-west-1",
    "eu-central-2",
    "eu-south-1",
    "eu-south-2",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "us-gov-west-1",
];
