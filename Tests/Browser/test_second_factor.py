"""Signing in with more than a password, and what a password alone does not get."""

import re
import time

import pytest
from conftest import (
    CLINIC, PORTAL, account, ask_database, eventually, follow, follow_patiently, give_codes, sign_in, try_to_sign_in,
)
from outside import Outside
from places import registered
from second_factor import code_at, next_code

pytestmark = pytest.mark.beside

# Where a session that is not finished may go: to finishing it, and out.
OPEN = {"/sign-in", "/sign-in/code", "/sign-in/second-factor", "/activate", "/forgot", "/reset", "/sign-out"}


def test_without_the_second_factor_staff_see_nobody(people, world):
    """Every route of the clinic, for a password alone: no byte of a patient, and for its twin who is signed in the patient's name."""
    facts = world.facts_of(account("patient", "maria")["username"])
    for person, step in ((account("billing-office"), "/sign-in/second-factor"), (account("clinician"), "/sign-in/code")):
        page = people.window(CLINIC)
        try_to_sign_in(page, person["username"], person["password"])
        assert page.url.endswith(step)
        for route in registered()[CLINIC] - OPEN:
            path = route.replace("/patients/:id", facts.chart).replace("/results/:result", facts.result("LDL"))
            answer = page.request.get(path, max_redirects=0)
            assert (answer.status, answer.headers["location"], answer.text()) == (303, step, ""), route
    entitled = people.signed_in(account("nurse"))
    assert "Alvarez" in entitled.request.get(facts.chart).text()


def test_a_code_is_asked_for_and_leads_to_the_page_that_was_wanted(people, world):
    facts = world.facts_of(account("patient", "maria")["username"])
    person = account("clinician")
    page = people.window(CLINIC)
    page.goto(facts.chart)
    assert "/sign-in?to=" in page.url
    page.fill("[name=username]", person["username"])
    page.fill("[name=password]", person["password"])
    follow_patiently(page, "main form button")
    page.fill("[name=code]", next_code(person["totp_secret"]))
    follow(page, "main form button")
    assert page.url == CLINIC + facts.chart


def test_a_patient_turns_codes_on_and_off(people):
    person = dict(account("patient", "rosa"))
    page, elsewhere = people.window(PORTAL), people.window(PORTAL)
    sign_in(page, person)
    sign_in(elsewhere, person)
    page.goto("/security")
    follow(page, "main a[href='/security/second-factor']")
    person["totp_secret"] = re.sub(r"\s", "", page.inner_text("main .value"))
    page.fill("[name=code]", code_at(person["totp_secret"], int(time.time() // 30)))
    follow(page, "main form button")
    codes = page.locator("main li.value").all_inner_texts()
    assert len(codes) == 10
    # Whoever was in with the password alone is out, at once.
    elsewhere.goto("/record")
    assert "/sign-in" in elsewhere.url
    again = people.window(PORTAL)
    try_to_sign_in(again, person["username"], person["password"])
    assert again.url.endswith("/sign-in/code")
    again.fill("[name=code]", codes[0])
    follow(again, "main form button")
    assert again.url == PORTAL + "/"
    # One signs the other out; it takes at most five seconds.
    again.goto("/security")
    follow(again, "main form[action='/security/sessions'] button >> nth=-1")
    end = time.monotonic() + 5
    while "/sign-in" not in page.url and time.monotonic() < end:
        page.goto("/record")
    assert "/sign-in" in page.url
    follow(again, "main form[action='/security/second-factor/remove'] button")
    assert "You sign in with your password alone" in again.inner_text("main")


def test_a_forgotten_password_is_replaced_by_a_code_from_the_mail(people):
    person, outside = dict(account("patient", "rosa")), Outside()
    page, elsewhere = people.window(PORTAL), people.window(PORTAL)
    sign_in(elsewhere, person)
    told = []
    for name in ("nobody.is.here@example.org", person["username"]):
        page.goto("/forgot")
        page.fill("[name=username]", name)
        follow(page, "main form button")
        told.append((page.url, page.inner_text("main")))
    assert told[0] == told[1] and "/reset?sent=1" in page.url
    mail = eventually(lambda: about_a_password(outside, person))[-1]
    text = mail.get_body(("plain",)).get_content()
    code = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", text).group(0)
    # Addresses are kept in logs and histories.
    assert code not in " ".join(re.findall(r"https?://\S+", text)) and code not in str(mail["subject"])
    page.fill("[name=code]", code)
    new_password(page, "eight calm otters on a raft")
    assert "/sign-in?reset=1" in page.url
    elsewhere.goto("/record")
    assert "/sign-in" in elsewhere.url
    sign_in(page, person | {"password": "eight calm otters on a raft"})
    # Back to the demo's, for those who come after.
    page.goto("/security")
    follow(page, "main a[href='/security/password']")
    new_password(page, person["password"])
    assert "done=password" in page.url
    sign_in(elsewhere, person)
    subjects = eventually(lambda: len(mails := about_a_password(outside, person)) > 2 and [str(mail["subject"]) for mail in mails])
    assert len(subjects) == 3 and len(set(subjects)) == 2, subjects


def about_a_password(outside, person):
    """Not those of visits, or of sign-in codes, that others caused a moment ago."""
    return [mail for mail in outside.mails(person["username"]) if re.search("password|contraseña", str(mail["subject"]))]


def new_password(page, password):
    for name in ("password", "password-again"):
        page.fill(f"[name={name}]", password)
    follow_patiently(page, "main form button")


def test_what_was_typed_is_there_after_signing_in_again(people):
    nurse = account("nurse")
    page = people.window(CLINIC)
    sign_in(page, nurse)
    page.goto("/patients")
    page.fill("main [name=q]", "moss")
    ask_database("UPDATE identity.session SET expires_idle = now() - interval '1 second' WHERE id = (SELECT id FROM identity.session"
                 " WHERE audience = 'clinic' AND ended_at IS NULL ORDER BY created_at DESC LIMIT 1)")
    time.sleep(5.5)  # as long as a gateway may remember
    follow(page, "main form button")
    assert "/sign-in?ended=1" in page.url
    page.fill("[name=username]", nurse["username"])
    page.fill("[name=password]", nurse["password"])
    follow_patiently(page, "main form button")
    give_codes(page, nurse)
    assert page.url.endswith("/resume") and "moss" in page.inner_text("main")
    follow(page, "main form button")
    assert "Moss, Peter" in page.inner_text("main")
