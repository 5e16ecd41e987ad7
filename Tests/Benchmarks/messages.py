"""`messages`: the inbox of the desk with 10,000 threads in it, and how long what somebody writes takes to an open page of the other side, with 200
pages open at two instances of the portal and one of the clinic."""

import asyncio
import html
import os
import pathlib
import re
import socket
import subprocess
import time
import urllib.parse
import uuid

import chart_scale
import measure
from clinic import say
from scheduling import line

THREADS, ASKED, TIMES = 10_000, 50, 200
# Pages that are open: patients' own, and the desk's inbox; of one session at most four.
PATIENTS, INBOXES, OF_SESSION = 150, 50, 4
WRITTEN = 100


def patient_window(there, who, port=None):
    return chart_scale.Window(port or there.portal, f"__Host-portal={who['cookie']}")


class SecondPortal:
    """Another instance of the portal: the first one's settings, at ports of its own."""

    def __init__(self, there):
        first = pathlib.Path(f"/proc/{there.pid('portal')}")
        environment = dict(entry.split("=", 1) for entry in (first / "environ").read_text().split("\0") if "=" in entry)
        self.port, health = self.free_port(), self.free_port()
        environment |= {"CHARTLINE_LISTEN_PORT": str(self.port), "CHARTLINE_HEALTH_PORT": str(health)}
        self.process = subprocess.Popen([os.readlink(first / "exe")], cwd=os.readlink(first / "cwd"), env=environment, stdout=subprocess.DEVNULL)

    @staticmethod
    def free_port():
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            return taken.getsockname()[1]

    def __enter__(self):
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.1)
        raise SystemExit("the second portal does not answer")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def post(window, path, form):
    """Milliseconds, and where it leads."""
    headers = {"Cookie": window.cookie, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
    start = time.perf_counter()
    window.connection.request("POST", path, urllib.parse.urlencode(form), headers)
    answer = window.connection.getresponse()
    answer.read()
    if answer.status != 303:
        raise SystemExit(f"{path} answered {answer.status}")
    return (time.perf_counter() - start) * 1000, answer.headers["Location"]


def hidden(page, action):
    found = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', page, re.S)
    return {name: html.unescape(value) for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', found.group(1))}


def ask(window, text):
    """A question to the desk. - Returns: the thread."""
    form = hidden(window.ask("/messages/new")[1], "/messages") | {"purpose": "appointment", "subject": "A time", "text": text}
    return re.search(r"[0-9a-f-]{36}", post(window, "/messages", form)[1]).group(0)


async def fill(owner):
    """Beside what was asked through the portal: threads as the service writes them, promised later, so that those of the first page can be read."""
    await owner.execute(
        """
        INSERT INTO messaging.thread (id, patient, purpose, subject, state, pool, waiting_since, promised_at, zone, next_at, opened_at, changed_at)
        SELECT gen_random_uuid(), t.patient, t.purpose, t.subject, t.state, t.pool, t.waiting_since, t.promised_at + interval '1 day', t.zone,
            t.promised_at, t.opened_at, t.changed_at
        FROM (SELECT * FROM messaging.thread WHERE pool = 'desk' AND state = 'waiting' LIMIT 1) t CROSS JOIN generate_series(1, $1)
        """, THREADS - ASKED)
    await owner.execute("VACUUM ANALYZE messaging.thread")
    return await owner.fetchval("SELECT count(*) FROM messaging.thread WHERE pool = 'desk' AND state = 'waiting'")


class Page:
    """Listens to one stream; notes when something came."""

    def __init__(self, port, cookie, path):
        self.port, self.cookie, self.path, self.came = port, cookie, path, asyncio.Event()

    async def open(self):
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.write(f"GET {self.path} HTTP/1.1\r\nHost: localhost:{self.port}\r\nCookie: {self.cookie}\r\n\r\n".encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        if not head.startswith("HTTP/1.1 200"):
            raise SystemExit(f"{self.path}: {head.splitlines()[0]}")
        self.task = asyncio.create_task(self.listen())

    async def listen(self):
        while row := await self.reader.readline():
            if row.startswith(b"data:"):
                self.at = time.perf_counter()
                self.came.set()

    def close(self):
        self.task.cancel()
        self.writer.close()


def stream_of(page):
    return html.unescape(re.search(r'data-live="([^"]+)"', page).group(1))


async def live(there, people, desks, portals):
    """What a patient writes, until every open inbox is told; what the desk answers, until the patient's page is."""
    pages, inboxes = {}, []
    for number, who in enumerate(people[:PATIENTS]):
        port = portals[number % len(portals)]
        window = patient_window(there, who, port)
        thread = await asyncio.to_thread(ask, window, f"When may I come {uuid.uuid4().hex[:8]}?")
        path = stream_of((await asyncio.to_thread(window.ask, f"/messages/{thread}"))[1])
        pages[who["patient"]] = (window, thread, Page(port, window.cookie, path))
    for number in range(INBOXES):
        window = desks[number // OF_SESSION]
        inboxes.append(Page(there.base + 1, window.cookie, stream_of((await asyncio.to_thread(window.ask, "/messages"))[1])))
    everything = inboxes + [page for _, _, page in pages.values()]
    for page in everything:
        await page.open()
    await asyncio.sleep(2)
    say(f"{len(everything)} pages are open")
    taken = []
    for patient, (window, thread, page) in list(pages.items())[:WRITTEN]:
        for listening, writer, where in ((inboxes, window, f"/messages/{thread}"), ([page], desks[0], f"/patients/{patient}/messages/{thread}")):
            form = hidden((await asyncio.to_thread(writer.ask, where))[1], where) | {"text": f"Word {uuid.uuid4().hex[:8]}"}
            for one in listening:
                one.came.clear()
            start = time.perf_counter()
            await asyncio.to_thread(post, writer, where, form)
            await asyncio.wait_for(asyncio.gather(*(one.came.wait() for one in listening)), 20)
            taken += [max(0.0, (one.at - start) * 1000) for one in listening]
    for page in everything:
        page.close()
    return taken


async def run(there, filled, options):
    quiet, owner = measure.load_average(), await there.owner()
    desks = [
        chart_scale.Window(there.base + 1, await chart_scale.staff_cookie(there, "front-desk")) for _ in range(INBOXES // OF_SESSION + 1)
    ]
    people = filled["bookers"]
    say(f"asks {ASKED} questions through the portal")
    for who in people[-ASKED:]:
        await asyncio.to_thread(ask, patient_window(there, who), f"When may I come {uuid.uuid4().hex[:8]}?")
    say(f"{await fill(owner):,} threads wait for the desk")
    inbox = []
    for number in range(TIMES + 10):
        taken, page = desks[0].ask("/messages")
        if page.count("<li") < ASKED:
            raise SystemExit("the inbox shows no threads")
        if number >= 10:
            inbox.append(taken)
    results = [line(f"the inbox of {THREADS:,} threads", inbox)]
    with SecondPortal(there) as second:
        taken = await live(there, people, desks, [there.portal, second.port])
    results.append(line(f"from writing to the other side's page, {PATIENTS + INBOXES} pages open at two portals and a clinic", taken))
    for one in results:
        say(f"{one['work']}: p50 {one['p50_ms']}, p95 {one['p95_ms']}, p99 {one['p99_ms']} ms")
    await owner.close()
    return {
        "name": "messages", "results": results, "ratios": {},
        "memory_mib": {name: measure.pss_mib(there.pid(name)) for name in ("messaging", "portal", "clinic", "postgres")},
        "machine": {**measure.machine(), "load_average": round(quiet, 2)}, "settings": {},
    }
