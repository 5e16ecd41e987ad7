"""What people text to the clinic and what the provider tells of texts, signed and checked by the provider's own library."""

import re
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

import pytest
from test_journey import DEMO, HOME, Browser, account, eventually, maildir, texts_received
from twilio.request_validator import RequestValidator

TOKEN = (HOME / "secrets/demo-sms").read_text().strip()
CLINIC_NUMBER = "+13125550100"


def call(path, form, token=TOKEN, signature=None):
    """(status, body) of what the provider gets when it calls."""
    url = DEMO["portal"] + path
    headers = {}
    if signature is None:
        signature = RequestValidator(token).compute_signature(url, form)
        assert RequestValidator(token).validate(url, form, signature)
    if signature:
        headers["X-Twilio-Signature"] = signature
    try:
        answer = urllib.request.urlopen(urllib.request.Request(url, urllib.parse.urlencode(form).encode(), headers), timeout=20)
    except urllib.error.HTTPError as error:
        answer = error
    return answer.status, answer.read().decode()


def text(body, number, **more):
    return {
        "AccountSid": "ACdemo", "MessageSid": f"SM{uuid.uuid4().hex}", "From": number, "To": CLINIC_NUMBER, "Body": body, "NumMedia": "0", **more,
    }


def book(browser, place):
    times = browser.ask("/visits/book/times?service=office-visit&with=")
    slots = re.findall(r'value="([0-9a-f-]{36}\|[^"]+)"', times.text)
    held = times.submit("/visits/book/hold", slot=slots[place])
    assert held.status == 303, held.words
    done = browser.ask(held.headers["Location"]).submit(held.headers["Location"] + "/book")
    assert done.status == 303, done.words
    return held.headers["Location"]


@pytest.fixture(scope="module")
def maria():
    browser = Browser(DEMO["portal"])
    browser.sign_in(account("patient", "maria"))
    return browser


def mails_to_maria():
    return [mail for mail in maildir() if "maria.alvarez" in str(mail["to"])]


@pytest.fixture(scope="module")
def told(maria):
    """A text that told Maria of a visit."""
    before = len(texts_received())
    book(maria, -7)
    return eventually(lambda: texts_received()[before:])[0]


def test_receipts_are_believed_when_they_are_signed(told):
    url = told["status_callback"]
    assert url.startswith(DEMO["portal"] + "/hooks/receipts?intent=")
    path = url[len(DEMO["portal"]):]
    form = {"AccountSid": "ACdemo", "MessageSid": told["sid"], "MessageStatus": "delivered", "To": told["to"], "From": told["from"]}
    assert call(path, form, signature="")[0] == 403
    assert call(path, form, token="another")[0] == 403
    good = RequestValidator(TOKEN).compute_signature(url, form)
    assert call(path, form | {"MessageStatus": "failed"}, signature=good)[0] == 403
    assert call(path.replace("at=", "at=1"), form, signature=good)[0] == 403
    assert call(path, form) == (204, "")
    assert call(path, form)[0] == 409
    old = re.sub(r"at=\d+", f"at={int(time.time()) - 7 * 86400}", path)
    assert call(old, form)[0] == 410


def test_stop_start_and_help_by_text(maria, told):
    number = told["to"]
    form = text("STOP", number)
    assert call("/hooks/texts", form, signature="A" * 28)[0] == 403
    status, answer = call("/hooks/texts", form)
    assert status == 200 and re.fullmatch(r'<\?xml version="1.0" encoding="UTF-8"\?><Response><Message>[^<]+</Message></Response>', answer)
    assert "START" in answer
    assert call("/hooks/texts", form)[0] == 409
    try:
        page = maria.ask("/preferences")
        assert "No texts since" in page.words and CLINIC_NUMBER in page.words and "STOP" in page.words
        # What is booked from now on is told by e-mail alone.
        texts, mails = len(texts_received()), len(mails_to_maria())
        book(maria, -9)
        assert eventually(lambda: len(mails_to_maria()) > mails)
        time.sleep(3)
        assert len(texts_received()) == texts
        assert "AYUDA" in call("/hooks/texts", text("¿Qué es esto?", number))[1] or "HELP" in call("/hooks/texts", text("What?", number))[1]
        assert "STOP" in call("/hooks/texts", text("help", number))[1]
    finally:
        assert call("/hooks/texts", text("Start", number))[0] == 200
    assert "No texts since" not in maria.ask("/preferences").words
    # A word the provider answers by itself is heard, and not answered twice.
    assert "<Message>" not in call("/hooks/texts", text("HELP", number, OptOutType="HELP"))[1]


def test_choices_are_the_patients_and_the_desk_sees_them(maria):
    page = maria.ask("/preferences")
    # Nothing ticked but one: everything else is unwanted.
    offered = re.findall(r'name="offered" value="([^"]+)"', page.text)
    assert len(offered) == 8
    version = re.search(r'name="version" value="(\d+)"', page.text).group(1)
    form = re.search(r'<form[^>]*action="/preferences"[^>]*>(.*?)</form>', page.text, re.S).group(1)
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)
    saved = maria.ask("/preferences", [*hidden, ("want", "visitReminders/email")])
    assert saved.status == 303 and saved.headers["Location"] == "/preferences?saved=1"
    desk = Browser(DEMO["clinic"])
    desk.sign_in(account("front-desk"))
    chart = f"/patients/{account('patient', 'maria')['patient_id']}/preferences"
    seen = desk.ask(chart)
    assert seen.status == 200 and len(re.findall(r'name="want" value="[^"]+" checked', seen.text)) == 1 and "In the portal" in seen.words
    # The form that was open before the change knows that it is late; the desk says yes to all again.
    late = maria.ask("/preferences", [(name, version if name == "version" else value) for name, value in hidden if name != "submission"]
                     + [("submission", str(uuid.uuid4()))])
    assert late.status == 409, late.words
    form = re.search(rf'<form[^>]*action="{chart}"[^>]*>(.*?)</form>', seen.text, re.S).group(1)
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)
    assert desk.ask(chart, [*hidden, *(("want", code) for code in offered)]).status == 303
    assert len(re.findall(r'name="want" value="[^"]+" checked', maria.ask("/preferences").text)) == len(offered)
    assert "At the clinic" in maria.ask("/preferences").words


def test_a_link_is_looked_at_by_scanners_and_answered_by_people(maria):
    seen = {mail["message-id"] for mail in mails_to_maria()}
    visit = book(maria, -11)

    def link():
        for mail in mails_to_maria():
            if mail["message-id"] not in seen:
                if found := re.search(r"/answer/[A-Za-z0-9_-]{43}", mail.get_body(("plain",)).get_content()):
                    return found.group(0)

    path = eventually(link)
    stranger = Browser(DEMO["portal"])
    for _ in range(3):
        page = stranger.ask(path)
        assert page.status == 200 and "Will you come?" in page.words and "Maria" not in page.text
    assert "Booked" in maria.ask(visit).words
    # What is posted without the page's own form changes nothing.
    assert stranger.ask(path, {"answer": "no"}).status == 403
    assert page.submit(path).status == 400
    came = page.submit(path, answer="yes")
    assert came.status == 303 and came.headers["Location"] == path
    page = stranger.ask(path)
    assert "We expect you" in page.words and 'value="yes"' not in page.text
    assert page.submit(path, answer="no").status == 303
    # Until scheduling has heard of it nobody is told that it is cancelled.
    assert re.search("We have noted that you cannot come|This visit is cancelled", stranger.ask(path).words)
    assert eventually(lambda: "Cancelled" in maria.ask(visit).words)
    assert eventually(lambda: "This visit is cancelled" in stranger.ask(path).words)
    assert page.submit(path, answer="yes").status == 409
    for nothing in ("/answer/nothing", path[:-1], path[:-2] + "AA"):
        assert stranger.ask(nothing).status == 404


def test_c_and_x_by_text_answer_the_newest_message(maria):
    before = len(texts_received())
    visit = book(maria, -13)
    # That an earlier one was cancelled may be told in between.
    told = eventually(lambda: [text for text in texts_received()[before:] if "Reply C" in text["body"]])[-1]
    status, answer = call("/hooks/texts", text("C", told["to"]))
    assert status == 200 and "We expect you" in answer and re.search(r"\d{1,2}:\d\d [ap]m", answer)
    assert "we have noted that you cannot come" in call("/hooks/texts", text("X", told["to"]))[1]
    assert eventually(lambda: "Cancelled" in maria.ask(visit).words)
    assert "cancelled already" in call("/hooks/texts", text("C", told["to"]))[1]
