//! What the function's configuration says of its log: with JSON logs, Lambda leaves out lines below a level.

use crate::text::clean::Clean;

/// What the function's configuration says of its log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogSettings {
    /// Such as `python3.13`; a container image has none.
    pub runtime: Option<Clean>,
    /// `JSON` or `Text`; not every endpoint says.
    pub format: Option<Clean>,
    /// `ApplicationLogLevel`: the least severe lines of the function that are kept.
    pub application_level: Option<Clean>,
    /// `SystemLogLevel`: the least severe of Lambda's own lines that are kept.
    pub system_level: Option<Clean>,
}

impl LogSettings {
    /// Whether Lambda writes its own lines of each invocation: text logs always have them, JSON logs from the level INFO on.
    pub fn has_platform_lines(&self) -> Option<bool> {
        self.keeps_info(self.system_level.as_ref())
    }

    /// Whether lines of the level INFO are kept that the function's logger writes.
    pub fn has_info_lines(&self) -> Option<bool> {
        self.keeps_info(self.application_level.as_ref())
    }

    fn keeps_info(&self, level: Option<&Clean>) -> Option<bool> {
        let is_json = self.format.as_ref()?.raw() == "JSON";
        Some(!is_json || level.is_none_or(|level| keeps_info(level.raw())))
    }
}

/// Whether lines of the level INFO, which is the default, are kept at this level.
pub fn keeps_info(level: &str) -> bool {
    ["TRACE", "DEBUG", "INFO"].contains(&level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_logs_leave_lines_out_and_only_above_info() {
        let kept = |format: Option<&str>, level: Option<&str>| {
            let level = level.map(Clean::new);
            let (format, application_level, system_level) = (format.map(Clean::new), level.clone(), level);
            let settings = LogSettings { runtime: None, format, application_level, system_level };
            assert_eq!(settings.has_platform_lines(), settings.has_info_lines());
            settings.has_platform_lines()
        };
        for (format, level, expected) in [
            (Some("Text"), None, Some(true)),
            (Some("Text"), Some("WARN"), Some(true)),
            (Some("JSON"), None, Some(true)),
            (Some("JSON"), Some("INFO"), Some(true)),
            (Some("JSON"), Some("DEBUG"), Some(true)),
            (Some("JSON"), Some("WARN"), Some(false)),
            (Some("JSON"), Some("FATAL"), Some(false)),
            (None, Some("WARN"), None),
        ] {
            assert_eq!(kept(format, level), expected, "{format:?} {level:?}");
        }
    }
}
