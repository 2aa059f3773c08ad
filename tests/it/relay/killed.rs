//! kill -9 of the service and of the server at any moment, and answers that are lost: each row
//! is there once in the end.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use fastrand::Rng;

use super::copy::{Copy, LEDGER};
use super::server::PASSWORD;
use crate::support::entities::{account, counter, envelope};
use crate::support::{Bench, chance, setup, wait_until};

/// Has something happen to the ledger: what is new, what differs, what goes.
fn stir(bench: &Bench, chance: &mut Rng, times: u32) {
    for _ in 0..times {
        let guid = format!("{:016x}", chance.u64(..));
        let id = format!("c{}", chance.u32(0..60));
        match chance.u32(0..10) {
            0 => drop(bench.uzhkh().push_deletion("counter", &id)),
            1..=5 => {
                let value = format!("{}.{:02}", chance.u32(10..99), chance.u32(0..100));
                let counter = counter(&id).replace("10.50", &value);
                bench.uzhkh().push_request(envelope(&guid, "Counter", &counter));
            }
            _ => {
                let account = account(&format!("a{guid}"));
                bench.uzhkh().push_request(envelope(&guid, "Account", &account));
            }
        }
    }
}

fn kills(copy: &mut Copy, services: u32, servers: u32) {
    let mut chance = chance("relay kills");
    let bench = copy.setup("batch = 4").start();
    let every = services / servers;
    for round in 0..services {
        stir(&bench, &mut chance, 30);
        if round > 0 && chance.u32(0..8) == 0 {
            assert_eq!(bench.run(&["relay", "backfill"]).code, Some(0));
        }
        let rows = "SELECT count(*) + (SELECT sum(seq + coalesce(length(backfill), 0)) \
                    FROM @.ledger) FROM @.change";
        let before = copy.one_or_none(rows);
        let daemon = bench.daemon();
        wait_until("something to come", || copy.one_or_none(rows) != before);
        // From here on steps follow each other closely.
        for _ in 0..chance.u32(0..6) {
            copy.one_or_none(rows);
        }
        if round % every == 0 {
            copy.server.kill();
            copy.server.run();
            copy.reconnect();
        }
        daemon.kill();
    }
    bench.pass();
    bench.pass();
    copy.assert_same(&bench, LEDGER);
    bench.verified();
}

#[test]
fn kills_of_service_and_server_lose_nothing_and_repeat_nothing() {
    let Some(mut copy) = Copy::alone("kills") else { return };
    kills(&mut copy, 15, 3);
}

#[test]
#[ignore = "takes minutes: 200 kills of the service, 50 of the server"]
fn two_hundred_kills_lose_nothing_and_repeat_nothing() {
    let Some(mut copy) = Copy::alone("kills") else { return };
    kills(&mut copy, 200, 50);
}

/// A way to the server on which answers to COMMIT are lost.
struct Lossy {
    address: SocketAddr,
    lost: Arc<AtomicU32>,
}

impl Lossy {
    /// The answers to COMMIT that are lost: of every third one.
    fn start(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let lost = Arc::new(AtomicU32::new(0));
        let (counted, commits) = (Arc::clone(&lost), Arc::new(AtomicU32::new(0)));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // The server may be gone by the end of the test.
                let Ok(server) = TcpStream::connect(("localhost", port)) else { continue };
                pass_on(client, server, &commits, &counted);
            }
        });
        Self { address, lost }
    }
}

fn pass_on(client: TcpStream, server: TcpStream, commits: &Arc<AtomicU32>, lost: &Arc<AtomicU32>) {
    let is_lost = Arc::new(AtomicBool::new(false));
    let (mut from_client, mut to_server) =
        (client.try_clone().unwrap(), server.try_clone().unwrap());
    let (commits, lost, loses) = (Arc::clone(commits), Arc::clone(lost), Arc::clone(&is_lost));
    std::thread::spawn(move || {
        let mut bytes = vec![0; 1 << 16];
        while let Ok(count @ 1..) = from_client.read(&mut bytes) {
            let is_commit = memchr::memmem::find(&bytes[..count], b"COMMIT").is_some();
            if is_commit && commits.fetch_add(1, Ordering::Relaxed) % 3 == 2 {
                lost.fetch_add(1, Ordering::Relaxed);
                loses.store(true, Ordering::SeqCst);
            }
            if to_server.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        // The other side may have gone already.
        drop(to_server.shutdown(Shutdown::Both));
    });
    std::thread::spawn(move || {
        let (mut from_server, mut to_client) = (server, client);
        let mut bytes = vec![0; 1 << 16];
        while let Ok(count @ 1..) = from_server.read(&mut bytes) {
            if is_lost.load(Ordering::SeqCst) || to_client.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        for stream in [&from_server, &to_client] {
            drop(stream.shutdown(Shutdown::Both));
        }
    });
}

#[test]
fn lost_answers_to_a_commit_repeat_nothing() {
    let Some(copy) = Copy::new("lossy") else { return };
    let lossy = Lossy::start(copy.server.port());
    let url = format!("postgres://postgres:{PASSWORD}@{}/postgres?sslmode=disable", lossy.address);
    let section = copy.section_of(&url, LEDGER, "batch = 3");
    let bench = setup().every_second().section(&section).start();
    let mut chance = chance("lost answers");
    stir(&bench, &mut chance, 60);
    let daemon = bench.daemon();
    wait_until("answers to be lost", || lossy.lost.load(Ordering::Relaxed) >= 4);
    wait_until("the queue to be drained", || bench.uzhkh().queue_len() == 0);
    copy.wait(&bench, LEDGER);
    let log = daemon.stop();
    assert!(!log.contains(PASSWORD), "{log}");
    copy.assert_same(&bench, LEDGER);
}

#[test]
fn a_restore_in_the_middle_ends_in_what_was_restored() {
    let Some(copy) = Copy::new("middle") else { return };
    let bench = copy.setup("batch = 2").start();
    let mut chance = chance("restore in the middle");
    stir(&bench, &mut chance, 20);
    bench.pass();
    let backup = bench.file("backup.db").to_str().unwrap().to_owned();
    assert_eq!(bench.run(&["backup", &backup]).code, Some(0));
    stir(&bench, &mut chance, 40);
    let changes = "SELECT count(*) FROM @.change";
    let before = copy.one(changes);
    let daemon = bench.daemon();
    wait_until("something to come", || copy.one(changes) != before);
    daemon.kill();
    let restored = bench.run(&["restore", &backup, "--yes"]);
    assert_eq!(restored.code, Some(0), "{}", restored.stderr);
    bench.pass();
    let undone = bench.lines("SELECT id FROM record");
    let undone: Vec<String> = undone.iter().map(|id| format!("'{id}'")).collect();
    copy.lines(&format!(
        "DELETE FROM @.record WHERE deleted_at IS NOT NULL AND epoch = 1 AND id NOT IN ({})",
        undone.join(",")
    ));
    copy.assert_same(&bench, LEDGER);
    assert_eq!(copy.one("SELECT epoch FROM @.ledger"), "2");
}
