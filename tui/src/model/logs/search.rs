//! Which lines of the log are shown, and which of them were looked for.

use imgwatch_shared::record::Level;

use super::Logs;
use crate::domain::log::LogLine;
use crate::model::filter::Filter;
use crate::text::clean::Clean;

impl Logs {
    /// What was looked for last.
    pub fn search(&self) -> &Filter {
        &self.search
    }

    /// The least severity that is shown.
    pub fn least(&self) -> Option<Level> {
        self.least
    }

    /// Changes the filter. A paused view stays on the line under the cursor while it is shown; otherwise the cursor
    /// goes to the newest match. Nothing newer is unseen.
    pub fn set_filter(&mut self, filter: Filter) {
        if !filter.is_empty() {
            self.search = filter.clone();
        }
        self.filter = filter;
        self.sift();
    }

    /// Forgets what was looked for, so that nothing is marked; says whether there was anything.
    pub fn drop_search(&mut self) -> bool {
        !std::mem::take(&mut self.search).is_empty()
    }

    /// Shows only lines of this severity or a higher one, and those whose severity is not known.
    pub fn set_least(&mut self, least: Option<Level>) {
        self.least = least;
        self.sift();
    }

    /// Goes to the next newer or older line that the last search finds; says whether there is one.
    pub fn seek(&mut self, newer: bool) -> bool {
        let here = self.cursor;
        let rows: Vec<&LogLine> = self.visible().collect();
        let is_found = |row: &usize| rows.get(*row).is_some_and(|line| says(&self.search, self.are_named(), line));
        let row = if newer { (here + 1..rows.len()).find(is_found) } else { (0..here).rev().find(is_found) };
        self.cursor = row.unwrap_or(here);
        row.is_some()
    }

    /// Whether a line is shown.
    pub(super) fn shows(&self, line: &LogLine) -> bool {
        let (filter, only, least) = (&self.filter, self.only.as_slice(), self.least);
        Shown { filter, only, least, named: self.are_named() }.has(line)
    }

    /// Filters the lines again.
    pub(super) fn sift(&mut self) {
        let kept = if self.follow { None } else { self.selected().map(|line| line.id.clone()) };
        let mut cursor = None;
        self.matching = 0;
        let shown = Shown { filter: &self.filter, only: &self.only, least: self.least, named: self.are_named() };
        for line in &mut self.lines {
            line.matches = shown.has(&line.line);
            if line.matches {
                if kept.as_ref() == Some(&line.line.id) {
                    cursor = Some(self.matching);
                }
                self.matching += 1;
            }
        }
        self.cursor = cursor.unwrap_or_else(|| self.matching.saturating_sub(1));
        self.unseen = 0;
    }
}

/// Which lines are shown.
struct Shown<'a> {
    filter: &'a Filter,
    /// Those of these functions alone, where there are any.
    only: &'a [Clean],
    /// From this severity on.
    least: Option<Level>,
    /// Whether lines show their function.
    named: bool,
}

impl Shown<'_> {
    fn has(&self, line: &LogLine) -> bool {
        let is_severe = |least| line.severity().is_none_or(|level| level >= least);
        (self.only.is_empty() || self.only.contains(&line.function))
            && self.least.is_none_or(is_severe)
            && says(self.filter, self.named, line)
    }
}

/// Whether a line has what is looked for. The name of its function counts where it is shown: else it would be in every line.
fn says(filter: &Filter, named: bool, line: &LogLine) -> bool {
    let function = named.then(|| line.function.shown());
    filter.matches_any(|| line.texts().chain(function))
}
