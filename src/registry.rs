//! The systems, registered once. The service, `check`, `status`, the metrics, the names of
//! feeds and the words of the change log read this list; nothing else names all systems.

use crate::config::Config;
use crate::ledger::EnvelopeParser;
use crate::runtime::system::{Feed, System};
use crate::{alma, bitrix24, domoplaner, macrocrm, relay, uzhkh};

/// Every system, in the order in which they are set up and shown: one that uses the files of
/// another comes after it.
pub(crate) const SYSTEMS: &[&dyn System] = &[
    &uzhkh::System,
    &domoplaner::System,
    &macrocrm::System,
    &bitrix24::System,
    &alma::System,
    &relay::System,
];

/// The words of `change.source`.
pub(crate) fn sources() -> Vec<&'static str> {
    let recorded = SYSTEMS.iter().filter(|system| !system.record_kinds().is_empty());
    recorded.map(|system| system.name()).collect()
}

/// The words of `change.kind`, in the order of the systems.
pub(crate) fn record_kinds() -> Vec<&'static str> {
    SYSTEMS.iter().flat_map(|system| system.record_kinds()).collect()
}

/// Each kind of record with its system, in the order of their texts.
pub(crate) fn recorded() -> Vec<(&'static str, &'static str)> {
    let kinds = SYSTEMS.iter().flat_map(|system| {
        let kinds = system.record_kinds().into_iter();
        kinds.map(|kind| (system.name(), kind))
    });
    let mut kinds: Vec<_> = kinds.collect();
    kinds.sort_unstable();
    kinds
}

/// The words of all systems.
pub(crate) fn names() -> Vec<&'static str> {
    SYSTEMS.iter().map(|system| system.name()).collect()
}

/// What all systems poll by this config.
pub(crate) fn scheduled(config: &Config) -> Vec<Feed> {
    SYSTEMS.iter().flat_map(|system| system.feeds(config)).collect()
}

/// The lists that are read whole, again and again: each system and the name of the feed; of
/// MACRO the category, of Bitrix24 the kind.
pub fn feeds(config: &Config) -> Vec<(&'static str, String)> {
    let mirrored = scheduled(config).into_iter().filter(|feed| feed.is_mirrored);
    mirrored.map(|feed| (feed.source, feed.name)).collect()
}

/// Whether the config still has a feed that was polled once. Of what no system is the source of, the
/// ledger's backups can be switched off, and all else is always there.
pub(crate) fn has_feed(config: &Config, source: &str, name: &str) -> bool {
    let Some(system) = SYSTEMS.iter().find(|system| system.name() == source) else {
        return name != "backup" || config.backup.is_some();
    };
    // A system that is no mirror also records polls beside its schedule.
    let mut feeds = system.feeds(config).into_iter();
    feeds.any(|feed| !feed.is_mirrored || feed.name == name)
}

/// The calls of a system that a person waits for, as `call.op` names them.
pub(crate) fn awaited_calls(name: &str) -> &'static [&'static str] {
    let system = SYSTEMS.iter().find(|system| system.name() == name);
    system.map_or(&[], |system| system.awaited_calls())
}

/// Parses envelopes, so that they can be compared with the records made of them.
pub(crate) fn envelope_parser() -> &'static (dyn EnvelopeParser + Sync) {
    &uzhkh::Parser
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_only_the_last_systems_follow_others() {
        let mut names: Vec<_> = SYSTEMS.iter().map(|system| system.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), SYSTEMS.len());
        assert!(SYSTEMS.is_sorted_by_key(|system| system.follows_others()));
    }

    #[test]
    fn a_kind_of_a_record_stands_for_one_system() {
        let mut kinds = record_kinds();
        kinds.sort_unstable();
        kinds.dedup();
        assert_eq!(kinds.len(), record_kinds().len());
        assert_eq!(sources(), ["uzhkh", "domoplaner", "macrocrm", "bitrix24"]);
        assert_eq!(record_kinds(), crate::config::RECORD_KINDS);
    }
}
