"""`service.py identity|scheduling|records|messaging`: one service of the Python peer, with a pool of eight connections and a schema of its own."""

import asyncio
import contextlib
import datetime as dt
import hashlib
import hmac
import sys
import time
import unicodedata

import aio_pika
import asyncpg
import orjson
import uvloop

import bus
from relay import relay
from sealing import NOBODY, Sealer, Trail
from settings import AMQP, HOME, SQL, USER, postgres

name = sys.argv[1]
sealer, trail = Sealer(HOME, name), Trail(HOME, name)
signer = bus.Signer("identity", bus.secret(HOME / "secrets/actor-identity.key"))
pool = None


async def keep(connection):
    """A transaction leaves nothing behind: its role is local, so a connection goes back as it is."""


@contextlib.asynccontextmanager
async def transaction(role, patients):
    async with pool.acquire() as connection, connection.transaction():
        await connection.fetchrow(SQL["role"], f"{name}_{role}", ",".join([*patients, NOBODY]))
        yield connection


def done(reply):
    return b"\0" + orjson.dumps(reply)


def milliseconds(instant):
    return instant.timestamp() * 1000


# MARK: identity


async def read_session(actor, message, payload):
    handle = bus.unbase64url(message["handle"].encode())
    async with transaction("worker", []) as tx:
        await tx.execute(SQL["audit"], *trail.entry("identity.read-session.v1", actor, []))
        row = await tx.fetchrow(SQL["session"], hashlib.sha256(handle).digest())
    if row is None:
        return done({})
    session, account, username, display, role, patient, practitioner, language, expires = row
    person = {
        "issuer": "identity",
        "role": role,
        "account": str(account),
        "session": str(session),
        "patients": [str(patient)],
        "purpose": "own-record",
    }
    lifetime = max(1, min(300, int(expires.timestamp() - time.time())))
    return done(
        {
            "session": {
                "session": str(session),
                "account": str(account),
                "username": username,
                "displayName": display,
                "role": role,
                "patients": [str(patient)],
                "language": language,
                "actorToken": signer.sign(person, lifetime).decode(),
                "expires": milliseconds(expires),
            }
        }
    )


# MARK: scheduling


def line(row):
    held = row["hold_until"]
    return {
        "appointment": str(row["id"]),
        "version": row["version"],
        "status": row["status"],
        "patient": str(row["patient"]),
        "practitioner": str(row["practitioner"]),
        "location": str(row["location"]),
        "service": row["service"],
        "start": {"instant": milliseconds(row["start_at"]), "local": row["local_start"], "zone": row["zone"]},
        "end": {"instant": milliseconds(row["end_at"]), "local": row["local_end"], "zone": row["zone"]},
        "holdUntil": milliseconds(held) if held else None,
    }


def own(actor, patient):
    return actor["role"] == "patient" and patient in actor["patients"]


def wanted(message):
    start = dt.datetime.fromtimestamp(message["start"] / 1000, dt.timezone.utc)
    day = int(message["start"] // 86_400_000)
    return start, f"{message['practitioner']}/{day}", f"{message['location']}/{day}"


async def command(actor, message, payload, action, statement, key, event):
    """What holding and booking share: locks, what has lapsed, the statement itself; then event, stored answer and trail in the same transaction."""
    patient = message["patient"]
    if not own(actor, patient):
        return b"\2"
    start, day, place = wanted(message)
    service = message["service"]
    async with transaction("limited", actor["patients"]) as tx:
        await tx.execute(SQL["lock_patient"], patient)
        await tx.execute(SQL["lock_day"], day)
        await tx.execute(SQL["lock_place"], place, service)
        await tx.execute(SQL["free_hold"], patient)
        await tx.execute(SQL["free_time"], message["practitioner"], start, service)
        await tx.execute(SQL["free_place"], service, message["location"])
        row = await tx.fetchrow(
            SQL[statement], message["appointment"], patient, message["practitioner"], message["location"], service, start, actor["account"]
        )
        if row is None:
            return b"\1" + orjson.dumps({"notOffered": {"alternatives": []}})
        told = line(row)
        await tx.execute(SQL["outbox"], bus.uuid7(), *event(told), bus.traceparent())
        answer = done({name: told[name] for name in ("appointment", "version", "start", "end")})
        sealed = sealer.seal(sealer.cipher(NOBODY), answer, f"answered/answer/{key.upper()}")
        await tx.execute(SQL["answered"], key, action, actor["account"], hashlib.sha256(payload).digest(), sealed)
        await tx.execute(SQL["audit"], *trail.entry(action, actor, [patient]))
    return answer


async def hold(actor, message, payload):
    return await command(
        actor,
        message,
        payload,
        "scheduling.hold-appointment.v1",
        "hold",
        message["appointment"],
        lambda told: (
            "scheduling.appointment-held.v1",
            orjson.dumps({"appointment": told["appointment"], "version": told["version"], "patient": told["patient"], "until": told["holdUntil"]}),
        ),
    )


async def book(actor, message, payload):
    return await command(
        actor,
        message,
        payload,
        "scheduling.book-appointment.v1",
        "book",
        message["key"],
        lambda told: (
            "scheduling.appointment-booked.v1",
            orjson.dumps({name: told[name] for name in ("appointment", "version", "patient", "practitioner", "location", "start", "end", "service")}),
        ),
    )


# MARK: records


def display(code):
    coding = (code or {}).get("coding") or [{}]
    return (code or {}).get("text") or coding[0].get("display") or coding[0].get("code") or ""


def first_code(code):
    return ((code or {}).get("coding") or [{}])[0].get("code")


def result(identity, resource):
    quantity, limits = resource.get("valueQuantity") or {}, (resource.get("referenceRange") or [{}])[0]
    value = quantity.get("value")
    low, high = (limits.get("low") or {}).get("value"), (limits.get("high") or {}).get("value")
    return {
        "id": identity,
        "code": first_code(resource.get("code")),
        "display": display(resource.get("code")),
        "status": resource.get("status"),
        "category": first_code((resource.get("category") or [None])[0]),
        "effective": resource.get("effectiveDateTime"),
        "value": None if value is None else str(value),
        "unit": quantity.get("unit"),
        "number": value,
        "low": low,
        "high": high,
        "interpretation": None,
        "components": [],
        "corrected": resource.get("status") == "corrected",
    }


LINES = {
    "Condition": (
        "conditions",
        lambda identity, r: {
            "id": identity,
            "display": display(r.get("code")),
            "code": first_code(r.get("code")),
            "clinicalStatus": first_code(r.get("clinicalStatus")),
            "verificationStatus": first_code(r.get("verificationStatus")),
            "onset": r.get("onsetDateTime") or r.get("recordedDate"),
            "abatement": r.get("abatementDateTime"),
        },
    ),
    "AllergyIntolerance": (
        "allergies",
        lambda identity, r: {
            "id": identity,
            "substance": display(r.get("code")),
            "criticality": r.get("criticality"),
            "clinicalStatus": first_code(r.get("clinicalStatus")),
            "reactions": [display(m) for reaction in r.get("reaction", []) for m in reaction.get("manifestation", [])],
            "noKnown": False,
            "recorded": r.get("recordedDate"),
        },
    ),
    "MedicationRequest": (
        "medications",
        lambda identity, r: {
            "id": identity,
            "name": display(r.get("medicationCodeableConcept")),
            "status": r.get("status"),
            "dosage": (r.get("dosageInstruction") or [{}])[0].get("text"),
            "authoredOn": r.get("authoredOn"),
        },
    ),
    "Immunization": (
        "immunizations",
        lambda identity, r: {
            "id": identity,
            "vaccine": display(r.get("vaccineCode")),
            "status": r.get("status"),
            "date": r.get("occurrenceDateTime"),
        },
    ),
    "Encounter": (
        "encounters",
        lambda identity, r: {
            "id": identity,
            "display": display((r.get("type") or [None])[0]),
            "start": (r.get("period") or {}).get("start"),
            "end": (r.get("period") or {}).get("end"),
            "reason": display((r.get("reasonCode") or [None])[0]) or None,
            "practitioner": None,
            "status": r.get("status"),
        },
    ),
    "Observation": ("results", result),
}
ORDER = {
    "conditions": lambda c: (c["clinicalStatus"] in ("active", "recurrence", "relapse", None), c["onset"] or ""),
    "medications": lambda m: (m["status"] == "active", m["authoredOn"] or ""),
    "immunizations": lambda i: i["date"] or "",
    "results": lambda r: (r["effective"] or "", r["display"]),
    "encounters": lambda e: e["start"] or "",
}


async def read_chart(actor, message, payload):
    patient = message["patient"]
    if not own(actor, patient):
        return b"\2"
    async with transaction("limited", actor["patients"]) as tx:
        await tx.execute(SQL["audit"], *trail.entry("records.read-chart.v1", actor, [patient]))
        who = await tx.fetchrow(SQL["patient"], patient)
        if who is None:
            return b"\1" + orjson.dumps("notFound")
        rows = await tx.fetch(SQL["chart"], patient)
    chart = {name: [] for name in ("conditions", "allergies", "medications", "immunizations", "results", "encounters")}
    cipher = sealer.cipher(patient)
    for type, identity, body in rows:
        if type == "count":
            chart["encounterCount"] = int.from_bytes(body, "big")
            continue
        resource = orjson.loads(sealer.open(cipher, body, f"resource/body/{str(identity).upper()}"))
        if resource.get("status") == "entered-in-error":
            continue
        place, entry = LINES[type]
        chart[place].append(entry(str(identity), resource))
    for place, order in ORDER.items():
        chart[place].sort(key=order, reverse=True)
    chart["allergies"].sort(key=lambda a: (a["criticality"] != "high", a["substance"]))
    chart["patient"] = {
        "id": patient,
        "version": who["version"],
        "name": who["name"],
        "family": who["family"],
        "given": who["given"],
        "birthDate": who["birth_date"],
        "gender": who["gender"],
        "mrn": who["mrn"],
        "phone": who["phone"],
        "language": who["language"],
        "deceased": who["deceased"],
    }
    chart["asOf"] = time.time() * 1000
    return done(chart)


# MARK: messaging


SENT, CHANGED = "messaging.message-sent.v1", "messaging.task-changed.v1"


def plain(text):
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).replace("\u2019", "'").split())


async def write_message(actor, message, payload):
    """What a patient writes in a thread that waits for the clinic already."""
    patient, thread, key, text = message["patient"], message["thread"], message["key"], message["text"].strip()
    if not own(actor, patient):
        return b"\2"
    digest = hmac.digest(b"marks words", text.encode(), "sha256")
    async with transaction("limited", actor["patients"]) as tx:
        row = await tx.fetchrow(SQL["thread"], thread, patient)
        if row is None or row["state"] != "waiting":
            return b"\1" + orjson.dumps("notFound")
        if await tx.fetchval(SQL["same_message"], thread, actor["account"], digest, None):
            return done({"thread": thread, "version": row["version"]})
        if abs(milliseconds(row["promised_at"]) - (message.get("promised") or 0)) >= 1000:
            return b"\1" + orjson.dumps("promised")
        said = plain(text)
        urgent = any(phrase[0] in said for phrase in await tx.fetch(SQL["urgent_phrases"]))
        if urgent and not message.get("knowsUrgent"):
            return b"\1" + orjson.dumps("urgent")
        await tx.execute(SQL["thread_goes_on"], row["now"], urgent, thread)
        body = sealer.seal(sealer.cipher(patient), text.encode(), f"message/body/{key.upper()}")
        await tx.execute(SQL["message"], key, thread, patient, row["now"], True, actor["account"], None, body, digest, None, None)
        about = {"thread": thread, "patient": patient}
        sent = about | {"message": key, "isFromPatient": True, "at": milliseconds(row["now"])}
        changed = about | {"version": row["version"] + 1, "state": "waiting", "level": row["level"]}
        for name_of, told in ((SENT, sent), (CHANGED, changed)):
            await tx.execute(SQL["outbox"], bus.uuid7(), name_of, orjson.dumps(told), bus.traceparent())
        answer = done({"thread": thread, "version": row["version"] + 1})
        sealed = sealer.seal(sealer.cipher(NOBODY), answer, f"answered/answer/{key.upper()}")
        action = "messaging.write-message.v1"
        await tx.execute(SQL["answered"], key, action, actor["account"], hashlib.sha256(payload).digest(), sealed)
        await tx.execute(SQL["audit"], *trail.entry(action, actor, [patient]))
    return answer


async def publish_messages():
    connection = await aio_pika.connect(AMQP)
    channel = await connection.channel(publisher_confirms=True)
    await relay(pool, "messaging", await channel.declare_exchange("events", aio_pika.ExchangeType.TOPIC, durable=True))


ANSWERS = {
    "identity": {"identity.read-session.v1": read_session},
    "scheduling": {"scheduling.hold-appointment.v1": hold, "scheduling.book-appointment.v1": book},
    "records": {"records.read-chart.v1": read_chart},
    "messaging": {"messaging.write-message.v1": write_message},
}


async def main():
    global pool
    pool = await asyncpg.create_pool(**postgres(name), min_size=8, max_size=8, reset=keep)
    await bus.Service(AMQP, name, USER, bus.Cipher(HOME / "secrets/bus-keys"), bus.Verifier(HOME / "keys/actors"), ANSWERS[name]).start()
    print("ready", flush=True)
    await (publish_messages() if name == "messaging" else asyncio.Future())


if __name__ == "__main__":
    uvloop.run(main())
