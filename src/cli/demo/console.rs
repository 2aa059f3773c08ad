//! The demo's console: its user and password, what to click there, and what the simulators send
//! so that there is something to click.

use std::net::TcpListener;

use anyhow::Context;

use crate::cli::simulated::quoted;
use crate::ledger::Reader;
use crate::password;
use simulator::{Category, Simulator};

/// The name to sign in with.
const NAME: &str = "demo";
/// The house of MACRO whose flats are those of the ledger.
const HOUSE: &str = "9001";

/// The console of a run.
pub(super) struct Console {
    address: String,
    password: String,
    /// Whether there is something to click.
    is_fed: bool,
}

impl Console {
    /// A console at a free address, with a password of its own.
    pub(super) fn new() -> anyhow::Result<Self> {
        let listener =
            TcpListener::bind("127.0.0.1:0").context("no address of loopback is free")?;
        let address = listener.local_addr().context("no address of loopback is free")?;
        let password = password::invented().context("the system gives no random numbers")?;
        Ok(Self { address: address.to_string(), password, is_fed: false })
    }

    /// The sections of the config.
    pub(super) fn sections(&self) -> anyhow::Result<String> {
        let hash = password::hash(&self.password).map_err(anyhow::Error::msg)?;
        Ok(format!(
            "[web]\nlisten = {}\n\n[[web.user]]\nname = {}\npassword_hash = {}\nrole = \"operator\"\n",
            quoted(&self.address),
            quoted(NAME),
            quoted(&hash)
        ))
    }

    /// Where it is, how one gets in, and what to click.
    pub(super) fn introduction(&self, clicks: &[(&str, &str)]) -> String {
        let (address, password) = (&self.address, &self.password);
        let first = format!("In the browser: http://{address}/ (name {NAME}, password {password})");
        let clicks = clicks.iter().map(|(page, what)| format!("\n  {page:<11} {what}"));
        first + &clicks.collect::<String>()
    }

    /// Sends what there is to click, once the ledger has what it names. Returns a line to print.
    pub(super) fn step(
        &mut self,
        simulator: &Simulator,
        reader: &Reader,
    ) -> anyhow::Result<Option<String>> {
        if self.is_fed {
            return Ok(None);
        }
        let known = reader.known_accounts(2)?;
        let [first, other] = known.as_slice() else { return Ok(None) };
        let uzhkh = simulator.uzhkh();
        let person = |id: &str, flat: &str, number: &str| {
            serde_json::json!({
                "Guid": uuid::Uuid::now_v7().to_string(),
                "RequestToRegister": {
                    "Id": id, "FlatId": flat, "AccountNumber": number, "Surname": first.surname,
                    "Name": first.name, "Patronymic": null, "Email": "demo@example.com",
                    "Phone": "+7 900 000-00-77",
                },
            })
        };
        uzhkh.push_request(person("900001", &first.flat_id, &first.number).to_string());
        uzhkh.push_request(person("900002", &first.flat_id, &other.number).to_string());
        uzhkh.push_request(r#"{"Guid":"demo-quarantined","Tank":{"Volume":"5"}}"#);
        let flats: Vec<&str> = first.flats.iter().map(String::as_str).collect();
        simulator.macrocrm().set_ready(HOUSE, &first.house, Category::Flat, &flats);
        let told = format!("{} asks to be registered; look at Requests", first.house);
        self.is_fed = true;
        Ok(Some(told))
    }
}
