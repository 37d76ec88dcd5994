//! The form upload of a browser, with the policy that a server signed for it.

use std::time::Duration;

use aws_sdk_s3::Client;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::common::{Fixture, Raw, raw, start};

/// A form as `boto3` makes it: its fields, and the conditions that the policy has besides those for the fields.
struct Form {
    fields: Vec<(String, String)>,
    conditions: Vec<Value>,
    expires: Timestamp,
    filename: Option<&'static str>,
}

impl Form {
    fn new(fields: &[(&str, &str)]) -> Self {
        let signature = [
            ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
            ("x-amz-credential", "AKID/20261129/us-east-1/s3/aws4_request"),
            ("x-amz-date", "20261129T000000Z"),
        ];
        let all = fields.iter().chain(&signature);
        let fields = all.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self {
            fields,
            conditions: Vec::new(),
            expires: Timestamp::now() + Duration::from_mins(1),
            filename: Some("f.png"),
        }
    }

    fn condition(mut self, condition: Value) -> Self {
        self.conditions.push(condition);
        self
    }

    /// The policy: every field as it is, except for those that a condition names.
    fn policy(&self) -> String {
        let mut conditions = self.conditions.clone();
        let named = self.conditions.iter().map(ToString::to_string).collect::<String>();
        for (name, value) in &self.fields {
            if !named.contains(&format!("\"${name}\"")) {
                let value = value.replace("${filename}", self.filename.unwrap_or("${filename}"));
                conditions.push(json!({ name: value }));
            }
        }
        conditions.push(json!({"bucket": "photos"}));
        let expires = format!("{:.0}", self.expires).replace('Z', ".000Z");
        BASE64_STANDARD.encode(json!({"expiration": expires, "conditions": conditions}).to_string())
    }

    async fn post(&self, fixture: &Fixture, file: &str) -> Raw {
        let mut fields = self.fields.clone();
        fields.push(("policy".to_owned(), self.policy()));
        fields.push(("x-amz-signature".to_owned(), "0".repeat(64)));
        post(fixture, &fields, self.filename, file).await
    }
}

async fn post(fixture: &Fixture, fields: &[(String, String)], filename: Option<&str>, file: &str) -> Raw {
    let mut body = String::new();
    for (name, value) in fields {
        body.push_str(&format!("--b0undary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"));
    }
    let filename = filename.map(|name| format!("; filename=\"{name}\"")).unwrap_or_default();
    body.push_str(&format!("--b0undary\r\nContent-Disposition: form-data; name=\"file\"{filename}\r\n\r\n{file}\r\n"));
    body.push_str("--b0undary--\r\n");
    let headers = [("content-type", "multipart/form-data; boundary=b0undary")];
    raw(fixture.cloud.endpoint(), "POST /photos", &headers, body.as_bytes()).await
}

/// The error's code and message.
fn error(answer: &Raw) -> (u16, String, String) {
    let text = |name: &str| {
        let rest = answer.body.split_once(&format!("<{name}>")).map_or("", |(_, rest)| rest);
        rest.split("</").next().unwrap().replace("&quot;", "\"").replace("&apos;", "'")
    };
    (answer.status, text("Code"), text("Message"))
}

async fn text(s3: &Client, key: &str) -> String {
    let object = s3.get_object().bucket("photos").key(key).send().await.unwrap();
    String::from_utf8(object.body.collect().await.unwrap().to_vec()).unwrap()
}

async fn exists(s3: &Client, key: &str) -> bool {
    s3.head_object().bucket("photos").key(key).send().await.is_ok()
}

#[tokio::test]
async fn a_form_uploads_a_file_and_answers_as_it_asks() {
    let fixture = start().await;
    let endpoint = fixture.cloud.endpoint();
    let etag = "5d41402abc4b2a76b9719d911017c592";

    let answer = Form::new(&[("key", "plain.png")]).post(&fixture, "hello").await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""), "{}", answer.head);
    assert!(answer.head.contains(&format!("etag: \"{etag}\"")), "{}", answer.head);
    assert!(answer.head.contains(&format!("location: {endpoint}/photos/plain%2epng").replace("%2e", ".")));
    assert_eq!(text(&fixture.s3, "plain.png").await, "hello");

    let named = Form::new(&[("key", "up/${filename}"), ("success_action_status", "201")]);
    let answer = named.condition(json!(["starts-with", "$key", "up/"])).post(&fixture, "hello").await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let described = format!(
        "<PostResponse><Location>{endpoint}/photos/up%2Ff.png</Location><Bucket>photos</Bucket><Key>up/f.png</Key>\
         <ETag>&quot;{etag}&quot;</ETag></PostResponse>"
    );
    assert!(answer.body.ends_with(&described), "{}", answer.body);
    assert_eq!(text(&fixture.s3, "up/f.png").await, "hello");

    let mut unnamed = Form::new(&[("key", "of ${filename}"), ("success_action_status", "200")]);
    unnamed.filename = None;
    let answer = unnamed.post(&fixture, "hello").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    assert_eq!(text(&fixture.s3, "of ${filename}").await, "hello", "a file without a name replaces nothing");

    let form = Form::new(&[("key", "a&b"), ("success_action_redirect", "http://localhost.test/done?x=1")]);
    let answer = form.post(&fixture, "hello").await;
    assert_eq!((answer.status, answer.body.as_str()), (303, ""));
    let target = format!("location: http://localhost.test/done?x=1&bucket=photos&key=a%26b&etag=%22{etag}%22");
    assert!(answer.head.contains(&target.to_ascii_lowercase()), "{}", answer.head);
    let form = Form::new(&[("key", "relative"), ("success_action_redirect", "/done")]);
    assert_eq!(form.post(&fixture, "hello").await.status, 204, "a redirect that is no URL counts as none");
    fixture.cloud.stop().await;
}

#[tokio::test]
async fn fields_become_the_objects_headers_and_metadata() {
    let fixture = start().await;
    let form = Form::new(&[
        ("key", "k"),
        ("Content-Type", "image/png"),
        ("Cache-Control", "no-cache"),
        ("Expires", "Sun, 29 Nov 2026 12:00:00 GMT"),
        ("x-amz-meta-Test-1", "one"),
        ("x-amz-meta-test-2", "\u{c4}M\u{c4}Z\u{d5}\u{d1} S3"),
    ]);
    let answer = form.post(&fixture, "").await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    let head = fixture.s3.head_object().bucket("photos").key("k").send().await.unwrap();
    assert_eq!((head.content_length(), head.content_type()), (Some(0), Some("image/png")));
    assert_eq!(head.cache_control(), Some("no-cache"));
    assert_eq!(head.expires_string(), Some("Sun, 29 Nov 2026 12:00:00 GMT"));
    let metadata = head.metadata().unwrap();
    assert_eq!((metadata.len(), metadata["test-1"].as_str()), (2, "one"));
    assert_eq!(metadata["test-2"], "=?UTF-8?Q?=C3=84M=C3=84Z=C3=95=C3=91_S3?=", "as S3 answers what is not ASCII");

    let digest = Form::new(&[("key", "summed"), ("Content-MD5", "XUFAKrxLKna5cZ2REBfFkg==")]);
    assert_eq!(digest.post(&fixture, "hello").await.status, 204);
    assert_eq!(error(&digest.post(&fixture, "other").await).1, "BadDigest");
    let tagging = "<Tagging><TagSet><Tag><Key>team</Key><Value>a</Value></Tag></TagSet></Tagging>";
    let tagged = |tagging| Form::new(&[("key", "tagged"), ("tagging", tagging)]);
    assert_eq!(error(&tagged("not XML").post(&fixture, "").await).1, "MalformedXML");
    assert!(!exists(&fixture.s3, "tagged").await);
    let refused = tagged("<Tagging><TagSet><Tag><Key>aws:a</Key><Value></Value></Tag></TagSet></Tagging>");
    assert_eq!(error(&refused.post(&fixture, "").await).1, "InvalidTag");
    assert_eq!(tagged(tagging).post(&fixture, "").await.status, 204);
    let tags = fixture.s3.get_object_tagging().bucket("photos").key("tagged").send().await.unwrap();
    assert_eq!((tags.tag_set()[0].key(), tags.tag_set()[0].value()), ("team", "a"));
    let class = Form::new(&[("key", "cold"), ("x-amz-storage-class", "GLACIER")]);
    assert_eq!(error(&class.post(&fixture, "").await).1, "NotImplemented");
    assert!(!exists(&fixture.s3, "cold").await);
    fixture.cloud.stop().await;
}

#[tokio::test]
async fn what_the_policy_does_not_allow_is_refused() {
    let fixture = start().await;
    let refused = |why: &str| (403, "AccessDenied".to_owned(), format!("Invalid according to Policy: {why}"));
    let url = "http://localhost.test/random";
    let form = || Form::new(&[("key", "k"), ("success_action_redirect", url)]);
    for (condition, quoted) in [
        (json!(["eq", "$success_action_redirect", "HTTP://localhost.test/random"]), None),
        (json!(["starts-with", "$success_action_redirect", "https://"]), None),
        (json!(["eq", "$x-amz-meta-none", "v"]), None),
        (json!(["eq", "success_action_redirect", url]), None),
        (json!({"bucket": "other"}), Some(r#"["eq", "$bucket", "other"]"#)),
        (json!(["content-length-range", "test", 10]), Some(r#"["content-length-range", "test", "10"]"#)),
    ] {
        let quoted = quoted.map_or_else(|| condition.to_string().replace(",\"", ", \""), str::to_owned);
        let answer = form().condition(condition).post(&fixture, "hello").await;
        assert_eq!(error(&answer), refused(&format!("Policy Condition failed: {quoted}")));
    }
    let answer = form().condition(json!(["STARTS-WITH", "$Success_Action_Redirect", ""])).post(&fixture, "x").await;
    assert_eq!(answer.status, 303, "an empty start allows everything, and names have no case: {}", answer.body);
    fixture.s3.delete_object().bucket("photos").key("k").send().await.unwrap();

    let mut late = form();
    late.expires = Timestamp::now() - Duration::from_secs(2);
    assert_eq!(error(&late.post(&fixture, "x").await), refused("Policy expired."));

    let policy = form().policy();
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut fields = form().fields;
    fields.extend([field("policy", &policy), field("x-amz-signature", "0"), field("x-amz-meta-extra", "v")]);
    let answer = post(&fixture, &fields, None, "x").await;
    assert_eq!(error(&answer), refused("Extra input fields: x-amz-meta-extra"));
    *fields.last_mut().unwrap() = field("x-ignore-this", "v");
    assert_eq!(post(&fixture, &fields, None, "x").await.status, 303);
    fixture.s3.delete_object().bucket("photos").key("k").send().await.unwrap();

    let unsigned: Vec<_> = fields.iter().filter(|(name, _)| name != "x-amz-signature").cloned().collect();
    let message = "Bucket POST must contain a field named 'X-Amz-Signature'.  If it is specified, please check the \
                   order of the fields.";
    let missing = (400, "InvalidArgument".to_owned(), message.to_owned());
    assert_eq!(error(&post(&fixture, &unsigned, None, "x").await), missing);
    let bare = [field("key", "k"), field("policy", &policy)];
    let denied = (403, "AccessDenied".to_owned(), "Access Denied".to_owned());
    assert_eq!(error(&post(&fixture, &bare, None, "x").await), denied);

    for (document, why) in [
        ("no policy".to_owned(), "Invalid JSON."),
        (BASE64_STANDARD.encode("{"), "Invalid JSON."),
        (BASE64_STANDARD.encode(r#"{"conditions": []}"#), "Policy missing expiration."),
        (BASE64_STANDARD.encode(r#"{"expiration": "2126-01-01T00:00:00Z"}"#), "Policy missing conditions."),
        (
            BASE64_STANDARD.encode(r#"{"expiration": "2126-01-01T00:00:00Z", "conditions": [{"key": "k", "a": "b"}]}"#),
            "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.",
        ),
    ] {
        let mut fields = Form::new(&[("key", "k")]).fields;
        fields.extend([field("policy", &document), field("x-amz-signature", "0")]);
        let wrong = (400, "InvalidPolicyDocument".to_owned(), format!("Invalid Policy: {why}"));
        assert_eq!(error(&post(&fixture, &fields, None, "x").await), wrong);
    }
    assert!(!exists(&fixture.s3, "k").await, "nothing of this is stored");
    fixture.cloud.stop().await;
}

#[tokio::test]
async fn the_size_of_the_file_is_limited() {
    let fixture = start().await;
    let form = || Form::new(&[("key", "sized")]).condition(json!(["content-length-range", 5, "10"]));
    let answer = form().post(&fixture, "a".repeat(70_000).as_str()).await;
    let (status, code, message) = error(&answer);
    assert_eq!((status, code.as_str()), (400, "EntityTooLarge"));
    assert_eq!(message, "Your proposed upload exceeds the maximum allowed size");
    let sizes = "<ProposedSize>70000</ProposedSize><MaxSizeAllowed>10</MaxSizeAllowed>";
    assert!(answer.body.contains(sizes), "{}", answer.body);
    let answer = form().post(&fixture, "a").await;
    let (status, code, message) = error(&answer);
    assert_eq!((status, code.as_str()), (400, "EntityTooSmall"));
    assert_eq!(message, "Your proposed upload is smaller than the minimum allowed size");
    assert!(
        answer.body.contains("<ProposedSize>1</ProposedSize><MinSizeAllowed>5</MinSizeAllowed>"),
        "{}",
        answer.body
    );
    assert!(!exists(&fixture.s3, "sized").await);
    for file in ["aaaaa", "aaaaaaaaaa"] {
        assert_eq!(form().post(&fixture, file).await.status, 204);
        assert_eq!(text(&fixture.s3, "sized").await, file);
    }
    fixture.cloud.stop().await;
}

#[tokio::test]
async fn what_is_no_form_upload_is_refused_as_such() {
    let fixture = start().await;
    let endpoint = fixture.cloud.endpoint();
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let answer = raw(endpoint, "POST /photos", &headers, b"key=k").await;
    assert_eq!((answer.status, error(&answer).1.as_str()), (412, "PreconditionFailed"));
    let condition = "<Condition>Bucket POST must be of the enclosure-type multipart/form-data</Condition>";
    assert!(answer.body.contains(condition), "{}", answer.body);

    let headers = [("content-type", "multipart/form-data; boundary=x")];
    let body = b"--x\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n--x--\r\n";
    let answer = raw(endpoint, "POST /photos", &headers, body).await;
    assert_eq!((answer.status, error(&answer).1.as_str()), (400, "IncorrectNumberOfFilesInPostRequest"));
    let answer = raw(endpoint, "POST /photos", &headers, &body[..40]).await;
    assert_eq!((answer.status, error(&answer).1.as_str()), (400, "MalformedPOSTRequest"));

    let answer = post(&fixture, &[], None, "x").await;
    assert_eq!((answer.status, error(&answer).1.as_str()), (400, "InvalidArgument"), "without a key");
    let form = "--x\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nk\r\n--x\r\n\
                Content-Disposition: form-data; name=\"file\"\r\n\r\nhello\r\n--x--\r\n";
    let answer = raw(endpoint, "POST /nowhere", &headers, form.as_bytes()).await;
    assert_eq!((answer.status, error(&answer).1.as_str()), (404, "NoSuchBucket"));
    let host = format!("photos.localhost:{}", endpoint.rsplit(':').next().unwrap());
    let headers = [headers[0], ("host", host.as_str())];
    let answer = raw(endpoint, "POST /", &headers, form.as_bytes()).await;
    assert_eq!(answer.status, 204, "the bucket may be in the host name: {}", answer.body);
    assert_eq!(text(&fixture.s3, "k").await, "hello");
    fixture.cloud.stop().await;
}
