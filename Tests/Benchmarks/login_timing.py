"""`login-timing`: whether the time an answer takes tells who has an account. Samples of every class of failure take turns, in a new order each round,
each from an address of its own (127.0.0.0/8) and for a name of its own, so that no throttle is met and none is relaxed."""

import base64
import http.client
import os
import random
import re
import statistics
import time
import urllib.parse
import uuid

import measure
from clinic import say

# Every name has as many characters as the others.
SIGN_IN = {"nobody": "n", "wrong password": "w", "closed account": "c", "no password yet": "p", "staff at the portal": "s"}
FORGOT = {"nobody": "n", "somebody": "w", "closed account": "c"}


def name(letter, number):
    return f"{letter}{number:05}@timing.example"


async def make_accounts(there, samples):
    """As identity writes them, with the hash of a password nobody knows."""
    identity = await there.service("identity")

    def secret(count):
        return base64.b16encode(os.urandom(count)).decode().lower()

    async with identity.transaction():
        await identity.execute("SET LOCAL ROLE identity_worker")
        for letter, state, role in (("w", "active", "patient"), ("c", "closed", "patient"), ("p", "active", "patient"), ("s", "active", "nurse")):
            rows = [
                (uuid.uuid4(), name(letter, number), role, uuid.uuid4() if role == "patient" else None, state,
                 None if letter == "p" else f"scrypt$ln=17,r=8,p=1${secret(16)}${secret(32)}")
                for number in range(samples)
            ]
            await identity.executemany(
                "INSERT INTO account (id, username, role, patient, state, credential) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING", rows)
    await identity.close()


class Visitor:
    """One browser that asks from many addresses."""

    def __init__(self, port):
        self.port = port
        answer, text = self.ask("127.0.0.1", "GET", "/sign-in")
        self.cookie = answer.getheader("Set-Cookie").split(";")[0]
        self.key = re.search(r'name="form-key" value="([^"]+)"', text).group(1)

    def ask(self, source, method, path, form=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30, source_address=(source, 0))
        headers = {"Sec-Fetch-Site": "same-origin"}
        if form is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Cookie": self.cookie}
        connection.request(method, path, urllib.parse.urlencode(form) if form is not None else None, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer, text

    def timed(self, source, path, **fields):
        """Milliseconds, and what was seen without what differs in every answer."""
        form = {"form-key": self.key, "submission": str(uuid.uuid4())} | fields
        start = time.perf_counter()
        answer, text = self.ask(source, "POST", path, form)
        taken = (time.perf_counter() - start) * 1_000
        seen = re.sub(r'(value|data-challenge)="[^"]*"', "", text)
        return taken, (answer.status, answer.getheader("Location"), len(text), seen)


def sources():
    """Addresses of this machine that have not been used."""
    start = random.randrange(1 << 22)
    for number in range(start, start + (1 << 21)):
        yield f"127.{1 + (number >> 16) % 250}.{number >> 8 & 255}.{1 + number % 250}"


def sampled(visitor, classes, samples, ask):
    rounds, seen = [], set()
    for number in range(-2, samples):
        taken = {}
        for one in random.sample(list(classes), len(classes)):
            taken[one], answer = ask(one, name(classes[one], number) if number >= 0 else name("x", random.randrange(100_000)))
            if number >= 0:  # the first two of each warm up
                seen.add(answer)
        if number >= 0:
            rounds.append(taken)
    return rounds, seen


def gap(rounds):
    """Milliseconds between the medians of the quickest and the slowest class."""
    medians = [statistics.median(taken[one] for taken in rounds) for one in rounds[0]]
    return round(max(medians) - min(medians), 2)


async def run(there, options):
    samples = options.samples
    await make_accounts(there, samples)
    visitor, addresses = Visitor(int(os.environ["PORTAL_PORT"])), sources()
    works = {
        "sign-in": (SIGN_IN, lambda _, who: visitor.timed(next(addresses), "/sign-in", username=who, password="wrong, but long enough")),
        "forgot": (FORGOT, lambda _, who: visitor.timed(next(addresses), "/forgot", username=who)),
    }
    results, gaps, answers = [], {}, {}
    before = measure.machine()
    for work, (classes, ask) in works.items():
        say(f"{work}: {samples} of each of {len(classes)} classes")
        rounds, seen = sampled(visitor, classes, samples, ask)
        answers[work], gaps[work] = len(seen), gap(rounds)
        for one in classes:
            times = [taken[one] for taken in rounds]
            results.append({
                "system": "chartline", "work": f"{work}: {one}", "concurrency": 1, "rps": round(1_000 / statistics.mean(times), 2),
                "p50_ms": round(statistics.median(times), 2), "p99_ms": round(sorted(times)[int(len(times) * 0.99)], 2), "rounds": samples,
            })
    return {
        "name": "login-timing", "results": results, "ratios": {}, "memory_mib": {}, "gaps_ms": gaps, "different_answers": answers,
        "machine": {**before, "load_average": round(os.getloadavg()[0], 2)}, "settings": {},
    }

