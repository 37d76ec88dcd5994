//! The command line as a user types it: help texts, wrong usage and exit codes. No cloud is started here.

/// Rewrite the expectations with `TRYCMD=overwrite` after a change that is meant.
#[test]
fn help_and_usage() {
    let cases = trycmd::TestCases::new();
    cases.env("COLUMNS", "80");
    let own = [
        "BUCKET",
        "FUNCTION",
        "TOPIC",
        "LOG_GROUP",
        "STACK",
        "PIPELINE",
        "CONFIG",
        "PROFILE",
        "REGION",
        "ENDPOINT_URL",
    ];
    cases.env("XDG_CONFIG_HOME", "/nonexistent/config");
    cases.env("XDG_STATE_HOME", "/nonexistent/state");
    for name in own.map(|name| format!("IMGWATCH_{name}")).into_iter().chain(["AWS_ENDPOINT_URL".to_owned()]) {
        // Empty counts as unset: the caller's own environment must not answer for a flag.
        cases.env(name, "");
    }
    cases.case("tests/cmd/*.trycmd");
    if cfg!(feature = "local") {
        cases.case("tests/cmd/local/*.trycmd");
    }
}
