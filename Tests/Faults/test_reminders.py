"""Thousands of reminders come due at once, two workers send them, and both are killed again and again, one of them each time with a clock that is a
day off: the mail server is the witness (I1, I34)."""

import collections
import datetime
import json
import random
import signal
import subprocess
import time
import uuid
import zoneinfo

import pytest
from clinic import DEMO, HOME, LONG, ask_database, eventually, runs, send
from oracle import message_ids

SEED = 20261126
COUNT, KILLS = (10_000, 20) if LONG else (240, 6)
TOMORROW = 40
# Of four visits of one patient the first two are half an hour apart, and told of in one message.
HOURS = (0, 0.5, 4, 8)


class Second:
    """Another process of the same service, with a health port of its own."""

    def __init__(self):
        lines = (HOME / "etc/notifications.env").read_text().splitlines()
        settings = dict(line.split("=", 1) for line in lines if line.startswith("CHARTLINE_"))
        settings["CHARTLINE_HEALTH_PORT"] = "0" if settings.get("CHARTLINE_HEALTH_PORT") is None else str(int(settings["CHARTLINE_HEALTH_PORT"]) + 70)
        self.environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"} | settings
        self.process = None
        self.start()

    def start(self, faults=""):
        environment = self.environment | ({"CHARTLINE_FAULTS": faults} if faults else {})
        self.process = subprocess.Popen([HOME / "bin/notifications"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self, faults=""):
        """The next one is as the last but for what is said."""
        self.process.kill()
        self.process.wait()
        self.start(faults)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def is_day():
    """Whether patients of the demo may be reminded now: at night what they have just done is answered instead."""
    return 9 <= datetime.datetime.now(zoneinfo.ZoneInfo("America/Chicago")).hour < 20


def values(rows):
    return ", ".join(f"({', '.join(row)})" for row in rows)


@pytest.fixture
def due():
    """Visits of people with an e-mail address, and a message about each that is due in some seconds: intent → nothing yet."""
    people = [one["patient_id"] for one in DEMO["accounts"] if "patient_id" in one]
    kind, rule, answers = ("reminder", "day-before", "false") if is_day() else ("confirmation", "at-once", "true")
    visits, intents = [], []
    for number in range(COUNT + TOMORROW):
        visit, intent, patient = str(uuid.uuid4()), str(uuid.uuid4()), people[number % len(people)]
        # Far beyond what can be booked, so that nobody's times are in the way.
        place = number // len(people)
        hours = place // len(HOURS) * 12 + HOURS[place % len(HOURS)]
        start = f"date_trunc('minute', now()) + interval '400 days' + interval '{int(hours * 60)} min'"
        visits.append((f"'{visit}'", f"'{patient}'", start))
        intents.append((f"'{intent}'", f"'{visit}'", f"'{patient}'", start, "'3 s'" if number < COUNT else "'20 h'"))
    for begin in range(0, len(visits), 500):
        ask_database(f"""
            WITH made AS (SELECT v.id::uuid, v.patient::uuid, v.start FROM (VALUES {values(visits[begin:begin + 500])}) v (id, patient, start))
            INSERT INTO scheduling.appointment
                (id, version, status, patient, practitioner, location, service, start_at, end_at, wall_start, zone, live)
            SELECT id, 2, 'booked', patient, gen_random_uuid(), gen_random_uuid(), 'office-visit', start, start + interval '10 min',
                start AT TIME ZONE 'America/Chicago', 'America/Chicago', true FROM made""")
        ask_database(f"""
            INSERT INTO notifications.intent (id, appointment, version, patient, kind, channel, rule, due_at, due_local, due_zone, starts_at,
                starts_zone, answers, state, next_at)
            SELECT v.id::uuid, v.visit::uuid, 2, v.patient::uuid, '{kind}', 'email', '{rule}', now(), '2026-01-01T10:00', 'America/Chicago', v.start,
                'America/Chicago', {answers}, 'scheduled', now() + v.due::interval
            FROM (VALUES {values(intents[begin:begin + 500])}) v (id, visit, patient, start, due)""")
    yield {intent[0].strip("'") for intent in intents[:COUNT]}
    for table, rows, column in (("notifications.intent", intents, 0), ("scheduling.appointment", visits, 0)):
        for begin in range(0, len(rows), 500):
            ask_database(f"DELETE FROM {table} WHERE id IN ({', '.join(row[column] for row in rows[begin:begin + 500])})")


def states(due):
    rows = ask_database("SELECT id, state, coalesce(message_id, ''), resends FROM notifications.intent WHERE starts_at > now() + interval '399 days'")
    return {row[0]: row[1:] for row in rows if row[0] in due}


def is_done(due):
    return all(state in ("sent", "delivered", "unknown", "failed", "suppressed") for state, *_ in states(due).values()) and not ask_database(
        "SELECT 1 FROM notifications.intent WHERE starts_at > now() + interval '399 days' "
        "AND (state = 'claimed' OR next_at < now() + interval '10 h') LIMIT 1")


def test_none_is_missing_and_none_is_doubled_uncounted(due, report):
    chance = random.Random(SEED)
    was_day = is_day()
    # The server takes its time, so that there is always something under way.
    control = HOME / "demo/mail.json"
    control.write_text(json.dumps({"delay": 0.02}))
    second = Second()
    try:
        for number in range(KILLS):
            time.sleep(chance.uniform(0.4, 1.6) if not LONG else chance.uniform(2, 6))
            if number % 2:
                second.kill(chance.choice(("", "clock-day-ahead", "clock-day-behind")))
            else:
                before = send("notifications", signal.SIGKILL)
                assert eventually(lambda: runs("notifications") not in (None, before), 20)
        # What a killed worker held is taken back when its lease ends.
        assert eventually(lambda: is_done(due), 1_800 if LONG else 240, step=1), collections.Counter(state for state, *_ in states(due).values())
    finally:
        second.stop()
        control.unlink(missing_ok=True)
    told = states(due)
    arrived = collections.Counter(message_ids())
    missing = [intent for intent, (_, message, _) in told.items() if arrived[message] == 0]
    # One message may tell of several visits.
    counted = {message: int(resent) for _, message, resent in told.values()}
    resends = sum(counted.values())
    doubled = {message: arrived[message] for message in counted if arrived[message] > 1}
    kept = ask_database(
        "SELECT id FROM notifications.intent WHERE starts_at > now() + interval '399 days' "
        "AND next_at > now() + interval '10 h' AND handed_at IS NULL")
    report.say(
        f"Of {len(told)} reminders due at once, in {len(counted)} messages, two workers killed {KILLS} times, some with clocks a day off: "
        f"{len(missing)} missing, {len(doubled)} twice, {resends} resends counted, {TOMORROW - len(kept)} of {TOMORROW} sent a day early.")
    assert len(told) == COUNT and missing == []
    assert len(kept) == TOMORROW
    assert len(counted) < COUNT if was_day else len(counted) == COUNT
    # Twice only where a second sending was counted, under the same Message-ID, and never more than twice.
    assert all(count == 2 and counted[message] == 1 for message, count in doubled.items()), doubled
    # A worker has one message at a time in doubt: so many a kill may leave.
    assert len(doubled) <= resends <= KILLS
