"""`reminders`: as many reminders as are wanted come due at once, and one process of notifications sends them by e-mail to a server on this machine. That
server is the witness: it says how many came, and between the first and the last of them the time is taken."""

import asyncio
import datetime as dt
import json
import os
import random
import signal
import sys
import uuid
import zoneinfo

import clinic
import measure
from clinic import SERVICE, ZONE, say

PEOPLE, A_SECOND = 500, 200
PROCESSES = ("notifications", "scheduling", "records", "rabbitmq", "postgres")


def is_day():
    """Whether patients here may be reminded now: at night what they have just done is answered instead."""
    return 9 <= dt.datetime.now(zoneinfo.ZoneInfo(ZONE)).hour < 20


async def people(there, owner):
    """Patients with an e-mail address; those of another benchmark when they are there."""
    if not await owner.fetchval("SELECT EXISTS (SELECT FROM records.patient)"):
        say(f"imports {PEOPLE} patients")
        there.chartline("clinic", "create", "--name", "Bench Clinic", "--zone", ZONE)
        folder = there.home / "bench/addressees"
        folder.mkdir(exist_ok=True)
        clinic.place_and_people().write(folder)
        file, choose = clinic.Bundle("addressees"), random.Random("addressees")
        for number in range(PEOPLE):
            clinic.person(file, f"R{number:05}", number, choose)
        file.write(folder)
        there.chartline("import", "--quiet", str(folder))
    found = [str(row[0]) for row in await owner.fetch("SELECT id FROM records.patient WHERE mrn ~ '^[BCR][0-9]{5}$' ORDER BY mrn LIMIT $1", PEOPLE)]
    await clinic.contacts(there, found)
    await clinic.settled(owner)
    return found


class Mail:
    """The server, and the setting that leads there."""

    def __init__(self, there):
        self.there, self.settings = there, there.home / "etc/notifications.env"

    async def __aenter__(self):
        folder = self.there.home / "bench"
        await measure.output(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "mail.key", "-out", folder / "mail.pem")
        await measure.output("openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", folder / "dkim.pem")
        (folder / "password").write_text("nothing that matters\n")
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, str(self.there.checkout / "Tests/Benchmarks/mail_sink.py"), str(folder / "mail.pem"), str(folder / "mail.key"),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
        port = int(await self.process.stdout.readline())
        self.before = self.settings.read_text()
        self.put(self.before + "".join(f"CHARTLINE_SMTP_{name}={value}\n" for name, value in {
            "HOST": "localhost", "PORT": port, "USER": "bench", "PASSWORD_FILE": folder / "password", "CA_FILE": folder / "mail.pem",
            "FROM": "Bench Clinic <visits@clinic.example>", "DKIM_SELECTOR": "bench", "DKIM_KEY_FILE": folder / "dkim.pem"}.items()))
        return self

    async def __aexit__(self, *_):
        self.put(self.before)
        self.process.kill()
        await self.process.wait()

    def put(self, text):
        """Settings are read at the start of a process: its supervisor starts it anew."""
        new = self.settings.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(text)
        status = self.settings.stat()
        os.chown(new, status.st_uid, status.st_gid)
        new.chmod(status.st_mode & 0o777)
        new.replace(self.settings)
        os.kill(self.there.pid("notifications"), signal.SIGTERM)

    async def told(self):
        self.process.stdin.write(b"\n")
        return json.loads(await self.process.stdout.readline())


async def plan(owner, patients, count):
    """Visits, and a message about each that is due in some seconds: written as the services write them."""
    kind, rule, answers = ("reminder", "day-before", False) if is_day() else ("confirmation", "at-once", True)
    # Far beyond what can be booked, in nobody's way.
    rows = [(uuid.uuid4(), uuid.UUID(patients[number % len(patients)]), uuid.uuid4(), number // len(patients)) for number in range(count)]
    visits, people_, intents, places = zip(*rows)
    await owner.execute(
        """
        INSERT INTO scheduling.appointment
            (id, version, status, patient, practitioner, location, service, start_at, end_at, wall_start, zone, live)
        SELECT id, 2, 'booked', patient, gen_random_uuid(), gen_random_uuid(), $4, start, start + interval '10 min',
            start AT TIME ZONE $5, $5, true
        FROM (SELECT id, patient, date_trunc('hour', now()) + interval '400 days' + interval '10 min' * place AS start
            FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS v (id, patient, place)) v
        """, visits, people_, places, SERVICE, ZONE)
    await owner.execute(
        """
        INSERT INTO notifications.intent (id, appointment, version, patient, kind, channel, rule, due_at, due_local, due_zone, starts_at,
            starts_zone, answers, state, next_at)
        SELECT v.intent, a.id, 2, a.patient, $3, 'email', $4, now(), '2026-01-01T10:00', $6, a.start_at, $6, $5, 'scheduled',
            now() + interval '2 s'
        FROM unnest($1::uuid[], $2::uuid[]) AS v (id, intent) JOIN scheduling.appointment a ON a.id = v.id
        """, visits, intents, kind, rule, answers, ZONE)


async def one_round(there, owner, mail, patients, count):
    before = await mail.told()
    await plan(owner, patients, count)
    processes = {name: there.pid(name) for name in PROCESSES}
    spent = measure.cpu_of(processes)
    rate_from = None
    for _ in range(50 * 60):
        left = await owner.fetchval("SELECT count(*) FROM notifications.intent WHERE channel = 'email' AND state IN ('scheduled', 'claimed')"
                                    " AND starts_at > now() + interval '399 days'")
        told = await mail.told()
        if rate_from is None and told["count"] > before["count"]:
            # Once it is under way: connections are made, and whatever else is done once.
            rate_from = told
        if not left:
            break
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.5)
    told = await mail.told()
    came, spent_after = told["count"] - before["count"], measure.cpu_of(processes)
    if came != count or told["different"] - before["different"] != count:
        raise SystemExit(f"of {count} messages {came} came, {told['different'] - before['different']} of them different: "
                         f"{await owner.fetch('SELECT state, reason, count(*) FROM notifications.intent GROUP BY 1, 2')}")
    rate = (told["count"] - rate_from["count"]) / max(0.001, told["last"] - rate_from["last"])
    by = {name: round(1000 * (spent_after[name] - spent[name]) / count, 3) for name in PROCESSES}
    return {"rps": rate, "p50_ms": 0.0, "p99_ms": 0.0, "cpu_ms": sum(by.values()), "by": by}


async def run(there, options):
    quiet, owner = measure.load_average(), await there.owner()
    patients = await people(there, owner)
    await owner.execute(
        """INSERT INTO scheduling.visit_service (code, names, minutes) VALUES ($1, '{"en": "Office visit", "es": "Consulta"}', 20)
        ON CONFLICT DO NOTHING""", SERVICE)
    # Nothing else is to be sent meanwhile.
    await owner.execute("UPDATE notifications.intent SET next_at = NULL, state = 'suppressed', reason = 'channel-off' WHERE state = 'scheduled'")
    count = max(100, round(A_SECOND * options.seconds))
    rounds = []
    async with Mail(there) as mail:
        await asyncio.sleep(1)
        await there.ready()
        for number in range(options.rounds):
            rounds.append(await one_round(there, owner, mail, patients, count))
            say(f"{count} reminders: {rounds[-1]['rps']:.0f} a second, {rounds[-1]['cpu_ms']:.2f} ms CPU each")
            await owner.execute("DELETE FROM notifications.intent WHERE starts_at > now() + interval '399 days'")
            await owner.execute("DELETE FROM scheduling.appointment WHERE start_at > now() + interval '399 days'")
    result = measure.summary("chartline", "a reminder by e-mail, from due to the server's yes", 1, rounds)
    result["cpu_by_process"] = {name: round(measure.median([one["by"][name] for one in rounds]), 2) for name in PROCESSES}
    memory = {name: measure.pss_mib(there.pid(name)) for name in PROCESSES}
    await owner.close()
    return {
        "name": "reminders", "results": [result], "ratios": {}, "memory_mib": memory,
        "machine": {**measure.machine(), "load_average": round(quiet, 2)}, "settings": {},
    }
