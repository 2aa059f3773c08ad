//! When to ask again, and when not any more.

use std::time::Duration;

use proptest::prelude::*;
use uzhkh_ledger::http::{Backoff, Class, Deadline, Sent};

use crate::http::server::{Server, answer, close};
use crate::http::{QUERY, RETRY, calm, upstream_of, words};

#[tokio::test]
async fn retry_after_is_read_as_seconds_and_as_a_date_and_capped() {
    let date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: ";
    for (header, after) in [
        ("Retry-After: 7", Some(7)),
        ("Retry-After: 0", Some(0)),
        ("Retry-After:  99999999999999999999999 ", Some(900)),
        ("Retry-After: 901", Some(900)),
        (&format!("{date}Sun, 06 Nov 1994 08:50:37 GMT"), Some(60)),
        (&format!("{date}Sun, 06 Nov 1994 08:00:00 GMT"), Some(0)),
        (&format!("{date}Mon, 07 Nov 1994 08:49:37 GMT"), Some(900)),
        ("Retry-After: Sun, 06 Nov 1994 08:50:37 GMT", Some(0)),
        ("Retry-After: soon", None),
        ("Retry-After: -3", None),
        ("Retry-After: ", None),
        ("X: y", None),
    ] {
        let server = Server::start(vec![answer("503 Busy", &format!("{header}\r\n"), "")]).await;
        let upstream = upstream_of(&server, &calm(), &Deadline::none());
        let error = upstream.get("Requests", "x", QUERY).await.unwrap_err();
        assert_eq!(
            error.class(),
            Class::Retry { after: after.map(Duration::from_secs) },
            "{header}"
        );
        assert_eq!((error.status(), error.sent()), (Some(503), Sent::Answered));
        words(&error);
    }
}

#[tokio::test]
async fn patience_repeats_what_may_pass() {
    let busy = answer("503 Busy", "Retry-After: 0\r\n", "");
    let server = Server::start(vec![busy, close(""), answer("200 OK", "", "b0dy")]).await;
    let upstream = upstream_of(&server, &calm(), &Deadline::none());
    let answer = upstream.get_patiently("Requests", "x", QUERY).await.unwrap();
    assert_eq!(answer.text(9).await.unwrap(), "b0dy");
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn a_short_retry_after_is_sat_out() {
    let busy = answer("429 Too Many", "Retry-After: 1\r\n", "");
    let server = Server::start(vec![busy, answer("200 OK", "", "")]).await;
    let upstream = upstream_of(&server, &calm(), &Deadline::of_pass());
    let began = std::time::Instant::now();
    assert_eq!(upstream.get_patiently("Requests", "x", QUERY).await.unwrap().status(), 200);
    // Not how fast we are: that what was asked for was waited for.
    assert!(began.elapsed() >= Duration::from_secs(1));
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn one_pass_does_not_sit_out_a_long_retry_after() {
    let server = Server::start(vec![answer("503 Busy", "Retry-After: 6\r\n", "")]).await;
    let upstream = upstream_of(&server, &calm(), &Deadline::of_pass());
    let error = upstream.get_patiently("Requests", "x", QUERY).await.unwrap_err();
    assert_eq!(error.class(), Class::Retry { after: Some(Duration::from_secs(6)) });
    assert_eq!(words(&error), "uzhkh: Requests: HTTP 503; it asks to wait 6s");
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn one_pass_retries_twice_and_then_gives_a_dead_upstream_up() {
    let server = Server::start(vec![close("")]).await;
    let upstream = upstream_of(&server, &calm(), &Deadline::of_pass());
    let error = upstream.get_patiently("Requests", "x", QUERY).await.unwrap_err();
    assert_eq!((error.class(), error.sent()), (RETRY, Sent::Maybe));
    assert_eq!(server.requests(), 3);
    for given_up in [
        upstream.get("DeletedItems", "x", QUERY).await.unwrap_err(),
        upstream.get_any_status("SetId", "x", QUERY).await.unwrap_err(),
        upstream.get_patiently("DeletedItems", "x", QUERY).await.unwrap_err(),
    ] {
        assert_eq!((given_up.class(), given_up.sent()), (RETRY, Sent::No));
        assert!(words(&given_up).contains("given up for this pass"), "{given_up}");
    }
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn one_pass_is_not_given_up_for_an_answer_it_does_not_like() {
    let server = Server::start(vec![answer("500 Error", "", "")]).await;
    let upstream = upstream_of(&server, &calm(), &Deadline::of_pass());
    for _ in 0..2 {
        let error = upstream.get_patiently("Requests", "x", QUERY).await.unwrap_err();
        assert_eq!(error.status(), Some(500));
    }
    assert_eq!(server.requests(), 6);
}

proptest! {
    #[test]
    fn backoff_stays_within_its_bounds(
        base in 0_u64..10_000, cap in 0_u64..1_000_000, attempt: u32, seed: u64,
        after in proptest::option::of(0_u64..1_000_000),
    ) {
        let backoff = Backoff { base: Duration::from_millis(base), cap: Duration::from_millis(cap) };
        let mut rng = fastrand::Rng::with_seed(seed);
        let ceiling = backoff.ceiling(attempt);
        prop_assert!(ceiling <= backoff.cap);
        prop_assert!(ceiling <= backoff.ceiling(attempt.saturating_add(1)));
        prop_assert!(backoff.delay(attempt, &mut rng) <= ceiling);
        let after = after.map(Duration::from_millis);
        let delay = backoff.delay_after(attempt, after, &mut rng);
        prop_assert!(delay >= after.unwrap_or_default());
        prop_assert!(delay <= ceiling.max(after.unwrap_or_default()));
    }
}

#[test]
fn backoff_doubles_up_to_its_cap() {
    let backoff = Backoff::default();
    let ceilings: Vec<u128> = (0..12).map(|attempt| backoff.ceiling(attempt).as_millis()).collect();
    assert_eq!(
        ceilings,
        [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000]
    );
}
