//! SNS's protocols: what they are called, and of which SNS can log the delivery status.

use imgwatch_shared::arn::Arn;

/// SNS's protocols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    Email,
    EmailJson,
    Sms,
    Http,
    Https,
    Sqs,
    Lambda,
    Firehose,
    Application,
    /// One that this program does not know.
    Other,
}

impl Protocol {
    /// Those that can be chosen when subscribing.
    pub const CHOICES: [Self; 7] =
        [Self::Email, Self::EmailJson, Self::Sms, Self::Https, Self::Http, Self::Sqs, Self::Lambda];

    /// SNS's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::EmailJson => "email-json",
            Self::Sms => "sms",
            Self::Http => "http",
            Self::Https => "https",
            Self::Sqs => "sqs",
            Self::Lambda => "lambda",
            Self::Firehose => "firehose",
            Self::Application => "application",
            Self::Other => "other",
        }
    }

    /// From SNS's word.
    pub fn parse(word: &str) -> Self {
        let all = [
            Self::Email,
            Self::EmailJson,
            Self::Sms,
            Self::Http,
            Self::Https,
            Self::Sqs,
            Self::Lambda,
            Self::Firehose,
            Self::Application,
        ];
        all.into_iter().find(|protocol| protocol.word() == word).unwrap_or(Self::Other)
    }

    /// The protocol behind a delivery status's destination.
    pub fn of_destination(destination: &str) -> Self {
        match Arn::parse(destination).map(|arn| arn.service) {
            Some("sqs") => Self::Sqs,
            Some("lambda") => Self::Lambda,
            Some("firehose") => Self::Firehose,
            Some("sns") => Self::Application,
            _ if destination.starts_with("https://") => Self::Https,
            _ if destination.starts_with("http://") => Self::Http,
            _ if destination.starts_with('+') => Self::Sms,
            _ => Self::Other,
        }
    }

    /// Whether SNS can write delivery-status logs for it on a topic. Email is not among them.
    pub fn logs_delivery_status(self) -> bool {
        matches!(self, Self::Http | Self::Https | Self::Sqs | Self::Lambda | Self::Firehose | Self::Application)
    }
}
