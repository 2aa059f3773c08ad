//! Entities as the vendor's document has them, of invented people, complete and
//! without a fault. A test replaces what it is about.

/// An entry of To1c/Requests with one member.
pub(crate) fn envelope(guid: &str, member: &str, entity: &str) -> String {
    format!(r#"{{"Guid":"{guid}","{member}":{entity}}}"#)
}

/// An entry of To1c/DeletedItems.
pub(crate) fn deletion(guid: &str, kind: &str, id: &str) -> String {
    format!(r#"{{"Guid":"{guid}","Id":"{id}","Type":"{kind}"}}"#)
}

pub(crate) fn resident(id: &str) -> String {
    format!(
        r#"{{"Surname":"Ветрова","Name":"Инна","Patronymic":"Павловна","UrCompanyName":null,"Email":"inna@example.invalid","Phone":"+70000000001","Id":"{id}","IsEmployer":null,"IsOwner":null,"ParentResidentId":null}}"#
    )
}

/// A person as it stands inside an account.
pub(crate) fn person(id: &str) -> String {
    resident(id)
        .replace(r#""IsEmployer":null"#, r#""IsEmployer":false"#)
        .replace(r#""IsOwner":null"#, r#""IsOwner":true"#)
}

pub(crate) fn account(id: &str) -> String {
    format!(
        r#"{{"Id":"{id}","AccountNumber":"1001","IsActive":true,"ApartmentID":"o1","TypeObject":"Квартира","DateTimeOpen":"2023-01-15T00:00:00","DateTimeClose":null,"SpelledOutPerson":2,"RegisteredPerson":2,"LivingPerson":3,"RelatedAccountId":null,"Balance":10.50,"Persons":[]}}"#
    )
}

/// An account with these persons.
pub(crate) fn account_of(id: &str, persons: &[String]) -> String {
    let persons = format!(r#""Persons":[{}]"#, persons.join(","));
    account(id).replace(r#""Persons":[]"#, &persons)
}

pub(crate) fn object(id: &str) -> String {
    format!(
        r#"{{"TypeObject":"Квартира","Address":"ул. Лодочная, д. 4, кв. 12","Locality":"Заречный","Street":"Лодочная","HouseNumber":"4","FlatNumber":"12","SquareAll":54.3,"SquareLiving":31.0,"CountRooms":"2","EtazhNumber":3,"PodyezdNumber":"1","Id":"{id}","HouseId":"h4","YearOfHouse":2019,"SipNumber":null,"SipPassword":null}}"#
    )
}

pub(crate) fn counter(id: &str) -> String {
    format!(
        r#"{{"Id":"{id}","SerialNumber":"SN-77","Value1":10.50,"Value2":null,"Value3":null,"DateTimeForValue":"2024-05-01T08:00:00","CounterTypeIdentifier":"Gas","IsPublish":true,"FlatId":"o1","TypeObject":"Квартира","CheckDate":null,"CommissioningDate":null}}"#
    )
}

pub(crate) fn request(id: u32) -> String {
    format!(
        r#"{{"Id":{id},"Number":"{id}","Title":"Течёт кран","CreationDate":"2024-05-01T08:00:00","AccountNumber":"1001","AccountId":"a1","Status":"Новая","IsCrash":false,"IsImportant":true,"IsPayable":false,"IsGuarantee":false,"IsComplaint":false,"IsReasonable":false,"IsRepeated":false,"ResidentId":"r1","FlatId":"o1","TypeObject":"Квартира","IsPayment":false,"PaymentSum":0,"Files":["a.jpg"],"FilesFromExecutor":[],"IdCounter":null}}"#
    )
}

pub(crate) fn payment(id: &str) -> String {
    format!(
        r#"{{"Sum":1500.00,"Commission":0.00,"AccountNumber":"1001","AccountId":"a1","DateTime":"2024-05-02T09:30:00","Id":"{id}","IdRequest":null,"IsRequest":false,"FromWeb":true,"FromMobile":false,"IsInsurance":false,"IsAutopay":false}}"#
    )
}

/// `kind` is article, news or notice.
pub(crate) fn document(kind: &str, id: &str) -> String {
    format!(
        r#"{{"Id":"{id}","TypeName":"{kind}","Title":"Субботник","Text":"<p>Приходите</p>","IsPublish":true,"Date":"2024-05-03T10:00:00","IsForExecutors":false,"IsForResponsibles":false,"IsForContractors":false,"IsForDisp":true,"IsForParking":false,"IsForNoParking":false,"HousesIds":"h4","ResidentsIds":null,"ResidentToFlatsIds":null}}"#
    )
}

pub(crate) fn to_register(id: &str) -> String {
    format!(
        r#"{{"Id":"{id}","FlatId":"o1","AccountNumber":"1001","Surname":"Ветрова","Name":"Инна","Patronymic":"Павловна","Email":"inna@example.invalid","Phone":"+70000000001"}}"#
    )
}

pub(crate) fn to_object_adding(id: &str) -> String {
    format!(r#"{{"Id":"{id}","FlatId":"o1","ResidentId":"r1"}}"#)
}

pub(crate) fn car(id: &str) -> String {
    format!(
        r#"{{"Id":"{id}","ResidentId":"r1","Brand":"Лада","Model":"Веста","Number":"А000АА","PhoneDriver":null,"IsTemp":false}}"#
    )
}
