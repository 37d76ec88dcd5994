//! `imgwatch subscribe` and `imgwatch confirm` as they are typed.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};

use crate::domain::subscriptions::Protocol;
use crate::terminal::exit::Exit;

/// `imgwatch subscribe`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = Exit::explain("\
{EXIT_CODES}

Examples:
  imgwatch subscribe you@example.com
  imgwatch subscribe --protocol sqs arn:aws:sqs:eu-west-1:123456789012:audit
  imgwatch subscribe --protocol https https://example.com/hook"))]
pub struct SubscribeArgs {
    /// An email address, a telephone number, a URL or an ARN, as the protocol asks
    pub address: String,
    /// How the topic reaches the address
    #[arg(long, value_name = "PROTOCOL", default_value = "email", value_parser = protocol_parser())]
    pub protocol: Protocol,
}

/// `imgwatch confirm`.
#[derive(Debug, Clone, Args)]
#[command(after_long_help = Exit::explain("\
The link is not opened. Its token is confirmed by a signed request, so that
afterwards only the owner can unsubscribe the address, not whoever has a mail.
It needs sns:ConfirmSubscription, in the account of the topic that the link
names, and --region has to be that topic's region. The link is valid for two
days.

{EXIT_CODES}

Examples:
  imgwatch confirm 'https://sns.eu-west-1.amazonaws.com/confirmation.html?TopicArn=...&Token=...'"))]
pub struct ConfirmArgs {
    /// The link, in quotes; a whole mail will do as well
    pub link: String,
}

fn protocol_parser() -> impl clap::builder::TypedValueParser<Value = Protocol> {
    PossibleValuesParser::new(Protocol::CHOICES.map(Protocol::word)).map(|word| Protocol::parse(&word))
}
