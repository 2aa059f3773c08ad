//! A site with something on every page.

use super::site::{Site, site};
use crate::support::entities::{
    account_of, envelope, object, person, request, to_object_adding, to_register,
};

/// A site with something on every page.
pub(super) fn busy() -> Site {
    let mut site = site(|setup| {
        setup
            .options(|options| {
                options.ready_flats = 12;
                options.catalogue_rate = 0.0;
            })
            .alma("")
            .macrocrm(
                "timezone = \"Europe/Moscow\"\ncategories = [\"flat\"]\nschedule = \"* * * * * *\"",
            )
    });
    let push = |guid: &str, member: &str, entity: &str| {
        site.bench.uzhkh().push_request(envelope(guid, member, entity));
    };
    let flat = |id: &str, number: &str| {
        object(id)
            .replace("кв. 12", &format!("кв. {number}"))
            .replace(r#""FlatNumber":"12""#, &format!(r#""FlatNumber":"{number}""#))
            .replace(r#""SipPassword":null"#, r#""SipPassword":"seltsam""#)
    };
    push("g1", "Obj", &flat("o1", "12"));
    push("g2", "Obj", &flat("o2", "13"));
    push("g3", "Obj", &flat("o3", "14"));
    push("g10", "Account", &account_of("a1", &[person("r1")]));
    push("g4", "RequestToRegister", &to_register("71"));
    push("g5", "RequestToRegister", &to_register("72").replace("\"1001\"", "\"9009\""));
    push("g6", "RequestToObjectAdding", &to_object_adding("73"));
    push("g7", "Request", &request(5));
    push("g8", "Tank", r#"{"Volume":"5"}"#);
    site.begin();
    site.wait_for("SELECT count(*) FROM alma_object WHERE kind = 'unit' AND state = 'synced'", "3");
    site.bench.uzhkh().push_request(envelope("g9", "Obj", &flat("o1", "12а")));
    for id in ["o2", "o3"] {
        site.bench.uzhkh().push_deletion("object", id);
    }
    site.wait_for("SELECT count(*) FROM alma_object WHERE state = 'held'", "2");
    site.wait_for("SELECT count(*) > 0 FROM ready_flat", "1");
    site.bench.tamper(
        "INSERT INTO call (target, op, params, state, attempts, created_at, finished_at, last_error) VALUES \
         ('macrocrm', 'add', '{\"transfer_date\":\"2026-06-11T10:00:00+03:00\",\"house_id\":\"123\",\
         \"flat_num\":\"5\",\"phone\":\"+70000000001\",\"category\":\"flat\"}', 'unknown', 1, \
         '2026-05-01T08:00:00.000Z', '2026-05-01T08:00:01.000Z', 'no answer came')",
    );
    site
}
