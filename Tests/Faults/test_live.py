"""A gateway is killed while pages listen: their streams come back by themselves, and nothing is lost or there twice."""

import http.client
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time
import urllib.parse
import uuid

import pytest
from browser import Browser
from clinic import DEMO, account, eventually, lacks, runs, send


class Stream(threading.Thread):
    """Listens as a browser does: comes back after a second, with the last id it was told."""

    def __init__(self, browser, path, at):
        super().__init__(daemon=True)
        self.browser, self.path, self.at, self.last = browser, path, at, None
        self.told, self.opened, self.is_over = [], 0, False
        self.start()

    def run(self):
        while not self.is_over:
            try:
                self.listen()
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(1)

    def listen(self):
        connection = http.client.HTTPConnection(*self.browser.address, timeout=40)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.browser.cookies.items())}
        if self.last:
            headers["Last-Event-ID"] = self.last
        connection.request("GET", f"{self.path}&at={self.at}", headers=headers)
        answer = connection.getresponse()
        if answer.status != 200:
            return connection.close()
        self.opened += 1
        last = None
        while line := answer.readline().decode():
            if line.startswith("id: "):
                last = line[4:].strip()
            elif line.startswith("data: "):
                self.last = last or self.last
                self.told.append(time.monotonic())
        connection.close()


@pytest.fixture
def thread():
    """A question, with both sides signed in: patient, nurse, the thread's address on either side."""
    patient, nurse = Browser(DEMO["portal"]).sign_in(account("patient", "maria")), Browser(DEMO["clinic"]).sign_in(account("nurse"))
    sent = patient.ask("/messages/new").submit("/messages", purpose="medicine", subject="Salt", text=f"How much {uuid.uuid4().hex}?")
    assert sent.status == 303, sent.words
    thread = re.search(r"/messages/([0-9a-f-]{36})", sent.headers["Location"]).group(1)
    where = eventually(lambda: re.search(rf"/patients/[0-9a-f-]{{36}}/messages/{thread}", nurse.ask("/messages").text), 20).group(0)
    return patient, nurse, f"/messages/{thread}", where


def listening(browser, page):
    """The stream that a page of the browser listens to."""
    address = urllib.parse.urlsplit(re.search(r'data-live="([^"]+)"', browser.ask(page).text).group(1).replace("&amp;", "&"))
    query = dict(urllib.parse.parse_qsl(address.query))
    at = query.pop("at")
    stream = Stream(browser, f"{address.path}?{urllib.parse.urlencode(query)}", at)
    assert eventually(lambda: stream.opened, 20)
    return stream


@pytest.mark.parametrize("gateway", ["portal", "clinic"])
def test_what_is_written_while_a_gateway_is_down_is_told_when_it_is_back(gateway, thread):
    patient, nurse, ours, theirs = thread
    streams = [listening(patient, ours), listening(nurse, theirs)]
    stream, writer, page = (streams[0], nurse, theirs) if gateway == "portal" else (streams[1], patient, ours)
    words = f"Word {uuid.uuid4().hex}"
    shown = writer.ask(page)
    before, opened = len(stream.told), stream.opened
    send(gateway, signal.SIGKILL)
    # Sent three times, as by somebody who is not sure: it is one message.
    for _ in range(3):
        sent = shown.submit(page, text=words)
        assert sent.status == 303, sent.words
    assert eventually(lambda: not lacks(gateway), 60), lacks(gateway)
    assert eventually(lambda: stream.opened > opened and len(stream.told) > before, 30), (stream.opened, stream.told)
    for browser, address in ((patient, ours), (nurse, theirs)):
        assert browser.ask(address).text.count(words) == 1
    for each in streams:
        each.is_over = True


def test_a_gateway_that_is_told_to_stop_ends_its_streams(thread):
    """Open pages keep no process from stopping; they come back to the next one."""
    patient, _, ours, _ = thread
    stream = listening(patient, ours)
    opened, before = stream.opened, send("portal", signal.SIGTERM)
    assert eventually(lambda: runs("portal") not in (None, before), 20), "it still runs"
    assert eventually(lambda: stream.opened > opened, 30)
    stream.is_over = True


class SecondPortal:
    """Another instance of the portal, as a clinic has it behind one address: the first one's settings, at ports of its own."""

    def __init__(self):
        first = pathlib.Path(f"/proc/{send('portal', 0)}")
        environment = dict(entry.split("=", 1) for entry in (first / "environ").read_text().split("\0") if "=" in entry)
        self.port = free_port()
        environment |= {"CHARTLINE_LISTEN_PORT": str(self.port), "CHARTLINE_HEALTH_PORT": str(free_port())}
        self.process = subprocess.Popen([os.readlink(first / "exe")], cwd=os.readlink(first / "cwd"), env=environment, stdout=subprocess.DEVNULL)

    def browser(self, like):
        """The same session, by this instance."""
        browser = Browser(f"http://localhost:{self.port}")
        browser.cookies = like.cookies
        return browser

    def __enter__(self):
        assert eventually(self.answers, 30), "the second portal does not answer"
        return self

    def answers(self):
        try:
            socket.create_connection(("localhost", self.port), 1).close()
            return True
        except OSError:
            return False

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def test_a_page_of_a_portal_that_ends_goes_on_with_the_other(thread):
    """Two browsers at two portals and one at the clinic: each is told. One portal is killed, and its page goes on where the other is."""
    patient, nurse, ours, theirs = thread
    with SecondPortal() as second:
        elsewhere = second.browser(patient)
        assert eventually(lambda: elsewhere.ask(ours).status == 200, 20)
        streams = [listening(patient, ours), listening(elsewhere, ours)]
        at_clinic = listening(nurse, theirs)
        shown, words = nurse.ask(theirs), f"Word {uuid.uuid4().hex}"
        sent = shown.submit(theirs, text=words)
        assert sent.status == 303, sent.words
        assert eventually(lambda: all(stream.told for stream in streams), 10)
        asked = elsewhere.ask(ours)
        assert asked.text.count(words) == 1
        reply = f"Reply {uuid.uuid4().hex}"
        before = len(at_clinic.told)
        assert asked.submit(ours, text=reply).status == 303
        assert eventually(lambda: len(at_clinic.told) > before, 10)
        opened, told, shown = streams[1].opened, len(streams[1].told), nurse.ask(theirs)
        second.process.kill()
        more = f"More {uuid.uuid4().hex}"
        assert shown.submit(theirs, text=more).status == 303
        # As whatever stands before the two sends it on.
        streams[1].browser = patient
        assert eventually(lambda: streams[1].opened > opened and len(streams[1].told) > told, 30)
        for browser, page in ((patient, ours), (nurse, theirs)):
            text = browser.ask(page).text
            assert [text.count(each) for each in (words, reply, more)] == [1, 1, 1]
        for each in (*streams, at_clinic):
            each.is_over = True
