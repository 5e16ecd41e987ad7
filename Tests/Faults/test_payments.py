"""Billing is killed at every stage of a payment, again and again: each is charged once at the processor, and is once in the books."""

import json
import pathlib
import random
import re
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest
from browser import Browser, NoAnswer
from clinic import DEMO, LONG, account, ask_database, base_port, chartline, eventually, healthy_after, missing, runs, send
from test_pages import bill_of_a_visit, bill_under_way

ROUNDS = 8


def type_card(page):
    form = urllib.parse.urlencode({"number": "4242 4242 4242 4242"}).encode()
    opener = urllib.request.build_opener(NoRedirect)
    try:
        opener.open(urllib.request.Request(page, form), timeout=20)
    except urllib.error.HTTPError as error:
        assert error.code == 303


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def charges():
    """What the processor has taken: number by payment."""
    found = {}
    with urllib.request.urlopen(f"http://127.0.0.1:{base_port() + 21}/sandbox/charges", timeout=10) as answer:
        for charge in json.load(answer):
            if charge["status"] == "succeeded":
                found[charge["metadata"]["payment"]] = found.get(charge["metadata"]["payment"], 0) + 1
    return found


def test_kill_9_of_billing_during_a_payment(report):
    patient = Browser(DEMO["portal"]).sign_in(account("patient", "joe"))
    chart = account("patient", "joe")["patient_id"]
    clinician = Browser(DEMO["clinic"]).sign_in(account("clinician"))
    officer = Browser(DEMO["clinic"]).sign_in(account("administrator"))
    stages = random.Random(23)
    start, paid = time.monotonic(), []
    for turn in range(ROUNDS):
        _, payment = bill_under_way(clinician, officer, patient, chart)
        paid.append(payment)
        # Before the page is there, while it is asked for, and after: then a person pays, and it dies once more while that is told.
        time.sleep(stages.uniform(0, 0.3))
        send("billing", signal.SIGKILL)

        def page():
            try:
                found = patient.ask(f"/bills/payments/{payment}?go=1")
            except NoAnswer:
                return None
            return re.fullmatch(r"0;url=(\S+)", found.headers["Refresh"] or "")

        type_card(eventually(page, 60).group(1))
        time.sleep(stages.uniform(0, 0.3))
        send("billing", signal.SIGKILL)
    healthy = healthy_after(start, 120)
    listed = ", ".join(f"'{payment}'" for payment in paid)
    captured = f"SELECT count(*) FROM billing.payment WHERE id IN ({listed}) AND state = 'captured'"
    assert eventually(lambda: ask_database(captured)[0][0] == str(ROUNDS), 60), ask_database(
        f"SELECT id, state, failure FROM billing.payment WHERE id IN ({listed})")
    assert {payment: charges().get(payment) for payment in paid} == {payment: 1 for payment in paid}
    entries = f"SELECT about, count(*) FROM billing.entry WHERE kind = 'payment' AND about IN ({listed}) GROUP BY about"
    assert sorted(ask_database(entries)) == sorted([payment, "1"] for payment in paid)
    assert "The books balance." in chartline("ledger", "prove")
    report.fault(f"kill -9 billing, twice in each of {ROUNDS} payments", healthy=healthy)


# What of a process can be seen from outside: sockets, and files made durable. Reading and writing is also how its threads wake each other; that does
# no harm here but takes time.
ON_SOCKETS = "sendto,sendmsg,recvfrom,recvmsg,read,readv,write,writev"
ON_FILES = "fsync,fdatasync,sync_file_range"
POINTS = None if LONG else 8


def threads(process):
    """Ids of its threads by name: each connection has one of its own, and each is named."""
    found = {}
    for task in sorted(pathlib.Path(f"/proc/{process}/task").iterdir(), key=lambda task: int(task.name)):
        try:
            found.setdefault((task / "comm").read_text().strip(), []).append(int(task.name))
        except OSError:
            continue
    return found


def calls_of(patient, invoice, log):
    """A payment that nothing befalls: how many calls each thread makes, and all of them on files."""
    process = eventually(lambda: runs("billing"), 20)
    names = {thread: name for name, ids in threads(process).items() for thread in ids}
    with Traced(process, "-f", "-o", log, "-e", f"trace={ON_SOCKETS},{ON_FILES}"):
        pay_a_part(patient, invoice)
    calls, syncs = {}, 0
    for line in log.read_text().splitlines():
        thread, call = line.split(None, 1)
        name = names.get(int(thread), "")
        if call.startswith(tuple(ON_FILES.split(","))):
            syncs += 1
        # Threads that only pass work on talk to nobody.
        elif not call.startswith(("<...", "+++", "---")) and name.startswith(("postgres", "amqp", "NIO")):
            calls[name] = calls.get(name, 0) + 1
    return calls, syncs


class Traced:
    """strace at a thread, or with `-f` at all of them."""

    def __init__(self, thread, *options):
        self.command = ["strace", "-qq", "-p", str(thread), *options]
        self.thread = thread

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        status = pathlib.Path(f"/proc/{self.thread}/status")

        def is_seen():
            return self.process.poll() is not None or status.exists() and "TracerPid:\t0" not in status.read_text()

        attached = eventually(is_seen, 10, step=0.02)
        if not attached or self.process.poll() is not None:
            self.process.kill()
            said = self.process.communicate()[1].strip()
            if "not permitted" in said:
                pytest.skip("no process may be traced here (ptrace): " + said.splitlines()[-1])
            # It was killed at once, before anybody looked.
            if not said and not status.exists():
                return self
            raise AssertionError(said)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate(timeout=20)


def pay_a_part(patient, invoice):
    """Fifty cents of a bill, by card, asked again under the same key until there is an answer. - Returns: the payment."""

    def bill():
        try:
            answer = patient.ask(f"/bills/{invoice}")
        except NoAnswer:
            return None
        return answer.status == 200 and answer.form(f"/bills/{invoice}/pay")

    # Killed by a call of its own accord, it is not there at once.
    form = eventually(bill, 60) | {"amount": "part", "part": "0.50"}

    def begun():
        try:
            answer = patient.ask(f"/bills/{invoice}/pay", form)
        except NoAnswer:
            return None
        assert answer.status in (303, 503, 504), (answer.status, answer.words)
        return answer.status == 303 and answer.headers["Location"]

    payment = re.search(r"/payments/([0-9a-f-]{36})", eventually(begun, 60)).group(1)

    def page():
        hurry(payment)
        try:
            return re.fullmatch(r"0;url=(\S+)", patient.ask(f"/bills/payments/{payment}?go=1").headers["Refresh"] or "")
        except NoAnswer:
            return None

    type_card(eventually(page, 60).group(1))

    def captured():
        hurry(payment)
        return ask_database(f"SELECT true FROM billing.payment WHERE id = '{payment}' AND state = 'captured'")

    assert eventually(captured, 60), ask_database(f"SELECT state, failure, next_at, attempts FROM billing.payment WHERE id = '{payment}'")
    return payment


def hurry(payment):
    """As if the half minute were over after which the turn comes of what somebody took who then died."""
    ask_database(
        f"UPDATE billing.payment SET next_at = now() WHERE id = '{payment}' AND next_at > now() + interval '10 s'"
        " AND state IN ('created', 'requires-action', 'processing')")


def in_the_books(payment):
    return ask_database(f"SELECT count(*) FROM billing.entry WHERE kind = 'payment' AND about = '{payment}'")[0][0]


def test_kill_9_at_every_socket_call_and_file_sync_of_a_payment(report, tmp_path):
    """I23: from the first byte of a payment to its reply, at each call that another process or a disk can have seen, it dies; the same payment is asked
    for again under its key."""
    if not shutil.which("strace"):
        pytest.skip("strace is not installed here")
    patient, chart = Browser(DEMO["portal"]).sign_in(account("patient", "joe")), account("patient", "joe")["patient_id"]
    clinician, officer = Browser(DEMO["clinic"]).sign_in(account("clinician")), Browser(DEMO["clinic"]).sign_in(account("administrator"))
    # Enough for the longest sweep.
    invoice = bill_of_a_visit(clinician, officer, chart, tests="99")
    # Twice, for it is not always quite the same.
    (first, syncs), (second, more) = (calls_of(patient, invoice, tmp_path / f"calls-{turn}") for turn in range(2))
    counts = {name: min(count, second.get(name, 0)) for name, count in first.items()}
    assert {"postgres", "amqp"} <= {name.split()[0] for name in counts}, counts
    points = [(name, place) for name, count in sorted(counts.items()) for place in range(1, count + 1)]
    # The trail's file is made durable about once a second, whatever is paid.
    syncs = [("", place) for place in range(1, max(1, min(syncs, more)) + 1)]
    # The last calls of a payment that happens to need fewer are not reached: as many more are tried.
    enough, points = min(POINTS or len(points), len(points)), random.Random(23).sample(points, len(points))
    chosen = (syncs if LONG else syncs[:1]) + points[: 4 * enough]
    start, killed, paid = time.monotonic(), 0, []
    for name, place in chosen:
        process = eventually(lambda: runs("billing"), 20)
        assert eventually(lambda: "billing" not in missing(), 60), missing()
        mine = (threads(process).get(name) or [process])[0] if name else process
        which = f"{ON_SOCKETS}:signal=KILL:when={place}" if name else f"{ON_FILES}:signal=KILL:when={place}"
        with Traced(mine, *([] if name else ["-f"]), "-o", "/dev/null", "-e", f"trace={ON_SOCKETS},{ON_FILES}", "-e", f"inject={which}"):
            paid.append(pay_a_part(patient, invoice))
            eventually(lambda: name or runs("billing") != process, 3)
        killed += runs("billing") != process
        assert (charges().get(paid[-1]), in_the_books(paid[-1])) == (1, "1"), (name, place)
        if not LONG and killed >= enough:
            break
    assert killed >= (len(chosen) / 2 if LONG else enough), (killed, len(chosen))
    healthy = healthy_after(start, 3_600)
    assert "The books balance." in chartline("ledger", "prove")
    report.fault(f"kill -9 billing at {killed} of the {len(points) + len(syncs)} calls of a payment on sockets and files", healthy=healthy)
