//! What is installed: the units, run as systemd would run them, and the Debian package.

mod command_line;
mod companies;
mod credentials;
mod hang;
mod notify;
pub(crate) mod package;
mod sandbox;
mod unit;
