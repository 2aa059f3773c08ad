-- Version 2 to 3: what Alma should hold, and what it was sent.

CREATE TABLE alma_object (
    -- What Alma should hold, what it was last sent, and how that stands. Fields are named
    -- as in Alma's document; a reference in them is the external id of what it refers to.
    kind TEXT NOT NULL CHECK (kind IN ('building', 'unit', 'room', 'client', 'owner_contract', 'tenant_contract')),
    external_id TEXT NOT NULL,       -- the id in the source: uzhkh: of the object, resident, ACCOUNT:RESIDENT;
                                     -- of a building the house's, which Alma is not told
    alma_id INTEGER,                 -- NULL: not known to be in Alma
    desired TEXT,                    -- JSON object. NULL: it should not be there, or (blocked) nobody can tell
    sent TEXT,                       -- JSON object. NULL: Alma is looked at before anything is sent
    state TEXT NOT NULL CHECK (state IN ('synced', 'pending', 'blocked', 'rejected', 'held', 'archived')),
                                     -- blocked: a needed value or a parent is missing; rejected: Alma said no;
                                     -- held: waits for `uzhkh-ledger alma release`
    reason TEXT,                     -- why it is not synced, or what was last refused; of what is pending the
                                     -- last error
    attempts INTEGER NOT NULL DEFAULT 0, -- that failed, since the last success
    next_attempt_at TEXT,            -- NULL: at once
    updated_at TEXT NOT NULL,
    waits_for TEXT,                  -- blocked by this object of Alma: unit 0190…; NULL: by none
    released_at TEXT,                -- what it was held for may be done; NULL: may not
    PRIMARY KEY (kind, external_id),
    CHECK (state <> 'synced' OR (alma_id IS NOT NULL AND desired IS NOT NULL AND sent IS NOT NULL)),
    CHECK (state IN ('synced', 'pending') OR reason IS NOT NULL),
    CHECK (state <> 'archived' OR desired IS NULL),
    CHECK (waits_for IS NULL OR state = 'blocked')
) STRICT;

CREATE UNIQUE INDEX alma_object_of_alma ON alma_object (kind, alma_id) WHERE alma_id IS NOT NULL;
CREATE INDEX alma_object_pending ON alma_object (kind, external_id) WHERE state = 'pending';
CREATE INDEX alma_object_waiting ON alma_object (waits_for) WHERE waits_for IS NOT NULL;
CREATE INDEX alma_object_unit_called ON alma_object (sent ->> '$.building', sent ->> '$.name') WHERE kind = 'unit';
CREATE INDEX alma_object_on_unit ON alma_object (sent ->> '$.unit_id')
    WHERE kind IN ('owner_contract', 'tenant_contract');
CREATE INDEX alma_object_leaving ON alma_object (kind, state) WHERE desired IS NULL;

CREATE TABLE alma_cursor (
    -- How far the changes of the source have been followed.
    one INTEGER PRIMARY KEY CHECK (one = 1),
    settings TEXT NOT NULL,          -- what objects are made by besides records; when it changes, all are made anew
    change_seq INTEGER NOT NULL,     -- changes up to this one have marked what they touch
    walked_to TEXT                   -- all records are being looked at anew, up to here; NULL: they have been
) STRICT;

CREATE TABLE alma_dirty (
    -- Objects of Alma that a change has touched: they are to be made anew from the records.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    external_id TEXT NOT NULL,
    UNIQUE (kind, external_id)
) STRICT;

CREATE TABLE alma_link (
    -- What each record names, so that what its change touches is looked up, not searched.
    kind TEXT NOT NULL,              -- of the record
    id TEXT NOT NULL,
    to_kind TEXT NOT NULL,           -- object, resident, house, address, …
    to_id TEXT NOT NULL,
    PRIMARY KEY (kind, id, to_kind, to_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX alma_link_back ON alma_link (to_kind, to_id, kind, id);

CREATE VIEW alma_pending AS
SELECT kind, external_id, alma_id, state, reason, waits_for, attempts, next_attempt_at, released_at, updated_at
FROM alma_object
WHERE state <> 'synced'
ORDER BY kind, external_id;

CREATE VIEW bitrix_apartment AS
SELECT
    id,
    nullif(CASE substr(title, 1, 1) WHEN '"' THEN title ->> '$' ELSE title END, '') AS title,
    nullif(CASE substr(building, 1, 1) WHEN '"' THEN building ->> '$' ELSE building END, '') AS building,
    nullif(CASE substr(apartment_number, 1, 1) WHEN '"' THEN apartment_number ->> '$' ELSE apartment_number END, '') AS apartment_number,
    nullif(CASE substr(address, 1, 1) WHEN '"' THEN address ->> '$' ELSE address END, '') AS address,
    nullif(CASE substr(floor, 1, 1) WHEN '"' THEN floor ->> '$' ELSE floor END, '') AS floor,
    nullif(CASE substr(type, 1, 1) WHEN '"' THEN type ->> '$' WHEN '[' THEN CAST(type ->> '$[0]' AS TEXT) ELSE type END, '') AS type, -- 52 studio, 54 to 64 of 1 to 6 bedrooms
    nullif(CASE substr(metro, 1, 1) WHEN '"' THEN metro ->> '$' WHEN '[' THEN CAST(metro ->> '$[0]' AS TEXT) ELSE metro END, '') AS metro,
    nullif(CASE substr(wifi_name, 1, 1) WHEN '"' THEN wifi_name ->> '$' ELSE wifi_name END, '') AS wifi_name,
    nullif(CASE substr(wifi_password, 1, 1) WHEN '"' THEN wifi_password ->> '$' ELSE wifi_password END, '') AS wifi_password,
    nullif(CASE substr(parking_number, 1, 1) WHEN '"' THEN parking_number ->> '$' ELSE parking_number END, '') AS parking_number,
    nullif(CASE substr(lock_password, 1, 1) WHEN '"' THEN lock_password ->> '$' ELSE lock_password END, '') AS lock_password,
    nullif(CASE substr(keybox_code, 1, 1) WHEN '"' THEN keybox_code ->> '$' ELSE keybox_code END, '') AS keybox_code,
    nullif(CASE substr(sharing, 1, 1) WHEN '"' THEN sharing ->> '$' WHEN '[' THEN CAST(sharing ->> '$[0]' AS TEXT) ELSE sharing END, '') AS sharing, -- 4600 shared, 4598 not
    nullif(nullif(substr(CASE substr(unit_id, 1, 1) WHEN '"' THEN unit_id ->> '$' WHEN '[' THEN CAST(unit_id ->> '$[0]' AS TEXT) ELSE unit_id END, instr(CASE substr(unit_id, 1, 1) WHEN '"' THEN unit_id ->> '$' WHEN '[' THEN CAST(unit_id ->> '$[0]' AS TEXT) ELSE unit_id END, '_') + 1), ''), '0') AS unit_id, -- where it is not shared
    nullif(CASE substr(area, 1, 1) WHEN '"' THEN area ->> '$' ELSE area END, '') AS area,
    nullif(CASE substr(target_rent, 1, 1) WHEN '"' THEN target_rent ->> '$' ELSE target_rent END, '') AS target_rent,
    nullif(CASE substr(baths, 1, 1) WHEN '"' THEN baths ->> '$' ELSE baths END, '') AS baths,
    CASE upper(CASE substr(swimming_pool, 1, 1) WHEN '"' THEN swimming_pool ->> '$' ELSE swimming_pool END) WHEN 'Y' THEN 1 WHEN '1' THEN 1 WHEN 'TRUE' THEN 1 WHEN 'N' THEN 0 WHEN '0' THEN 0 WHEN 'FALSE' THEN 0 END AS swimming_pool,
    nullif(CASE substr(photos, 1, 1) WHEN '"' THEN photos ->> '$' ELSE photos END, '') AS photos, -- JSON
    updated_at
FROM (
    SELECT
        id,
        coalesce(nullif(body -> '$.title', 'null'), nullif(body -> '$.TITLE', 'null')) AS title,
        coalesce(nullif(body -> '$.ufCrm6_1682232363193', 'null'), nullif(body -> '$.UF_CRM_6_1682232363193', 'null')) AS building,
        coalesce(nullif(body -> '$.ufCrm6_1682232396330', 'null'), nullif(body -> '$.UF_CRM_6_1682232396330', 'null')) AS apartment_number,
        coalesce(nullif(body -> '$.ufCrm6_1718821717', 'null'), nullif(body -> '$.UF_CRM_6_1718821717', 'null')) AS address,
        coalesce(nullif(body -> '$.ufCrm6_1682232312628', 'null'), nullif(body -> '$.UF_CRM_6_1682232312628', 'null')) AS floor,
        coalesce(nullif(body -> '$.ufCrm6_1682232863625', 'null'), nullif(body -> '$.UF_CRM_6_1682232863625', 'null')) AS type,
        coalesce(nullif(body -> '$.ufCrm6_1682233481671', 'null'), nullif(body -> '$.UF_CRM_6_1682233481671', 'null')) AS metro,
        coalesce(nullif(body -> '$.ufCrm6_1682235809295', 'null'), nullif(body -> '$.UF_CRM_6_1682235809295', 'null')) AS wifi_name,
        coalesce(nullif(body -> '$.ufCrm6_1686728251990', 'null'), nullif(body -> '$.UF_CRM_6_1686728251990', 'null')) AS wifi_password,
        coalesce(nullif(body -> '$.ufCrm6_1683299159437', 'null'), nullif(body -> '$.UF_CRM_6_1683299159437', 'null')) AS parking_number,
        coalesce(nullif(body -> '$.ufCrm6_1715777670', 'null'), nullif(body -> '$.UF_CRM_6_1715777670', 'null')) AS lock_password,
        coalesce(nullif(body -> '$.ufCrm6_1720794204', 'null'), nullif(body -> '$.UF_CRM_6_1720794204', 'null')) AS keybox_code,
        coalesce(nullif(body -> '$.ufCrm6_1736951470242', 'null'), nullif(body -> '$.UF_CRM_6_1736951470242', 'null')) AS sharing,
        coalesce(nullif(body -> '$.ufCrm6_1684425402', 'null'), nullif(body -> '$.UF_CRM_6_1684425402', 'null')) AS unit_id,
        coalesce(nullif(body -> '$.ufCrm6_1682232424142', 'null'), nullif(body -> '$.UF_CRM_6_1682232424142', 'null')) AS area,
        coalesce(nullif(body -> '$.ufCrm6_1682232447205', 'null'), nullif(body -> '$.UF_CRM_6_1682232447205', 'null')) AS target_rent,
        coalesce(nullif(body -> '$.ufCrm6_1682232465964', 'null'), nullif(body -> '$.UF_CRM_6_1682232465964', 'null')) AS baths,
        coalesce(nullif(body -> '$.ufCrm6_1697622591377', 'null'), nullif(body -> '$.UF_CRM_6_1697622591377', 'null')) AS swimming_pool,
        coalesce(nullif(body -> '$.ufCrm6_1682238498225', 'null'), nullif(body -> '$.UF_CRM_6_1682238498225', 'null')) AS photos,
        updated_at
    FROM record
    WHERE source = 'bitrix24' AND kind = 'apartment' AND deleted_at IS NULL
);

CREATE VIEW bitrix_unit AS
SELECT
    id,
    nullif(CASE substr(title, 1, 1) WHEN '"' THEN title ->> '$' ELSE title END, '') AS title,
    nullif(CASE substr(number_of_unit, 1, 1) WHEN '"' THEN number_of_unit ->> '$' WHEN '[' THEN CAST(number_of_unit ->> '$[0]' AS TEXT) ELSE number_of_unit END, '') AS number_of_unit, -- the name of the room: 1294 is 1, 1296 is 2, …
    nullif(CASE substr(number, 1, 1) WHEN '"' THEN number ->> '$' ELSE number END, '') AS number,
    nullif(CASE substr(housing_type, 1, 1) WHEN '"' THEN housing_type ->> '$' WHEN '[' THEN CAST(housing_type ->> '$[0]' AS TEXT) ELSE housing_type END, '') AS housing_type, -- 242 room, 244 bunk
    nullif(CASE substr(target_rent, 1, 1) WHEN '"' THEN target_rent ->> '$' ELSE target_rent END, '') AS target_rent,
    nullif(CASE substr(area, 1, 1) WHEN '"' THEN area ->> '$' ELSE area END, '') AS area,
    nullif(nullif(substr(CASE substr(apartment_id, 1, 1) WHEN '"' THEN apartment_id ->> '$' WHEN '[' THEN CAST(apartment_id ->> '$[0]' AS TEXT) ELSE apartment_id END, instr(CASE substr(apartment_id, 1, 1) WHEN '"' THEN apartment_id ->> '$' WHEN '[' THEN CAST(apartment_id ->> '$[0]' AS TEXT) ELSE apartment_id END, '_') + 1), ''), '0') AS apartment_id,
    updated_at
FROM (
    SELECT
        id,
        coalesce(nullif(body -> '$.title', 'null'), nullif(body -> '$.TITLE', 'null')) AS title,
        coalesce(nullif(body -> '$.ufCrm8_1698838056004', 'null'), nullif(body -> '$.UF_CRM_8_1698838056004', 'null')) AS number_of_unit,
        coalesce(nullif(body -> '$.ufCrm8_1686662655574', 'null'), nullif(body -> '$.UF_CRM_8_1686662655574', 'null')) AS number,
        coalesce(nullif(body -> '$.ufCrm8_1682957076924', 'null'), nullif(body -> '$.UF_CRM_8_1682957076924', 'null')) AS housing_type,
        coalesce(nullif(body -> '$.ufCrm8_1699620518232', 'null'), nullif(body -> '$.UF_CRM_8_1699620518232', 'null')) AS target_rent,
        coalesce(nullif(body -> '$.ufCrm8_1686662606534', 'null'), nullif(body -> '$.UF_CRM_8_1686662606534', 'null')) AS area,
        coalesce(nullif(body -> '$.ufCrm8_1684429208', 'null'), nullif(body -> '$.UF_CRM_8_1684429208', 'null')) AS apartment_id,
        updated_at
    FROM record
    WHERE source = 'bitrix24' AND kind = 'unit' AND deleted_at IS NULL
);

CREATE VIEW bitrix_owner_contract AS
SELECT
    id,
    nullif(CASE substr(title, 1, 1) WHEN '"' THEN title ->> '$' ELSE title END, '') AS title,
    nullif(substr(CASE substr(start_date, 1, 1) WHEN '"' THEN start_date ->> '$' WHEN '[' THEN CAST(start_date ->> '$[0]' AS TEXT) ELSE start_date END, 1, 10), '') AS start_date,
    nullif(substr(CASE substr(end_date, 1, 1) WHEN '"' THEN end_date ->> '$' WHEN '[' THEN CAST(end_date ->> '$[0]' AS TEXT) ELSE end_date END, 1, 10), '') AS end_date,
    nullif(nullif(substr(CASE substr(apartment_id, 1, 1) WHEN '"' THEN apartment_id ->> '$' WHEN '[' THEN CAST(apartment_id ->> '$[0]' AS TEXT) ELSE apartment_id END, instr(CASE substr(apartment_id, 1, 1) WHEN '"' THEN apartment_id ->> '$' WHEN '[' THEN CAST(apartment_id ->> '$[0]' AS TEXT) ELSE apartment_id END, '_') + 1), ''), '0') AS apartment_id,
    nullif(nullif(substr(CASE substr(contact_id, 1, 1) WHEN '"' THEN contact_id ->> '$' WHEN '[' THEN CAST(contact_id ->> '$[0]' AS TEXT) ELSE contact_id END, instr(CASE substr(contact_id, 1, 1) WHEN '"' THEN contact_id ->> '$' WHEN '[' THEN CAST(contact_id ->> '$[0]' AS TEXT) ELSE contact_id END, '_') + 1), ''), '0') AS contact_id,
    nullif(CASE substr(work_model, 1, 1) WHEN '"' THEN work_model ->> '$' WHEN '[' THEN CAST(work_model ->> '$[0]' AS TEXT) ELSE work_model END, '') AS work_model,
    nullif(substr(CASE substr(pml_start_date, 1, 1) WHEN '"' THEN pml_start_date ->> '$' WHEN '[' THEN CAST(pml_start_date ->> '$[0]' AS TEXT) ELSE pml_start_date END, 1, 10), '') AS pml_start_date, -- of the property management letter
    nullif(substr(CASE substr(pml_end_date, 1, 1) WHEN '"' THEN pml_end_date ->> '$' WHEN '[' THEN CAST(pml_end_date ->> '$[0]' AS TEXT) ELSE pml_end_date END, 1, 10), '') AS pml_end_date,
    nullif(CASE substr(contract_with_client_scan, 1, 1) WHEN '"' THEN contract_with_client_scan ->> '$' ELSE contract_with_client_scan END, '') AS contract_with_client_scan, -- JSON, as the scans below
    nullif(CASE substr(property_title_deed_scan, 1, 1) WHEN '"' THEN property_title_deed_scan ->> '$' ELSE property_title_deed_scan END, '') AS property_title_deed_scan,
    nullif(CASE substr(property_management_letter_scan, 1, 1) WHEN '"' THEN property_management_letter_scan ->> '$' ELSE property_management_letter_scan END, '') AS property_management_letter_scan,
    nullif(CASE substr(dtcm_permit_scan, 1, 1) WHEN '"' THEN dtcm_permit_scan ->> '$' ELSE dtcm_permit_scan END, '') AS dtcm_permit_scan,
    nullif(CASE substr(passport_scan, 1, 1) WHEN '"' THEN passport_scan ->> '$' ELSE passport_scan END, '') AS passport_scan,
    updated_at
FROM (
    SELECT
        id,
        coalesce(nullif(body -> '$.title', 'null'), nullif(body -> '$.TITLE', 'null')) AS title,
        coalesce(nullif(body -> '$.ufCrm10_1693823247516', 'null'), nullif(body -> '$.UF_CRM_10_1693823247516', 'null')) AS start_date,
        coalesce(nullif(body -> '$.ufCrm10_1693823282826', 'null'), nullif(body -> '$.UF_CRM_10_1693823282826', 'null')) AS end_date,
        coalesce(nullif(body -> '$.ufCrm10_1693823301', 'null'), nullif(body -> '$.UF_CRM_10_1693823301', 'null')) AS apartment_id,
        coalesce(nullif(body -> '$.contactId', 'null'), nullif(body -> '$.CONTACT_ID', 'null')) AS contact_id,
        coalesce(nullif(body -> '$.ufCrm10_1708955821', 'null'), nullif(body -> '$.UF_CRM_10_1708955821', 'null')) AS work_model,
        coalesce(nullif(body -> '$.ufCrm10_1708956056', 'null'), nullif(body -> '$.UF_CRM_10_1708956056', 'null')) AS pml_start_date,
        coalesce(nullif(body -> '$.ufCrm10_1708955996', 'null'), nullif(body -> '$.UF_CRM_10_1708955996', 'null')) AS pml_end_date,
        coalesce(nullif(body -> '$.ufCrm10_1709042143', 'null'), nullif(body -> '$.UF_CRM_10_1709042143', 'null')) AS contract_with_client_scan,
        coalesce(nullif(body -> '$.ufCrm10_1694000636731', 'null'), nullif(body -> '$.UF_CRM_10_1694000636731', 'null')) AS property_title_deed_scan,
        coalesce(nullif(body -> '$.ufCrm10_1694000391518', 'null'), nullif(body -> '$.UF_CRM_10_1694000391518', 'null')) AS property_management_letter_scan,
        coalesce(nullif(body -> '$.ufCrm10_1694000558852', 'null'), nullif(body -> '$.UF_CRM_10_1694000558852', 'null')) AS dtcm_permit_scan,
        coalesce(nullif(body -> '$.ufCrm10_1694000435068', 'null'), nullif(body -> '$.UF_CRM_10_1694000435068', 'null')) AS passport_scan,
        updated_at
    FROM record
    WHERE source = 'bitrix24' AND kind = 'owner_contract' AND deleted_at IS NULL
);

CREATE VIEW bitrix_tenant_contract AS
SELECT
    id,
    nullif(CASE substr(title, 1, 1) WHEN '"' THEN title ->> '$' ELSE title END, '') AS title,
    nullif(substr(CASE substr(start_date, 1, 1) WHEN '"' THEN start_date ->> '$' WHEN '[' THEN CAST(start_date ->> '$[0]' AS TEXT) ELSE start_date END, 1, 10), '') AS start_date,
    nullif(substr(CASE substr(end_date, 1, 1) WHEN '"' THEN end_date ->> '$' WHEN '[' THEN CAST(end_date ->> '$[0]' AS TEXT) ELSE end_date END, 1, 10), '') AS end_date,
    nullif(nullif(substr(CASE substr(unit_id, 1, 1) WHEN '"' THEN unit_id ->> '$' WHEN '[' THEN CAST(unit_id ->> '$[0]' AS TEXT) ELSE unit_id END, instr(CASE substr(unit_id, 1, 1) WHEN '"' THEN unit_id ->> '$' WHEN '[' THEN CAST(unit_id ->> '$[0]' AS TEXT) ELSE unit_id END, '_') + 1), ''), '0') AS unit_id,
    nullif(nullif(substr(CASE substr(contact_id, 1, 1) WHEN '"' THEN contact_id ->> '$' WHEN '[' THEN CAST(contact_id ->> '$[0]' AS TEXT) ELSE contact_id END, instr(CASE substr(contact_id, 1, 1) WHEN '"' THEN contact_id ->> '$' WHEN '[' THEN CAST(contact_id ->> '$[0]' AS TEXT) ELSE contact_id END, '_') + 1), ''), '0') AS contact_id,
    nullif(CASE substr(price, 1, 1) WHEN '"' THEN price ->> '$' ELSE price END, '') AS price,
    nullif(CASE substr(currency, 1, 1) WHEN '"' THEN currency ->> '$' ELSE currency END, '') AS currency,
    nullif(CASE substr(type_contract, 1, 1) WHEN '"' THEN type_contract ->> '$' WHEN '[' THEN CAST(type_contract ->> '$[0]' AS TEXT) ELSE type_contract END, '') AS type_contract,
    nullif(CASE substr(history, 1, 1) WHEN '"' THEN history ->> '$' ELSE history END, '') AS history,
    nullif(CASE substr(passport_number, 1, 1) WHEN '"' THEN passport_number ->> '$' ELSE passport_number END, '') AS passport_number,
    nullif(CASE substr(passport_scan, 1, 1) WHEN '"' THEN passport_scan ->> '$' ELSE passport_scan END, '') AS passport_scan, -- JSON
    nullif(CASE substr(contract_scan, 1, 1) WHEN '"' THEN contract_scan ->> '$' ELSE contract_scan END, '') AS contract_scan, -- JSON
    updated_at
FROM (
    SELECT
        id,
        coalesce(nullif(body -> '$.title', 'null'), nullif(body -> '$.TITLE', 'null')) AS title,
        coalesce(nullif(body -> '$.ufCrm20ContractStartDate', 'null'), nullif(body -> '$.UF_CRM_20_CONTRACT_START_DATE', 'null')) AS start_date,
        coalesce(nullif(body -> '$.ufCrm20ContractEndDate', 'null'), nullif(body -> '$.UF_CRM_20_CONTRACT_END_DATE', 'null')) AS end_date,
        coalesce(nullif(body -> '$.ufCrm20_1693919019', 'null'), nullif(body -> '$.UF_CRM_20_1693919019', 'null')) AS unit_id,
        coalesce(nullif(body -> '$.contactId', 'null'), nullif(body -> '$.CONTACT_ID', 'null')) AS contact_id,
        coalesce(nullif(body -> '$.opportunity', 'null'), nullif(body -> '$.OPPORTUNITY', 'null')) AS price,
        coalesce(nullif(body -> '$.currencyId', 'null'), nullif(body -> '$.CURRENCY_ID', 'null')) AS currency,
        coalesce(nullif(body -> '$.ufCrm20_1693561495', 'null'), nullif(body -> '$.UF_CRM_20_1693561495', 'null')) AS type_contract,
        coalesce(nullif(body -> '$.ufCrm20ContractHistory', 'null'), nullif(body -> '$.UF_CRM_20_CONTRACT_HISTORY', 'null')) AS history,
        coalesce(nullif(body -> '$.ufCrm20_1696523391', 'null'), nullif(body -> '$.UF_CRM_20_1696523391', 'null')) AS passport_number,
        coalesce(nullif(body -> '$.ufCrm20_1696615939', 'null'), nullif(body -> '$.UF_CRM_20_1696615939', 'null')) AS passport_scan,
        coalesce(nullif(body -> '$.ufCrm20Contract', 'null'), nullif(body -> '$.UF_CRM_20_CONTRACT', 'null')) AS contract_scan,
        updated_at
    FROM record
    WHERE source = 'bitrix24' AND kind = 'tenant_contract' AND deleted_at IS NULL
);

CREATE VIEW bitrix_contact AS
SELECT
    id,
    nullif(CASE substr(first_name, 1, 1) WHEN '"' THEN first_name ->> '$' ELSE first_name END, '') AS first_name,
    nullif(CASE substr(last_name, 1, 1) WHEN '"' THEN last_name ->> '$' ELSE last_name END, '') AS last_name,
    nullif(CASE substr(email, 1, 1) WHEN '"' THEN email ->> '$' ELSE email END, '') AS email,
    phone, -- the first of the type WORK, or else the first
    nullif(substr(CASE substr(birthdate, 1, 1) WHEN '"' THEN birthdate ->> '$' WHEN '[' THEN CAST(birthdate ->> '$[0]' AS TEXT) ELSE birthdate END, 1, 10), '') AS birthdate,
    updated_at
FROM (
    SELECT
        id,
        coalesce(nullif(body -> '$.name', 'null'), nullif(body -> '$.NAME', 'null')) AS first_name,
        coalesce(nullif(body -> '$.lastName', 'null'), nullif(body -> '$.LAST_NAME', 'null')) AS last_name,
        coalesce(nullif(body -> '$.ufCrm_1727788747', 'null'), nullif(body -> '$.UF_CRM_1727788747', 'null')) AS email,
        coalesce(
            (SELECT CASE phone.type WHEN 'object' THEN phone.value ->> '$.VALUE' END AS number
             FROM json_each(body, '$.PHONE') AS phone
             WHERE number <> ''
             ORDER BY CASE phone.type WHEN 'object' THEN phone.value ->> '$.VALUE_TYPE' = 'WORK' END DESC, phone.id LIMIT 1),
            (SELECT CASE fm.type WHEN 'object' THEN fm.value ->> '$.value' END AS number
             FROM json_each(body, '$.fm') AS fm
             WHERE number <> '' AND CASE fm.type WHEN 'object' THEN fm.value ->> '$.typeId' END = 'PHONE'
             ORDER BY CASE fm.type WHEN 'object' THEN fm.value ->> '$.valueType' = 'WORK' END DESC, fm.id LIMIT 1)) AS phone,
        coalesce(nullif(body -> '$.birthdate', 'null'), nullif(body -> '$.BIRTHDATE', 'null')) AS birthdate,
        updated_at
    FROM record
    WHERE source = 'bitrix24' AND kind = 'contact' AND deleted_at IS NULL
);
