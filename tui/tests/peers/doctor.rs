//! Doctor on ministack: healthy, then one thing broken at a time, found, and fixed by the command that it prints.
//!
//! What ministack gets wrong, as far as it is met here: it confirms email subscriptions at once, so an HTTPS one is
//! pending instead.

use super::doctor_cases::{self as cases, Pipeline as Patient};
use super::pipeline::{BUCKET, FUNCTION, Pipeline, TOPIC};

/// The pipeline here has no role for delivery-status logs.
const TRUE_WARNINGS: [&str; 1] = ["delivery-status-logging"];

#[tokio::test]
#[ignore = "needs IMGWATCH_PEERS; .ci/peers runs it"]
async fn what_is_broken_is_found_and_fixed() {
    let pipeline = Pipeline::start().await;
    let patient = Patient::at(&pipeline.emulator.endpoint, BUCKET, FUNCTION, TOPIC).await;
    cases::healthy(&patient, &TRUE_WARNINGS).await;
    cases::notification_removed(&patient).await;
    cases::suffix_of_another_case(&patient).await;
    cases::only_put(&patient).await;
    cases::permission_removed(&patient).await;
    cases::filter_excludes_everything(&patient).await;
    cases::topic_variable_wrong(&patient).await;
    cases::log_level_too_high(&patient).await;
    cases::subscription_pending(&patient, "https", "https://127.0.0.1:1/hook").await;
}

/// The same by the program itself, as a script would ask, and what it says of an object that was published.
#[tokio::test]
#[ignore = "needs IMGWATCH_PEERS; .ci/peers runs it"]
async fn a_healthy_pipeline_is_no_failure() {
    let pipeline = Pipeline::start().await;
    let report = pipeline.emulator.run(&["doctor", "holiday/cat.PNG", "--json"]).only(0);
    assert_eq!(report["summary"]["failures"], 0, "{report}");

    let uploaded = pipeline.emulator.run(&["upload", "--test-image", "--wait", "--json"]).only(0);
    let report = pipeline.emulator.run(&["doctor", uploaded["key"].as_str().unwrap(), "--json"]).only(0);
    for id in ["object", "object-log"] {
        let check = report["checks"].as_array().unwrap().iter().find(|check| check["id"] == id).unwrap();
        assert_eq!(check["status"], "ok", "{check}");
    }
}
