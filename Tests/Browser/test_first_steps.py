"""Somebody new tries things on a practice patient, and sees them ticked. Without JavaScript: nothing here needs any."""

import re
import time

from conftest import CLINIC, account, ask_database, eventually, find_patient, follow, sign_in

NOBODY = "Practice patient – not a real person"
LIST = "section[aria-labelledby=first-steps]"


def newcomer(people, role):
    """Somebody of whom the trail says nothing yet."""
    who = account(role)
    page = people.window(CLINIC, java_script_enabled=False)
    sign_in(page, who)
    # What they did in other tests is copied by then.
    time.sleep(3)
    person = f"(SELECT id FROM identity.account WHERE username = '{who['username']}')"
    for table in ("first_done", "first_steps_away"):
        ask_database(f"DELETE FROM audit.{table} WHERE account = {person}")
    return page


def ticked(page):
    page.goto("/")
    return [line.locator("a").inner_text() for line in page.locator(f"{LIST} li").all() if line.locator(".tag-ok").count()]


def step(page, text):
    return page.locator(f"{LIST} li a", has_text=text)


def test_a_clinician_does_two_things_and_sees_them_ticked(people):
    page = newcomer(people, "clinician")
    # Signing in looked at no chart.
    assert ticked(page) == [] and page.locator(f"{LIST} li").count() == 5
    assert page.locator(f"{LIST} li.now a").inner_text() == "Find a patient"
    follow(page, step(page, "Read a chart"))
    assert "Practice, Clara" in page.inner_text(".patient") and NOBODY in page.inner_text(".patient")
    chart = page.url
    # A click is not it: the form that is opened and left ticks nothing.
    page.goto("/")
    follow(page, step(page, "Order a test"))
    assert page.url == f"{chart}/orders/new" and NOBODY in page.inner_text(".patient")
    assert eventually(lambda: ticked(page) == ["Read a chart"], 20), ticked(page)
    follow(page, find_patient(page, "practice clara"))
    assert page.url == chart
    assert eventually(lambda: ticked(page) == ["Find a patient", "Read a chart"], 20), ticked(page)
    assert page.locator(f"{LIST} li.now a").inner_text() == "Write and sign a note"


def test_the_list_is_put_away_for_good_and_brought_back(people):
    page = newcomer(people, "front-desk")
    assert page.goto("/").status == 200
    follow(page, step(page, "See when a patient comes"))
    assert "Practice, Frank" in page.inner_text(".patient") and NOBODY in page.inner_text(".patient")
    assert eventually(lambda: ticked(page) == ["See when a patient comes"], 20)
    follow(page, "form[action='/first-steps'] button")
    assert page.url == f"{CLINIC}/" and page.locator(LIST).count() == 0
    follow(page, "form[action='/sign-out'] button >> visible=true")
    sign_in(page, account("front-desk"))
    assert page.locator(LIST).count() == 0
    page.goto("/?lang=es")
    assert "Mostrar los primeros pasos" in page.inner_text("main")
    follow(page, "form[action='/first-steps'] button")
    assert re.search("Primeros pasos", page.inner_text(LIST)) and page.locator(f"{LIST} .tag-ok").count() == 1
    page.goto("/?lang=en")


def test_each_role_with_a_chart_to_try_has_one_of_its_own(people):
    """The same words wherever it is shown: where patients are found, and on each page of the chart."""
    page = people.signed_in(account("nurse"))
    page.goto("/patients")
    find_patient(page, "practice")
    rows = page.locator("main tbody tr")
    assert rows.count() == 4 and rows.filter(has_text=NOBODY).count() == 4
    for role, name in (("nurse", "Nora"), ("administrator", "Ada")):
        page = people.signed_in(account(role))
        if page.locator(LIST).count():
            assert f"Practice, {name}" in page.inner_text(LIST)
