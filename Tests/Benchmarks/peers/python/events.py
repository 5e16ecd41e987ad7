"""The relay of the scheduling outbox, with confirms, and the subscribers of notifications, records and telemedicine, each with its inbox: one process
of the Python peer."""

import asyncio
import datetime as dt
import zoneinfo

import aio_pika
import asyncpg
import orjson
import uvloop

import bus
from relay import relay
from sealing import Sealer
from settings import AMQP, HOME, SQL, postgres

PLAN, VISIT = "notifications.plan-on-appointment-booked", "records.note-visit-on-appointment-booked"
CALL = "telemedicine.open-call-on-appointment-booked"
BOOKED, HELD = "scheduling.appointment-booked.v1", "scheduling.appointment-held.v1"
sealer = Sealer(HOME, "notifications")


async def keep(connection):
    """A transaction leaves nothing behind."""


async def topology(channel):
    events = await channel.declare_exchange("events", aio_pika.ExchangeType.TOPIC, durable=True)
    queues = []
    for name in (PLAN, VISIT, CALL):
        queue = await channel.declare_queue(
            name, durable=True, arguments={"x-queue-type": "quorum", "x-delivery-limit": 10, "x-max-length-bytes": 256 << 20}
        )
        await queue.bind(events, BOOKED)
        queues.append(queue)
    unheard = await channel.declare_queue(
        "events.unheard", durable=True, arguments={"x-queue-type": "quorum", "x-max-length": 1000, "x-overflow": "drop-head"}
    )
    await unheard.bind(events, HELD)
    return events, queues


async def plan(pool, message):
    event = orjson.loads(message.body)
    appointment, patient, version = event["appointment"], event["patient"], event["version"]
    start = dt.datetime.fromtimestamp(event["start"]["instant"] / 1000, dt.timezone.utc)
    try:
        async with pool.acquire() as connection, connection.transaction():
            await connection.fetchrow(SQL["role"], "notifications_worker", "")
            await connection.execute(SQL["inbox"], message.message_id)
            if await connection.fetchval(SQL["seen"], appointment, version, patient) is not None:
                body = await connection.fetchval(SQL["contact"], patient)
                zone = None
                if body:
                    zone = orjson.loads(sealer.open(sealer.cipher(patient), body, f"contact/body/{patient.upper()}")).get("zone")
                zone = zone or event["start"]["zone"]
                now = dt.datetime.now(dt.timezone.utc)
                rules = {"at-once": now, "week-before": start - dt.timedelta(days=7), "day-before": start - dt.timedelta(days=1),
                         "two-hours-before": start - dt.timedelta(hours=2)}
                planned = []
                for channel in ("email", "sms"):
                    for rule, due in rules.items():
                        local = due.astimezone(zoneinfo.ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M")
                        confirms = rule == "at-once"
                        reason = "channel-off" if confirms else "too-soon" if due < now else None
                        planned.append((bus.uuid7(), appointment, version, patient, "confirmation" if confirms else "reminder", channel, rule, due,
                                        local, zone, start, confirms, "suppressed" if reason else "scheduled", reason))
                await connection.executemany(SQL["intent"], planned)
    except asyncpg.UniqueViolationError:
        pass  # heard before
    await message.ack()


async def note_visit(pool, message):
    """Who has a visit of a patient treats them for a while."""
    event = orjson.loads(message.body)
    start = dt.datetime.fromtimestamp(event["start"]["instant"] / 1000, dt.timezone.utc)
    try:
        async with pool.acquire() as connection, connection.transaction():
            await connection.fetchrow(SQL["role"], "records_worker", "")
            await connection.execute(SQL["inbox_visit"], message.message_id)
            visit = (event["appointment"], event["version"], event["patient"], event["practitioner"], event["location"], start)
            await connection.execute(SQL["visit"], *visit)
    except asyncpg.UniqueViolationError:
        pass  # heard before
    await message.ack()


async def open_call(pool, message):
    """Every visit has a row, by which whoever has one treats the patient."""
    event = orjson.loads(message.body)
    start, end = (dt.datetime.fromtimestamp(event[name]["instant"] / 1000, dt.timezone.utc) for name in ("start", "end"))
    try:
        async with pool.acquire() as connection, connection.transaction():
            await connection.fetchrow(SQL["role"], "telemedicine_worker", "")
            await connection.execute(SQL["inbox_call"], message.message_id)
            visit = (event["appointment"], event["patient"], event["practitioner"], event["location"], event["version"])
            await connection.execute(SQL["call"], *visit, start, end, event["start"]["zone"], False)
    except asyncpg.UniqueViolationError:
        pass  # heard before
    await message.ack()


async def main():
    scheduling = await asyncpg.create_pool(**postgres("scheduling"), min_size=2, max_size=2, reset=keep)
    notifications = await asyncpg.create_pool(**postgres("notifications"), min_size=8, max_size=8, reset=keep)
    records = await asyncpg.create_pool(**postgres("records"), min_size=8, max_size=8, reset=keep)
    telemedicine = await asyncpg.create_pool(**postgres("telemedicine"), min_size=8, max_size=8, reset=keep)
    emit, hear = await aio_pika.connect(AMQP), await aio_pika.connect(AMQP)
    events, _ = await topology(await emit.channel(publisher_confirms=True))
    heard = (
        lambda message: plan(notifications, message),
        lambda message: note_visit(records, message),
        lambda message: open_call(telemedicine, message),
    )
    for number, hears in enumerate(heard):
        channel = await hear.channel(publisher_confirms=False)
        await channel.set_qos(prefetch_count=32)
        _, queues = await topology(channel)
        await queues[number].consume(hears)
    print("ready", flush=True)
    await relay(scheduling, "scheduling", events)


if __name__ == "__main__":
    uvloop.run(main())
