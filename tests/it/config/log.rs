//! `[log]`.

use uzhkh_ledger::config::LogFormat;

use crate::config::{LEAST, parse};

#[test]
fn a_level_is_a_word_or_directives_that_each_name_one() {
    for level in ["debug", "WARN", "off", "info,uzhkh_ledger::http=debug"] {
        let log = parse(&format!("{LEAST}[log]\nlevel = \"{level}\"\n")).unwrap().log;
        assert_eq!(log.level, level);
        assert_eq!(log.format, LogFormat::Auto);
    }
    for level in ["inof", "uzhkh_ledger", "info,", "a=b=c", "info,http=loud", ""] {
        let error = parse(&format!("{LEAST}[log]\nlevel = \"{level}\"\n")).unwrap_err();
        assert!(error.to_string().contains("log.level: must"), "{level}: {error}");
    }
}

#[test]
fn a_format_is_one_of_four_words() {
    for (word, format) in [
        ("auto", LogFormat::Auto),
        ("text", LogFormat::Text),
        ("json", LogFormat::Json),
        ("journald", LogFormat::Journald),
    ] {
        let log = parse(&format!("{LEAST}[log]\nformat = \"{word}\"\n")).unwrap().log;
        assert_eq!(log.format, format);
    }
    let error = parse(&format!("{LEAST}[log]\nformat = \"xml\"\nfromat = \"text\"\n")).unwrap_err();
    let error = error.to_string();
    assert!(error.contains("log.format: must be one of"), "{error}");
    assert!(error.contains("did you mean format?"), "{error}");
}
