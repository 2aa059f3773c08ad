//! Bitrix24, through the binary and against the simulator: lists read whole and by
//! increments, what is gone, the portal's limits, secrets that stay secret, and all the way to
//! Alma.

mod access;
mod alma;
mod bench;
mod counted;
mod files;
mod increments;
mod items;
mod limits;
mod lists;
mod photos;
mod refused;
mod scans;
mod service;
mod shrink;
mod turns;
mod views;
