//! Paths below `/external_api/`.

use percent_encoding::percent_decode_str;

use super::kind::AlmaKind;
use crate::endpoint::Endpoint;

/// Reference to an object, by either of its ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Which {
    Id(i64),
    External(String),
}

/// Target of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    All(AlmaKind),
    One(AlmaKind, Which),
    Archive(AlmaKind, Which),
    Block(AlmaKind, Which),
    RentalObject(String),
    Image,
    /// `realty/rooms/contracts/…`, which the document prints where it cannot be.
    Misprint,
}

impl Target {
    /// Reads a path, percent-encoded and with the slash at its end.
    pub(super) fn parse(path: &str) -> Option<Self> {
        let segments: Vec<String> =
            path.strip_suffix('/')?.split('/').map(decoded).collect::<Option<_>>()?;
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        match segments.as_slice() {
            ["external-image"] => Some(Self::Image),
            ["realty", "rental_object", id] if !id.is_empty() => {
                Some(Self::RentalObject((*id).to_owned()))
            }
            ["realty", "rooms", "contracts", ..] => Some(Self::Misprint),
            ["realty", "contracts", "owner_contracts", rest @ ..] => {
                Self::inside(AlmaKind::OwnerContract, rest)
            }
            ["realty", "contracts", "tenant_contracts", rest @ ..] => {
                Self::inside(AlmaKind::TenantContract, rest)
            }
            ["realty", "buildings", rest @ ..] => Self::inside(AlmaKind::Building, rest),
            ["realty", "units", rest @ ..] => Self::inside(AlmaKind::Unit, rest),
            ["realty", "rooms", rest @ ..] => Self::inside(AlmaKind::Room, rest),
            ["users", "clients", rest @ ..] => Self::inside(AlmaKind::Client, rest),
            _ => None,
        }
    }

    fn inside(kind: AlmaKind, rest: &[&str]) -> Option<Self> {
        let (which, action) = match rest {
            [] => return Some(Self::All(kind)),
            ["external_id", "", ..] => return None,
            ["external_id", id, action @ ..] => (Which::External((*id).to_owned()), action),
            [id, action @ ..] => (Which::Id(number(id)?), action),
        };
        match action {
            [] => Some(Self::One(kind, which)),
            ["archive"] if kind.is_rental() => Some(Self::Archive(kind, which)),
            ["block"] if kind.is_rental() => Some(Self::Block(kind, which)),
            _ => None,
        }
    }

    /// The endpoint that it counts for; none for what is no path of Alma's.
    pub(super) fn endpoint(&self) -> Option<Endpoint> {
        Some(match self {
            Self::Misprint => return None,
            Self::All(kind) | Self::One(kind, _) => match kind {
                AlmaKind::Building => Endpoint::AlmaBuildings,
                AlmaKind::Unit => Endpoint::AlmaUnits,
                AlmaKind::Room => Endpoint::AlmaRooms,
                AlmaKind::Client => Endpoint::AlmaClients,
                AlmaKind::OwnerContract => Endpoint::AlmaOwnerContracts,
                AlmaKind::TenantContract => Endpoint::AlmaTenantContracts,
            },
            Self::Archive(..) => Endpoint::AlmaArchive,
            Self::Block(..) => Endpoint::AlmaBlock,
            Self::RentalObject(_) => Endpoint::AlmaRentalObject,
            Self::Image => Endpoint::AlmaImage,
        })
    }

    /// The methods that the document has for it.
    pub(super) fn methods(&self) -> &'static [&'static str] {
        match self {
            Self::All(_) => &["GET", "POST"],
            Self::One(..) => &["GET", "PATCH"],
            Self::Archive(..) | Self::Block(..) => &["PATCH"],
            Self::RentalObject(_) | Self::Misprint => &["GET"],
            Self::Image => &["POST"],
        }
    }
}

fn decoded(segment: &str) -> Option<String> {
    let bytes = segment.as_bytes();
    let hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    let broken = (0..bytes.len()).any(|at| bytes[at] == b'%' && !(hex(at + 1) && hex(at + 2)));
    let decoded = percent_decode_str(segment).decode_utf8().ok()?;
    (!broken).then(|| decoded.into_owned())
}

/// An id as Django's converter takes it: digits and nothing else.
fn number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}
