//! The console: pages for people, over HTTP as any browser asks for them, and in a real one.

mod acts;
mod browser;
mod busy;
mod card;
mod guard;
mod html;
mod keys;
mod literals;
mod look;
mod pages;
mod password;
mod paths;
mod reasons;
mod russian;
mod search;
mod secrets;
pub(crate) mod site;
mod today;
mod webdriver;
