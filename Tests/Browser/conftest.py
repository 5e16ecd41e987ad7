"""A clinic that deploy/up made, Chromium, and people who use both."""

import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import uuid

import pytest
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from second_factor import next_code

HOME = pathlib.Path(os.environ["CHARTLINE_HOME"])
DEMO = json.loads((HOME / "demo.json").read_text())
PORTAL, CLINIC = DEMO["portal"], DEMO["clinic"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PASSWORD = "seven quiet herons by the lake"

# Debian's: nothing is downloaded. Without its windows Chromium spends half the CPU for the same pages; calls are made in the one that people have.
CHROMIUM = "/usr/bin/chromium-headless-shell"
FOR_CALLS = "/usr/bin/chromium"


def pytest_addoption(parser):
    parser.addoption("--screenshots", type=pathlib.Path, help="a folder for pictures of the pages")


def pytest_configure(config):
    config.addinivalue_line("markers", "beside: deploy/test runs it in a second browser, in another clinic, at the same time as the others")


def account(role, start=""):
    return next(one for one in DEMO["accounts"] if one["role"] == role and one["username"].startswith(start))


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


class People:
    """Windows of a browser, each with its own cookies. Who has signed in once is not asked again: the cookies are kept."""

    def __init__(self, browser):
        self.browser, self.states, self.open = browser, {}, []

    def window(self, base, **options):
        options = {"locale": "en-US", "viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce"} | options
        context = self.browser.new_context(base_url=base, **options)
        context.set_default_timeout(30_000)
        self.open.append(context)
        return context.new_page()

    def signed_in(self, person, **options):
        """A window at the start page."""
        base = PORTAL if person["role"] == "patient" else CLINIC
        known = self.states.get(person["username"])
        page = self.window(base, **({"storage_state": known} if known else {}), **options)
        if known:
            page.goto("/")
        else:
            sign_in(page, person)
            self.states[person["username"]] = page.context.storage_state()
        return page

    def leave(self):
        for context in self.open:
            context.close()
        self.open = []


@pytest.fixture(scope="session")
def everyone(chromium):
    return People(chromium)


@pytest.fixture
def people(chromium, everyone):
    """Windows that are closed after the test."""
    here = People(chromium)
    here.states = everyone.states
    yield here
    here.leave()


def with_cameras(chromium, device="", also=()):
    """People whose browser has a camera and a microphone that are made up. - Parameter device: how, as Chromium has it. - Parameter also: options."""
    camera = "--use-fake-device-for-media-stream" + (f"={device}" if device else "")
    browser = chromium.browser_type.launch(
        executable_path=FOR_CALLS, args=[camera, "--use-fake-ui-for-media-stream", "--disable-features=WebRtcHideLocalIpsWithMdns", *also])
    people = People(browser)
    yield people
    people.leave()
    browser.close()


@pytest.fixture(scope="module")
def cameras(chromium):
    yield from with_cameras(chromium)


@pytest.fixture(scope="session")
def world(everyone, tmp_path_factory):
    from world import World

    return World(everyone, tmp_path_factory.mktemp("import"))


def follow(page, target):
    """Clicks a button or link, the first there is, and waits for the page that follows."""
    with page.expect_navigation() as answer:
        (page.locator(target) if isinstance(target, str) else target).first.click()
    return answer.value


def follow_patiently(page, target):
    """On a busy machine a password takes its time; then the page says so, and one sends the same form again."""
    answer = follow(page, target)
    for _ in range(5):
        if answer.status == 503:
            answer = page.reload()
    return answer


def try_to_sign_in(page, username, password):
    page.goto("/sign-in")
    page.fill("[name=username]", username)
    page.fill("[name=password]", password)
    return follow_patiently(page, "main form button")


def sign_in(page, person):
    try_to_sign_in(page, person["username"], person["password"])
    give_codes(page, person)
    page.wait_for_url(re.compile(r"://[^/]+/$"))


def give_codes(page, person):
    """What the person's phone shows; the next one, if somebody has used that."""
    for _ in range(3):
        if "/sign-in/code" in page.url:
            page.fill("[name=code]", next_code(person["totp_secret"]))
            follow(page, "main form button")


def import_patient(folder, resources):
    """As an operator does it."""
    entries = [
        {"fullUrl": resource.pop("url", f"urn:uuid:{uuid.uuid4()}"), "resource": resource,
         "request": {"method": "POST", "url": resource["resourceType"]}}
        for resource in resources
    ]
    file = folder / f"{uuid.uuid4()}.json"
    file.write_text(json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}))
    done = subprocess.run([DEPLOY / "chartline", "import", file], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


def import_newcomer(folder):
    """A patient of whom nothing is known but name and birth date."""
    person = {"name": a_name(), "given": "Nora", "birth_date": "1984-02-29"}
    patient = {
        "resourceType": "Patient", "name": [{"use": "official", "family": person["name"], "given": [person["given"]]}], "gender": "female",
        "birthDate": person["birth_date"],
    }
    patient["url"] = f"urn:uuid:{uuid.uuid4()}"
    import_patient(folder, [patient, care_team(patient["url"])])
    return person


def care_team(patient):
    """The demo's nurse and clinician look after them."""
    people = [{"member": {"reference": f"Practitioner?identifier=https://riverside.example.org/staff|{name}"}} for name in ("byrne", "okafor")]
    return {"resourceType": "CareTeam", "status": "active", "subject": {"reference": patient}, "participant": people}


def a_name():
    """A family name nobody else has, in letters."""
    return "Zz" + "".join(chr(ord("a") + int(digit, 16)) for digit in uuid.uuid4().hex[:10])


def invite(page, chart):
    page.goto(chart + "/invite")
    follow(page, "main form button")
    return re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", page.inner_text("main")).group(0)


def activate(page, person):
    page.goto("/activate")
    for name, value in (
        ("code", person["code"]), ("birth-date", person["birth_date"]), ("username", person["username"]), ("password", person["password"]),
        ("password-again", person["password"]),
    ):
        page.fill(f"[name={name}]", value)
    return follow_patiently(page, "main form button")


def find_patient(page, text):
    """The links to charts that a search finds."""
    page.goto("/patients")
    page.fill("main [name=q]", text)
    follow(page, "main form button")
    return page.locator("main table a[href^='/patients/']")


def eventually(look, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.3)
    return look()


def choose_time(page, place=0, days=0, service="office-visit"):
    """From choosing what for to the page that asks for the last step; `place`: the free time that is taken, counted from the soonest that is at least
    so many `days` away. What does not suit, because of a visit the same person has then, is followed by the next."""
    for tried in range(40):
        page.goto("/visits/book")
        page.check(f"[name=service][value='{service}']")
        follow(page, "main form button")
        if days:
            page.goto(f"{page.url}&from={(datetime.date.today() + datetime.timedelta(days)).isoformat()}")
        slots = page.locator("main input[type=radio][name=slot]")
        slot = slots.nth((place + tried) % slots.count())
        chosen = {
            "value": slot.get_attribute("value"),
            "day": slot.evaluate("slot => slot.closest('.slot-day').getAttribute('aria-labelledby')").removeprefix("day-"),
        }
        slot.check(force=True)
        answer = follow(page, "main form[action='/visits/book/hold'] button")
        if answer.status != 409:
            break
    assert re.search(r"/visits/[0-9a-f-]{36}$", page.url), page.inner_text("main")
    return chosen


def book(page):
    follow(page, "main form[action$='/book'] button")
    page.wait_for_url(re.compile(r"new=1$"))


def cancel(page):
    follow(page, "main a[href$='/cancel']")
    follow(page, "main form[action$='/cancel'] button")
    page.wait_for_selector("main [role=status]")


def ask_database(query):
    """As the one who installed the clinic, by the way deploy/ has for it."""
    lines = '''set -e; here=$D; CHARTLINE_HOME=$H; for part in say home postgres; do . "$D/lib/$part.sh"; done
        read_installation; set_ports; find_postgres; psql_installation -d chartline -Atc "$Q"'''
    done = subprocess.run(
        ["bash", "-c", lines], env=os.environ | {"D": str(DEPLOY), "H": str(HOME), "Q": query},
        text=True, capture_output=True, timeout=20)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
