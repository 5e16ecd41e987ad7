"""A visit through its life: booked, moved by the patient and by the desk, in a calendar, cancelled, booked again; arrivals; who is away."""

import re
import uuid

import pytest
from icalendar import Calendar
from test_journey import DEMO, Browser, account, eventually


@pytest.fixture(scope="module")
def joe():
    browser = Browser(DEMO["portal"])
    browser.sign_in(account("patient", "joe"))
    return browser


@pytest.fixture(scope="module")
def desk():
    browser = Browser(DEMO["clinic"])
    browser.sign_in(account("front-desk"))
    return browser


def slots(page):
    found = re.findall(r'value="([0-9a-f-]{36}\|[^"]+)"', page.text)
    assert found, page.words
    return found


@pytest.fixture(scope="module")
def visit(joe):
    """Booked, where none of the others' tests is: not among the last, and not over another visit of his."""
    times = "/visits/book/times?service=office-visit&with="
    for slot in slots(joe.ask(times))[-17::-1]:
        held = joe.ask(times).submit("/visits/book/hold", slot=slot)
        if held.status == 303:
            break
    where = held.headers["Location"]
    page = joe.ask(where)
    assert 'role="timer"' in page.text and re.search(r'data-seconds="5\d\d"', page.text)
    assert page.submit(where + "/book").status == 303
    return where


@pytest.fixture(scope="module")
def chart(desk):
    found = desk.ask("/patients").submit("/patients", q=account("patient", "joe")["username"].split("@")[0].split(".")[-1] + " joe")
    return re.search(r'"(/patients/[0-9a-f-]{36})"', found.text).group(1)


def calendar(joe, visit):
    file = joe.ask(visit).submit(visit + "/calendar")
    assert file.status == 200 and file.headers["Content-Type"].startswith("text/calendar"), file.words
    return file.text


def event(text):
    (found,) = Calendar.from_ical(text).walk("VEVENT")
    return found


def test_the_patient_moves_it_and_it_stays_the_same_visit(joe, visit):
    before = event(calendar(joe, visit))
    page = joe.ask(visit + "/move")
    assert "You keep that time" in page.words
    moved = page.submit(visit + "/move", slot=slots(page)[-3])
    assert moved.status == 303 and moved.headers["Location"] == visit + "?moved=1", moved.words
    assert "Your visit is moved" in joe.ask(visit + "?moved=1").words
    after = event(calendar(joe, visit))
    assert after["UID"] == before["UID"] and after["SEQUENCE"] > before["SEQUENCE"] and after["DTSTART"].dt != before["DTSTART"].dt
    # The page from before says what it was made over.
    stale = page.submit(visit + "/move", slot=slots(page)[-4])
    assert stale.status in (409, 422), stale.status


def test_a_calendar_keeps_up_by_a_private_link(joe, visit):
    page = joe.ask("/visits/feed")
    made = page.submit("/visits/feed")
    link = re.search(r"<code[^>]*>([^<]+)</code>", made.text).group(1)
    path = link[link.index("/feed/"):]
    assert len(path) >= 49
    nobody = Browser(DEMO["portal"])
    file = nobody.ask(path)
    assert file.headers["Content-Type"].startswith("text/calendar"), file.words
    events = {str(event["UID"]).split("@")[0]: event for event in Calendar.from_ical(file.text).walk("VEVENT")}
    id = visit.rsplit("/", 1)[1]
    assert events[id]["STATUS"] == "CONFIRMED" and events[id]["CLASS"] == "PRIVATE"
    # Twice the same form is one link; a tampered link is none.
    assert joe.ask(path).status == 200 and nobody.ask(path[:-1] + ("A" if path[-1] != "A" else "Q")).status == 404
    before = events[id]["SEQUENCE"]
    moving = joe.ask(visit + "/move")
    assert moving.submit(visit + "/move", slot=slots(moving)[-7]).status == 303
    after = {str(event["UID"]).split("@")[0]: event for event in Calendar.from_ical(nobody.ask(path).text).walk("VEVENT")}[id]
    assert after["SEQUENCE"] > before and after["DTSTART"].dt != events[id]["DTSTART"].dt
    assert "There is a link since" in joe.ask("/visits/feed").words
    assert joe.ask("/visits/feed").submit("/visits/feed/end").status == 303
    assert nobody.ask(path).status == 404


def test_the_file_loses_nothing(joe, visit):
    text = calendar(joe, visit)
    read = Calendar.from_ical(text)
    unfolded = sorted(line for line in text.replace("\r\n ", "").split("\r\n") if line)
    assert sorted(line for line in read.to_ical().decode().replace("\r\n ", "").split("\r\n") if line) == unfolded
    assert event(text)["DTSTART"].dt.utcoffset().total_seconds() == 0


def test_a_move_to_no_time_keeps_the_old_one(joe, visit):
    page = joe.ask(visit + "/move")
    nothing = page.submit(visit + "/move")
    assert nothing.status == 422 and "No time is chosen yet" in nothing.words
    past = re.sub(r"[0-9]+$", "1000000000", slots(page)[0])
    refused = joe.ask(visit + "/move").submit(visit + "/move", slot=past)
    assert refused.status == 409, refused.words
    assert "Booked" in joe.ask(visit).words


def test_the_desk_moves_cancels_and_books_again(joe, desk, visit, chart):
    where = chart + visit
    page = desk.ask(where + "/move?with=anyone")
    moved = page.submit(where + "/move", slot=slots(page)[-6])
    assert moved.status == 303 and moved.headers["Location"].endswith("done=moved"), moved.words
    gone = desk.ask(where).submit(where + "/cancel")
    assert gone.status == 303, gone.words
    assert "cancelled" in joe.ask(visit).words.lower()
    cancelled = desk.ask(where)
    assert cancelled.submit(where + "/mark", status="booked", version=version(cancelled)).status == 422
    again = desk.ask(where).submit(where + "/mark", status="booked", version=version(cancelled), reason="Cancelled the wrong one")
    assert again.status == 303, again.words
    assert event(calendar(joe, visit))["STATUS"] == "CONFIRMED"


def version(page):
    return re.search(r'name="version" value="(\d+)"', page.text).group(1)


def test_the_desk_books_for_a_patient_and_over_others_with_a_reason(desk, joe, visit, chart):
    times = chart + "/visits/new?service=office-visit&with=anyone"
    for slot in slots(desk.ask(times))[::-1]:
        booked = desk.ask(times).submit(chart + "/visits", service="office-visit", slot=slot)
        if booked.status == 303:
            break
    assert booked.status == 303, booked.words
    practitioner, place = slot.split("|")[:2]
    form = desk.ask(chart + "/visits/over")
    assert form.status == 200
    fields = {"service": "office-visit", "with": f"Practitioner/{practitioner}", "place": f"Location/{place}", "day": "2031-05-04", "time": "3:10"}
    refused = form.submit(chart + "/visits/over", **fields)
    assert refused.status == 422
    told = desk.ask(chart + "/visits/over").submit(chart + "/visits/over", **fields, reason="Must be seen")
    assert told.status == 409 and "It collides with one thing" in told.words, told.words
    over = told.submit(chart + "/visits/over", **fields, reason="Must be seen", collisions="1")
    assert over.status == 303, over.words
    shown = desk.ask(over.headers["Location"])
    assert "Booked over" in shown.words
    for where in (one.headers["Location"].split("?")[0] for one in (booked, over)):
        assert desk.ask(where).submit(where + "/cancel").status == 303


def test_a_series_is_moved_and_cancelled_from_one_on_or_as_a_whole(desk, chart):
    times = chart + "/visits/new?service=office-visit&with=anyone"
    for slot in slots(desk.ask(times))[::-1]:
        booked = desk.ask(times).submit(chart + "/visits", service="office-visit", slot=slot, weeks="1", count="3")
        if booked.status == 303:
            break
    assert booked.status == 303, booked.words
    first = booked.headers["Location"].split("?")[0]
    page = desk.ask(first)
    series = re.search(r'id="series".*?</section>', page.text, re.S).group(0)
    others = re.findall(rf'href="({re.escape(chart)}/visits/[0-9a-f-]{{36}})"', series)
    assert others and "is moved" not in page.words
    # By itself: the others stay, and it says so.
    alone = desk.ask(others[0] + "/move?with=anyone")
    assert 'name="scope" value="later"' in alone.text
    for slot in slots(alone)[::-1]:
        moved = desk.ask(others[0] + "/move?with=anyone").submit(others[0] + "/move", slot=slot, scope="one", version=version(alone))
        if moved.status == 303:
            break
    assert moved.headers["Location"].endswith("done=moved")
    assert "At a time of its own" in desk.ask(first).words
    # All that are to come: what was moved by itself stays.
    for slot in slots(desk.ask(first + "/move?with=anyone"))[::-1]:
        form = desk.ask(first + "/move?with=anyone")
        done = form.submit(first + "/move", slot=slot, scope="all", version=version(form))
        if done.status == 409 and "Nothing is moved yet" in done.words:
            done = desk.ask(first + "/move", re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', done.text))
            assert done.status == 303, done.words
        if done.status == 303:
            break
    assert "done=series-moved" in done.headers["Location"], done.words
    assert re.search(r"moved=[1-9]\d*&(amp;)?kept=[1-9]", done.headers["Location"]), done.headers["Location"]
    gone = desk.ask(first).submit(first + "/cancel-series", scope="all")
    assert gone.status == 303, gone.words
    for where in (first, *others):
        assert "Cancelled" in desk.ask(where).words


def test_an_absence_names_whom_it_leaves(desk, joe, visit, chart):
    page = desk.ask(chart + visit + "/move")
    practitioner = slots(page)[0].split("|")[0]
    day = re.search(r"DTSTART:(\d{4})(\d\d)(\d\d)", calendar(joe, visit)).groups()
    form = desk.ask("/absences/new?kind=leave")
    kept = form.submit("/absences", kind="leave", who=f"Practitioner/{practitioner}", note=uuid.uuid4().hex, **{"from": "-".join(day)})
    assert kept.status == 303, kept.words
    where = kept.headers["Location"].split("?")[0]
    try:
        named = desk.ask(where)
        assert "to look after" in named.words and chart + visit in named.text
        moved = desk.ask(chart + visit + "/move?with=anyone")
        # The last there is: on another day than the absence.
        assert moved.submit(chart + visit + "/move", slot=slots(moved)[-1]).status == 303
        assert chart + visit not in desk.ask(where).text
    finally:
        assert desk.ask(where).submit(where + "/end").status == 303


def test_a_sooner_time_is_offered_and_the_visit_stays_until_it_is_taken(joe, desk, visit, chart):
    way = re.search(r'href="(/visits/waiting/new\?[^"]+)"', joe.ask(visit).text).group(1).replace("&amp;", "&")
    form = joe.ask(way)
    assert form.submit("/visits/waiting", until="never").status == 422
    joined = joe.ask(way).submit("/visits/waiting")
    assert joined.status == 303, joined.words
    again = joe.ask(way).submit("/visits/waiting")
    assert again.status == 409 and "You wait for this already" in again.words
    before = event(calendar(joe, visit))
    found = eventually(lambda: re.search(r'name="offer" value="([0-9a-f-]{36})"', joe.ask("/visits/waiting").text), 60)
    shown = joe.ask("/visits/waiting")
    assert "Your visit stays as it is until you take this time" in shown.words
    assert "A time you wait for is free" in joe.ask("/").words
    assert "Kept until" in desk.ask("/waiting").words
    assert event(calendar(joe, visit))["DTSTART"].dt == before["DTSTART"].dt
    taken = shown.submit("/visits/waiting/take", offer=found.group(1))
    assert taken.status == 303 and taken.headers["Location"] == visit + "?moved=1", taken.words
    after = event(calendar(joe, visit))
    assert after["UID"] == before["UID"] and after["SEQUENCE"] == before["SEQUENCE"] + 1 and after["DTSTART"].dt < before["DTSTART"].dt
    # The page from before: it is taken, once.
    assert shown.submit("/visits/waiting/take", offer=found.group(1)).status == 303
    assert event(calendar(joe, visit))["SEQUENCE"] == after["SEQUENCE"]
    assert found.group(1) not in joe.ask("/visits/waiting").text
    # Back to a late time, for what comes after this.
    page = joe.ask(visit + "/move?with=anyone")
    assert page.submit(visit + "/move", slot=slots(page)[-8]).status == 303


def test_who_asks_for_a_call_is_promised_one_and_the_desk_sees_it(joe, desk, chart):
    asked = joe.ask("/visits/call").submit("/visits/call")
    assert asked.status == 303, asked.words
    told = joe.ask("/visits/waiting?done=call")
    assert re.search(r"We call you (by|as soon)", told.words)
    waiting = re.search(r'name="waiting" value="([0-9a-f-]{36})"', told.text).group(1)
    page = desk.ask("/waiting")
    assert "To be called" in page.words and chart in page.text and waiting in page.text
    assert page.submit("/waiting", waiting=waiting, patient=chart.rsplit("/", 1)[1], act="called").status == 303
    assert waiting not in desk.ask("/waiting").text
    assert waiting not in joe.ask("/visits/waiting").text


def test_arrivals_are_one_page(desk):
    page = desk.ask("/board")
    assert page.status == 200 and "Arrivals" in page.words
    assert desk.ask("/board", {"form-key": re.search(r'name="form-key" value="([^"]*)"', page.text).group(1), "submission": str(uuid.uuid4()),
                               "mark": f"{uuid.uuid4().hex[-12:]}|1|arrived"}).status == 404


def test_it_ends_cancelled(joe, visit):
    before = event(calendar(joe, visit))
    assert joe.ask(visit + "/cancel").submit(visit + "/cancel").status == 200
    after = event(calendar(joe, visit))
    assert after["STATUS"] == "CANCELLED" and after["UID"] == before["UID"] and after["SEQUENCE"] > before["SEQUENCE"]
    assert joe.ask(visit + "/move").status == 409


def test_the_desk_puts_somebody_on_the_waiting_list(joe, desk, chart):
    phone = desk.ask(chart + "/phone?service=office-visit&with=anyone")
    waits = phone.submit(chart + "/visits/wait")
    assert waits.status == 303, waits.words
    try:
        assert "on the waiting list" in desk.ask(waits.headers["Location"]).words
        again = desk.ask(chart + "/phone?service=office-visit&with=anyone").submit(chart + "/visits/wait")
        assert again.status == 409 and "wait for this kind of visit already" in again.words
    finally:
        page = joe.ask("/visits/waiting")
        assert page.submit("/visits/waiting/leave").status == 303
