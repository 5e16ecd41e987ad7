"""`audit-verify`: a trail of a million entries: how long it takes to seal and copy, to verify, and to show the first page of the report, sorted by
each field."""

import asyncio
import datetime as dt
import hmac
import json
import random
import time
import uuid

import bus
import measure
from clinic import say

ACTIONS = ["records.read-chart.v1", "records.read-result-series.v1", "scheduling.read-appointments.v1", "notifications.read-notices.v1"]
ROLES = ["nurse", "clinician", "front-desk", "patient", "administrator"]
FIELDS = ["at", "person", "role", "action", "patient", "outcome", "purpose", "basis", "reason", "service"]
COLUMNS = ["id", "at", "issuer", "role", "account", "session", "purpose", "basis", "action", "patients", "outcome", "reason", "trace", "mac"]
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)


def entries(count, key):
    """As the service writes them, a year of a clinic's work."""
    choose = random.Random("trail")
    accounts = [uuid.UUID(int=choose.getrandbits(128), version=4) for _ in range(200)]
    patients = [uuid.UUID(int=choose.getrandbits(128), version=4) for _ in range(8_000)]
    now = int(time.time() * 1_000_000)
    for number in range(count):
        microseconds = now - 31_000_000_000_000 + number * 31_000_000
        # Version 7, which Python's own constructor knows only since 3.14.
        bits = choose.getrandbits(128) & ~(0xF000 << 64) & ~(0xC000 << 48) | (0x7000 << 64) | (0x8000 << 48)
        identity, session = uuid.UUID(int=bits), uuid.UUID(int=choose.getrandbits(128), version=4)
        role, account, patient, action = choose.choice(ROLES), choose.choice(accounts), choose.choice(patients), choose.choice(ACTIONS)
        outcome, reason = ("done", None) if number % 50 else ("denied", "not-allowed")
        basis, trace = "care-team" if number % 3 else None, identity.hex
        line = "\t".join([
            str(identity), str(microseconds), "identity", role, str(account), str(session), "treatment", f"={basis}" if basis else "", action,
            str(patient), outcome, f"={reason}" if reason else "", f"={trace}"])
        mac = hmac.digest(key, b"2\t" + line.encode(), "sha256")
        at = EPOCH + dt.timedelta(microseconds=microseconds)
        yield (identity, at, "identity", role, account, session, "treatment", basis, action, [patient], outcome, reason, trace, mac)


async def fill(there, owner, count):
    """- Returns: seconds until all is sealed, in the file and copied."""
    held = await owner.fetchval("SELECT count(*) FROM notifications.audit_entry")
    if held >= count:
        return None
    say(f"writes {count - held:,} entries")
    key = bytes.fromhex(there.secret("audit-notifications"))
    await owner.copy_records_to_table("audit_entry", schema_name="notifications", columns=COLUMNS, records=entries(count - held, key))
    say("waits until they are sealed and copied")
    start = time.monotonic()
    while await owner.fetchval(
        """SELECT (SELECT count(*) FROM notifications.audit_entry) <> (SELECT coalesce(max(position), 0) FROM audit.entry_copy
            WHERE service = 'notifications') OR EXISTS (SELECT FROM audit.retry)"""
    ):
        if time.monotonic() - start > 1_800:
            raise SystemExit("not sealed and copied after half an hour")
        await asyncio.sleep(1)
    # The file is written once all is sealed, and verifying allows it to be behind by what is new: these entries say that they are old.
    last = f"{count}\t".encode()
    while not last_line(there.home / "audit/notifications/notifications.trail").startswith(last):
        if time.monotonic() - start > 1_800:
            raise SystemExit("the file outside the database is not whole after half an hour")
        await asyncio.sleep(1)
    await owner.execute("VACUUM ANALYZE notifications.audit_entry, notifications.audit_link, audit.entry_copy, audit.access")
    return time.monotonic() - start


def last_line(file):
    with file.open("rb") as lines:
        lines.seek(0, 2)
        lines.seek(-min(lines.tell(), 4096), 2)
        return lines.read().rstrip(b"\n").rpartition(b"\n")[2]


def verify(there, service):
    """- Returns: seconds, and how many entries were gone through."""
    start = time.monotonic()
    said = json.loads(there.chartline("audit", "verify", "--service", service, "--json"))
    seconds = time.monotonic() - start
    if bad := [trail for trail in said["trails"] if trail.get("finding")]:
        raise SystemExit(f"the trail is not whole: {bad}")
    return seconds, sum(trail["entries"] for trail in said["trails"])


async def report(there, rounds):
    """Milliseconds until the first page of the whole period is there, by the field it is sorted by."""
    cipher = bus.Cipher(there.home / "secrets/bus-keys")
    actor = {"issuer": "identity", "role": "administrator", "account": str(bus.uuid7()), "session": str(bus.uuid7()), "patients": [],
             "purpose": "operations"}
    token = bus.Signer("identity", there.secret("actor-identity.key")).sign(actor)
    asker = await bus.Bus(there.broker("clinic"), "clinic", cipher).start()
    times = {}
    now = int(time.time() * 1000)
    for field in FIELDS:
        for _ in range(rounds):
            start = time.monotonic()
            query = {"from": now - 400 * 86_400_000, "to": now + 60_000, "sort": [field], "descending": field == "at", "page": 0}
            found = await asker.request("audit.read-trail.v1", query, token, timeout=10)
            times.setdefault(field, []).append((time.monotonic() - start) * 1000)
            assert len(found["entries"]) == 50
    await asker.stop()
    return {field: sorted(values)[len(values) // 2] for field, values in times.items()}


def line(work, units, seconds, rounds):
    middle = sorted(seconds)[len(seconds) // 2]
    return {"system": "chartline", "work": work, "concurrency": 1, "rps": round(units / middle, 1), "p50_ms": round(middle * 1000, 1),
            "p99_ms": round(max(seconds) * 1000, 1), "cpu_ms": 0, "rounds": rounds}


async def run(there, options):
    owner = await there.owner()
    quiet = measure.load_average()
    took = await fill(there, owner, options.rows)
    results = [] if took is None else [line("an entry sealed and copied", options.rows, [took], 1)]
    for service, what in (("notifications", "an entry verified"), ("audit", "an entry of a copy verified")):
        rounds = [await asyncio.to_thread(verify, there, service) for _ in range(options.rounds)]
        say(f"{what}: {rounds[0][1]:,} in {', '.join(f'{seconds:.1f}' for seconds, _ in rounds)} s")
        results.append(line(what, rounds[0][1], [seconds for seconds, _ in rounds], options.rounds))
    pages = await report(there, options.rounds)
    say("first page by " + ", ".join(f"{field} {value:.0f} ms" for field, value in pages.items()))
    results += [line(f"first page of the report by {field}", 1, [value / 1000], options.rounds) for field, value in pages.items()]
    await owner.close()
    return {
        "name": "audit-verify", "results": results, "ratios": {}, "memory_mib": {"audit": measure.pss_mib(there.pid("audit"))},
        "machine": {**measure.machine(), "load_average": round(quiet, 2)}, "settings": {"rows": options.rows, "rounds": options.rounds},
    }
