//! What keeps a pipeline from being changed, or taken for another one, by mistake.

use serde::Deserialize;

/// What to do about a refusal, whatever made imgwatch read-only: a flag, the variable or the config file.
pub const READ_ONLY_HINT: &str =
    "pass --read-only=off to allow changes; it overrides IMGWATCH_READ_ONLY and the config file";

/// How a pipeline is protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Protection {
    /// Every request that changes something is refused.
    pub read_only: bool,
    /// The colour of its name in the header.
    pub color: Option<PipelineColor>,
}

/// Colours that a terminal has in every theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum PipelineColor {
    #[serde(rename = "red")]
    Red,
    #[serde(rename = "yellow")]
    Yellow,
    #[serde(rename = "green")]
    Green,
    #[serde(rename = "cyan")]
    Cyan,
    #[serde(rename = "blue")]
    Blue,
    #[serde(rename = "magenta")]
    Magenta,
}

impl PipelineColor {
    /// In the order of the documents.
    pub const ALL: [Self; 6] = [Self::Red, Self::Yellow, Self::Green, Self::Cyan, Self::Blue, Self::Magenta];

    /// What the config file calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Yellow => "yellow",
            Self::Green => "green",
            Self::Cyan => "cyan",
            Self::Blue => "blue",
            Self::Magenta => "magenta",
        }
    }
}
