//! An event pattern as a phrase for people.

use std::fmt::{self, Display};

use super::{Field, Pattern, Rules};

impl Rules {
    /// What they ask of an event besides its source and type, field by field: `object.key prefix in/ or suffix .jpg`.
    /// `path` is what leads to their fields.
    pub(crate) fn describe(&self, path: &str) -> Vec<String> {
        // What every rule of S3's events says is not worth a word.
        let is_shown = |name: &str| !(path.is_empty() && ["source", "detail-type"].contains(&name));
        let fields = self.fields.iter().filter(|(name, _)| is_shown(name)).flat_map(|(name, field)| {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            match field {
                // `detail` holds all that differs from event to event.
                Field::Patterns(any) => vec![format!("{} {}", path.trim_start_matches("detail."), join(any, " or "))],
                Field::Inside(rules) => rules.describe(&path),
                Field::Unread => vec![format!("{path} (cannot be read)")],
            }
        });
        let alternatives = self.alternatives.iter().map(|any| {
            let each: Vec<String> = any.iter().map(|rules| rules.describe(path).join(" and ")).collect();
            format!("either {}", each.join(" or "))
        });
        fields.chain(alternatives).collect()
    }
}

fn join(all: &[impl Display], between: &str) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(between)
}

impl Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
            Self::IgnoreCase(text) => write!(f, "{text} in any case"),
            Self::Prefix(text) => write!(f, "prefix {text}"),
            Self::PrefixIgnoreCase(text) => write!(f, "prefix {text} in any case"),
            Self::Suffix(text) => write!(f, "suffix {text}"),
            Self::SuffixIgnoreCase(text) => write!(f, "suffix {text} in any case"),
            Self::Wildcard(parts) => {
                let parts: Vec<String> =
                    parts.iter().map(|part| part.replace('\\', r"\\").replace('*', r"\*")).collect();
                write!(f, "wildcard {}", parts.join("*"))
            }
            Self::AnythingBut(excluded) => write!(f, "anything but {}", join(excluded, " or ")),
            Self::Numeric(all) => f.write_str(&join(all, " and ")),
            Self::Cidr(network, bits) => write!(f, "within {network}/{bits}"),
            Self::Exists(true) => f.write_str("exists"),
            Self::Exists(false) => f.write_str("does not exist"),
            Self::Unread(json) => write!(f, "{json} (operator not known)"),
        }
    }
}

impl Display for super::Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.sign, self.than)
    }
}
