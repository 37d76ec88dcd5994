//! Another profile, region or pipeline, chosen while the dashboard runs. Plain data.

use tui_input::Input;

use super::load::RequestId;
use crate::text::clean::Clean;

/// What there is to choose from, and what is chosen.
#[derive(Debug, Clone, Default)]
pub struct SwitchForm {
    /// The question for profiles that is on its way.
    pub asked: Option<RequestId>,
    /// Pipelines of the config file first, then profiles.
    pub choices: Vec<Choice>,
    /// The chosen row.
    pub cursor: usize,
    /// The region; empty means the profile's own.
    pub region: Input,
    /// Whether the region was typed, so that another choice leaves it alone.
    pub region_is_typed: bool,
    /// Why there is nothing to choose from.
    pub error: Option<Clean>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: Clean,
    /// The region that is written beside it.
    pub region: Option<Clean>,
}

/// What a row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A pipeline of the config file.
    Pipeline,
    /// A profile of the AWS configuration files.
    Profile,
}

/// Where to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switch {
    /// What was chosen; nothing but the region changes without it.
    pub to: Option<(Kind, Clean)>,
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

impl SwitchForm {
    /// The chosen row.
    pub fn chosen(&self) -> Option<&Choice> {
        self.choices.get(self.cursor)
    }

    /// Chooses another row, and its region unless one was typed.
    pub fn step(&mut self, by: isize) {
        let last = self.choices.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
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

    fn form() -> SwitchForm {
        let choice = |name: &str, region: Option<&str>| Choice {
            kind: Kind::Profile,
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
