//! A bucket with two functions: both logs are in the panel, and the pipeline leads to each.

use std::process::{Command, Stdio};

use super::finding::Server;
use super::term::Term;
use crate::ask::ask_ok;

const OWN: &str = "ImageUploadProcessor";

/// The bucket sends what is below `photos/` to the pipeline's function, and the rest of two prefixes to the other one.
fn two_functions() -> Server {
    let handler = format!("index={}/tests/handlers/prints-key", env!("CARGO_MANIFEST_DIR"));
    let server = Server::with(&["--handler", &handler]);
    let permission = r#"{"StatementId":"s3","Action":"lambda:InvokeFunction","Principal":"s3.amazonaws.com"}"#;
    let json = ["content-type: application/json"];
    ask_ok(&server.endpoint, "POST /2015-03-31/functions/index/policy", &json, permission);
    let rule = |function: &str, prefix: &str| {
        format!(
            "<CloudFunctionConfiguration><CloudFunction>arn:aws:lambda:us-east-1:000000000000:function:{function}\
             </CloudFunction><Event>s3:ObjectCreated:*</Event><Filter><S3Key><FilterRule><Name>prefix</Name>\
             <Value>{prefix}</Value></FilterRule></S3Key></Filter></CloudFunctionConfiguration>"
        )
    };
    let rules = format!("{}{}", rule(OWN, "photos/"), rule("index", "raw/"));
    let body = format!("<NotificationConfiguration>{rules}</NotificationConfiguration>");
    ask_ok(&server.endpoint, "PUT /images?notification", &[], &body);
    server
}

fn upload(server: &Server, prefix: &str) {
    let upload = Command::new(env!("CARGO_BIN_EXE_imgwatch"))
        .args(["--endpoint-url", &server.endpoint, "upload", "--test-image", "--prefix", prefix])
        .stdout(Stdio::null())
        .status();
    assert!(upload.unwrap().success());
}

#[test]
fn both_logs_are_in_the_panel_and_the_pipeline_leads_to_each() {
    let server = two_functions();
    let mut term = Term::start(140, 44, &["--endpoint-url", &server.endpoint], &[]);
    term.wait_for("LIVE");
    upload(&server, "raw/");
    // Three: the panel of the log, in full.
    term.keys("3z");
    term.wait_for("index <10 s");
    term.wait_for("ImageUploadProcessor");
    term.wait("a line with its function", |screen| {
        screen.contents().lines().any(|line| line.contains("index") && line.contains("resizing s3://images/raw/"))
    });
    upload(&server, "photos/");
    term.wait("a line of the other function", |screen| {
        screen.contents().lines().any(|line| line.contains("ImageUploadPro") && line.contains("published photos/"))
    });

    // By its name.
    term.keys("/index\r");
    term.wait("the lines of one function", |screen| !screen.contents().contains("published photos/"));
    term.wait_for("resizing s3://images/raw/");
    term.keys("\u{1b}");
    term.wait_for("published photos/");

    // From the pipeline: the rows below the bucket are its functions.
    term.keys("m");
    term.wait_for("function index");
    term.keys("j3");
    term.wait_for("only ImageUploadProcessor");
    term.wait("the lines of the other one", |screen| !screen.contents().contains("resizing s3://images/raw/"));
    term.keys("\u{1b}");
    term.wait_for("resizing s3://images/raw/");
    term.keys("q");
    assert!(term.end().0.success());
}
