//! The report of the simulator: the evidence that tests and people look at.
//!
//! Everything here is a fact of the wire, not a judgement, save `violations`:
//! those are requests that a vendor's document makes wrong.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

/// More violations than this are only counted.
const KEPT_VIOLATIONS: usize = 10_000;

/// A snapshot of what happened since the start.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Requests by endpoint name, whatever became of them.
    pub requests: BTreeMap<String, u64>,
    /// Number of times that each fault struck, by its text.
    pub faults: BTreeMap<String, u64>,
    /// Requests without the right Authorization header or key, or with a wrong signature.
    pub unauthorized: u64,
    /// For each guid, the objectId of every Delete that arrived, in order.
    pub deletes: BTreeMap<String, Vec<Option<String>>>,
    /// Deletes of a guid that had been deleted before.
    pub repeated_deletes: u64,
    /// Deletes of a guid that never was in a queue, by guid.
    pub unknown_deletes: BTreeMap<String, u64>,
    /// The most Deletes ever under way at the same time.
    pub max_concurrent_deletes: u64,
    /// `kind/--N`: every distinct permanent id that Delete or SetId brought for it.
    pub identities: BTreeMap<String, BTreeSet<String>>,
    /// Every SetId call, in order.
    pub set_ids: Vec<SetIdCall>,
    /// HandleRequestToRegister by request id.
    pub register_decisions: BTreeMap<String, Vec<Decision>>,
    /// HandleRequestToObjectAdding by request id.
    pub object_decisions: BTreeMap<String, Vec<Decision>>,
    /// Entries in To1c/Requests now.
    pub waiting_requests: usize,
    /// Entries in To1c/DeletedItems now.
    pub waiting_deleted: usize,
    /// Requests for a feed that there is not.
    pub unknown_links: u64,
    /// For each feed, by its link, the parameters of every read, in order.
    pub feeds: BTreeMap<String, Vec<Vec<(String, String)>>>,
    /// Every call of MACRO, in order.
    pub macrocrm: Vec<MacroCall>,
    /// Every call of MACRO's `add`, in order, whatever became of it.
    pub bookings: Vec<Booking>,
    /// Every call of Alma, in order.
    pub alma: Vec<AlmaCall>,
    /// Every call of Bitrix24, in order; a batch is one.
    pub bitrix24: Vec<BitrixCall>,
    /// Number of times that each file of Bitrix24 was sent, by its id.
    pub bitrix_downloads: BTreeMap<u64, u64>,
    /// Violations of the documents, in words.
    pub violations: Vec<String>,
    /// Violations beyond those kept.
    pub further_violations: u64,
}

/// A call of SetId and the word it was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SetIdCall {
    /// `uzhkId`
    pub uzhk_id: String,
    /// `externalId`
    pub external_id: String,
    /// `type`
    pub kind: String,
    /// The document's word.
    pub answer: String,
}

/// A decision on a request, as it arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// All parameters, names in lowercase.
    pub parameters: BTreeMap<String, String>,
    /// Number of times that it arrived in this form.
    pub times: u64,
}

/// A call of MACRO, as it arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MacroCall {
    /// `getReadyFlats`, `getFreeTimes` or `add`
    pub endpoint: String,
    /// `GET` or `POST`
    pub method: String,
    /// All parameters but the token.
    pub parameters: BTreeMap<String, String>,
}

/// A call of `add` and its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Booking {
    /// `house_id`
    pub house_id: String,
    /// `flat_num`
    pub flat_num: String,
    /// `category`, where it was sent.
    pub category: Option<String>,
    /// `transfer_date`
    pub transfer_date: String,
    /// `phone`
    pub phone: String,
    /// The category of the object that it booked; None when it booked nothing.
    pub booked: Option<String>,
    /// Reason for the refusal.
    pub refused: Option<String>,
}

/// A call of Alma and the status of its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AlmaCall {
    /// `GET`, `POST` or `PATCH`
    pub method: String,
    /// Decoded and without the host: `external_api/realty/units/`
    pub path: String,
    /// The body as it came, but for a multipart form.
    pub body: Option<String>,
    /// What it was answered, or would have been had the answer not been lost; 0 where
    /// a fault let none be.
    pub status: u16,
}

/// A call of Bitrix24 and the status of its answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct BitrixCall {
    /// `crm.item.list`
    pub method: String,
    /// `GET` or `POST`
    pub http: String,
    /// The parameters; those of a query or a form as PHP nests them. A token is left out.
    pub params: serde_json::Value,
    /// What it was answered, or would have been had the answer not been lost; 0 where
    /// a fault let none be.
    pub status: u16,
}

impl Report {
    pub(super) fn violation(&mut self, text: String) {
        if self.violations.len() < KEPT_VIOLATIONS {
            self.violations.push(text);
        } else {
            self.further_violations += 1;
        }
    }
}
