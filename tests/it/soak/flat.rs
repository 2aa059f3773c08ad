//! A service that lives for long takes no more memory, files and bytes than one that has just
//! come of age.

/// What the service takes at a moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    pub(super) memory_kib: u64,
    pub(super) descriptors: u64,
    pub(super) ledger_bytes: u64,
    pub(super) wal_bytes: u64,
    pub(super) rows: u64,
}

/// Fewer say nothing.
const LEAST: usize = 30;

/// Compares the last third with the one before it: what is taken once has been taken by then.
pub(super) fn check(samples: &[Sample]) {
    if samples.len() < LEAST {
        println!("{} samples are too few to tell whether it grows", samples.len());
        return;
    }
    let third = samples.len() / 3;
    let (middle, last) = (&samples[third..2 * third], &samples[2 * third..]);
    let most = |samples: &[Sample], of: fn(&Sample) -> u64| samples.iter().map(of).max().unwrap();

    let memory = |samples| most(samples, |sample| sample.memory_kib);
    let descriptors = |samples| most(samples, |sample| sample.descriptors);
    println!(
        "memory {} → {} KiB, descriptors {} → {}",
        memory(middle),
        memory(last),
        descriptors(middle),
        descriptors(last)
    );
    assert!(memory(last) <= memory(middle) * 5 / 4 + 8 * 1024, "memory grows: {samples:?}");
    assert!(descriptors(last) <= descriptors(middle) + 16, "files stay open: {samples:?}");

    // The ledger keeps all, so it grows with what comes, and not faster.
    let (before, after) = (samples[third], samples[samples.len() - 1]);
    let each = |sample: &Sample| sample.ledger_bytes / sample.rows.max(1);
    println!("{} → {} bytes of ledger for each row that is kept", each(&before), each(&after));
    assert!(each(&after) <= each(&before) * 6 / 5 + 64, "the ledger grows: {samples:?}");
    let wal = most(samples, |sample| sample.wal_bytes);
    assert!(wal <= 256 << 20, "the log beside the ledger has {wal} bytes");
}
