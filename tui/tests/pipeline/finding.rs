//! Finding the pipeline: from the config file, a stack, the wiring; and what is asked for on the way.

use std::path::Path;
use std::process::Output;

use super::program::ask::ask_ok;
use super::program::{Run, Server, program, run};
use crate::raw::{Raw, Request, denied, http, listing, stacks};

const PIPELINE: [(&str, &str); 4] = [
    ("BucketName", "found-bucket"),
    ("FunctionName", "F"),
    ("TopicArn", "arn:aws:sns:us-east-1:1:t"),
    ("LogGroupName", "/aws/lambda/F"),
];

/// A name and a value.
type Variable<'a> = (&'a str, &'a str);

/// Runs it with keys of its own and these variables.
pub(crate) fn run_with(args: &[&str], env: &[(&str, &str)]) -> Run {
    let mut command = program(args);
    command.env("AWS_ACCESS_KEY_ID", "KEY").env("AWS_SECRET_ACCESS_KEY", "secret").env("AWS_REGION", "us-east-1");
    command.envs(env.iter().copied());
    let Output { status, stdout, stderr } = command.output().unwrap();
    Run { code: status.code(), stdout: String::from_utf8(stdout).unwrap(), stderr: String::from_utf8(stderr).unwrap() }
}

fn is_stacks(request: &Request) -> bool {
    request.body.contains("Action=DescribeStacks")
}

#[test]
fn who_may_list_one_bucket_is_asked_for_nothing_else() {
    let server = Raw::start(|request| match request.line.as_str() {
        line if line.starts_with("GET /mine") && line.contains("list-type=2") => listing("only.png"),
        _ => denied(request),
    });
    for endpoint in [server.near(), server.far()] {
        let done = run_with(&["--endpoint-url", &endpoint, "objects", "--bucket", "mine"], &[]);
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        assert!(done.stdout.contains("only.png"), "{}", done.stdout);
    }
    let beyond = |line: &&String| !line.contains(" /mine") && !line.contains("/_imgwatch/health");
    assert_eq!(server.seen().iter().filter(beyond).collect::<Vec<_>>(), [""; 0], "{:?}", server.seen());
}

#[test]
fn the_only_stack_with_a_pipeline_is_found_on_whatever_page() {
    let server = Raw::start(|request| match request.line.as_str() {
        _ if is_stacks(request) && request.body.contains("NextToken=more") => {
            stacks(&[("images-dev", &PIPELINE), ("bare", &[])], None)
        }
        _ if is_stacks(request) => stacks(&[("website", &[("BucketName", "website")])], Some("more")),
        line if line.starts_with("GET /found-bucket") => listing("found.png"),
        _ => denied(request),
    });
    let done = run_with(&["--endpoint-url", &server.far(), "objects"], &[]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(done.stdout.contains("found.png") && done.stderr.contains("images-dev"), "{}{}", done.stdout, done.stderr);
}

#[test]
fn several_stacks_are_listed_and_one_can_be_named() {
    let server = Raw::start(|request| {
        let other = [("BucketName", "other"), ("FunctionName", "F"), ("TopicArn", "arn:aws:sns:us-east-1:1:t")];
        match request.line.as_str() {
            _ if request.body.contains("StackName=images-live") => stacks(&[("images-live", &other)], None),
            _ if is_stacks(request) => stacks(&[("images-dev", &PIPELINE), ("images-live", &other)], None),
            line if line.starts_with("GET /other") => listing("live.png"),
            _ => denied(request),
        }
    });
    let done = run_with(&["--endpoint-url", &server.far(), "objects"], &[]);
    assert_eq!((done.code, done.stdout.as_str()), (Some(1), ""));
    for word in ["images-dev, images-live", "--stack", "--bucket", "us-east-1"] {
        assert!(done.stderr.contains(word), "{word}: {}", done.stderr);
    }
    let named: [(&[&str], &[Variable<'_>]); 2] =
        [(&["objects", "--stack", "images-live"], &[]), (&["objects"], &[("IMGWATCH_STACK", "images-live")])];
    for (args, env) in named {
        let endpoint = server.far();
        let args: Vec<&str> = ["--endpoint-url", &endpoint].into_iter().chain(args.iter().copied()).collect();
        let done = run_with(&args, env);
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        assert!(done.stdout.contains("live.png"), "{}", done.stdout);
    }
}

#[test]
fn a_search_that_is_not_allowed_is_said_and_hurts_nobody_else() {
    let server = Raw::start(|request| match request.line.as_str() {
        line if line.starts_with("GET /") && line.contains("list-type=2") => listing("there.png"),
        _ => denied(request),
    });
    let done = run_with(&["--endpoint-url", &server.far(), "objects"], &[]);
    assert_eq!(done.code, Some(1));
    for word in ["no bucket is known", "cloudformation:DescribeStacks is not allowed", "config.toml is not there"] {
        assert!(done.stderr.contains(word), "{word}: {}", done.stderr);
    }
    // On this machine the local cloud's names stand in.
    let done = run_with(&["--endpoint-url", &server.near(), "objects"], &[]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(server.seen().iter().any(|line| line.starts_with("GET /images")), "{:?}", server.seen());
}

#[test]
fn without_any_name_the_error_says_how_to_give_one() {
    for (command, part) in [("objects", "bucket"), ("subscriptions", "topic")] {
        let done = run(&[command]);
        assert_eq!((done.code, done.stdout.as_str()), (Some(1), ""));
        let known = format!("no {part} is known");
        let flag = format!("--{part} NAME");
        for word in [&*known, &*flag, "no region is configured", "config.toml is not there", "imgwatch --local"] {
            assert!(done.stderr.contains(word), "{word}: {}", done.stderr);
        }
    }
}

#[test]
fn the_config_file_names_pipelines_and_flags_come_first() {
    let server = Raw::start(|request| match request.line.split(['/', '?']).nth(1) {
        Some(bucket) if request.line.contains("list-type=2") => listing(&format!("of-{bucket}.png")),
        _ => denied(request),
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("imgwatch").join("config.toml");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let url = server.far();
    let text = format!(
        "pipeline = \"dev\"\n[pipelines.dev]\nbucket = \"dev\"\nendpoint-url = \"{url}\"\n\
         [pipelines.live]\nbucket = \"live\"\nendpoint-url = \"{url}\"\n"
    );
    std::fs::write(&path, text).unwrap();
    let xdg = folder.path().to_str().unwrap();
    let file = path.to_str().unwrap();
    let cases: [(&[&str], &[Variable<'_>], &str); 6] = [
        (&["objects"], &[("XDG_CONFIG_HOME", xdg)], "of-dev.png"),
        (&["objects", "--pipeline", "live"], &[("XDG_CONFIG_HOME", xdg)], "of-live.png"),
        (&["objects"], &[("XDG_CONFIG_HOME", xdg), ("IMGWATCH_PIPELINE", "live")], "of-live.png"),
        (&["objects", "--bucket", "flag"], &[("IMGWATCH_CONFIG", file), ("IMGWATCH_BUCKET", "env")], "of-flag.png"),
        (&["objects"], &[("IMGWATCH_CONFIG", file), ("IMGWATCH_BUCKET", "env")], "of-env.png"),
        (&["--config", file, "objects"], &[], "of-dev.png"),
    ];
    for (args, env, expected) in cases {
        let done = run_with(args, env);
        assert!(done.stdout.contains(expected), "{args:?} {env:?}: {}{}", done.stdout, done.stderr);
    }
}

#[test]
fn a_slip_in_the_config_file_is_wrong_usage_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, "[pipelines.dev]\nbuckt = \"b\"\n").unwrap();
    let file = path.to_str().unwrap();
    let done = run_with(&["--config", file, "objects"], &[]);
    assert_eq!((done.code, done.stdout.as_str()), (Some(2), ""));
    for word in [file, "line 2", "buckt", "unknown field"] {
        assert!(done.stderr.contains(word), "{word}: {}", done.stderr);
    }
    let done = run_with(&["--local", "--config", "/nowhere.toml", "objects"], &[]);
    assert_eq!(done.code, Some(0), "the local cloud needs no config file: {}", done.stderr);
    let done = run_with(&["--config", "/nowhere.toml", "objects"], &[]);
    assert!(done.code == Some(2) && done.stderr.contains("/nowhere.toml"), "{}", done.stderr);
}

/// S3 tells where a bucket is with a redirect, or with a refusal of the signature's region.
#[test]
fn a_bucket_in_another_region_is_followed_there_unless_the_region_was_typed() {
    for (status, code) in [("301 Moved", "PermanentRedirect"), ("400 Bad Request", "AuthorizationHeaderMalformed")] {
        let server = Raw::start(move |request| match request.line.as_str() {
            _ if request.is_signed_with("/eu-central-1/") && request.line.starts_with("GET") => listing("there.png"),
            _ if request.is_signed_with("/eu-central-1/") => http("200 OK", &[], ""),
            _ => {
                let body =
                    format!("<Error><Code>{code}</Code><Message>The bucket is somewhere else.</Message></Error>");
                let body = if request.line.starts_with("HEAD") { "" } else { &body };
                http(status, &["x-amz-bucket-region: eu-central-1"], body)
            }
        });
        let endpoint = server.far();
        let args = ["--endpoint-url", &endpoint, "objects", "--bucket", "moved"];
        let done = run_with(&args, &[]);
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        assert!(done.stdout.contains("there.png"), "{}", done.stdout);
        assert!(done.stderr.contains("bucket moved is in eu-central-1"), "{}", done.stderr);

        let done = run_with(&[&args[..], &["--region", "us-east-1"]].concat(), &[]);
        assert_eq!(done.code, Some(1));
        for word in ["the bucket is in eu-central-1", "--region"] {
            assert!(done.stderr.contains(word), "{word}: {}", done.stderr);
        }
    }
}

#[test]
fn credentials_that_nobody_takes_stop_the_search_with_what_renews_them() {
    let server = Raw::start(|_| {
        let error = "<Code>ExpiredToken</Code><Message>The security token included in the request is expired</Message>";
        http(
            "403 Forbidden",
            &["content-type: text/xml"],
            &format!("<ErrorResponse><Error>{error}</Error></ErrorResponse>"),
        )
    });
    let folder = tempfile::tempdir().unwrap();
    let keys = "aws_access_key_id = K\naws_secret_access_key = s\n";
    let config = profiles(folder.path(), &format!("[profile dev]\nregion = eu-west-1\n{keys}"));
    let endpoint = server.far();
    let args = ["--endpoint-url", &endpoint, "--profile", "dev", "objects"];
    let done = run_with(&args, &[("AWS_CONFIG_FILE", &config)]);
    assert_eq!(done.code, Some(1));
    for word in ["cannot list stacks", "expired", "write new keys for profile dev to"] {
        assert!(done.stderr.contains(word), "{word}: {}", done.stderr);
    }
}

#[test]
fn a_profile_that_is_not_there_is_named_with_those_that_are() {
    let folder = tempfile::tempdir().unwrap();
    let config = profiles(folder.path(), "[default]\nregion = eu-west-1\n[profile dev]\nregion = eu-west-1\n");
    let args = ["objects", "--bucket", "b", "--profile", "dve"];
    let done = run_with(&args, &[("AWS_CONFIG_FILE", &config), ("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")]);
    assert_eq!(done.code, Some(1));
    assert!(done.stderr.contains("no profile dve") && done.stderr.contains("default, dev"), "{}", done.stderr);
}

#[test]
fn every_command_with_json_prints_one_object_when_it_fails() {
    let folder = tempfile::tempdir().unwrap();
    let config = profiles(folder.path(), "[default]\nregion = eu-west-1\n");
    let commands: [&[&str]; 6] =
        [&["objects"], &["download", "key"], &["logs"], &["subscriptions"], &["doctor"], &["wiring"]];
    for command in commands {
        let args = [command, &["--json", "--bucket", "b", "--profile", "dve"]].concat();
        let done = run_with(&args, &[("AWS_CONFIG_FILE", &config), ("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")]);
        let document = done.only(1);
        assert!(document["error"].as_str().is_some_and(|error| error.contains("dve")), "{command:?}: {document}");
    }
}

#[test]
fn the_wiring_leads_from_the_bucket_to_the_topic() {
    let server = Server::start(&[]);
    let aws = |service: &str, body: &str| post(&server.endpoint, service, body);
    let made = aws("sns", "Action=CreateTopic&Version=2010-03-31&Name=rewired");
    let arn = made.split("<TopicArn>").nth(1).unwrap().split('<').next().unwrap();
    let configuration = format!("{{\"Environment\":{{\"Variables\":{{\"SNS_TOPIC_ARN\":\"{arn}\"}}}}}}");
    let path = "/2015-03-31/functions/ImageUploadProcessor/configuration";
    send(&server.endpoint, "PUT", path, "lambda", "application/json", &configuration);
    aws(
        "sns",
        &format!("Action=Subscribe&Version=2010-03-31&TopicArn={arn}&Protocol=email&Endpoint=wired@example.com"),
    );
    // The bucket is named and the topic is not: the bucket's own function says where it publishes.
    let done = server.run(&["subscriptions", "--bucket", "images"]);
    assert!(done.stdout.contains("wired@example.com"), "{}{}", done.stdout, done.stderr);
    // With nothing named the local cloud's names are the ones that are meant.
    let done = server.run(&["subscriptions"]);
    assert!(done.stdout.contains("you@example.com"), "{}{}", done.stdout, done.stderr);
}

/// The function publishes to its own topic, whatever is named.
#[test]
fn a_topic_that_the_function_does_not_publish_to_gets_no_deliveries() {
    let server = Server::start(&[]);
    let aws = |body: &str| post(&server.endpoint, "sns", body);
    let made = aws("Action=CreateTopic&Version=2010-03-31&Name=another");
    let arn = made.split("<TopicArn>").nth(1).unwrap().split('<').next().unwrap();
    aws(&format!("Action=Subscribe&Version=2010-03-31&TopicArn={arn}&Protocol=email&Endpoint=another@example.com"));
    for topic in [arn, "another"] {
        let report = server.run(&["upload", "--test-image", "--wait", "--json", "--topic", topic]).only(3);
        assert_eq!(report["status"], "published", "{report}");
        // Its subscribers are not listed; what its delivery-status log says is shown with its name.
        for delivery in report["deliveries"].as_array().into_iter().flatten() {
            assert!(delivery["evidence"].as_str().unwrap().starts_with("topic image-uploads, "), "{report}");
        }
        let why = report["deliveries_error"].as_str().unwrap();
        assert!(why.contains("image-uploads"), "{why}");
    }
    let own = server.run(&["upload", "--test-image", "--wait", "--json", "--topic", "image-uploads"]).only(0);
    assert_eq!(own["deliveries"].as_array().unwrap().len(), 2, "{own}");
}

#[test]
fn the_log_group_can_be_named() {
    let server = Server::start(&[]);
    assert_eq!(server.run(&["upload", "--test-image", "--wait"]).code, Some(0));
    assert!(server.run(&["logs"]).stdout.contains("REPORT"));
    let other = server.run(&["logs", "--log-group", "/elsewhere"]);
    assert_eq!((other.code, other.stdout.as_str()), (Some(3), ""), "{}", other.stderr);
    assert!(other.stderr.contains("has no log group"), "{}", other.stderr);
}

/// Writes an AWS configuration file.
pub(crate) fn profiles(folder: &Path, text: &str) -> String {
    let path = folder.join("aws-config");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

fn post(endpoint: &str, service: &str, body: &str) -> String {
    send(endpoint, "POST", "/", service, "application/x-www-form-urlencoded", body)
}

fn send(endpoint: &str, method: &str, path: &str, service: &str, kind: &str, body: &str) -> String {
    let scope = format!(
        "authorization: AWS4-HMAC-SHA256 Credential=k/20260304/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    );
    ask_ok(endpoint, &format!("{method} {path}"), &[&scope, &format!("content-type: {kind}")], body)
}
