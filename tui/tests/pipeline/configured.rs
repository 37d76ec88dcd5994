//! What the AWS CLI reads: profiles as it writes them, its variables, and errors that name what failed.

use std::path::Path;

use super::finding::run_with;
use super::program::{Run, program};
use crate::net::certificate;
use crate::raw::{Raw, Request, denied, listing};

fn bucket(request: &Request) -> String {
    if request.line.contains("list-type=2") { listing("through.png") } else { denied(request) }
}

/// Variables of the environment.
type Variables<'a> = &'a [(&'a str, &'a str)];

/// Runs it with these files, and with nothing else that configures AWS.
fn run_in(folder: &Path, config: &str, credentials: &str, args: &[&str], env: Variables<'_>) -> Run {
    let [one, other] = ["config", "credentials"].map(|name| folder.join(name));
    std::fs::write(&one, config).unwrap();
    std::fs::write(&other, credentials).unwrap();
    let mut command = program(args);
    command.env("AWS_CONFIG_FILE", one).env("AWS_SHARED_CREDENTIALS_FILE", other).envs(env.iter().copied());
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

const CONFIG: &str = "\
[default]
region = us-east-1
[profile 'my new'] ; written by `aws configure`
region = eu-west-1
[profile \"two  words\"]
region = eu-central-1
source_profile = my new
[profile\ttabbed]
region\t=\teu-north-1
# [profile 'none']
[profile team/dev@home]
region = us-west-2
";

const CREDENTIALS: &str = "\
[default]
aws_access_key_id = DEFAULT
aws_secret_access_key = secret
[my new]
aws_access_key_id = MYNEW
aws_secret_access_key = secret
[two  words]
aws_access_key_id = TWOWORDS
aws_secret_access_key = secret
[tabbed]
aws_access_key_id\t=\tTABBED
aws_secret_access_key = secret
[team/dev@home]
aws_access_key_id = TEAMDEV
aws_secret_access_key = secret
";

#[test]
fn profiles_are_found_by_the_names_that_the_aws_cli_writes() {
    let cases = [
        ("my new", "MYNEW", "eu-west-1"),
        ("two  words", "TWOWORDS", "eu-central-1"),
        ("tabbed", "TABBED", "eu-north-1"),
        ("team/dev@home", "TEAMDEV", "us-west-2"),
    ];
    let folder = tempfile::tempdir().unwrap();
    for (name, key, region) in cases {
        let scope = format!("Credential={key}/");
        let (is_signed, is_there) = (scope.clone(), format!("/{region}/s3/"));
        let server = Raw::start(move |request| {
            let is_own = request.is_signed_with(&is_signed) && request.is_signed_with(&is_there);
            if is_own { bucket(request) } else { denied(request) }
        });
        let far = server.far();
        let args = ["--endpoint-url", &far, "objects", "--bucket", "b"];
        let flag = [&["--profile", name], &args[..]].concat();
        let ways: [(&[&str], Variables<'_>); 4] = [
            (&flag, &[]),
            (&args, &[("AWS_PROFILE", name)]),
            (&args, &[("AWS_DEFAULT_PROFILE", name)]),
            // As the AWS CLI has it.
            (&args, &[("AWS_DEFAULT_PROFILE", name), ("AWS_PROFILE", "default")]),
        ];
        for (args, env) in ways {
            let done = run_in(folder.path(), CONFIG, CREDENTIALS, args, env);
            assert_eq!(done.code, Some(0), "{name} {env:?}: {}", done.stderr);
            assert!(done.stdout.contains("through.png"), "{name}: {}", done.stdout);
        }
    }
}

#[test]
fn a_profile_that_is_not_there_is_named_with_those_that_are() {
    let folder = tempfile::tempdir().unwrap();
    let done = run_in(folder.path(), CONFIG, CREDENTIALS, &["objects", "--bucket", "b", "--profile", "my newer"], &[]);
    assert_eq!(done.code, Some(1));
    for part in ["no profile my newer", "default, my new, tabbed, team/dev@home, two  words"] {
        assert!(done.stderr.contains(part), "{part}: {}", done.stderr);
    }
    let gone = folder.path().join("gone").display().to_string();
    let args = ["objects", "--bucket", "b", "--profile", "x"];
    for name in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
        let done = run_in(folder.path(), CONFIG, CREDENTIALS, &args, &[(name, &gone)]);
        assert!(done.stderr.contains(&format!("there is no file {gone}, which {name} names")), "{}", done.stderr);
    }
}

#[test]
fn what_is_in_the_way_of_credentials_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let gone = folder.path().join("no-token").display().to_string();
    let config = format!(
        "[profile base]\nregion = eu-west-1\n\
         [profile mfa]\nregion = eu-west-1\nrole_arn = arn:aws:iam::123456789012:role/admin\nsource_profile = base\n\
         mfa_serial = arn:aws:iam::123456789012:mfa/ada\n\
         [profile above]\nregion = eu-west-1\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = mfa\n\
         [profile web]\nregion = eu-west-1\nrole_arn = arn:aws:iam::123456789012:role/w\n\
         web_identity_token_file = {gone}\n\
         [profile bare]\nregion = eu-west-1\n\
         [profile nowhere]\noutput = json\n"
    );
    let role = ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/w");
    let region = ("AWS_REGION", "eu-west-1");
    let cases: [(Variables<'_>, &[&str]); 6] = [
        (
            &[("AWS_PROFILE", "mfa")],
            &["profile mfa", "MFA device arn:aws:iam::123456789012:mfa/ada", "export-credentials"],
        ),
        (&[("AWS_PROFILE", "above")], &["cannot use profile above", "mfa/ada"]),
        (&[("AWS_PROFILE", "web")], &[&gone, "web_identity_token_file of profile web"]),
        (&[role, region, ("AWS_WEB_IDENTITY_TOKEN_FILE", &gone)], &[&gone, "which AWS_WEB_IDENTITY_TOKEN_FILE names"]),
        (&[("AWS_PROFILE", "bare")], &["profile bare"]),
        (&[("AWS_PROFILE", "nowhere")], &["profile nowhere has no region"]),
    ];
    for (env, parts) in cases {
        // Nothing is to be reached: what is in the way is on this machine.
        let env = [env, &[("AWS_EC2_METADATA_DISABLED", "true"), ("HTTPS_PROXY", "http://127.0.0.1:9")]].concat();
        let done = run_in(folder.path(), &config, "", &["objects", "--bucket", "b"], &env);
        assert_eq!((done.code, done.stdout.as_str()), (Some(1), ""), "{env:?}: {}", done.stderr);
        for part in parts {
            assert!(done.stderr.contains(part), "{part}: {}", done.stderr);
        }
        assert!(!done.stderr.contains("local"), "AWS was meant: {}", done.stderr);
    }
}

/// Runs it against AWS, behind a proxy that leads to this server; what the proxy was asked for.
fn through_proxy(env: Variables<'_>) -> (Run, Vec<String>) {
    let server = Raw::start_tls(bucket);
    let proxy = Raw::proxy(server.port);
    let (url, bundle) = (format!("http://127.0.0.1:{}", proxy.port), certificate("ca.pem"));
    let env = [env, &[("HTTPS_PROXY", &url), ("AWS_CA_BUNDLE", &bundle)]].concat();
    let done = run_with(&["objects", "--bucket", "b.with.dots"], &env);
    (done, proxy.seen())
}

#[test]
fn the_host_is_the_one_that_the_variables_ask_for() {
    let cases: [(Variables<'_>, &str); 5] = [
        (&[("AWS_REGION", "eu-west-1")], "s3.eu-west-1.amazonaws.com"),
        (&[("AWS_REGION", ""), ("AWS_DEFAULT_REGION", "eu-west-2")], "s3.eu-west-2.amazonaws.com"),
        (&[("AWS_USE_FIPS_ENDPOINT", "true")], "s3-fips.us-east-1.amazonaws.com"),
        (&[("AWS_USE_DUALSTACK_ENDPOINT", "true")], "s3.dualstack.us-east-1.amazonaws.com"),
        (&[("AWS_ENDPOINT_URL_S3", "https://storage.test")], "storage.test"),
    ];
    for (env, host) in cases {
        let (done, seen) = through_proxy(env);
        let asked = format!("CONNECT {host}:443 HTTP/1.1");
        assert!(seen.contains(&asked), "{env:?}: {seen:?} {}", done.stderr);
    }
}

#[test]
fn an_endpoint_of_one_service_comes_before_the_one_of_all() {
    let (one, other) = (Raw::start(bucket), Raw::start(denied));
    let (s3, all) = (one.far(), other.far());
    let done = run_with(&["objects", "--bucket", "b"], &[("AWS_ENDPOINT_URL", &all), ("AWS_ENDPOINT_URL_S3", &s3)]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(done.stdout.contains("through.png"), "{}", done.stdout);
    let typed = ["--endpoint-url", &all, "objects", "--bucket", "b"];
    assert_eq!(run_with(&typed, &[("AWS_ENDPOINT_URL_S3", &s3)]).code, Some(1), "what is typed counts");
}

#[test]
fn endpoints_are_ignored_where_the_aws_cli_ignores_them() {
    let asks_aws = |env: Variables<'_>| {
        let (done, seen) = through_proxy(&[env, &[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE")]].concat());
        let asked = seen.iter().any(|line| line.starts_with("CONNECT s3.us-east-1.amazonaws.com:443"));
        assert!(asked, "{env:?}: {seen:?} {}", done.stderr);
    };
    let all = Raw::start(denied);
    let far = all.far();
    asks_aws(&[("AWS_ENDPOINT_URL", &far)]);
    asks_aws(&[("AWS_ENDPOINT_URL", &far), ("AWS_ENDPOINT_URL_S3", &far)]);
    assert_eq!(all.seen(), [""; 0]);
    // Only "true" is yes, and what was given to imgwatch itself counts.
    let own = Raw::start(bucket);
    let far = own.far();
    let cases: [(&[&str], Variables<'_>); 3] = [
        (&["--endpoint-url", &far], &[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"), ("AWS_ENDPOINT_URL", &far)]),
        (&[], &[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"), ("IMGWATCH_ENDPOINT_URL", &far)]),
        (&[], &[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "1"), ("AWS_ENDPOINT_URL", &far)]),
    ];
    for (args, env) in cases {
        let done = run_with(&[args, &["objects", "--bucket", "b"]].concat(), env);
        assert!(done.code == Some(0) && done.stdout.contains("through.png"), "{env:?}: {}", done.stderr);
    }
}

/// Profiles that ignore endpoints, or that say it in a way that does not count.
const IGNORING: &str = "\
[default]
ignore_configured_endpoint_urls = true
[profile loud]
ignore_configured_endpoint_urls = TRUE
endpoint_url = http://0.0.0.0:9
[profile 'my own']
ignore_configured_endpoint_urls=true
services = store
[profile unsure]
ignore_configured_endpoint_urls = yes
[profile heeding]
ignore_configured_endpoint_urls = false
[services store]
s3 =
  endpoint_url = http://0.0.0.0:9
";

#[test]
fn a_profile_may_ignore_endpoints() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    std::fs::write(&config, IGNORING).unwrap();
    let config = ("AWS_CONFIG_FILE", config.to_str().unwrap());
    let other = Raw::start(denied);
    let (far, near) = (other.far(), format!("http://127.0.0.1:{}", other.port));
    let ignored: [Variables<'_>; 7] = [
        &[("AWS_ENDPOINT_URL", &far)],
        &[("AWS_ENDPOINT_URL", &near)],
        &[("AWS_ENDPOINT_URL", &far), ("AWS_ENDPOINT_URL_S3", &far)],
        &[("AWS_PROFILE", "loud")],
        &[("AWS_PROFILE", "loud"), ("AWS_ENDPOINT_URL", &far)],
        &[("AWS_DEFAULT_PROFILE", "my own"), ("AWS_ENDPOINT_URL", &near)],
        &[("AWS_PROFILE", "heeding"), ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"), ("AWS_ENDPOINT_URL", &far)],
    ];
    for env in ignored {
        let (done, seen) = through_proxy(&[env, &[config]].concat());
        let asked = seen.iter().any(|line| line.starts_with("CONNECT s3.us-east-1.amazonaws.com:443"));
        assert!(asked, "{env:?}: {seen:?} {}", done.stderr);
    }
    assert_eq!(other.seen(), [""; 0]);

    // The variable comes before the profile, only "true" is yes, and what was given to imgwatch itself counts.
    let own = Raw::start(bucket);
    let far = own.far();
    let counted: [(&[&str], Variables<'_>); 5] = [
        (&[], &[("AWS_PROFILE", "heeding"), ("AWS_ENDPOINT_URL", &far)]),
        (&[], &[("AWS_PROFILE", "unsure"), ("AWS_ENDPOINT_URL", &far)]),
        (&[], &[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false"), ("AWS_ENDPOINT_URL", &far)]),
        (&["--endpoint-url", &far], &[("AWS_PROFILE", "loud"), ("AWS_ENDPOINT_URL", &far)]),
        (&[], &[("IMGWATCH_ENDPOINT_URL", &far), ("AWS_ENDPOINT_URL", &far)]),
    ];
    for (args, env) in counted {
        let done = run_with(&[args, &["objects", "--bucket", "b"]].concat(), &[env, &[config]].concat());
        assert!(done.code == Some(0) && done.stdout.contains("through.png"), "{env:?}: {}", done.stderr);
    }
}

/// Before anything is reached, an ignored endpoint on this machine gives no name, and is not shown as what is used.
#[test]
fn an_ignored_endpoint_gives_no_names() {
    let folder = tempfile::tempdir().unwrap();
    let ignored = [("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")];
    let shown = |profile| {
        run_in(folder.path(), IGNORING, "", &["config"], &[&ignored[..], &[("AWS_PROFILE", profile)]].concat())
    };
    for (profile, endpoint, name) in
        [("heeding", "http://127.0.0.1:4566", "images"), ("loud", "AWS", "-"), ("my own", "AWS", "-")]
    {
        let done = shown(profile);
        let value = |of: &str| {
            let line = done.stdout.lines().find(|line| line.starts_with(of)).unwrap_or_default();
            line.split_whitespace().nth(1).unwrap_or_default().to_owned()
        };
        assert_eq!((value("endpoint-url"), value("bucket")), (endpoint.to_owned(), name.to_owned()), "{}", done.stdout);
    }
}

#[test]
fn the_endpoint_of_a_profiles_services_has_the_bucket_in_the_path() {
    let server = Raw::start(bucket);
    let url = format!("http://localhost:{}", server.port);
    let config = format!("[default]\nservices = store\n[services store]\ns3 =\n  endpoint_url = {url}\n");
    let folder = tempfile::tempdir().unwrap();
    let env = [("AWS_ACCESS_KEY_ID", "KEY"), ("AWS_SECRET_ACCESS_KEY", "secret"), ("AWS_REGION", "us-east-1")];
    // Nothing else is asked for: the bucket would lead to AWS.
    let args = ["objects", "--bucket", "b"];
    let done = run_in(folder.path(), &config, "", &args, &env);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(server.seen().iter().any(|line| line.starts_with("GET /b/?list-type=2")), "{:?}", server.seen());
}

#[test]
fn requests_are_tried_as_often_as_the_variables_say() {
    for (attempts, mode) in [("1", ""), ("2", "standard"), ("2", "legacy"), ("4", "adaptive")] {
        let server = Raw::start(|_| crate::raw::http("503 Slow Down", &[], ""));
        let env = [("AWS_MAX_ATTEMPTS", attempts), ("AWS_RETRY_MODE", mode)];
        let done = run_with(&["--endpoint-url", &server.far(), "objects", "--bucket", "b", "--function", "f"], &env);
        assert_eq!(done.code, Some(1));
        let tries = server.seen().iter().filter(|line| line.contains("list-type=2")).count();
        assert_eq!(tries.to_string(), attempts, "{env:?}: {:?}", server.seen());
    }
    for (name, value) in [("AWS_MAX_ATTEMPTS", "0"), ("AWS_MAX_ATTEMPTS", "many"), ("AWS_RETRY_MODE", "fast")] {
        let done = run_with(&["objects", "--bucket", "b"], &[(name, value)]);
        assert!(done.code == Some(1) && done.stderr.contains(&format!("{name}={value:?}")), "{}", done.stderr);
    }
}

#[test]
fn a_region_that_is_mistyped_is_named_with_its_host() {
    // No proxy, and no name server knows the host.
    for (region, near) in [("eu-wset-1", "eu-west-1"), ("us-est-1", "us-east-1"), ("ap-southeast-22", "ap-southeast-2")]
    {
        let done = run_with(&["objects", "--bucket", "b"], &[("AWS_REGION", region)]);
        assert_eq!(done.code, Some(1));
        let parts = [format!("s3.{region}.amazonaws.com"), format!("is {region} a region? did you mean {near}?")];
        assert!(parts.iter().all(|part| done.stderr.contains(part)), "{}", done.stderr);
        assert!(!done.stderr.contains("imgwatch local"), "{}", done.stderr);
    }
    for region in ["eu west", "Frankfurt", "eu-west-1."] {
        let done = run_with(&["objects", "--bucket", "b"], &[("AWS_REGION", region)]);
        assert!(done.code == Some(1) && done.stderr.contains(&format!("the region {region:?}")), "{}", done.stderr);
    }
}

#[test]
fn a_proxy_that_does_not_serve_is_named_with_its_variable() {
    let refusing = Raw::start(|_| crate::raw::http("407 Proxy Authentication Required", &[], ""));
    let refusing = format!("http://127.0.0.1:{}", refusing.port);
    let cases = [
        ("HTTPS_PROXY", "http://127.0.0.1:9", "127.0.0.1:9"),
        ("https_proxy", "http://ada:secret@proxy.invalid:3128", "proxy.invalid:3128"),
        ("ALL_PROXY", &refusing, refusing.strip_prefix("http://").unwrap()),
    ];
    for (name, url, address) in cases {
        let done = run_with(&["objects", "--bucket", "b"], &[(name, url)]);
        assert_eq!(done.code, Some(1));
        for part in ["s3.us-east-1.amazonaws.com", address, name, "NO_PROXY"] {
            assert!(done.stderr.contains(part), "{part}: {}", done.stderr);
        }
        assert!(!done.stderr.contains("imgwatch local") && !done.stderr.contains("secret"), "{}", done.stderr);
    }
    for url in ["nonsense://", "socks5://127.0.0.1:9"] {
        let done = run_with(&["objects", "--bucket", "b"], &[("HTTPS_PROXY", url)]);
        assert!(done.stderr.contains(&format!("cannot use the proxy HTTPS_PROXY={url}")), "{}", done.stderr);
    }
}

#[test]
fn only_an_endpoint_on_this_machine_is_one_to_start() {
    let dead = "http://127.0.0.1:9";
    for env in [("AWS_ENDPOINT_URL", dead), ("AWS_ENDPOINT_URL_S3", dead)] {
        let done = run_with(&["objects", "--bucket", "b"], &[env]);
        assert!(done.stderr.contains("imgwatch local"), "{env:?}: {}", done.stderr);
    }
    let done = run_with(&["objects", "--bucket", "b"], &[("AWS_ENDPOINT_URL", "http://0.0.0.0:9")]);
    assert!(done.code == Some(1) && !done.stderr.contains("imgwatch local"), "{}", done.stderr);
    assert!(done.stderr.contains("connection to 0.0.0.0"), "{}", done.stderr);
}
