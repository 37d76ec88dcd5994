//! `imgwatch subscribe` and `imgwatch confirm` as they are typed.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};

use crate::domain::subscriptions::Protocol;
use crate::terminal::exit::Exit;

/// `imgwatch subscribe`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = Exit::explain("\
After a queue is subscribed, its policy is read (sqs:GetQueueUrl and
sqs:GetQueueAttributes). If it does not let the topic send, a warning says so,
and the command that sets the policy is printed.

{EXIT_CODES}

Examples:
  imgwatch subscribe you@example.com
  imgwatch subscribe --protocol sqs arn:aws:sqs:eu-west-1:123456789012:audit
  imgwatch subscribe --protocol https https://example.com/hook"))]
pub struct SubscribeArgs {
    /// Email address, phone number, URL or ARN, depending on the protocol
    pub address: String,
    /// Delivery protocol
    #[arg(long, value_name = "PROTOCOL", default_value = "email", value_parser = protocol_parser())]
    pub protocol: Protocol,
}

/// `imgwatch confirm`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = Exit::explain("\
imgwatch does not open the link. It confirms the token with a signed request, so
that only the owner can unsubscribe the address, not anyone with a copy of an
email. This needs sns:ConfirmSubscription in the account of the topic, and
--region must be the region of the topic. The link is valid for two days.

{EXIT_CODES}

Examples:
  imgwatch confirm 'https://sns.eu-west-1.amazonaws.com/confirmation.html?TopicArn=...&Token=...'"))]
pub struct ConfirmArgs {
    /// The link, in quotes; the text or the source of the whole email works too
    pub link: String,
}

fn protocol_parser() -> impl clap::builder::TypedValueParser<Value = Protocol> {
    PossibleValuesParser::new(Protocol::CHOICES.map(Protocol::word)).map(|word| Protocol::parse(&word))
}
