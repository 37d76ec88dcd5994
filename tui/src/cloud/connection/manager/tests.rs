use super::*;
use crate::config::file::{Entry, File};

const URL: &str = "http://127.0.0.1:9";

fn settings() -> Settings {
    let entry = Entry { bucket: Some("b".into()), profile: Some("p".into()), ..Entry::default() };
    let file = File { pipelines: [("dev".to_owned(), entry)].into(), ..File::default() };
    Settings { file: Choice { file: Some(file), ..Choice::default() }, ..Settings::default() }
}

fn to(kind: ChoiceKind, name: &str) -> Switch {
    Switch { to: Some((kind, name.into())), region: None }
}

fn start(settings: Settings) -> (Arc<ConnectionManager>, mpsc::Receiver<Update>) {
    let (updates, heard) = mpsc::channel(64);
    let progress = watch::Sender::default();
    let begin = crate::cloud::establish::begin;
    (ConnectionManager::start(settings, Feeds::default(), updates, progress, Handle::current(), begin), heard)
}

#[test]
fn from_a_cloud_of_its_own_the_config_file_still_leads_elsewhere() {
    let own = on(URL, &Settings { bucket: Some("elsewhere".into()), ..settings() });
    assert_eq!((own.bucket.clone(), own.target.is_loopback()), (None, true));
    let dev = switched(&own, &to(ChoiceKind::Pipeline, "dev")).unwrap();
    assert_eq!((dev.bucket.as_deref(), dev.target.profile()), (Some("b"), Some("p")));
    assert_eq!(dev.file.chosen.as_deref(), Some("dev"));
}

#[test]
fn a_pipeline_that_is_not_there_is_a_problem() {
    let problem = switched(&settings(), &to(ChoiceKind::Pipeline, "gone")).unwrap_err();
    assert!(problem.to_string().contains("pipeline gone"), "{problem}");
}

#[tokio::test]
async fn a_switch_that_leads_nowhere_is_reported_on_the_connection_that_goes_on() {
    let (manager, mut heard) = start(Settings { file: settings().file, ..on(URL, &Settings::default()) });
    manager.switch(&to(ChoiceKind::Pipeline, "gone"));
    let mut switched = false;
    loop {
        match heard.recv().await.unwrap() {
            Update::Switched { target, .. } => {
                assert_eq!(target.shown(), "127.0.0.1:9");
                switched = true;
            }
            Update::ActionFailed(problem) => {
                assert!(switched && problem.to_string().contains("pipeline gone"), "{problem}");
                break;
            }
            _ => {}
        }
    }
    manager.stop(LAST_WORDS_OF_PROBE).await;
}

#[cfg(feature = "local")]
#[tokio::test]
async fn who_chooses_something_else_while_the_cloud_starts_stays_there() {
    let (manager, mut heard) = start(on(URL, &Settings::default()));
    tokio::spawn(async move { while heard.recv().await.is_some() {} });
    manager.start_local();
    manager.switch(&Switch { to: None, region: Some("eu-west-1".into()) });
    while manager.embedded.lock().await.is_none() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(manager.current().settings.target.region(), Some("eu-west-1"));
    manager.start_local();
    while manager.current().settings.target.region().is_some() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_ne!(manager.current().settings.target.name().shown(), "127.0.0.1:9", "asked again, it is gone on with");
    manager.stop(LAST_WORDS_OF_PROBE).await;
}
