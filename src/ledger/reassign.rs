//! A permanent id set by hand: only while UZhKH cannot have been told another, and
//! with every record that carries the one reserved before rewritten in the same
//! transaction.

use uuid::Uuid;

use super::differences::differences;
use super::hash::sha256;
use super::{
    ChangeSeq, Error, IdentityState, Op, Origin, PermanentId, RecordKey, Refusal, TemporaryId, Tx,
};
use crate::json;

impl Tx<'_> {
    /// Sets the permanent id of a temporary one by hand, as long as UZhKH cannot
    /// have another, and rewrites the records that carry the one reserved before.
    ///
    /// # Errors
    /// [`Refusal::PermanentIdIsTold`], [`Refusal::PermanentIdTaken`].
    pub fn set_permanent_id(
        &self,
        temporary_id: &TemporaryId<'_>,
        permanent_id: &PermanentId,
    ) -> Result<(), Error> {
        let kind = &*temporary_id.kind;
        let taken = self
            .connection
            .prepare(
                "SELECT 1 FROM identity WHERE kind = ?1 AND permanent_id = ?2 AND temporary_id <> ?3 \
                 UNION ALL SELECT 1 FROM record WHERE source = 'uzhkh' AND kind = ?1 AND id = ?2",
            )?
            .exists([kind, permanent_id.as_str(), &temporary_id.id])?;
        let Some(known) = self.identity(temporary_id)? else {
            if taken {
                return Err(taken_error(kind, permanent_id));
            }
            return self.insert_identity(temporary_id, permanent_id);
        };
        if known.permanent_id == *permanent_id {
            return Ok(());
        }
        if taken {
            return Err(taken_error(kind, permanent_id));
        }
        let is_on_its_way = self.is_being_acknowledged(temporary_id)?;
        let may_be_known = known.sent_at.is_some();
        let is_ours = Uuid::try_parse(known.permanent_id.as_str()).is_ok();
        if known.state == IdentityState::Announced || may_be_known || is_on_its_way || !is_ours {
            let refusal = Refusal::PermanentIdIsTold {
                temporary_id: temporary_id.clone().into_owned(),
                permanent_id: known.permanent_id,
            };
            return Err(refusal.into());
        }
        self.reserve_again(temporary_id)?;
        self.connection
            .prepare("UPDATE identity SET permanent_id = ?3 WHERE kind = ?1 AND temporary_id = ?2")?
            .execute([kind, &temporary_id.id, permanent_id.as_str()])?;
        self.connection
            .prepare(
                "UPDATE call SET params = json_set(params, '$.externalId', ?3) \
                 WHERE state = 'pending' AND op = 'SetId' \
                 AND params ->> '$.type' = ?1 AND params ->> '$.uzhkId' = ?2",
            )?
            .execute([kind, &temporary_id.id, permanent_id.as_str()])?;
        self.rewrite(kind, known.permanent_id.as_str(), permanent_id.as_str())
    }

    /// Puts `new` wherever records have `old`, which is a UUID of ours: nothing
    /// else in a text can be spelled like it.
    fn rewrite(&self, kind: &str, old: &str, new: &str) -> Result<(), Error> {
        let mut statement = self.connection.prepare(
            "SELECT kind, id, body, deleted_at IS NULL FROM record \
             WHERE source = 'uzhkh' AND instr(body, ?1) > 0",
        )?;
        let rows = statement
            .query_map([old], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        let rows: Vec<(String, String, String, bool)> = rows.collect::<Result<_, _>>()?;
        let quoted = json::quote(new);
        let escaped = &quoted[1..quoted.len() - 1];
        let origin = Origin::Page(ChangeSeq(0));
        for (at_kind, at_id, body, is_live) in rows {
            let rewritten = body.replace(old, escaped);
            let is_own = at_kind == kind && at_id == old;
            let id = if is_own { new } else { &at_id };
            self.connection
                .prepare_cached(
                    "UPDATE record SET id = ?3, body = ?4, hash = ?5, updated_at = ?6 \
                     WHERE source = 'uzhkh' AND kind = ?1 AND id = ?2",
                )?
                .execute([
                    &at_kind,
                    &at_id,
                    id,
                    &rewritten,
                    &sha256(rewritten.as_bytes()),
                    &self.now,
                ])?;
            if is_own {
                // A tombstone moves too: its last change is its deletion.
                let op = if is_live { Op::Insert } else { Op::Delete };
                if is_live {
                    self.insert_change(
                        RecordKey::new("uzhkh", kind, old),
                        Op::Delete,
                        None,
                        origin,
                    )?;
                }
                self.insert_change(RecordKey::new("uzhkh", kind, new), op, None, origin)?;
            } else if is_live && let Some(fields) = differences(&body, &rewritten, &[]) {
                let key = RecordKey::new("uzhkh", &at_kind, id);
                self.insert_change(key, Op::Update, Some(&fields), origin)?;
            }
        }
        Ok(())
    }
}

fn taken_error(kind: &str, permanent_id: &PermanentId) -> Error {
    Refusal::PermanentIdTaken { kind: kind.to_owned(), permanent_id: permanent_id.clone() }.into()
}
