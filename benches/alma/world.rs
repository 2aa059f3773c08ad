//! Houses of sixty flats, each flat with an account and its owner: invented people.

use simulator::Uzhkh;

/// So many flats share a house.
const FLATS_OF_A_HOUSE: usize = 60;

/// Puts into the queue what makes so many objects of Alma.
pub(crate) fn fill(uzhkh: &Uzhkh, objects: usize) {
    // A flat is a unit, a client and a contract.
    for n in 0..objects / 3 {
        uzhkh.push_request(flat(n, "2"));
        uzhkh.push_request(account(n));
    }
}

/// Puts a change of one flat into the queue.
pub(crate) fn change(uzhkh: &Uzhkh) {
    uzhkh.push_request(flat(0, "3"));
}

fn flat(n: usize, rooms: &str) -> String {
    let (house, number) = (n / FLATS_OF_A_HOUSE, n % FLATS_OF_A_HOUSE + 1);
    format!(
        r#"{{"Guid":"flat-{n}-{rooms}","Obj":{{"TypeObject":"Квартира","Address":"ул. Тихих Сосен, д. {house}, кв. {number}","Street":"ул. Тихих Сосен","HouseNumber":"{house}","FlatNumber":"{number}","SquareAll":54.3,"CountRooms":"{rooms}","EtazhNumber":3,"Id":"o{n}","HouseId":"h{house}"}}}}"#
    )
}

fn account(n: usize) -> String {
    format!(
        r#"{{"Guid":"account-{n}","Account":{{"Id":"a{n}","AccountNumber":"{n:09}","IsActive":true,"ApartmentID":"o{n}","TypeObject":"Квартира","DateTimeOpen":"2023-01-15T00:00:00","DateTimeClose":null,"Balance":10.50,"Persons":[{{"Surname":"Ветрова","Name":"Злата","Patronymic":"Игнатовна","UrCompanyName":null,"Email":"r{n}@example.com","Phone":"+7900{n:07}","Id":"r{n}","IsEmployer":false,"IsOwner":true,"ParentResidentId":null}}]}}}}"#
    )
}
