//! Another profile, region or pipeline, chosen while the dashboard runs. Plain data.

use tui_input::Input;

use crate::domain::ids::RequestId;
use crate::domain::switch::{Choice, REGIONS};
use crate::text::clean::Clean;

/// What there is to choose from, and what is chosen.
#[derive(Debug, Clone, Default)]
pub struct SwitchForm {
    /// The request for profiles that is in progress.
    pub asked: Option<RequestId>,
    /// Pipelines of the config file first, then profiles.
    pub choices: Vec<Choice>,
    /// The chosen row.
    pub cursor: usize,
    /// Whether the user has moved to another row.
    pub is_moved: bool,
    /// The region; empty means the profile's own.
    pub region: Input,
    /// Whether the region was typed, so that another choice leaves it alone.
    pub region_is_typed: bool,
    /// Why there is nothing to choose from.
    pub error: Option<Clean>,
}

impl SwitchForm {
    pub fn chosen(&self) -> Option<&Choice> {
        self.choices.get(self.cursor)
    }

    /// Puts the cursor on the current pipeline or profile, unless the user has moved it.
    pub fn start_at(&mut self, is_current: impl Fn(&Choice) -> bool) {
        if !self.is_moved {
            self.cursor = self.choices.iter().position(is_current).unwrap_or(0);
        }
        self.follow();
    }

    /// Chooses another row, and its region unless one was typed.
    pub fn step(&mut self, by: isize) {
        let last = self.choices.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
        self.is_moved = true;
        self.follow();
    }

    /// Shows the region of the choice, unless one was typed.
    fn follow(&mut self) {
        if !self.region_is_typed {
            let region = self.chosen().and_then(|choice| choice.region.as_ref()).map(Clean::raw).unwrap_or_default();
            self.region = Input::new(region.to_owned());
        }
    }

    /// The next region of the list.
    pub fn step_region(&mut self, by: isize) {
        let here = REGIONS.iter().position(|region| *region == self.region.value().trim());
        let next = match here {
            Some(here) => (here.cast_signed() + by).rem_euclid(REGIONS.len().cast_signed()).cast_unsigned(),
            None => 0,
        };
        self.region = Input::new(REGIONS.get(next).copied().unwrap_or_default().to_owned());
        self.region_is_typed = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::switch::ChoiceKind;

    fn form() -> SwitchForm {
        let choice = |name: &str, region: Option<&str>| Choice {
            kind: ChoiceKind::Profile,
            name: name.into(),
            region: region.map(Clean::new),
        };
        SwitchForm { choices: vec![choice("a", Some("eu-west-1")), choice("b", None)], ..SwitchForm::default() }
    }

    #[test]
    fn the_region_follows_the_choice_until_it_is_typed() {
        let mut form = form();
        form.step(0);
        assert_eq!(form.region.value(), "eu-west-1");
        form.step(1);
        assert_eq!((form.cursor, form.region.value()), (1, ""));
        form.step(5);
        assert_eq!(form.cursor, 1, "there is no row below the last");
        form.step_region(1);
        form.step(-9);
        assert_eq!((form.cursor, form.region.value()), (0, "us-east-1"));
    }

    #[test]
    fn regions_go_round() {
        let mut form = form();
        form.region = Input::new("us-east-1".into());
        form.step_region(-1);
        assert_eq!(form.region.value(), "us-gov-west-1");
        form.step_region(1);
        assert_eq!(form.region.value(), "us-east-1");
    }
}
