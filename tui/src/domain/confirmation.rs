//! The link of a confirmation email: found in what was pasted, and read. It is never opened.
//!
//! A first check only, so that a wrong link is shown before the request: SNS itself decides on the token.

use imgwatch_shared::arn::Arn;
use percent_encoding::percent_decode_str;

use super::inbox::Confirmation;
use crate::text::clean::Clean;

/// The confirmation link in a text, in one piece even where a mail program or a terminal broke it.
pub fn find(text: &str) -> Option<String> {
    let start = ["https://", "http://"].into_iter().find_map(|scheme| text.find(scheme))?;
    let mut lines = text.get(start..)?.lines();
    let is_end = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '\'' | '`');
    let first = lines.next()?;
    let end = first.find(is_end).unwrap_or(first.len());
    let mut link = first.get(..end)?.to_owned();
    // A link goes on in the next line only where this one ends with it, and that one looks like the rest of a query.
    let mut is_open = first.get(end..)?.trim().is_empty();
    for next in lines {
        let next = next.trim();
        if !is_open || !is_rest(next) {
            break;
        }
        let end = next.find(is_end).unwrap_or(next.len());
        is_open = end == next.len();
        link.push_str(next.get(..end)?);
    }
    let is_confirmation = link.contains("Token=") && (link.contains("ConfirmSubscription") || link.contains(PAGE));
    is_confirmation.then_some(link)
}

/// The page behind the links in SNS's mails; `SubscribeURL` names the action instead.
const PAGE: &str = "/confirmation.html";

/// Whether a line goes on with a token or its neighbours: hexadecimal digits, or a parameter.
fn is_rest(line: &str) -> bool {
    let hex = line.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(line.len());
    let rest = line.get(hex..).unwrap_or_default();
    !line.is_empty()
        && (rest.is_empty()
            || rest.starts_with('&')
            || (hex > 0 && rest.starts_with(['>', '"']))
            || ["TopicArn=", "Token=", "Endpoint="].into_iter().any(|name| line.starts_with(name)))
}

/// What a link confirms. `topic` is what is watched; without one, any topic will do.
///
/// # Errors
/// What is wrong with it, for the user.
pub fn read(link: &str, topic: Option<&str>, endpoint: Option<&str>) -> Result<Confirmation, String> {
    let link = link.trim();
    if link.is_empty() {
        return Err("paste the link".to_owned());
    }
    let Some((scheme, rest)) = link.split_once("://") else {
        return Err("this is not a link: a link begins with https://".to_owned());
    };
    let (address, query) = rest.split_once('?').unwrap_or((rest, ""));
    let host = address.split('/').next().unwrap_or_default();
    let own = endpoint.and_then(|url| url.split_once("://"));
    let is_own =
        own.is_some_and(|(own_scheme, own)| scheme == own_scheme && host == own.split('/').next().unwrap_or(own));
    let is_aws = scheme == "https" && is_sns(host);
    if !(is_own || is_aws) {
        return Err(format!(
            "{host:?} is not SNS: a confirmation link begins with https://sns.REGION.amazonaws.com/; some email \
             programs rewrite links: copy the link's text instead"
        ));
    }
    let value = |name: &str| {
        let pair = query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name);
        pair.map(|(_, value)| percent_decode_str(value).decode_utf8_lossy().into_owned())
    };
    let confirms = value("Action").map_or_else(|| address.ends_with(PAGE), |action| action == "ConfirmSubscription");
    if !confirms {
        return Err("this is not a confirmation link: copy the link of the confirmation email".to_owned());
    }
    let named = value("TopicArn").filter(|arn| Arn::is_one(arn));
    let named = named.ok_or("the link is not complete: it names no topic; copy all of it")?;
    if let Some(topic) = topic.filter(|topic| *topic != named) {
        return Err(format!("this link is for the topic {named}, not for {topic}, which is watched here"));
    }
    let token = value("Token").filter(|token| !token.is_empty() && token.chars().all(|c| c.is_ascii_alphanumeric()));
    let token = token.ok_or("the link is not complete: its token is missing or damaged; copy all of it")?;
    Ok(Confirmation { topic_arn: Clean::from(named), token: Clean::from(token) })
}

/// `sns.REGION.amazonaws.com`, also in China.
fn is_sns(host: &str) -> bool {
    let rest = host.strip_prefix("sns.");
    let region = rest.and_then(|rest| rest.strip_suffix(".amazonaws.com").or(rest.strip_suffix(".amazonaws.com.cn")));
    region.is_some_and(|region| {
        !region.is_empty() && region.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:uploads";
    const TOKEN: &str = "2336412f37fb687f5d51e6e241d44a2cb136f8ab";

    fn mail() -> String {
        format!("https://sns.eu-west-1.amazonaws.com/confirmation.html?TopicArn={TOPIC}&Token={TOKEN}&Endpoint=a@b.c")
    }

    #[test]
    fn links_of_mails_and_of_requests_are_read() {
        let links = [
            mail(),
            format!("https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token={TOKEN}"),
            format!(
                "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token={TOKEN}&TopicArn={}",
                TOPIC.replace(':', "%3A")
            ),
        ];
        for link in links {
            let read = read(&link, Some(TOPIC), None).unwrap();
            assert_eq!((read.topic_arn.raw(), read.token.raw()), (TOPIC, TOKEN), "{link}");
        }
        let china = format!(
            "https://sns.cn-north-1.amazonaws.com.cn/confirmation.html?TopicArn=arn:aws-cn:sns:cn-north-1:1:t&Token={TOKEN}"
        );
        assert!(read(&china, None, None).is_ok());
        let local = format!("http://127.0.0.1:4566/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token={TOKEN}");
        assert!(read(&local, Some(TOPIC), Some("http://127.0.0.1:4566")).is_ok());
    }

    #[test]
    fn every_other_link_is_refused_with_its_reason() {
        let other = TOPIC.replace("uploads", "invoices");
        let cases = [
            (String::new(), "paste the link"),
            ("hello".to_owned(), "not a link"),
            (mail().replace("https:", "http:"), "is not SNS"),
            (mail().replace("sns.eu-west-1.amazonaws.com", "sns.eu-west-1.amazonaws.com.example.org"), "is not SNS"),
            (mail().replace("sns.eu-west-1.amazonaws.com", "evil.example/sns.eu-west-1.amazonaws.com"), "is not SNS"),
            (mail().replace("sns.", "a@sns."), "is not SNS"),
            (mail().replace("sns.eu-west-1", "s3.eu-west-1"), "is not SNS"),
            (mail().replace(TOPIC, &other), "is for the topic arn:aws:sns:eu-west-1:123456789012:invoices"),
            (mail().replace("confirmation", "unsubscribe"), "not a confirmation link"),
            (mail().replace("/confirmation.html?", "/?Action=Unsubscribe&"), "not a confirmation link"),
            (mail().replace(TOKEN, ""), "token is missing"),
            (mail().replace("TopicArn", "Topic"), "names no topic"),
            (format!("http://127.0.0.1:4566/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=ab"), "is not SNS"),
        ];
        for (link, why) in cases {
            let said = read(&link, Some(TOPIC), None).unwrap_err();
            assert!(said.contains(why), "{link}: {said}");
        }
    }

    #[test]
    fn the_link_is_taken_out_of_a_mail() {
        let link = mail();
        let (head, tail) = link.split_at(150);
        let texts = [
            link.clone(),
            format!("  {link}\n"),
            format!("You have chosen to subscribe.\nTo confirm:\n<{link}>\nIf it was in error\n"),
            format!("Confirm: {link} or ignore"),
            format!("{head}\n{tail}\nPlease do not reply directly to this email."),
            format!("{head}\r\n   {tail}\r\n\r\nPlease"),
            format!("<a href=\"{link}\">Confirm subscription</a>"),
        ];
        for text in texts {
            assert_eq!(find(&text).as_ref(), Some(&link), "{text}");
        }
        for text in ["", "/tmp/photo.png", "https://example.com/?a=b", "see https://sns.eu-west-1.amazonaws.com/"] {
            assert_eq!(find(text), None, "{text}");
        }
    }
}
