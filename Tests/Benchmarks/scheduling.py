"""`scheduling`: the search for free times of 20 clinicians over 30 days, and the calendar of 12, with 60,000 appointments in the schema. The services are
asked over the bus, as the gateways ask them."""

import datetime as dt
import random
import time
import uuid

import bus
import chart_scale
import measure
from clinic import SERVICE, ZONE, say

CLINICIANS, SHOWN, SEARCH_DAYS, APPOINTMENTS, TIMES = 20, 12, 30, 60_000, 200


async def fill(owner, location, today):
    """Visits in the past, and two of three times of the days that are searched: written as the service writes them."""
    await owner.execute("SET search_path TO scheduling, public")
    await owner.execute(
        """
        WITH time AS (
            SELECT o.*, gen_random_uuid() AS id FROM scheduling.offered($1, NULL, $2, $3, 400) o
            WHERE extract(epoch FROM o.start_at)::bigint / 1200 % 3 > 0 ORDER BY o.start_at LIMIT $4
        ), visit AS (
            INSERT INTO scheduling.appointment
                (id, version, status, patient, practitioner, location, service, start_at, end_at, wall_start, zone, live)
            SELECT id, 1, 'booked', gen_random_uuid(), practitioner, location, $1, start_at, end_at, wall, zone, true FROM time
        )
        INSERT INTO scheduling.resource_time (appointment, resource, session, period) SELECT id, practitioner, id::text, takes FROM time
        """, SERVICE, uuid.UUID(location), today - dt.timedelta(days=60), APPOINTMENTS, timeout=300)
    await owner.execute("VACUUM ANALYZE scheduling.appointment, scheduling.resource_time")
    return await owner.fetchval("SELECT count(*) FROM scheduling.appointment")


async def publish(asker, token, practitioners, location, today):
    for practitioner in practitioners:
        await asker.request(
            "scheduling.publish-availability.v1",
            {
                "practitioner": practitioner, "location": location, "zone": ZONE, "from": f"{today - dt.timedelta(days=200)}",
                "until": f"{today + dt.timedelta(days=200)}",
                "services": [{"code": SERVICE, "name": {"en": "Office visit", "es": "Consulta"}, "minutes": 20}],
                "weekly": [{"weekday": day, "from": "08:00", "until": "17:00"} for day in range(1, 8)], "minimumNoticeMinutes": 60,
                "key": str(bus.uuid7()),
            }, token, timeout=20)


def calendars(window, today, location):
    """As the desk opens it: asked, named and rendered. Other places have clinicians of their own."""
    times, choose = [], random.Random("calendar")
    for number in range(TIMES + 10):
        taken, page = window.ask(f"/calendar?day={today + dt.timedelta(days=choose.randrange(-20, 20))}&place={location}")
        assert page.count("slot-box") > 100, "the calendar shows no visits"
        if number >= 10:
            times.append(taken)
    return times


def line(work, times):
    times = sorted(times)
    return {"system": "chartline", "work": work, "concurrency": 1, "rps": round(1000 * len(times) / sum(times), 1),
            "p50_ms": round(times[len(times) // 2], 2), "p95_ms": round(times[int(len(times) * 0.95)], 2),
            "p99_ms": round(times[int(len(times) * 0.99)], 2), "rounds": 1}


async def run(there, options):
    quiet, owner = measure.load_average(), await there.owner()
    practitioners, location = [str(uuid.uuid4()) for _ in range(CLINICIANS)], str(uuid.uuid4())
    today = dt.date.today()
    asker = await bus.Bus(there.broker("chartline"), "chartline", bus.Cipher(there.home / "secrets/bus-keys")).start()
    signer = bus.Signer("chartline", there.secret("actor-chartline.key"))

    def token():
        return signer.sign({"issuer": "chartline", "role": "operator", "patients": [], "purpose": "operations"})

    # Pages want to know by whose clocks days go.
    there.chartline("clinic", "create", "--name", "Bench Clinic", "--zone", ZONE)
    say(f"publishes the hours of {CLINICIANS} clinicians")
    await publish(asker, token(), practitioners, location, today)
    rows = await fill(owner, location, today)
    say(f"{rows:,} appointments")
    search, choose = [], random.Random("search")
    for number in range(TIMES + 10):
        first = today + dt.timedelta(days=choose.randrange(60))
        body = {"service": SERVICE, "location": location, "fromDay": f"{first}", "days": SEARCH_DAYS, "limit": 200}
        start = time.perf_counter()
        answer = await asker.request("scheduling.find-openings.v1", body, token(), timeout=20)
        taken = (time.perf_counter() - start) * 1000
        assert number or answer, "no free times"
        if number >= 10:
            search.append(taken)
    results = [line(f"free times of {CLINICIANS} clinicians over {SEARCH_DAYS} days", search)]
    window = chart_scale.Window(there.base + 1, await chart_scale.staff_cookie(there, "front-desk"))
    results.append(line(f"the page of a day of {SHOWN} clinicians", calendars(window, today, location)))
    for one in results:
        say(f"{one['work']}: p50 {one['p50_ms']}, p95 {one['p95_ms']}, p99 {one['p99_ms']} ms")
    await asker.stop()
    await owner.close()
    return {
        "name": "scheduling", "results": results, "ratios": {},
        "memory_mib": {name: measure.pss_mib(there.pid(name)) for name in ("scheduling", "clinic", "postgres")},
        "machine": {**measure.machine(), "load_average": round(quiet, 2)}, "settings": {},
    }
