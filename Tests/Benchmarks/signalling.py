"""`signalling`: visits by video of scripted clients, two for each, all of them open: from the second one's wish to join until it has the first one's
offer; and how much longer a word takes from one side to the other while one socket sends as much as it can."""

import asyncio
import base64
import http.client
import itertools
import json
import os
import struct
import time
import urllib.parse
import uuid

import chart_scale
import measure
from clinic import say
from messages import hidden, patient_window
from scheduling import line

# In ten seconds; in fewer, fewer.
ROOMS_A_SECOND, MOST_ROOMS = 20, 200
CLINICIANS = 20
CANDIDATES = 6
FLOOD = 10_000


class Socket:
    """One side's window of a call, as a browser has it."""

    def __init__(self, port, cookie, form, path, patient, appointment):
        self.port, self.cookie, self.form, self.path = port, cookie, form, path
        self.patient, self.appointment, self.window = patient, appointment, str(uuid.uuid4())
        self.said, self.came = asyncio.Queue(), {}
        self.writer = self.task = None

    def ticket(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Cookie": self.cookie, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", self.path, urllib.parse.urlencode({**self.form, "submission": str(uuid.uuid4())}), headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != 200:
            raise SystemExit(f"{self.path} answered {answer.status}")
        return json.loads(body)["ticket"]

    async def open(self):
        ticket = await asyncio.to_thread(self.ticket)
        query = urllib.parse.urlencode({"ticket": ticket, "patient": self.patient, "appointment": self.appointment, "window": self.window})
        reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writer.write((
            f"GET /calls/socket?{query} HTTP/1.1\r\nHost: localhost:{self.port}\r\nOrigin: http://localhost:{self.port}\r\nCookie: {self.cookie}\r\n"
            f"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n").encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        if not head.startswith("HTTP/1.1 101"):
            raise SystemExit(f"no socket: {head.splitlines()[0]}")
        self.task = asyncio.create_task(self.listen(reader))

    async def listen(self, reader):
        try:
            while True:
                kind, length = await reader.readexactly(2)
                if length == 126:
                    length = struct.unpack(">H", await reader.readexactly(2))[0]
                elif length == 127:
                    length = struct.unpack(">Q", await reader.readexactly(8))[0]
                body = await reader.readexactly(length)
                if kind & 15 == 9:
                    self.write(body, 10)
                elif kind & 15 == 1:
                    self.hear(json.loads(body))
        except (asyncio.IncompleteReadError, ConnectionError):
            self.said.put_nowait({"type": "closed"})

    def hear(self, told):
        if told["type"] == "signal":
            self.came[json.loads(told["body"])["word"]] = time.perf_counter()
        self.said.put_nowait(told)

    def write(self, body, kind=1):
        mask, length = os.urandom(4), len(body)
        size = bytes([128 | length]) if length < 126 else bytes([128 | 126]) + struct.pack(">H", length)
        self.writer.write(bytes([128 | kind]) + size + mask + bytes(one ^ mask[place % 4] for place, one in enumerate(body)))

    def send(self, word):
        self.write(json.dumps({"body": json.dumps({"word": word, "sdp": "v=0 " * 200})}).encode())

    async def until(self, is_it):
        async with asyncio.timeout(20):
            while not is_it(told := await self.said.get()):
                if told["type"] in ("closed", "replaced"):
                    raise SystemExit(f"a socket was {told['type']}")

    def close(self):
        self.task.cancel()
        self.writer.close()


def is_word(word):
    return lambda told: told["type"] == "signal" and json.loads(told["body"])["word"] == word


async def write_calls(owner, people, practitioners, location):
    """Visits as telemedicine writes them, with their patients let in."""
    rows = [(uuid.uuid4(), uuid.UUID(who["patient"]), practitioners[number % CLINICIANS]) for number, who in enumerate(people)]
    await owner.execute(
        """
        INSERT INTO telemedicine.call
            (id, patient, practitioner, location, appointment_version, start_at, end_at, zone, is_video, state, consented_at, waiting_since)
        SELECT id, patient, practitioner, $4, 1, now(), now() + interval '1 hour', 'America/Chicago', true, 'admitted', now(), now()
        FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS c (id, patient, practitioner)
        """, *(list(column) for column in zip(*rows)), location)
    return [str(row[0]) for row in rows]


async def join(patient, clinician):
    """Milliseconds from the second one's wish until the offer of the one who was there is in; then the rest of what two browsers tell each other."""
    await patient.open()
    await patient.until(lambda told: told["type"] == "state" and told["state"] in ("admitted", "live"))

    async def offer():
        await patient.until(lambda told: clinician.window in [other.get("window") for other in told.get("others", [])])
        patient.send("offer")

    offering = asyncio.create_task(offer())
    start = time.perf_counter()
    await clinician.open()
    await clinician.until(is_word("offer"))
    taken = (clinician.came["offer"] - start) * 1000
    await offering
    clinician.send("answer")
    await patient.until(is_word("answer"))
    for number in range(CANDIDATES):
        patient.send(f"candidate {number}")
        clinician.send(f"candidate {number}")
    await patient.until(is_word(f"candidate {CANDIDATES - 1}"))
    await clinician.until(is_word(f"candidate {CANDIDATES - 1}"))
    return taken


async def words(rooms, seconds):
    """Milliseconds that a word takes from the one side to the other, in room after room, some at once."""
    taken, end, at_once = [], time.perf_counter() + seconds, min(4, len(rooms))

    async def some(own):
        for patient, clinician in itertools.cycle(own):
            if time.perf_counter() > end:
                return
            word, start = uuid.uuid4().hex, time.perf_counter()
            patient.send(word)
            await clinician.until(is_word(word))
            taken.append((clinician.came.pop(word) - start) * 1000)
            await asyncio.sleep(0.05)

    await asyncio.gather(*(some(rooms[number::at_once]) for number in range(at_once)))
    return taken


async def flood(socket, told):
    """As much as 10,000 messages a second from one socket; cut off, it comes back."""
    while True:
        try:
            await socket.open()
            while not socket.task.done():
                for _ in range(FLOOD // 100):
                    socket.send("flood")
                told["messages"] += FLOOD // 100
                await socket.writer.drain()
                await asyncio.sleep(0.01)
        except (ConnectionError, SystemExit):
            pass
        told["openings"] += 1
        # Tickets are twenty a minute.
        await asyncio.sleep(3)


async def run(there, filled, options):
    quiet, owner = measure.load_average(), await there.owner()
    count = max(2, min(MOST_ROOMS, int(ROOMS_A_SECOND * options.seconds)))
    people = filled["bookers"][-count - 1:]
    practitioners = [uuid.UUID(one) for one in filled["practitioners"][:CLINICIANS]]
    calls = await write_calls(owner, people, practitioners, uuid.UUID(filled["location"]))
    staff = []
    for practitioner in practitioners:
        cookie = await chart_scale.staff_cookie(there, "clinician", practitioner)
        page = await asyncio.to_thread(lambda: chart_scale.Window(there.base + 1, cookie).ask("/calls")[1])
        staff.append((cookie, {"form-key": hidden(page, "/sign-out")["form-key"]}))
    rooms = []
    for number, (who, call) in enumerate(zip(people, calls)):
        cookie, form = staff[number % CLINICIANS]
        patient = Socket(
            there.portal, patient_window(there, who).cookie, {"form-key": who["form"]}, f"/visits/{call}/call/ticket", who["patient"], call)
        clinician = Socket(there.base + 1, cookie, form, f"/patients/{who['patient']}/visits/{call}/call/ticket", who["patient"], call)
        rooms.append((patient, clinician))
    flooder = rooms.pop()[0]

    async def later(number, room):
        await asyncio.sleep(number * options.seconds / count)
        return await join(*room)

    say(f"{count} visits begin within {options.seconds:g} s, and stay open")
    joins = await asyncio.gather(*(later(number, room) for number, room in enumerate(rooms)))
    live = await owner.fetchval(
        "SELECT count(*) FROM telemedicine.call WHERE state = 'live' AND id = ANY($1::uuid[])", [uuid.UUID(one) for one in calls])
    if live != count:
        raise SystemExit(f"{live} of {count} visits are live")
    results = [line(f"from joining to the first offer, {count} visits open", joins)]
    say("a word from side to side, in quiet and beside a socket that floods")
    alone = await words(rooms, options.seconds)
    told = {"messages": 0, "openings": 0}
    flooding = asyncio.create_task(flood(flooder, told))
    beside = await words(rooms, options.seconds)
    flooding.cancel()
    say(f"the flood: {told['messages']:,} messages, cut off {told['openings']} times")
    results += [line("a word from side to side", alone), line("a word from side to side beside a flood", beside)]
    delay = round(results[2]["p95_ms"] - results[1]["p95_ms"], 2)
    for one in results:
        say(f"{one['work']}: p50 {one['p50_ms']}, p95 {one['p95_ms']}, p99 {one['p99_ms']} ms")
    for room in rooms:
        for socket in room:
            socket.close()
    await owner.close()
    return {
        "name": "signalling", "results": results, "ratios": {}, "delay_ms": delay, "flood": told,
        "memory_mib": {name: measure.pss_mib(there.pid(name)) for name in ("telemedicine", "portal", "clinic", "postgres")},
        "machine": {**measure.machine(), "load_average": round(quiet, 2)}, "settings": {},
    }
