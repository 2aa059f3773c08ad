//! The photos of one unit or room as a state machine: no ledger, no HTTP.
//!
//! Alma takes photos as a whole set and deletes those that a request does not name. People
//! add photos of their own in Alma's web interface, and those must stay. A file of the source
//! becomes a photo with an id that no answer tells: it is found by comparing the photos
//! before and after, since Alma numbers new photos in the order of the set.
//!
//! What is known of each file is its state in a [`PhotoSet`], which the ledger keeps:
//!
//! ```text
//!            intent                    shown, or the next plan
//! (unknown) ────────▶ Sent { before } ─────────────────────────▶ Known(photo)
//!     ▲                     │                                         │
//!     └──────── refused ────┘            the photo is no longer in Alma
//!     └───────────────────────────────────────────────────────────────┘
//! ```
//!
//! [`PhotoSet::plan`] decides from the state, the files of the source and the photos that
//! Alma shows what the set is to become: a [`Plan`]. Its [`intent`](Plan::intent) is stored
//! before the request goes out, also where it only takes photos away, so that a lost answer or a kill leaves `Sent` behind, and
//! the next plan takes the photos that have come since for ours instead of adding them again.
//! Its [`refused`](Plan::refused) is stored after a refusal: photos that come later are
//! people's. Its [`shown`](Plan::shown) is stored after an answer.
//!
//! What people do between a request whose answer was lost and the next look cannot be told
//! from what became of the request: a photo that they add to a set that never arrived is
//! taken for the file that was sent, and where they delete one of ours, the ones after it
//! are taken for the files before them.

/// The state of a file that was, or is being, written as a photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Photo {
    /// Alma's id of the photo that the file has become.
    Known(i64),
    /// It was about to be sent beside these photos; it may have become one.
    Sent {
        /// Alma's ids of the photos that were there before.
        before: Vec<i64>,
    },
}

/// The files of one object that were written as photos, in the order of the set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PhotoSet(pub(super) Vec<(String, Photo)>);

/// A photo of the set that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry<'p> {
    /// A photo that Alma has.
    Keep(i64),
    /// A file that becomes a photo.
    Add(&'p str),
}

/// What the photos of an object are to become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    /// The files of the source, each with its photo where that is known.
    files: Vec<(String, Option<i64>)>,
    /// Photos of files that the source has no more.
    removed: Vec<(String, i64)>,
    /// The photos that Alma has now, in its order.
    there: Vec<i64>,
}

impl PhotoSet {
    /// Decides what the set is to become. `there`: Alma's ids of the photos of the object;
    /// `was_sent`: whether the ledger knows of a request for its photos. An object that is
    /// adopted with as many photos as the source has files has them already.
    pub(super) fn plan(&self, files: Vec<String>, there: Vec<i64>, was_sent: bool) -> Plan {
        let mut ours = self.found_in(&there);
        if !was_sent && ours.is_empty() && files.len() == there.len() {
            ours = files.iter().cloned().zip(there.iter().copied()).collect();
        }
        let photo_of =
            |file: &String| ours.iter().find(|(known, _)| known == file).map(|(_, id)| *id);
        Plan {
            files: files.iter().map(|file| (file.clone(), photo_of(file))).collect(),
            removed: ours.iter().filter(|(file, _)| !files.contains(file)).cloned().collect(),
            there,
        }
    }

    /// The photos in Alma that are ours, by their files. What was sent takes the photos that
    /// have come since, in the order of the set.
    fn found_in(&self, there: &[i64]) -> Vec<(String, i64)> {
        let is_known = |id: &i64| self.0.iter().any(|(_, photo)| *photo == Photo::Known(*id));
        let mut come: Vec<i64> = there.iter().copied().filter(|id| !is_known(id)).collect();
        come.sort_unstable();
        let mut found = Vec::new();
        for (file, photo) in &self.0 {
            let id = match photo {
                Photo::Known(id) => Some(*id).filter(|id| there.contains(id)),
                Photo::Sent { before } => {
                    let at = come.iter().position(|id| !before.contains(id));
                    at.map(|at| come.remove(at))
                }
            };
            found.extend(id.map(|id| (file.clone(), id)));
        }
        found
    }
}

impl Plan {
    /// The set as it is to be: the files in their order, then people's photos.
    pub(super) fn entries(&self) -> Vec<Entry<'_>> {
        let is_ours = |id: &i64| {
            self.files.iter().any(|(_, known)| *known == Some(*id))
                || self.removed.iter().any(|(_, known)| known == id)
        };
        let files = self.files.iter().map(|(file, id)| match id {
            Some(id) => Entry::Keep(*id),
            None => Entry::Add(file),
        });
        let theirs = self.there.iter().filter(|id| !is_ours(id));
        files.chain(theirs.map(|id| Entry::Keep(*id))).collect()
    }

    /// Whether Alma has exactly this set, in this order.
    pub(super) fn is_in_alma(&self) -> bool {
        self.entries().into_iter().eq(self.there.iter().map(|id| Entry::Keep(*id)))
    }

    /// Whether the set adds a file.
    pub(super) fn adds(&self) -> bool {
        self.files.iter().any(|(_, id)| id.is_none())
    }

    /// The state before the set is sent. Photos that are to go stay known: the request may
    /// not arrive.
    pub(super) fn intent(&self) -> PhotoSet {
        let sent = Photo::Sent { before: self.there.clone() };
        let files = self.files.iter().map(|(file, id)| {
            let photo = id.map_or_else(|| sent.clone(), Photo::Known);
            (file.clone(), photo)
        });
        let removed = self.removed.iter().map(|(file, id)| (file.clone(), Photo::Known(*id)));
        PhotoSet(files.chain(removed).collect())
    }

    /// The state after Alma has refused the set.
    pub(super) fn refused(&self) -> PhotoSet {
        let mut set = self.intent();
        set.0.retain(|(_, photo)| matches!(photo, Photo::Known(_)));
        set
    }

    /// The state after Alma has taken a set that adds no file; `None` where it adds one.
    pub(super) fn written(&self) -> Option<PhotoSet> {
        known(self.files.iter().map(|(file, id)| Some((file, (*id)?))))
    }

    /// The state after Alma has taken the set, and shows these photos; `None` where that
    /// does not tell yet which photo is which.
    pub(super) fn shown(&self, mut there: Vec<i64>) -> Option<PhotoSet> {
        // Alma may show them in another order; it numbered them in that of the set.
        there.sort_unstable();
        let mut new = there.into_iter().filter(|id| !self.there.contains(id));
        known(self.files.iter().map(|(file, id)| Some((file, id.or_else(|| new.next())?))))
    }
}

fn known<'f>(files: impl Iterator<Item = Option<(&'f String, i64)>>) -> Option<PhotoSet> {
    let photo = |(file, id): (&String, i64)| (file.clone(), Photo::Known(id));
    files.map(|file| file.map(photo)).collect::<Option<_>>().map(PhotoSet)
}

#[cfg(test)]
mod tests;
