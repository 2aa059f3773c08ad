-- The ledger of uzhkh-ledger, the whole of it, as a new file gets it.
--
-- Times are UTC, RFC 3339 with milliseconds and Z, as text. JSON is text.
-- Read it whenever you like with `sqlite3 -readonly`; to change something use
-- the commands of uzhkh-ledger, which keep its promises.

PRAGMA application_id = 1970957415; -- 'uzlg'
PRAGMA user_version = 1;

-- ---------------------------------------------------------------- what came

CREATE TABLE envelope (
    -- One entry of To1c/Requests or To1c/DeletedItems, byte for byte as received.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL CHECK (queue IN ('requests', 'deleted')),
    guid TEXT NOT NULL,              -- '' where a quarantined entry had none
    kinds TEXT NOT NULL,             -- JSON array of the record kinds at the top level: ["account"]
    body ANY NOT NULL CHECK (typeof(body) IN ('text', 'blob')), -- a blob where it was not UTF-8;
                                     -- only the beginning where it was over uzhkh.max_envelope_bytes
    body_sha256 TEXT NOT NULL CHECK (length(body_sha256) = 64), -- of all that was received
    bytes INTEGER NOT NULL,          -- how long it was when received
    received_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('committed', 'acknowledged', 'quarantined')),
                                     -- committed: UZhKH has yet to be told; quarantined: it will not be
                                     -- told before a person decides
    acknowledged_at TEXT,            -- NULL unless acknowledged
    attempts INTEGER NOT NULL DEFAULT 0, -- acknowledgements that failed
    next_attempt_at TEXT,            -- NULL: at once
    last_error TEXT,                 -- why it is quarantined, or why the last acknowledgement failed
    announces_kind TEXT,             -- the sole top-level entity's own temporary id: its permanent one goes
    announces_id TEXT,               -- out with Delete as objectId. NULL: a plain Delete
    UNIQUE (queue, guid, body_sha256),
    CHECK ((state = 'acknowledged') = (acknowledged_at IS NOT NULL)),
    CHECK (state <> 'quarantined' OR last_error IS NOT NULL),
    CHECK ((announces_kind IS NULL) = (announces_id IS NULL))
) STRICT;

CREATE INDEX envelope_committed ON envelope (seq) WHERE state = 'committed';
CREATE INDEX envelope_announcing ON envelope (announces_kind, announces_id)
    WHERE state = 'committed' AND announces_id IS NOT NULL;
CREATE INDEX envelope_quarantined ON envelope (seq) WHERE state = 'quarantined';

CREATE TRIGGER envelope_stays_verbatim
BEFORE UPDATE OF queue, guid, body, body_sha256, bytes, received_at ON envelope
BEGIN
    SELECT RAISE(ABORT, 'an envelope is kept as it was received');
END;

CREATE TRIGGER envelope_outlives_its_acknowledgement
BEFORE DELETE ON envelope WHEN OLD.state <> 'acknowledged'
BEGIN
    SELECT RAISE(ABORT, 'an envelope that UZhKH was not told about is never removed');
END;

CREATE TABLE item (
    -- What a list that is read page by page (Download…) brought and could not be
    -- understood. Its numbers begin far above those of the envelopes, so that
    -- one number names one quarantined thing.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    feed TEXT NOT NULL,              -- the list it came from: DownloadAccounts
    body ANY NOT NULL CHECK (typeof(body) IN ('text', 'blob')),
    body_sha256 TEXT NOT NULL CHECK (length(body_sha256) = 64),
    bytes INTEGER NOT NULL,
    received_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('quarantined', 'applied', 'dismissed')),
    last_error TEXT NOT NULL,        -- why it was quarantined
    UNIQUE (source, feed, body_sha256)
) STRICT;

INSERT INTO sqlite_sequence (name, seq) VALUES ('item', 1000000000000);

-- ----------------------------------------------------------- what is known

CREATE TABLE record (
    -- The current version of each entity.
    source TEXT NOT NULL,            -- uzhkh
    kind TEXT NOT NULL,              -- the type word of SetId and DeletedItems: counter, resident, …; car
    id TEXT NOT NULL,                -- permanent
    body TEXT NOT NULL,              -- the entity as received, temporary ids replaced by permanent ones
    hash TEXT NOT NULL,              -- SHA-256 of body, hex
    first_seen_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,        -- of the last change
    deleted_at TEXT,                 -- NULL: live
    missing_since TEXT,              -- a full list no longer had it; NULL: seen, or never looked for
    PRIMARY KEY (source, kind, id)
) STRICT;

CREATE INDEX record_missing ON record (source, kind) WHERE missing_since IS NOT NULL;

CREATE TABLE change (
    -- One row for each real modification of a record. seq only grows: keep it as your cursor.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    op TEXT NOT NULL CHECK (op IN ('insert', 'update', 'delete', 'restore')),
    fields TEXT,                     -- update: {"Balance": ["10.50", "12.00"]}, old and new; else NULL
    envelope_seq INTEGER REFERENCES envelope (seq), -- NULL: from a full list, or by an operator
    CHECK ((op = 'update') = (fields IS NOT NULL))
) STRICT;

CREATE INDEX change_of_record ON change (kind, id);

CREATE TABLE identity (
    -- The permanent id that stands for a temporary one, for ever.
    kind TEXT NOT NULL,
    temporary_id TEXT NOT NULL CHECK (substr(temporary_id, 1, 2) = '--'),
    permanent_id TEXT NOT NULL CHECK (substr(permanent_id, 1, 2) <> '--' AND permanent_id <> ''),
    state TEXT NOT NULL CHECK (state IN ('reserved', 'announced', 'rejected')),
                                     -- reserved: nobody told UZhKH yet; rejected: it answered notFound or
                                     -- unknownType
    reserved_at TEXT NOT NULL,
    announced_at TEXT,               -- NULL unless announced
    sent_at TEXT,                    -- since when UZhKH may have it from us; written before it is sent
                                     -- by SetId, or when a Delete that carried it had no clear outcome
    PRIMARY KEY (kind, temporary_id),
    UNIQUE (kind, permanent_id),
    CHECK ((state = 'announced') = (announced_at IS NOT NULL))
) STRICT;

CREATE INDEX identity_reserved ON identity (reserved_at) WHERE state = 'reserved';
CREATE INDEX identity_rejected ON identity (kind) WHERE state = 'rejected';

CREATE TRIGGER identity_is_for_ever
BEFORE UPDATE OF kind, temporary_id, permanent_id ON identity WHEN OLD.state = 'announced'
BEGIN
    SELECT RAISE(ABORT, 'UZhKH already knows this id');
END;

CREATE TRIGGER identity_is_never_removed
BEFORE DELETE ON identity
BEGIN
    SELECT RAISE(ABORT, 'a permanent id is for ever');
END;

-- --------------------------------------------------------- what goes out

CREATE TABLE call (
    -- A request with an effect that must survive a crash.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    target TEXT NOT NULL,            -- uzhkh
    op TEXT NOT NULL,                -- SetId, HandleRequestToRegister, HandleRequestToObjectAdding
    params TEXT NOT NULL,            -- JSON object, named as the vendor names them
    envelope_seq INTEGER REFERENCES envelope (seq), -- the envelope whose Delete waits for it
    state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed', 'unknown')),
                                     -- failed: will not be tried again; unknown: sent, outcome not known,
                                     -- not safe to repeat
    attempts INTEGER NOT NULL DEFAULT 0, -- times it was sent, counted before it is sent
    next_attempt_at TEXT,            -- NULL: at once
    last_status INTEGER,             -- HTTP status of the last answer; NULL: none came
    last_error TEXT,
    created_at TEXT NOT NULL,
    finished_at TEXT,                -- NULL while pending
    CHECK ((state = 'pending') = (finished_at IS NULL))
) STRICT;

CREATE INDEX call_pending ON call (seq) WHERE state = 'pending';
CREATE INDEX call_stuck ON call (state) WHERE state IN ('failed', 'unknown');
CREATE INDEX call_of_identity ON call (params ->> '$.type', params ->> '$.uzhkId')
    WHERE state = 'pending' AND op = 'SetId';
CREATE INDEX call_awaited ON call (envelope_seq) WHERE state = 'pending' AND envelope_seq IS NOT NULL;

-- ------------------------------------------------------------ what was noticed

CREATE TABLE finding (
    -- A remark on the quality of what came: once for each record and problem, never a value.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    envelope_seq INTEGER REFERENCES envelope (seq), -- where it was first seen
    path TEXT NOT NULL,              -- Persons[0].Email
    problem TEXT NOT NULL,
    UNIQUE (source, kind, id, path, problem)
) STRICT;

CREATE TABLE poll (
    -- The last runs of each poller; older ones are pruned.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    feed TEXT NOT NULL,              -- Requests, DeletedItems, DownloadAccounts, …
    started_at TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('ok', 'failed', 'unauthorized')),
    fetched INTEGER NOT NULL,        -- elements that came
    changed INTEGER NOT NULL,        -- rows of change that they made
    error TEXT,                      -- NULL when ok
    CHECK ((outcome = 'ok') = (error IS NULL))
) STRICT;

CREATE INDEX poll_of_feed ON poll (source, feed, seq);

CREATE TABLE resync (
    -- How far the last full resync got in each Download list; no rows when there was none.
    list TEXT PRIMARY KEY,           -- DownloadAccounts, …
    started_at TEXT NOT NULL,
    started_after INTEGER NOT NULL,  -- the newest change.seq then: what changed since is not missing
    next_page INTEGER NOT NULL CHECK (next_page >= 1),
    page_sha256 TEXT,                -- of the last page's items: a repetition shows
    state TEXT NOT NULL CHECK (state IN ('reading', 'done', 'failed')),
    last_error TEXT,
    CHECK ((state = 'failed') = (last_error IS NOT NULL))
) STRICT;

CREATE TABLE resync_seen (
    -- What the lists under way have shown so far. A row with a list as its kind says
    -- that it has shown something nameless: nobody can tell then what it lacks.
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- ------------------------------------------------------- views for operators

CREATE VIEW pending_acknowledgement AS
SELECT
    seq, queue, guid, kinds, received_at, attempts, next_attempt_at, last_error,
    (SELECT count(*) FROM call WHERE call.envelope_seq = envelope.seq AND call.state = 'pending') AS pending_calls
FROM envelope
WHERE state = 'committed'
ORDER BY seq;

CREATE VIEW pending_call AS
SELECT seq, target, op, params, envelope_seq, attempts, next_attempt_at, last_status, last_error, created_at
FROM call
WHERE state = 'pending'
ORDER BY seq;

CREATE VIEW temporary_id AS
SELECT kind, temporary_id, permanent_id, state, reserved_at, sent_at
FROM identity
WHERE state <> 'announced'
ORDER BY reserved_at, kind, temporary_id;

CREATE VIEW quarantine AS
SELECT seq, 'uzhkh' AS source, queue, guid, received_at, last_error, bytes, body
FROM envelope
WHERE state = 'quarantined'
UNION ALL
SELECT seq, source, feed, '', received_at, last_error, bytes, body
FROM item
WHERE state = 'quarantined'
ORDER BY seq;

CREATE VIEW recent_change AS
SELECT seq, at, source, kind, id, op, fields, envelope_seq
FROM change
ORDER BY seq DESC
LIMIT 1000;

-- ------------------------------------------- views for UZhKH, one for each kind
--
-- The documented fields of «Отправка данных от "Умное ЖКХ"», live records only.
-- Decimals are text as written; `/Date(ms)/` is shown as ISO; a date and time
-- without offset is in the account's own time zone, and .NET's empty one is NULL.
-- What has another type than documented is a finding; numbers of accounts, meters,
-- flats and houses are shown as written all the same.

CREATE VIEW resident AS
SELECT
    id,
    body ->> '$.Surname' AS surname,
    body ->> '$.Name' AS name,
    body ->> '$.Patronymic' AS patronymic,
    body ->> '$.UrCompanyName' AS ur_company_name,
    body ->> '$.Email' AS email,
    body ->> '$.Phone' AS phone,
    body ->> '$.IsEmployer' AS is_employer,
    body ->> '$.IsOwner' AS is_owner,
    body ->> '$.ParentResidentId' AS parent_resident_id,
    updated_at
FROM record
WHERE source = 'uzhkh' AND kind = 'resident' AND deleted_at IS NULL;

CREATE VIEW account AS
SELECT
    id,
    CASE json_type(body, '$.AccountNumber') WHEN 'text' THEN body ->> '$.AccountNumber' WHEN 'null' THEN NULL ELSE body -> '$.AccountNumber' END AS account_number,
    body ->> '$.IsActive' AS is_active,
    body ->> '$.ApartmentID' AS apartment_id,
    body ->> '$.TypeObject' AS type_object,
    CASE WHEN body ->> '$.DateTimeOpen' GLOB '/Date([-0-9]*' THEN nullif(strftime('%Y-%m-%dT%H:%M:%fZ', CAST(substr(body ->> '$.DateTimeOpen', 7) AS INTEGER) / 1000.0, 'unixepoch'), '0001-01-01T00:00:00.000Z') ELSE nullif(body ->> '$.DateTimeOpen', '0001-01-01T00:00:00') END AS date_time_open,
    CASE WHEN body ->> '$.DateTimeClose' GLOB '/Date([-0-9]*' THEN nullif(strftime('%Y-%m-%dT%H:%M:%fZ', CAST(substr(body ->> '$.DateTimeClose', 7) AS INTEGER) / 1000.0, 'unixepoch'), '0001-01-01T00:00:00.000Z') ELSE nullif(body ->> '$.DateTimeClose', '0001-01-01T00:00:00') END AS date_time_close,
    body ->> '$.SpelledOutPerson' AS spelled_out_person,
    body ->> '$.RegisteredPerson' AS registered_person,
    body ->> '$.LivingPerson' AS living_person,
    body ->> '$.RelatedAccountId' AS related_account_id,
    CASE json_type(body, '$.Balance') WHEN 'text' THEN body ->> '$.Balance' WHEN 'null' THEN NULL ELSE body -> '$.Balance' END AS balance,
    nullif(body -> '$.Persons', 'null') AS persons,
    updated_at
FROM record
WHERE source = 'uzhkh' AND kind = 'account' AND deleted_at IS NULL;

CREATE VIEW account_person AS
SELECT
    r.id AS account_id,
    p.value ->> '$.Id' AS resident_id,
    p.value ->> '$.Surname' AS surname,
    p.value ->> '$.Name' AS name,
    p.value ->> '$.Patronymic' AS patronymic,
    p.value ->> '$.UrCompanyName' AS ur_company_name,
    p.value ->> '$.Email' AS email,
    p.value ->> '$.Phone' AS phone,
    p.value ->> '$.IsEmployer' AS is_employer,
    p.value ->> '$.IsOwner' AS is_owner,
    p.value ->> '$.ParentResidentId' AS parent_resident_id,
    r.updated_at
FROM record AS r, json_each(r.body, '$.Persons') AS p
WHERE r.source = 'uzhkh' AND r.kind = 'account' AND r.deleted_at IS NULL AND p.type = 'object';

CREATE VIEW object AS
SELECT
    id,
    body ->> '$.TypeObject' AS type_object,
    body ->> '$.Address' AS address,
    body ->> '$.Locality' AS locality,
    body ->> '$.Street' AS street,
    CASE json_type(body, '$.HouseNumber') WHEN 'text' THEN body ->> '$.HouseNumber' WHEN 'null' THEN NULL ELSE body -> '$.HouseNumber' END AS house_number,
    CASE json_type(body, '$.FlatNumber') WHEN 'text' THEN body ->> '$.FlatNumber' WHEN 'null' THEN NULL ELSE body -> '$.FlatNumber' END AS flat_number,
    CASE WHEN json_type(body, '$.SquareAll') IN ('integer', 'real') THEN CAST(body ->> '$.SquareAll' AS REAL) END AS square_all,
    CASE WHEN json_type(body, '$.SquareLiving') IN ('integer', 'real') THEN CAST(body ->> '$.SquareLiving' AS REAL) END AS square_living,
    body ->> '$.CountRooms' AS count_rooms,
    body ->> '$.EtazhNumber' AS etazh_number,
    body ->> '$.PodyezdNumber' AS podyezd_number,
    body ->> '$.HouseId' AS house_id,
    body ->> '$.YearOfHouse' AS year_of_house,
    body ->> '$.SipNumber' AS sip_number,
    body ->> '$.SipPassword' AS sip_password,
    updated_at
FROM record
WHERE source = 'uzhkh' AND kind = 'object' AND deleted_at IS NULL;

CREATE VIEW counter AS
SELECT
    id,
    CASE json_type(body, '$.SerialNumber') WHEN 'text' THEN body ->> '$.SerialNumber' WHEN 'null' THEN NULL ELSE body -> '$.SerialNumber' END AS serial_number,
    CASE json_type(body, '$.Value1') WHEN 'text' THEN body ->> '$.Value1' WHEN 'null' THEN NULL ELSE body -> '$.Value1' END AS value1,
    CASE json_type(body, '$.Value2') WHEN 'text' THEN body ->> '$.Value2' WHEN 'null' THEN NULL ELSE body -> '$.Value2' END AS value2,
    CASE json_type(body, '$.Value3') WHEN 'text' THEN body ->> '$.Value3' WHEN 'null' THEN NULL ELSE body -> '$.Value3' END AS value3,
    CASE WHEN body ->> '$.DateTimeForValue' GLOB '/Date([-0-9]*' THEN nullif(strftime('%Y-%m-%dT%H:%M:%fZ', CAST(substr(body ->> '$.DateTimeForValue', 7) AS INTEGER) / 1000.0, 'unixepoch'), '0001-01-01T00:00:00.000Z') ELSE nullif(body ->> '$.DateTimeForValue', '0001-01-01T00:00:00') END AS date_time_for_value,
    body ->> '$.CounterTypeIdentifier' AS counter_type_identifier,
    body ->> '$.IsPublish' AS is_publish,
    body ->> '$.FlatId' AS flat_id,
    body ->> '$.TypeObject' AS type_object,
    CASE WHEN body ->> '$.CheckDate' GLOB '/Date([-0-9]*' THEN nullif(strftime('%Y-%m-%dT%H:%M:%fZ', CAST(substr(body ->> '$.CheckDate', 7) AS INTEGER) / 1000.0, 'unixepoch'), '0001-01-01T00:00:00.000Z') ELSE nullif(body ->> '$.CheckDate', '0001-01-01T00:00:00') END AS check_date,
    CASE WHEN body ->> '$.CommissioningDate' GLOB '/Date([-0-9]*' THEN nullif(strftime('%Y-%m-%dT%H:%M:%fZ', CAST(substr(body ->> '$.CommissioningDate', 7) AS INTEGER) / 1000.0, 'unixepoch'), '0001-01-01T00:00:00.000Z') ELSE nullif(body ->> '$.CommissioningDate', '0001-01-01T00:00:00') END AS commissioning_date,
    updated_at
FROM record
WHERE source = 'uzhkh' AND kind = 'counter' AND deleted_at IS NULL;

CREATE VIEW request AS
SELECT
    CAST(CASE WHEN id NOT GLOB '*[^0-9]*' THEN id END AS INTEGER) AS id,
    body ->> '$.Number' AS number,
    body ->> '$.Title' AS title,
    body ->> '$.Description' AS description,
    body ->> '$.Summary' AS summary,
    CASE WHEN body ->> '$.CreationDate' GLOB '/Date([-0-9]*' THEN nullif(strftime('%Y-%m-%dT%H:%M:%fZ', CAST(substr(body ->> '$.CreationDate', 7) AS INTEGER) / 1000.0, 'unixepoch'), '0001-01-01T00:00:00.000Z') ELSE nullif(body ->> '$.CreationDate', '0001-01-01T00:00:00') END AS creation_date,
    CASE WHEN body ->> '$.FinishDate' GLOB '/Date([-0-9]*' THEN nullif(strftime('%Y-%m-%dT%H:%M:%fZ', CAST(substr(body ->> '$.FinishDate', 7) AS INTEGER) / 1000.0, 'unixepoch'), '0001-01-01T00:00:00.000Z') ELSE nullif(body ->> '$.FinishDate', '0001-01-01T00:00:00') END AS finish_date,
    CASE json_type(body, '$.AccountNumber') WHEN 'text' THEN body ->> '$.AccountNumber' WHEN 'null' THEN NULL ELSE body -> '$.AccountNumber' END AS account_number,
    body ->> '$.AccountId' AS account_id,
    body ->> '$.TimeFrom' AS time_from,
    body ->> '$.TimeTo' AS time_to,
    body ->> '$.DispatcherName' AS dispatcher_name,
    body ->> '$.Service' AS service,
    body ->> '$.ServiceCategory' AS service_category,
    body ->> '$.IdentifierService' AS identifier_service,
    body ->> '$.IdentifierServiceCategory' AS identifier_service_category,
    body ->> '$.ServiceGuid' AS service_guid,
    body ->> '$.ResponsibleId' AS responsible_id,
    body ->> '$.ExecutorId' AS executor_id,
    body ->> '$.RequestType' AS request_type,
    body ->> '$.WorkType' AS work_type,
    body ->> '$.Status' AS status,
    body ->> '$.IsCrash' AS is_crash,
    body ->> '$.IsImportant' AS is_important,
    body ->> '$.IsPayable' AS is_payable,
    body ->> '$.IsGuarantee' AS is_guarantee,
    body ->> '$.IsComplaint' AS is_complaint,
    body ->> '$.IsReasonable' AS is_reasonable,
    body ->> '$.IsRepeated' AS is_repeated,
    body ->> '$.ResidentId' AS resident_id,
    body ->> '$.FlatId' AS flat_id,
    body ->> '$.TypeObject' AS type_object,
    body ->> '$.Rating' AS rating,
    body ->> '$.RatingComment' AS rating_comment,
    body ->> '$.IsPayment' AS is_payment,
    body ->> '$.PaymentSum' AS payment_sum,
    nullif(body -> '$.Files', 'null') AS files,
    nullif(body -> '$.FilesFromExecutor', 'null') AS files_from_executor,
    CASE WHEN body ->> '$.DelayedPaymentDateTime' GLOB '/Date([-0-9]*' THEN nullif(strftime('%Y-%m-%dT%H:%M:%fZ', CAST(substr(body ->> '$.DelayedPaymentDateTime', 7) AS INTEGER) / 1000.0, 'unixepoch'), '0001-01-01T00:00:00.000Z') ELSE nullif(body ->> '$.DelayedPaymentDateTime', '0001-01-01T00:00:00') END AS delayed_payment_date_time,
    body ->> '$.SourceComment' AS source_comment,
    body ->> '$.IdCounter' AS id_counter,
    body ->> '$.CarBrand' AS car_brand,
    body ->> '$.CarModel' AS car_model,
    body ->> '$.CarNumber' AS car_number,
    body ->> '$.Date' AS date,
    body ->> '$.Time' AS time,
    body ->> '$.CurrentPhone' AS current_phone,
    body ->> '$.CurrentEmail' AS current_email,
    body ->> '$.ProviderInn' AS provider_inn,
    body ->> '$.InitiatorSurname' AS initiator_surname,
    body ->> '$.InitiatorName' AS initiator_name,
    body ->> '$.InitiatorPatronymic' AS initiator_patronymic,
    updated_at
FROM record
WHERE source = 'uzhkh' AND kind = 'request' AND deleted_at IS NULL;

CREATE VIEW payment AS
SELECT
    id,
    CASE json_type(body, '$.Sum') WHEN 'text' THEN body ->> '$.Sum' WHEN 'null' THEN NULL ELSE body -> '$.Sum' END AS sum,
    CASE json_type(body, '$.Commission') WHEN 'text' THEN body ->> '$.Commission' WHEN 'null' THEN NULL ELSE body -> '$.Commission' END AS commission,
    CASE json_type(body, '$.AccountNumber') WHEN 'text' THEN body ->> '$.AccountNumber' WHEN 'null' THEN NULL ELSE body -> '$.AccountNumber' END AS account_number,
    body ->> '$.AccountId' AS account_id,
    CASE WHEN body ->> '$.DateTime' GLOB '/Date([-0-9]*' THEN nullif(strftime('%Y-%m-%dT%H:%M:%fZ', CAST(substr(body ->> '$.DateTime', 7) AS INTEGER) / 1000.0, 'unixepoch'), '0001-01-01T00:00:00.000Z') ELSE nullif(body ->> '$.DateTime', '0001-01-01T00:00:00') END AS date_time,
    body ->> '$.AccrualDate' AS accrual_date,
    body ->> '$.ServiceTitle' AS service_title,
    body ->> '$.IdRequest' AS id_request,
    body ->> '$.OrderId' AS order_id,
    body ->> '$.OrderNumber' AS order_number,
    body ->> '$.IsRequest' AS is_request,
    body ->> '$.FromWeb' AS from_web,
    body ->> '$.FromMobile' AS from_mobile,
    body ->> '$.IsInsurance' AS is_insurance,
    body ->> '$.InsurancePeriod' AS insurance_period,
    body ->> '$.InsuranceNumber' AS insurance_number,
    body ->> '$.InsuranceId' AS insurance_id,
    body ->> '$.IsAutopay' AS is_autopay,
    body ->> '$.ContractorName' AS contractor_name,
    updated_at
FROM record
WHERE source = 'uzhkh' AND kind = 'payment' AND deleted_at IS NULL;

CREATE VIEW document AS
SELECT
    id,
    body ->> '$.TypeName' AS type_name,
    body ->> '$.Title' AS title,
    body ->> '$.Text' AS text,
    body ->> '$.IsPublish' AS is_publish,
    CASE WHEN body ->> '$.Date' GLOB '/Date([-0-9]*' THEN nullif(strftime('%Y-%m-%dT%H:%M:%fZ', CAST(substr(body ->> '$.Date', 7) AS INTEGER) / 1000.0, 'unixepoch'), '0001-01-01T00:00:00.000Z') ELSE nullif(body ->> '$.Date', '0001-01-01T00:00:00') END AS date,
    body ->> '$.IsForExecutors' AS is_for_executors,
    body ->> '$.IsForResponsibles' AS is_for_responsibles,
    body ->> '$.IsForContractors' AS is_for_contractors,
    body ->> '$.IsForDisp' AS is_for_disp,
    body ->> '$.IsForParking' AS is_for_parking,
    body ->> '$.IsForNoParking' AS is_for_no_parking,
    body ->> '$.PushText' AS push_text,
    body ->> '$.EmailTitle' AS email_title,
    body ->> '$.EmailText' AS email_text,
    body ->> '$.SmsText' AS sms_text,
    body ->> '$.HousesIds' AS houses_ids,
    body ->> '$.ResidentsIds' AS residents_ids,
    body ->> '$.ResidentToFlatsIds' AS resident_to_flats_ids,
    updated_at
FROM record
WHERE source = 'uzhkh' AND kind IN ('article', 'news', 'notice') AND deleted_at IS NULL;

CREATE VIEW request_to_register AS
SELECT
    id,
    body ->> '$.FlatId' AS flat_id,
    CASE json_type(body, '$.AccountNumber') WHEN 'text' THEN body ->> '$.AccountNumber' WHEN 'null' THEN NULL ELSE body -> '$.AccountNumber' END AS account_number,
    body ->> '$.Surname' AS surname,
    body ->> '$.Name' AS name,
    body ->> '$.Patronymic' AS patronymic,
    body ->> '$.Email' AS email,
    body ->> '$.Phone' AS phone,
    updated_at
FROM record
WHERE source = 'uzhkh' AND kind = 'requesttoregister' AND deleted_at IS NULL;

CREATE VIEW request_to_object_adding AS
SELECT
    id,
    body ->> '$.FlatId' AS flat_id,
    body ->> '$.ResidentId' AS resident_id,
    updated_at
FROM record
WHERE source = 'uzhkh' AND kind = 'requesttoobjectadding' AND deleted_at IS NULL;

CREATE VIEW car AS
SELECT
    id,
    body ->> '$.ResidentId' AS resident_id,
    body ->> '$.Brand' AS brand,
    body ->> '$.Model' AS model,
    body ->> '$.Number' AS number,
    body ->> '$.PhoneDriver' AS phone_driver,
    body ->> '$.IsTemp' AS is_temp,
    updated_at
FROM record
WHERE source = 'uzhkh' AND kind = 'car' AND deleted_at IS NULL;
