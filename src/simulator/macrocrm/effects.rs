//! Effect of each endpoint, unless a fault prevents it.

use jiff::civil::{DateTime, Time};

use super::Category;
use super::php::{Refusal, done};
use super::signature::Unsigned;
use super::slots;
use crate::endpoint::Endpoint;
use crate::json::Writer;
use crate::query::Query;
use crate::reply::Reply;
use crate::report::Booking;
use crate::state::State;

const DONE: &str = "Выполнено";

impl State {
    /// Does what a request of MACRO asks for.
    pub(super) fn transfer(&mut self, endpoint: Endpoint, query: &Query) -> Reply {
        let outcome = self.authenticated(query).and_then(|()| match endpoint {
            Endpoint::GetReadyFlats => self.ready_flats(query),
            Endpoint::GetFreeTimes => self.free_times(query),
            _ => self.add(query),
        });
        let reply = match outcome {
            Ok(reply) => reply,
            Err(refusal) => {
                if endpoint == Endpoint::Add {
                    self.note_booking(query, Err(&refusal.message));
                }
                self.macrocrm.refuse(&refusal)
            }
        };
        match self.macrocrm.raw.get(&endpoint) {
            Some(raw) => Reply::whole(200, reply.content_type, raw.clone()),
            None => reply,
        }
    }

    fn authenticated(&mut self, query: &Query) -> Result<(), Refusal> {
        let Err(unsigned) = self.macrocrm.authenticate(query) else {
            return Ok(());
        };
        match unsigned {
            Unsigned::Stranger => self.report.unauthorized += 1,
            Unsigned::Wrong(problem) => self.report.violation(format!("MACRO: {problem}")),
        }
        Err(Refusal::new(403, "Request not authenticated"))
    }

    /// A refusal of what the document makes wrong.
    fn wrong(&mut self, problem: String) -> Refusal {
        let refusal = Refusal::new(400, &problem);
        self.report.violation(format!("MACRO: {problem}"));
        refusal
    }

    fn required<'a>(&mut self, query: &'a Query, name: &str) -> Result<&'a str, Refusal> {
        let missing = || format!("{name} is missing");
        query.filled(name).ok_or_else(|| self.wrong(missing()))
    }

    fn category(&mut self, query: &Query) -> Result<Option<Category>, Refusal> {
        let category = query.get("category").map(str::parse).transpose();
        category.map_err(|problem| self.wrong(problem))
    }

    fn transfer_date(&mut self, query: &Query) -> Result<DateTime, Refusal> {
        let text = self.required(query, "transfer_date")?;
        let moment = slots::transfer_date(text, self.macrocrm.clock.zone());
        moment.map_err(|problem| self.wrong(problem))
    }

    fn house<'a>(&self, query: &'a Query) -> Result<&'a str, Refusal> {
        let id = query.filled("house_id").unwrap_or_default();
        if !self.macrocrm.houses.contains_key(id) {
            return Err(Refusal::new(404, "Дом не найден"));
        }
        Ok(id)
    }

    fn ready_flats(&mut self, query: &Query) -> Result<Reply, Refusal> {
        let category = self.category(query)?;
        let memory = &mut self.macrocrm;
        let mut houses = Vec::new();
        for (id, title) in memory.houses.clone() {
            let ready = memory.objects.iter().filter(|object| {
                let asked = category.is_none_or(|category| category == object.category);
                object.house_id == id && asked
            });
            let quoted = ready.map(|object| {
                let mut json = Writer::default();
                json.string(&object.flat_num);
                json.into_text()
            });
            let flats: Vec<String> = quoted.collect();
            let mut json = Writer::default();
            json.open();
            memory.house_id(&id, &mut json);
            json.text("title", &title);
            json.name("flats");
            memory.list(&flats, &mut json);
            json.close();
            houses.push(json.into_text());
        }
        let mut data = Writer::default();
        data.open();
        data.name("houses");
        memory.list(&houses, &mut data);
        data.close();
        Ok(done(&data.into_text(), DONE))
    }

    fn free_times(&mut self, query: &Query) -> Result<Reply, Refusal> {
        let day = self.transfer_date(query)?;
        if day.time() != Time::midnight() {
            return Err(self.wrong("transfer_date of getFreeTimes is not midnight".to_owned()));
        }
        // Only a company whose houses have schedules of their own wants to know which.
        let house_id = match query.filled("house_id") {
            Some(_) => self.house(query)?,
            None => "",
        };
        let free = self.macrocrm.free(house_id, day.date());
        let quoted: Vec<String> = free.iter().map(|(_, slot)| format!("\"{slot}\"")).collect();
        let mut data = Writer::default();
        self.macrocrm.list(&quoted, &mut data);
        Ok(done(&data.into_text(), DONE))
    }

    fn add(&mut self, query: &Query) -> Result<Reply, Refusal> {
        let moment = self.transfer_date(query)?;
        self.required(query, "house_id")?;
        let flat_num = self.required(query, "flat_num")?;
        let phone = self.required(query, "phone")?;
        if phone.starts_with(' ') {
            return Err(self.wrong("phone: its + is not percent-encoded".to_owned()));
        }
        let category = self.category(query)?;
        let house_id = self.house(query)?;
        let memory = &mut self.macrocrm;
        let Some(object) = memory.find(house_id, flat_num, category) else {
            return Err(Refusal::new(404, "Объект не найден"));
        };
        if !object.phones.iter().any(|known| digits(known) == digits(phone)) {
            return Err(Refusal::new(404, "Телефон не найден среди дольщиков"));
        }
        let booked = object.category;
        let (hour, minute) = (moment.hour(), moment.minute());
        let slot = format!("{hour:02}:{minute:02}");
        let free = memory.free(house_id, moment.date());
        if moment.second() != 0 || !free.iter().any(|(_, known)| *known == slot) {
            self.repeated(query);
            return Err(Refusal::new(409, "Время занято"));
        }
        memory.taken.insert((house_id.to_owned(), moment));
        let data = memory.nothing();
        self.note_booking(query, Ok(booked));
        Ok(done(data, "Спасибо! Мы записали Вас на указанное время"))
    }

    /// A second call for what the first has booked is a violation: no client may repeat a
    /// booking whose outcome is not known to have failed.
    fn repeated(&mut self, query: &Query) {
        let again = booking(query);
        let earlier = self.report.bookings.iter().any(|earlier| {
            let same = Booking { booked: None, ..earlier.clone() };
            earlier.booked.is_some() && same == again
        });
        if earlier {
            let Booking { flat_num, .. } = again;
            self.report.violation(format!("add {flat_num}: sent again after it was booked"));
        }
    }

    /// Keeps an `add` and what became of it.
    pub(super) fn note_booking(&mut self, query: &Query, outcome: Result<Category, &str>) {
        self.report.bookings.push(Booking {
            booked: outcome.ok().map(|category| category.to_string()),
            refused: outcome.err().map(str::to_owned),
            ..booking(query)
        });
    }
}

/// A booking as it was sent.
fn booking(query: &Query) -> Booking {
    let sent = |name| query.get(name).unwrap_or_default().to_owned();
    Booking {
        house_id: sent("house_id"),
        flat_num: sent("flat_num"),
        category: query.get("category").map(str::to_owned),
        transfer_date: sent("transfer_date"),
        phone: sent("phone"),
        booked: None,
        refused: None,
    }
}

/// Key for comparing phones: the last ten digits.
fn digits(phone: &str) -> String {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    digits[digits.len().saturating_sub(10)..].to_owned()
}
