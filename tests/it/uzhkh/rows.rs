//! The rows of the views, to the letter.

use std::fmt::Write as _;

use super::views::VIEWS;
use crate::support::entities::{
    account_of, car, counter, deletion, document, envelope, object, payment, person, request,
    to_object_adding, to_register,
};
use crate::support::setup;
use crate::support::snapshot::{compare, steady};

#[test]
fn each_kind_is_a_row_of_its_view() {
    let bench = setup().start();
    let entries = [
        ("Obj", object("o1")),
        ("Account", account_of("a1", &[person("r1")])),
        ("Counter", counter("c1")),
        ("Request", request(7)),
        ("Payment", payment("p1")),
        ("Doc", document("article", "d1")),
        ("Doc", document("news", "d2")),
        ("Doc", document("notice", "d3")),
        ("Car", car("k1")),
        ("RequestToRegister", to_register("8")),
        ("RequestToObjectAdding", to_object_adding("9")),
    ];
    for (number, (member, entity)) in entries.iter().enumerate() {
        bench.uzhkh().push_request(envelope(&format!("g{number}"), member, entity));
    }
    bench.pass();
    bench.uzhkh().push_deleted(deletion("d1", "counter", "c1"));
    bench.pass();
    let mut rows = String::new();
    for (view, _) in VIEWS {
        writeln!(rows, "{view}").unwrap();
        for line in bench.lines(&format!("SELECT * FROM {view}")) {
            writeln!(rows, "  {line}").unwrap();
        }
    }
    compare("views", &steady(&bench, &rows));
}
