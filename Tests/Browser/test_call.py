"""A visit by video in two browsers with made-up cameras: waiting, being let in, seeing each other, and what breaks on the way."""

import re
import socket
import urllib.parse

import pytest
from conftest import CHROMIUM, CLINIC, PORTAL, People, account, ask_database, book, choose_time, eventually, find_patient, follow

pytestmark = pytest.mark.beside

SEES = "document.querySelector('[data-theirs]').getVideoPlaybackQuality().totalVideoFrames"


@pytest.fixture(scope="module")
def cameras(chromium):
    browser = chromium.browser_type.launch(
        executable_path=CHROMIUM,
        args=["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--disable-features=WebRtcHideLocalIpsWithMdns"])
    people = People(browser)
    yield people
    people.leave()
    browser.close()


def video_visit(page):
    """Booked by the patient, and about to begin."""
    choose_time(page, days=3, service="video-visit")
    book(page)
    visit = re.search(r"/visits/([0-9a-f-]{36})", page.url).group(1)
    assert eventually(lambda: ask_database(f"SELECT is_video FROM telemedicine.call WHERE id = '{visit}'") == ["t"], 30)
    ask_database(f"""UPDATE telemedicine.call SET start_at = now() + interval '5 minutes', end_at = now() + interval '25 minutes'
        WHERE id = '{visit}'""")
    return visit


def wait_in_the_lobby(page, visit):
    page.goto(f"/visits/{visit}/call")
    page.fill("[name=place]", "12 Elm Street")
    page.check("[name=consent]")
    follow(page, "main form button")
    page.wait_for_selector("[data-call][data-socket=open]")


def sees_the_other(page):
    page.wait_for_selector("[data-call][data-connection=connected]", timeout=20_000)
    before = page.evaluate(SEES)
    return eventually(lambda: page.evaluate(SEES) > before + 10, 20)


def chart_of(page, name):
    return find_patient(page, name).first.get_attribute("href")


@pytest.fixture(scope="module")
def call(cameras):
    patient = cameras.signed_in(account("patient", "maria"))
    visit = video_visit(patient)
    clinician = cameras.signed_in(account("clinician"))
    return patient, clinician, visit, f"{chart_of(clinician, 'Maria Alvarez')}/visits/{visit}/call"


def test_they_see_each_other_once_the_patient_is_let_in(call):
    patient, clinician, visit, path = call
    patient.goto(f"/visits/{visit}")
    follow(patient, f"main a[href='/visits/{visit}/call']")
    follow(patient, "main form button")
    assert patient.locator("main [role=alert]").count() == 1  # neither agreed nor said where they are
    wait_in_the_lobby(patient, visit)
    clinician.goto("/calls")
    assert clinician.locator(f"main a[href='{path}']").count() == 1
    clinician.goto(path)
    clinician.wait_for_selector("[data-call][data-socket=open]")
    assert "12 Elm Street" in clinician.inner_text("main")
    # Nobody sees anybody before.
    patient.wait_for_timeout(1_500)
    assert patient.evaluate(SEES) == 0 and clinician.evaluate(SEES) == 0
    follow(clinician, "form[action$='/admit'] button")
    assert sees_the_other(patient) and sees_the_other(clinician)


def test_a_browser_that_was_away_is_back(call):
    patient, clinician, _, _ = call
    patient.context.set_offline(True)
    patient.wait_for_timeout(5_000)
    patient.context.set_offline(False)
    patient.wait_for_selector("[data-call][data-socket=open]", timeout=8_000)
    assert sees_the_other(patient) and sees_the_other(clinician)


def test_a_page_loaded_again_is_back_in_the_call(call):
    patient, clinician, _, _ = call
    patient.reload()
    assert sees_the_other(patient) and sees_the_other(clinician)


def test_the_clinic_ends_it_for_both(call):
    patient, clinician, _, path = call
    clinician.goto(path)
    follow(clinician, "form[action$='/end'] button")
    patient.wait_for_function("!document.querySelector('[data-call]')", timeout=10_000)
    assert patient.locator("main [role=status]").count() == 1


def ask(base, lines):
    """What a server answers to bytes."""
    where = urllib.parse.urlsplit(base)
    with socket.create_connection((where.hostname, where.port), timeout=10) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        return connection.recv(1 << 16).decode(errors="replace")


UPGRADE = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]


@pytest.mark.parametrize("base", [PORTAL, CLINIC])
def test_who_has_no_ticket_gets_no_socket(base):
    host = f"Host: {urllib.parse.urlsplit(base).netloc}"
    wanted = "/calls/socket?ticket=AAAA&patient=x&appointment=y&window=z"
    for headers in ([*UPGRADE, f"Origin: {base}"], [*UPGRADE, "Origin: https://elsewhere.example"], [*UPGRADE], []):
        assert ask(base, [f"GET {wanted} HTTP/1.1", host, *headers]).startswith("HTTP/1.1 403")
    # A page stays a page, whatever else it is asked to become.
    for upgrade in (["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"], UPGRADE):
        assert ask(base, ["GET /sign-in HTTP/1.1", host, *upgrade]).startswith("HTTP/1.1 200")
    for rubbish in ("\x00\x01\x02", "GET /calls/socket", "GET /calls/socket? nonsense", "G"):
        try:
            ask(base, [rubbish])
        except OSError:
            pass
    assert ask(base, ["GET /sign-in HTTP/1.1", host, "Connection: close"]).startswith("HTTP/1.1 200")
