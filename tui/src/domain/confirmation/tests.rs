use super::*;

const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:uploads";
const TOKEN: &str = "2336412f37fb687f5d51e6e241d44a2cb136f8abfb7e7e5a8f4e2c1d0b9a8f7e6d5c4b3a2918";

fn mail() -> String {
    format!(
        "https://sns.eu-west-1.amazonaws.com/confirmation.html?TopicArn={TOPIC}&Token={TOKEN}&Endpoint=ada@b.example"
    )
}

/// As a parameter of another link has it.
fn encoded(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
    text.chars().map(|c| if plain(c) { c.to_string() } else { format!("%{:02X}", u32::from(c)) }).collect()
}

/// What is confirmed by a text, whatever it is.
fn confirmed(text: &str) -> (String, String) {
    let read = read(text, Some(TOPIC), None).unwrap_or_else(|refusal| panic!("{refusal}\n{text}"));
    (read.topic_arn.raw().to_owned(), read.token.raw().to_owned())
}

fn wrapped(text: &str, columns: usize, line_break: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(columns).map(|line| line.iter().collect::<String>()).collect::<Vec<_>>().join(line_break)
}

#[test]
fn links_of_mails_and_of_requests_are_read() {
    let links = [
        mail(),
        mail().replace("https://sns.eu-west-1", "HTTPS://SNS.EU-WEST-1"),
        mail().replace("amazonaws.com/", "amazonaws.com:443/"),
        format!("https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token={TOKEN}"),
        format!(
            "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token={TOKEN}&TopicArn={}",
            TOPIC.replace(':', "%3A")
        ),
    ];
    for link in links {
        assert_eq!(confirmed(&link), (TOPIC.to_owned(), TOKEN.to_owned()), "{link}");
    }
    for host in
        ["sns.cn-north-1.amazonaws.com.cn", "sns-fips.us-gov-west-1.amazonaws.com", "sns.eusc-de-east-1.amazonaws.eu"]
    {
        let link = mail().replace("sns.eu-west-1.amazonaws.com", host);
        assert!(read(&link, None, None).is_ok(), "{host}");
    }
    let local = format!("http://127.0.0.1:4566/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token={TOKEN}");
    assert!(read(&local, Some(TOPIC), Some("http://127.0.0.1:4566")).is_ok());
}

#[test]
fn every_other_link_is_refused_with_its_reason() {
    let other = TOPIC.replace("uploads", "invoices");
    let local = format!("http://127.0.0.1:4566/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=ab");
    let cases = [
        (String::new(), "the link is missing"),
        ("hello".to_owned(), "no link in it begins with https://"),
        (mail().replace("https:", "http:"), "begins with http://, but SNS's links begin with https://"),
        (mail().replace("sns.eu-west-1.amazonaws.com", "sns.eu-west-1.amazonaws.com.example.org"), "is not SNS"),
        (mail().replace("sns.eu-west-1.amazonaws.com", "evil.example/sns.eu-west-1.amazonaws.com"), "is not SNS"),
        (mail().replace("sns.", "a@sns."), "is not SNS"),
        (mail().replace("sns.eu-west-1", "s3.eu-west-1"), "is not SNS"),
        (mail().replace(TOPIC, &other), "is for the topic arn:aws:sns:eu-west-1:123456789012:invoices"),
        (mail().replace("confirmation", "unsubscribe"), "unsubscribes"),
        (mail().replace("/confirmation.html?", "/?Action=Unsubscribe&"), "unsubscribes"),
        (mail().replace("/confirmation.html?", "/?Action=Subscribe&"), "not of a confirmation"),
        (mail().replace(TOKEN, ""), "has no token"),
        // A shell ends the link at the first &.
        (
            mail().split('&').next().unwrap().to_owned(),
            "has no token: copy the whole link; in a shell, put it in quotes",
        ),
        (mail().replace(TOKEN, "23364%2f"), "characters that no token has"),
        (mail().replace("TopicArn", "Topic"), "no ARN of a topic"),
        (mail().replace(TOPIC, "arn:aws:sns:eu-west"), "no ARN of a topic"),
        (local, "is for 127.0.0.1:4566, which is this machine and not AWS"),
        ("https://protect-eu.mimecast.com/s/Xa1bC2dE3?domain=sns.eu-west-1.amazonaws.com".to_owned(), "email filter"),
        ("https://click.pstmrk.it/3s/abc/def".to_owned(), "no link to SNS in it"),
    ];
    for (link, why) in cases {
        let said = read(&link, Some(TOPIC), None).unwrap_err().to_string();
        assert!(said.contains(why), "{link}: {said}");
    }
    let elsewhere = format!("http://127.0.0.1:1/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=ab");
    let said = read(&elsewhere, None, Some("http://127.0.0.1:4566")).unwrap_err().to_string();
    assert!(said.contains("for 127.0.0.1:1, not for the endpoint http://127.0.0.1:4566"), "{said}");
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
        format!("see https://aws.amazon.com/ or {link}"),
    ];
    for text in texts {
        assert_eq!(find(&text).as_ref(), Some(&link), "{text}");
    }
    for text in ["", "/tmp/photo.png", "https://example.com/?a=b", "see https://sns.eu-west-1.amazonaws.com/"] {
        assert_eq!(find(text), None, "{text}");
    }
}

#[test]
fn marks_around_a_link_are_none_of_it() {
    let ends_with_token = mail().replace("&Endpoint=ada@b.example", "");
    for link in [mail(), ends_with_token] {
        for text in [
            format!("[Confirm]({link})"),
            format!("Open {link}."),
            format!("\u{201c}{link}\u{201d}"),
            format!("Confirm subscription<{link}>"),
            format!("*{link}*, please!"),
            format!("'{link}'"),
            format!("{link}\u{200b}"),
        ] {
            confirmed(&text);
        }
    }
}

#[test]
fn a_link_that_is_broken_anywhere_is_put_together() {
    for columns in [20, 57, 72, 76, 78, 100] {
        for line_break in ["\n", "\r\n", "\n> ", "\n  "] {
            for text in [mail(), format!("<{}>", mail())] {
                let text = format!("Confirm:{line_break}{}\n\nThank you", wrapped(&text, columns, line_break));
                assert_eq!(confirmed(&text).1, TOKEN, "{text}");
            }
        }
    }
    // The ARN may be the last.
    let link =
        format!("https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token={TOKEN}&TopicArn={TOPIC}");
    let at = link.find("west-1:").unwrap();
    confirmed(&format!("{}\n{}", &link[..at], &link[at..]));
}

#[test]
fn escapes_of_html_json_and_email_are_undone() {
    let html = format!("<p><a href=\"{}\">Confirm</a></p>", mail().replace('&', "&amp;"));
    let printable = html.replace('=', "=3D");
    let soft = wrapped(&printable, 75, "=\r\n");
    let texts = [
        html.clone(),
        html.replace("&amp;", "&#38;"),
        html.replace("&amp;", "&#x26;"),
        html.replace("&amp;", "&amp;amp;"),
        printable,
        soft,
        mail().replace('=', "=3D"),
        wrapped(&mail().replace('=', "=3D"), 70, "=\n"),
        format!("{{\"SubscribeURL\" : \"{}\"}}", mail().replace('&', "\\u0026").replace('/', "\\/")),
        encoded(&mail()),
    ];
    for text in texts {
        assert_eq!(confirmed(&text), (TOPIC.to_owned(), TOKEN.to_owned()), "{text}");
    }
}

#[test]
fn the_source_of_an_email_in_base64_is_read() {
    use base64::Engine as _;
    let body = base64::engine::general_purpose::STANDARD.encode(format!("Please confirm:\n{}\n", mail()));
    confirmed(&format!("Content-Transfer-Encoding: base64\r\n\r\n{}\r\n", wrapped(&body, 76, "\r\n")));
}

#[test]
fn links_of_redirectors_are_followed_as_far_as_they_say_where() {
    use base64::Engine as _;
    let link = mail();
    let inner = encoded(&link);
    let sophos = base64::engine::general_purpose::STANDARD.encode(&link);
    // Proofpoint 2 writes - for % and _ for /.
    let proofpoint = inner.replace('_', "%5F").replace('-', "%2D").replace("%2F", "_").replace('%', "-");
    // Proofpoint 3 takes characters out: here the @ and both of "&&".
    let third = link.replace('@', "*").replace("&Token", "**AToken");
    let taken = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode("&&@");
    let safe = format!("https://eur01.safelinks.protection.outlook.com/?url={inner}&data=05%7C01%7C&reserved=0");
    let links = [
        safe.clone(),
        safe.replace('&', "&amp;"),
        wrapped(&safe, 76, "\r\n"),
        format!("https://www.google.com/url?q={inner}&sa=D&source=gmail"),
        format!("https://urldefense.proofpoint.com/v2/url?u={proofpoint}&d=DwMFaQ&c=abc"),
        format!("https://urldefense.proofpoint.com/v1/url?u={inner}&k=abc"),
        format!("https://urldefense.com/v3/__{link}__;!!abc!def$"),
        format!("https://urldefense.com/v3/__{third}__;{taken}!!abc!def$"),
        format!("https://linkprotect.cudasvc.com/url?a={inner}&c=E,1,abc&typo=1"),
        format!("https://protect2.fireeye.com/v1/url?k=abc&q=1&u={inner}"),
        format!("https://secure-web.cisco.com/1abc-def/{inner}"),
        format!("https://abc.r.eu-west-1.awstrack.me/L0/{inner}/1/0102"),
        format!("https://eu-west-1.protection.sophos.com/?d=amazonaws.com&u={sophos}&i=abc"),
        // One within another.
        format!("https://www.google.com/url?q={}", encoded(&safe)),
    ];
    for text in links {
        assert_eq!(confirmed(&text), (TOPIC.to_owned(), TOKEN.to_owned()), "{text}");
    }
    let elsewhere = safe.replace("sns.eu-west-1.amazonaws.com", "sns.example.com");
    let said = read(&elsewhere, None, None).unwrap_err().to_string();
    assert!(said.contains("\"sns.example.com\" is not SNS"), "where a redirector leads is checked as well: {said}");
}
