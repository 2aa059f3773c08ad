#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| uzhkh_ledger::fuzzing::hold("bitrix24", bytes));
