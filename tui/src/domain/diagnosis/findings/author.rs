//! Whose program the function runs: imgwatch's own handler, or another one. Only evidence counts, the log's first.

use imgwatch_shared::function::DESCRIPTION;
use imgwatch_shared::image_types;

use crate::domain::diagnosis::findings::{Findings, Function};
use crate::domain::log::keeps_info;
use crate::text::clean::Clean;

/// Whose program the function runs, and what shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Author {
    /// Imgwatch's handler.
    Ours(String),
    /// Another program.
    Others(String),
    /// Nothing that was read shows it.
    Unknown,
}

impl Author {
    pub fn is_ours(&self) -> bool {
        matches!(self, Self::Ours(_))
    }
}

impl Findings {
    /// Whose program the function runs. A description says it of a function that was deployed with imgwatch's template, and
    /// its code may have been replaced since.
    pub fn author(&self) -> Author {
        let function = self.function.found();
        let log = self.invocations.found().and_then(|seen| seen.all.last().map(|last| (seen, last)));
        if let Some((_, last)) = log
            && last.is_recorded
        {
            return Author::Ours("its log has imgwatch's records".to_owned());
        }
        let runtime = function.and_then(|function| function.runtime.as_ref()).map(Clean::raw);
        if let Some(runtime) = runtime.filter(|name| !name.starts_with("provided")) {
            return Author::Others(format!("its runtime is {runtime}"));
        }
        // A record is written at the level INFO.
        if let Some((seen, _)) = log.filter(|_| function.is_some_and(logs_info)) {
            let ended = if seen.all.len() == 1 { "1 invocation" } else { "invocations" };
            return Author::Others(format!("its log has {ended} without one of imgwatch's records"));
        }
        let Some(function) = function else { return Author::Unknown };
        if function.description.as_ref().is_some_and(|text| text.raw() == DESCRIPTION) {
            return Author::Ours("its description is that of imgwatch's template".to_owned());
        }
        if function.variables.contains_key(image_types::VARIABLE) {
            return Author::Ours(format!("it has the variable {}", image_types::VARIABLE));
        }
        Author::Unknown
    }
}

/// Whether the log keeps lines of the level INFO.
fn logs_info(function: &Function) -> bool {
    let is_json = function.log_format.as_ref().is_some_and(|format| format.raw() == "JSON");
    !is_json || function.application_level.as_ref().is_none_or(|level| keeps_info(level.raw()))
}
