use super::*;
use crate::cloud::objects::preview::tests::{before, connected, local};
use crate::domain::transfer::Destination;

#[tokio::test]
async fn an_object_that_stops_coming_is_not_waited_for_and_what_has_come_is_kept_until_it_is_given_up() {
    let cloud = local().await;
    let (connection, _heard) = connected(&before(&cloud).await, Some(Duration::from_millis(300)));
    let place = tempfile::tempdir().unwrap();
    let to = Destination::Path(place.path().to_owned());
    let download = Download { key: "cat.png".into(), version_id: None, e_tag: Some("e".into()), to, replace: false };
    let Ok(mut sink) = file::open(&download).await else { panic!("the file can be made") };
    let clients = connection.cloud().await.unwrap();
    let mut fetch = Fetch::new(&clients, DownloadId(1), &download, &connection.progress);
    let Err(Stop::Failed(problem)) = fetch.more(&mut sink).await else { panic!("it is given up") };
    let told = problem.to_string();
    assert!(told.starts_with("cannot download cat.png from bucket images: no data from 127.0.0.1:"), "{told}");
    assert!(told.ends_with(" for 300 ms; check the network, then download it again"), "{told}");
    assert!(problem.is_transient(), "it is asked again");
    assert_eq!((fetch.got, fetch.size), (5, Some(1_000)));
    assert_eq!(connection.progress.borrow().downloads.get(&DownloadId(1)), Some(&(5, 1_000)));
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
    drop(sink);
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
    connection.stop.cancel();
    cloud.stop().await;
}
