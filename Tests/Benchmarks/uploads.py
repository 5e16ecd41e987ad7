"""`uploads`: what bookings and every process's memory suffer while twenty files of 25 MB are on their way into records. Rounds of bookings alone and
beside the files take turns."""

import asyncio
import itertools
import os
import time
import uuid

import clinic
import http_works
import measure
import systems
from clinic import say

AT_ONCE, MEGABYTES = 20, 25
BOOKING_AT_ONCE = 32
WORKS = {
    False: "a confirmed booking, and nothing else",
    True: f"a confirmed booking, while {AT_ONCE} files of {MEGABYTES} MB are being sent",
}
PNG = bytes([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]) + b"IHDR"


class Uploads:
    """That many files on their way at any time, each into another record, from entering until leaving; what is on its way then is finished."""

    def __init__(self, port, people):
        self.port, self.people = port, people
        self.noise = os.urandom(MEGABYTES * 1_000_000 - len(PNG) - 16)
        self.sent, self.seconds, self.ending = 0, 0.0, False

    async def __aenter__(self):
        self.began, self.ending = time.monotonic(), False
        self.tasks = [asyncio.create_task(self.one_after_the_other()) for _ in range(AT_ONCE)]
        await asyncio.sleep(1)
        return self

    async def __aexit__(self, kind, *_):
        self.ending = True
        for task in self.tasks if kind else ():
            task.cancel()
        wrong = [outcome for outcome in await asyncio.gather(*self.tasks, return_exceptions=True) if outcome]
        if wrong and not kind:
            raise SystemExit(f"a file was not taken: {wrong[0]}")
        self.seconds += time.monotonic() - self.began

    async def one_after_the_other(self):
        while not self.ending:
            await self.send(next(self.people))
            self.sent += 1

    async def send(self, who):
        boundary = uuid.uuid4().hex
        fields = {"form-key": who["form"], "submission": str(uuid.uuid4()), "title": "Scan", "type": "72170-4", "date": ""}
        head = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items())
        head += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="scan.png"\r\nContent-Type: image/png\r\n\r\n'
        tail = f"\r\n--{boundary}--\r\n"
        # No file is like another: the same bytes would be kept once.
        parts = (head.encode(), PNG + os.urandom(16), self.noise, tail.encode())
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(
                f"POST /documents HTTP/1.1\r\nHost: localhost:{self.port}\r\nCookie: __Host-portal={who['cookie']}\r\n"
                f"Sec-Fetch-Site: same-origin\r\nContent-Type: multipart/form-data; boundary={boundary}\r\n"
                f"Content-Length: {sum(map(len, parts))}\r\nConnection: close\r\n\r\n".encode()
            )
            for part in parts:
                for start in range(0, len(part), 1 << 16):
                    writer.write(part[start : start + (1 << 16)])
                    await writer.drain()
            answer = (await reader.read(1 << 16)).split(b"\r\n\r\n")[0].decode()
        finally:
            writer.close()
        # Somebody who is not signed in is sent elsewhere.
        if not answer.startswith("HTTP/1.1 303") or "/documents?sent=1" not in answer:
            raise RuntimeError(answer)


class Peaks:
    """The most memory of its own that one process of each server had while it was looked at, four times a second. What PostgreSQL's processes share
    is set in its configuration, and is not counted."""

    def __init__(self, pids):
        self.pids, self.mib = pids, dict.fromkeys(pids, 0.0)

    async def __aenter__(self):
        self.task = asyncio.create_task(self.look())
        return self

    async def __aexit__(self, *_):
        self.task.cancel()

    async def look(self):
        while True:
            of = measure.children()
            for name, pid in self.pids.items():
                self.mib[name] = max([self.mib[name], *(measure.own_mib(one) for one in measure.tree(pid, of))])
            await asyncio.sleep(0.25)


async def round_of(there, filled, system, options):
    servers = {name: there.pid(name) for name in ("rabbitmq", "postgres")}
    async with Peaks(servers) as peaks:
        outcome = await http_works.http_round(there, filled, "booking", system, BOOKING_AT_ONCE, options)
    outcome["memory_mib"] |= {name: round(mib, 1) for name, mib in peaks.mib.items()}
    return outcome


async def run(there, filled, options):
    system = systems.Chartline(there, filled)
    await system.prepare()
    quiet = measure.load_average()
    await system.tidy()
    await asyncio.to_thread(clinic.form_keys, there.portal, filled["charts"])
    uploads = Uploads(there.portal, itertools.cycle(filled["charts"]))
    rounds = {False: [], True: []}
    for _ in range(options.rounds):
        rounds[False].append(await round_of(there, filled, system, options))
        async with uploads:
            rounds[True].append(await round_of(there, filled, system, options))
            say("  waits until the files are there")
        for beside in (False, True):
            http_works.tell("booking" + (" beside files" if beside else ""), system.name, BOOKING_AT_ONCE, rounds[beside][-1])
    results = []
    for beside, outcomes in rounds.items():
        line = measure.summary(system.name, WORKS[beside], BOOKING_AT_ONCE, outcomes)
        line["errors"] = sum(o["bad"] + o["sockets"] + o["unanswered"] for o in outcomes)
        if beside:
            del line["cpu_ms"]  # the files' too
        results.append(line)
    # Each round beside files against the one before it: what bookings leave in memory, round by round, is not the files'.
    pairs = [(alone["memory_mib"], beside["memory_mib"]) for alone, beside in zip(rounds[False], rounds[True])]
    peak = {name: max(beside[name] for _, beside in pairs) for name in pairs[0][0]}
    grown = {name: round(max(beside[name] - alone[name] for alone, beside in pairs), 1) for name in peak}
    return {
        "name": "uploads",
        "results": results,
        "ratios": {},
        "p99_times": round(measure.median([beside["p99_ms"] / alone["p99_ms"] for alone, beside in zip(rounds[False], rounds[True])]), 2),
        "memory_mib": peak,
        "grown_mib": grown,
        "files": {"sent": uploads.sent, "mb_a_second": round(uploads.sent * MEGABYTES / uploads.seconds, 1)},
        "machine": {**measure.machine(), "load_average": round(quiet, 2)},
        "settings": {"seconds": options.seconds, "rounds": options.rounds},
    }
