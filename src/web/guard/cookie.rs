//! Cookies: the session's, and the language's.

use axum::http::{HeaderMap, HeaderValue, header};

use super::session::Token;
use crate::web::words::Lang;

/// The cookie of the language.
pub(in crate::web) const LANGUAGE: &str = "lang";
/// The cookie of a session; a browser takes it by this name over TLS alone, from this host alone.
const SECURE_SESSION: &str = "__Host-session";
const SESSION: &str = "session";
/// A year, in seconds.
const YEAR: u32 = 31_536_000;

/// The value of a cookie.
pub(super) fn read<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        all.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// The name of the session's cookie.
pub(super) fn session_name(is_secure: bool) -> &'static str {
    if is_secure { SECURE_SESSION } else { SESSION }
}

/// The header that gives a browser its session.
pub(super) fn session(token: &Token, is_secure: bool, seconds: u64) -> String {
    let name = session_name(is_secure);
    let secure = if is_secure { "; Secure" } else { "" };
    format!("{name}={}; HttpOnly; SameSite=Strict; Path=/; Max-Age={seconds}{secure}", token.text())
}

/// The header that takes a session away.
pub(super) fn no_session(is_secure: bool) -> String {
    let name = session_name(is_secure);
    let secure = if is_secure { "; Secure" } else { "" };
    format!("{name}=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0{secure}")
}

/// Has the browser remember a language.
pub(in crate::web) fn set_language(headers: &mut HeaderMap, lang: Lang) {
    let cookie =
        format!("{LANGUAGE}={}; HttpOnly; SameSite=Lax; Path=/; Max-Age={YEAR}", lang.word());
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        headers.append(header::SET_COOKIE, cookie);
    }
}
