use super::*;

#[test]
fn codes_decide_before_the_status_does() {
    let cases = [
        ("AccessDenied", 403, ProblemKind::Denied),
        ("AuthorizationError", 403, ProblemKind::Denied),
        ("ExpiredToken", 400, ProblemKind::ExpiredCredentials),
        ("ExpiredTokenException", 403, ProblemKind::ExpiredCredentials),
        ("InvalidClientTokenId", 403, ProblemKind::BadCredentials),
        ("SignatureDoesNotMatch", 403, ProblemKind::BadCredentials),
        ("RequestTimeTooSkewed", 403, ProblemKind::ClockSkew),
        ("NoSuchBucket", 404, ProblemKind::NoSuchBucket),
        ("NotFound", 404, ProblemKind::NotFound),
        ("ResourceNotFoundException", 400, ProblemKind::NotFound),
        ("QueueDoesNotExist", 400, ProblemKind::NotFound),
        ("AWS.SimpleQueueService.NonExistentQueue", 400, ProblemKind::NotFound),
        ("PermanentRedirect", 301, ProblemKind::WrongRegion),
        ("ThrottlingException", 400, ProblemKind::Throttled),
        ("SlowDown", 503, ProblemKind::Throttled),
        ("InvalidObjectState", 403, ProblemKind::Archived),
        ("InternalError", 500, ProblemKind::Server),
        ("", 301, ProblemKind::WrongRegion),
        ("", 403, ProblemKind::Denied),
        ("", 503, ProblemKind::Server),
        ("NotImplemented", 501, ProblemKind::NotOffered),
        ("InsufficientStorage", 507, ProblemKind::Other),
        ("InvalidParameter", 400, ProblemKind::Other),
    ];
    for (code, status, kind) in cases {
        assert_eq!(of_answer(code, status), kind, "{code} {status}");
    }
}

#[test]
fn expired_sessions_send_people_to_sign_in_again() {
    let texts = [
        "the SSO token has expired and cannot be refreshed",
        "failed to load the cached SSO token",
        "cached Login token is expired",
    ];
    for text in texts {
        let problem = of_credentials(&std::io::Error::other(text), None);
        assert_eq!(problem.hint, hint(ProblemKind::ExpiredCredentials), "{text}");
    }
    let error = std::io::Error::other("no providers in chain provided credentials");
    let none = of_credentials(&error, None);
    assert_eq!(none.hint, NOTHING_CONFIGURED);
    let of_profile = of_credentials(&error, Some("dev"));
    assert!(of_profile.what.raw().contains("dev") && !of_profile.hint.contains("local"), "AWS was meant: {of_profile}");
}

#[test]
fn connections_fail_in_ways_that_differ() {
    assert_eq!(of_connection_text("tcp connect error: Connection refused (os error 111)"), ProblemKind::Unreachable);
    assert_eq!(of_connection_text("dns error: failed to lookup address information"), ProblemKind::Unreachable);
    assert_eq!(of_connection_text("invalid peer certificate: UnknownIssuer"), ProblemKind::Tls);
    assert_eq!(of_connection_text("connection closed before message completed"), ProblemKind::Interrupted);
}

#[test]
fn causes_are_one_harmless_line() {
    assert_eq!(line("a\n  b\t\u{1b}[31mc").shown(), "a b ␛[31mc");
}

#[test]
fn a_denial_names_the_action_that_the_service_names() {
    let kms = "User: arn:aws:iam::1:user/a is not authorized to perform: kms:Decrypt on the resource (AccessDenied)";
    let expected = |action: &str, said: &str| {
        let hint = format!("ask for {action}, or choose another --profile");
        (format!("{action} is not allowed: {said}"), Cow::from(hint))
    };
    assert_eq!(denied(kms, "s3:GetObject"), expected("kms:Decrypt", kms));
    let sns = "User: a is not authorized to perform: SNS:Publish on resource: t (AuthorizationError)";
    assert_eq!(denied(sns, "sns:Publish"), expected("sns:Publish", sns), "it is the same action");
    for said in ["Access Denied (AccessDenied)", "is not authorized to perform: ", "is not authorized to perform: this"]
    {
        assert_eq!(denied(said, "s3:GetObject"), expected("s3:GetObject", said));
    }
}

#[test]
fn the_region_is_read_from_the_name_of_a_host() {
    let cases = [
        ("s3.eu-wset-1.amazonaws.com", Some("eu-wset-1")),
        ("b.s3.dualstack.us-east-1.amazonaws.com", Some("us-east-1")),
        ("sns.cn-north-1.amazonaws.com.cn", Some("cn-north-1")),
        ("sts.amazonaws.com", None),
        ("minio.example.com", None),
    ];
    for (host, region) in cases {
        assert_eq!(region_of(host), region, "{host}");
    }
}

/// What is said of an answer of S3 without a code in it.
fn of_body(status: u16, body: &'static str) -> Problem {
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;
    let error = aws_smithy_types::error::ErrorMetadata::builder().build();
    let answer = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body));
    let context = OperationContext::new("cannot read it", "s3:GetObject");
    of(&SdkError::service_error(error, answer), &context)
}

#[test]
fn an_answer_without_a_code_is_told_without_the_words_of_the_sdk() {
    let head = of_body(403, "");
    assert_eq!(head.kind, ProblemKind::Denied);
    assert_eq!(head.why.raw(), "s3:GetObject is not allowed: the service answered with status 403");
    let foreign = of_body(403, "this local cloud answers the user who started it\n");
    assert_eq!(foreign.kind, ProblemKind::Other, "no permission helps");
    let said = "the service answered with status 403: this local cloud answers the user who started it";
    assert_eq!(foreign.why.raw(), said);
    for (status, body, kind) in [(503, "busy", ProblemKind::Server), (403, "<html>no</html>", ProblemKind::Denied)] {
        let problem = of_body(status, body);
        assert_eq!(problem.kind, kind, "{problem}");
        assert!(!problem.why.raw().contains("rror"), "{problem}");
    }
}
