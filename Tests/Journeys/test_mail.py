"""E-mails as mailboxes want them: signed by the sender's domain, whole in two forms, and ended by one click."""

import base64
import email
import email.policy
import pathlib
import re
import subprocess
import urllib.error
import urllib.parse
import urllib.request

import dkim
import pytest
from test_journey import DEMO, HOME, Browser, account, eventually
from test_texts import book

KEY = subprocess.run(
    ["openssl", "pkey", "-in", HOME / "secrets/demo-dkim", "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout


def dns(name, timeout=5):
    """What the domain of the demo's sender would answer."""
    assert name.rstrip(b".") == b"demo._domainkey.clinic.example", name
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(KEY)


def mails():
    for folder in ("new", "cur"):
        for file in sorted((pathlib.Path(DEMO["mail"]) / folder).iterdir()):
            yield file.read_bytes()


def parsed(content):
    return email.message_from_bytes(content, policy=email.policy.default)


@pytest.fixture(scope="module")
def maria():
    browser = Browser(DEMO["portal"])
    browser.sign_in(account("patient", "maria"))
    return browser


@pytest.fixture(scope="module")
def confirmation(maria):
    """The e-mail about a visit that Maria has just booked: the one she can answer, whatever else is on its way to her."""
    before = {parsed(content)["message-id"] for content in mails()}
    book(maria, -15)

    def look():
        new = [(it, parsed(it)) for it in mails()]
        return [
            it for it, mail in new
            if mail["message-id"] not in before and "maria.alvarez" in str(mail["to"]) and "/answer/" in mail.get_body(("plain",)).get_content()
        ]

    return eventually(look)[0]


def test_every_mail_is_signed_and_none_can_be_changed(confirmation):
    for content in mails():
        assert dkim.verify(content, dnsfunc=dns), parsed(content)["subject"]
    for old, new in ((b"List-Unsubscribe-Post: List", b"List-Unsubscribe-Post: Lost"), (b"Subject: ", b"Subject: Re: "), (b"text/html", b"text/htm1")):
        assert old in confirmation
        assert not dkim.verify(confirmation.replace(old, new, 1), dnsfunc=dns), old


def test_a_mail_is_whole_in_two_forms(confirmation):
    mail = parsed(confirmation)
    assert mail.get_content_type() == "multipart/alternative" and not mail.defects
    plain, html = mail.get_body(("plain",)).get_content(), mail.get_body(("html",)).get_content()
    link = re.search(r"https?://\S+/answer/\S+", plain).group(0)
    assert f'href="{link}"' in html and re.search(r"\d{1,2}:\d\d [ap]m", plain).group(0) in html
    assert mail["auto-submitted"] == "auto-generated" and mail["content-language"] == "en"


def post(url, form):
    """As a mailbox does: no page of ours, no cookies."""
    try:
        answer = urllib.request.urlopen(urllib.request.Request(url, urllib.parse.urlencode(form).encode()), timeout=20)
    except urllib.error.HTTPError as error:
        answer = error
    return answer.status, answer.read().decode()


def test_one_click_ends_them_and_looking_does_not(maria, confirmation):
    mail = parsed(confirmation)
    assert mail["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    url = str(mail["list-unsubscribe"])[1:-1]
    assert url.startswith(DEMO["portal"] + "/hooks/unsubscribe/")
    looked = Browser(DEMO["portal"]).ask(url[len(DEMO["portal"]):])
    assert looked.status == 200 and "<form" in looked.text

    def ticked():
        return set(re.findall(r'name="want" value="([^"]+)" checked', maria.ask("/preferences").text))

    before = ticked()
    assert "visitChanges/email" in before
    assert post(url, {"List-Unsubscribe": "One-Click"})[0] == 200
    try:
        assert before - ticked() == {"visitChanges/email"}
        assert "By a click in the mailbox" in maria.ask("/preferences").words
        assert post(url[:-1] + "~", {"List-Unsubscribe": "One-Click"})[0] == 404
    finally:
        page = maria.ask("/preferences")
        form = re.search(r'<form[^>]*action="/preferences"[^>]*>(.*?)</form>', page.text, re.S).group(1)
        hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)
        assert maria.ask("/preferences", [*hidden, *(("want", code) for code in before)]).status == 303
    # Letters about the account have no such header: they are sent whatever is wanted.
    letters = [mail for mail in map(parsed, mails()) if "code" in str(mail["subject"]).lower() or "account" in str(mail["subject"]).lower()]
    assert all(mail["list-unsubscribe"] is None for mail in letters)
