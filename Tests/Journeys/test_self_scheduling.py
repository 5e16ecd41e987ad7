"""Kinds of visit that patients book at once, with an order, by asking, or not at all: from the clinic's settings to the portal's pages."""

import datetime
import re
import uuid

import pytest
from test_journey import DEMO, Browser, account, eventually

CHART = f"/patients/{account('patient', 'maria')['patient_id']}"
FROM, UNTIL = ((datetime.date.today() + datetime.timedelta(days)).isoformat() for days in (2, 30))


def browser(site, *who):
    signed_in = Browser(DEMO[site])
    signed_in.sign_in(account(*who))
    return signed_in


@pytest.fixture(scope="module")
def maria():
    return browser("portal", "patient", "maria")


@pytest.fixture(scope="module")
def clinician():
    return browser("clinic", "clinician")


@pytest.fixture(scope="module")
def desk():
    return browser("clinic", "front-desk")


@pytest.fixture(scope="module")
def kinds():
    """A kind of visit of each sort, with hours in which there is nothing else. Afterwards nobody is offered them."""
    administrator = browser("clinic", "administrator")
    found = {mode: f"qz{uuid.uuid4().hex[:8]}-{mode}" for mode in ("direct", "order", "request", "off")}
    for mode, code in found.items():
        made = administrator.ask("/settings/visit-types/new").submit("/settings/visit-types", en=code, es=code, minutes="30", mode=mode)
        assert made.status == 303, made.words
    page = administrator.ask("/settings/hours")
    # The last of those that have none; others' tests take the first.
    where = re.findall(r'href="(/settings/hours/[^"]+)"', page.text[page.text.index('id="without"'):])[-1]
    week = {f"day-{day}": "8:00-18:00" for day in range(1, 8)}
    kept = administrator.ask(where).submit(
        where, **week, zone="America/Chicago", service=list(found.values()), until=UNTIL, notice="60", **{"from": FROM})
    assert kept.status == 303, kept.words
    yield found
    for code in found.values():
        where = f"/settings/visit-types/{code}"
        assert administrator.ask(where).submit(where, en=code, es=code, minutes="30", mode="off").status == 303


def times(kind):
    return f"/visits/book/times?service={kind}&with="


def slots(page):
    return re.findall(r'value="([0-9a-f-]{36}\|[^"]+)"', page.text)


def hold(patient, slot, shown):
    """Sends the form of another kind's times: whoever has one can write anything into it. - shown: a kind whose times can be chosen."""
    return patient.ask(times(shown)).submit("/visits/book/hold", slot=slot)


def book(patient, kind):
    """The visit's path. Where others' tests have taken the patient's time a later one is tried."""
    page = patient.ask(times(kind))
    assert slots(page), page.words
    for slot in slots(page)[::5]:
        held = patient.ask(times(kind)).submit("/visits/book/hold", slot=slot)
        if held.status == 303:
            break
    assert held.status == 303, held.words
    where = held.headers["Location"]
    booked = patient.ask(where).submit(where + "/book")
    assert booked.status == 303 and booked.headers["Location"] == where + "?new=1", booked.words
    return where


def cancel(patient, where):
    assert patient.ask(where + "/cancel").submit(where + "/cancel").status == 200


def test_what_is_booked_at_once_and_what_nobody_sees(maria, kinds):
    choice = maria.ask("/visits/book")
    assert all(kinds[mode] in choice.text for mode in ("direct", "order", "request")) and kinds["off"] not in choice.text
    assert maria.ask(times(kinds["off"])).status == 400
    where = book(maria, kinds["direct"])
    assert "Booked" in maria.ask(where).words
    cancel(maria, where)
    # Nor with a form that somebody has written.
    slot = slots(maria.ask(times(kinds["direct"])))[0].replace(kinds["direct"], kinds["off"])
    refused = hold(maria, slot, kinds["direct"])
    assert refused.status == 409 and "This kind of visit is booked by phone" in refused.words, refused.words


def test_an_order_is_good_for_one_visit(maria, clinician, kinds):
    kind = kinds["order"]
    assert not slots(maria.ask(times(kind))) and "This kind of visit is booked by phone" in maria.ask(times(kind)).words
    slot = slots(maria.ask(times(kinds["direct"])))[0].replace(kinds["direct"], kind)
    refused = hold(maria, slot, kinds["direct"])
    assert refused.status == 409 and "Nothing was booked" in refused.words

    placed = clinician.ask(CHART + "/orders/new").submit(
        CHART + "/orders", kind="imaging", what=f"Qz {kind}", reason="", due="2999-01-01", priority="routine")
    assert placed.status == 303, placed.words
    order = placed.headers["Location"]
    given = clinician.ask(order).submit(order + "/ticket", service=kind)
    assert given.status == 303, given.words
    assert "The patient can book it in the portal now" in clinician.ask(given.headers["Location"]).words
    assert clinician.ask(order).submit(order + "/ticket", service=kinds["direct"]).status == 404, "a kind that needs no order"
    where = book(maria, kind)

    # Once: neither the patient nor who gave it can have a second one of it, and each is told why.
    assert not slots(maria.ask(times(kind)))
    again = hold(maria, slot, kinds["direct"])
    assert again.status == 409 and "This kind of visit is booked by phone" in again.words
    over = clinician.ask(order).submit(order + "/ticket", service=kind)
    assert over.status == 409 and "A visit is booked by this order already, or it is over" in over.words

    # Who cancels may book again, until the order is over.
    cancel(maria, where)
    where = book(maria, kind)
    cancel(maria, where)
    assert clinician.ask(order).submit(order, status="revoked", reason="Not needed any more").status == 303
    assert eventually(lambda: not slots(maria.ask(times(kind))), 30), "the order is over and they can book by it"
    assert order + "/ticket" not in clinician.ask(order).text


def test_a_visit_that_is_asked_for_the_clinic_books(maria, desk, kinds):
    kind = kinds["request"]
    page = maria.ask(times(kind))
    assert not slots(page) and "The clinic books this kind of visit" in page.words and "Ask for this visit" in page.words
    slot = slots(maria.ask(times(kinds["direct"])))[0].replace(kinds["direct"], kind)
    assert hold(maria, slot, kinds["direct"]).status == 409
    way = f"/visits/waiting/new?service={kind}&with="
    asked = maria.ask(way).submit("/visits/waiting")
    assert asked.status == 303, asked.words
    again = maria.ask(way).submit("/visits/waiting")
    assert again.status == 409 and "You wait for this already" in again.words
    assert "The clinic looks at your request" in maria.ask("/visits/waiting").words

    waiting = desk.ask("/waiting")
    assert "Asked for a visit" in waiting.words and f"service={kind}" in waiting.text
    free = desk.ask(f"{CHART}/visits/new?service={kind}&with=anyone")
    for slot in slots(free)[::5]:
        booked = desk.ask(f"{CHART}/visits/new?service={kind}&with=anyone").submit(f"{CHART}/visits", service=kind, slot=slot)
        if booked.status == 303:
            break
    assert booked.status == 303, booked.words
    # By that it is answered, for both.
    assert f"service={kind}" not in desk.ask("/waiting").text
    assert "Your visit is booked" in maria.ask("/visits/waiting").words
    where = "/visits/" + booked.headers["Location"].split("?")[0].rsplit("/", 1)[1]
    assert "Booked" in maria.ask(where).words
    cancel(maria, where)
