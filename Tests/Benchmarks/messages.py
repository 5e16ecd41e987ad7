"""`messages`: what patients write, from asked over the bus to committed, beside the same statements under pgbench and beside the Python peer; the inbox of
the desk with 10,000 threads in it; and how long what somebody writes takes to an open page of the other side, with 200 pages open at two instances of
the portal and one of the clinic."""

import asyncio
import html
import os
import pathlib
import random
import re
import socket
import subprocess
import time
import urllib.parse
import uuid

import bus
import chart_scale
import measure
import over_the_bus
import systems
from clinic import say
from scheduling import line

WRITE = "messaging.write-message.v1"
THREADS, ASKED, TIMES = 10_000, 50, 200
# Pages that are open: patients' own, and the desk's inbox; of one session at most four.
PATIENTS, INBOXES, OF_SESSION = 150, 50, 4
WRITTEN = 100
# Patients who write, each in a thread of their own.
WRITERS = 2_000


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
        """, THREADS - await owner.fetchval("SELECT count(*) FROM messaging.thread WHERE pool = 'desk' AND state = 'waiting'"))
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


class Messaging(systems.Python):
    """The peer's messaging service, and who hears of a message."""

    async def start(self):
        await self.start_parts("hearers", "messaging")


async def writers(there, owner, people):
    """A thread of each, as the service writes them: after one that was asked through the portal."""
    chosen = people[:WRITERS]
    await owner.execute(
        """
        INSERT INTO messaging.thread (id, patient, purpose, subject, state, pool, waiting_since, promised_at, zone, next_at, opened_at, changed_at)
        SELECT gen_random_uuid(), p.patient, t.purpose, t.subject, t.state, t.pool, t.waiting_since, t.promised_at + interval '2 days', t.zone,
            t.promised_at + interval '1 day', t.opened_at, t.changed_at
        FROM (SELECT * FROM messaging.thread WHERE pool = 'desk' AND state = 'waiting' LIMIT 1) t CROSS JOIN unnest($1::uuid[]) AS p (patient)
        """, [uuid.UUID(who["patient"]) for who in chosen])
    rows = await owner.fetch(
        """
        SELECT DISTINCT ON (patient) patient, id, promised_at FROM messaging.thread WHERE state = 'waiting' AND patient = ANY ($1::uuid[])
        ORDER BY patient, opened_at DESC, id
        """, [uuid.UUID(who["patient"]) for who in chosen])
    threads = {str(row["patient"]): (str(row["id"]), row["promised_at"].timestamp() * 1000) for row in rows}
    return [(who, *threads[who["patient"]]) for who in chosen]


def script(limit):
    """What the service sends for one message, in its order, in one pipeline."""
    limit.statements = limit.statements or systems.statements(limit.there.checkout)
    sealed, digest = f"'\\x{'5a' * 90}'", f"'\\x{'5a' * 32}'"
    told = [
        limit.call("outbox", "gen_random_uuid()", f"'{name}'", f"'\\x{'7b' * 240}'", "'00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'")
        for name in ("messaging.message-sent.v1", "messaging.task-changed.v1")
    ]
    writing = limit.transaction(
        "messaging_limited",
        f":patient || ',{systems.clinic_nobody}'",
        limit.call("thread", ":thread", ":patient"),
        limit.call("same_message", ":thread", ":account", f"'\\x' || md5(random()::text)", "NULL"),
        limit.call("urgent_phrases"),
        limit.call("thread_goes_on", "now()", "false", ":thread"),
        limit.call("message", ":key", ":thread", ":patient", "now()", "true", ":account", "NULL", sealed, digest, "NULL", "NULL"),
        *told,
        limit.call("answered", ":key", f"'{WRITE}'", ":account", digest, f"'\\x{'5a' * 120}'"),
        limit.audit("key", WRITE),
    )
    chosen = "SELECT patient, thread, account, session, gen_random_uuid() AS key FROM public.writer WHERE n = :n \\gset\n"
    return f"\\set n random(1, {WRITERS})\n{chosen}\\startpipeline\n{writing}\\endpipeline\n"


async def sending(there, filled, threads, options):
    await systems.forget_copies(there)
    await systems.make_copies(there)
    copy = await there.owner("limit")
    await copy.execute("CREATE TABLE public.writer (n bigint PRIMARY KEY, patient text, thread text, account text, session text)")
    rows = [(number + 1, who["patient"], thread, who["account"], who["session"]) for number, (who, thread, _) in enumerate(threads)]
    await copy.copy_records_to_table("writer", records=rows, schema_name="public")
    await copy.execute("GRANT SELECT ON public.writer TO bench")
    await copy.execute("VACUUM ANALYZE", timeout=600)
    await copy.close()
    limit, peer = systems.Limit(there, filled), Messaging(there, filled)
    signer = bus.Signer("identity", there.secret("actor-identity.key"))
    tokens = {}

    def token(who):
        """Of somebody who is signed in: what services remember of it is remembered in all of them."""
        known = tokens.get(who["patient"])
        if known is None or time.time() - known[1] > 200:
            actor = {"issuer": "identity", "role": "patient", "account": who["account"], "session": who["session"], "patients": [who["patient"]],
                     "purpose": "own-record"}
            known = tokens[who["patient"]] = (signer.sign(actor), time.time())
        return known[0]

    def write():
        who, thread, promised = random.choice(threads)
        return {"patient": who["patient"], "thread": thread, "text": f"One word more: {uuid.uuid4().hex}", "promised": promised, "knowsUrgent": False,
                "key": str(bus.uuid7())}, token(who)

    ours, theirs = over_the_bus.Asker(there, "portal", WRITE, write), over_the_bus.Asker(there, "bench", WRITE, write, vhost="peer")
    processes = {name: there.pid(name) for name in ("messaging", "notifications", "portal", "clinic", "rabbitmq", "postgres")}

    async def of_peer(seconds):
        await peer.start()
        try:
            return await theirs.round(peer.processes() | {name: processes[name] for name in ("rabbitmq", "postgres")}, seconds)
        finally:
            await peer.stop()

    return await over_the_bus.in_turns("a message", {
        "chartline": lambda seconds: ours.round(processes, seconds),
        "limit": lambda seconds: over_the_bus.pgbench(there, "limit", script(limit), seconds, "messaging"),
        "peer": of_peer,
    }, options, say)


async def run(there, filled, options):
    quiet, owner = measure.load_average(), await there.owner()
    desks = [
        chart_scale.Window(there.base + 1, await chart_scale.staff_cookie(there, "front-desk")) for _ in range(INBOXES // OF_SESSION + 1)
    ]
    people = filled["bookers"]
    # Of an earlier run: nobody may have more than a few open.
    await owner.execute("TRUNCATE messaging.thread CASCADE")
    say(f"asks {ASKED} questions through the portal")
    for who in people[-ASKED:]:
        await asyncio.to_thread(ask, patient_window(there, who), f"When may I come {uuid.uuid4().hex[:8]}?")
    threads = await writers(there, owner, people)
    # Whoever is connected is cut off for the copies.
    await owner.close()
    rounds = await sending(there, filled, threads, options)
    owner = await there.owner()
    say(f"{await fill(owner):,} threads wait for the desk")
    inbox = []
    for number in range(TIMES + 10):
        taken, page = desks[0].ask("/messages")
        if page.count("<li") < ASKED:
            raise SystemExit("the inbox shows no threads")
        if number >= 10:
            inbox.append(taken)
    results = over_the_bus.results("a message from asked to committed", rounds)
    timed = [line(f"the inbox of {THREADS:,} threads", inbox)]
    with SecondPortal(there) as second:
        taken = await live(there, people, desks, [there.portal, second.port])
    timed.append(line(f"from writing to the other side's page, {PATIENTS + INBOXES} pages open at two portals and a clinic", taken))
    for one in timed:
        say(f"{one['work']}: p50 {one['p50_ms']}, p95 {one['p95_ms']}, p99 {one['p99_ms']} ms")
    await owner.close()
    return {
        "name": "messages", "results": results + timed, "ratios": measure.ratios(rounds),
        "memory_mib": {name: measure.pss_mib(there.pid(name)) for name in ("messaging", "portal", "clinic", "postgres")},
        "machine": {**measure.machine(), "load_average": round(quiet, 2)}, "settings": {},
    }
