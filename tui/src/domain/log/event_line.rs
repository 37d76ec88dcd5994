//! The line that a handler can log so that its uploads can be followed exactly: the event, with S3's request id, for each
//! language of Lambda's runtimes.

use super::settings::LogSettings;
use crate::text::clean::Clean;

/// One line of code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventLine {
    pub language: &'static str,
    /// It belongs into the handler, and stands by itself. The event has the name that Lambda's documentation gives it.
    pub code: &'static str,
}

/// The lines by the beginnings of the runtimes' names. Node's `console.log(event)` would show `[Object]`, and Java's classes
/// have no text of their own.
const LINES: [(&str, EventLine); 7] = [
    ("python", EventLine { language: "Python", code: "import json; print(json.dumps(event))" }),
    ("nodejs", EventLine { language: "Node.js", code: "console.log(JSON.stringify(event));" }),
    (
        "java",
        EventLine {
            language: "Java",
            code: "event.getRecords().forEach(r -> System.out.println(r.getResponseElements().getxAmzRequestId() + \" \" + \
                   r.getS3().getObject().getKey()));",
        },
    ),
    (
        "dotnet",
        EventLine { language: ".NET", code: "Console.WriteLine(System.Text.Json.JsonSerializer.Serialize(evnt));" },
    ),
    ("ruby", EventLine { language: "Ruby", code: "require 'json'; puts JSON.generate(event)" }),
    ("go", EventLine { language: "Go", code: "text, _ := json.Marshal(event); fmt.Println(string(text))" }),
    ("provided", EventLine { language: "Rust", code: "println!(\"{}\", serde_json::to_string(&event.payload)?);" }),
];

/// The line for a runtime. A runtime of AWS's for any program may be Go or Rust, a container image any language.
pub fn event_lines(runtime: Option<&str>) -> Vec<EventLine> {
    let is_custom = |name: &str| name.starts_with("provided");
    let fits = |(beginning, _): &&(&str, EventLine)| match runtime {
        Some(name) if is_custom(name) => matches!(*beginning, "go" | "provided"),
        Some(name) => name.starts_with(beginning),
        None => true,
    };
    let found: Vec<EventLine> = LINES.iter().filter(fits).map(|(_, line)| *line).collect();
    if found.is_empty() { LINES.iter().map(|(_, line)| *line).collect() } else { found }
}

/// What is said of a function whose log names no object that is known here, after so many invocations, and what makes its
/// uploads known exactly. Objects that other programs uploaded are not known.
pub fn advice(invocations: usize, settings: Option<&LogSettings>) -> String {
    let counted = match invocations {
        1 => "1 invocation".to_owned(),
        many => format!("{many} invocations"),
    };
    let found = format!("the function's log names no object that imgwatch uploaded ({counted} since the upload)");
    let lines = event_lines(settings.and_then(|settings| settings.runtime.as_ref()).map(Clean::raw));
    let line = match lines.as_slice() {
        [line] => format!("log the event, by this line in its handler: {}", line.code),
        [go, rust] => {
            format!(
                "log the event, by a line in its handler, in {}: {} or in {}: {}",
                go.language, go.code, rust.language, rust.code
            )
        }
        _ => "log the event in its handler; `imgwatch doctor` has the line for each language".to_owned(),
    };
    if settings.and_then(LogSettings::has_info_lines) == Some(false) {
        return format!("{found}: set ApplicationLogLevel to INFO if it logs objects; else {line}");
    }
    format!("{found}: to follow uploads exactly, {line}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runtime_has_the_line_of_its_language() {
        let languages =
            |runtime| event_lines(runtime).into_iter().map(|line| line.language).collect::<Vec<_>>().join(" ");
        for (runtime, expected) in [
            ("python3.13", "Python"),
            ("nodejs22.x", "Node.js"),
            ("java21", "Java"),
            ("dotnet8", ".NET"),
            ("ruby3.4", "Ruby"),
            ("go1.x", "Go"),
            ("provided.al2023", "Go Rust"),
            ("provided", "Go Rust"),
        ] {
            assert_eq!(languages(Some(runtime)), expected, "{runtime}");
        }
        // An image, or a runtime of tomorrow.
        assert_eq!((event_lines(None).len(), event_lines(Some("zig1")).len()), (7, 7));
    }

    #[test]
    fn the_advice_has_the_line_or_the_level() {
        let of = |invocations, runtime: Option<&str>, level: &str| {
            let (format, level) = (Some("JSON".into()), Some(level.into()));
            let runtime = runtime.map(Clean::new);
            let settings = LogSettings { runtime, format, application_level: level, system_level: None };
            advice(invocations, Some(&settings))
        };
        let text = "the function's log names no object that imgwatch uploaded (1 invocation since the upload): to follow \
                    uploads exactly, log the event, by this line in its handler: import json; print(json.dumps(event))";
        assert_eq!(of(1, Some("python3.13"), "INFO"), text);
        assert!(
            of(2, Some("nodejs22.x"), "WARN")
                .contains("(2 invocations since the upload): set ApplicationLogLevel to INFO")
        );
        assert!(of(2, Some("provided.al2023"), "INFO").contains("in Rust: println!"));
        assert!(advice(1, None).contains("`imgwatch doctor` has the line"));
    }
}
