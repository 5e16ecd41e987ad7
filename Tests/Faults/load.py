"""Patients who book visits in parallel, through the portal's pages, and write down what they asked for and what they were told."""

import datetime
import random
import re
import threading
import time
import uuid

from browser import Browser, NoAnswer, NotReached, UnderWay
from clinic import DEMO, ask_database

# How long somebody who got no answer tries again, as who presses the button once more.
PATIENCE = 90


class Booking:
    """One visit somebody asked for. The form's own key is the appointment's id, so it is known before anything is sent."""

    def __init__(self, appointment, patient):
        self.appointment, self.patient, self.outcome, self.tries = appointment, patient, "unknown", 0


class Load:
    def __init__(self, accounts, seed):
        self.log, self.lock, self.under_way = [], threading.Lock(), UnderWay()
        self.unanswered, self.statuses, self.slowest = [], {}, 0.0
        self.ending, self.paused = threading.Event(), threading.Event()
        self.began = ask_database("SELECT now()")[0][0]
        self.people = [Patient(self, account, random.Random(f"{seed}/{number}"), number) for number, account in enumerate(accounts)]
        self.died = []

    def __enter__(self):
        for person in self.people:
            person.browser.sign_in(person.account)
        for person in self.people:
            person.start()
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        self.ending.set()
        for person in self.people:
            person.join(timeout=PATIENCE + 30)
        assert not self.died, self.died

    def count(self, outcome):
        with self.lock:
            return sum(booking.outcome == outcome for booking in self.log)

    def more(self, number, within=120):
        """Waits until so many more bookings are acknowledged."""
        goal, end = self.count("ok") + number, time.monotonic() + within
        while self.count("ok") < goal:
            assert not self.died, self.died
            assert time.monotonic() < end, f"{goal - self.count('ok')} of {number} bookings were not acknowledged within {within} s: {self.statuses}"
            time.sleep(0.02)

    def calm(self, number, within=120):
        """As `more`, and afterwards nothing is under way any more that was sent before: it may still suffer from what was broken then."""
        self.more(number, within)
        moment = time.monotonic()
        while self.under_way.before(moment):
            assert time.monotonic() < moment + 20, "a request has been under way for 20 s"
            time.sleep(0.02)
        # So long at most until who asked has written it down.
        time.sleep(0.1)

    def in_flight(self, within=10):
        """Waits until requests are under way. - Returns: how many."""
        end = time.monotonic() + within
        while not (count := self.under_way.count):
            assert time.monotonic() < end, "nobody asks for anything"
        return count

    def note(self, page):
        with self.lock:
            self.statuses[page.status] = self.statuses.get(page.status, 0) + 1
            self.slowest = max(self.slowest, page.seconds)

    def failed(self, what, seconds):
        with self.lock:
            self.unanswered.append((time.monotonic(), what))
            self.slowest = max(self.slowest, seconds)

    def errors_since(self, start):
        with self.lock:
            return [what for at, what in self.unanswered if at >= start]


class Patient(threading.Thread):
    def __init__(self, load, account, random, number):
        super().__init__(daemon=True)
        self.load, self.account, self.random, self.number = load, account, random, number
        self.browser = Browser(DEMO["portal"], under_way=load.under_way)

    def run(self):
        try:
            while not self.load.ending.is_set():
                self.book()
        except Exception as error:  # noqa: BLE001 — told by the test that waits for bookings
            self.load.died.append(f"{self.account['username']}: {error!r}")

    def insist(self, path, form=None):
        """Sends the same again until there is an answer that says something; None when patience ends."""
        end = time.monotonic() + PATIENCE
        tries = 0
        while time.monotonic() < end:
            tries += 1
            start = time.monotonic()
            try:
                page = self.browser.ask(path, form)
            except NotReached:
                # Nothing was sent: as a proxy before the portal does, a moment later.
                self.refused = time.monotonic()
                time.sleep(0.05)
                continue
            except NoAnswer as error:
                self.load.failed(f"{'POST' if form else 'GET'} {path.split('?')[0]}: {error}", time.monotonic() - start)
                time.sleep(0.05)
                continue
            self.load.note(page)
            if page.status < 500:
                return page
            self.load.failed(f"{'POST' if form else 'GET'} {re.sub('[0-9a-f-]{36}', ':id', path.split('?')[0])}: {page.status}", page.seconds)
            assert page.status == 503 and page.headers["Retry-After"], (path, page.status, page.words)
            time.sleep(self.random.uniform(0.05, 0.2))
        return None

    def book(self):
        day = datetime.date.today() + datetime.timedelta(days=self.random.randrange(1, 150))
        times = self.insist(f"/visits/book/times?service=office-visit&with=&from={day}")
        if times is None:
            return
        assert times.status == 200, (times.status, times.words)
        slots = re.findall(r'value="([0-9a-f-]{36}\|[^"]+)"', times.text)
        if not slots:
            return
        form = times.form("/visits/book/hold") | {"slot": self.random.choice(slots)}
        booking = Booking(str(uuid.UUID(form["submission"])), self.account["patient_id"])
        with self.load.lock:
            self.load.log.append(booking)
        booking.outcome = self.carry_out(booking, form)

    def carry_out(self, booking, form):
        held = self.insist("/visits/book/hold", form)
        if held is None:
            return "unknown"
        if held.status != 303:
            return "fail"
        path = held.headers["Location"]
        assert path == f"/visits/{booking.appointment}", path
        page = self.insist(path)
        if page is None:
            return "unknown"
        if "new=1" in page.text or page.status != 200 or f'action="{path}/book"' not in page.text:
            return "fail"
        done = self.insist(f"{path}/book", page.form(f"{path}/book"))
        if done is None:
            return "unknown"
        return "ok" if done.status == 303 and done.headers["Location"] == f"{path}?new=1" else "fail"


def accounts():
    return [one for one in DEMO["accounts"] if one["role"] == "patient"]
