//! Several functions, each of a program that was named when the cloud started.

use std::time::Duration;

use aws_sdk_lambda::error::ProvideErrorMetadata as _;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{FunctionCode, Runtime};
use imgwatch_local::{FUNCTION, NamedHandler, Options};
use serde_json::Value;

use super::common::{ACCOUNT, Stage, WORKER, start, start_with};
use crate::support::this_program;

async fn invoke(stage: &Stage, name: &str) -> Value {
    let answer = stage.lambda.invoke().function_name(name).send().await.unwrap();
    serde_json::from_slice(answer.payload.unwrap().as_ref()).unwrap()
}

fn create(
    stage: &Stage,
    name: &str,
    handler: &str,
) -> aws_sdk_lambda::operation::create_function::builders::CreateFunctionFluentBuilder {
    let code = FunctionCode::builder().zip_file(Blob::new("ignored")).build();
    let create = stage.lambda.create_function().function_name(name).handler(handler).code(code);
    create.runtime(Runtime::Providedal2023).role(format!("arn:aws:iam::{ACCOUNT}:role/of-{name}"))
}

#[tokio::test]
async fn each_named_program_is_a_function_with_its_own_environment_role_and_log_group() {
    let mut options = Options::new(this_program("1"));
    let variables = vec![("KIND".to_owned(), "thumbnails".to_owned())];
    options.functions.push(NamedHandler { name: "thumbs".to_owned(), command: this_program("1"), variables });
    let stage = start_with("", options).await;

    let listed = stage.lambda.list_functions().send().await.unwrap();
    let names: Vec<&str> = listed.functions().iter().map(|function| function.function_name().unwrap()).collect();
    assert_eq!(names, [FUNCTION, "thumbs", WORKER]);
    let of_thumbs = stage.lambda.get_function_configuration().function_name("thumbs").send().await.unwrap();
    assert_eq!(of_thumbs.role(), Some(format!("arn:aws:iam::{ACCOUNT}:role/thumbs").as_str()));
    assert_eq!(of_thumbs.logging_config().unwrap().log_group(), Some("/aws/lambda/thumbs"));
    let variables = of_thumbs.environment().unwrap().variables().unwrap();
    assert_eq!(variables.iter().collect::<Vec<_>>(), [(&"KIND".to_owned(), &"thumbnails".to_owned())]);

    let (thumbs, own) = (invoke(&stage, "thumbs").await, invoke(&stage, FUNCTION).await);
    assert_eq!((thumbs["kind"].as_str(), thumbs["topic"].as_str()), (Some("thumbnails"), Some("")));
    assert_eq!(own["kind"], "");
    assert!(own["topic"].as_str().unwrap().ends_with(":image-uploads"));
    for (group, line) in
        [("/aws/lambda/thumbs", "the kind is thumbnails"), ("/aws/lambda/ImageUploadProcessor", "the kind is ")]
    {
        let found = stage.logs.filter_log_events().log_group_name(group).send().await.unwrap();
        let lines: Vec<&str> =
            found.events().iter().map(|event| event.message().unwrap().trim_end_matches('\n')).collect();
        assert!(lines.contains(&line), "{group}: {lines:?}");
    }
    stage.cloud.stop().await;
}

#[tokio::test]
async fn a_function_is_created_only_of_a_program_that_was_named() {
    let stage = start("").await;
    let refused = create(&stage, "other", "bootstrap").send().await.unwrap_err();
    assert_eq!(refused.code(), Some("InvalidParameterValueException"));
    assert!(refused.message().unwrap().contains("--handler NAME=PROGRAM"), "{refused:?}");

    let environment = aws_sdk_lambda::types::Environment::builder().variables("KIND", "a copy").build();
    let created = create(&stage, "copy", WORKER).timeout(7).environment(environment).send().await.unwrap();
    assert_eq!((created.function_name(), created.timeout(), created.handler()), (Some("copy"), Some(7), Some(WORKER)));
    assert_eq!(created.role(), Some(format!("arn:aws:iam::{ACCOUNT}:role/of-copy").as_str()));
    assert_eq!(invoke(&stage, "copy").await["kind"], "a copy");
    let found = stage.logs.filter_log_events().log_group_name("/aws/lambda/copy").send().await.unwrap();
    assert!(!found.events().is_empty());
    let again = create(&stage, "copy", WORKER).send().await.unwrap_err();
    assert_eq!(
        (again.code(), again.message()),
        (Some("ResourceConflictException"), Some("Function already exist: copy"))
    );
    let bad = create(&stage, "a name", WORKER).send().await.unwrap_err();
    assert_eq!(bad.code(), Some("ValidationException"));
    let unsafe_variable = aws_sdk_lambda::types::Environment::builder().variables("LD_PRELOAD", "x").build();
    let bad = create(&stage, "third", WORKER).environment(unsafe_variable).send().await.unwrap_err();
    assert_eq!(bad.code(), Some("InvalidParameterValueException"));

    // A program's own name is enough, whatever the handler is called.
    stage.lambda.delete_function().function_name(WORKER).send().await.unwrap();
    let gone = stage.lambda.invoke().function_name(WORKER).send().await.unwrap_err();
    assert_eq!(gone.code(), Some("ResourceNotFoundException"));
    let twice = stage.lambda.delete_function().function_name(WORKER).send().await.unwrap_err();
    assert_eq!(twice.code(), Some("ResourceNotFoundException"));
    create(&stage, WORKER, "index.handler").send().await.unwrap();
    assert_eq!(invoke(&stage, WORKER).await["kind"], "");
    stage.cloud.stop().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_processes_of_a_deleted_function_end() {
    let stage = start("").await;
    invoke(&stage, WORKER).await;
    let of_this_function = || {
        let pids =
            std::fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().into_string().ok());
        let named = format!("AWS_ENDPOINT_URL={}", stage.cloud.endpoint());
        pids.filter(|pid| {
            let variables = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
            variables.split(|byte| *byte == 0).any(|variable| variable == named.as_bytes())
        })
        .count()
    };
    assert_eq!(of_this_function(), 1);
    stage.lambda.delete_function().function_name(WORKER).send().await.unwrap();
    let deadline = tokio::time::Instant::now() + Duration::from_mins(1);
    while of_this_function() > 0 {
        assert!(tokio::time::Instant::now() < deadline, "the process lives on");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stage.cloud.stop().await;
}
