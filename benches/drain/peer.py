"""A script as one would write it today: aiohttp, sqlite3, batches, bounded concurrency.

It sends what the service sends and keeps what a plain script keeps: the envelopes, the records,
a row for each change, and which temporary id got which permanent one.

    python3 peer.py BASE_URL TOKEN DATABASE drain|resync
"""

import asyncio
import hashlib
import json
import sqlite3
import sys
import time
import uuid

import aiohttp

CONCURRENCY = 32
BATCH = 1000
MEMBERS = {
    "Resident": "resident", "Account": "account", "Counter": "counter", "Request": "request",
    "Payment": "payment", "Obj": "object", "RequestToRegister": "requesttoregister",
    "RequestToObjectAdding": "requesttoobjectadding", "Car": "car",
}
KEEP_THEIR_IDS = {"request", "requesttoregister", "requesttoobjectadding"}
WITHOUT_SET_ID = KEEP_THEIR_IDS | {"car"}
LISTS = {
    "DownloadFlats": "object", "DownloadAccounts": "account", "DownloadCounters": "counter",
    "DownloadRequests": "request", "DownloadPayments": "payment", "DownloadDocs": None,
}
SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE envelope (seq INTEGER PRIMARY KEY, queue TEXT, guid TEXT, body TEXT, sha256 TEXT, received_at TEXT,
    acknowledged_at TEXT, UNIQUE (queue, guid, sha256));
CREATE TABLE record (kind TEXT, id TEXT, body TEXT, updated_at TEXT, deleted_at TEXT, PRIMARY KEY (kind, id));
CREATE TABLE change (seq INTEGER PRIMARY KEY, at TEXT, kind TEXT, id TEXT, op TEXT, before TEXT, envelope INTEGER);
CREATE TABLE identity (kind TEXT, temporary TEXT, permanent TEXT, PRIMARY KEY (kind, temporary));
"""


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Store:
    def __init__(self, path):
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.executescript(SCHEMA)

    def permanent(self, kind, id):
        """The permanent id, and whether it is to be announced."""
        if kind in KEEP_THEIR_IDS or not id.startswith("--"):
            return id, False
        found = self.db.execute("SELECT permanent FROM identity WHERE kind = ? AND temporary = ?", (kind, id)).fetchone()
        if found:
            return found[0], True
        given = str(uuid.uuid4())
        self.db.execute("INSERT INTO identity VALUES (?, ?, ?)", (kind, id, given))
        return given, True

    def put(self, kind, entity, envelope):
        """Records an entity; returns the permanent id where that is to be announced."""
        id, is_temporary = self.permanent(kind, str(entity["Id"]))
        if is_temporary:
            entity = {**entity, "Id": id}
        body, at = compact(entity), now()
        known = self.db.execute("SELECT body FROM record WHERE kind = ? AND id = ?", (kind, id)).fetchone()
        if known is None:
            self.db.execute("INSERT INTO record VALUES (?, ?, ?, ?, NULL)", (kind, id, body, at))
        elif known[0] != body:
            self.db.execute("UPDATE record SET body = ?, updated_at = ? WHERE kind = ? AND id = ?", (body, at, kind, id))
        if known is None or known[0] != body:
            op = "update" if known else "insert"
            before = known[0] if known else None
            self.db.execute(
                "INSERT INTO change (at, kind, id, op, before, envelope) VALUES (?, ?, ?, ?, ?, ?)",
                (at, kind, id, op, before, envelope),
            )
        return id if is_temporary else None

    def put_all(self, kind, entity, envelope):
        """An entity and its persons; returns kind, temporary and permanent id of each to be announced."""
        told = []
        for one, of in [(entity, kind)] + [(person, "resident") for person in entity.get("Persons") or []]:
            permanent = self.put(of, one, envelope)
            if permanent:
                told.append((of, str(one["Id"]), permanent))
        return told

    def batch(self, queue, entries):
        """Commits envelopes; returns of each what is to be sent for it."""
        self.db.execute("BEGIN IMMEDIATE")
        due = []
        for text, entry in entries:
            sha256 = hashlib.sha256(text.encode()).hexdigest()
            cursor = self.db.execute(
                "INSERT INTO envelope (queue, guid, body, sha256, received_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (queue, entry["Guid"], text, sha256, now()),
            )
            if not cursor.rowcount:
                continue
            seq, told, own = cursor.lastrowid, [], []
            if queue == "DeletedItems":
                kind, id = entry["Type"], self.permanent(entry["Type"], str(entry["Id"]))[0]
                self.db.execute("UPDATE record SET deleted_at = ? WHERE kind = ? AND id = ?", (now(), kind, id))
                self.db.execute(
                    "INSERT INTO change (at, kind, id, op, envelope) VALUES (?, ?, ?, 'delete', ?)", (now(), kind, id, seq)
                )
            for member, value in entry.items():
                kind = value and (value["TypeName"] if member == "Doc" else MEMBERS.get(member))
                if kind:
                    own.append((kind, str(value["Id"])))
                    told += self.put_all(kind, value, seq)
            sole = next((one for one in told if len(own) == 1 and one[:2] == own[0]), None)
            calls = [one for one in told if one is not sole and one[0] not in WITHOUT_SET_ID]
            due.append((seq, entry["Guid"], sole and sole[2], calls))
        self.db.execute("COMMIT")
        return due

    def page(self, kind, items):
        self.db.execute("BEGIN IMMEDIATE")
        told = []
        for item in items:
            told += self.put_all(kind or item["TypeName"], item, None)
        self.db.execute("COMMIT")
        return [one for one in told if one[0] not in WITHOUT_SET_ID]

    def acknowledged(self, seqs):
        self.db.execute("BEGIN IMMEDIATE")
        self.db.executemany("UPDATE envelope SET acknowledged_at = ? WHERE seq = ?", [(now(), seq) for seq in seqs])
        self.db.execute("COMMIT")


class Script:
    def __init__(self, session, base, store):
        self.session, self.base, self.store = session, base, store
        self.permits = asyncio.Semaphore(CONCURRENCY)
        self.turn = asyncio.Lock()

    async def get(self, path, **query):
        async with self.session.get(self.base + path, params=query) as answer:
            return await answer.text()

    async def stored(self, store, *arguments):
        async with self.turn:
            return await asyncio.to_thread(store, *arguments)

    async def set_id(self, kind, temporary, permanent):
        async with self.permits:
            await self.get("SetId", uzhkId=temporary, externalId=permanent, type=kind)

    async def acknowledge(self, seq, guid, object_id, calls):
        for call in calls:
            await self.set_id(*call)
        query = {"guid": guid, "objectId": object_id} if object_id else {"guid": guid}
        async with self.permits:
            await self.get("To1c/Delete", **query)
        return seq

    async def acknowledge_all(self, due):
        seqs = await asyncio.gather(*(self.acknowledge(*one) for one in due))
        await self.stored(self.store.acknowledged, seqs)

    async def drain(self, queue):
        text = await self.get("To1c/" + queue)
        acknowledging, entries, new = None, [], 0
        for entry in split(text):
            entries.append(entry)
            if len(entries) == BATCH:
                new, acknowledging, entries = await self.commit(queue, entries, acknowledging, new)
        new, acknowledging, _ = await self.commit(queue, entries, acknowledging, new)
        await acknowledging
        return new

    async def commit(self, queue, entries, acknowledging, new):
        due = await self.stored(self.store.batch, queue, entries)
        if acknowledging:
            await acknowledging
        return new + len(due), asyncio.create_task(self.acknowledge_all(due)), []

    async def resync(self, name, kind):
        page = 1
        coming = asyncio.create_task(self.get("Synchronization/" + name, page=page))
        while True:
            answer = json.loads(await coming)
            page += 1
            if not answer["NoResults"]:
                coming = asyncio.create_task(self.get("Synchronization/" + name, page=page))
            told = await self.stored(self.store.page, kind, answer["Items"])
            await asyncio.gather(*(self.set_id(*one) for one in told))
            if answer["NoResults"]:
                return


def split(text):
    """Each element of an array: its text as it came, and its value."""
    decoder, at = json.JSONDecoder(), text.index("[") + 1
    while True:
        while text[at] in " \r\n\t,":
            at += 1
        if text[at] == "]":
            return
        entry, end = decoder.raw_decode(text, at)
        yield text[at:end], entry
        at = end


async def main(base, token, path, what):
    headers = {"Authorization": "Bearer " + token}
    connector = aiohttp.TCPConnector(limit=CONCURRENCY + 2)
    async with aiohttp.ClientSession(headers=headers, connector=connector) as session:
        script = Script(session, base, Store(path))
        for queue in ["Requests", "DeletedItems"]:
            while await script.drain(queue):
                pass
        if what == "resync":
            for name, kind in LISTS.items():
                await script.resync(name, kind)


asyncio.run(main(*sys.argv[1:5]))
