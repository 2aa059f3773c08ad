-- Many ledgers in one PostgreSQL (15 or newer): the tables, partitioned by ledger, and a role
-- for each company that sees and writes its own ledger only. docs/relay.md explains it.
--
--     psql -v ON_ERROR_STOP=1 -v schema=uzhkh -f fleet.sql DATABASE
--
-- Run it as a role that may make schemas and roles; it owns what it makes. It may be run again.
-- A company is then a role named as `relay.ledger` in its config:
--
--     CREATE ROLE acme LOGIN PASSWORD '…' IN ROLE uzhkh_company;

\if :{?schema}
\else
\set schema uzhkh
\endif
\set ON_ERROR_STOP on

BEGIN;
SET LOCAL client_min_messages TO warning;
CREATE SCHEMA IF NOT EXISTS :"schema";
SET LOCAL search_path TO :"schema";

-- One run at a time, and none beside a relay that makes a schema of its own.
DO $$ BEGIN PERFORM pg_advisory_xact_lock(8242516); END $$;

-- ----------------------------------------------------------------- tables
--
-- The relay that makes a schema by itself takes these, without partitions, and the views from here.

CREATE TABLE IF NOT EXISTS relay_version (
    -- Which relay made these tables, so that an older one leaves them alone.
    version integer NOT NULL
);

INSERT INTO relay_version (version) SELECT 1 WHERE NOT EXISTS (SELECT FROM relay_version);

CREATE TABLE IF NOT EXISTS ledger (
    -- The cursor of each relay: what it has brought so far.
    name text PRIMARY KEY,
    ledger_id text NOT NULL,         -- of the SQLite file
    epoch bigint NOT NULL,
    seq bigint NOT NULL,             -- the last change that is here
    at timestamptz NOT NULL,         -- when its relay was last here
    writer text NOT NULL,            -- HOST:PATH of the ledger that writes here
    backfill text,                   -- the last record that was read anew, JSON; NULL: all have been
    kinds text                       -- which kinds are brought, JSON; NULL: all
);

CREATE TABLE IF NOT EXISTS record (
    ledger text NOT NULL,
    source text NOT NULL,
    kind text NOT NULL,
    id text NOT NULL,
    seq bigint NOT NULL,             -- the last change of the ledger when the record was read
    epoch bigint NOT NULL,
    body json NOT NULL,              -- verbatim
    data jsonb NOT NULL,             -- the same for the views, without what jsonb cannot hold
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,          -- NULL: live
    missing_since timestamptz,       -- a full list no longer had it
    PRIMARY KEY (ledger, source, kind, id)
) PARTITION BY HASH (ledger);

CREATE INDEX IF NOT EXISTS record_missing ON record (ledger) WHERE missing_since IS NOT NULL;

CREATE TABLE IF NOT EXISTS change (
    ledger text NOT NULL,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    at timestamptz NOT NULL,
    source text NOT NULL,
    kind text NOT NULL,
    id text NOT NULL,
    op text NOT NULL,
    fields json,
    PRIMARY KEY (ledger, epoch, seq)
) PARTITION BY HASH (ledger);

-- ------------------------------------------------------------- partitions
--
-- Sixteen of each, which do for some hundred ledgers.
SELECT format(
    'CREATE TABLE IF NOT EXISTS %I PARTITION OF %I FOR VALUES WITH (MODULUS 16, REMAINDER %s)',
    part.of || '_' || part.n, part.of, part.n)
FROM (SELECT of, n FROM unnest(ARRAY['record', 'change']) AS of, generate_series(0, 15) AS n) AS part
\gexec

-- ------------------------------------------------------------------ views
--
-- As in schema.sql, with the ledger before them. No value makes one fail: what does not fit a
-- column is NULL or its text.

CREATE OR REPLACE VIEW object AS
SELECT
    ledger,
    id,
    data ->> 'TypeObject' AS type_object,
    data ->> 'Address' AS address,
    data ->> 'Locality' AS locality,
    data ->> 'Street' AS street,
    data ->> 'HouseNumber' AS house_number,
    data ->> 'FlatNumber' AS flat_number,
    CASE
        WHEN replace(btrim((data ->> 'SquareAll')), ',', '.')
            ~ '^([0-9]{1,200}(\.[0-9]{0,200})?|-?[0-9]{1,50}(\.[0-9]{1,50})?([eE][-+]?[0-9]{1,3})?)$' THEN CASE
            WHEN replace(btrim((data ->> 'SquareAll')), ',', '.')::numeric = 0 THEN 0
            WHEN abs(replace(btrim((data ->> 'SquareAll')), ',', '.')::numeric) BETWEEN 1e-300 AND 1e300
                THEN replace(btrim((data ->> 'SquareAll')), ',', '.')::double precision
        END
    END AS square_all,
    CASE
        WHEN replace(btrim((data ->> 'SquareLiving')), ',', '.')
            ~ '^([0-9]{1,200}(\.[0-9]{0,200})?|-?[0-9]{1,50}(\.[0-9]{1,50})?([eE][-+]?[0-9]{1,3})?)$' THEN CASE
            WHEN replace(btrim((data ->> 'SquareLiving')), ',', '.')::numeric = 0 THEN 0
            WHEN abs(replace(btrim((data ->> 'SquareLiving')), ',', '.')::numeric) BETWEEN 1e-300 AND 1e300
                THEN replace(btrim((data ->> 'SquareLiving')), ',', '.')::double precision
        END
    END AS square_living,
    data ->> 'CountRooms' AS count_rooms,
    CASE
        WHEN (data ->> 'EtazhNumber') ~ '^-?[0-9]{1,19}(\.0{1,20})?$' THEN CASE
            WHEN (data ->> 'EtazhNumber')::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
                THEN (data ->> 'EtazhNumber')::numeric::bigint
        END
    END AS etazh_number,
    data ->> 'PodyezdNumber' AS podyezd_number,
    data ->> 'HouseId' AS house_id,
    CASE
        WHEN (data ->> 'YearOfHouse') ~ '^-?[0-9]{1,19}(\.0{1,20})?$' THEN CASE
            WHEN (data ->> 'YearOfHouse')::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
                THEN (data ->> 'YearOfHouse')::numeric::bigint
        END
    END AS year_of_house,
    data ->> 'SipNumber' AS sip_number,
    data ->> 'SipPassword' AS sip_password,
    updated_at
FROM record
WHERE source = 'uzhkh' AND kind = 'object' AND deleted_at IS NULL;

CREATE OR REPLACE VIEW account AS
SELECT
    ledger,
    id,
    data ->> 'AccountNumber' AS account_number,
    CASE
        WHEN (data ->> 'IsActive') IN ('true', '1') THEN true
        WHEN (data ->> 'IsActive') IN ('false', '0') THEN false
    END AS is_active,
    data ->> 'ApartmentID' AS apartment_id,
    data ->> 'TypeObject' AS type_object,
    CASE
        WHEN (data ->> 'DateTimeOpen') ~ '^/Date\([-0-9]' THEN (
            SELECT to_char(
                timestamp '1970-01-01'
                    + make_interval(days => (ms / 86400000)::integer, secs => ms % 86400000 / 1000.0),
                'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
            FROM (SELECT substring((data ->> 'DateTimeOpen') FROM '^/Date\((-?[0-9]{1,15})(?![0-9])')::bigint)
                AS since (ms)
            WHERE ms BETWEEN -62104060800000 AND 253402300799999 AND ms / 86400000 <> -25569)
        WHEN (data ->> 'DateTimeOpen') !~ '^(0001-01-01|1899-12-30)' THEN (data ->> 'DateTimeOpen')
    END AS date_time_open,
    CASE
        WHEN (data ->> 'DateTimeClose') ~ '^/Date\([-0-9]' THEN (
            SELECT to_char(
                timestamp '1970-01-01'
                    + make_interval(days => (ms / 86400000)::integer, secs => ms % 86400000 / 1000.0),
                'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
            FROM (SELECT substring((data ->> 'DateTimeClose') FROM '^/Date\((-?[0-9]{1,15})(?![0-9])')::bigint)
                AS since (ms)
            WHERE ms BETWEEN -62104060800000 AND 253402300799999 AND ms / 86400000 <> -25569)
        WHEN (data ->> 'DateTimeClose') !~ '^(0001-01-01|1899-12-30)' THEN (data ->> 'DateTimeClose')
    END AS date_time_close,
    CASE
        WHEN (data ->> 'SpelledOutPerson') ~ '^-?[0-9]{1,19}(\.0{1,20})?$' THEN CASE
            WHEN (data ->> 'SpelledOutPerson')::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
                THEN (data ->> 'SpelledOutPerson')::numeric::bigint
        END
    END AS spelled_out_person,
    CASE
        WHEN (data ->> 'RegisteredPerson') ~ '^-?[0-9]{1,19}(\.0{1,20})?$' THEN CASE
            WHEN (data ->> 'RegisteredPerson')::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
                THEN (data ->> 'RegisteredPerson')::numeric::bigint
        END
    END AS registered_person,
    CASE
        WHEN (data ->> 'LivingPerson') ~ '^-?[0-9]{1,19}(\.0{1,20})?$' THEN CASE
            WHEN (data ->> 'LivingPerson')::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
                THEN (data ->> 'LivingPerson')::numeric::bigint
        END
    END AS living_person,
    data ->> 'RelatedAccountId' AS related_account_id,
    data ->> 'Balance' AS balance,
    nullif(data -> 'Persons', 'null') AS persons,
    updated_at
FROM record
WHERE source = 'uzhkh' AND kind = 'account' AND deleted_at IS NULL;

CREATE OR REPLACE VIEW account_person AS
SELECT
    r.ledger,
    r.id AS account_id,
    p.value ->> 'Id' AS resident_id,
    p.value ->> 'Surname' AS surname,
    p.value ->> 'Name' AS name,
    p.value ->> 'Patronymic' AS patronymic,
    p.value ->> 'UrCompanyName' AS ur_company_name,
    p.value ->> 'Email' AS email,
    p.value ->> 'Phone' AS phone,
    CASE
        WHEN (p.value ->> 'IsEmployer') IN ('true', '1') THEN true
        WHEN (p.value ->> 'IsEmployer') IN ('false', '0') THEN false
    END AS is_employer,
    CASE
        WHEN (p.value ->> 'IsOwner') IN ('true', '1') THEN true
        WHEN (p.value ->> 'IsOwner') IN ('false', '0') THEN false
    END AS is_owner,
    p.value ->> 'ParentResidentId' AS parent_resident_id,
    r.updated_at
FROM record AS r CROSS JOIN LATERAL jsonb_array_elements(
    CASE jsonb_typeof(r.data -> 'Persons')
        WHEN 'array' THEN r.data -> 'Persons'
        WHEN 'object' THEN jsonb_path_query_array(r.data -> 'Persons', '$.*')
        ELSE '[]'
    END) AS p (value)
WHERE r.source = 'uzhkh' AND r.kind = 'account' AND r.deleted_at IS NULL AND jsonb_typeof(p.value) = 'object';

CREATE OR REPLACE VIEW resident AS
SELECT
    ledger,
    id,
    data ->> 'Surname' AS surname,
    data ->> 'Name' AS name,
    data ->> 'Patronymic' AS patronymic,
    data ->> 'UrCompanyName' AS ur_company_name,
    data ->> 'Email' AS email,
    data ->> 'Phone' AS phone,
    CASE
        WHEN (data ->> 'IsEmployer') IN ('true', '1') THEN true
        WHEN (data ->> 'IsEmployer') IN ('false', '0') THEN false
    END AS is_employer,
    CASE
        WHEN (data ->> 'IsOwner') IN ('true', '1') THEN true
        WHEN (data ->> 'IsOwner') IN ('false', '0') THEN false
    END AS is_owner,
    data ->> 'ParentResidentId' AS parent_resident_id,
    updated_at
FROM record
WHERE source = 'uzhkh' AND kind = 'resident' AND deleted_at IS NULL;

CREATE OR REPLACE VIEW counter AS
SELECT
    ledger,
    id,
    data ->> 'SerialNumber' AS serial_number,
    data ->> 'Value1' AS value1,
    data ->> 'Value2' AS value2,
    data ->> 'Value3' AS value3,
    CASE
        WHEN (data ->> 'DateTimeForValue') ~ '^/Date\([-0-9]' THEN (
            SELECT to_char(
                timestamp '1970-01-01'
                    + make_interval(days => (ms / 86400000)::integer, secs => ms % 86400000 / 1000.0),
                'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
            FROM (SELECT substring((data ->> 'DateTimeForValue') FROM '^/Date\((-?[0-9]{1,15})(?![0-9])')::bigint)
                AS since (ms)
            WHERE ms BETWEEN -62104060800000 AND 253402300799999 AND ms / 86400000 <> -25569)
        WHEN (data ->> 'DateTimeForValue') !~ '^(0001-01-01|1899-12-30)' THEN (data ->> 'DateTimeForValue')
    END AS date_time_for_value,
    data ->> 'CounterTypeIdentifier' AS counter_type_identifier,
    CASE
        WHEN (data ->> 'IsPublish') IN ('true', '1') THEN true
        WHEN (data ->> 'IsPublish') IN ('false', '0') THEN false
    END AS is_publish,
    data ->> 'FlatId' AS flat_id,
    data ->> 'TypeObject' AS type_object,
    CASE
        WHEN (data ->> 'CheckDate') ~ '^/Date\([-0-9]' THEN (
            SELECT to_char(
                timestamp '1970-01-01'
                    + make_interval(days => (ms / 86400000)::integer, secs => ms % 86400000 / 1000.0),
                'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
            FROM (SELECT substring((data ->> 'CheckDate') FROM '^/Date\((-?[0-9]{1,15})(?![0-9])')::bigint)
                AS since (ms)
            WHERE ms BETWEEN -62104060800000 AND 253402300799999 AND ms / 86400000 <> -25569)
        WHEN (data ->> 'CheckDate') !~ '^(0001-01-01|1899-12-30)' THEN (data ->> 'CheckDate')
    END AS check_date,
    CASE
        WHEN (data ->> 'CommissioningDate') ~ '^/Date\([-0-9]' THEN (
            SELECT to_char(
                timestamp '1970-01-01'
                    + make_interval(days => (ms / 86400000)::integer, secs => ms % 86400000 / 1000.0),
                'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
            FROM (SELECT substring((data ->> 'CommissioningDate') FROM '^/Date\((-?[0-9]{1,15})(?![0-9])')::bigint)
                AS since (ms)
            WHERE ms BETWEEN -62104060800000 AND 253402300799999 AND ms / 86400000 <> -25569)
        WHEN (data ->> 'CommissioningDate') !~ '^(0001-01-01|1899-12-30)' THEN (data ->> 'CommissioningDate')
    END AS commissioning_date,
    updated_at
FROM record
WHERE source = 'uzhkh' AND kind = 'counter' AND deleted_at IS NULL;

CREATE OR REPLACE VIEW request AS
SELECT
    ledger,
    id,
    data ->> 'Number' AS number,
    data ->> 'Title' AS title,
    data ->> 'Description' AS description,
    data ->> 'Summary' AS summary,
    CASE
        WHEN (data ->> 'CreationDate') ~ '^/Date\([-0-9]' THEN (
            SELECT to_char(
                timestamp '1970-01-01'
                    + make_interval(days => (ms / 86400000)::integer, secs => ms % 86400000 / 1000.0),
                'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
            FROM (SELECT substring((data ->> 'CreationDate') FROM '^/Date\((-?[0-9]{1,15})(?![0-9])')::bigint)
                AS since (ms)
            WHERE ms BETWEEN -62104060800000 AND 253402300799999 AND ms / 86400000 <> -25569)
        WHEN (data ->> 'CreationDate') !~ '^(0001-01-01|1899-12-30)' THEN (data ->> 'CreationDate')
    END AS creation_date,
    CASE
        WHEN (data ->> 'FinishDate') ~ '^/Date\([-0-9]' THEN (
            SELECT to_char(
                timestamp '1970-01-01'
                    + make_interval(days => (ms / 86400000)::integer, secs => ms % 86400000 / 1000.0),
                'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
            FROM (SELECT substring((data ->> 'FinishDate') FROM '^/Date\((-?[0-9]{1,15})(?![0-9])')::bigint)
                AS since (ms)
            WHERE ms BETWEEN -62104060800000 AND 253402300799999 AND ms / 86400000 <> -25569)
        WHEN (data ->> 'FinishDate') !~ '^(0001-01-01|1899-12-30)' THEN (data ->> 'FinishDate')
    END AS finish_date,
    data ->> 'AccountNumber' AS account_number,
    data ->> 'AccountId' AS account_id,
    data ->> 'TimeFrom' AS time_from,
    data ->> 'TimeTo' AS time_to,
    data ->> 'DispatcherName' AS dispatcher_name,
    data ->> 'Service' AS service,
    data ->> 'ServiceCategory' AS service_category,
    data ->> 'IdentifierService' AS identifier_service,
    data ->> 'IdentifierServiceCategory' AS identifier_service_category,
    data ->> 'ServiceGuid' AS service_guid,
    data ->> 'ResponsibleId' AS responsible_id,
    data ->> 'ExecutorId' AS executor_id,
    data ->> 'RequestType' AS request_type,
    data ->> 'WorkType' AS work_type,
    data ->> 'Status' AS status,
    CASE
        WHEN (data ->> 'IsCrash') IN ('true', '1') THEN true
        WHEN (data ->> 'IsCrash') IN ('false', '0') THEN false
    END AS is_crash,
    CASE
        WHEN (data ->> 'IsImportant') IN ('true', '1') THEN true
        WHEN (data ->> 'IsImportant') IN ('false', '0') THEN false
    END AS is_important,
    CASE
        WHEN (data ->> 'IsPayable') IN ('true', '1') THEN true
        WHEN (data ->> 'IsPayable') IN ('false', '0') THEN false
    END AS is_payable,
    CASE
        WHEN (data ->> 'IsGuarantee') IN ('true', '1') THEN true
        WHEN (data ->> 'IsGuarantee') IN ('false', '0') THEN false
    END AS is_guarantee,
    CASE
        WHEN (data ->> 'IsComplaint') IN ('true', '1') THEN true
        WHEN (data ->> 'IsComplaint') IN ('false', '0') THEN false
    END AS is_complaint,
    CASE
        WHEN (data ->> 'IsReasonable') IN ('true', '1') THEN true
        WHEN (data ->> 'IsReasonable') IN ('false', '0') THEN false
    END AS is_reasonable,
    CASE
        WHEN (data ->> 'IsRepeated') IN ('true', '1') THEN true
        WHEN (data ->> 'IsRepeated') IN ('false', '0') THEN false
    END AS is_repeated,
    data ->> 'ResidentId' AS resident_id,
    data ->> 'FlatId' AS flat_id,
    data ->> 'TypeObject' AS type_object,
    CASE
        WHEN (data ->> 'Rating') ~ '^-?[0-9]{1,19}(\.0{1,20})?$' THEN CASE
            WHEN (data ->> 'Rating')::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
                THEN (data ->> 'Rating')::numeric::bigint
        END
    END AS rating,
    data ->> 'RatingComment' AS rating_comment,
    CASE
        WHEN (data ->> 'IsPayment') IN ('true', '1') THEN true
        WHEN (data ->> 'IsPayment') IN ('false', '0') THEN false
    END AS is_payment,
    CASE
        WHEN (data ->> 'PaymentSum') ~ '^-?[0-9]{1,19}(\.0{1,20})?$' THEN CASE
            WHEN (data ->> 'PaymentSum')::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
                THEN (data ->> 'PaymentSum')::numeric::bigint
        END
    END AS payment_sum,
    nullif(data -> 'Files', 'null') AS files,
    nullif(data -> 'FilesFromExecutor', 'null') AS files_from_executor,
    CASE
        WHEN (data ->> 'DelayedPaymentDateTime') ~ '^/Date\([-0-9]' THEN (
            SELECT to_char(
                timestamp '1970-01-01'
                    + make_interval(days => (ms / 86400000)::integer, secs => ms % 86400000 / 1000.0),
                'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
            FROM (SELECT substring((data ->> 'DelayedPaymentDateTime') FROM '^/Date\((-?[0-9]{1,15})(?![0-9])')::bigint)
                AS since (ms)
            WHERE ms BETWEEN -62104060800000 AND 253402300799999 AND ms / 86400000 <> -25569)
        WHEN (data ->> 'DelayedPaymentDateTime') !~ '^(0001-01-01|1899-12-30)' THEN (data ->> 'DelayedPaymentDateTime')
    END AS delayed_payment_date_time,
    data ->> 'SourceComment' AS source_comment,
    data ->> 'IdCounter' AS id_counter,
    data ->> 'CarBrand' AS car_brand,
    data ->> 'CarModel' AS car_model,
    data ->> 'CarNumber' AS car_number,
    data ->> 'Date' AS date,
    data ->> 'Time' AS time,
    data ->> 'CurrentPhone' AS current_phone,
    data ->> 'CurrentEmail' AS current_email,
    data ->> 'ProviderInn' AS provider_inn,
    data ->> 'InitiatorSurname' AS initiator_surname,
    data ->> 'InitiatorName' AS initiator_name,
    data ->> 'InitiatorPatronymic' AS initiator_patronymic,
    updated_at
FROM record
WHERE source = 'uzhkh' AND kind = 'request' AND deleted_at IS NULL;

CREATE OR REPLACE VIEW payment AS
SELECT
    ledger,
    id,
    data ->> 'Sum' AS sum,
    data ->> 'Commission' AS commission,
    data ->> 'AccountNumber' AS account_number,
    data ->> 'AccountId' AS account_id,
    CASE
        WHEN (data ->> 'DateTime') ~ '^/Date\([-0-9]' THEN (
            SELECT to_char(
                timestamp '1970-01-01'
                    + make_interval(days => (ms / 86400000)::integer, secs => ms % 86400000 / 1000.0),
                'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
            FROM (SELECT substring((data ->> 'DateTime') FROM '^/Date\((-?[0-9]{1,15})(?![0-9])')::bigint)
                AS since (ms)
            WHERE ms BETWEEN -62104060800000 AND 253402300799999 AND ms / 86400000 <> -25569)
        WHEN (data ->> 'DateTime') !~ '^(0001-01-01|1899-12-30)' THEN (data ->> 'DateTime')
    END AS date_time,
    data ->> 'AccrualDate' AS accrual_date,
    data ->> 'ServiceTitle' AS service_title,
    data ->> 'IdRequest' AS id_request,
    data ->> 'OrderId' AS order_id,
    data ->> 'OrderNumber' AS order_number,
    CASE
        WHEN (data ->> 'IsRequest') IN ('true', '1') THEN true
        WHEN (data ->> 'IsRequest') IN ('false', '0') THEN false
    END AS is_request,
    CASE
        WHEN (data ->> 'FromWeb') IN ('true', '1') THEN true
        WHEN (data ->> 'FromWeb') IN ('false', '0') THEN false
    END AS from_web,
    CASE
        WHEN (data ->> 'FromMobile') IN ('true', '1') THEN true
        WHEN (data ->> 'FromMobile') IN ('false', '0') THEN false
    END AS from_mobile,
    CASE
        WHEN (data ->> 'IsInsurance') IN ('true', '1') THEN true
        WHEN (data ->> 'IsInsurance') IN ('false', '0') THEN false
    END AS is_insurance,
    data ->> 'InsurancePeriod' AS insurance_period,
    data ->> 'InsuranceNumber' AS insurance_number,
    data ->> 'InsuranceId' AS insurance_id,
    CASE
        WHEN (data ->> 'IsAutopay') IN ('true', '1') THEN true
        WHEN (data ->> 'IsAutopay') IN ('false', '0') THEN false
    END AS is_autopay,
    data ->> 'ContractorName' AS contractor_name,
    updated_at
FROM record
WHERE source = 'uzhkh' AND kind = 'payment' AND deleted_at IS NULL;

CREATE OR REPLACE VIEW document AS
SELECT
    ledger,
    id,
    data ->> 'TypeName' AS type_name,
    data ->> 'Title' AS title,
    data ->> 'Text' AS text,
    CASE
        WHEN (data ->> 'IsPublish') IN ('true', '1') THEN true
        WHEN (data ->> 'IsPublish') IN ('false', '0') THEN false
    END AS is_publish,
    CASE
        WHEN (data ->> 'Date') ~ '^/Date\([-0-9]' THEN (
            SELECT to_char(
                timestamp '1970-01-01'
                    + make_interval(days => (ms / 86400000)::integer, secs => ms % 86400000 / 1000.0),
                'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
            FROM (SELECT substring((data ->> 'Date') FROM '^/Date\((-?[0-9]{1,15})(?![0-9])')::bigint)
                AS since (ms)
            WHERE ms BETWEEN -62104060800000 AND 253402300799999 AND ms / 86400000 <> -25569)
        WHEN (data ->> 'Date') !~ '^(0001-01-01|1899-12-30)' THEN (data ->> 'Date')
    END AS date,
    CASE
        WHEN (data ->> 'IsForExecutors') IN ('true', '1') THEN true
        WHEN (data ->> 'IsForExecutors') IN ('false', '0') THEN false
    END AS is_for_executors,
    CASE
        WHEN (data ->> 'IsForResponsibles') IN ('true', '1') THEN true
        WHEN (data ->> 'IsForResponsibles') IN ('false', '0') THEN false
    END AS is_for_responsibles,
    CASE
        WHEN (data ->> 'IsForContractors') IN ('true', '1') THEN true
        WHEN (data ->> 'IsForContractors') IN ('false', '0') THEN false
    END AS is_for_contractors,
    CASE
        WHEN (data ->> 'IsForDisp') IN ('true', '1') THEN true
        WHEN (data ->> 'IsForDisp') IN ('false', '0') THEN false
    END AS is_for_disp,
    CASE
        WHEN (data ->> 'IsForParking') IN ('true', '1') THEN true
        WHEN (data ->> 'IsForParking') IN ('false', '0') THEN false
    END AS is_for_parking,
    CASE
        WHEN (data ->> 'IsForNoParking') IN ('true', '1') THEN true
        WHEN (data ->> 'IsForNoParking') IN ('false', '0') THEN false
    END AS is_for_no_parking,
    data ->> 'PushText' AS push_text,
    data ->> 'EmailTitle' AS email_title,
    data ->> 'EmailText' AS email_text,
    data ->> 'SmsText' AS sms_text,
    data ->> 'HousesIds' AS houses_ids,
    data ->> 'ResidentsIds' AS residents_ids,
    data ->> 'ResidentToFlatsIds' AS resident_to_flats_ids,
    updated_at
FROM record
WHERE source = 'uzhkh' AND kind IN ('article', 'news', 'notice') AND deleted_at IS NULL;

CREATE OR REPLACE VIEW car AS
SELECT
    ledger,
    id,
    data ->> 'ResidentId' AS resident_id,
    data ->> 'Brand' AS brand,
    data ->> 'Model' AS model,
    data ->> 'Number' AS number,
    data ->> 'PhoneDriver' AS phone_driver,
    CASE
        WHEN (data ->> 'IsTemp') IN ('true', '1') THEN true
        WHEN (data ->> 'IsTemp') IN ('false', '0') THEN false
    END AS is_temp,
    updated_at
FROM record
WHERE source = 'uzhkh' AND kind = 'car' AND deleted_at IS NULL;

CREATE OR REPLACE VIEW request_to_register AS
SELECT
    ledger,
    id,
    data ->> 'FlatId' AS flat_id,
    data ->> 'AccountNumber' AS account_number,
    data ->> 'Surname' AS surname,
    data ->> 'Name' AS name,
    data ->> 'Patronymic' AS patronymic,
    data ->> 'Email' AS email,
    data ->> 'Phone' AS phone,
    updated_at
FROM record
WHERE source = 'uzhkh' AND kind = 'requesttoregister' AND deleted_at IS NULL;

CREATE OR REPLACE VIEW request_to_object_adding AS
SELECT
    ledger,
    id,
    data ->> 'FlatId' AS flat_id,
    data ->> 'ResidentId' AS resident_id,
    updated_at
FROM record
WHERE source = 'uzhkh' AND kind = 'requesttoobjectadding' AND deleted_at IS NULL;

CREATE OR REPLACE VIEW premises AS
SELECT
    ledger,
    id,
    data ->> 'number' AS number,
    CASE
        WHEN (data ->> 'type') ~ '^-?[0-9]{1,19}(\.0{1,20})?$' THEN CASE
            WHEN (data ->> 'type')::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
                THEN (data ->> 'type')::numeric::bigint
        END
    END AS type,
    CASE
        WHEN (data ->> 'status') ~ '^-?[0-9]{1,19}(\.0{1,20})?$' THEN CASE
            WHEN (data ->> 'status')::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
                THEN (data ->> 'status')::numeric::bigint
        END
    END AS status,
    data ->> 'price' AS price,
    data ->> 'area' AS area,
    CASE
        WHEN (data ->> 'rooms') ~ '^-?[0-9]{1,19}(\.0{1,20})?$' THEN CASE
            WHEN (data ->> 'rooms')::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
                THEN (data ->> 'rooms')::numeric::bigint
        END
    END AS rooms,
    data ->> 'rooms_sign' AS rooms_sign,
    CASE
        WHEN (data ->> 'is_studio') IN ('true', '1') THEN true
        WHEN (data ->> 'is_studio') IN ('false', '0') THEN false
    END AS is_studio,
    data ->> 'decoration_name' AS decoration_name,
    nullif(data -> 'images', 'null') AS images,
    data ->> 'project_id' AS project_id,
    data ->> 'project' AS project,
    data ->> 'stage_id' AS stage_id,
    data ->> 'stage' AS stage,
    data ->> 'house_id' AS house_id,
    data ->> 'house' AS house,
    data ->> 'section_id' AS section_id,
    data ->> 'section' AS section,
    data ->> 'floor_id' AS floor_id,
    data ->> 'floor' AS floor,
    body,
    updated_at
FROM record
WHERE source = 'domoplaner' AND kind = 'premises' AND deleted_at IS NULL;

CREATE OR REPLACE VIEW deal AS
SELECT
    ledger,
    id,
    CASE
        WHEN (data ->> 'deal_status') ~ '^-?[0-9]{1,19}(\.0{1,20})?$' THEN CASE
            WHEN (data ->> 'deal_status')::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
                THEN (data ->> 'deal_status')::numeric::bigint
        END
    END AS deal_status,
    data ->> 'flat_id' AS flat_id,
    CASE
        WHEN (data ->> 'flat_status') ~ '^-?[0-9]{1,19}(\.0{1,20})?$' THEN CASE
            WHEN (data ->> 'flat_status')::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
                THEN (data ->> 'flat_status')::numeric::bigint
        END
    END AS flat_status,
    data ->> 'dogovor_number' AS dogovor_number,
    nullif(nullif(data ->> 'dogovor_day', ''), '0000-00-00') AS dogovor_day,
    nullif(nullif(data ->> 'day_reg_start', ''), '0000-00-00') AS day_reg_start,
    nullif(nullif(data ->> 'day_reg_end', ''), '0000-00-00') AS day_reg_end,
    nullif(nullif(data ->> 'dt_created', ''), '0000-00-00 00:00:00') AS dt_created,
    nullif(nullif(data ->> 'dt_updated', ''), '0000-00-00 00:00:00') AS dt_updated,
    nullif(nullif(data ->> 'dt_status_changed', ''), '0000-00-00 00:00:00') AS dt_status_changed,
    body,
    updated_at
FROM record
WHERE source = 'domoplaner' AND kind = 'deal' AND deleted_at IS NULL;

CREATE OR REPLACE VIEW ready_flat AS
SELECT
    ledger,
    id,
    data ->> 'house_id' AS house_id,
    data ->> 'title' AS title,
    data ->> 'category' AS category,
    data ->> 'flat' AS flat,
    updated_at
FROM record
WHERE source = 'macrocrm' AND kind = 'ready_flat' AND deleted_at IS NULL;

-- -------------------------------------------------------- rights of views

-- A view shows its reader no more than the tables do.
SELECT format('ALTER VIEW %I SET (security_invoker = true)', relname)
FROM pg_class
WHERE relnamespace = quote_ident(:'schema')::regnamespace AND relkind = 'v' AND relname IN (
    'object', 'account', 'account_person', 'resident', 'counter', 'request', 'payment', 'document', 'car',
    'request_to_register', 'request_to_object_adding', 'premises', 'deal', 'ready_flat')
\gexec

-- ------------------------------------------------------------ who sees what

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'uzhkh_company') THEN
        CREATE ROLE uzhkh_company NOLOGIN;
    END IF;
END
$$;

GRANT USAGE ON SCHEMA :"schema" TO uzhkh_company;
GRANT SELECT ON relay_version TO uzhkh_company;
-- No TRUNCATE, and nothing on the partitions: policies guard neither.
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger, record, change TO uzhkh_company;
GRANT SELECT ON
    object, account, account_person, resident, counter, request, payment, document, car,
    request_to_register, request_to_object_adding, premises, deal, ready_flat
TO uzhkh_company;

ALTER TABLE ledger ENABLE ROW LEVEL SECURITY;
ALTER TABLE record ENABLE ROW LEVEL SECURITY;
ALTER TABLE change ENABLE ROW LEVEL SECURITY;

DROP POLICY IF EXISTS company ON ledger;
CREATE POLICY company ON ledger TO uzhkh_company USING (name = current_user) WITH CHECK (name = current_user);
DROP POLICY IF EXISTS company ON record;
CREATE POLICY company ON record TO uzhkh_company USING (ledger = current_user) WITH CHECK (ledger = current_user);
DROP POLICY IF EXISTS company ON change;
CREATE POLICY company ON change TO uzhkh_company USING (ledger = current_user) WITH CHECK (ledger = current_user);

COMMIT;
