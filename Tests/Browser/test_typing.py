"""A note that is typed survives its tab, and the service that keeps it."""

import os
import re
import signal

import pytest
from conftest import HOME, account, eventually, find_patient, follow

SECONDS = 5.0


@pytest.fixture
def note(people):
    """A note the clinician writes, open in a window."""
    page = people.signed_in(account("clinician"))
    chart = find_patient(page, "alvarez maria").first.get_attribute("href")
    page.goto(chart + "/encounters/new")
    page.fill("[name=reason]", "Typing")
    follow(page, "main form .btn")
    if page.url.endswith("/encounters"):  # one is open already
        follow(page, "[role=alert] a")
    assert re.search("/encounters/[0-9a-f-]{36}$", page.url)
    yield page


def typed(page, text):
    """As people do: letter by letter, without leaving the field."""
    page.locator("[name=plan]").fill("")
    page.locator("[name=plan]").press_sequentially(text, delay=5)


def status(page):
    return page.inner_text("[data-autosave-status]")


def kept(people, url):
    """What another window shows; nothing while the service is away."""
    page = people.signed_in(account("clinician"))
    answer = page.goto(url)
    text = page.input_value("[name=plan]") if answer.status == 200 else None
    page.close()
    return text


def test_a_closed_tab_loses_at_most_five_seconds(people, note):
    url = note.url
    typed(note, "Rest, and come back in a week")
    note.wait_for_timeout(SECONDS * 1000 + 1000)
    # Typed within the last seconds: this may be lost, what came before may not.
    note.locator("[name=plan]").press_sequentially(" or two")
    note.close(run_before_unload=False)
    assert kept(people, url).startswith("Rest, and come back in a week")


def test_a_killed_service_loses_nothing_that_is_on_the_page(people, note):
    url = note.url
    typed(note, "First line")
    note.wait_for_timeout(SECONDS * 1000 + 1000)
    before = status(note)
    os.kill(int((HOME / "service/records/supervise/pid").read_text()), signal.SIGKILL)
    typed(note, "First line and second line")
    # It says so while it cannot be kept, and keeps it by itself once it can.
    assert eventually(lambda: kept(people, url) == "First line and second line", 40)
    assert before


def test_two_windows_do_not_overwrite_each_other(people, note):
    other = people.signed_in(account("clinician"))
    other.goto(note.url)
    typed(note, "From the first window")
    note.locator("[name=history]").focus()
    eventually(lambda: kept(people, note.url) == "From the first window", 20)
    typed(other, "From the second window")
    follow(other, "main form.editor .btn-plain")
    assert "saved in another window" in other.inner_text("[role=alert]")
    # What was typed is still there to be copied.
    assert other.input_value("[name=plan]") == "From the second window"
    assert kept(people, note.url) == "From the first window"


def test_a_phrase_is_written_out_as_its_name_is_typed(people, note):
    """U7; the caret stays behind it, and what is no phrase stays as it is."""
    url = note.url
    note.goto("/favourites")
    note.fill("[name=name]", "rest")
    note.fill("[name=text]", "Rest, fluids.\nBack in a week.")
    follow(note, "main form.card .btn")
    note.goto(url)
    typed(note, "Plan: .rest and .nothing .5 x.rest ")
    assert note.input_value("[name=plan]") == "Plan: Rest, fluids.\nBack in a week. and .nothing .5 x.rest "
    note.wait_for_timeout(SECONDS * 1000 + 1000)
    assert "Back in a week" in kept(people, url)


def test_a_phrase_is_written_out_by_the_button_where_there_are_no_scripts(people, note):
    plain = people.signed_in(account("clinician"), java_script_enabled=False)
    plain.goto("/favourites")
    plain.fill("[name=name]", "fluids")
    plain.fill("[name=text]", "Two litres a day.")
    follow(plain, "main form.card .btn")
    plain.goto(note.url)
    plain.fill("[name=plan]", "Plan: .fluids")
    follow(plain, "main form.editor .btn-plain")
    assert plain.input_value("[name=plan]") == "Plan: Two litres a day."
