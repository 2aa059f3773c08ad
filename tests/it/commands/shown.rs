//! What commands print for people, to the letter.

use std::fmt::Write as _;

use super::operator::bench;
use crate::support::snapshot::{compare, steady};

#[test]
fn what_an_operator_sees_of_a_ledger_where_much_is_stuck() {
    let bench = bench();
    let mut shown = String::new();
    for words in [
        "quarantine list",
        "quarantine show 1",
        "identity list",
        "calls list",
        "findings",
        "alma plan",
        "verify",
    ] {
        let arguments: Vec<&str> = words.split(' ').collect();
        let ended = bench.run(&arguments);
        writeln!(shown, "$ uzhkh-ledger {words}\n{}{}", ended.stdout, ended.stderr).unwrap();
    }
    compare("operator", &steady(&bench, &shown));
}
