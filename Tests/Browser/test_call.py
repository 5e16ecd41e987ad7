"""A visit by video in two browsers with made-up cameras: waiting, being let in, seeing each other, and what breaks on the way."""

import os
import re
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request

import pytest
from conftest import CLINIC, HOME, PORTAL, account, ask_database, book, choose_time, eventually, find_patient, follow, with_cameras

pytestmark = pytest.mark.beside

# Seconds until signals pass again; beside another browser a machine of two cores takes longer.
BACK = 5 if os.environ.get("CHARTLINE_LONG") else 20
BASE = urllib.parse.urlsplit(PORTAL).port
# Where the health of a process is asked for: deploy/lib/home.sh.
HEALTH = {"telemedicine": BASE + 18, "portal": BASE + 19, "clinic": BASE + 20}

# A page's connections to the other browser, the newest last.
KEPT = """window.kept = [];
    { const Real = RTCPeerConnection;
      window.RTCPeerConnection = class extends Real { constructor(...given) { super(...given); kept.push(this); } }; }"""
# The same through the TURN server at another port, by the ways that begin so, and in no other way.
RELAYED = """window.kept = [];
    { const Real = RTCPeerConnection, moved = (url) => url.replace(/:\\d+\\?/, ":PORT?"), isOpen = (url) => /WAYS/.test(url);
      const through = (given) => ({ ...given, iceTransportPolicy: "relay",
        iceServers: given.iceServers.map((one) => ({ ...one, urls: one.urls.filter(isOpen).map(moved) })) });
      window.RTCPeerConnection = class extends Real {
        constructor(given) { super(through(given)); kept.push(this); }
        setConfiguration(given) { super.setConfiguration(through(given)); }
      }; }"""
# By which way pictures come and go: what kinds of candidates the two are, and how this browser reaches the TURN server.
WAY = """async () => {
    const stats = [...(await kept.at(-1).getStats()).values()];
    const one = (id) => stats.find((each) => each.id === id);
    const pair = one(stats.find((each) => each.type === "transport").selectedCandidatePairId);
    const local = one(pair.localCandidateId);
    return [local.candidateType, one(pair.remoteCandidateId).candidateType, local.relayProtocol]; }"""
# A fresh offer goes there and its answer comes back, in so many milliseconds at most.
SIGNALS = """async (most) => {
    const peer = kept.at(-1), name = () => peer.remoteDescription?.sdp.match(/a=ice-ufrag:(.+)/)[1], before = name();
    peer.restartIce();
    for (const end = performance.now() + most; performance.now() < end;) {
      if (name() !== before && peer.signalingState === "stable") return true;
      await new Promise((done) => setTimeout(done, 50));
    }
    return false; }"""
# What the page says is what it has to say then.
SAYS = "(what) => document.querySelector('[data-status]').textContent === document.querySelector('[data-call]').dataset[what]"

SEES = "document.querySelector('[data-theirs]').getVideoPlaybackQuality().totalVideoFrames"


def video_visit(page):
    """Booked by the patient, and about to begin."""
    choose_time(page, days=3, service="video-visit")
    book(page)
    visit = re.search(r"/visits/([0-9a-f-]{36})", page.url).group(1)
    assert eventually(lambda: ask_database(f"SELECT is_video FROM telemedicine.call WHERE id = '{visit}'") == ["t"], 30)
    ask_database(f"""UPDATE telemedicine.call SET start_at = now() + interval '5 minutes', end_at = now() + interval '25 minutes'
        WHERE id = '{visit}'""")
    return visit


def wait_in_the_lobby(page, visit, region="IL"):
    page.goto(f"/visits/{visit}/call")
    page.fill("[name=place]", "12 Elm Street")
    page.select_option("[name=region]", region)
    page.check("[name=consent]")
    follow(page, "main form button")
    page.wait_for_selector("[data-call][data-socket=open]")


def sees_the_other(page, seconds=20):
    page.wait_for_selector("[data-call][data-connection=connected]", timeout=seconds * 1_000)
    before = page.evaluate(SEES)
    return eventually(lambda: page.evaluate(SEES) > before + 10, seconds)


def chart_of(page, name):
    return find_patient(page, name).first.get_attribute("href")


def two_people(cameras, script=KEPT):
    """Patient and clinician, a visit that is about to begin, and its page at the clinic; this script is in their pages of calls."""
    patient, clinician = cameras.signed_in(account("patient", "maria")), cameras.signed_in(account("clinician"))
    visit = video_visit(patient)
    path = f"{chart_of(clinician, 'Maria Alvarez')}/visits/{visit}/call"
    for page in (patient, clinician):
        page.add_init_script(script)
    return patient, clinician, visit, path


def let_in(patient, clinician, visit, path):
    wait_in_the_lobby(patient, visit)
    clinician.goto(path)
    clinician.wait_for_selector("[data-call][data-socket=open]")
    follow(clinician, "form[action$='/admit'] button")


def end(clinician, path):
    clinician.goto(path)
    follow(clinician, "form[action$='/end'] button")


@pytest.fixture(scope="module")
def call(cameras):
    return two_people(cameras)


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
    back = time.monotonic() + (8 if os.environ.get("CHARTLINE_LONG") else 20)
    patient.wait_for_selector("[data-call][data-socket=open]", timeout=20_000)
    assert sees_the_other(patient, max(1, back - time.monotonic()))
    assert sees_the_other(clinician, max(1, back - time.monotonic()))


def test_a_page_loaded_again_is_back_in_the_call(call):
    patient, clinician, _, _ = call
    patient.reload()
    assert sees_the_other(patient) and sees_the_other(clinician)


def is_ready(name):
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{HEALTH[name]}/readyz", timeout=2).status == 200
    except OSError:
        return False


@pytest.mark.parametrize("killed", ["telemedicine", "portal", "clinic", "rabbitmq"])
def test_who_speaks_goes_on_speaking_whatever_dies(call, killed):
    patient, clinician, visit, _ = call
    before = [page.evaluate(SEES) for page in (patient, clinician)]
    os.kill(int((HOME / "service" / killed / "supervise" / "pid").read_text()), signal.SIGKILL)
    asked = HEALTH if killed == "rabbitmq" else [killed]
    assert eventually(lambda: not all(is_ready(name) for name in asked), 10), "it was not gone"
    for page, seen in zip((patient, clinician), before):
        assert eventually(lambda: page.evaluate(SEES) > seen + 10, 5)
    assert eventually(lambda: all(is_ready(name) for name in HEALTH), 60)
    back = time.monotonic() + BACK
    for page in (patient, clinician):
        page.wait_for_selector("[data-call][data-socket=open]", timeout=max(1, back - time.monotonic()) * 1_000)
        assert page.evaluate(SIGNALS, max(1, back - time.monotonic()) * 1_000)
    assert eventually(lambda: state_of(visit) == ["live"], max(1, back - time.monotonic()))
    assert sees_the_other(patient) and sees_the_other(clinician)


def state_of(visit):
    return ask_database(f"SELECT state FROM telemedicine.call WHERE id = '{visit}'")


@pytest.fixture
def second_portal():
    """Another process of the same gateway, at an address of its own."""
    port = BASE + 90
    settings = dict(line.split("=", 1) for line in (HOME / "etc/portal.env").read_text().splitlines() if "=" in line)
    address = PORTAL.replace(str(BASE), str(port))
    settings |= {"CHARTLINE_LISTEN_PORT": str(port), "CHARTLINE_HEALTH_PORT": str(port + 1), "CHARTLINE_PUBLIC_URL": address}
    process = subprocess.Popen(
        [HOME / "bin/portal"], env=settings | {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"}, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL)
    HEALTH["second"] = port + 1
    try:
        assert eventually(lambda: is_ready("second"), 30)
        yield address, process
    finally:
        del HEALTH["second"]
        process.kill()
        process.wait(10)


def test_any_instance_of_a_gateway_will_do(cameras, call, second_portal):
    first, clinician, visit, _ = call
    address, process = second_portal
    second = cameras.window(address, storage_state=first.context.storage_state())
    second.add_init_script(KEPT)
    second.goto(f"{address}/visits/{visit}/call")
    assert sees_the_other(second) and sees_the_other(clinician)
    # The other instance has told its window that this one counts now.
    assert eventually(lambda: first.evaluate(SAYS, "replaced"), 10)
    # Told to stop it does, whoever has a call open there.
    process.terminate()
    assert process.wait(20) == 0
    first.reload()
    assert sees_the_other(first) and sees_the_other(clinician)
    second.close()


def test_the_clinic_ends_it_for_both(call):
    patient, clinician, _, path = call
    end(clinician, path)
    patient.wait_for_selector("[data-call]", state="detached", timeout=10_000)
    assert patient.locator("main [role=status]").count() == 1


@pytest.fixture
def own_turn(tmp_path):
    """A TURN server with the installation's settings, but that it lets two browsers of this machine reach each other. Its port."""
    port = BASE + 60
    lines = (HOME / "turn/turnserver.conf").read_text().splitlines()
    ours = ("denied-peer-ip=", "listening-port=", "tls-listening-port=", "min-port=", "max-port=", "pidfile=", "userdb=")
    kept = [line for line in lines if not line.startswith(ours)]
    kept += [f"listening-port={port}", f"tls-listening-port={port + 1}", f"min-port={port + 2}", f"max-port={port + 29}", "allow-loopback-peers",
             f"pidfile={tmp_path}/pid", f"userdb={tmp_path}/none"]
    settings = tmp_path / "turnserver.conf"
    settings.write_text("\n".join(kept) + "\n")
    process = subprocess.Popen(["turnserver", "-c", settings], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert eventually(lambda: not socket.socket().connect_ex(("127.0.0.1", port)), 10)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def sees_through_the_turn_server(cameras, port, ways, protocol):
    patient, clinician, visit, path = two_people(cameras, RELAYED.replace("PORT", str(port)).replace("WAYS", ways))
    let_in(patient, clinician, visit, path)
    for page in (patient, clinician):
        assert sees_the_other(page)
        assert page.evaluate(WAY) == ["relay", "relay", protocol]
    end(clinician, path)


def test_who_cannot_reach_the_other_does_so_through_the_turn_server(cameras, own_turn):
    sees_through_the_turn_server(cameras, own_turn, "^turns?:", "udp")


def test_where_no_udp_is_let_through_pictures_come_by_tcp(cameras, own_turn):
    sees_through_the_turn_server(cameras, own_turn, "^turn:.*=tcp$", "tcp")


def test_where_nothing_but_tls_is_let_through_pictures_come_by_that(chromium, own_turn):
    # A browser does not know the installation's own authority: here it is told to trust whoever signed the certificate, as one of the operator's is.
    for people in with_cameras(chromium, also=["--ignore-certificate-errors"]):
        sees_through_the_turn_server(people, own_turn + 1, "^turns:", "tls")


def test_a_certificate_that_the_browser_does_not_trust_carries_nothing(cameras, own_turn):
    patient, clinician, visit, path = two_people(cameras, RELAYED.replace("PORT", str(own_turn + 1)).replace("WAYS", "^turns:"))
    let_in(patient, clinician, visit, path)
    patient.wait_for_timeout(5_000)
    assert patient.evaluate(SEES) == 0 and clinician.evaluate(SEES) == 0
    end(clinician, path)


def test_an_altered_fingerprint_gives_no_picture_and_says_so(cameras):
    patient, clinician, visit, path = two_people(cameras)

    def alter(here):
        there = here.connect_to_server()
        other = lambda found: found[1] + format(int(found[2], 16) ^ 1, "02X")
        there.on_message(lambda text: here.send(re.sub(r"(a=fingerprint:sha-256 )([0-9A-F]{2})", other, text)))

    patient.route_web_socket(re.compile("/calls/socket"), alter)
    let_in(patient, clinician, visit, path)
    for page in (patient, clinician):
        assert eventually(lambda: page.evaluate(SAYS, "unsafe"), 30), page.inner_text("[data-status]")
    patient.wait_for_timeout(1_000)
    assert patient.evaluate(SEES) == 0 and clinician.evaluate(SEES) == 0
    end(clinician, path)


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
