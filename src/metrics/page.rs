//! A page of numbers in Prometheus' text format.
//!
//! Every metric of the vocabulary is on it, by name and meaning, whether it has a number
//! yet or not.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::Duration;

use super::Metric;
use super::vocabulary::PREFIX;

/// What is put together for one who asks.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// The lines of each metric.
    lines: BTreeMap<Metric, String>,
}

impl Page {
    /// A number, with the values of its labels in the order of the vocabulary.
    pub(crate) fn set(&mut self, metric: Metric, labels: &[&str], value: impl Display) {
        self.line(metric, "", labels, None, value);
    }

    /// Each bound with how many did not exceed it, how many there were, and their sum.
    pub(super) fn histogram(
        &mut self,
        metric: Metric,
        labels: &[&str],
        buckets: &[(Duration, u64)],
        count: u64,
        sum: Duration,
    ) {
        for (bound, within) in buckets {
            let bound = bound.as_secs_f64().to_string();
            self.line(metric, "_bucket", labels, Some(&bound), within);
        }
        self.line(metric, "_bucket", labels, Some("+Inf"), count);
        self.line(metric, "_sum", labels, None, sum.as_secs_f64());
        self.line(metric, "_count", labels, None, count);
    }

    fn line(
        &mut self,
        metric: Metric,
        suffix: &str,
        labels: &[&str],
        bound: Option<&str>,
        value: impl Display,
    ) {
        debug_assert_eq!(metric.labels().len(), labels.len(), "{metric:?}");
        let names = metric.labels().iter().copied().zip(labels.iter().copied());
        let named: Vec<String> = names
            .chain(bound.map(|bound| ("le", bound)))
            .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
            .collect();
        let labels = match named.as_slice() {
            [] => String::new(),
            named => format!("{{{}}}", named.join(",")),
        };
        let lines = self.lines.entry(metric).or_default();
        let name = metric.name();
        lines.push_str(&format!("{PREFIX}{name}{suffix}{labels} {value}\n"));
    }

    /// The page as it is served.
    pub(crate) fn into_text(self) -> String {
        let mut text = String::new();
        for metric in Metric::ALL {
            let (name, help, kind) = (metric.name(), metric.help(), metric.kind().word());
            let head = format!("# HELP {PREFIX}{name} {help}\n# TYPE {PREFIX}{name} {kind}\n");
            text.push_str(&head);
            text.push_str(self.lines.get(metric).map_or("", String::as_str));
        }
        text
    }
}

/// A label's value as the format wants it.
fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_a_label_cannot_break_its_line() {
        let mut page = Page::default();
        page.set(Metric::Records, &["a\"b\\", "c\nd"], 1);
        let text = page.into_text();
        let line = "uzhkh_ledger_records{source=\"a\\\"b\\\\\",kind=\"c\\nd\"} 1\n";
        assert!(text.contains(line), "{text}");
    }

    #[test]
    fn a_histogram_has_its_bounds_its_sum_and_its_count() {
        let mut page = Page::default();
        let buckets = [(Duration::from_millis(50), 1), (Duration::from_secs(1), 2)];
        let sum = Duration::from_millis(2500);
        page.histogram(Metric::HttpRequestSeconds, &["uzhkh"], &buckets, 3, sum);
        let text = page.into_text();
        for line in [
            "_bucket{system=\"uzhkh\",le=\"0.05\"} 1\n",
            "_bucket{system=\"uzhkh\",le=\"1\"} 2\n",
            "_bucket{system=\"uzhkh\",le=\"+Inf\"} 3\n",
            "_sum{system=\"uzhkh\"} 2.5\n",
            "_count{system=\"uzhkh\"} 3\n",
        ] {
            assert!(text.contains(line), "{text}");
        }
    }
}
