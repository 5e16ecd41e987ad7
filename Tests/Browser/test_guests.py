"""A visit by video of more than two: a guest with a link waits, is let in, is seen by both, and is sent away."""

import re

import pytest
from conftest import CLINIC, PORTAL, account, ask_database, eventually, follow, with_cameras
from test_call import KEPT, SAYS, end, let_in, sees_the_other, two_people

pytestmark = pytest.mark.beside

# How many others are connected, and of how many a picture moves.
SEEN = """async () => {
    const frames = () => [...document.querySelectorAll('[data-main-tile] [data-theirs], [data-tiles] video')]
      .map((video) => video.getVideoPlaybackQuality().totalVideoFrames);
    const before = frames();
    await new Promise((done) => setTimeout(done, 1500));
    return frames().filter((count, place) => count > (before[place] ?? 0) + 3).length; }"""
# How it is with each of the others.
PEERS = """() => [windowId.slice(0, 4), stage.dataset.socket, heard, ...[...peers].map(([window, { connection, isPolite, making, ignoring }]) => {
    const candidates = (description) => (description?.sdp.match(/a=candidate/g) ?? []).length;
    return [
      window.slice(0, 4), connection.connectionState, connection.signalingState, connection.iceConnectionState, connection.iceGatheringState,
      candidates(connection.localDescription), candidates(connection.remoteDescription), isPolite, making, ignoring,
      connection.getTransceivers().map(({ mid, direction, currentDirection }) => `${mid} ${direction} ${currentDirection}`).join()].join(" "); })]"""


@pytest.fixture(scope="module")
def cameras(chromium):
    yield from with_cameras(chromium, "fps=5")


def ask_in(page, path, name, kind="interpreter"):
    """The link, as it is shown once."""
    page.goto(f"{path}/guests")
    page.fill("[name=name]", name)
    page.select_option("[name=kind]", kind)
    assert follow(page, "main form[action$='/guests'] button").status == 200
    link = page.inner_text("main code")
    assert re.fullmatch(re.escape(PORTAL) + "/guest/[A-Za-z0-9_-]{43}", link)
    return link


def come(cameras, link, script=KEPT):
    """A browser of their own, in which nobody has signed in."""
    page = cameras.window(PORTAL)
    page.add_init_script(script)
    assert page.goto(link).status == 200
    follow(page, "main form[action='/guest'] button")
    assert page.url == f"{PORTAL}/guest"
    page.wait_for_selector("[data-call][data-socket=open]")
    return page


def everybody_sees(pages, others):
    for page in pages:
        assert eventually(lambda: page.evaluate(SEEN) == others, 60), f"{page.url}: {[one.evaluate(PEERS) for one in pages]}"


@pytest.fixture(scope="module")
def room(cameras):
    """A visit that goes on, and a guest who waits."""
    patient, clinician, visit, path = two_people(cameras)
    # In a window of its own, so that the visit goes on.
    link = ask_in(cameras.signed_in(account("patient", "maria")), f"/visits/{visit}/call", "Rosa Lind")
    let_in(patient, clinician, visit, path)
    guest = come(cameras, link)
    return patient, clinician, guest, visit, path, link


def test_a_guest_waits_and_sees_nobody(room):
    patient, clinician, guest, *_ = room
    assert sees_the_other(patient) and sees_the_other(clinician)
    assert eventually(lambda: guest.evaluate(SAYS, "waiting"), 10)
    assert guest.evaluate(SEEN) == 0 and guest.evaluate("kept.length") == 0
    # Of the patient the page says nothing, not even who it is.
    assert "Alvarez" not in guest.content() and "data-patient=" not in guest.content() and "data-appointment=" not in guest.content()
    # The clinician is told, and the patient sees that somebody waits; only one of them lets people in.
    clinician.wait_for_selector("[data-guests] form[action$='/admit']")
    assert clinician.evaluate("() => document.querySelector('[data-comings]').textContent !== ''")
    patient.wait_for_selector("[data-guests] .tag-warn")
    assert patient.locator("form[action$='/admit']").count() == 0


def test_who_is_let_in_sees_both_and_is_named_to_both(room):
    patient, clinician, guest, *_ = room
    before = clinician.evaluate(SEEN)
    assert before == 1
    clinician.click("[data-guests] form[action$='/admit'] button")
    everybody_sees((patient, clinician, guest), 2)
    for page in (patient, clinician):
        assert "Rosa Lind" in page.inner_text("[data-people]") and page.locator("[data-people] li").count() == 3
    assert guest.locator("[data-people] li").count() == 3
    # The page was not left for it: the two have the connection they had.
    assert clinician.evaluate("kept.length") == 2


def test_a_used_a_handed_on_and_an_unknown_link_let_nobody_in(cameras, room):
    *_, link = room
    for language, page in ((code, cameras.window(PORTAL, locale=code)) for code in ("en-US", "es-US")):
        answer = page.goto(link)
        assert answer.status == 410 and page.locator("main [role=status]").count() == 1 and page.locator("main form").count() == 0, language
        assert page.goto(f"{PORTAL}/guest/{'A' * 43}").status == 404
        assert page.goto(f"{PORTAL}/guest").status == 404
        # Not by a ticket either.
        assert page.evaluate("fetch('/guest/ticket', { method: 'POST', body: new URLSearchParams() }).then((answer) => answer.status)") == 403
    assert cameras.window(CLINIC).goto(f"{CLINIC}/guest").status == 404


def test_a_guest_who_loads_the_page_again_is_back(room):
    patient, clinician, guest, *_ = room
    guest.reload()
    guest.wait_for_selector("[data-call][data-socket=open]")
    everybody_sees((patient, clinician, guest), 2)


def test_a_guest_leaves_and_comes_back_through_the_clinician(room):
    patient, clinician, guest, visit, *_ = room
    follow(guest, "main form[action='/guest/leave'] button")
    assert guest.url == f"{PORTAL}/guest" and guest.locator("[data-call]").count() == 0 and guest.locator("main [role=status]").count() == 1
    # The others are told, and go on.
    for page in (patient, clinician):
        page.wait_for_function("() => ![...document.querySelectorAll('[data-people] li')].some((line) => line.textContent.includes('Rosa Lind'))")
        assert page.evaluate("() => document.querySelector('[data-comings]').textContent.includes('Rosa Lind')")
    everybody_sees((patient, clinician), 1)
    assert ask_database(f"SELECT state, guest_window IS NULL FROM telemedicine.call_guest WHERE call = '{visit}'") == ["left|t"]
    # Loading the page again brings nobody back; going to the waiting room does, and there they wait.
    guest.goto(f"{PORTAL}/guest")
    assert guest.locator("[data-call]").count() == 0
    follow(guest, "main a[href='/guest?back=1']")
    guest.wait_for_selector("[data-call][data-socket=open]")
    assert eventually(lambda: guest.evaluate(SAYS, "waiting"), 10) and guest.evaluate(SEEN) == 0
    clinician.wait_for_selector("[data-guests] form[action$='/admit']")
    clinician.click("[data-guests] form[action$='/admit'] button")
    everybody_sees((patient, clinician, guest), 2)


def test_who_is_sent_away_is_seen_by_nobody_and_cannot_come_back(room):
    patient, clinician, guest, visit, *_ = room
    clinician.click("[data-guests] form[action$='/remove'] button")
    guest.wait_for_selector("[data-call]", state="detached", timeout=10_000)
    assert guest.locator("main [role=status]").count() == 1
    everybody_sees((patient, clinician), 1)
    assert "Rosa Lind" not in patient.inner_text("[data-people]")
    assert guest.goto(f"{PORTAL}/guest").status == 410
    assert ask_database(f"SELECT state, guest_window IS NULL FROM telemedicine.call_guest WHERE call = '{visit}'") == ["removed|t"]


def admit(clinician, name):
    """By name: who was let in just now stands in the list for another moment as they were."""
    clinician.locator("[data-guests] li", has_text=name).locator("form[action$='/admit'] button").click()


def test_four_are_there_and_the_end_is_everybodys(cameras, room):
    patient, clinician, _, visit, path, _ = room
    desk = cameras.signed_in(account("clinician"))
    links = [ask_in(desk, f"{path}", name, kind) for name, kind in (("Hugo", "family"), ("Ana", "other"), ("Ivo", "other"))]
    guests = [come(cameras, link) for link in links]
    for name in ("Hugo", "Ana"):
        admit(clinician, name)
    everybody_sees((patient, clinician, *guests[:2]), 3)
    # A fifth goes on waiting.
    admit(clinician, "Ivo")
    clinician.wait_for_timeout(1_500)
    assert guests[2].evaluate(SEEN) == 0 and guests[2].evaluate(SAYS, "waiting")
    end(clinician, path)
    for page in (patient, *guests):
        page.wait_for_selector("[data-call]", state="detached", timeout=10_000)
    assert ask_database(f"SELECT DISTINCT state FROM telemedicine.call_guest WHERE call = '{visit}'") == ["removed"]


def test_a_link_is_over_when_the_visit_is(cameras):
    patient, clinician, visit, path = two_people(cameras)
    link = ask_in(patient, f"/visits/{visit}/call", "Rosa Lind")
    ask_database(f"UPDATE telemedicine.call SET start_at = now() + interval '2 hours', end_at = now() + interval '3 hours' WHERE id = '{visit}'")
    page = cameras.window(PORTAL)
    assert page.goto(link).status == 200 and page.locator("main form[action='/guest']").count() == 0
    ask_database(f"UPDATE telemedicine.call SET start_at = now() - interval '2 hours', end_at = now() - interval '1 second' WHERE id = '{visit}'")
    assert page.goto(link).status == 410
