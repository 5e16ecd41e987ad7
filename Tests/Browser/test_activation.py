"""From the invitation in the clinic to the first look at one's own record."""

import re

import pytest
from conftest import PASSWORD, PORTAL, account, activate, eventually, find_patient, follow, import_newcomer, invite, sign_in

pytestmark = pytest.mark.beside


def test_an_invited_patient_opens_an_account_and_reads_the_record(people, world):
    newcomer = world.newcomer
    page = people.window(PORTAL)
    sign_in(page, newcomer)
    assert newcomer["given"] in page.inner_text("h1")
    page.goto("/record")
    assert f"{newcomer['given']} {newcomer['name']}" in page.inner_text("body")
    # Nothing written about allergies is not the same as none.
    assert "That does not mean you have none" in page.inner_text("main")


def test_whoever_has_an_account_gets_no_second_code(people, world):
    newcomer = world.newcomer
    page = people.signed_in(account("nurse"))
    page.goto(newcomer["chart"] + "/invite")
    follow(page, "main form button")
    assert "already has an account" in page.inner_text("main")
    assert not re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", page.inner_text("main"))


def test_a_used_code_and_a_wrong_birth_date_are_refused_alike(people, world):
    newcomer = world.newcomer
    texts = []
    for changes in ({}, {"birth_date": "1984-03-01"}, {"code": "AAAA-AAAA-AAAA"}):
        page = people.window(PORTAL)
        person = newcomer | {"username": "someone.else@example.org"} | changes
        activate(page, person)
        page.wait_for_selector("[role=alert]")
        texts.append(page.inner_text("[role=alert]"))
        # What was typed is kept, but for the passwords.
        assert page.input_value("[name=code]") == person["code"] and page.input_value("[name=password]") == ""
        assert page.get_attribute("[name=code]", "aria-invalid") == "true"
    assert texts[0] == texts[1] == texts[2]


def test_a_later_code_ends_the_one_before(people, tmp_path):
    person = import_newcomer(tmp_path)
    page = people.signed_in(account("nurse"))
    assert eventually(lambda: find_patient(page, person["name"]).first.is_visible(), 20)
    chart = find_patient(page, person["name"]).first.get_attribute("href")
    codes = [invite(page, chart), invite(page, chart)]
    assert codes[0] != codes[1]
    window = people.window(PORTAL)
    person |= {"username": f"{person['name'].lower()}@example.org", "password": PASSWORD}
    activate(window, person | {"code": codes[0]})
    window.wait_for_selector("[role=alert]")
    activate(window, person | {"code": codes[1]})
    window.wait_for_url(re.compile("activated=1"))
