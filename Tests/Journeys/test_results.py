"""A test is ordered, its result entered, acknowledged and corrected; whoever saw the old value is shown the new one, the patient too."""

import re
import time

import pytest
from test_journey import DEMO, Browser, account, eventually, maildir


@pytest.fixture(scope="module")
def clinician():
    browser = Browser(DEMO["clinic"])
    browser.sign_in(account("clinician"))
    return browser


@pytest.fixture(scope="module")
def nurse():
    browser = Browser(DEMO["clinic"])
    browser.sign_in(account("nurse"))
    return browser


def letters():
    subjects = ("Something in your record has changed", "Algo en su expediente ha cambiado")
    return [mail for mail in maildir() if mail["subject"] in subjects and "maria.alvarez" in str(mail["to"])]


def test_from_the_order_to_the_banner(clinician, nurse):
    found = clinician.ask("/patients").submit("/patients", q="alvarez maria")
    chart = re.search(r'"(/patients/[0-9a-f-]{36})"', found.text).group(1)
    name = f"Testine {time.time_ns()}"

    # An order without a day goes nowhere; one with a day is on the chart.
    refused = clinician.ask(chart + "/orders/new").submit(chart + "/orders", kind="laboratory", what=name, due="", priority="routine")
    assert refused.status == 422 and 'href="#due"' in refused.text and f'value="{name}"' in refused.text
    placed = refused.submit(chart + "/orders", kind="laboratory", what=name, reason="Diuretic", due="2999-01-01", priority="urgent")
    assert placed.status == 303
    order = placed.headers["Location"]
    assert name in nurse.ask(chart).words

    # A pause and its end; what the order does not allow is refused, and says so.
    for status in ("on-hold", "active"):
        assert clinician.ask(order).submit(order, status=status, reason="Fasting first").status == 303
    again = clinician.ask(order)
    illegal = again.submit(order, status="draft", reason="Fasting first")
    assert illegal.status == 409 and 'role="alert"' in illegal.text

    # The nurse writes the result; the order is done, and whoever ordered finds it on their list.
    fields = {"name-0": name, "value-0": "6.1", "unit-0": "mmol/L", "low-0": "3.5", "high-0": "5.1", "interpretation-0": ""}
    page = nurse.ask(f"{chart}/results/new?order={order.rsplit('/', 1)[1]}")
    entered = page.submit(chart + "/results", collected="2026-01-02", status="final", **fields)
    assert entered.status == 303 and entered.headers["Location"] == order
    # The same form once more is the same result.
    assert page.submit(chart + "/results", collected="2026-01-02", status="final", **fields).status in (303, 422)
    done = clinician.ask(order)
    assert "Finished" in done.words and len(re.findall(r'data-fhir="Observation/', done.text)) == 1
    result = re.search(r'data-fhir="Observation/([0-9a-f-]{36})"', done.text).group(1)
    versions, acknowledge = f"{chart}/results/{result}/versions", f"/worklist/results/{result}"
    waiting = clinician.ask("/worklist")
    assert acknowledge in waiting.text and "You ordered it" in waiting.words

    # Acknowledged: who and when is kept.
    assert waiting.submit(acknowledge).status == 303
    assert acknowledge not in clinician.ask("/worklist").text
    assert "Nobody has acknowledged it" not in nurse.ask(versions).words

    # Corrected by the nurse: the clinician is asked again, with what they saw.
    correction = {"value": "4.6", "unit": "mmol/L", "low": "3.5", "high": "5.1", "interpretation": "", "status": "corrected"}
    told = {mail["message-id"] for mail in letters()}
    page, stale = nurse.ask(versions), nurse.ask(versions)
    refused = page.submit(versions, **correction, reason="")
    assert refused.status == 422
    assert refused.submit(versions, **correction, reason="Misread").status == 303
    assert stale.submit(versions, **correction, reason="Misread again").status == 409
    page = clinician.ask("/worklist")
    assert acknowledge in page.text and "Changed since you saw it" in page.words and "6.1" in page.words and "4.6" in page.words

    # The patient is written to once, within five minutes: that something changed, not what.
    assert eventually(lambda: len(letters()) > len(told), 300), "the patient is not told"
    time.sleep(2)
    [letter] = [mail for mail in letters() if mail["message-id"] not in told]
    text = letter.get_body(("plain",)).get_content()
    assert DEMO["portal"] + "/record" in text
    for secret in ("Testine", "6.1", "4.6", "mmol", "Misread"):
        assert secret not in text + str(letter["subject"])

    # The patient's page says that it was corrected, and what it said.
    for language, title in (("en", "This result was corrected"), ("es", "Este resultado se corrigió")):
        patient = Browser(DEMO["portal"], language)
        patient.sign_in(account("patient", "maria"))
        shown = patient.ask(f"/results/{result}")
        assert title in shown.words and "6.1" in shown.words and "4.6" in shown.words
    assert page.submit(acknowledge).status == 303
    assert acknowledge not in clinician.ask("/worklist").text
