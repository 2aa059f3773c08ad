//! What passes come to, added up.

use super::*;

#[test]
fn counts_are_added_and_what_ended_one_ended_all() {
    let one = Pass {
        looked_at: 3,
        synced: 4,
        archived: 5,
        blocked: 6,
        rejected: 7,
        held: 8,
        failed: 9,
        error: None,
        is_halted: true,
        is_unauthorized: true,
    };
    let mut all = one.clone();
    all.add(one);
    all.add(Pass::default());
    let twice = Pass {
        looked_at: 6,
        synced: 8,
        archived: 10,
        blocked: 12,
        rejected: 14,
        held: 16,
        failed: 18,
        error: None,
        is_halted: true,
        is_unauthorized: true,
    };
    assert_eq!(all, twice);
}

#[test]
fn the_first_error_is_told_but_for_a_refusal_of_the_key() {
    let failed = |error: &str| Pass { error: Some(error.to_owned()), ..Pass::default() };
    let refused = |error| Pass { is_unauthorized: true, ..failed(error) };
    let mut all = Pass::default();
    for (pass, told) in [
        (failed("first"), "first"),
        (failed("second"), "first"),
        (refused("refused"), "refused"),
        (refused("refused again"), "refused"),
        (failed("third"), "refused"),
    ] {
        all.add(pass);
        assert_eq!(all.error.as_deref(), Some(told));
    }
}
