"""Signing in by a passkey, with an authenticator that Chromium plays: added with the password known, used without, taken away."""

import re

from conftest import CLINIC, PORTAL, account, follow, sign_in


def authenticator(page, verifies=True):
    """A device that opens by a finger; `verifies`: whether it is its owner's."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable", {"enableUI": False})
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": verifies,
               "automaticPresenceSimulation": True}
    return session, session.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def add_passkey(page, label):
    page.goto("/security")
    page.fill("[name=label]", label)
    follow(page, "form[data-passkey=add] button")


def out(page):
    page.request.post("/sign-out", form={"form-key": page.locator("[name=form-key]").first.get_attribute("value")},
                      headers={"Sec-Fetch-Site": "same-origin"})
    page.context.clear_cookies()


def enter(page, to="/"):
    page.goto(f"/sign-in?to={to}")
    follow(page, "form[data-passkey=use] button")


def test_a_patient_signs_in_without_typing(people):
    # Taking a passkey away ends the other sessions: nobody else signs in as Rosa for long.
    person = account("patient", "rosa")
    page = people.window(PORTAL)
    session, device = authenticator(page)
    sign_in(page, person)
    add_passkey(page, "My phone")
    assert "passkey-added" in page.url and "My phone" in page.inner_text("main")
    out(page)
    enter(page, "/visits")
    assert page.url.endswith("/visits"), page.inner_text("main")
    # The finger of somebody else: the page says so, and nobody is in.
    out(page)
    session.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.goto("/sign-in")
    page.click("form[data-passkey=use] button")
    page.wait_for_function("() => document.querySelector('form[data-passkey=use] [role=status]').textContent !== ''")
    session.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    enter(page)
    page.goto("/security")
    follow(page, "main form[action='/security/passkeys/remove'] button")
    assert "passkey-removed" in page.url and "My phone" not in page.inner_text("main")
    out(page)
    enter(page)
    assert page.locator("[role=alert]").count() and "/sign-in" in page.url


def test_staff_need_no_code_with_one(people):
    page = people.window(CLINIC)
    authenticator(page)
    sign_in(page, account("nurse"))
    add_passkey(page, "Ward tablet")
    out(page)
    enter(page)
    assert re.search(r"://[^/]+/$", page.url)
    # A patient's page has never heard of it.
    page.goto(f"{PORTAL}/sign-in")
    follow(page, "form[data-passkey=use] button")
    assert page.locator("[role=alert]").count()


def test_without_the_script_there_is_no_such_button(people):
    page = people.window(PORTAL, java_script_enabled=False)
    page.goto("/sign-in")
    assert not page.locator("form[data-passkey] button").is_visible() and page.locator("main [name=password]").is_visible()
