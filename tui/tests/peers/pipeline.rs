//! The pipeline on an emulator, wired as `template.yaml` wires it, under the names which `imgwatch` expects on loopback.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    DestinationConfig, Environment, FunctionCode, LogFormat, LoggingConfig, OnFailure, Runtime,
};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::{Value, json};

use super::account::Account;
use super::emulator::{Emulator, tool};

/// What the parts are called.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names {
    pub(crate) bucket: &'static str,
    pub(crate) function: &'static str,
    pub(crate) topic: &'static str,
}

pub(crate) const BUCKET: &str = "images";
pub(crate) const FUNCTION: &str = "ImageUploadProcessor";
pub(crate) const TOPIC: &str = "image-uploads";
/// The queue that is subscribed to the topic.
pub(crate) const QUEUE: &str = "image-uploads-audit";
/// The queue for events that the function failed to handle.
const FAILURES: &str = "image-uploads-failed";

/// An emulator with the pipeline on it.
pub(crate) struct Pipeline {
    pub(crate) emulator: Emulator,
    pub(crate) account: Account,
    names: Names,
    pub(crate) topic_arn: String,
    pub(crate) queue_url: String,
    function_arn: String,
}

impl Pipeline {
    /// The whole pipeline on ministack, with our own `bootstrap` as the function and a queue as the only subscriber.
    pub(crate) async fn start() -> Self {
        Self::start_as(Names { bucket: BUCKET, function: FUNCTION, topic: TOPIC }).await
    }

    /// The same under other names, which are found only by looking for them.
    pub(crate) async fn start_as(names: Names) -> Self {
        let emulator = Emulator::ministack();
        let account = Account::of(&emulator).await;
        let topic_arn = account.topic(names.topic).await;
        let (queue_url, queue_arn) = account.queue(QUEUE).await;
        let allow = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
            "Resource": queue_arn, "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
        }]});
        let set = account.sqs.set_queue_attributes().queue_url(&queue_url);
        set.attributes(QueueAttributeName::Policy, allow.to_string()).send().await.unwrap();
        account.subscribe(&topic_arn, "sqs", &queue_arn).await;

        account.s3.create_bucket().bucket(names.bucket).send().await.unwrap();
        let function_arn = function(&emulator, &account, names, &topic_arn).await;
        let pipeline = Self { emulator, account, names, topic_arn, queue_url, function_arn };
        pipeline.keep_versions(BucketVersioningStatus::Enabled).await;
        pipeline.wire().await;
        pipeline
    }

    /// Whether the bucket keeps versions.
    pub(crate) async fn keep_versions(&self, status: BucketVersioningStatus) {
        let versions = VersioningConfiguration::builder().status(status).build();
        let put = self.account.s3.put_bucket_versioning().bucket(self.names.bucket);
        put.versioning_configuration(versions).send().await.unwrap();
    }

    /// The bucket invokes the function.
    pub(crate) async fn wire(&self) {
        self.account.notify(self.names.bucket, Some(&self.function_arn)).await;
    }

    /// The bucket invokes nothing.
    pub(crate) async fn unwire(&self) {
        self.account.notify(self.names.bucket, None).await;
    }

    /// The next message that the queue got: SNS's envelope and the notification in it.
    pub(crate) async fn told(&self) -> (Value, Value) {
        let envelope = self.account.next(&self.queue_url).await;
        let notification = serde_json::from_str(envelope["Message"].as_str().unwrap()).unwrap();
        (envelope, notification)
    }

    /// The next event that the function failed to handle, as Lambda hands it on.
    pub(crate) async fn failure(&self) -> Value {
        let url = self.account.sqs.get_queue_url().queue_name(FAILURES).send().await.unwrap().queue_url.unwrap();
        self.account.next(&url).await
    }

    /// Gives the function another topic.
    pub(crate) async fn publish_to(&self, topic_arn: &str) {
        let update = self.account.lambda.update_function_configuration().function_name(self.names.function);
        update.environment(environment(&self.emulator, topic_arn)).send().await.unwrap();
    }
}

impl Pipeline {
    /// Makes the function one in Python, of a kind that `tests/functions/kinds.py` has.
    pub(crate) async fn run_python(&self, kind: &str) {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join("code.zip");
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/functions/kinds.py");
        let zip = Command::new(tool("python")).args(["-m", "zipfile", "-c"]).arg(&archive).arg(source).status();
        assert!(zip.unwrap().success());
        let function = &self.account.lambda;
        let code = function.update_function_code().function_name(self.names.function);
        code.zip_file(Blob::new(std::fs::read(archive).unwrap())).send().await.unwrap();
        let variables = Environment::builder().variables("KIND", kind).variables("SNS_TOPIC_ARN", &self.topic_arn);
        let update = function.update_function_configuration().function_name(self.names.function);
        let update = update.runtime(Runtime::Python313).handler("kinds.handler").environment(variables.build());
        update.send().await.unwrap();
    }

    /// The next message that the queue got, whatever is in it.
    pub(crate) async fn message(&self) -> String {
        self.account.next(&self.queue_url).await["Message"].as_str().unwrap().to_owned()
    }
}

/// Makes the function with everything that invoking it needs; its ARN.
async fn function(emulator: &Emulator, account: &Account, names: Names, topic_arn: &str) -> String {
    account.s3.create_bucket().bucket("code").send().await.unwrap();
    let code = ByteStream::from_path(archive()).await.unwrap();
    account.s3.put_object().bucket("code").key("bootstrap.zip").body(code).send().await.unwrap();
    let create = account
        .lambda
        .create_function()
        .function_name(names.function)
        .description(imgwatch_shared::function::DESCRIPTION)
        .runtime(Runtime::Providedal2023)
        .handler("bootstrap")
        .role(format!("arn:aws:iam::{}:role/image-uploads", account.id))
        .code(FunctionCode::builder().s3_bucket("code").s3_key("bootstrap.zip").build())
        .environment(environment(emulator, topic_arn))
        .logging_config(LoggingConfig::builder().log_format(LogFormat::Json).build())
        .timeout(60);
    let arn = create.send().await.unwrap().function_arn.unwrap();

    let allow = account.lambda.add_permission().function_name(names.function).statement_id("bucket");
    let allow = allow.action("lambda:InvokeFunction").principal("s3.amazonaws.com").source_account(&account.id);
    allow.source_arn(format!("arn:aws:s3:::{}", names.bucket)).send().await.unwrap();

    let (_, failures_arn) = account.queue(FAILURES).await;
    let on_failure = OnFailure::builder().destination(failures_arn).build();
    let destination = DestinationConfig::builder().on_failure(on_failure).build();
    let put = account.lambda.put_function_event_invoke_config().function_name(names.function);
    put.maximum_retry_attempts(2).destination_config(destination).send().await.unwrap();
    arn
}

fn environment(emulator: &Emulator, topic_arn: &str) -> Environment {
    // ministack gives a function of its own runtime no endpoint; AWS needs none.
    let environment = Environment::builder().variables("AWS_ENDPOINT_URL", &emulator.endpoint);
    environment.variables("SNS_TOPIC_ARN", topic_arn).build()
}

/// The function's deployment package.
fn archive() -> &'static Path {
    static ARCHIVE: OnceLock<PathBuf> = OnceLock::new();
    ARCHIVE.get_or_init(|| {
        let built = Path::new(env!("CARGO_BIN_EXE_imgwatch")).with_file_name("bootstrap");
        let program = std::env::var_os("IMGWATCH_BOOTSTRAP").map_or(built, PathBuf::from);
        assert!(program.exists(), "{} is missing; .ci/peers builds it", program.display());
        let archive = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bootstrap.zip");
        // Python's keeps the permission to execute, and puts the program at the archive's root by its name.
        let zip = Command::new(tool("python")).args(["-m", "zipfile", "-c"]).arg(&archive).arg(&program).status();
        assert!(zip.unwrap().success());
        archive
    })
}
