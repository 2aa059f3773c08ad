//! Parsing for the operators' commands: retrying a quarantined envelope or element, and
//! verifying a ledger.

use super::decode::{self, Content};
use super::model::{Holds, Kind};
use super::{apply, lists, naming};
use crate::json::stream::depth;
use crate::ledger::{
    Assign, EnvelopeParser, EnvelopeSeq, Error, Part, PermanentId, QuarantinedItem, Refusal,
    TemporaryId, Tx,
};

/// Retries a quarantined envelope or element: once applied, it is acknowledged in due course.
///
/// # Errors
/// [`Refusal::StillQuarantined`] or [`Refusal::StillWithoutGuid`] with the reason.
pub fn retry(tx: &Tx<'_>, held: &QuarantinedItem, assign: impl Into<Assign>) -> Result<(), Error> {
    let assign = assign.into();
    let seq = held.about.seq;
    let is_envelope = matches!(held.about.queue.as_str(), "requests" | "deleted");
    let refused = |reason: String| match is_envelope && held.about.guid.is_empty() {
        true => Error::from(Refusal::StillWithoutGuid { seq, reason }),
        false => Error::from(Refusal::StillQuarantined { seq, reason, is_envelope: true }),
    };
    if !held.is_whole() {
        return Err(refused("only its beginning was kept".to_owned()));
    }
    let depth = depth(&held.body);
    // Changes since it was received are newer.
    let as_of = tx.came_after(seq)?;
    let envelope = match held.about.queue.as_str() {
        "requests" => decode::request(&held.body, depth),
        "deleted" => decode::deletion(&held.body, depth),
        feed => {
            let decoded = lists::decode_again(feed, &held.body, depth).map_err(refused)?;
            apply::item(tx, &decoded, as_of, assign)?;
            return tx.release_item(seq);
        }
    };
    apply::release(tx, EnvelopeSeq(seq), &envelope.map_err(refused)?, as_of, assign)
}

/// Parses UZhKH's envelopes as far as verifying a ledger needs it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Parser;

impl EnvelopeParser for Parser {
    fn entities(&self, queue: &str, body: &str) -> Vec<(String, Part)> {
        let depth = depth(body.as_bytes());
        let envelope = match queue {
            "requests" => decode::request(body.as_bytes(), depth),
            _ => decode::deletion(body.as_bytes(), depth),
        };
        match envelope.map(|envelope| envelope.content) {
            Ok(Content::Entities(entities)) => entities
                .into_iter()
                .map(|decoded| (decoded.kind.word().to_owned(), decoded.entity.id))
                .collect(),
            Ok(Content::Deletion { kind, id }) => vec![(kind.word().to_owned(), id)],
            Err(_) => Vec::new(),
        }
    }

    fn temporary_ids(&self, kind: &str, body: &str) -> Vec<TemporaryId<'static>> {
        // Most hold none, and nothing is parsed then; an escape may spell the dashes.
        if !body.contains("--") && !body.contains("\\u") {
            return Vec::new();
        }
        let holds = match Kind::from_word(kind) {
            Some(Kind::Article | Kind::News | Kind::Notice) => Holds::Document,
            Some(kind) => Holds::One(kind),
            None => return Vec::new(),
        };
        // The tombstone of a document has no more than its Id.
        let decoded = decode::entity(holds, body).ok();
        let slots = decoded.into_iter().flat_map(|decoded| decoded.entity.body.slots);
        let parts = slots.flat_map(|slot| slot.parts);
        let temporary = parts.filter_map(|part| match part {
            Part::Temporary { kind, id } => Some(TemporaryId::new(kind, id)),
            Part::Text(_) => None,
        });
        temporary.collect()
    }

    fn name(
        &self,
        tx: &Tx<'_>,
        temporary_id: &TemporaryId<'_>,
        permanent_id: &PermanentId,
    ) -> Result<bool, Error> {
        let TemporaryId { kind, id } = temporary_id;
        let naming = naming::name(tx, Assign::External, kind, id, permanent_id.as_str())?;
        Ok(naming.detail().is_none())
    }
}
