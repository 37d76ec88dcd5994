//! `imgwatch local`: what it prints, and how it ends.

use super::program::{Server, run};

#[test]
fn it_stops_cleanly_on_either_signal() {
    for name in ["INT", "TERM"] {
        let server = Server::start(&[]);
        // The function's process runs by now, and has to end as well.
        assert_eq!(server.run(&["upload", "--test-image", "--wait"]).code, Some(0));
        let endpoint = server.endpoint.clone();
        let (status, _) = server.stop(name);
        assert_eq!(status.code(), Some(0), "{name}");
        assert_eq!(run(&["--endpoint-url", &endpoint, "objects"]).code, Some(1), "nobody listens any more");
    }
}

#[test]
fn a_shell_can_source_what_it_prints() {
    let server = Server::start(&["--region", "eu-west-1"]);
    let exports: Vec<String> =
        server.welcome.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect();
    let endpoint = server.endpoint.clone();
    let expected = [
        &format!("export AWS_ENDPOINT_URL={endpoint}"),
        "export AWS_ACCESS_KEY_ID=local",
        "export AWS_SECRET_ACCESS_KEY=local",
        "export AWS_REGION=eu-west-1",
        "export AWS_DEFAULT_REGION=eu-west-1",
    ];
    assert_eq!(exports, expected);
    let (_, rest) = server.stop("TERM");
    assert!(rest.lines().all(|line| line.starts_with('#')), "{rest}");
    assert!(rest.contains(&format!("imgwatch --endpoint-url {endpoint}")), "{rest}");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let server = Server::start(&[]);
    let port = server.endpoint.rsplit(':').next().unwrap();
    let second = run(&["local", "--port", port]);
    assert_eq!((second.code, second.stdout.as_str()), (Some(1), ""));
    assert!(second.stderr.contains(port) && second.stderr.contains("--port"), "{}", second.stderr);
}

#[test]
fn the_region_that_aws_is_used_in_is_none_of_the_local_clouds() {
    let server = Server::start(&[]);
    for args in [&["--local", "subscriptions", "--json"][..], &server.with(&["subscriptions", "--json"])] {
        let mut command = super::program::program(args);
        let done = command.env("AWS_REGION", "eu-west-1").env("AWS_DEFAULT_REGION", "eu-west-1").output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        assert_eq!(String::from_utf8_lossy(&done.stdout).lines().count(), 2, "the pipeline's two subscriptions");
    }
}
