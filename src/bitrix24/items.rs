//! Items by their ids, with the links of their files.

use serde_json::Value;

use super::answer::{self, PageText};
use super::api::{Api, undocumented};
use super::error::Error;
use super::query::{Kind, PAGE};
use crate::json::Members;

/// The most commands of a batch, by the document.
const COMMANDS: usize = 50;

impl Api {
    /// An item by `record.kind` and id, as raw JSON with links to fetch its files by, which
    /// are secret and do not last; `None` where there is none.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn item(&self, kind: &str, id: u64) -> Result<Option<String>, Error> {
        let Some(kind) = self.kind(kind) else {
            return Ok(None);
        };
        let (method, parameters) = kind.item(id);
        let Some(result) = self.one(method, &parameters).await? else {
            return Ok(None);
        };
        let item = Members::parse(&result).and_then(|members| members.get("item"));
        let item = item.ok_or_else(|| undocumented(method, 200)("it has no item"))?;
        Ok(Some(item.to_owned()))
    }

    /// A contact as the contacts' own method shows it.
    pub(super) async fn contact(&self, id: u64) -> Result<Option<String>, Error> {
        let (method, parameters) = Kind::contact(id);
        self.one(method, &parameters).await
    }

    /// The items of these kinds and ids, as [`Api::item`] has them, by as few requests as there
    /// may be; those that are not there are missing.
    pub(super) async fn items(
        &self,
        wanted: &[(&str, Vec<u64>)],
    ) -> Result<Vec<(&'static str, String)>, Error> {
        let mut commands = Vec::new();
        for (kind, ids) in wanted {
            let Some(kind) = self.kind(kind) else { continue };
            for ids in ids.chunks(PAGE) {
                let (method, parameters) = kind.items(ids);
                commands.push((
                    format!("{}{}", kind.name, commands.len()),
                    kind.name,
                    method,
                    parameters,
                ));
            }
        }
        let kinds: Vec<&'static str> = commands.iter().map(|(_, kind, _, _)| *kind).collect();
        let commands: Vec<(String, &'static str, Value)> = commands
            .into_iter()
            .map(|(name, _, method, parameters)| (name, method, parameters))
            .collect();
        let mut pages = Vec::new();
        match &commands[..] {
            [(_, method, parameters)] => {
                pages.push(self.ask_beside(method, parameters).await?);
            }
            commands => {
                for commands in commands.chunks(COMMANDS) {
                    for page in self.batch(commands).await? {
                        pages.push(page?);
                    }
                }
            }
        }
        let rows = |(kind, page): (&'static str, PageText)| {
            let rows = answer::rows(&page.result).unwrap_or_default().into_iter();
            rows.map(|row| (kind, row.to_owned())).collect::<Vec<_>>()
        };
        Ok(kinds.into_iter().zip(pages).flat_map(rows).collect())
    }

    fn kind(&self, name: &str) -> Option<Kind> {
        self.kinds.iter().find(|known| known.name == name).copied()
    }

    /// The result of a method that gets one; `None` where there is none.
    async fn one(&self, method: &'static str, parameters: &Value) -> Result<Option<String>, Error> {
        match self.ask(method, parameters).await {
            // A contact that is not there has an empty code.
            Err(Error::No { status: 400, code, .. })
                if code.as_deref().is_none_or(|code| code == "NOT_FOUND") =>
            {
                Ok(None)
            }
            result => result.map(Some),
        }
    }
}
