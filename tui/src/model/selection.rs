//! A cursor in a list and the part of the list that is in view.

/// Always inside the list, unless the list is empty; the cursor is always in view.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Selection {
    /// Index of the row under the cursor.
    pub cursor: usize,
    /// Index of the first row in view.
    pub offset: usize,
}

impl Selection {
    /// Moves the cursor by rows, stopping at the ends.
    pub fn step(&mut self, rows: isize, len: usize, height: usize) {
        self.place(self.cursor.saturating_add_signed(rows), len, height);
    }

    /// Puts the cursor on a row, or on the last one.
    pub fn place(&mut self, cursor: usize, len: usize, height: usize) {
        self.cursor = cursor.min(len.saturating_sub(1));
        let height = height.max(1);
        self.offset =
            self.offset.min(self.cursor).max((self.cursor + 1).saturating_sub(height)).min(len.saturating_sub(height));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_cursor_stays_in_the_list_and_in_view(
            steps in prop::collection::vec((-50isize..50, 0usize..40, 0usize..12), 1..40)
        ) {
            let mut selection = Selection::default();
            for (rows, len, height) in steps {
                selection.step(rows, len, height);
                prop_assert!(selection.cursor < len.max(1));
                prop_assert!(selection.offset <= selection.cursor);
                prop_assert!(selection.cursor < selection.offset + height.max(1));
            }
        }
    }
}
