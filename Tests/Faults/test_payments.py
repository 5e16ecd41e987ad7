"""Billing is killed at every stage of a payment, again and again: each is charged once at the processor, and is once in the books."""

import json
import random
import re
import signal
import time
import urllib.error
import urllib.parse
import urllib.request

from browser import Browser, NoAnswer
from clinic import DEMO, account, ask_database, base_port, chartline, eventually, healthy_after, send
from test_pages import bill_under_way

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
