//! The limit against servers that are made up: each answers after a time that depends on how
//! much it is asked, and the clock is moved by hand.

use proptest::prelude::*;

use super::*;

/// A server that works at so many requests at once, each for so long, and has a limit of
/// requests under way beyond which it answers 429.
#[derive(Debug, Clone, Copy)]
struct Server {
    latency: Duration,
    /// How many it answers in a second at most.
    a_second: u32,
    refuses_above: usize,
}

impl Server {
    fn quick(latency: u64) -> Self {
        Self {
            latency: Duration::from_micros(latency),
            a_second: u32::MAX,
            refuses_above: usize::MAX,
        }
    }
}

/// What came of a while.
#[derive(Debug, Default)]
struct Seen {
    answered: u32,
    refused: u32,
    took: Duration,
    most: usize,
    least: usize,
}

impl Seen {
    fn a_second(&self) -> f64 {
        f64::from(self.answered) / self.took.as_secs_f64()
    }
}

/// Sends so many requests, as many at once as may be, and answers them in turn.
fn drive(limit: &mut Concurrency, now: &mut Instant, server: Server, requests: u32) -> Seen {
    let began = *now;
    let mut seen = Seen { least: usize::MAX, ..Seen::default() };
    let mut under_way = std::collections::VecDeque::new();
    let mut free_at = *now;
    let mut sent = 0;
    while seen.answered + seen.refused < requests {
        while under_way.len() < limit.limit() && sent < requests {
            limit.begun();
            let service = Duration::from_secs(1) / server.a_second;
            free_at = free_at.max(*now) + service;
            let is_refused = under_way.len() >= server.refuses_above;
            let ends = free_at.max(*now + server.latency);
            under_way.push_back((*now, ends, is_refused));
            sent += 1;
            seen.most = seen.most.max(under_way.len());
        }
        let Some((sent_at, ends, is_refused)) = under_way.pop_front() else { break };
        *now = (*now).max(ends);
        if is_refused {
            seen.refused += 1;
            limit.ended(sent_at, *now, Load::TooMuch);
        } else {
            seen.answered += 1;
            limit.ended(sent_at, *now, Load::Borne);
        }
        seen.least = seen.least.min(limit.limit());
    }
    seen.took = *now - began;
    seen
}

fn start() -> (Concurrency, Instant) {
    let now = Instant::now();
    (Concurrency::new(now), now)
}

#[test]
fn a_server_that_is_far_away_gets_as_many_as_may_be() {
    for latency in [5_000, 20_000, 100_000] {
        let (mut limit, mut now) = start();
        let seen = drive(&mut limit, &mut now, Server::quick(latency), 20_000);
        let best = MOST as f64 / Duration::from_micros(latency).as_secs_f64();
        assert!(seen.a_second() >= 0.95 * best, "{latency}: {seen:?}");
        assert_eq!(seen.most, MOST);
    }
}

#[test]
fn what_only_waits_in_line_is_not_sent() {
    // Five thousand a second at 300 µs: two at once are enough.
    let (mut limit, mut now) = start();
    let server = Server { latency: Duration::from_micros(300), a_second: 5000, ..Server::quick(0) };
    drive(&mut limit, &mut now, server, 20_000);
    let seen = drive(&mut limit, &mut now, server, 20_000);
    assert!(seen.a_second() >= 0.95 * 5000.0, "{seen:?}");
    assert!(seen.most <= 36, "{seen:?}");
}

#[test]
fn a_server_that_becomes_slower_for_good_is_believed_after_a_while() {
    let (mut limit, mut now) = start();
    drive(&mut limit, &mut now, Server::quick(5_000), 20_000);
    drive(&mut limit, &mut now, Server::quick(50_000), 20_000);
    let seen = drive(&mut limit, &mut now, Server::quick(50_000), 20_000);
    assert!(seen.a_second() >= 0.95 * MOST as f64 / 0.05, "{seen:?}");
}

#[test]
fn refusals_halve_it_and_it_stays_below_them_for_a_while() {
    let (mut limit, mut now) = start();
    drive(&mut limit, &mut now, Server::quick(20_000), 5_000);
    assert_eq!(limit.limit(), MOST);
    limit.begun();
    limit.ended(now, now, Load::TooMuch);
    assert_eq!(limit.limit(), MOST / 2);
    let seen = drive(&mut limit, &mut now, Server::quick(20_000), 300);
    assert!(seen.most <= MOST - MOST / 8, "{seen:?}");
    let server = Server { refuses_above: 20, ..Server::quick(20_000) };
    drive(&mut limit, &mut now, server, 2_000);
    let seen = drive(&mut limit, &mut now, server, 20_000);
    assert!(f64::from(seen.refused) < 0.02 * f64::from(seen.answered), "{seen:?}");
    assert!(seen.most <= 23, "{seen:?}");
    assert!(seen.a_second() >= 0.7 * 20.0 / 0.02, "{seen:?}");
}

#[test]
fn many_refusals_of_one_moment_count_once() {
    let (mut limit, now) = start();
    let sent = now + Duration::from_millis(1);
    for _ in 0..FIRST {
        limit.begun();
    }
    for _ in 0..FIRST {
        limit.ended(sent, sent + Duration::from_millis(9), Load::TooMuch);
    }
    assert_eq!(limit.limit(), FIRST / 2);
}

#[test]
fn a_limit_that_is_never_reached_does_not_grow() {
    let (mut limit, mut now) = start();
    for _ in 0..10_000 {
        limit.begun();
        let sent = now;
        now += Duration::from_millis(20);
        limit.ended(sent, now, Load::Borne);
    }
    assert_eq!(limit.limit(), FIRST);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn it_stays_within_its_bounds_whatever_comes(
        answers in proptest::collection::vec((0_u64..200_000, 0_u64..400_000, 0_u8..12), 1..3000)
    ) {
        let (mut limit, mut now) = start();
        for (later, latency, load) in answers {
            limit.begun();
            let sent = now;
            now += Duration::from_micros(later);
            let ended = sent + Duration::from_micros(latency);
            let load = match load { 0 => Load::TooMuch, 1 => Load::Unknown, _ => Load::Borne };
            let before = limit.limit();
            limit.ended(sent, ended, load);
            prop_assert!((LEAST..=MOST).contains(&limit.limit()));
            if load == Load::TooMuch {
                prop_assert!(limit.limit() <= before);
            }
            now = now.max(ended);
        }
    }

    #[test]
    fn whatever_the_server_bears_is_used(
        latency in 100_u64..100_000,
        a_second in 200_u32..20_000,
    ) {
        let (mut limit, mut now) = start();
        let latency = Duration::from_micros(latency);
        let server = Server { latency, a_second, ..Server::quick(0) };
        drive(&mut limit, &mut now, server, 20_000);
        let seen = drive(&mut limit, &mut now, server, 20_000);
        let best = f64::from(a_second).min(MOST as f64 / latency.as_secs_f64());
        prop_assert!(seen.a_second() >= 0.95 * best, "{} of {best}: {seen:?}", seen.a_second());
    }
}
