//! Whose line it is, where several functions log into one group.

use crate::text::clean::Clean;

/// The function that writes to a log stream, of those that are known to log into its group. Empty where that is not known.
///
/// In a group of a function's own, Lambda calls a stream `2026/03/04/[$LATEST]3f1c9a…`; in one that several functions may have,
/// `2026/03/04/thumbs[$LATEST]3f1c9a…`.
pub fn function_of(functions: &[Clean], stream: &str) -> Clean {
    let last = stream.rsplit('/').next().unwrap_or_default();
    match (last.split_once('['), functions) {
        (Some((name, _)), _) if !name.is_empty() => {
            functions.iter().find(|function| function.raw() == name).cloned().unwrap_or_else(|| Clean::new(name))
        }
        (_, [only]) => only.clone(),
        _ => Clean::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_of_a_shared_group_names_its_function() {
        let (one, two) = (["thumbs".into()], ["thumbs".into(), "index".into()]);
        for (functions, stream, expected) in [
            (&one[..], "2026/03/04/[$LATEST]3f1c9a", "thumbs"),
            (&one, "own-name", "thumbs"),
            (&one, "2026/03/04/resize[$LATEST]3f1c9a", "resize"),
            (&two, "2026/03/04/index[7]3f1c9a", "index"),
            (&two, "2026/03/04/thumbs[$LATEST]3f1c9a", "thumbs"),
            (&two, "2026/03/04/[$LATEST]3f1c9a", ""),
            (&two, "own-name", ""),
        ] {
            assert_eq!(function_of(functions, stream).raw(), expected, "{stream}");
        }
    }
}
