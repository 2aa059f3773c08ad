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
