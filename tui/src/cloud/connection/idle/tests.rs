use super::*;

fn exchange(progress: &watch::Sender<Progress>) -> Arc<Exchange> {
    Arc::new(Exchange::new("s3.example".to_owned(), Duration::from_secs(15), Some(progress.clone())))
}

#[tokio::test(start_paused = true)]
async fn time_counts_since_the_last_byte_that_moved() {
    let progress = watch::Sender::default();
    let (exchange, waits) = (exchange(&progress), || progress.borrow().waits.len());
    let of_task = Arc::clone(&exchange);
    let stalled = tokio::spawn(async move { of_task.stalls().await });
    for _ in 0..20 {
        sleep(Duration::from_secs(4)).await;
        exchange.sent(100);
        assert_eq!((stalled.is_finished(), waits()), (false, 0), "it moves, however slowly");
    }
    sleep(Duration::from_secs(6)).await;
    assert_eq!(waits(), 1);
    exchange.sent(100);
    assert_eq!(waits(), 0, "it goes on");
    let began = Instant::now();
    let stalled = stalled.await.unwrap();
    assert!((15..17).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    assert!(stalled.to_string().starts_with("no data from s3.example for 15"), "{stalled}");
}

#[tokio::test(start_paused = true)]
async fn what_was_handed_over_has_time_to_leave_this_machine() {
    let exchange = exchange(&watch::Sender::default());
    exchange.sent(16 * 1024 * 1024);
    let began = Instant::now();
    exchange.stalls().await;
    assert!((50..60).contains(&began.elapsed().as_secs()), "1 MiB at 27 KiB/s: {:?}", began.elapsed());
}
