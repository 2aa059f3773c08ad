//! Who may ask, and what `check` and `status` say of it.

use simulator::BitrixKind;

use crate::bitrix24::bench::bench;

#[test]
fn a_webhook_that_is_refused_is_not_tried_on_and_on() {
    let bench = bench("");
    bench.apartments(1);
    bench.pass();
    bench.portal().set_secret("another");
    let batches = bench.asked("BitrixBatch");
    let ended = bench.fail();
    assert_eq!(bench.asked("BitrixBatch"), batches + 1);
    assert!(ended.stderr.contains("all requests to this system are paused"));
    assert!(bench.polled("apartment").starts_with("unauthorized|"));
    let error = bench.poll_error("apartment");
    assert!(error.contains("bitrix24.webhook_url"), "{error}");
    let status = bench.run(&["status"]);
    assert!(status.stdout.contains("bitrix24 apartment"), "{}", status.stdout);
    bench.portal().set_secret(crate::bitrix24::bench::SECRET);
    bench.pass();
}

#[test]
fn check_says_that_all_is_well() {
    let bench = bench("");
    let ended = bench.run(&["check"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert!(ended.stdout.contains("bitrix24  ok"), "{}", ended.stdout);
    assert_eq!(bench.asked("BitrixList"), 0);
}

#[test]
fn check_names_what_the_portal_does_not_have() {
    let bench = bench("units = 999\nfields.pml_end = \"ufCrm10_12345\"");
    let ended = bench.run(&["check"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    for problem in [
        "unit (999): crm.item.fields: refused (NOT_FOUND)",
        "owner_contract: no field ufCrm10_12345, which bitrix24.fields.pml_end names",
    ] {
        assert!(ended.stdout.contains(problem), "{}", ended.stdout);
    }
}

#[test]
fn check_says_that_the_webhook_is_refused() {
    let bench = bench("");
    bench.portal().set_secret("another");
    let ended = bench.run(&["check"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    assert!(ended.stdout.contains("check bitrix24.webhook_url"), "{}", ended.stdout);
}

#[test]
fn a_smart_process_that_there_is_not_fails_alone() {
    let bench = bench("units = 999");
    bench.apartments(2);
    bench.portal().put(BitrixKind::Contact, 1, r#"{"NAME":"Анна"}"#);
    bench.fail();
    assert_eq!(bench.polled("apartment"), "ok|2|2");
    assert_eq!(bench.polled("contact"), "ok|1|1");
    let error = bench.poll_error("unit");
    assert!(error.contains("NOT_FOUND") && error.contains("smart processes"), "{error}");
    let status = bench.run(&["status", "--json"]);
    assert!(status.stdout.contains("tenant_contract"), "{}", status.stdout);
}

#[test]
fn check_names_each_key_whose_code_the_portal_does_not_have_and_no_other() {
    let bench = bench("fields.apartment_lock = [\"ufCrm11_1\", \"ufCrm11_2\"]");
    bench.portal().put(BitrixKind::Apartment, 1, r#"{"title":"A","ufCrm11_2":"1234"}"#);
    bench.portal().lack(BitrixKind::Apartment, "ufCrm6_1720794204");
    bench.portal().lack(BitrixKind::Contact, "UF_CRM_1727788747");
    let ended = bench.run(&["check"]);
    assert_eq!(ended.code, Some(1), "{}", ended.stdout);
    for problem in [
        "apartment: no field ufCrm6_1720794204, which bitrix24.fields.apartment_keybox names",
        "contact: no field UF_CRM_1727788747, which bitrix24.fields.contact_email names",
    ] {
        assert!(ended.stdout.contains(problem), "{}", ended.stdout);
    }
    assert_eq!(ended.stdout.matches("no field").count(), 2, "{}", ended.stdout);
}
