"""The audit trails while services are killed, and when somebody with the database changes them (I31, I32 on an installation)."""

import json
import signal
import subprocess
import time

from browser import Browser
from clinic import DEMO, DEPLOY, LONG, SERVICES, account, ask_database, eventually, healthy_after, pid, send

KILLS = 20 if LONG else 4


def verify(*options):
    done = subprocess.run([DEPLOY / "chartline", "audit", "verify", "--json", *options], capture_output=True, text=True, timeout=120)
    said = json.loads(done.stdout)
    assert (done.returncode == 0) == (not said["unread"] and not any(trail.get("finding") for trail in said["trails"])), done.stdout
    return said


def whole(said):
    return not said["unread"] and [trail for trail in said["trails"] if trail.get("finding")] == []


def sealed(service):
    """Everything that is written has its place."""
    open_entries = f"SELECT FROM {service}.audit_entry e WHERE NOT EXISTS (SELECT FROM {service}.audit_link l WHERE l.entry = e.seq)"
    return ask_database(f"SELECT count(*) FROM ({open_entries}) e") == [["0"]]


def test_killed_at_any_moment(report):
    patient = Browser(DEMO["portal"]).sign_in(account("patient", "maria"))
    start = time.monotonic()
    for kill in range(KILLS):
        for _ in range(5):
            patient.ask("/record")
        time.sleep(kill * 0.17 % 1)
        before = send("records", signal.SIGKILL)
        assert eventually(lambda: pid("records") not in (None, before), 30)
        healthy_after(time.monotonic())
    assert eventually(lambda: all(sealed(service) for service in SERVICES), 20)
    # The copies come by the bus, behind everything else that was done meanwhile.
    eventually(lambda: whole(verify()), 60, step=2)
    said = verify()
    assert whole(said), (said, ask_database("SELECT count(*), min(emitted_at), max(held_until) FROM scheduling.outbox"))
    assert {trail["service"] for trail in said["trails"] if trail["kept"] == "own"} == set(SERVICES)
    report.say(f"After {KILLS} kills of records in {time.monotonic() - start:.0f} s every audit trail was whole.")


def test_a_changed_row_is_named():
    patient = Browser(DEMO["portal"]).sign_in(account("patient", "maria"))
    patient.ask("/record")
    assert eventually(lambda: sealed("records"), 20)
    [[seq, position, outcome]] = ask_database(
        "SELECT e.seq, l.position, e.outcome FROM records.audit_entry e JOIN records.audit_link l ON l.entry = e.seq"
        " ORDER BY l.position DESC LIMIT 1")
    change = "UPDATE records.audit_entry SET outcome = '{}' WHERE seq = {} RETURNING 1"
    assert ask_database(change.format("denied" if outcome == "done" else "done", seq))
    try:
        [own] = [trail for trail in verify("--service", "records")["trails"] if trail["kept"] == "own"]
        assert own["finding"]["position"] == int(position) and own["finding"]["problem"] == "edited"
    finally:
        ask_database(change.format(outcome, seq))
    assert [trail.get("finding") for trail in verify("--service", "records")["trails"]] == [None]


def test_a_patient_sees_within_a_minute_who_looked():
    nurse, patient = Browser(DEMO["clinic"]).sign_in(account("nurse")), Browser(DEMO["portal"]).sign_in(account("patient", "maria"))
    maria = account("patient", "maria")["patient_id"]

    def known():
        """Accesses of staff to the chart that the audit service knows."""
        return int(ask_database(f"SELECT count(*) FROM audit.access WHERE patient = '{maria}' AND role = 'nurse'")[0][0])

    name = ask_database(f"SELECT display_name FROM identity.account WHERE username = '{account('nurse')['username']}'")[0][0]
    before, start = known(), time.monotonic()
    assert nurse.ask(f"/patients/{maria}").status == 200
    assert eventually(lambda: known() > before and name in patient.ask("/looked").text, 60)
    assert time.monotonic() - start < 60
