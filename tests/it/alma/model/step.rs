//! What can happen, as proptest draws it. Numbers choose among what there is.

use proptest::prelude::*;

/// A person as an account lists it.
#[derive(Clone, Debug)]
pub(crate) struct Role {
    pub(crate) resident: usize,
    pub(crate) is_owner: bool,
    pub(crate) is_tenant: bool,
}

/// What goes wrong at Alma.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    pub(crate) kind: usize,
    pub(crate) endpoint: usize,
    pub(crate) only_writes: bool,
    pub(crate) percent: u8,
    pub(crate) times: u32,
}

/// What the operator says.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Say {
    Retry,
    Release,
    Block,
    Unblock,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// UZhKH says what an object is; house 3 is none, the last kind becomes no unit.
    Object {
        slot: usize,
        house: usize,
        kind: usize,
        flat: usize,
        look: usize,
    },
    Account {
        slot: usize,
        object: usize,
        roles: Vec<Role>,
        opened: usize,
        closed: usize,
    },
    Resident {
        slot: usize,
        name: usize,
        email: usize,
        phone: usize,
        is_company: bool,
    },
    /// A house is called otherwise.
    House {
        slot: usize,
        name: usize,
    },
    DeleteObject(usize),
    DeleteAccount(usize),
    DeleteResident(usize),
    /// A Download page shows an object that was deleted.
    Restore(usize),
    /// People archive a unit in Alma.
    ArchiveUnit(usize),
    /// People archive a contract in Alma.
    ArchiveContract(usize),
    /// People write a field of a unit that we never write.
    Edit(usize),
    /// People make a client with the e-mail of a resident.
    Stranger {
        resident: usize,
        has_id: bool,
    },
    Operator(Say, usize),
    Troubles(Vec<Trouble>),
    Calm,
    Pass,
    /// A pass is killed when so many more writes have reached Alma.
    Kill(u64),
}

fn object() -> impl Strategy<Value = Step> {
    (0..4usize, 0..13usize, 0..12usize, 0..8usize, 0..4usize).prop_map(
        |(slot, house, kind, flat, look)| Step::Object {
            slot,
            house: [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3][house],
            kind,
            flat,
            look,
        },
    )
}

fn account() -> impl Strategy<Value = Step> {
    let role = (0..4usize, 0..6usize).prop_map(|(resident, role)| Role {
        resident,
        is_owner: [true, true, false, false, true, false][role],
        is_tenant: [false, false, true, true, true, false][role],
    });
    let roles = prop::collection::vec(role, 1..4);
    (0..4usize, 0..4usize, roles, 0..16usize, 0..14usize).prop_map(
        |(slot, object, roles, opened, closed)| Step::Account {
            slot,
            object,
            roles,
            opened,
            closed,
        },
    )
}

fn resident() -> impl Strategy<Value = Step> {
    let company = prop::bool::weighted(0.2);
    (0..4usize, 0..3usize, 0..8usize, 0..8usize, company).prop_map(
        |(slot, name, email, phone, is_company)| Step::Resident {
            slot,
            name,
            email,
            phone,
            is_company,
        },
    )
}

fn troubles() -> impl Strategy<Value = Step> {
    let trouble = (0..6usize, 0..8usize, any::<bool>(), 10..100u8, 1..5u32).prop_map(
        |(kind, endpoint, only_writes, percent, times)| Trouble {
            kind,
            endpoint,
            only_writes,
            percent,
            times,
        },
    );
    prop::collection::vec(trouble, 1..4).prop_map(Step::Troubles)
}

fn operator() -> impl Strategy<Value = Step> {
    let say =
        prop_oneof![Just(Say::Retry), Just(Say::Release), Just(Say::Block), Just(Say::Unblock),];
    (say, 0..32usize).prop_map(|(say, at)| Step::Operator(say, at))
}

/// A few flats and accounts, and whatever comes after.
pub(crate) fn any_life() -> impl Strategy<Value = Vec<Step>> {
    let begin = (
        prop::collection::vec(object(), 2..6),
        prop::collection::vec(account(), 2..6),
        prop::collection::vec(any_step(), 5..30),
    );
    begin.prop_map(|(objects, accounts, steps)| [objects, accounts, steps].concat())
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        7 => object(),
        9 => account(),
        5 => resident(),
        2 => (0..3usize, 0..3usize).prop_map(|(slot, name)| Step::House { slot, name }),
        2 => (0..4usize).prop_map(Step::DeleteObject),
        2 => (0..4usize).prop_map(Step::DeleteAccount),
        1 => (0..4usize).prop_map(Step::DeleteResident),
        1 => (0..4usize).prop_map(Step::Restore),
        1 => (0..8usize).prop_map(Step::ArchiveUnit),
        1 => (0..8usize).prop_map(Step::ArchiveContract),
        1 => (0..8usize).prop_map(Step::Edit),
        1 => (0..4usize, any::<bool>()).prop_map(|(resident, has_id)| Step::Stranger { resident, has_id }),
        3 => operator(),
        2 => troubles(),
        1 => Just(Step::Calm),
        9 => Just(Step::Pass),
        3 => (1..8u64).prop_map(Step::Kill),
    ]
}
