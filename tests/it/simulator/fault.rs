//! Every way to misbehave can be seen by a client, and does or does not do what
//! was asked.

use std::time::Duration;

use simulator::{Endpoint, Fault, FaultKind, Options};

use crate::simulator::{Bench, counter};

/// A simulator with entries a to z and this fault, which strikes each request.
async fn with(kind: FaultKind) -> Bench {
    let bench =
        Bench::start(Options { faults: vec![Fault::new(kind)], ..Options::default() }).await;
    for guid in 'a'..='z' {
        bench.simulator.uzhkh().push_request(counter(&guid.to_string(), "--1"));
    }
    bench
}

#[tokio::test]
async fn refusals_do_nothing() {
    for (kind, status, header) in [
        (FaultKind::Error500, 500, None),
        (FaultKind::Unavailable { retry_after_seconds: 7 }, 503, Some(("retry-after", "7"))),
        (FaultKind::TooMany, 429, None),
        (FaultKind::Forbidden, 403, None),
        (FaultKind::Html, 200, Some(("content-type", "text/html; charset=utf-8"))),
        (FaultKind::Redirect, 302, Some(("location", "/simulator/redirected"))),
    ] {
        let bench = with(kind.clone()).await;
        let response = bench.request("To1c/Delete?guid=a").send().await.unwrap();
        assert_eq!(response.status(), status, "{kind}");
        if let Some((name, value)) = header {
            assert_eq!(response.headers()[name], value, "{kind}");
        }
        let report = bench.report();
        assert_eq!((report.waiting_requests, report.faults[&kind.to_string()]), (26, 1), "{kind}");
    }
}

#[tokio::test]
async fn a_followed_redirect_is_a_violation() {
    let bench = with(FaultKind::Redirect).await;
    let follower = crate::support::http_client().build().unwrap();
    let url = format!("{}To1c/Requests", bench.simulator.base_url());
    follower.get(url).bearer_auth("simulator-token").send().await.unwrap();
    assert_eq!(bench.report().violations, ["a redirect was followed"]);
}

#[tokio::test]
async fn a_connection_can_close_before_or_after_the_effect() {
    for (kind, left) in [(FaultKind::ResetBefore, 26), (FaultKind::LostAnswer, 25)] {
        let bench = with(kind.clone()).await;
        assert!(bench.request("To1c/Delete?guid=a").send().await.is_err(), "{kind}");
        assert_eq!(bench.simulator.uzhkh().queue_len(), left, "{kind}");
    }
}

#[tokio::test]
async fn a_body_breaks_off_in_the_middle() {
    for kind in [FaultKind::CutBody, FaultKind::CutAnnounced] {
        let bench = with(kind.clone()).await;
        for path in ["To1c/Requests", "Synchronization/DownloadFlats", "SetId"] {
            let mut response = bench.request(path).send().await.unwrap();
            let announced = response.headers().contains_key("content-length");
            assert_eq!(announced, kind == FaultKind::CutAnnounced, "{path}");
            let mut got = 0;
            let broken = loop {
                match response.chunk().await {
                    Ok(Some(bytes)) => got += bytes.len(),
                    Ok(None) => break false,
                    Err(_) => break true,
                }
            };
            assert!(broken && got > 0, "{kind} {path}: {got} bytes");
        }
        let answer = bench.request("To1c/Delete?guid=a").send().await.unwrap();
        assert!(answer.bytes().await.is_err(), "{kind}");
        assert_eq!(bench.simulator.uzhkh().queue_len(), 25);
    }
}

#[tokio::test]
async fn an_answer_never_comes_or_never_ends() {
    let patience = Duration::from_millis(300);
    let bench = with(FaultKind::Stall).await;
    let stalled = bench.request("To1c/Delete?guid=a").timeout(patience).send().await;
    assert!(stalled.unwrap_err().is_timeout());
    assert_eq!(bench.simulator.uzhkh().queue_len(), 26);

    let bench = with(FaultKind::StallBody).await;
    let mut response = bench.request("To1c/Requests").timeout(patience).send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert!(!response.chunk().await.unwrap().unwrap().is_empty());
    let error = loop {
        if let Err(error) = response.chunk().await {
            break error;
        }
    };
    assert!(error.is_timeout());
}

#[tokio::test]
async fn drops_and_marks_and_twins_are_still_the_whole_answer() {
    let plain = with(FaultKind::Duplicate).await;
    let (_, doubled) = plain.get("To1c/Requests").await;
    plain.simulator.uzhkh().clear_faults();
    let (_, whole) = plain.get("To1c/Requests").await;
    let doubled: Vec<serde_json::Value> = serde_json::from_str(&doubled).unwrap();
    assert!(doubled.len() > 26);
    assert_eq!(doubled[0], doubled[1]);

    let drip = with(FaultKind::Drip).await;
    let mut response = drip.request("To1c/Requests").send().await.unwrap();
    let (mut text, mut pieces) = (Vec::new(), 0);
    while let Some(bytes) = response.chunk().await.unwrap() {
        text.extend_from_slice(&bytes);
        pieces += 1;
    }
    assert_eq!(text, whole.as_bytes());
    assert!(pieces > 10, "{pieces} pieces");

    let marked = with(FaultKind::Bom).await;
    let bytes = marked.request("To1c/Requests").send().await.unwrap().bytes().await.unwrap();
    assert_eq!(bytes, ["\u{feff}", &whole].concat().as_bytes());
}

#[tokio::test]
async fn a_word_on_demand_does_nothing_but_success() {
    let bench = with(FaultKind::Word("notFound".to_owned())).await;
    let call = "SetId?uzhkId=--1&externalId=P&type=counter";
    assert_eq!(bench.word(call).await, (404, "notFound".to_owned()));
    assert_eq!(bench.simulator.uzhkh().current_id("counter", "--1"), "--1");
    bench.simulator.uzhkh().clear_faults();
    bench.simulator.uzhkh().inject(Fault::new(FaultKind::Word("success".to_owned())));
    assert_eq!(bench.word(call).await, (200, "success".to_owned()));
    assert_eq!(bench.simulator.uzhkh().current_id("counter", "--1"), "P");
    let answers: Vec<String> = bench.report().set_ids.into_iter().map(|call| call.answer).collect();
    assert_eq!(answers, ["notFound", "success"]);
}

#[tokio::test]
async fn faults_know_their_place_and_number() {
    let bench = Bench::empty().await;
    let fault = Fault::new(FaultKind::Error500).at(Endpoint::SetId).times(2);
    bench.simulator.uzhkh().inject(fault);
    assert_eq!(bench.get("To1c/Requests").await.0, 200);
    let statuses =
        [bench.get("SetId").await.0, bench.get("SetId").await.0, bench.get("SetId").await.0];
    assert_eq!(statuses, [500, 500, 404]);
}

#[tokio::test]
async fn latency_overlaps_and_shows_how_many_deletes_do() {
    let bench = with(FaultKind::Bom).await;
    bench.simulator.uzhkh().set_latency(Duration::from_millis(100));
    let (a, b, c) = tokio::join!(
        bench.get("To1c/Delete?guid=a"),
        bench.get("To1c/Delete?guid=b"),
        bench.get("To1c/Delete?guid=c"),
    );
    assert_eq!((a.0, b.0, c.0), (200, 200, 200));
    assert_eq!(bench.report().max_concurrent_deletes, 3);
}

#[test]
fn faults_are_read_from_text() {
    let fault: Fault = "lost_answer=0.05".parse().unwrap();
    assert_eq!(fault, Fault::new(FaultKind::LostAnswer).likely(0.05));
    let fault: Fault = "forbidden@Delete=1x3".parse().unwrap();
    assert_eq!(fault, Fault::new(FaultKind::Forbidden).at(Endpoint::Delete).times(3));
    let fault: Fault = "unavailable:30@download=0.5".parse().unwrap();
    let kind = FaultKind::Unavailable { retry_after_seconds: 30 };
    assert_eq!(fault, Fault::new(kind).at(Endpoint::Download).likely(0.5));
    assert_eq!("word:error=1".parse::<Fault>().unwrap().kind, FaultKind::Word("error".to_owned()));
    for (text, word) in [
        ("lost_answer", "lacks =PROBABILITY"),
        ("lost=1", "unknown fault"),
        ("error_500@Nowhere=1", "unknown endpoint"),
        ("error_500=2", "between 0 and 1"),
        ("error_500=1x", "number of times"),
        ("word:nothing=1", "comes one of"),
        ("word:error@Delete=1", "cannot happen at Delete"),
        ("stall:3=1", "takes no argument"),
    ] {
        let error = text.parse::<Fault>().unwrap_err();
        assert!(error.contains(word), "{text}: {error}");
    }
}
