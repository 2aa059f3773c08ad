-- Version 3 to 4: rentals of Bitrix24 in Alma. A contract may be about a room, whose number
-- a unit may have too, and photos and scans are uploaded. What is quarantined is counted often.

DROP INDEX alma_object_on_unit;

CREATE INDEX alma_object_on_unit
    ON alma_object (coalesce(sent ->> '$.rental_object', 'unit ' || (sent ->> '$.unit_id')))
    WHERE kind IN ('owner_contract', 'tenant_contract');

CREATE INDEX item_quarantined ON item (seq) WHERE state = 'quarantined';

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
