//! `deploy/postgresql/fleet.sql`: many companies in one database, none of which sees another.

use std::process::Command;

use super::copy::{Copy, Pg};
use super::server::unique;
use crate::support::entities::{account, envelope};
use crate::support::{Bench, setup, tool};

const FLEET: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/postgresql/fleet.sql");

/// Runs the file as an operator does.
#[track_caller]
fn deploy(copy: &Copy) {
    let mut psql = Command::new("psql");
    psql.args(["-X", "-q", "-U", "postgres", "-p", &copy.server.port().to_string(), "-h"]);
    psql.arg(copy.server.socket()).args(["-v", &format!("schema={}", copy.schema)]);
    let ended = psql.args(["-f", FLEET, "postgres"]).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(ended.status.success() && said.is_empty(), "{said}");
}

fn company(copy: &Copy, name: &str) -> (String, Bench) {
    let role = unique(name);
    copy.lines(&format!("CREATE ROLE {role} LOGIN IN ROLE uzhkh_company"));
    let section = copy.section_of(&copy.server.url(&role), &role, "batch = 4");
    let bench = setup().section(&section).start();
    for n in 0..10 {
        let id = format!("a{n}");
        bench.uzhkh().push_request(envelope(&id, "Account", &account(&id)));
    }
    let checked = bench.run(&["check"]);
    assert_eq!(checked.code, Some(0), "{}", checked.stdout);
    bench.pass();
    (role, bench)
}

#[test]
fn companies_share_the_tables_and_see_their_own() {
    let Some(copy) = Copy::new("fleet") else { return };
    if tool("psql").is_none() {
        return;
    }
    deploy(&copy);
    deploy(&copy);
    let (one, bench) = company(&copy, "one");
    let (other, second) = company(&copy, "other");
    bench.uzhkh().push_deletion("account", "a1");
    bench.pass();
    copy.assert_same(&bench, &one);
    copy.assert_same(&second, &other);
    let all = copy.lines("SELECT ledger, count(*) FROM @.account GROUP BY 1 ORDER BY 1");
    let mut wanted = [format!("{one}|9"), format!("{other}|10")];
    wanted.sort();
    assert_eq!(all, wanted);

    let own = Pg::connect(&copy.server.url(&one));
    let ask = |sql: &str| own.try_lines(&copy.sql(sql));
    for table in ["record", "change", "account"] {
        let seen = ask(&format!("SELECT DISTINCT ledger FROM @.{table}"));
        assert_eq!(seen, Ok(vec![one.clone()]), "{table}");
    }
    assert_eq!(ask("SELECT name FROM @.ledger"), Ok(vec![one.clone()]));
    for forbidden in [
        format!("UPDATE @.record SET ledger = '{other}'"),
        format!(
            "INSERT INTO @.change SELECT '{other}', epoch, seq + 1000, at, source, kind, id, op, fields \
             FROM @.change"
        ),
        format!("INSERT INTO @.ledger VALUES ('{other}x', '', 1, 1, now(), '', NULL, NULL)"),
        "TRUNCATE @.record".to_owned(),
        "TRUNCATE @.ledger".to_owned(),
        "SELECT * FROM @.record_0".to_owned(),
        "DELETE FROM @.change_3".to_owned(),
        "CREATE TABLE @.mine (id int)".to_owned(),
        "UPDATE @.relay_version SET version = 9".to_owned(),
    ] {
        assert_eq!(ask(&forbidden), Err("42501".to_owned()), "{forbidden}");
    }
    // Of others nothing is found, and nothing happens to it.
    assert_eq!(ask(&format!("DELETE FROM @.record WHERE ledger = '{other}'")), Ok(vec![]));
    copy.assert_same(&second, &other);
}
