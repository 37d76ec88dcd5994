//! The command line as a user types it: help texts, wrong usage and exit codes. No cloud is started here.

/// Rewrite the expectations with `TRYCMD=overwrite` after a change that is meant.
#[test]
fn help_and_usage() {
    let cases = trycmd::TestCases::new();
    cases.env("COLUMNS", "80");
    for name in ["AWS_ENDPOINT_URL", "IMGWATCH_BUCKET", "IMGWATCH_FUNCTION", "IMGWATCH_TOPIC"] {
        // Empty counts as unset: the caller's own environment must not answer for a flag.
        cases.env(name, "");
    }
    cases.case("tests/cmd/*.trycmd");
    if cfg!(feature = "local") {
        cases.case("tests/cmd/local/*.trycmd");
    }
}
