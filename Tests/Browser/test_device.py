"""Camera, microphone, speaker and connection, tried before a visit by video: what the patient is told, and the clinic."""

import pytest
from conftest import account, ask_database, follow
from test_call import chart_of, video_visit

pytestmark = pytest.mark.beside

# The TURN server is at a port where nothing listens.
ELSEWHERE = """{ const Real = RTCPeerConnection, moved = (url) => url.replace(/:\\d+\\?/, ":9?");
    window.RTCPeerConnection = class extends Real {
      constructor(given) { super({ ...given, iceServers: given.iceServers.map((one) => ({ ...one, urls: one.urls.map(moved) })) }); } }; }"""
# A browser that was told to give us neither.
DENIED = """navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("no", "NotAllowedError"); };"""
# A computer with a microphone and no camera.
NO_CAMERA = """{ const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      if (wanted.video) throw new DOMException("none", "NotFoundError");
      return real(wanted); }; }"""


@pytest.fixture(scope="module")
def visit(cameras):
    return video_visit(cameras.signed_in(account("patient", "maria")))


def tried(cameras, visit, script=None, **options):
    page = cameras.signed_in(account("patient", "maria"), **options)
    if script:
        page.add_init_script(script)
    page.goto(f"/visits/{visit}")
    follow(page, f"main a[href='/visits/{visit}/call/test']")
    page.click("[data-begin]")
    page.wait_for_selector("[data-device][data-found]", timeout=30_000)
    page.wait_for_function("() => document.querySelector('[data-status]').textContent === document.querySelector('[data-device]').dataset.told")
    return page


def kept(visit):
    return ask_database(f"SELECT camera, microphone, speaker, network FROM telemedicine.call WHERE id = '{visit}'")[0].split("|")


def shown(page):
    """The way the visit can take place, as the page says it; one alone."""
    ways = [each.get_attribute("data-way") for each in page.locator("[data-way]").all() if each.is_visible()]
    assert len(ways) == 1
    return ways[0]


def test_what_works_is_said_and_told_to_the_clinic(cameras, visit):
    page = tried(cameras, visit)
    assert shown(page) == "video"
    assert kept(visit) == ["works", "works", "unasked", "reached"]
    # There is a picture, something to choose from, and a level that moves.
    page.wait_for_function("() => document.querySelector('[data-picture]').getVideoPlaybackQuality().totalVideoFrames > 5")
    assert page.locator("select[name=camera] option").count() >= 1 and page.locator("select[name=microphone] option").count() >= 1
    page.wait_for_function("() => document.querySelector('[data-level]').value > 0.05")
    page.wait_for_function("() => document.querySelector('p[data-heard]').textContent === document.querySelector('[data-device]').dataset.heard")
    # Who hears nothing is to be called.
    page.click("[data-play]")
    page.click("[data-speaker=notHeard]")
    page.wait_for_selector("[data-device][data-found=phone]")
    assert shown(page) == "phone" and page.locator("[data-why='speaker notHeard']").is_visible()
    page.click("[data-speaker=heard]")
    page.wait_for_selector("[data-device][data-found=video]")
    page.wait_for_timeout(1_000)
    assert kept(visit) == ["works", "works", "heard", "reached"]
    assert page.locator("[data-speaker=heard]").get_attribute("aria-pressed") == "true"


def test_without_a_camera_it_is_sound_alone(cameras, visit):
    page = tried(cameras, visit, NO_CAMERA)
    assert shown(page) == "audio" and page.locator("[data-why='camera missing']").is_visible()
    assert not page.locator("[data-picture]").is_visible()
    assert kept(visit)[:2] == ["missing", "works"]


def test_who_allows_nothing_is_told_how(cameras, visit):
    page = tried(cameras, visit, DENIED)
    assert shown(page) == "phone"
    for name in ("camera", "microphone"):
        assert page.locator(f"[data-why='{name} denied']").is_visible()
    assert kept(visit) == ["denied", "denied", "unasked", "reached"]


def test_a_network_that_lets_nothing_through_is_found_out_and_the_desk_is_told(cameras, visit):
    page = tried(cameras, visit, ELSEWHERE, viewport={"width": 320, "height": 640})
    assert shown(page) == "phone" and page.locator("[data-why='network unreachable']").is_visible()
    assert kept(visit) == ["works", "works", "unasked", "unreachable"]
    assert page.evaluate("() => document.scrollingElement.scrollWidth <= innerWidth")
    # The desk sees no call, and whom to call.
    desk = cameras.signed_in(account("front-desk"))
    path = f"{chart_of(desk, 'Maria Alvarez')}/visits/{visit}"
    desk.goto(path)
    assert desk.locator("main [data-device-test] .tag-bad").count() == 1 and desk.locator("main [data-device-test] li").count() == 1
    assert desk.locator(f"main a[href='{path}/call']").count() == 0
    clinician = cameras.signed_in(account("clinician"))
    clinician.goto(path)
    assert clinician.locator("main [data-device-test] .tag-bad").count() == 1 and clinician.locator(f"main a[href='{path}/call']").count() == 1


def test_without_a_script_it_says_what_is_needed(cameras, visit):
    page = cameras.signed_in(account("patient", "maria"), java_script_enabled=False)
    page.goto(f"/visits/{visit}/call/test")
    assert page.locator("main noscript .note, main .note-warn").count() >= 1
    assert page.locator("main section ul li").count() == 4
    assert not page.locator("[data-begin]").is_visible()
