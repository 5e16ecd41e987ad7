"""A clinic that deploy/up made from a debug build, broken on purpose, and the person whose words must not turn up anywhere."""

import json
import os
import pathlib
import re
import uuid

import pytest
from browser import Browser
from clinic import DEMO, account, ask_database, chartline, eventually, missing
from report import Report

# The trails before events are lost on purpose: parts of their copies are among those.
ORDER = [
    "test_pages", "test_payments", "test_reminders", "test_under_load", "test_live", "test_unanswered", "test_outreach", "test_trail", "test_keys", "test_lost_events", "test_starting", "test_disk", "test_canaries",
]
PASSWORD = "seven quiet herons by the lake"


def pytest_collection_modifyitems(items):
    # The scan for what must be nowhere comes after everything that could have left it somewhere.
    items.sort(key=lambda item: ORDER.index(item.module.__name__))


@pytest.fixture(scope="session")
def report():
    report = Report()
    yield report
    if path := os.environ.get("CHARTLINE_FAULTS_REPORT"):
        pathlib.Path(path).write_text(report.text())


@pytest.fixture(scope="session", autouse=True)
def others_are_done():
    """What other tests mistyped on purpose does not count here, and times they held and left are free."""
    ask_database("DELETE FROM identity.throttle")
    ask_database("UPDATE scheduling.resource_time SET hold_until = now() WHERE hold_until > now()")
    ask_database("UPDATE scheduling.appointment SET hold_until = now() WHERE status = 'pending' AND hold_until > now()")


@pytest.fixture(autouse=True)
def healthy():
    """Each test begins with a clinic that is whole."""
    assert eventually(lambda: not missing(), 60), missing()


@pytest.fixture(scope="session")
def nurse():
    return Browser(DEMO["clinic"]).sign_in(account("nurse"))


@pytest.fixture(scope="session")
def canary(nurse, tmp_path_factory):
    """A patient of whom every word is found again: imported, invited, with an account."""
    mark = "".join(chr(ord("a") + int(digit, 16)) for digit in uuid.uuid4().hex[:8])
    words = {
        "family": f"Qzfam{mark}", "given": f"Qzgiv{mark}", "line": f"17 Qzstreet{mark}", "city": f"Qzcity{mark}",
        "phone": "+1312555" + str(uuid.uuid4().int % 10000).zfill(4), "email": f"qz.{mark}@example.org", "birth_date": "1903-02-17",
        "note": f"Qznote{mark}", "condition": f"Qzcond{mark}",
    }
    patient = {
        "resourceType": "Patient", "name": [{"use": "official", "family": words["family"], "given": [words["given"]]}], "gender": "female",
        "birthDate": words["birth_date"],
        "address": [{"use": "home", "line": [words["line"]], "city": words["city"], "state": "IL", "country": "US"}],
        "telecom": [{"system": "phone", "value": words["phone"], "use": "mobile"}, {"system": "email", "value": words["email"]}],
    }
    urn = f"urn:uuid:{uuid.uuid4()}"
    condition = {
        "resourceType": "Condition", "subject": {"reference": urn}, "code": {"text": words["condition"]}, "note": [{"text": words["note"]}],
        "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]},
    }
    team = {
        "resourceType": "CareTeam", "status": "active", "subject": {"reference": urn},
        "participant": [{"member": {"reference": "Practitioner?identifier=https://riverside.example.org/staff|byrne"}}],
    }
    entries = [
        {"fullUrl": urn, "resource": patient, "request": {"method": "POST", "url": "Patient"}},
        {"fullUrl": f"urn:uuid:{uuid.uuid4()}", "resource": condition, "request": {"method": "POST", "url": "Condition"}},
        {"fullUrl": f"urn:uuid:{uuid.uuid4()}", "resource": team, "request": {"method": "POST", "url": "CareTeam"}},
    ]
    file = tmp_path_factory.mktemp("import") / "canary.json"
    file.write_text(json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}))
    chartline("import", file)
    return words | activated(nurse, words)


def activated(nurse, words):
    """Invites and opens an account, by the doors people use."""
    def find():
        page = nurse.ask("/patients").submit("/patients", q=words["family"].lower())
        return re.search(r'"(/patients/[0-9a-f-]{36})"', page.text)

    chart = eventually(find, 20).group(1)
    slip = nurse.ask(chart + "/invite").submit(chart + "/invite")
    code = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", slip.words).group(0)
    fields = {
        "code": code, "birth-date": words["birth_date"], "username": words["email"], "password": PASSWORD, "password-again": PASSWORD,
    }
    page = Browser(DEMO["portal"]).ask("/activate").submit("/activate", **fields)
    assert page.status == 303, page.words
    return {
        "role": "patient", "chart": chart, "username": words["email"], "password": PASSWORD, "patient_id": chart.rsplit("/", 1)[1], "code": code,
    }
