//! One goes and another comes, and UZhKH says both at once: nobody needs to help.

use jiff::ToSpan;
use simulator::AlmaKind;

use crate::alma::bench::{account, both, flat, owner, tenant};
use crate::support::Bench;

/// Of so many flats; what is new stands before what changes.
const FLATS: usize = 20;

#[test]
fn a_tenant_comes_on_the_day_that_another_goes() {
    let bench = both().start();
    let day = bench.alma().today() + 10.days();
    let old = |number: usize| {
        let object = format!("o{number}");
        account(&format!("z{number}"), &object, &[tenant(&format!("z{number}"))])
    };
    for number in 0..FLATS {
        let object = format!("o{number}");
        bench.say("Obj", &flat(&object, &number.to_string()));
        bench.say("Account", &old(number));
    }
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    for number in 0..FLATS {
        let object = format!("o{number}");
        let new = account(&format!("a{number}"), &object, &[tenant(&format!("a{number}"))]);
        bench.say("Account", &new.replace("2023-01-15", &day.to_string()));
        let ends = format!(r#""DateTimeClose":"{day}T00:00:00""#);
        bench.say("Account", &old(number).replace(r#""DateTimeClose":null"#, &ends));
    }
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.alma().objects(AlmaKind::TenantContract).len(), 2 * FLATS);
    bench.rests();
}

#[test]
fn a_number_goes_from_one_flat_to_another() {
    let bench = both().start();
    for number in 0..FLATS {
        bench.say("Obj", &flat(&format!("z{number}"), &number.to_string()));
    }
    bench.pass();
    for number in 0..FLATS {
        bench.say("Obj", &flat(&format!("a{number}"), &number.to_string()));
        bench.say("Obj", &flat(&format!("z{number}"), &format!("{number}а")));
    }
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.alma().objects(AlmaKind::Unit).len(), 2 * FLATS);
    bench.rests();
}

#[test]
fn an_e_mail_goes_from_one_person_to_another() {
    let bench = both().start();
    let persons = |bench: &Bench, all: &[String]| {
        bench.say("Account", &account("a1", "o1", all));
    };
    bench.say("Obj", &flat("o1", "12"));
    let before: Vec<String> = (0..FLATS).map(|number| owner(&format!("z{number}"))).collect();
    persons(&bench, &before);
    bench.pass();
    let moved = (0..FLATS).map(|number| {
        let name = format!("z{number}");
        owner(&name).replace(&format!("{name}@"), &format!("{name}-new@"))
    });
    let heirs = (0..FLATS).map(|number| {
        let name = format!("a{number}");
        owner(&name).replace(&format!("{name}@"), &format!("z{number}@"))
    });
    persons(&bench, &moved.chain(heirs).collect::<Vec<_>>());
    bench.pass();
    assert_eq!(bench.stuck(), [""; 0]);
    assert_eq!(bench.alma().objects(AlmaKind::Client).len(), 2 * FLATS);
    bench.rests();
}

#[test]
fn flats_that_are_all_renumbered_take_their_neighbours_numbers() {
    let bench = both().start();
    for n in 0..20 {
        bench.say("Obj", &flat(&format!("z{n:02}"), &n.to_string()));
    }
    bench.pass();
    for n in 0..20 {
        bench.say("Obj", &flat(&format!("z{n:02}"), &(n + 1).to_string()));
    }
    bench.pass();
    for n in 0..20 {
        let name = bench.field(AlmaKind::Unit, &format!("z{n:02}"), "name");
        assert_eq!(name, format!("\"{}\"", n + 1));
    }
    bench.rests();
}

#[test]
fn a_number_that_nobody_gives_up_is_refused_in_alma_s_words() {
    let bench = both().start();
    bench.say("Obj", &flat("o1", "1"));
    bench.pass();
    bench.say("Obj", &flat("o2", "1"));
    bench.pass();
    assert_eq!(bench.state("unit", "o2"), "rejected");
    bench.rests();
}
