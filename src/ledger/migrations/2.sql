-- Version 1 to 2: feeds that are read whole, with their views.

CREATE TABLE feed (
    -- How far each feed of Domoplaner and each list of MACRO has been read.
    source TEXT NOT NULL,
    feed TEXT NOT NULL,              -- its name in the config; macrocrm: the category, or any
    asked_sha256 TEXT,               -- what is asked for, hashed: where it differs from that, the next read is
                                     -- a full one. NULL: not read yet
    read_at TEXT,                    -- when the last read that succeeded began; an increment begins a day before
    full_at TEXT,                    -- when the last full read that succeeded began
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

CREATE VIEW premises AS
SELECT
    id,
    CASE json_type(body, '$.number') WHEN 'text' THEN body ->> '$.number' WHEN 'null' THEN NULL ELSE body -> '$.number' END AS number,
    body ->> '$.type' AS type,       -- 0 flat, 1 parking, 2 storage, 3 commercial
    body ->> '$.status' AS status,   -- 0 free, 1 booked, 2 in registration, 3 sold
    CASE json_type(body, '$.price') WHEN 'text' THEN body ->> '$.price' WHEN 'null' THEN NULL ELSE body -> '$.price' END AS price,
    CASE json_type(body, '$.area') WHEN 'text' THEN body ->> '$.area' WHEN 'null' THEN NULL ELSE body -> '$.area' END AS area,
    body ->> '$.rooms' AS rooms,
    body ->> '$.rooms_sign' AS rooms_sign,
    body ->> '$.is_studio' AS is_studio,
    body ->> '$.decoration_name' AS decoration_name,
    nullif(body -> '$.images', 'null') AS images,
    CASE json_type(body, '$.project_id') WHEN 'text' THEN body ->> '$.project_id' WHEN 'null' THEN NULL ELSE body -> '$.project_id' END AS project_id,
    CASE json_type(body, '$.project') WHEN 'text' THEN body ->> '$.project' WHEN 'null' THEN NULL ELSE body -> '$.project' END AS project,
    CASE json_type(body, '$.stage_id') WHEN 'text' THEN body ->> '$.stage_id' WHEN 'null' THEN NULL ELSE body -> '$.stage_id' END AS stage_id,
    CASE json_type(body, '$.stage') WHEN 'text' THEN body ->> '$.stage' WHEN 'null' THEN NULL ELSE body -> '$.stage' END AS stage,
    CASE json_type(body, '$.house_id') WHEN 'text' THEN body ->> '$.house_id' WHEN 'null' THEN NULL ELSE body -> '$.house_id' END AS house_id,
    CASE json_type(body, '$.house') WHEN 'text' THEN body ->> '$.house' WHEN 'null' THEN NULL ELSE body -> '$.house' END AS house,
    CASE json_type(body, '$.section_id') WHEN 'text' THEN body ->> '$.section_id' WHEN 'null' THEN NULL ELSE body -> '$.section_id' END AS section_id,
    CASE json_type(body, '$.section') WHEN 'text' THEN body ->> '$.section' WHEN 'null' THEN NULL ELSE body -> '$.section' END AS section,
    CASE json_type(body, '$.floor_id') WHEN 'text' THEN body ->> '$.floor_id' WHEN 'null' THEN NULL ELSE body -> '$.floor_id' END AS floor_id,
    CASE json_type(body, '$.floor') WHEN 'text' THEN body ->> '$.floor' WHEN 'null' THEN NULL ELSE body -> '$.floor' END AS floor,
    body,
    updated_at
FROM record
WHERE source = 'domoplaner' AND kind = 'premises' AND deleted_at IS NULL;

CREATE VIEW deal AS
SELECT
    id,
    body ->> '$.deal_status' AS deal_status,
    CASE json_type(body, '$.flat_id') WHEN 'text' THEN body ->> '$.flat_id' WHEN 'null' THEN NULL ELSE body -> '$.flat_id' END AS flat_id,
    body ->> '$.flat_status' AS flat_status, -- 1 booked, 2 in registration, 3 sold
    CASE json_type(body, '$.dogovor_number') WHEN 'text' THEN body ->> '$.dogovor_number' WHEN 'null' THEN NULL ELSE body -> '$.dogovor_number' END AS dogovor_number,
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
