-- The ledger of uzhkh-ledger, the whole of it, as a new file gets it.
--
-- Times are UTC, RFC 3339 with milliseconds and Z, as text. JSON is text.
-- Read it whenever you like with `sqlite3 -readonly`; to change something use
-- the commands of uzhkh-ledger, which keep its promises.

PRAGMA application_id = 1970957415; -- 'uzlg'
PRAGMA user_version = 5;

-- ------------------------------------------------------------ what it is itself

CREATE TABLE meta (
    -- What the ledger knows about itself.
    key TEXT PRIMARY KEY,            -- ledger_id: a UUIDv7 made with the file, kept by backup and restore, never
                                     -- given to another: a cursor is of use only with the ledger that gave it.
                                     -- generation: changes at each start of the service, and a backup has none;
                                     -- the lock file remembers it, and so knows another file in this one's place.
                                     -- retention_at, retention_held_at: when old rows were last looked for, and since
                                     -- when none is removed, because the clock has jumped; naming_held_at: since
                                     -- when identity.external_timeout names nothing for that; answers_held_at: since
                                     -- when no answer of an Idempotency-Key is forgotten for that; seen_ahead_at: since
                                     -- when what waits for its name has come later than now. secret_codes: a JSON
                                     -- array of the portal's fields that hold passwords, or have held some
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER ledger_id_is_for_ever
BEFORE UPDATE ON meta WHEN OLD.key = 'ledger_id'
BEGIN
    SELECT RAISE(ABORT, 'the id of a ledger never changes');
END;

CREATE TRIGGER ledger_id_is_never_removed
BEFORE DELETE ON meta WHEN OLD.key = 'ledger_id'
BEGIN
    SELECT RAISE(ABORT, 'the id of a ledger never changes');
END;

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
    refused_status INTEGER,          -- HTTP status by which UZhKH refused the last acknowledgement, which
                                     -- the next one will hardly change. NULL: it did not
    announces_kind TEXT,             -- the sole top-level entity's own temporary id: its permanent one goes
    announces_id TEXT,               -- out with Delete as objectId. NULL, or an id that waits for its name:
                                     -- a plain Delete
    as_of INTEGER,                   -- where it was quarantined: the newest change.seq then. What changed since is
                                     -- newer, whatever the clock said. NULL: it was not
    UNIQUE (queue, guid, body_sha256),
    CHECK ((state = 'acknowledged') = (acknowledged_at IS NOT NULL)),
    CHECK (state <> 'quarantined' OR last_error IS NOT NULL),
    CHECK ((announces_kind IS NULL) = (announces_id IS NULL))
) STRICT;

CREATE INDEX envelope_committed ON envelope (queue, seq) WHERE state = 'committed';
CREATE INDEX envelope_announcing ON envelope (announces_kind, announces_id)
    WHERE state = 'committed' AND announces_id IS NOT NULL;
CREATE INDEX envelope_quarantined ON envelope (seq) WHERE state = 'quarantined';
CREATE INDEX envelope_failing ON envelope (last_error, refused_status)
    WHERE state = 'committed' AND last_error IS NOT NULL;

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
    -- One element of a full list (a Download page of UZhKH, a feed of Domoplaner, MACRO's ready flats,
    -- a list of Bitrix24) that could not be understood. Its numbers begin far above those of the
    -- envelopes, so that a number names either an envelope or an item.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    feed TEXT NOT NULL,              -- the list it came from, as in poll
    body ANY NOT NULL CHECK (typeof(body) IN ('text', 'blob')),
    body_sha256 TEXT NOT NULL CHECK (length(body_sha256) = 64),
    bytes INTEGER NOT NULL,
    received_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('quarantined', 'applied', 'dismissed')),
    last_error TEXT NOT NULL,        -- why it was quarantined
    as_of INTEGER,                   -- the newest change.seq when it came; NULL: not known
    UNIQUE (source, feed, body_sha256)
) STRICT;

CREATE INDEX item_quarantined ON item (seq) WHERE state = 'quarantined';

INSERT INTO sqlite_sequence (name, seq) VALUES ('item', 1000000000000);

-- ------------------------------------------------------------- how much there is

CREATE TABLE tally (
    -- How many rows there are, so that nothing walks a table to know it: kept by the triggers called tally_…,
    -- in the transaction that changes the rows. `uzhkh-ledger verify` compares it with a walk.
    counted TEXT NOT NULL,           -- record: live ones, by source and kind; finding: by source and kind;
                                     -- alma_object: by kind and state; in_alma: those that Alma has, by the same;
                                     -- alma_file: by state
    one TEXT NOT NULL,               -- source, kind or state
    other TEXT NOT NULL,             -- kind or state; '' where it is by one thing only
    number INTEGER NOT NULL,
    PRIMARY KEY (counted, one, other)
) STRICT, WITHOUT ROWID;

-- ----------------------------------------------------------- what is known

CREATE TABLE record (
    -- The current version of each entity.
    source TEXT NOT NULL,            -- uzhkh, domoplaner, macrocrm, bitrix24
    kind TEXT NOT NULL,              -- uzhkh: the type word of SetId and DeletedItems (counter, resident, …),
                                     -- and car. domoplaner: premises, deal. macrocrm: ready_flat.
                                     -- bitrix24: apartment, unit, owner_contract, tenant_contract, contact
    id TEXT NOT NULL,                -- uzhkh: the permanent id, or the temporary one while it has none.
                                     -- macrocrm: HOUSE/CATEGORY/FLAT.
                                     -- domoplaner, bitrix24: the id of the item there
    body TEXT NOT NULL,              -- the entity as received, named temporary ids replaced by permanent ones
    hash TEXT NOT NULL,              -- SHA-256 of body, hex
    first_seen_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,        -- of the last change
    deleted_at TEXT,                 -- NULL: live
    missing_since TEXT,              -- a full list no longer had it; NULL: seen, or never looked for
    last_change_seq INTEGER,         -- change.seq of its last change, which may be forgotten by now
    PRIMARY KEY (source, kind, id)
) STRICT;

CREATE INDEX record_missing ON record (source, kind) WHERE missing_since IS NOT NULL;
-- As the views have account.account_number and payment.account_id, to the letter: else they find nothing by these.
CREATE INDEX record_account_number
    ON record (
        CASE json_type(body, '$.AccountNumber')
            WHEN 'text' THEN body ->> '$.AccountNumber' WHEN 'null' THEN NULL ELSE body -> '$.AccountNumber'
        END
    )
    WHERE source = 'uzhkh' AND kind = 'account';
CREATE INDEX record_payment_of ON record (body ->> '$.AccountId') WHERE source = 'uzhkh' AND kind = 'payment';

CREATE TRIGGER tally_record_made
AFTER INSERT ON record WHEN NEW.deleted_at IS NULL
BEGIN
    INSERT INTO tally VALUES ('record', NEW.source, NEW.kind, 1) ON CONFLICT DO UPDATE SET number = number + 1;
END;

CREATE TRIGGER tally_record_revived
AFTER UPDATE OF deleted_at ON record WHEN OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL
BEGIN
    INSERT INTO tally VALUES ('record', NEW.source, NEW.kind, 1) ON CONFLICT DO UPDATE SET number = number + 1;
END;

CREATE TRIGGER tally_record_deleted
AFTER UPDATE OF deleted_at ON record WHEN OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL
BEGIN
    INSERT INTO tally VALUES ('record', NEW.source, NEW.kind, -1) ON CONFLICT DO UPDATE SET number = number - 1;
END;

CREATE TRIGGER tally_record_gone
AFTER DELETE ON record WHEN OLD.deleted_at IS NULL
BEGIN
    INSERT INTO tally VALUES ('record', OLD.source, OLD.kind, -1) ON CONFLICT DO UPDATE SET number = number - 1;
END;

CREATE TABLE change (
    -- One row for each real modification of a record. seq only grows: keep it as your cursor.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at TEXT NOT NULL,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    op TEXT NOT NULL CHECK (op IN ('insert', 'update', 'delete', 'restore', 'rename')),
    fields TEXT,                     -- update: {"Balance": ["10.50", "12.00"]}, old and new; rename:
                                     -- {"Id": ["--5", "33dssdsd"]} and what differs; else NULL
    envelope_seq INTEGER REFERENCES envelope (seq), -- NULL: from a full list, or by an operator
    previous_seq INTEGER,            -- the record's change before this one, which may be forgotten by now. NULL: none
    renamed_seq INTEGER,             -- rename: the last change under the earlier id. NULL: none
    CHECK ((op IN ('update', 'rename')) = (fields IS NOT NULL)),
    CHECK (renamed_seq IS NULL OR op = 'rename')
) STRICT;

-- A record's changes are found from record.last_change_seq backwards: an index of all of them would have a page
-- written anew for nearly every change.
CREATE INDEX change_renamed ON change (kind, fields ->> '$.Id[0]') WHERE op = 'rename';

CREATE TABLE identity (
    -- The permanent id that stands for a temporary one, for ever.
    kind TEXT NOT NULL,
    temporary_id TEXT NOT NULL CHECK (substr(temporary_id, 1, 2) = '--'),
    permanent_id TEXT CHECK (substr(permanent_id, 1, 2) <> '--' AND permanent_id <> ''), -- NULL while waiting
    state TEXT NOT NULL CHECK (state IN ('waiting', 'reserved', 'announced', 'rejected')),
                                     -- waiting: the accounting system has not named it yet; reserved: UZhKH
                                     -- has not been told yet; rejected: it answered notFound or unknownType
    first_seen_at TEXT,              -- NULL: it was named before it was seen, and UZhKH is not told yet
    reserved_at TEXT,                -- since when it has its permanent id; NULL while waiting
    announced_at TEXT,               -- NULL unless announced
    sent_at TEXT,                    -- since when UZhKH may have it from us; written before it is sent
                                     -- by SetId, or by the Delete of a linked one, or when a Delete that
                                     -- carried it had no clear outcome
    linked INTEGER NOT NULL DEFAULT 0 CHECK (linked IN (0, 1)), -- 1: identity_reference tells which records
                                     -- hold it; 0: what has changed after seen_after is searched
    seen_after INTEGER DEFAULT 0,    -- the newest change.seq when a UUID of ours was given: what holds it has
                                     -- changed since. 0: it may be in any record. NULL where it is linked
    joined INTEGER NOT NULL DEFAULT 0 CHECK (joined IN (0, 1)), -- 1: naming it joined two records, so that the
                                     -- name cannot be taken back
    PRIMARY KEY (kind, temporary_id),
    UNIQUE (kind, permanent_id),
    CHECK ((state = 'waiting') = (permanent_id IS NULL)),
    CHECK ((state = 'waiting') = (reserved_at IS NULL)),
    CHECK (state <> 'waiting' OR (first_seen_at IS NOT NULL AND sent_at IS NULL AND linked = 1)),
    CHECK ((linked = 1) = (seen_after IS NULL)),
    CHECK ((state = 'announced') = (announced_at IS NOT NULL))
) STRICT;

CREATE INDEX identity_waiting ON identity (first_seen_at) WHERE state = 'waiting';
CREATE INDEX identity_reserved ON identity (first_seen_at) WHERE state = 'reserved';
CREATE INDEX identity_rejected ON identity (kind) WHERE state = 'rejected';

CREATE TABLE identity_reference (
    -- The records that hold a linked identity, its own record among them, until UZhKH has been
    -- told its name: naming looks them up.
    of_kind TEXT NOT NULL,           -- of the identity
    temporary_id TEXT NOT NULL,
    kind TEXT NOT NULL,              -- of the record
    id TEXT NOT NULL,
    PRIMARY KEY (of_kind, temporary_id, kind, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX identity_reference_in ON identity_reference (kind, id);

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
    target TEXT NOT NULL,            -- uzhkh, macrocrm, alma
    op TEXT NOT NULL,                -- uzhkh: SetId, HandleRequestToRegister, HandleRequestToObjectAdding;
                                     -- macrocrm: add, which books a key hand-over; alma: block
    params TEXT NOT NULL,            -- JSON object, named as the vendor names them
    envelope_seq INTEGER REFERENCES envelope (seq), -- the envelope whose Delete waits for it
    state TEXT NOT NULL CHECK (state IN ('pending', 'done', 'failed', 'unknown')),
                                     -- failed: will not be tried again; unknown: sent, outcome not known,
                                     -- not safe to repeat
    attempts INTEGER NOT NULL DEFAULT 0, -- times it was sent, counted before it is sent
    next_attempt_at TEXT,            -- NULL: at once
    last_status INTEGER,             -- HTTP status of the last answer; NULL: none came
    last_error TEXT,
    said TEXT,                       -- the other side's own words in its last answer, at most 300
                                     -- characters; NULL: none came
    created_at TEXT NOT NULL,
    finished_at TEXT,                -- NULL while pending
    CHECK ((state = 'pending') = (finished_at IS NULL))
) STRICT;

CREATE INDEX call_pending ON call (seq) WHERE state = 'pending';
CREATE INDEX call_failing ON call (last_error, target, last_status)
    WHERE state = 'pending' AND last_error IS NOT NULL;
CREATE INDEX call_stuck ON call (state) WHERE state IN ('failed', 'unknown');
CREATE INDEX call_of_identity ON call (params ->> '$.type', params ->> '$.uzhkId')
    WHERE state = 'pending' AND op = 'SetId';
CREATE INDEX call_of_request ON call (params ->> '$.id')
    WHERE op IN ('HandleRequestToRegister', 'HandleRequestToObjectAdding');
CREATE INDEX call_booking ON call (seq) WHERE target = 'macrocrm' AND op = 'add';
CREATE INDEX call_awaited ON call (envelope_seq) WHERE state = 'pending' AND envelope_seq IS NOT NULL;

-- ------------------------------------------------------ what was asked of the service

CREATE TABLE act (
    -- What people and programs had done: one row for one request, or for each object of a form that is about several,
    -- in the transaction that does it. What was refused, or had been done before, has none.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE CHECK (id <> ''), -- of the form or the request that it came by, of several FORM.NUMBER:
                                     -- none is done twice
    at TEXT NOT NULL,
    actor TEXT NOT NULL CHECK (actor <> ''), -- the name of the token or the user; of a shell the login name
    via TEXT NOT NULL CHECK (via IN ('cli', 'api', 'web')),
    verb TEXT NOT NULL CHECK (verb IN ('name', 'decide', 'book', 'settle', 'quarantine-retry', 'quarantine-acknowledge',
        'alma-retry', 'alma-release', 'alma-block', 'alma-unblock', 'resync', 'accept-shrink', 'poll', 'reveal')),
    target TEXT NOT NULL CHECK (target <> ''), -- SOURCE/KIND/ID, or the number of a call; SOURCE where it was several
    call_seq INTEGER,                -- the call that carries it out, or that is settled, though it may be
                                     -- forgotten by now. NULL: none, or several
    outcome TEXT NOT NULL,           -- approved, merged, released 13, …; never a value
    CHECK (verb NOT IN ('decide', 'book', 'settle') OR call_seq IS NOT NULL)
) STRICT;

CREATE INDEX act_of_call ON act (call_seq) WHERE call_seq IS NOT NULL;
CREATE INDEX act_on_target ON act (target);

CREATE TRIGGER act_stays_as_it_was
BEFORE UPDATE OF seq, id, at, actor, via, verb ON act
BEGIN
    SELECT RAISE(ABORT, 'what was done stays in the log as it was done');
END;

CREATE TRIGGER act_is_never_removed
BEFORE DELETE ON act
BEGIN
    SELECT RAISE(ABORT, 'what was done stays in the log');
END;

CREATE TABLE idempotent_answer (
    -- The answers to requests that came with an Idempotency-Key and had their effect, kept for 7 days: the same
    -- request with the same key gets the same answer. Written in the transaction of the effect.
    token TEXT NOT NULL,             -- the name of the token
    key TEXT NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    request_sha256 TEXT NOT NULL CHECK (length(request_sha256) = 64), -- of method, path with query and body
    status INTEGER NOT NULL CHECK (status BETWEEN 200 AND 299),
    body TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (token, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotent_answer_at ON idempotent_answer (at);

CREATE TABLE poll_wanted (
    -- The running service is asked to poll now: the row goes when the poller has been woken.
    source TEXT NOT NULL,
    feed TEXT NOT NULL,              -- as in poll
    asked_at TEXT NOT NULL,
    PRIMARY KEY (source, feed)
) STRICT, WITHOUT ROWID;

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

CREATE TRIGGER tally_finding_made
AFTER INSERT ON finding
BEGIN
    INSERT INTO tally VALUES ('finding', NEW.source, NEW.kind, 1) ON CONFLICT DO UPDATE SET number = number + 1;
END;

CREATE TRIGGER tally_finding_gone
AFTER DELETE ON finding
BEGIN
    INSERT INTO tally VALUES ('finding', OLD.source, OLD.kind, -1) ON CONFLICT DO UPDATE SET number = number - 1;
END;

CREATE TABLE poll (
    -- The last runs of each poller; older ones are pruned. Runs in a row that brought nothing share a row,
    -- for an hour: from the start of the first to the end of the last, which is written every five minutes.
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    source TEXT NOT NULL,
    feed TEXT NOT NULL,              -- uzhkh: Requests, DeletedItems, DownloadAccounts, …; domoplaner: the
                                     -- feed's name; macrocrm: the category, or any; bitrix24: the kind;
                                     -- alma: objects
    started_at TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('ok', 'failed', 'unauthorized')),
    fetched INTEGER NOT NULL,        -- elements that came; alma: objects that were dealt with
    changed INTEGER NOT NULL,        -- rows of change that they made; alma: objects that were sent or archived
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

CREATE TABLE resync_wanted (
    -- A full resync is asked for, of the running service or by a start: the row goes when that begins.
    one INTEGER PRIMARY KEY CHECK (one = 1),
    asked_at TEXT NOT NULL
) STRICT;

CREATE TABLE resync_seen (
    -- What the lists under way have shown so far, but for what they have changed, which tells that itself.
    -- A row with a list as its kind says that it has shown something nameless: what it lacks cannot be told then.
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- ------------------------------------------------- what is read whole, again and again

CREATE TABLE feed (
    -- How far each feed of Domoplaner, each list of MACRO and each list of Bitrix24 has been read.
    source TEXT NOT NULL,
    feed TEXT NOT NULL,              -- domoplaner: its name in the config; macrocrm: the category, or any;
                                     -- bitrix24: the kind
    asked_sha256 TEXT,               -- what is asked for, hashed: where it differs from that, the next read is
                                     -- a full one. NULL: not read yet
    read_at TEXT,                    -- when the last read that succeeded began; an increment begins a day before
    full_at TEXT,                    -- when the last full read that succeeded began
    portal_ahead INTEGER,            -- by how many seconds the clock of a Bitrix24 portal was ahead of ours when it
                                     -- was read; NULL: by next to nothing, or not known
    shrink_accepted_at TEXT,         -- an operator lets the next full read, within a day, delete all that it lacks;
                                     -- NULL: no more than max_shrink
    PRIMARY KEY (source, feed)
) STRICT;

CREATE TABLE feed_item (
    -- What each feed showed when it was last read: an item that comes again as it was
    -- is passed over, one that a full read lacks is deleted.
    source TEXT NOT NULL,
    kind TEXT NOT NULL,              -- as in record
    id TEXT NOT NULL,
    feed TEXT NOT NULL,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32), -- of the item as it came, with what it stood in
    after_full_at TEXT,              -- feed.full_at when the feed began to show it; where that is still so, no
                                     -- full read that succeeded has had it yet
    PRIMARY KEY (source, kind, id, feed)
) STRICT, WITHOUT ROWID;

CREATE INDEX feed_item_known ON feed_item (sha256);

-- ------------------------------------------------------------------- Alma

CREATE TABLE alma_object (
    -- What Alma should hold, what it was last sent, and how that stands. Fields are named
    -- as in Alma's document; a reference in them is the external id of what it refers to.
    kind TEXT NOT NULL CHECK (kind IN ('building', 'unit', 'room', 'client', 'owner_contract', 'tenant_contract')),
    external_id TEXT NOT NULL,       -- the id in the source: uzhkh: of the object, resident, ACCOUNT:RESIDENT;
                                     -- bitrix24: of the item; of a building the house's, or its name there: Alma
                                     -- is not told it
    alma_id INTEGER,                 -- NULL: not known to be in Alma
    desired TEXT,                    -- JSON object. NULL: it should not be there, or (blocked) it is not known.
                                     -- rental_object in a contract of bitrix24 says which object unit_id is: room 22
    sent TEXT,                       -- JSON object. NULL: Alma is looked at before anything is sent
    state TEXT NOT NULL CHECK (state IN ('synced', 'pending', 'blocked', 'rejected', 'held', 'archived', 'ended',
        'excluded')),                -- blocked: a needed value or a parent is missing; rejected: Alma said no;
                                     -- held: waits for `uzhkh-ledger alma release`; ended: a contract that is over,
                                     -- a client of whom no other is left; excluded: the config leaves it out
    reason TEXT,                     -- why it is not synced, or what was last refused; of what is pending the
                                     -- last error
    attempts INTEGER NOT NULL DEFAULT 0, -- that failed, since the last success
    next_attempt_at TEXT,            -- NULL: at once; of what is rejected or blocked when it is looked at again by
                                     -- itself, NULL: when something else changes
    updated_at TEXT NOT NULL,
    waits_for TEXT,                  -- blocked by this object of Alma, unit 0190…, or until file KIND/ID/FIELD/FILEID
                                     -- is uploaded; NULL: by neither
    released_at TEXT,                -- what it was held for may be done; NULL: may not
    blocked_at TEXT,                 -- Alma has taken our block of it then; NULL: none that was not taken back
    PRIMARY KEY (kind, external_id),
    CHECK (state <> 'synced' OR (alma_id IS NOT NULL AND desired IS NOT NULL AND sent IS NOT NULL)),
    CHECK (state IN ('synced', 'pending') OR reason IS NOT NULL),
    CHECK (state NOT IN ('archived', 'excluded') OR desired IS NULL),
    CHECK (waits_for IS NULL OR state = 'blocked')
) STRICT;

CREATE UNIQUE INDEX alma_object_of_alma ON alma_object (kind, alma_id) WHERE alma_id IS NOT NULL;
CREATE INDEX alma_object_pending ON alma_object (kind, external_id) WHERE state = 'pending';
CREATE INDEX alma_object_building ON alma_object (external_id)
    WHERE kind = 'building' AND alma_id IS NOT NULL AND state <> 'archived';
CREATE INDEX alma_object_waiting ON alma_object (waits_for) WHERE waits_for IS NOT NULL;
CREATE INDEX alma_object_again ON alma_object (next_attempt_at) WHERE state IN ('rejected', 'blocked');
CREATE INDEX alma_object_until
    ON alma_object (iif(json_valid(desired), coalesce(desired ->> '$.end_date', desired ->> '$.needed_until'), NULL))
    WHERE state IN ('synced', 'rejected', 'blocked');
CREATE INDEX alma_object_ended ON alma_object (updated_at) WHERE state = 'ended';
CREATE INDEX alma_object_blocked ON alma_object (blocked_at) WHERE blocked_at IS NOT NULL;
CREATE INDEX alma_object_rejected ON alma_object (kind, external_id) WHERE state = 'rejected';
CREATE INDEX alma_object_rejected_on
    ON alma_object (coalesce(desired ->> '$.rental_object', 'unit ' || (desired ->> '$.unit_id')))
    WHERE state = 'rejected';
CREATE INDEX alma_object_called
    ON alma_object (
        kind,
        iif(
            json_valid(sent), '' || coalesce(sent ->> '$.building', sent ->> '$.parent_unit', sent ->> '$.project'),
            NULL
        ),
        iif(json_valid(sent), sent ->> '$.name', NULL)
    )
    WHERE kind IN ('building', 'unit', 'room');
CREATE INDEX alma_object_on_unit
    ON alma_object (coalesce(sent ->> '$.rental_object', 'unit ' || (sent ->> '$.unit_id')))
    WHERE kind IN ('owner_contract', 'tenant_contract');
CREATE INDEX alma_object_for_client ON alma_object (sent ->> '$.client_id')
    WHERE kind IN ('owner_contract', 'tenant_contract');
CREATE INDEX alma_object_leaving ON alma_object (kind, state) WHERE desired IS NULL;
CREATE INDEX alma_object_stuck ON alma_object (state, kind) WHERE state IN ('held', 'rejected', 'blocked');

CREATE TRIGGER tally_alma_object_made
AFTER INSERT ON alma_object
BEGIN
    INSERT INTO tally VALUES ('alma_object', NEW.kind, NEW.state, 1) ON CONFLICT DO UPDATE SET number = number + 1;
    INSERT INTO tally VALUES ('in_alma', NEW.kind, NEW.state, NEW.alma_id IS NOT NULL)
    ON CONFLICT DO UPDATE SET number = number + excluded.number;
END;

CREATE TRIGGER tally_alma_object_moved
AFTER UPDATE OF state, alma_id ON alma_object
WHEN OLD.state <> NEW.state OR (OLD.alma_id IS NULL) <> (NEW.alma_id IS NULL)
BEGIN
    INSERT INTO tally VALUES ('alma_object', OLD.kind, OLD.state, -1) ON CONFLICT DO UPDATE SET number = number - 1;
    INSERT INTO tally VALUES ('in_alma', OLD.kind, OLD.state, -(OLD.alma_id IS NOT NULL))
    ON CONFLICT DO UPDATE SET number = number + excluded.number;
    INSERT INTO tally VALUES ('alma_object', NEW.kind, NEW.state, 1) ON CONFLICT DO UPDATE SET number = number + 1;
    INSERT INTO tally VALUES ('in_alma', NEW.kind, NEW.state, NEW.alma_id IS NOT NULL)
    ON CONFLICT DO UPDATE SET number = number + excluded.number;
END;

CREATE TRIGGER tally_alma_object_gone
AFTER DELETE ON alma_object
BEGIN
    INSERT INTO tally VALUES ('alma_object', OLD.kind, OLD.state, -1) ON CONFLICT DO UPDATE SET number = number - 1;
    INSERT INTO tally VALUES ('in_alma', OLD.kind, OLD.state, -(OLD.alma_id IS NOT NULL))
    ON CONFLICT DO UPDATE SET number = number + excluded.number;
END;

CREATE TABLE alma_cursor (
    -- How far the changes of the source have been followed.
    one INTEGER PRIMARY KEY CHECK (one = 1),
    settings TEXT NOT NULL,          -- what objects are made by besides records: the source, a digest of Alma's
                                     -- address, then the rest; when it changes, all are made anew
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
    to_kind TEXT NOT NULL,           -- object, resident, house, address, unit, contact, …
    to_id TEXT NOT NULL,
    PRIMARY KEY (kind, id, to_kind, to_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX alma_link_back ON alma_link (to_kind, to_id, kind, id);

CREATE TABLE alma_taken (
    -- What the bare number in a tenant's contract of Bitrix24 was taken for: units and apartments are numbered
    -- separately. It stays until the number in the contract changes.
    external_id TEXT PRIMARY KEY,    -- of the contract
    number TEXT NOT NULL,
    taken TEXT CHECK (taken IN ('unit', 'apartment'))
                                     -- NULL: it cannot be told before the units have been read
) STRICT, WITHOUT ROWID;

CREATE INDEX alma_taken_waiting ON alma_taken (external_id) WHERE taken IS NULL;

CREATE TABLE alma_file (
    -- Photos and scans on their way to Alma: each content is uploaded once, before anything names it.
    seq INTEGER PRIMARY KEY AUTOINCREMENT, -- the order in which they are brought
    file TEXT NOT NULL UNIQUE,       -- in the source: KIND/ID/FIELD/FILEID
    state TEXT NOT NULL CHECK (state IN ('pending', 'uploaded', 'failed')),
                                     -- failed: it will not be tried again before `alma retry`
    alma_file_id INTEGER,            -- photos and scans name it by this
    sha256 TEXT,                     -- of the content; NULL: Alma was sent a link
    bytes INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0, -- failures since the last success
    next_attempt_at TEXT,            -- NULL: at once
    reason TEXT,                     -- what the last attempt failed with
    uploaded_at TEXT,
    CHECK ((state = 'uploaded') = (alma_file_id IS NOT NULL)),
    CHECK ((state = 'uploaded') = (uploaded_at IS NOT NULL)),
    CHECK (state <> 'failed' OR reason IS NOT NULL),
    CHECK (next_attempt_at IS NULL OR state = 'pending')
) STRICT;

CREATE INDEX alma_file_pending ON alma_file (seq) WHERE state = 'pending';
CREATE INDEX alma_file_content ON alma_file (sha256) WHERE sha256 IS NOT NULL;

CREATE TRIGGER tally_alma_file_made
AFTER INSERT ON alma_file
BEGIN
    INSERT INTO tally VALUES ('alma_file', NEW.state, '', 1) ON CONFLICT DO UPDATE SET number = number + 1;
END;

CREATE TRIGGER tally_alma_file_moved
AFTER UPDATE OF state ON alma_file WHEN OLD.state <> NEW.state
BEGIN
    INSERT INTO tally VALUES ('alma_file', OLD.state, '', -1) ON CONFLICT DO UPDATE SET number = number - 1;
    INSERT INTO tally VALUES ('alma_file', NEW.state, '', 1) ON CONFLICT DO UPDATE SET number = number + 1;
END;

CREATE TRIGGER tally_alma_file_gone
AFTER DELETE ON alma_file
BEGIN
    INSERT INTO tally VALUES ('alma_file', OLD.state, '', -1) ON CONFLICT DO UPDATE SET number = number - 1;
END;

CREATE TABLE alma_photo (
    -- Which photo of Alma a file of an object has become: a set is written whole, and what is left out of it is
    -- deleted there. Photos that are not here were put there by people, and stay.
    kind TEXT NOT NULL,              -- of alma_object
    external_id TEXT NOT NULL,
    file TEXT NOT NULL,              -- as in alma_file
    place INTEGER NOT NULL,          -- in the set
    photo_id INTEGER,                -- NULL: it was being written, and what came of it is to be seen
    beside TEXT,                     -- then: the photos that were there before, JSON
    PRIMARY KEY (kind, external_id, file),
    CHECK ((photo_id IS NULL) = (beside IS NOT NULL))
) STRICT, WITHOUT ROWID;

-- ------------------------------------------------------------- PostgreSQL

CREATE TABLE relay (
    -- How the relay to PostgreSQL stands, as the service last wrote it; its cursor is there, not here.
    one INTEGER PRIMARY KEY CHECK (one = 1),
    ledger TEXT NOT NULL,            -- the name of this ledger there
    state TEXT NOT NULL CHECK (state IN ('following', 'backfilling', 'away', 'paused', 'refused')),
                                     -- away: it is tried again soon; paused: a person must act, and it is looked
                                     -- at once a minute; refused: another relay writes there
    epoch INTEGER,                   -- NULL: the cursor has not been seen yet, as cursor
    cursor INTEGER,                  -- the last change that is there
    last_success_at TEXT,            -- NULL: never
    error TEXT,                      -- why it is away, paused or refused
    CHECK ((state IN ('following', 'backfilling')) = (error IS NULL))
) STRICT;

CREATE TABLE relay_wanted (
    -- What the running service is asked to do with the relay: the row goes when it is done.
    act TEXT PRIMARY KEY CHECK (act IN ('backfill', 'retry', 'takeover')),
    asked_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE relay_stuck (
    -- Changes, each with its record, that PostgreSQL did not take; `uzhkh-ledger relay retry` tries them again.
    seq INTEGER NOT NULL,            -- change.seq; 0: the record itself, in a backfill
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    reason TEXT NOT NULL,            -- SQLSTATE, message and constraint
    at TEXT NOT NULL,
    PRIMARY KEY (seq, source, kind, id)
) STRICT, WITHOUT ROWID;

-- ================================================================ views
--
-- All views are dropped and made anew by every upgrade, from here to the end of the file.

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
SELECT kind, temporary_id, permanent_id, state, first_seen_at, reserved_at, sent_at
FROM identity
WHERE state <> 'announced'
ORDER BY coalesce(first_seen_at, reserved_at), kind, temporary_id;

CREATE VIEW quarantine AS
SELECT seq, 'uzhkh' AS source, queue, guid, received_at, last_error, bytes, body
FROM envelope
WHERE state = 'quarantined'
UNION ALL
SELECT seq, source, feed, '', received_at, last_error, bytes, body
FROM item
WHERE state = 'quarantined'
ORDER BY seq;

CREATE VIEW decision AS
-- Each request to register or to add an object, deleted ones too, and the last decision on it.
SELECT
    CASE r.kind WHEN 'requesttoregister' THEN 'register' ELSE 'object' END AS request,
    r.id,
    r.body ->> '$.FlatId' AS flat_id,
    r.body ->> '$.ResidentId' AS resident_id,
    CASE json_type(r.body, '$.AccountNumber')
        WHEN 'text' THEN r.body ->> '$.AccountNumber' WHEN 'null' THEN NULL ELSE r.body -> '$.AccountNumber'
    END AS requested_account_number,
    r.body ->> '$.Surname' AS surname,
    r.body ->> '$.Name' AS name,
    r.body ->> '$.Patronymic' AS patronymic,
    r.body ->> '$.Email' AS email,
    r.body ->> '$.Phone' AS phone,
    c.created_at AS decided_at,      -- NULL: not yet
    CASE c.params ->> '$.isApprove' WHEN 'true' THEN 1 WHEN 'false' THEN 0 END AS approved,
    nullif(c.params ->> '$.cause', '') AS cause,
    nullif(c.params ->> '$.accountNumber', '') AS account_number,
    c.seq AS call,
    c.state,                         -- of the call
    r.deleted_at IS NULL AND (c.seq IS NULL OR c.state = 'failed') AS open,
    r.deleted_at,
    r.updated_at
FROM record AS r LEFT JOIN call AS c ON c.seq = (
    SELECT max(+seq) FROM call
    WHERE op IN ('HandleRequestToRegister', 'HandleRequestToObjectAdding') AND params ->> '$.id' = r.id
        AND op = CASE r.kind
            WHEN 'requesttoregister' THEN 'HandleRequestToRegister' ELSE 'HandleRequestToObjectAdding' END)
WHERE r.source = 'uzhkh' AND r.kind IN ('requesttoregister', 'requesttoobjectadding');

CREATE VIEW booking AS
-- Each hand-over of keys that was booked, or was to be.
SELECT
    seq AS call,
    params ->> '$.house_id' AS house,
    params ->> '$.flat_num' AS flat,
    params ->> '$.category' AS category,
    params ->> '$.transfer_date' AS at, -- local, with its offset, as it is sent
    params ->> '$.phone' AS phone,
    state,
    created_at,
    finished_at,
    said                             -- MACRO's own words in its last answer
FROM call
WHERE target = 'macrocrm' AND op = 'add'
ORDER BY seq;

CREATE VIEW recent_change AS
SELECT seq, at, source, kind, id, op, fields, envelope_seq
FROM change
ORDER BY seq DESC
LIMIT 1000;

CREATE VIEW alma_pending AS
SELECT kind, external_id, alma_id, state, reason, waits_for, attempts, next_attempt_at, released_at, updated_at
FROM alma_object
WHERE state NOT IN ('synced', 'ended', 'excluded')
ORDER BY kind, external_id;

-- ------------------------------------------- views for UZhKH, one for each kind
--
-- The documented fields of «Отправка данных от "Умное ЖКХ"», live records only.
-- Decimals are text as written; `/Date(ms)/` is shown as ISO; a date and time
-- without offset is in the account's own time zone; .NET's empty one and 1899-12-30 are NULL.
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
    CASE json_type(body, '$.AccountNumber')
        WHEN 'text' THEN body ->> '$.AccountNumber' WHEN 'null' THEN NULL ELSE body -> '$.AccountNumber'
    END AS account_number,
    body ->> '$.IsActive' AS is_active,
    body ->> '$.ApartmentID' AS apartment_id,
    body ->> '$.TypeObject' AS type_object,
    CASE
        WHEN body ->> '$.DateTimeOpen' GLOB '/Date([-0-9]*' THEN iif(
            CAST(substr(body ->> '$.DateTimeOpen', 7) AS INTEGER) / 86400000 > -718797
                AND CAST(substr(body ->> '$.DateTimeOpen', 7) AS INTEGER) / 86400000 <> -25569,
            strftime('%Y-%m-%dT%H:%M:%fZ',
                CAST(substr(body ->> '$.DateTimeOpen', 7) AS INTEGER) / 1000.0, 'unixepoch'), NULL)
        WHEN body ->> '$.DateTimeOpen' NOT GLOB '0001-01-01*'
            AND body ->> '$.DateTimeOpen' NOT GLOB '1899-12-30*' THEN body ->> '$.DateTimeOpen'
    END AS date_time_open,
    CASE
        WHEN body ->> '$.DateTimeClose' GLOB '/Date([-0-9]*' THEN iif(
            CAST(substr(body ->> '$.DateTimeClose', 7) AS INTEGER) / 86400000 > -718797
                AND CAST(substr(body ->> '$.DateTimeClose', 7) AS INTEGER) / 86400000 <> -25569,
            strftime('%Y-%m-%dT%H:%M:%fZ',
                CAST(substr(body ->> '$.DateTimeClose', 7) AS INTEGER) / 1000.0, 'unixepoch'), NULL)
        WHEN body ->> '$.DateTimeClose' NOT GLOB '0001-01-01*'
            AND body ->> '$.DateTimeClose' NOT GLOB '1899-12-30*' THEN body ->> '$.DateTimeClose'
    END AS date_time_close,
    body ->> '$.SpelledOutPerson' AS spelled_out_person,
    body ->> '$.RegisteredPerson' AS registered_person,
    body ->> '$.LivingPerson' AS living_person,
    body ->> '$.RelatedAccountId' AS related_account_id,
    CASE json_type(body, '$.Balance')
        WHEN 'text' THEN body ->> '$.Balance' WHEN 'null' THEN NULL ELSE body -> '$.Balance'
    END AS balance,
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
    CASE json_type(body, '$.HouseNumber')
        WHEN 'text' THEN body ->> '$.HouseNumber' WHEN 'null' THEN NULL ELSE body -> '$.HouseNumber'
    END AS house_number,
    CASE json_type(body, '$.FlatNumber')
        WHEN 'text' THEN body ->> '$.FlatNumber' WHEN 'null' THEN NULL ELSE body -> '$.FlatNumber'
    END AS flat_number,
    CASE
        WHEN json_type(body, '$.SquareAll') IN ('integer', 'real') THEN CAST(body ->> '$.SquareAll' AS REAL)
        WHEN replace(trim(body ->> '$.SquareAll'), ',', '.') GLOB '[0-9]*'
            AND replace(trim(body ->> '$.SquareAll'), ',', '.') NOT GLOB '*[^0-9.]*'
            AND replace(trim(body ->> '$.SquareAll'), ',', '.') NOT GLOB '*.*.*'
            THEN CAST(replace(trim(body ->> '$.SquareAll'), ',', '.') AS REAL)
    END AS square_all, -- a text such as 45,3 is a number, too
    CASE
        WHEN json_type(body, '$.SquareLiving') IN ('integer', 'real') THEN CAST(body ->> '$.SquareLiving' AS REAL)
        WHEN replace(trim(body ->> '$.SquareLiving'), ',', '.') GLOB '[0-9]*'
            AND replace(trim(body ->> '$.SquareLiving'), ',', '.') NOT GLOB '*[^0-9.]*'
            AND replace(trim(body ->> '$.SquareLiving'), ',', '.') NOT GLOB '*.*.*'
            THEN CAST(replace(trim(body ->> '$.SquareLiving'), ',', '.') AS REAL)
    END AS square_living, -- a text such as 45,3 is a number, too
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
    CASE json_type(body, '$.SerialNumber')
        WHEN 'text' THEN body ->> '$.SerialNumber' WHEN 'null' THEN NULL ELSE body -> '$.SerialNumber'
    END AS serial_number,
    CASE json_type(body, '$.Value1')
        WHEN 'text' THEN body ->> '$.Value1' WHEN 'null' THEN NULL ELSE body -> '$.Value1'
    END AS value1,
    CASE json_type(body, '$.Value2')
        WHEN 'text' THEN body ->> '$.Value2' WHEN 'null' THEN NULL ELSE body -> '$.Value2'
    END AS value2,
    CASE json_type(body, '$.Value3')
        WHEN 'text' THEN body ->> '$.Value3' WHEN 'null' THEN NULL ELSE body -> '$.Value3'
    END AS value3,
    CASE
        WHEN body ->> '$.DateTimeForValue' GLOB '/Date([-0-9]*' THEN iif(
            CAST(substr(body ->> '$.DateTimeForValue', 7) AS INTEGER) / 86400000 > -718797
                AND CAST(substr(body ->> '$.DateTimeForValue', 7) AS INTEGER) / 86400000 <> -25569,
            strftime('%Y-%m-%dT%H:%M:%fZ',
                CAST(substr(body ->> '$.DateTimeForValue', 7) AS INTEGER) / 1000.0, 'unixepoch'), NULL)
        WHEN body ->> '$.DateTimeForValue' NOT GLOB '0001-01-01*'
            AND body ->> '$.DateTimeForValue' NOT GLOB '1899-12-30*' THEN body ->> '$.DateTimeForValue'
    END AS date_time_for_value,
    body ->> '$.CounterTypeIdentifier' AS counter_type_identifier,
    body ->> '$.IsPublish' AS is_publish,
    body ->> '$.FlatId' AS flat_id,
    body ->> '$.TypeObject' AS type_object,
    CASE
        WHEN body ->> '$.CheckDate' GLOB '/Date([-0-9]*' THEN iif(
            CAST(substr(body ->> '$.CheckDate', 7) AS INTEGER) / 86400000 > -718797
                AND CAST(substr(body ->> '$.CheckDate', 7) AS INTEGER) / 86400000 <> -25569,
            strftime('%Y-%m-%dT%H:%M:%fZ',
                CAST(substr(body ->> '$.CheckDate', 7) AS INTEGER) / 1000.0, 'unixepoch'), NULL)
        WHEN body ->> '$.CheckDate' NOT GLOB '0001-01-01*'
            AND body ->> '$.CheckDate' NOT GLOB '1899-12-30*' THEN body ->> '$.CheckDate'
    END AS check_date,
    CASE
        WHEN body ->> '$.CommissioningDate' GLOB '/Date([-0-9]*' THEN iif(
            CAST(substr(body ->> '$.CommissioningDate', 7) AS INTEGER) / 86400000 > -718797
                AND CAST(substr(body ->> '$.CommissioningDate', 7) AS INTEGER) / 86400000 <> -25569,
            strftime('%Y-%m-%dT%H:%M:%fZ',
                CAST(substr(body ->> '$.CommissioningDate', 7) AS INTEGER) / 1000.0, 'unixepoch'), NULL)
        WHEN body ->> '$.CommissioningDate' NOT GLOB '0001-01-01*'
            AND body ->> '$.CommissioningDate' NOT GLOB '1899-12-30*' THEN body ->> '$.CommissioningDate'
    END AS commissioning_date,
    updated_at
FROM record
WHERE source = 'uzhkh' AND kind = 'counter' AND deleted_at IS NULL;

CREATE VIEW request AS
SELECT
    CASE WHEN CAST(CAST(id AS INTEGER) AS TEXT) = id THEN CAST(id AS INTEGER) ELSE id END AS id,
    body ->> '$.Number' AS number,
    body ->> '$.Title' AS title,
    body ->> '$.Description' AS description,
    body ->> '$.Summary' AS summary,
    CASE
        WHEN body ->> '$.CreationDate' GLOB '/Date([-0-9]*' THEN iif(
            CAST(substr(body ->> '$.CreationDate', 7) AS INTEGER) / 86400000 > -718797
                AND CAST(substr(body ->> '$.CreationDate', 7) AS INTEGER) / 86400000 <> -25569,
            strftime('%Y-%m-%dT%H:%M:%fZ',
                CAST(substr(body ->> '$.CreationDate', 7) AS INTEGER) / 1000.0, 'unixepoch'), NULL)
        WHEN body ->> '$.CreationDate' NOT GLOB '0001-01-01*'
            AND body ->> '$.CreationDate' NOT GLOB '1899-12-30*' THEN body ->> '$.CreationDate'
    END AS creation_date,
    CASE
        WHEN body ->> '$.FinishDate' GLOB '/Date([-0-9]*' THEN iif(
            CAST(substr(body ->> '$.FinishDate', 7) AS INTEGER) / 86400000 > -718797
                AND CAST(substr(body ->> '$.FinishDate', 7) AS INTEGER) / 86400000 <> -25569,
            strftime('%Y-%m-%dT%H:%M:%fZ',
                CAST(substr(body ->> '$.FinishDate', 7) AS INTEGER) / 1000.0, 'unixepoch'), NULL)
        WHEN body ->> '$.FinishDate' NOT GLOB '0001-01-01*'
            AND body ->> '$.FinishDate' NOT GLOB '1899-12-30*' THEN body ->> '$.FinishDate'
    END AS finish_date,
    CASE json_type(body, '$.AccountNumber')
        WHEN 'text' THEN body ->> '$.AccountNumber' WHEN 'null' THEN NULL ELSE body -> '$.AccountNumber'
    END AS account_number,
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
    CASE json_type(body, '$.PaymentSum')
        WHEN 'real' THEN body -> '$.PaymentSum' ELSE body ->> '$.PaymentSum'
    END AS payment_sum,              -- documented as whole; kopecks are text as written
    nullif(body -> '$.Files', 'null') AS files,
    nullif(body -> '$.FilesFromExecutor', 'null') AS files_from_executor,
    CASE
        WHEN body ->> '$.DelayedPaymentDateTime' GLOB '/Date([-0-9]*' THEN iif(
            CAST(substr(body ->> '$.DelayedPaymentDateTime', 7) AS INTEGER) / 86400000 > -718797
                AND CAST(substr(body ->> '$.DelayedPaymentDateTime', 7) AS INTEGER) / 86400000 <> -25569,
            strftime('%Y-%m-%dT%H:%M:%fZ',
                CAST(substr(body ->> '$.DelayedPaymentDateTime', 7) AS INTEGER) / 1000.0, 'unixepoch'), NULL)
        WHEN body ->> '$.DelayedPaymentDateTime' NOT GLOB '0001-01-01*'
            AND body ->> '$.DelayedPaymentDateTime' NOT GLOB '1899-12-30*' THEN body ->> '$.DelayedPaymentDateTime'
    END AS delayed_payment_date_time,
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
    CASE json_type(body, '$.Sum')
        WHEN 'text' THEN body ->> '$.Sum' WHEN 'null' THEN NULL ELSE body -> '$.Sum'
    END AS sum,
    CASE json_type(body, '$.Commission')
        WHEN 'text' THEN body ->> '$.Commission' WHEN 'null' THEN NULL ELSE body -> '$.Commission'
    END AS commission,
    CASE json_type(body, '$.AccountNumber')
        WHEN 'text' THEN body ->> '$.AccountNumber' WHEN 'null' THEN NULL ELSE body -> '$.AccountNumber'
    END AS account_number,
    body ->> '$.AccountId' AS account_id,
    CASE
        WHEN body ->> '$.DateTime' GLOB '/Date([-0-9]*' THEN iif(
            CAST(substr(body ->> '$.DateTime', 7) AS INTEGER) / 86400000 > -718797
                AND CAST(substr(body ->> '$.DateTime', 7) AS INTEGER) / 86400000 <> -25569,
            strftime('%Y-%m-%dT%H:%M:%fZ',
                CAST(substr(body ->> '$.DateTime', 7) AS INTEGER) / 1000.0, 'unixepoch'), NULL)
        WHEN body ->> '$.DateTime' NOT GLOB '0001-01-01*'
            AND body ->> '$.DateTime' NOT GLOB '1899-12-30*' THEN body ->> '$.DateTime'
    END AS date_time,
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
    CASE
        WHEN body ->> '$.Date' GLOB '/Date([-0-9]*' THEN iif(
            CAST(substr(body ->> '$.Date', 7) AS INTEGER) / 86400000 > -718797
                AND CAST(substr(body ->> '$.Date', 7) AS INTEGER) / 86400000 <> -25569,
            strftime('%Y-%m-%dT%H:%M:%fZ',
                CAST(substr(body ->> '$.Date', 7) AS INTEGER) / 1000.0, 'unixepoch'), NULL)
        WHEN body ->> '$.Date' NOT GLOB '0001-01-01*'
            AND body ->> '$.Date' NOT GLOB '1899-12-30*' THEN body ->> '$.Date'
    END AS date,
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
    CASE json_type(body, '$.AccountNumber')
        WHEN 'text' THEN body ->> '$.AccountNumber' WHEN 'null' THEN NULL ELSE body -> '$.AccountNumber'
    END AS account_number,
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

-- ------------------------------------------- views for Domoplaner and MACRO
--
-- Domoplaner documents no fields: shown are the id, what is common in its feeds, and the
-- whole item. Dates are ISO; a time is in the account's own time zone. What a flat of a
-- nested feed stood in is project, stage, house, section, floor and their _id.

CREATE VIEW premises AS
SELECT
    id,
    CASE json_type(body, '$.number')
        WHEN 'text' THEN body ->> '$.number' WHEN 'null' THEN NULL ELSE body -> '$.number'
    END AS number,
    body ->> '$.type' AS type,       -- 0 flat, 1 parking, 2 storage, 3 commercial
    body ->> '$.status' AS status,   -- 0 free, 1 booked, 2 in registration, 3 sold
    CASE json_type(body, '$.price')
        WHEN 'text' THEN body ->> '$.price' WHEN 'null' THEN NULL ELSE body -> '$.price'
    END AS price,
    CASE json_type(body, '$.area')
        WHEN 'text' THEN body ->> '$.area' WHEN 'null' THEN NULL ELSE body -> '$.area'
    END AS area,
    body ->> '$.rooms' AS rooms,
    body ->> '$.rooms_sign' AS rooms_sign,
    body ->> '$.is_studio' AS is_studio,
    body ->> '$.decoration_name' AS decoration_name,
    nullif(body -> '$.images', 'null') AS images,
    CASE json_type(body, '$.project_id')
        WHEN 'text' THEN body ->> '$.project_id' WHEN 'null' THEN NULL ELSE body -> '$.project_id'
    END AS project_id,
    CASE json_type(body, '$.project')
        WHEN 'text' THEN body ->> '$.project' WHEN 'null' THEN NULL ELSE body -> '$.project'
    END AS project,
    CASE json_type(body, '$.stage_id')
        WHEN 'text' THEN body ->> '$.stage_id' WHEN 'null' THEN NULL ELSE body -> '$.stage_id'
    END AS stage_id,
    CASE json_type(body, '$.stage')
        WHEN 'text' THEN body ->> '$.stage' WHEN 'null' THEN NULL ELSE body -> '$.stage'
    END AS stage,
    CASE json_type(body, '$.house_id')
        WHEN 'text' THEN body ->> '$.house_id' WHEN 'null' THEN NULL ELSE body -> '$.house_id'
    END AS house_id,
    CASE json_type(body, '$.house')
        WHEN 'text' THEN body ->> '$.house' WHEN 'null' THEN NULL ELSE body -> '$.house'
    END AS house,
    CASE json_type(body, '$.section_id')
        WHEN 'text' THEN body ->> '$.section_id' WHEN 'null' THEN NULL ELSE body -> '$.section_id'
    END AS section_id,
    CASE json_type(body, '$.section')
        WHEN 'text' THEN body ->> '$.section' WHEN 'null' THEN NULL ELSE body -> '$.section'
    END AS section,
    CASE json_type(body, '$.floor_id')
        WHEN 'text' THEN body ->> '$.floor_id' WHEN 'null' THEN NULL ELSE body -> '$.floor_id'
    END AS floor_id,
    CASE json_type(body, '$.floor')
        WHEN 'text' THEN body ->> '$.floor' WHEN 'null' THEN NULL ELSE body -> '$.floor'
    END AS floor,
    body,
    updated_at
FROM record
WHERE source = 'domoplaner' AND kind = 'premises' AND deleted_at IS NULL;

CREATE VIEW deal AS
SELECT
    id,
    body ->> '$.deal_status' AS deal_status,
    CASE json_type(body, '$.flat_id')
        WHEN 'text' THEN body ->> '$.flat_id' WHEN 'null' THEN NULL ELSE body -> '$.flat_id'
    END AS flat_id,
    body ->> '$.flat_status' AS flat_status, -- 1 booked, 2 in registration, 3 sold
    CASE json_type(body, '$.dogovor_number')
        WHEN 'text' THEN body ->> '$.dogovor_number' WHEN 'null' THEN NULL ELSE body -> '$.dogovor_number'
    END AS dogovor_number,
    nullif(nullif(body ->> '$.dogovor_day', ''), '0000-00-00') AS dogovor_day,
    nullif(nullif(body ->> '$.day_reg_start', ''), '0000-00-00') AS day_reg_start,
    nullif(nullif(body ->> '$.day_reg_end', ''), '0000-00-00') AS day_reg_end,
    nullif(nullif(body ->> '$.dt_created', ''), '0000-00-00 00:00:00') AS dt_created,
    nullif(nullif(body ->> '$.dt_updated', ''), '0000-00-00 00:00:00') AS dt_updated,
    nullif(nullif(body ->> '$.dt_status_changed', ''), '0000-00-00 00:00:00') AS dt_status_changed,
    body,
    updated_at
FROM record
WHERE source = 'domoplaner' AND kind = 'deal' AND deleted_at IS NULL;

CREATE VIEW ready_flat AS
SELECT
    id,
    body ->> '$.house_id' AS house_id,
    body ->> '$.title' AS title,     -- of the house
    body ->> '$.category' AS category, -- flat, garage, storageroom, comm; any where none is configured
    body ->> '$.flat' AS flat,
    updated_at
FROM record
WHERE source = 'macrocrm' AND kind = 'ready_flat' AND deleted_at IS NULL;

-- ------------------------------------------- views for Bitrix24
--
-- The fields that Alma's document names, by either spelling of their codes. Values are
-- text as written; of what is a list of values the first; a date is its first ten
-- characters; the value of a list field is its id in the portal.

CREATE VIEW bitrix_apartment AS
SELECT
    id,
    nullif(CASE substr(title, 1, 1) WHEN '"' THEN title ->> '$' ELSE title END, '') AS title,
    nullif(CASE substr(building, 1, 1) WHEN '"' THEN building ->> '$' ELSE building END, '') AS building,
    nullif(CASE substr(apartment_number, 1, 1)
        WHEN '"' THEN apartment_number ->> '$'
        ELSE apartment_number END, '') AS apartment_number,
    nullif(CASE substr(address, 1, 1) WHEN '"' THEN address ->> '$' ELSE address END, '') AS address,
    nullif(CASE substr(floor, 1, 1) WHEN '"' THEN floor ->> '$' ELSE floor END, '') AS floor,
    -- 52 studio, 54 to 64 of 1 to 6 bedrooms
    nullif(CASE substr(type, 1, 1)
        WHEN '"' THEN type ->> '$' WHEN '[' THEN CAST(type ->> '$[0]' AS TEXT)
        ELSE type END, '') AS type,
    nullif(CASE substr(metro, 1, 1)
        WHEN '"' THEN metro ->> '$' WHEN '[' THEN CAST(metro ->> '$[0]' AS TEXT)
        ELSE metro END, '') AS metro,
    nullif(CASE substr(wifi_name, 1, 1) WHEN '"' THEN wifi_name ->> '$' ELSE wifi_name END, '') AS wifi_name,
    nullif(CASE substr(wifi_password, 1, 1)
        WHEN '"' THEN wifi_password ->> '$'
        ELSE wifi_password END, '') AS wifi_password,
    nullif(CASE substr(parking_number, 1, 1)
        WHEN '"' THEN parking_number ->> '$'
        ELSE parking_number END, '') AS parking_number,
    nullif(CASE substr(lock_password, 1, 1)
        WHEN '"' THEN lock_password ->> '$'
        ELSE lock_password END, '') AS lock_password,
    nullif(CASE substr(keybox_code, 1, 1) WHEN '"' THEN keybox_code ->> '$' ELSE keybox_code END, '') AS keybox_code,
    -- 4600 shared, 4598 not
    nullif(CASE substr(sharing, 1, 1)
        WHEN '"' THEN sharing ->> '$' WHEN '[' THEN CAST(sharing ->> '$[0]' AS TEXT)
        ELSE sharing END, '') AS sharing,
    -- where it is not shared. Of ids only the mark of their own kind is taken away: T90_12 is no unit
    (SELECT nullif(nullif(substr(value,
        instr(value, '_') * (upper(substr(value, 1, instr(value, '_'))) IN ('TA7_')) + 1), ''), '0')
    FROM (SELECT CASE substr(unit_id, 1, 1)
        WHEN '"' THEN unit_id ->> '$' WHEN '[' THEN CAST(unit_id ->> '$[0]' AS TEXT)
        ELSE unit_id END AS value)) AS unit_id,
    nullif(CASE substr(area, 1, 1) WHEN '"' THEN area ->> '$' ELSE area END, '') AS area,
    nullif(CASE substr(target_rent, 1, 1) WHEN '"' THEN target_rent ->> '$' ELSE target_rent END, '') AS target_rent,
    nullif(CASE substr(baths, 1, 1) WHEN '"' THEN baths ->> '$' ELSE baths END, '') AS baths,
    CASE upper(CASE substr(swimming_pool, 1, 1) WHEN '"' THEN swimming_pool ->> '$' ELSE swimming_pool END)
        WHEN 'Y' THEN 1 WHEN '1' THEN 1 WHEN 'TRUE' THEN 1
        WHEN 'N' THEN 0 WHEN '0' THEN 0 WHEN 'FALSE' THEN 0
    END AS swimming_pool,
    nullif(CASE substr(photos, 1, 1) WHEN '"' THEN photos ->> '$' ELSE photos END, '') AS photos, -- JSON
    updated_at
FROM (
    SELECT
        id,
        coalesce(nullif(body -> '$.title', 'null'), nullif(body -> '$.TITLE', 'null')) AS title,
        coalesce(
            nullif(body -> '$.ufCrm6_1682232363193', 'null'),
            nullif(body -> '$.UF_CRM_6_1682232363193', 'null')) AS building,
        coalesce(
            nullif(body -> '$.ufCrm6_1682232396330', 'null'),
            nullif(body -> '$.UF_CRM_6_1682232396330', 'null')) AS apartment_number,
        coalesce(
            nullif(body -> '$.ufCrm6_1718821717', 'null'),
            nullif(body -> '$.UF_CRM_6_1718821717', 'null')) AS address,
        coalesce(
            nullif(body -> '$.ufCrm6_1682232312628', 'null'),
            nullif(body -> '$.UF_CRM_6_1682232312628', 'null')) AS floor,
        coalesce(
            nullif(body -> '$.ufCrm6_1682232863625', 'null'),
            nullif(body -> '$.UF_CRM_6_1682232863625', 'null')) AS type,
        coalesce(
            nullif(body -> '$.ufCrm6_1682233481671', 'null'),
            nullif(body -> '$.UF_CRM_6_1682233481671', 'null')) AS metro,
        coalesce(
            nullif(body -> '$.ufCrm6_1682235809295', 'null'),
            nullif(body -> '$.UF_CRM_6_1682235809295', 'null')) AS wifi_name,
        coalesce(
            nullif(body -> '$.ufCrm6_1686728251990', 'null'),
            nullif(body -> '$.UF_CRM_6_1686728251990', 'null')) AS wifi_password,
        coalesce(
            nullif(body -> '$.ufCrm6_1683299159437', 'null'),
            nullif(body -> '$.UF_CRM_6_1683299159437', 'null')) AS parking_number,
        coalesce(
            nullif(body -> '$.ufCrm6_1715777670', 'null'),
            nullif(body -> '$.UF_CRM_6_1715777670', 'null')) AS lock_password,
        coalesce(
            nullif(body -> '$.ufCrm6_1720794204', 'null'),
            nullif(body -> '$.UF_CRM_6_1720794204', 'null')) AS keybox_code,
        coalesce(
            nullif(body -> '$.ufCrm6_1736951470242', 'null'),
            nullif(body -> '$.UF_CRM_6_1736951470242', 'null')) AS sharing,
        coalesce(
            nullif(body -> '$.ufCrm6_1684425402', 'null'),
            nullif(body -> '$.UF_CRM_6_1684425402', 'null')) AS unit_id,
        coalesce(
            nullif(body -> '$.ufCrm6_1682232424142', 'null'),
            nullif(body -> '$.UF_CRM_6_1682232424142', 'null')) AS area,
        coalesce(
            nullif(body -> '$.ufCrm6_1682232447205', 'null'),
            nullif(body -> '$.UF_CRM_6_1682232447205', 'null')) AS target_rent,
        coalesce(
            nullif(body -> '$.ufCrm6_1682232465964', 'null'),
            nullif(body -> '$.UF_CRM_6_1682232465964', 'null')) AS baths,
        coalesce(
            nullif(body -> '$.ufCrm6_1697622591377', 'null'),
            nullif(body -> '$.UF_CRM_6_1697622591377', 'null')) AS swimming_pool,
        coalesce(
            nullif(body -> '$.ufCrm6_1682238498225', 'null'),
            nullif(body -> '$.UF_CRM_6_1682238498225', 'null')) AS photos,
        updated_at
    FROM record
    WHERE source = 'bitrix24' AND kind = 'apartment' AND deleted_at IS NULL
);

CREATE VIEW bitrix_unit AS
SELECT
    id,
    nullif(CASE substr(title, 1, 1) WHEN '"' THEN title ->> '$' ELSE title END, '') AS title,
    -- the name of the room: 1294 is 1, 1296 is 2, …
    nullif(CASE substr(number_of_unit, 1, 1)
        WHEN '"' THEN number_of_unit ->> '$' WHEN '[' THEN CAST(number_of_unit ->> '$[0]' AS TEXT)
        ELSE number_of_unit END, '') AS number_of_unit,
    nullif(CASE substr(number, 1, 1) WHEN '"' THEN number ->> '$' ELSE number END, '') AS number,
    -- 242 room, 244 bunk
    nullif(CASE substr(housing_type, 1, 1)
        WHEN '"' THEN housing_type ->> '$' WHEN '[' THEN CAST(housing_type ->> '$[0]' AS TEXT)
        ELSE housing_type END, '') AS housing_type,
    nullif(CASE substr(target_rent, 1, 1) WHEN '"' THEN target_rent ->> '$' ELSE target_rent END, '') AS target_rent,
    nullif(CASE substr(area, 1, 1) WHEN '"' THEN area ->> '$' ELSE area END, '') AS area,
    (SELECT nullif(nullif(substr(value,
        instr(value, '_') * (upper(substr(value, 1, instr(value, '_'))) IN ('T90_')) + 1), ''), '0')
    FROM (SELECT CASE substr(apartment_id, 1, 1)
        WHEN '"' THEN apartment_id ->> '$' WHEN '[' THEN CAST(apartment_id ->> '$[0]' AS TEXT)
        ELSE apartment_id END AS value)) AS apartment_id,
    updated_at
FROM (
    SELECT
        id,
        coalesce(nullif(body -> '$.title', 'null'), nullif(body -> '$.TITLE', 'null')) AS title,
        coalesce(
            nullif(body -> '$.ufCrm8_1698838056004', 'null'),
            nullif(body -> '$.UF_CRM_8_1698838056004', 'null')) AS number_of_unit,
        coalesce(
            nullif(body -> '$.ufCrm8_1686662655574', 'null'),
            nullif(body -> '$.UF_CRM_8_1686662655574', 'null')) AS number,
        coalesce(
            nullif(body -> '$.ufCrm8_1682957076924', 'null'),
            nullif(body -> '$.UF_CRM_8_1682957076924', 'null')) AS housing_type,
        coalesce(
            nullif(body -> '$.ufCrm8_1699620518232', 'null'),
            nullif(body -> '$.UF_CRM_8_1699620518232', 'null')) AS target_rent,
        coalesce(
            nullif(body -> '$.ufCrm8_1686662606534', 'null'),
            nullif(body -> '$.UF_CRM_8_1686662606534', 'null')) AS area,
        coalesce(
            nullif(body -> '$.ufCrm8_1684429208', 'null'),
            nullif(body -> '$.UF_CRM_8_1684429208', 'null')) AS apartment_id,
        updated_at
    FROM record
    WHERE source = 'bitrix24' AND kind = 'unit' AND deleted_at IS NULL
);

CREATE VIEW bitrix_owner_contract AS
SELECT
    id,
    nullif(CASE substr(title, 1, 1) WHEN '"' THEN title ->> '$' ELSE title END, '') AS title,
    nullif(substr(CASE substr(start_date, 1, 1)
        WHEN '"' THEN start_date ->> '$' WHEN '[' THEN CAST(start_date ->> '$[0]' AS TEXT)
        ELSE start_date END, 1, 10), '') AS start_date,
    nullif(substr(CASE substr(end_date, 1, 1)
        WHEN '"' THEN end_date ->> '$' WHEN '[' THEN CAST(end_date ->> '$[0]' AS TEXT)
        ELSE end_date END, 1, 10), '') AS end_date,
    (SELECT nullif(nullif(substr(value,
        instr(value, '_') * (upper(substr(value, 1, instr(value, '_'))) IN ('T90_')) + 1), ''), '0')
    FROM (SELECT CASE substr(apartment_id, 1, 1)
        WHEN '"' THEN apartment_id ->> '$' WHEN '[' THEN CAST(apartment_id ->> '$[0]' AS TEXT)
        ELSE apartment_id END AS value)) AS apartment_id,
    (SELECT nullif(nullif(substr(value,
        instr(value, '_') * (upper(substr(value, 1, instr(value, '_'))) IN ('C_', 'T3_')) + 1), ''), '0')
    FROM (SELECT CASE substr(contact_id, 1, 1)
        WHEN '"' THEN contact_id ->> '$' WHEN '[' THEN CAST(contact_id ->> '$[0]' AS TEXT)
        ELSE contact_id END AS value)) AS contact_id,
    nullif(CASE substr(work_model, 1, 1)
        WHEN '"' THEN work_model ->> '$' WHEN '[' THEN CAST(work_model ->> '$[0]' AS TEXT)
        ELSE work_model END, '') AS work_model,
    -- of the property management letter
    nullif(substr(CASE substr(pml_start_date, 1, 1)
        WHEN '"' THEN pml_start_date ->> '$' WHEN '[' THEN CAST(pml_start_date ->> '$[0]' AS TEXT)
        ELSE pml_start_date END, 1, 10), '') AS pml_start_date,
    nullif(substr(CASE substr(pml_end_date, 1, 1)
        WHEN '"' THEN pml_end_date ->> '$' WHEN '[' THEN CAST(pml_end_date ->> '$[0]' AS TEXT)
        ELSE pml_end_date END, 1, 10), '') AS pml_end_date,
    -- JSON, as the scans below
    nullif(CASE substr(contract_with_client_scan, 1, 1)
        WHEN '"' THEN contract_with_client_scan ->> '$'
        ELSE contract_with_client_scan END, '') AS contract_with_client_scan,
    nullif(CASE substr(property_title_deed_scan, 1, 1)
        WHEN '"' THEN property_title_deed_scan ->> '$'
        ELSE property_title_deed_scan END, '') AS property_title_deed_scan,
    nullif(CASE substr(property_management_letter_scan, 1, 1)
        WHEN '"' THEN property_management_letter_scan ->> '$'
        ELSE property_management_letter_scan END, '') AS property_management_letter_scan,
    nullif(CASE substr(dtcm_permit_scan, 1, 1)
        WHEN '"' THEN dtcm_permit_scan ->> '$'
        ELSE dtcm_permit_scan END, '') AS dtcm_permit_scan,
    nullif(CASE substr(passport_scan, 1, 1)
        WHEN '"' THEN passport_scan ->> '$'
        ELSE passport_scan END, '') AS passport_scan,
    updated_at
FROM (
    SELECT
        id,
        coalesce(nullif(body -> '$.title', 'null'), nullif(body -> '$.TITLE', 'null')) AS title,
        coalesce(
            nullif(body -> '$.ufCrm10_1693823247516', 'null'),
            nullif(body -> '$.UF_CRM_10_1693823247516', 'null')) AS start_date,
        coalesce(
            nullif(body -> '$.ufCrm10_1693823282826', 'null'),
            nullif(body -> '$.UF_CRM_10_1693823282826', 'null')) AS end_date,
        coalesce(
            nullif(body -> '$.ufCrm10_1693823301', 'null'),
            nullif(body -> '$.UF_CRM_10_1693823301', 'null')) AS apartment_id,
        coalesce(nullif(body -> '$.contactId', 'null'), nullif(body -> '$.CONTACT_ID', 'null')) AS contact_id,
        coalesce(
            nullif(body -> '$.ufCrm10_1708955821', 'null'),
            nullif(body -> '$.UF_CRM_10_1708955821', 'null')) AS work_model,
        coalesce(
            nullif(body -> '$.ufCrm10_1708956056', 'null'),
            nullif(body -> '$.UF_CRM_10_1708956056', 'null')) AS pml_start_date,
        coalesce(
            nullif(body -> '$.ufCrm10_1708955996', 'null'),
            nullif(body -> '$.UF_CRM_10_1708955996', 'null')) AS pml_end_date,
        coalesce(
            nullif(body -> '$.ufCrm10_1709042143', 'null'),
            nullif(body -> '$.UF_CRM_10_1709042143', 'null')) AS contract_with_client_scan,
        coalesce(
            nullif(body -> '$.ufCrm10_1694000636731', 'null'),
            nullif(body -> '$.UF_CRM_10_1694000636731', 'null')) AS property_title_deed_scan,
        coalesce(
            nullif(body -> '$.ufCrm10_1694000391518', 'null'),
            nullif(body -> '$.UF_CRM_10_1694000391518', 'null')) AS property_management_letter_scan,
        coalesce(
            nullif(body -> '$.ufCrm10_1694000558852', 'null'),
            nullif(body -> '$.UF_CRM_10_1694000558852', 'null')) AS dtcm_permit_scan,
        coalesce(
            nullif(body -> '$.ufCrm10_1694000435068', 'null'),
            nullif(body -> '$.UF_CRM_10_1694000435068', 'null')) AS passport_scan,
        updated_at
    FROM record
    WHERE source = 'bitrix24' AND kind = 'owner_contract' AND deleted_at IS NULL
);

CREATE VIEW bitrix_tenant_contract AS
SELECT
    id,
    nullif(CASE substr(title, 1, 1) WHEN '"' THEN title ->> '$' ELSE title END, '') AS title,
    nullif(substr(CASE substr(start_date, 1, 1)
        WHEN '"' THEN start_date ->> '$' WHEN '[' THEN CAST(start_date ->> '$[0]' AS TEXT)
        ELSE start_date END, 1, 10), '') AS start_date,
    nullif(substr(CASE substr(end_date, 1, 1)
        WHEN '"' THEN end_date ->> '$' WHEN '[' THEN CAST(end_date ->> '$[0]' AS TEXT)
        ELSE end_date END, 1, 10), '') AS end_date,
    (SELECT nullif(nullif(substr(value,
        instr(value, '_') * (upper(substr(value, 1, instr(value, '_'))) IN ('TA7_')) + 1), ''), '0')
    FROM (SELECT CASE substr(unit_id, 1, 1)
        WHEN '"' THEN unit_id ->> '$' WHEN '[' THEN CAST(unit_id ->> '$[0]' AS TEXT)
        ELSE unit_id END AS value)) AS unit_id,
    (SELECT nullif(nullif(substr(value,
        instr(value, '_') * (upper(substr(value, 1, instr(value, '_'))) IN ('C_', 'T3_')) + 1), ''), '0')
    FROM (SELECT CASE substr(contact_id, 1, 1)
        WHEN '"' THEN contact_id ->> '$' WHEN '[' THEN CAST(contact_id ->> '$[0]' AS TEXT)
        ELSE contact_id END AS value)) AS contact_id,
    nullif(CASE substr(price, 1, 1) WHEN '"' THEN price ->> '$' ELSE price END, '') AS price,
    nullif(CASE substr(currency, 1, 1) WHEN '"' THEN currency ->> '$' ELSE currency END, '') AS currency,
    nullif(CASE substr(type_contract, 1, 1)
        WHEN '"' THEN type_contract ->> '$' WHEN '[' THEN CAST(type_contract ->> '$[0]' AS TEXT)
        ELSE type_contract END, '') AS type_contract,
    nullif(CASE substr(history, 1, 1) WHEN '"' THEN history ->> '$' ELSE history END, '') AS history,
    nullif(CASE substr(passport_number, 1, 1)
        WHEN '"' THEN passport_number ->> '$'
        ELSE passport_number END, '') AS passport_number,
    -- JSON
    nullif(CASE substr(passport_scan, 1, 1)
        WHEN '"' THEN passport_scan ->> '$'
        ELSE passport_scan END, '') AS passport_scan,
    -- JSON
    nullif(CASE substr(contract_scan, 1, 1)
        WHEN '"' THEN contract_scan ->> '$'
        ELSE contract_scan END, '') AS contract_scan,
    updated_at
FROM (
    SELECT
        id,
        coalesce(nullif(body -> '$.title', 'null'), nullif(body -> '$.TITLE', 'null')) AS title,
        coalesce(
            nullif(body -> '$.ufCrm20ContractStartDate', 'null'),
            nullif(body -> '$.UF_CRM_20_CONTRACT_START_DATE', 'null')) AS start_date,
        coalesce(
            nullif(body -> '$.ufCrm20ContractEndDate', 'null'),
            nullif(body -> '$.UF_CRM_20_CONTRACT_END_DATE', 'null')) AS end_date,
        coalesce(
            nullif(body -> '$.ufCrm20_1693919019', 'null'),
            nullif(body -> '$.UF_CRM_20_1693919019', 'null')) AS unit_id,
        coalesce(nullif(body -> '$.contactId', 'null'), nullif(body -> '$.CONTACT_ID', 'null')) AS contact_id,
        coalesce(nullif(body -> '$.opportunity', 'null'), nullif(body -> '$.OPPORTUNITY', 'null')) AS price,
        coalesce(nullif(body -> '$.currencyId', 'null'), nullif(body -> '$.CURRENCY_ID', 'null')) AS currency,
        coalesce(
            nullif(body -> '$.ufCrm20_1693561495', 'null'),
            nullif(body -> '$.UF_CRM_20_1693561495', 'null')) AS type_contract,
        coalesce(
            nullif(body -> '$.ufCrm20ContractHistory', 'null'),
            nullif(body -> '$.UF_CRM_20_CONTRACT_HISTORY', 'null')) AS history,
        coalesce(
            nullif(body -> '$.ufCrm20_1696523391', 'null'),
            nullif(body -> '$.UF_CRM_20_1696523391', 'null')) AS passport_number,
        coalesce(
            nullif(body -> '$.ufCrm20_1696615939', 'null'),
            nullif(body -> '$.UF_CRM_20_1696615939', 'null')) AS passport_scan,
        coalesce(
            nullif(body -> '$.ufCrm20Contract', 'null'),
            nullif(body -> '$.UF_CRM_20_CONTRACT', 'null')) AS contract_scan,
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
    nullif(substr(CASE substr(birthdate, 1, 1)
        WHEN '"' THEN birthdate ->> '$' WHEN '[' THEN CAST(birthdate ->> '$[0]' AS TEXT)
        ELSE birthdate END, 1, 10), '') AS birthdate,
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
             ORDER BY
                 CASE phone.type WHEN 'object' THEN phone.value ->> '$.VALUE_TYPE' = 'WORK' END DESC, phone.id
             LIMIT 1),
            (SELECT CASE fm.type WHEN 'object' THEN fm.value ->> '$.value' END AS number
             FROM json_each(body, '$.fm') AS fm
             WHERE number <> '' AND CASE fm.type WHEN 'object' THEN fm.value ->> '$.typeId' END = 'PHONE'
             ORDER BY
                 CASE fm.type WHEN 'object' THEN fm.value ->> '$.valueType' = 'WORK' END DESC, fm.id
             LIMIT 1)) AS phone,
        coalesce(nullif(body -> '$.birthdate', 'null'), nullif(body -> '$.BIRTHDATE', 'null')) AS birthdate,
        updated_at
    FROM record
    WHERE source = 'bitrix24' AND kind = 'contact' AND deleted_at IS NULL
);
