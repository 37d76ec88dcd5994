use super::*;

fn image() -> Image {
    Image {
        bucket: "images".to_owned(),
        key: "cat.png".to_owned(),
        size: 12_595,
        e_tag: Some("d41d8cd98f00b204e9800998ecf8427e".to_owned()),
        version_id: None,
        sequencer: Some("0055AED6DCD90281E5".to_owned()),
        event_name: "ObjectCreated:Put".to_owned(),
        region: "eu-west-1".to_owned(),
        content_type: Some("image/png".to_owned()),
        s3_request_id: Some("C3D13FE58DE4C810".to_owned()),
    }
}

fn time() -> Timestamp {
    "2026-11-23T15:02:11.123Z".parse().unwrap()
}

#[test]
fn one_write_has_one_id() {
    let id = Notification::new(image(), time(), None).id;
    assert_eq!(Notification::new(image(), time(), None).id, id);
    assert_eq!(id.len(), 32);
    // Another request id, as an emulator may invent one for every delivery, is still the same write.
    let redelivered = Image { s3_request_id: None, ..image() };
    assert_eq!(Notification::new(redelivered, time(), Some("arn:aws:s3:::images")).id, id);
}

#[test]
fn another_write_has_another_id() {
    let id = Notification::new(image(), time(), None).id;
    let others = [
        Image { bucket: "image".to_owned(), ..image() },
        Image { key: "Cat.png".to_owned(), ..image() },
        Image { e_tag: None, ..image() },
        Image { e_tag: Some("another".to_owned()), ..image() },
        Image { version_id: image().e_tag, ..image() },
        Image { sequencer: Some("0055AED6DCD90281E6".to_owned()), ..image() },
        Image { sequencer: None, ..image() },
    ];
    for other in others {
        assert_ne!(Notification::new(other.clone(), time(), None).id, id, "{other:?}");
    }
    let later = time() + jiff::SignedDuration::from_millis(1);
    assert_ne!(Notification::new(image(), later, None).id, id);
}

#[test]
fn the_source_is_the_events_arn_or_follows_the_region() {
    let source =
        |region: &str, arn| Notification::new(Image { region: region.to_owned(), ..image() }, time(), arn).source;
    assert_eq!(source("eu-west-1", Some("arn:aws-iso:s3:::images")), "arn:aws-iso:s3:::images");
    assert_eq!(source("eu-west-1", None), "arn:aws:s3:::images");
    assert_eq!(source("cn-north-1", None), "arn:aws-cn:s3:::images");
    assert_eq!(source("us-gov-west-1", None), "arn:aws-us-gov:s3:::images");
}
