//! What is measured, and the counts of what happened since the start.
//!
//! How things stand is read from the ledger at each scrape, so those numbers survive
//! a restart. What happens can only be counted while it happens: [`count`] and [`observe`]
//! add to one place for the whole process, as logging does, so that it need not be
//! handed around. A restart begins at 0, as Prometheus expects of a counter.
//!
//! Every name is in [`vocabulary`]. Labels hold words of ours, and the names that the
//! config gives to feeds; never data, an id, a link or a secret.

mod page;
mod vocabulary;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub(crate) use page::Page;
pub(crate) use vocabulary::{Kind, Metric};

/// What of a page is filled from here.
static METERS: Meters = Meters(Mutex::new(BTreeMap::new()));

/// The values of one metric's labels, in the order of the vocabulary.
type Labels = Vec<String>;

struct Meters(Mutex<BTreeMap<(Metric, Labels), Meter>>);

#[derive(Clone)]
enum Meter {
    Counter(u64),
    Histogram(Histogram),
}

/// How often each bound was not exceeded, and the sum of all.
#[derive(Clone)]
struct Histogram {
    /// One for each of [`vocabulary::BOUNDS`], each without those before it.
    buckets: [u64; vocabulary::BOUNDS.len()],
    count: u64,
    sum: Duration,
}

/// Something happened so often.
pub(crate) fn count(metric: Metric, labels: &[&str], times: u64) {
    METERS.change(metric, labels, |meter| {
        if let Meter::Counter(counted) = meter {
            *counted = counted.saturating_add(times);
        }
    });
}

/// Something took so long.
pub(crate) fn observe(metric: Metric, labels: &[&str], took: Duration) {
    METERS.change(metric, labels, |meter| {
        if let Meter::Histogram(histogram) = meter {
            histogram.add(took);
        }
    });
}

/// Writes all that was counted.
pub(crate) fn fill(page: &mut Page) {
    let meters = METERS.lock().clone();
    for ((metric, labels), meter) in meters {
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        match meter {
            Meter::Counter(counted) => page.set(metric, &labels, counted),
            Meter::Histogram(histogram) => {
                page.histogram(
                    metric,
                    &labels,
                    &histogram.cumulated(),
                    histogram.count,
                    histogram.sum,
                );
            }
        }
    }
}

impl Meters {
    fn change(&self, metric: Metric, labels: &[&str], change: impl FnOnce(&mut Meter)) {
        let labels = labels.iter().map(|label| (*label).to_owned()).collect();
        let mut meters = self.lock();
        change(meters.entry((metric, labels)).or_insert_with(|| Meter::new(metric.kind())));
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<(Metric, Labels), Meter>> {
        // A panic elsewhere cannot have left a number half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Meter {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Counter | Kind::Gauge => Meter::Counter(0),
            Kind::Histogram => {
                Meter::Histogram(Histogram { buckets: [0; _], count: 0, sum: Duration::ZERO })
            }
        }
    }
}

impl Histogram {
    fn add(&mut self, took: Duration) {
        let mut bounds = vocabulary::BOUNDS.iter();
        if let Some(bucket) = bounds.position(|bound| took <= *bound) {
            self.buckets[bucket] += 1;
        }
        self.count += 1;
        self.sum = self.sum.saturating_add(took);
    }

    /// Each bound with what did not exceed it.
    fn cumulated(&self) -> Vec<(Duration, u64)> {
        let bounds = vocabulary::BOUNDS.iter().zip(self.buckets);
        bounds
            .scan(0, |below, (bound, within)| {
                *below += within;
                Some((*bound, *below))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_took_long_counts_in_every_bucket_above_it() {
        let Meter::Histogram(mut histogram) = Meter::new(Kind::Histogram) else {
            panic!("a histogram");
        };
        for millis in [1, 10, 700, 10_000_000] {
            histogram.add(Duration::from_millis(millis));
        }
        let cumulated = histogram.cumulated();
        assert_eq!(cumulated[0], (Duration::from_millis(10), 2));
        assert_eq!(cumulated.last().unwrap().1, 3);
        assert_eq!(histogram.count, 4);
        assert_eq!(histogram.sum, Duration::from_millis(10_000_711));
    }
}
