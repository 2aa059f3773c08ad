//! `batch`: up to fifty commands in one request.
//!
//! PHP writes what each of them brought: a map that is empty is `[]`, and so is one whose
//! keys happen to be 0, 1, 2 a list.

use serde_json::Value;

use super::effects::{Done, Failure};
use super::envelope::time;
use super::method::Method;
use super::params::{is_yes, of_form, text};
use super::state::Memory;
use crate::json::Writer;

const MOST_COMMANDS: usize = 50;

impl Memory {
    /// Does the commands one by one; with `spoilt` the first of them fails.
    pub(super) fn batch(&mut self, params: &Value, spoilt: bool) -> Result<Done, Failure> {
        let commands: Vec<(String, String)> = match &params["cmd"] {
            Value::Object(commands) => named(commands.iter().map(|(key, one)| (key.clone(), one))),
            Value::Array(commands) => {
                let keys = commands.iter().enumerate();
                named(keys.map(|(key, one)| (key.to_string(), one)))
            }
            _ => Vec::new(),
        };
        if commands.len() > MOST_COMMANDS {
            let count = commands.len();
            self.problems.push(format!("a batch of {count} commands"));
            let text = "Max batch length exceeded";
            return Err(Failure::new(400, "ERROR_BATCH_LENGTH_EXCEEDED", text));
        }
        let halt = is_yes(params.get("halt"));
        let mut parts = Parts::default();
        for (place, (key, command)) in commands.into_iter().enumerate() {
            let outcome = match spoilt && place == 0 {
                true => Err(out_of_time()),
                false => self.command(&command),
            };
            match outcome {
                Ok(done) => {
                    let part = |list: &mut Vec<_>, value| list.push((key.clone(), value));
                    part(&mut parts.result, done.result);
                    if let Some(total) = done.total {
                        part(&mut parts.total, total.to_string());
                    }
                    if let Some(next) = done.next {
                        part(&mut parts.next, next.to_string());
                    }
                    part(&mut parts.time, time(self));
                }
                Err(failure) => {
                    parts.errors.push((key, failure.json()));
                    if halt {
                        break;
                    }
                }
            }
        }
        Ok(Done::result(parts.json()))
    }

    fn command(&mut self, command: &str) -> Result<Done, Failure> {
        let (name, query) = command.split_once('?').unwrap_or((command, ""));
        let params = of_form(query).map_err(|problem| {
            let failure = Failure::new(400, "100", &*problem);
            self.problems.push(format!("in a batch: {problem}"));
            failure
        })?;
        let name = name.trim_end_matches(".json");
        let Some(method) = Method::parse(name) else {
            self.problems.push(format!("in a batch: no method {name}"));
            return Err(Failure::new(404, "ERROR_METHOD_NOT_FOUND", "Method not found!"));
        };
        match method {
            Method::Batch => self.problems.push("a batch inside a batch".to_owned()),
            Method::GetFile => self.problems.push("a download inside a batch".to_owned()),
            _ => {}
        }
        self.call(method, &params)
    }
}

pub(super) fn out_of_time() -> Failure {
    Failure::new(429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.")
}

fn named<'a>(commands: impl Iterator<Item = (String, &'a Value)>) -> Vec<(String, String)> {
    commands.map(|(key, command)| (key, text(command).unwrap_or_default())).collect()
}

/// Values by the keys of their commands.
type Part = Vec<(String, String)>;

#[derive(Default)]
struct Parts {
    result: Part,
    errors: Part,
    total: Part,
    next: Part,
    time: Part,
}

impl Parts {
    fn json(&self) -> String {
        let mut out = Writer::default();
        out.open();
        for (name, part) in [
            ("result", &self.result),
            ("result_error", &self.errors),
            ("result_total", &self.total),
            ("result_next", &self.next),
            ("result_time", &self.time),
        ] {
            out.raw(name, php(part));
        }
        out.close();
        out.into_text()
    }
}

fn php(part: &Part) -> String {
    let mut keys = part.iter().enumerate();
    let is_list = keys.all(|(place, (key, _))| *key == place.to_string());
    let mut out = Writer::default();
    if is_list {
        out.open_list();
        part.iter().for_each(|(_, value)| out.element(value));
        out.close_list();
    } else {
        out.open();
        for (key, value) in part {
            let mut name = Writer::default();
            name.string(key);
            let name = name.into_text();
            out.raw(name.trim_matches('"'), value);
        }
        out.close();
    }
    out.into_text()
}
