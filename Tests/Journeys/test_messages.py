"""A question through the portal, its answer from the clinic, and what each side is told before and after."""

import datetime
import json
import re
import uuid
import zoneinfo

import pytest
from test_journey import DEMO, Browser, account, eventually
from test_mail import mails, parsed


def things_to_do(patient):
    found = re.search(r"(\d+) things? to do", patient.ask("/").words)
    return int(found.group(1)) if found else 0


def signed_in(base, person):
    browser = Browser(base)
    browser.sign_in(person)
    return browser


@pytest.fixture(scope="module")
def maria():
    return signed_in(DEMO["portal"], account("patient", "maria"))


@pytest.fixture(scope="module")
def nurse():
    return signed_in(DEMO["clinic"], account("nurse"))


@pytest.fixture(scope="module")
def desk():
    return signed_in(DEMO["clinic"], account("front-desk"))


def ask(maria, text, purpose="medicine", **fields):
    return maria.ask("/messages/new").submit("/messages", purpose=purpose, subject="Salt and tablets", text=text, **fields)


def asked(maria, text, purpose="medicine"):
    answer = ask(maria, text, purpose)
    assert answer.status == 303, answer.words
    return re.search(r"/messages/([0-9a-f-]{36})", answer.headers["Location"]).group(1)


def test_a_question_is_promised_answered_and_read(maria, nurse):
    words = f"May I take them with salt {uuid.uuid4().hex}?"
    new = maria.ask("/messages/new")
    # Who answers and until when, before anything is sent.
    assert re.search(r"The care team answers by .* Chicago time", new.words), new.words
    before = {parsed(content)["message-id"] for content in mails()}
    thread = asked(maria, words)
    page = maria.ask(f"/messages/{thread}")
    assert words in page.words and "Delivered, not read yet" in page.words
    assert f"/messages/{thread}" in maria.ask("/messages").text
    # The clinic has it among what waits, and in the worklist.
    inbox = nurse.ask("/messages")
    where = re.search(rf"/patients/[0-9a-f-]{{36}}/messages/{thread}", inbox.text).group(0)
    assert where in nurse.ask("/worklist").text
    there = nurse.ask(where)
    assert words in there.words
    assert "Read by" in maria.ask(f"/messages/{thread}").words
    taken = there.submit(f"{where}/step", step="take")
    assert taken.status == 303, taken.words
    things = things_to_do(maria)
    answered = nurse.ask(where).submit(where, text="A little is fine.")
    assert answered.status == 303, answered.words
    # The version that was seen has gone: nothing is sent twice, or over somebody else's answer.
    late = there.submit(where, text="None at all.")
    assert late.status == 409 and "None at all." in late.words
    # Home says so, an e-mail says that there is a message and nothing of it.
    home = maria.ask("/").words
    # Of more than five things the last are not shown, but counted.
    assert "You have a new message" in home or "something new in" in home or things_to_do(maria) == things + 1 > 5

    def look():
        return [mail for it in mails() if (mail := parsed(it))["message-id"] not in before and mail["subject"] == "You have a message"]

    mail = eventually(look)[0]
    body = mail.get_body(("plain",)).get_content()
    assert "maria.alvarez" in str(mail["to"]) and "salt" not in body.lower() and "fine" not in body.lower() and "/messages" in body
    page = maria.ask(f"/messages/{thread}")
    assert "A little is fine." in page.words and "Answered" in page.words
    assert "Read 2" in nurse.ask(where).words or "Read today" in nurse.ask(where).words, nurse.ask(where).words
    # It is news no more.
    assert "New" not in re.search(rf"/messages/{thread}.*?</li>", maria.ask("/messages").text, re.S).group(0)


def test_what_is_sent_again_is_one_message(maria):
    words = f"Only once {uuid.uuid4().hex}"
    new = maria.ask("/messages/new")
    sent = [new.submit("/messages", purpose="other", subject="Once", text=words) for _ in range(3)]
    assert {answer.status for answer in sent} == {303} and len({answer.headers["Location"] for answer in sent}) == 1
    # Another device, another form, the same words.
    assert ask(maria, words, "other").headers["Location"] == sent[0].headers["Location"]
    page = maria.ask(sent[0].headers["Location"].split("?")[0])
    assert page.words.count(words) == 1


@pytest.mark.parametrize("words", ["I have chest pain since noon", "Tengo dolor de pecho"])
def test_what_reads_like_an_emergency_says_what_to_do_and_can_be_sent(maria, words):
    text = f"{words} {uuid.uuid4().hex}"
    held = ask(maria, text)
    assert held.status == 422 and "call 911 now" in held.words and text in held.text
    sent = held.submit("/messages", purpose="medicine", subject="Pain", text=text)
    assert sent.status == 303, sent.words


def test_a_message_is_taken_back_while_nobody_has_read_it(maria, nurse):
    words = f"Never mind {uuid.uuid4().hex}"
    thread = asked(maria, words)
    page = maria.ask(f"/messages/{thread}")
    assert page.submit(f"/messages/{thread}/retract").status == 303
    assert words not in maria.ask(f"/messages/{thread}").words and "Taken back" in maria.ask(f"/messages/{thread}").words
    other = asked(maria, f"Mind {uuid.uuid4().hex}")
    page = maria.ask(f"/messages/{other}")
    where = re.search(rf"/patients/[0-9a-f-]{{36}}/messages/{other}", nurse.ask("/messages").text).group(0)
    assert nurse.ask(where).status == 200
    assert page.submit(f"/messages/{other}/retract").status == 409


def test_words_are_looked_for_in_ones_own(maria):
    canary = uuid.uuid4().hex
    thread = asked(maria, f"The word {canary}", "other")
    found = maria.ask("/messages").submit("/messages/search", q=canary.upper())
    assert found.status == 200 and f"/messages/{thread}" in found.text and "1 of 1" in found.words
    assert "Nothing found" in maria.ask("/messages").submit("/messages/search", q="zzzz").words


def test_the_desk_sees_its_own(maria, desk):
    visit, health = asked(maria, f"Visit {uuid.uuid4().hex}", "appointment"), asked(maria, f"Health {uuid.uuid4().hex}", "medical")
    inbox = desk.ask("/messages").text
    assert f"/messages/{visit}" in inbox and f"/messages/{health}" not in inbox
    patient = account("patient", "maria")["patient_id"]
    assert desk.ask(f"/patients/{patient}/messages/{visit}").status == 200
    assert desk.ask(f"/patients/{patient}/messages/{health}").status == 404


def test_what_is_handed_over_is_gone_from_who_had_it(maria, desk):
    thread = asked(maria, f"Is this the right place {uuid.uuid4().hex}?", "appointment")
    where = re.search(rf"/patients/[0-9a-f-]{{36}}/messages/{thread}", desk.ask("/messages").text).group(0)
    handed = desk.ask(where).submit(f"{where}/step", step="hand-over", pool="care")
    assert (handed.status, handed.headers["Location"]) == (303, "/messages?done=1"), handed.words
    inbox = desk.ask("/messages?done=1")
    assert "Done." in inbox.words and thread not in inbox.text


def test_somebody_elses_thread_is_not_there(maria):
    thread = asked(maria, f"Mine {uuid.uuid4().hex}")
    other = signed_in(DEMO["portal"], next(a for a in DEMO["accounts"] if a["role"] == "patient" and not a["username"].startswith("maria")))
    assert other.ask(f"/messages/{thread}").status == 404


def test_who_is_away_is_said_before_anything_is_sent(maria, desk):
    new = maria.ask("/messages/new")
    okafor = re.search(r'value="([0-9a-f-]{36})"[^>]*><span>(?:<span[^>]*>)?[^<]*Okafor', new.text).group(1)
    form = desk.ask("/absences/new?kind=leave")
    first, last = (datetime.date.today() + datetime.timedelta(days) for days in (-1, 14))
    kept = form.submit(
        "/absences", kind="leave", who=f"Practitioner/{okafor}", note=uuid.uuid4().hex, **{"from": first.isoformat(), "until": last.isoformat()})
    assert kept.status == 303, kept.words
    absence = re.search(r"/absences/([0-9a-f-]{36})", kept.headers["Location"]).group(1)
    try:
        # Said on the page, by whoever covers; and that is who gets it.
        page = eventually(lambda: (page := maria.ask("/messages/new")) and "Okafor, MD is away until" in page.words and page)
        assert page and re.search(r"Okafor, MD is away until .*?\. Hannah Byrne, RN answers by", page.words), page.words
        sent = page.submit("/messages", purpose="medical", practitioner=okafor, subject="Away", text=f"Who reads this {uuid.uuid4().hex}?")
        assert sent.status == 303, sent.words
        assert "Hannah Byrne, RN answers by" in maria.ask(sent.headers["Location"].split("?")[0]).words
    finally:
        assert desk.ask(f"/absences/{absence}").submit(f"/absences/{absence}/end").status == 303
    assert eventually(lambda: "Okafor, MD is away until" not in maria.ask("/messages/new").words)


def photo(place):
    """A small JPEG by its structure, with where it was taken before and behind the picture."""
    def segment(marker, content):
        return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content

    picture = segment(0xC0, bytes([8, 0, 2, 0, 2, 1, 1, 0x11, 0])) + segment(0xDA, bytes([1, 1, 0, 0, 63, 0])) + bytes(range(200)) * 600 + b"\xff\xd9"
    return b"\xff\xd8" + segment(0xE1, b"Exif\0\0" + place) + picture + place, b"\xff\xd8" + picture


def test_a_photo_comes_with_a_message_and_nothing_else_does(maria, nurse, desk):
    thread = asked(maria, f"Is this from the salt {uuid.uuid4().hex}?")
    where = re.search(rf"/patients/[0-9a-f-]{{36}}/messages/{thread}", nurse.ask("/messages").text).group(0)
    taken, kept = photo(b"GPS 41.8781N 87.6298W" + uuid.uuid4().bytes)

    def send(browser, page, name, content, text):
        return browser.ask(page).submit(page, text=text, file=("file", name, content))

    words = f"It looks like this {uuid.uuid4().hex}."
    refused = [
        ("film.pdf", b"%PDF-1.7\n" + bytes(26 << 20), "larger than 25 MB"), ("photo.png", b"<!doctype html><script>", "no PDF"),
        ("bomb.zip", b"PK\3\4" + bytes(5_000), "no PDF"), ("photo.png", b"Dear Ana", "no PDF"), ("cut.jpg", taken[:50_000], "no PDF"),
    ]
    for name, content, why in refused:
        page = send(maria, f"/messages/{thread}", name, content, words)
        assert page.status == 422 and why in page.words and words in page.words, (name, page.status, page.words[:300])
    assert words not in maria.ask(f"/messages/{thread}").words
    sent = send(maria, f"/messages/{thread}", "../../etc/rash.jpg", taken, words)
    assert sent.status == 303, sent.words
    for browser, page in ((maria, f"/messages/{thread}"), (nurse, where)):
        shown = browser.ask(page)
        assert shown.text.count(words) == 1 and "Attached: rash.jpg" in shown.words and ".." not in shown.words
        file = browser.ask(re.search(r'href="(/[^"]*/file)"', shown.text).group(1))
        assert file.status == 200 and file.content == kept and file.headers["Content-Type"] == "image/jpeg"
    # In the record it is a document like others, and waits for somebody to look at it.
    assert "rash.jpg" in maria.ask("/documents").text
    # The other way, with what was filed kept where the words could not be sent.
    page = send(nurse, where, "plan.txt", b"Twice a day.", "")
    assert page.status == 422 and "plan.txt is attached" in page.words
    answered = page.submit(where, text="Please keep to this.")
    assert answered.status == 303, answered.words
    shown = maria.ask(f"/messages/{thread}")
    assert "Attached: plan.txt" in shown.words
    # The desk has no charts, and sees none of their threads.
    assert desk.ask(where).status == 404


def test_a_first_message_brings_a_file_and_one_that_broke_off_goes_on(maria, nurse):
    words = f"Here it is {uuid.uuid4().hex}."
    new = maria.ask("/messages/new")
    fields = {"purpose": "medicine", "subject": "The plan"}
    page = new.submit("/messages", **fields, text="", file=("file", "plan.txt", b"Twice a day."))
    assert page.status == 422 and "plan.txt is attached" in page.words
    sent = page.submit("/messages", **fields, text=words)
    assert sent.status == 303, sent.words
    shown = maria.ask(sent.headers["Location"].partition("?")[0])
    assert words in shown.words and "Attached: plan.txt" in shown.words

    # As the page's script sends it: in pieces, each of which may come again, from wherever it broke off.
    size, content = 480 << 10, b"%PDF-1.7\n" + uuid.uuid4().bytes * 40_000
    new = maria.ask("/messages/new")
    form = re.search(r'<form[^>]*action="/messages"[^>]*>(.*?)</form>', new.text, re.S).group(1)
    keys = dict(re.findall(r'name="(form-key|submission)" value="([^"]*)"', form))

    def piece(offset, content=None, status=200):
        answer = maria.ask("/messages/pieces", keys | {"offset": str(offset)}, file=content and ("file", "piece", content))
        assert answer.status == status, (answer.status, answer.text[:300])
        return json.loads(answer.text)["received"] if status == 200 else None

    assert piece(0) == 0
    for _ in range(2):
        assert piece(0, content[:size]) == size
    assert piece(0) == size
    broken = new.submit("/messages", **fields, text=words, pieces="film.pdf", **{"pieces-size": str(len(content))})
    assert broken.status == 503 and words in broken.words and "get here whole" in broken.words, broken.words[:400]
    assert piece(size, content[size:]) == len(content)
    piece(25 << 20, b"x", status=413)
    sent = new.submit("/messages", **fields, text=f"{words} All of it.", pieces="../film.pdf", **{"pieces-size": str(len(content))})
    assert sent.status == 303, sent.words
    shown = maria.ask(sent.headers["Location"].partition("?")[0])
    assert "Attached: film.pdf" in shown.words
    assert maria.ask(re.search(r'href="(/[^"]*/file)"', shown.text).group(1)).content == content


def test_one_message_goes_to_many_once_it_was_seen_who_gets_it(maria, desk):
    words = f"We are closed {uuid.uuid4().hex}"
    times = maria.ask("/visits/book/times?service=office-visit&with=")
    slot = re.findall(r'value="([0-9a-f-]{36}\|[^"]+)"', times.text)[-1]
    path = times.submit("/visits/book/hold", slot=slot).headers["Location"]
    assert maria.ask(path).submit(path + "/book").status == 303
    start = datetime.datetime.fromtimestamp(int(slot.rsplit("|", 1)[1]), zoneinfo.ZoneInfo("America/Chicago"))
    day = start.date().isoformat()
    fields = {"purpose": "appointment", "subject": "Closed", "text": words, "from": day, "until": day}
    wrong = desk.ask("/outreach/new").submit("/outreach", **(fields | {"until": "2020-01-01"}))
    assert wrong.status == 422 and words in wrong.text
    made = desk.ask("/outreach/new").submit("/outreach", **fields)
    assert made.status == 303, made.words
    where = made.headers["Location"]
    seen = eventually(lambda: (seen := desk.ask(where)) and "/send" in seen.text and seen)
    # Nobody has got it yet.
    assert words not in maria.ask("/messages").text
    sent = seen.submit(f"{where}/send")
    assert sent.status == 303, sent.words
    assert eventually(lambda: "Sent to" in desk.ask(where).words)
    mine = eventually(lambda: re.search(r'href="(/messages/[0-9a-f-]{36})"[^>]*>Closed<', maria.ask("/messages").text))
    assert maria.ask(mine.group(1)).words.count(words) == 1
    # It is theirs alone, and answers come to the desk.
    assert signed_in(DEMO["clinic"], account("nurse")).ask(where).status == 404
    page = maria.ask(mine.group(1))
    assert page.submit(mine.group(1), text="I come on Tuesday then.").status == 303
    assert mine.group(1) in desk.ask("/messages").text


def test_who_wants_no_messages_to_many_is_left_out(maria, desk):
    stopped = maria.ask("/messages").submit("/messages/to-many")
    assert stopped.status == 303 and "You do not get what the clinic writes to many" in maria.ask("/messages").words
    days = [(datetime.date.today() + datetime.timedelta(days=ahead)).isoformat() for ahead in (0, 90)]
    fields = {"purpose": "appointment", "subject": "Closed", "text": "We are closed", "from": days[0], "until": days[1]}
    where = desk.ask("/outreach/new").submit("/outreach", **fields).headers["Location"]
    assert eventually(lambda: "They want no messages to many: 1" in desk.ask(where).words), desk.ask(where).words
    assert maria.ask("/messages").submit("/messages/to-many").status == 303
    assert "Sometimes the clinic writes to many" in maria.ask("/messages").words


def test_what_staff_write_to_each_other_becomes_a_document_by_one_button(maria, nurse):
    words = f"Call her back {uuid.uuid4().hex}."
    chart = f"/patients/{account('patient', 'maria')['patient_id']}"
    page = nurse.ask(f"{chart}/among-staff")
    assert "Staff only" in page.words and f'href="{chart}/among-staff"' in nurse.ask(chart).text
    written = page.submit(f"{chart}/among-staff", text=words)
    assert written.status == 303, written.words
    # Neither among the patient's messages nor anywhere else of theirs.
    assert words not in maria.ask("/messages").text and maria.ask(f"{chart}/among-staff").status == 404
    page = nurse.ask(f"{chart}/among-staff")
    message = re.search(rf'{re.escape(words)}.*?name="message" value="([0-9a-f-]+)"', page.text, re.S).group(1)
    where = [page.submit(f"{chart}/among-staff/forward", message=message).headers["Location"] for _ in range(2)]
    assert where[0] == where[1] == f"{chart}/documents/{message}", where
    assert words.encode() in nurse.ask(where[0] + "/file").content
