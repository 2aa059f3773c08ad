//! Answers that are not as the documents have them: servers that close, drip, never end, or
//! speak another encoding.

mod broken;
mod encodings;
mod once_only;
mod proxy;
mod slow;
mod standstill;
mod tls;
mod turns;
mod unruly;
mod waits;
mod words;
