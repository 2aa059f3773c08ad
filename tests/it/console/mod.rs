//! The console: pages for people, over HTTP as any browser asks for them, and in a real one.

mod acts;
mod browser;
mod guard;
mod html;
mod pages;
mod password;
mod russian;
mod search;
pub(crate) mod site;
mod webdriver;
