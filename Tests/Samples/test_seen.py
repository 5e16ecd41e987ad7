"""The whole record of every sample patient, walked page by page in Chromium, in a clinic that is set up as a new one is: what a clinician sees is what
the file holds."""

import os
import pathlib
import re
import sys
import time
import urllib.parse
import uuid

import pytest
from clinic import chartline, exact, read_back
from playwright.sync_api import sync_playwright
from test_samples import FILES, imported  # noqa: F401

sys.path += [str(pathlib.Path(__file__).resolve().parents[1] / folder) for folder in ("Faults", "")]
from browser import Browser
from second_factor import code_at

SETTINGS = (pathlib.Path(os.environ["CHARTLINE_HOME"]) / "etc/clinic.env").read_text()
CLINIC = re.search(r"^CHARTLINE_PUBLIC_URL=(\S+)$", SETTINGS, re.M).group(1)
CODE, PASSWORD = r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", "nine calm herons on a raft"
# Of no patient: each is shown with what refers to it. Services/Records/README.md says so.
SHARED = {"Practitioner", "PractitionerRole", "Organization", "Location", "HealthcareService", "Endpoint", "Medication", "Substance"}


def arrive(code):
    """Somebody opens the account a code is for, and sets up sign-in codes."""
    browser, username = Browser(CLINIC), f"{uuid.uuid4().hex}@example.org"
    opened = browser.ask("/activate").submit("/activate", code=code, username=username, password=PASSWORD, **{"password-again": PASSWORD})
    assert opened.status == 303, opened.words
    step = browser.ask("/sign-in").submit("/sign-in", username=username, password=PASSWORD)
    assert step.headers["Location"] == "/sign-in/second-factor", step.words
    offer = browser.ask("/sign-in/second-factor")
    secret = re.sub(r"\s", "", re.search(r'class="value[^"]*"[^>]*>([A-Z2-7\s]{16,})<', offer.text).group(1))
    offer.submit("/sign-in/second-factor", code=code_at(secret, int(time.time() // 30)))
    assert browser.ask("/").status == 200
    return browser


@pytest.fixture(scope="module")
def clinician():
    made = chartline("clinic", "create", "--name", "Sample Clinic", "--zone", "America/New_York")
    assert made.returncode == 0, made.stdout + made.stderr
    administrator = arrive(re.search(CODE, made.stdout).group(0))
    invited = administrator.ask("/accounts").submit("/accounts", name="Sam Pell, MD", role="clinician", practitioner="")
    return arrive(re.search(CODE, invited.words).group(0))


@pytest.fixture(scope="module")
def window(clinician):
    """Chromium in the same session."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium")
        context = browser.new_context(base_url=CLINIC)
        host = urllib.parse.urlsplit(CLINIC).hostname
        context.add_cookies(
            [{"name": name, "value": value, "domain": host, "path": "/", "secure": True} for name, value in clinician.cookies.items()])
        yield context.new_page()
        browser.close()


def walk(window, patient):
    """`Type/id` of everything that can be seen on all pages."""
    shown, path = [], f"/patients/{patient}/record"
    while path:
        answer = window.goto(path)
        assert answer.status == 200, (path, answer.status)
        shown += window.eval_on_selector_all("li[data-fhir]", "all => all.filter(one => one.checkVisibility()).map(one => one.dataset.fhir)")
        more = window.locator("main a[href*='/record?after=']")
        path = more.first.get_attribute("href") if more.count() else None
    return shown


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.split("_")[0])
def test_the_record_shown_is_the_file(imported, clinician, window, file):  # noqa: F811
    entries = exact(file.read_text())["entry"]
    kept = read_back([entry["fullUrl"] for entry in entries]).values()
    held = {f"{resource['resourceType']}/{resource['id']}" for resource in kept if resource["resourceType"] not in SHARED}
    patient = next(resource["id"] for resource in kept if resource["resourceType"] == "Patient")
    # Nobody here treats anybody yet: a new clinic's first look at a record needs a reason.
    opened = clinician.ask(f"/patients/{patient}/break-glass").submit(
        f"/patients/{patient}/break-glass", reason="other", words="Compares the record with what was imported")
    assert opened.status == 303, opened.words
    shown = walk(window, patient)
    assert len(shown) == len(set(shown))
    assert set(shown) == held
