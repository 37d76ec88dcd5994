use super::*;

fn transfer(size: u64, sent: u64, state: TransferState) -> Transfer {
    let key = ObjectKey::Own { prefix: String::new() };
    Transfer {
        id: UploadId(1),
        upload: Upload { source: UploadSource::TestImage, key, replace: false },
        key: "k".into(),
        size: Some(size),
        sent,
        began: Timestamp::UNIX_EPOCH,
        moved: Timestamp::UNIX_EPOCH,
        state,
    }
}

#[test]
fn a_queue_counts_what_is_stored_of_all_and_measures_what_is_left() {
    let transfers = [
        transfer(100, 100, TransferState::Stored),
        transfer(100, 50, TransferState::Sending),
        transfer(200, 0, TransferState::Queued),
        transfer(900, 10, TransferState::Cancelled),
    ];
    let queue = Queue::of(&transfers).unwrap();
    assert_eq!((queue.stored, queue.files, queue.left, queue.sent, queue.bytes), (1, 4, 2, 150, 400));
    let now = Timestamp::from_second(3).unwrap();
    // At 50 bytes a second the rest takes 5 s; at a file in 3 s, two more take 6.
    assert_eq!((queue.rate(now), queue.left_ms(now)), (50, Some(6_000)));
    assert_eq!(Queue::of(&transfers[..1]), None, "nothing is under way");
}

#[test]
fn a_key_ends_as_a_plain_file_name() {
    let cases = [
        ("photos/2026/cat.png", "cat.png"),
        ("cat.png", "cat.png"),
        ("写真/東京 タワー.png", "東京 タワー.png"),
        ("../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("a/", "a"),
        ("a/..", "a"),
        ("a/b/../", "b"),
        ("..", "object"),
        ("/", "object"),
        ("a/ ", "a"),
        ("a\\..\\b", "a_.._b"),
        ("\u{1b}]0;x\u{7}\n.png", "_]0;x__.png"),
        ("\u{202e}gnp.exe", "_gnp.exe"),
        ("a/nul\0.png", "nul_.png"),
    ];
    for (key, name) in cases {
        assert_eq!(file_name(key), name, "{key:?}");
    }
    let long = file_name(&format!("{}.png", "é".repeat(300)));
    assert!(long.len() <= NAME_MOST && long.ends_with("é.png"), "{long}");
}
