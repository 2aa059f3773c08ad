//! A ledger with something of everything that an operator decides about.

use crate::support::entities::{counter, envelope, object};
use crate::support::{Bench, setup};

/// A time for which keys can be booked.
pub(crate) const AT: &str = "2099-06-11T10:00";

/// Two entries that cannot be understood (1 and 2), two ids that are only reserved (objects
/// --7 and --8), two calls in doubt, a unit in Alma (o2) and two that are held (o1 and o3).
pub(crate) fn bench() -> Bench {
    let bench = setup()
        .every_second()
        .section(
            "[macrocrm]\nbase_url = \"http://127.0.0.1:9/\"\ndomain = \"d.example\"\napp_secret = \"s\"\n\
             categories = [\"flat\"]\nschedule = \"0 0 0 1 1 *\"",
        )
        // One after the other, so that Alma gives the same ids each time.
        .alma("concurrency = 1")
        .start();
    let push = |guid: &str, name: &str, entity: &str| {
        bench.uzhkh().push_request(envelope(guid, name, entity));
    };
    push("b1", "Tank", "{}");
    push("b2", "Tank", "{}");
    for id in ["7", "8"] {
        let temporary = format!(r#""FlatId":"--{id}""#);
        let entity = counter(&format!("c{id}")).replace(r#""FlatId":"o1""#, &temporary);
        push(&format!("c{id}"), "Counter", &entity);
    }
    for id in ["o1", "o2", "o3"] {
        let number = format!(r#""FlatNumber":"{id}""#);
        let entity = object(id).replace(r#""FlatNumber":"12""#, &number);
        push(id, "Obj", &entity);
    }
    // MACRO is not there: nothing here is about what it answers.
    bench.once();
    for id in ["o1", "o3"] {
        bench.uzhkh().push_deletion("object", id);
    }
    bench.once();
    for id in ["77", "78"] {
        bench.tamper(&format!(
            "INSERT INTO call (target, op, params, state, attempts, created_at, finished_at, last_error) VALUES \
             ('uzhkh', 'HandleRequestToRegister', '{{\"id\":\"{id}\"}}', 'unknown', 1, '2024-05-01T08:00:00.000Z', \
             '2024-05-01T08:00:01.000Z', 'no answer')"
        ));
    }
    assert_eq!(
        bench.lines("SELECT external_id, state FROM alma_object WHERE kind = 'unit' ORDER BY 1"),
        ["o1|held", "o2|synced", "o3|held"]
    );
    bench
}

/// The numbers of the two calls in doubt.
pub(crate) fn in_doubt(bench: &Bench) -> Vec<String> {
    bench.lines("SELECT seq FROM call WHERE state = 'unknown' ORDER BY seq")
}
