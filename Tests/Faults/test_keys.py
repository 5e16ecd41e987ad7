"""Every key is replaced in a clinic that is in use: nobody notices, whoever is killed, and nothing is left that an old key has sealed."""

import datetime
import json
import re
import shutil
import signal
import subprocess
import threading
import time
import uuid

import pytest
from browser import Browser
from clinic import (
    DEMO, DEPLOY, GATEWAYS, HOME, SERVICES, account, ask_database, chartline, door, eventually, healthy_after, missing, pid, send,
    sv)
from load import Load, accounts

SEED = 20261126
# Where each service keeps what is sealed, and with whose key.
SEALED = {
    "records.resource": "body", "records.resource_version": "body", "records.broken_glass": "words", "records.upload_part": "content",
    "identity.totp": "secret", "identity.draft": "body", "notifications.contact": "body", "notifications.consent": "words", "audit.question": "body",
    "messaging.thread": "subject", "messaging.message": "body",
}
SEALED_FOR_NOBODY = [
    *((f"{service}.answered", "answer") for service in ("records", "scheduling", "notifications", "identity", "audit", "messaging", "billing", "telemedicine")),
    ("messaging.outreach", "subject"), ("messaging.outreach", "body"),
]


def versions():
    """How many values each version of a key has sealed."""
    columns = list(SEALED.items()) + SEALED_FOR_NOBODY
    parts = [f"SELECT get_byte({column}, 1) AS version FROM {table} WHERE {column} IS NOT NULL" for table, column in columns]
    rows = ask_database(f"SELECT version, count(*) FROM ({' UNION ALL '.join(parts)}) s GROUP BY 1")
    return {int(version): int(count) for version, count in rows}


def status():
    return json.loads(chartline("keys", "status", "--json"))


def key_files():
    return [file.read_text().splitlines() for file in (HOME / "keys/patients").glob("??/*.key")]


class Readers:
    """Staff who open charts all the time, and write down what did not come."""

    def __init__(self):
        self.ending, self.failures, self.read = threading.Event(), [], 0
        self.browser = Browser(DEMO["clinic"]).sign_in(account("nurse"))
        self.charts = [f"/patients/{one['patient_id']}" for one in DEMO["accounts"] if one["role"] == "patient"]
        self.thread = threading.Thread(target=self.keep_reading)

    def keep_reading(self):
        while not self.ending.is_set():
            for chart in self.charts:
                page = self.browser.ask(chart)
                # Closed to this nurse, or shown: anything else is a failure.
                if page.status not in (200, 303):
                    self.failures.append((chart, page.status))
                self.read += 1
            time.sleep(0.02)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join(60)


@pytest.mark.parametrize("killed", [(), ("records", "identity", "notifications", "audit")], ids=["nobody killed", "killed in the middle"])
def test_every_key_is_replaced_while_patients_book_and_charts_are_read(killed, report):
    before = versions()
    oldest = max(before)
    with Load(accounts(), SEED) as load, Readers() as readers:
        load.more(5)
        start = time.monotonic()
        # Nothing in this clinic takes as long as a large import does.
        chartline("keys", "rotate", "--everybody", "--settle", "20")
        for name in killed:
            load.more(2)
            was = send(name, signal.SIGKILL)
            assert eventually(lambda: pid(name) not in (None, was), 30)
            healthy_after(time.monotonic())
        load.more(10)
        assert status()["rotating"] > 0, "that was too short to show anything"
        assert eventually(lambda: status()["rotating"] == 0, 180, step=1), status()
        took = time.monotonic() - start
        load.more(5)
    after = versions()
    assert [version for version in after if version <= oldest] == [], (before, after)
    assert sum(after.values()) >= sum(before.values()) / 2
    files = key_files()
    assert len(files) > 10 and {len(lines) for lines in files} == {1}
    assert not list((HOME / "keys/patients/rotations").iterdir())
    failed = load.errors_since(start) + readers.failures
    if not killed:
        assert readers.read > 20 and failed == []
    who = "nobody was killed" if not killed else f"{len(killed)} services were killed"
    report.say(
        f"Every key ({len(files)}) was replaced within {took:.0f} s of use ({readers.read} charts read, {load.count('ok')} visits booked) while {who}:"
        f" {len(failed)} requests failed, and of {sum(after.values())} sealed values none was left under an old key.")


def test_the_master_key_is_replaced_while_charts_are_read(report):
    [old] = (HOME / "secrets/master-key").read_text().split()[-1:]
    with Readers() as readers:
        chartline("keys", "rotate", "--master")
        eventually(lambda: readers.read > 50, 30)
    lines = (HOME / "secrets/master-key").read_text().splitlines()
    assert len(lines) == 1 and old not in lines[0]
    number = lines[0].split()[0]
    assert {line.split()[1] for file in key_files() for line in file} == {number}
    assert (HOME / "keys/patients/root.key").read_text().split()[1] == number
    assert readers.failures == []
    # Whoever starts with the new file alone reads everything.
    was = send("records", signal.SIGKILL)
    assert eventually(lambda: pid("records") not in (None, was), 30)
    healthy_after(time.monotonic())
    with Readers() as readers:
        eventually(lambda: readers.read > 20, 30)
    assert readers.failures == []
    report.say(f"The master key was replaced, {len(key_files())} keys wrapped anew, without a failed request.")


def bundle(mark, tmp_path):
    """Somebody whose record is to be destroyed: every word of it is found again."""
    urn = f"urn:uuid:{uuid.uuid4()}"
    patient = {"resourceType": "Patient", "name": [{"family": f"Qzfam{mark}", "given": ["Ida"]}], "birthDate": "1911-05-04"}
    condition = {"resourceType": "Condition", "subject": {"reference": urn}, "code": {"text": f"Qzcond{mark}"}, "note": [{"text": f"Qznote{mark}"}]}
    team = {"resourceType": "CareTeam", "status": "active", "subject": {"reference": urn},
            "participant": [{"member": {"reference": "Practitioner?identifier=https://riverside.example.org/staff|byrne"}}]}
    entries = [
        {"fullUrl": urn if kind == "Patient" else f"urn:uuid:{uuid.uuid4()}", "resource": resource, "request": {"method": "POST", "url": kind}}
        for kind, resource in (("Patient", patient), ("Condition", condition), ("CareTeam", team))]
    file = tmp_path / "somebody.json"
    file.write_text(json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}))
    return file


def destroy(patient, name):
    return subprocess.run(
        [DEPLOY / "chartline", "keys", "destroy", patient, "--reason", "Retention has ended"], input=f"{name}\n", capture_output=True, text=True,
        timeout=60)


def test_a_destroyed_record_is_gone_everywhere(tmp_path, report):
    mark = "".join(chr(ord("a") + int(digit, 16)) for digit in uuid.uuid4().hex[:8])
    file = bundle(mark, tmp_path)
    chartline("import", file)
    desk = doctor = Browser(DEMO["clinic"]).sign_in(account("nurse"))

    def found():
        return re.findall(r'"(/patients/[0-9a-f-]{36})"', desk.ask("/patients").submit("/patients", q=f"qzfam{mark}").text)

    [chart] = eventually(found, 20)
    patient = chart.rsplit("/", 1)[1]
    assert eventually(lambda: f"Qzcond{mark}" in doctor.ask(chart).words, 20)
    dump = tmp_path / "before.sql"
    door('cd "$postgres_folder"; "$postgres_bin/pg_dump" -h /proc/self/cwd/socket -p "$postgres_port" -U installation chartline >"$F"', F=str(dump))
    text = dump.read_text(errors="replace")
    assert patient in text and f"Qzcond{mark}" not in text and f"Qznote{mark}" not in text
    key = HOME / "keys/patients" / patient[-2:] / f"{patient}.key"
    wrapped = key.read_text().split()[2]

    chartline("keys", "hold", patient, "--reason", "Case 17, asked for by counsel")
    refused = destroy(patient, f"Ida Qzfam{mark}")
    assert refused.returncode != 0 and "on hold" in refused.stderr and key.exists()
    chartline("keys", "release", patient, "--reason", "Case 17 is closed")
    refused = destroy(patient, "Ida Somebody")
    assert refused.returncode != 0 and "not the patient's name" in refused.stderr and key.exists()

    before = {name: pid(name) for name in SERVICES + GATEWAYS}
    start = time.monotonic()
    done = destroy(patient, f"Ida Qzfam{mark}")
    assert done.returncode == 0, done.stderr
    ordered = time.monotonic() - start
    # What is opened is remembered for five seconds at most.
    assert eventually(lambda: doctor.ask(chart).status == 410, 6)
    gone = doctor.ask(chart)
    assert "was destroyed on" in gone.words and f"Qzcond{mark}" not in gone.text
    assert found() == []
    again = subprocess.run([DEPLOY / "chartline", "import", file], capture_output=True, text=True, timeout=60)
    assert chart not in str(found())
    changed = file.read_text().replace("1911-05-04", "1911-05-05")
    file.write_text(changed)
    again = subprocess.run([DEPLOY / "chartline", "import", file], capture_output=True, text=True, timeout=60)
    assert again.returncode == 1 and "was destroyed on" in again.stdout + again.stderr
    assert {name: pid(name) for name in SERVICES + GATEWAYS} == before and not missing()
    assert not key.exists() and wrapped not in "".join(line for lines in key_files() for line in lines)
    orders = json.loads(chartline("keys", "orders", patient, "--json"))["orders"]
    assert [(one["kind"], one["outcome"]) for one in orders] == [("destroy", "done"), ("release", "done"), ("hold", "done")]
    assert status()["destroyed"] >= 1

    # The backup from before, restored beside: the rows are there, in clear stands who it was and not what was written.
    door('psql_installation -d postgres -c "CREATE DATABASE restored" && psql_installation -d restored -f "$F" >/dev/null', F=str(dump))
    try:
        rows = door('psql_installation -d restored -At -c "$Q"', Q=f"SELECT count(*) FROM records.resource WHERE patient = '{patient}'")
        assert int(rows) == 3
    finally:
        door('psql_installation -d postgres -c "DROP DATABASE restored WITH (FORCE)"')
    actions = ask_database("SELECT action, outcome FROM records.audit_entry WHERE action IN ('records.hold-record.v1', 'records.destroy-record.v1')"
                           f" AND patients @> ARRAY['{patient}'::uuid] ORDER BY seq")
    assert actions == [
        ["records.hold-record.v1", "done"], ["records.destroy-record.v1", "refused"], ["records.destroy-record.v1", "refused"],
        ["records.destroy-record.v1", "done"]]
    report.say(f"A record was destroyed {ordered:.1f} s after it was ordered; its page answers 410 with the day, and every process went on.")


def test_the_keys_are_put_back_from_their_own_backup(tmp_path, report):
    chartline("keys", "backup", tmp_path)
    [copy] = tmp_path.glob("keys-*.keys")
    store, lost, count = HOME / "keys/patients", HOME / "keys/lost", len(key_files())
    assert not any(line.split()[2] in copy.read_text() for lines in key_files() for line in lines), "as they are kept, and in hexadecimal digits"
    for name in SERVICES:
        sv("down", name)
    store.rename(lost)
    try:
        assert f"{count} keys put back" in chartline("keys", "restore", tmp_path)
    except BaseException:
        shutil.rmtree(store, ignore_errors=True)
        lost.rename(store)
        raise
    finally:
        for name in SERVICES:
            sv("up", name)
    healthy_after(time.monotonic(), 60)
    with Readers() as readers:
        eventually(lambda: readers.read > 20, 30)
    assert readers.failures == []
    before, after = ({file.relative_to(folder): file.read_text() for file in folder.glob("??/*.key")} for folder in (lost, store))
    assert before == after
    assert sorted(file.name for file in (lost / "destroyed").iterdir()) == sorted(file.name for file in (store / "destroyed").iterdir())
    shutil.rmtree(lost)
    report.say(f"The key store was lost, and {count} keys were put back from their own backup: every chart opened again.")


def test_an_export_is_accounted_for(tmp_path):
    patient = Browser(DEMO["portal"]).sign_in(account("patient", "maria"))
    patient.ask("/record")
    recipient, out = f"Auditor {uuid.uuid4().hex[:8]}", tmp_path / "events.ndjson"
    maria = account("patient", "maria")["patient_id"]
    assert eventually(lambda: ask_database(f"SELECT count(*) FROM audit.access WHERE patient = '{maria}'") != [["0"]], 60)
    today = datetime.date.today()
    options = ("--from", today - datetime.timedelta(days=1), "--to", today + datetime.timedelta(days=1), "--purpose", "Yearly review")
    chartline("audit", "export", *options, "--recipient", recipient, "--out", out)
    assert maria in out.read_text()
    assert recipient in patient.ask("/looked").words
    officer = Browser(DEMO["clinic"]).sign_in(account("administrator"))
    assert recipient in officer.ask(f"/privacy?about={maria}").words
