//! Answers that are cut short, and framed as if they were whole, or that lack what every entry has: no listing takes them.

use super::program::{Run, program};
use crate::raw::{Raw, Request, denied, http};

const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:alerts";

fn subscriptions() -> String {
    let member = |name: &str| {
        format!(
            "<member><SubscriptionArn>{TOPIC}:{name}</SubscriptionArn><Owner>123456789012</Owner><Protocol>email</Protocol>\
             <Endpoint>{name}@example.com</Endpoint><TopicArn>{TOPIC}</TopicArn></member>"
        )
    };
    format!(
        "<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions>{}{}</Subscriptions>\
         </ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>",
        member("ada"),
        member("bob")
    )
}

fn objects() -> String {
    let object = |name: &str| {
        format!(
            "<Contents><Key>{name}</Key><LastModified>2026-11-29T10:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag>\
             <Size>7</Size></Contents>"
        )
    };
    format!("<ListBucketResult><Name>b</Name>{}{}</ListBucketResult>", object("a.png"), object("b.png"))
}

/// Runs a command against a server that gives this answer to its listing.
fn with(answer: String, command: &str) -> Run {
    let server = Raw::start(move |request: &Request| {
        let is_listing =
            request.body.contains("Action=ListSubscriptionsByTopic") || request.line.contains("list-type=2");
        let attributes =
            "<GetSubscriptionAttributesResponse><GetSubscriptionAttributesResult/></GetSubscriptionAttributesResponse>";
        match request {
            _ if is_listing => http("200 OK", &[], &answer),
            request if request.body.contains("Action=GetSubscriptionAttributes") => http("200 OK", &[], attributes),
            request => denied(request),
        }
    });
    let (url, place) = (server.far(), ["--region", "us-east-1", "--bucket", "b", "--topic", TOPIC]);
    let mut program = program(&[&["--endpoint-url", &url], &place[..], &[command, "--json"]].concat());
    let output = program.env("AWS_ACCESS_KEY_ID", "K").env("AWS_SECRET_ACCESS_KEY", "s").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// Whether nothing is listed but the error.
fn is_refused(run: &Run) -> bool {
    let documents = run.json();
    run.code == Some(1) && documents.len() == 1 && documents[0]["error"].is_string()
}

#[test]
fn a_listing_that_is_cut_anywhere_is_refused_whole() {
    for (command, whole) in [("subscriptions", subscriptions()), ("objects", objects())] {
        let listed = with(whole.clone(), command);
        assert_eq!(listed.stdout.lines().count(), 2, "{command}: {}{}", listed.stdout, listed.stderr);
        // Steps that meet the inside of names and of texts.
        for end in (0..whole.len()).step_by(37) {
            let cut = with(whole[..end].to_owned(), command);
            assert!(is_refused(&cut), "{command} cut at {end}: {}{}", cut.stdout, cut.stderr);
        }
    }
}

#[test]
fn an_entry_without_what_every_entry_has_is_refused() {
    let cases = [
        ("subscriptions", subscriptions().replacen("<Endpoint>ada@example.com</Endpoint>", "", 1)),
        ("subscriptions", subscriptions().replacen("<Protocol>email</Protocol>", "<Protocol/>", 1)),
        ("objects", objects().replacen("<Key>a.png</Key>", "", 1)),
        ("objects", objects().replacen("<Size>7</Size>", "", 1)),
        ("objects", objects().replacen("<Name>", "<IsTruncated>true</IsTruncated><Name>", 1)),
    ];
    for (command, answer) in cases {
        let refused = with(answer.clone(), command);
        assert!(is_refused(&refused), "{answer}: {}{}", refused.stdout, refused.stderr);
        assert!(refused.stderr.contains("malformed"), "{}", refused.stderr);
    }
}
