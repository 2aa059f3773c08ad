//! A ledger as a company of some size has it: flats, accounts, people and meters, and what waits
//! for a person. All is invented.

use rusqlite::Connection;

/// A street, a surname and a phone that are found.
pub(crate) const SEARCHES: [&str; 5] =
    ["Лодочная 17 5", "Журавлёва", "+7 900 000-10-01", "700000041", "лодочная"];

/// Puts in so many records, each with its change, and so many things that wait.
pub(crate) fn fill(ledger: &Connection, records: usize, waiting: usize) -> anyhow::Result<()> {
    let (requests, quarantined, calls) = (waiting * 4 / 10, waiting * 3 / 10, waiting * 3 / 10);
    ledger.execute_batch(&format!(
        "CREATE TEMP TABLE surname (n INTEGER PRIMARY KEY, text TEXT);
         INSERT INTO surname VALUES (0, 'Журавлёва'), (1, 'Клёнов'), (2, 'Калинкин'), (3, 'Озёрова-Клёнова'),
             (4, 'Ветрова'), (5, 'Лодкин'), (6, 'Ручьёв'), (7, 'Берёзкина'), (8, 'Полянский'), (9, 'Тростникова');
         CREATE TEMP TABLE street (n INTEGER PRIMARY KEY, text TEXT);
         INSERT INTO street VALUES (0, 'ул. Лодочная'), (1, 'ул. Ткачей'), (2, '3-я Фонарная ул.'), (3, 'пр-т Заречный');
         CREATE TEMP TABLE n (n INTEGER PRIMARY KEY);
         WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < {records} / 4)
         INSERT INTO n SELECT n FROM up;
         INSERT INTO record (source, kind, id, body, hash, first_seen_at, updated_at)
         SELECT 'uzhkh', 'object', printf('o-%030d', n.n), json_object('Id', printf('o-%030d', n.n), 'Locality',
                 'г. Верхнелесье', 'Street', street.text, 'HouseNumber', CAST(n.n / 600 + 1 AS TEXT), 'FlatNumber',
                 CAST(n.n / 4 % 150 + 1 AS TEXT), 'HouseId', printf('h-%d', n.n / 600), 'SquareAll', 41.5),
             printf('%064d', n.n), '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'
         FROM n JOIN street ON street.n = n.n % 4;
         INSERT INTO record (source, kind, id, body, hash, first_seen_at, updated_at)
         SELECT 'uzhkh', 'resident', printf('r-%030d', n.n), json_object('Id', printf('r-%030d', n.n), 'Surname',
                 surname.text, 'Name', 'Майя', 'Patronymic', 'Львовна', 'Phone', printf('+7900%07d', n.n), 'Email',
                 printf('r%d@example.invalid', n.n)),
             printf('%064d', n.n), '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z'
         FROM n JOIN surname ON surname.n = n.n % 10;
         INSERT INTO record (source, kind, id, body, hash, first_seen_at, updated_at)
         SELECT 'uzhkh', 'account', printf('a-%030d', n), json_object('Id', printf('a-%030d', n), 'AccountNumber',
                 CAST(700000000 + n AS TEXT), 'ApartmentID', printf('o-%030d', n), 'Balance', -12.5, 'Persons',
                 json_array(json_object('Id', printf('r-%030d', n), 'IsOwner', json('true')))),
             printf('%064d', n), '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z' FROM n;
         INSERT INTO record (source, kind, id, body, hash, first_seen_at, updated_at)
         SELECT 'uzhkh', 'counter', printf('c-%030d', n), json_object('Id', printf('c-%030d', n), 'SerialNumber',
                 'SN-' || n, 'Value1', 10.5, 'FlatId', printf('o-%030d', n)),
             printf('%064d', n), '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z' FROM n;
         INSERT INTO record (source, kind, id, body, hash, first_seen_at, updated_at)
         SELECT 'uzhkh', 'requesttoregister', CAST(n AS TEXT), json_object('Id', n, 'Surname', 'Ветрова', 'Name',
                 'Инна', 'Phone', '+79000000001', 'AccountNumber', CAST(700000000 + n AS TEXT), 'FlatId',
                 printf('o-%030d', n)),
             printf('%064d', n), printf('2026-02-01T00:%02d:%02d.000Z', n / 60 % 60, n % 60), '2026-02-01T00:00:00.000Z'
         FROM n WHERE n <= {requests};
         INSERT INTO change (at, source, kind, id, op)
         SELECT '2026-01-01T00:00:00.000Z', source, kind, id, 'insert' FROM record;
         INSERT INTO envelope (queue, guid, kinds, body, body_sha256, bytes, received_at, state, last_error, as_of)
         SELECT 'requests', 'bad-' || n, '[]', '{{}}', printf('%064d', n), 2, '2026-02-02T00:00:00.000Z', 'quarantined',
             'no known member', 0 FROM n WHERE n <= {quarantined};
         INSERT INTO call (target, op, params, state, attempts, created_at, finished_at, last_error)
         SELECT 'macrocrm', 'add', json_object('house_id', '1', 'flat_num', CAST(n AS TEXT)), CASE n % 2 WHEN 0 THEN
             'unknown' ELSE 'failed' END, 1, '2026-02-03T00:00:00.000Z', '2026-02-03T00:00:01.000Z', 'no answer came'
         FROM n WHERE n <= {calls};
         DROP TABLE surname; DROP TABLE street; DROP TABLE n;"
    ))?;
    Ok(())
}
