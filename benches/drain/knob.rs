//! What a run is told by the environment.

/// The value of a variable; where it is not set, or none, the default.
pub(crate) fn knob<T: std::str::FromStr>(name: &str, default: T) -> T {
    let given = std::env::var(name).ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(default)
}
