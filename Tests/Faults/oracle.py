"""What must be true afterwards, whatever was broken: what was acknowledged is stored, once, and told once."""

import collections
import email
import email.policy
import pathlib

from clinic import DEMO, ask_database, eventually


def list_of(ids):
    return ", ".join(f"'{one}'" for one in ids) or "NULL"


class Findings:
    """Each a list of appointments; empty when all is well."""

    def __init__(self):
        self.lost, self.invented, self.doubled, self.untold, self.told_too_often = [], [], [], [], []
        self.resent = 0


def stored_since(began, patients):
    rows = ask_database(f"""
        SELECT id, patient, start_at FROM scheduling.appointment
        WHERE status = 'booked' AND patient IN ({list_of(patients)}) AND made_at >= '{began}'""")
    return {row[0]: (row[1], row[2]) for row in rows}


def check_stored(log, began):
    """ok ⊆ stored ⊆ ok ∪ unknown, each once."""
    findings = Findings()
    asked = {booking.appointment: booking.outcome for booking in log}
    assert len(asked) == len(log)
    stored = stored_since(began, {booking.patient for booking in log})
    findings.lost = [one for one, outcome in asked.items() if outcome == "ok" and one not in stored]
    findings.invented = [one for one in stored if asked.get(one) not in ("ok", "unknown")]
    times = collections.Counter(stored.values())
    findings.doubled = [one for one, place in stored.items() if times[place] > 1]
    taken = ask_database(f"SELECT appointment, count(*) FROM scheduling.resource_time WHERE appointment IN ({list_of(stored)}) GROUP BY 1")
    findings.doubled += [one for one, count in taken if count != "1"]
    return findings, stored


def nothing_under_way():
    rows = ask_database("""
        SELECT (SELECT count(*) FROM scheduling.outbox),
            (SELECT count(*) FROM notifications.intent WHERE kind = 'confirmation' AND channel = 'email'
                AND (state IN ('claimed') OR state IN ('scheduled', 'unknown') AND next_at IS NOT NULL))""")
    return rows[0] == ["0", "0"]


def intents(appointments):
    return ask_database(f"""
        SELECT appointment, state, coalesce(message_id, ''), resends FROM notifications.intent
        WHERE kind = 'confirmation' AND channel = 'email' AND appointment IN ({list_of(appointments)})""")


def check_told(findings, stored, within):
    """Each stored booking has one confirmation intent, and its e-mail is there once; twice only where a second sending was counted."""
    eventually(lambda: len(intents(stored)) >= len(stored) and nothing_under_way(), within, step=1)
    found = collections.defaultdict(list)
    for appointment, *rest in intents(stored):
        found[appointment].append(rest)
    mails = collections.Counter(message_ids())
    for appointment in stored:
        rows = found[appointment]
        if len(rows) != 1 or rows[0][0] not in ("sent", "unknown"):
            findings.untold.append((appointment, rows))
            continue
        state, message, resends = rows[0]
        copies, resends = mails[message], int(resends)
        findings.resent += resends
        if copies < 1:
            findings.untold.append((appointment, rows))
        elif copies > 1 + resends or resends > 1:
            findings.told_too_often.append((appointment, rows, copies))
    return findings


def message_ids():
    for folder in ("new", "cur"):
        for file in (pathlib.Path(DEMO["mail"]) / folder).iterdir():
            with file.open("rb") as stream:
                yield email.message_from_binary_file(stream, policy=email.policy.default)["message-id"]
