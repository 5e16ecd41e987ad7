"""The work of every day by keys alone: a script presses them, a word or text typed into a field counts as one, and says how many it took."""

import datetime
import re

import pytest
from conftest import account, book, cancel, choose_time, find_patient, follow

pytestmark = pytest.mark.beside

BANNER = ".patient"


class Keyboard:
    """Nothing but keys. Whatever is typed goes where the focus is."""

    def __init__(self, page, capsys):
        self.page, self.pressed, self.session, self.capsys = page, [], page.context.new_cdp_session(page), capsys

    def press(self, key):
        if key.startswith("Alt+"):
            # What the key alone would write is what Chromium finds an access key by; Playwright's own keyboard leaves it out.
            letter = key[-1]
            event = {"modifiers": 1, "key": letter, "unmodifiedText": letter, "windowsVirtualKeyCode": ord(letter.upper())}
            self.session.send("Input.dispatchKeyEvent", {"type": "keyDown", **event})
            self.session.send("Input.dispatchKeyEvent", {"type": "keyUp", **event})
        else:
            self.page.keyboard.press(key)
        self.pressed.append(key)

    def go(self, key):
        """A press that another page follows."""
        with self.page.expect_navigation():
            self.press(key)

    def type(self, text):
        self.page.keyboard.type(text)
        self.pressed.append("…")

    def tab_to(self, target, atMost=12):
        """However often it takes; every press is counted."""
        for _ in range(atMost):
            if self.page.evaluate("target => document.activeElement.matches(target)", target):
                return
            self.press("Tab")
        assert self.page.evaluate("target => document.activeElement.matches(target)", target), f"{target} is not reached by Tab: {self.page.url}"

    def told(self, task, atMost):
        with self.capsys.disabled():
            print(f"\n{task}: {len(self.pressed)} presses: {' '.join(self.pressed)}")
        assert len(self.pressed) <= atMost, (task, self.pressed)
        self.pressed = []


@pytest.fixture
def keys(people, capsys):
    return Keyboard(people.signed_in(account("clinician")), capsys)


def open_chart(keys, who):
    keys.press("Alt+f")
    keys.type(who)
    keys.go("Enter")
    keys.go("Alt+1")
    assert re.search(r"/patients/[0-9a-f-]{36}$", keys.page.url)


def test_a_patient_is_found_and_the_chart_opened(world, keys):
    open_chart(keys, world.newcomer["name"])
    assert world.newcomer["name"] in keys.page.inner_text("body")
    keys.told("Find a patient and open the chart (U1, U4)", 5)


def test_a_routine_note_is_written_and_signed(world, keys):
    open_chart(keys, world.newcomer["name"])
    keys.go("Alt+n")
    keys.type("⟪Cough for three days⟫")
    keys.go("Enter")
    for field, text in (("history", "⟪Dry cough, no fever.⟫"), ("findings", "⟪Chest clear.⟫"), ("assessment", "⟪Viral cough.⟫"), ("plan", "⟪Fluids, rest.⟫")):
        keys.tab_to(f"[name={field}]", 2)
        keys.type(text)
    keys.tab_to("[formaction$='/sign']", 6)
    keys.go("Enter")
    assert "signed=1" in keys.page.url and "Viral cough." in keys.page.inner_text("main article")
    keys.told("A routine note, from home to signed (U3, U4)", 25)


def test_a_renewal_is_given(people, keys):
    patient = people.signed_in(account("patient", "maria"))
    patient.goto("/medicines")
    # One that the demo's sample table knows: where a check is not done, a reason is asked for.
    patient.locator("main details:has(form[action$='/renew']) summary", has_text="metformin").press("Enter")
    follow(patient, "main details[open] form[action$='/renew'] button")
    keys.go("Alt+w")
    waiting = keys.page.locator("main form[action*='/worklist/renewals/']").count()
    assert waiting, "nobody waits for a renewal"
    keys.go("Alt+y")
    keys.told("A renewal, from home (U3)", 3)
    assert keys.page.locator("main form[action*='/worklist/renewals/']").count() == waiting - 1, keys.page.inner_text("main")


def test_two_charts_are_open_and_each_note_is_signed_for_its_own(world, keys, capsys):
    """U5: what is written while another chart is opened stays with its patient; a note that was open for long asks whose it is."""
    other = Keyboard(keys.page.context.new_page(), capsys)
    other.page.goto("/")
    charts = []
    for window, person, words in ((keys, world.newcomer, "⟪Ankle twisted on the stairs.⟫"), (other, world.uninvited, "⟪Ears washed out.⟫")):
        open_chart(window, person["name"])
        charts.append((window, person, words, window.page.url))
        window.go("Alt+n")
        window.type("⟪Two at once⟫")
        window.go("Enter")
    colours = [window.page.locator(BANNER).evaluate("it => getComputedStyle(it).borderBottomColor") for window, _, _, _ in charts]
    assert colours[0] != colours[1], "two open charts have one colour"
    # The first is written when the second is the one that was opened last.
    for window, person, words, _ in charts:
        window.tab_to("[name=history]", 2)
        window.type(words)
        window.tab_to("[name=plan]", 4)
        window.type("⟪Rest.⟫")
        assert person["name"] in window.page.inner_text(BANNER)
        # As if it had been open for half an hour, behind another.
        window.page.evaluate("document.querySelector('[name=opened]').value -= 31 * 60")
        window.tab_to("[formaction$='/sign']", 7)
        window.go("Enter")
        asked = window.page.locator("main [role=alert]")
        assert person["name"] in asked.inner_text() and "signed=1" not in window.page.url
        assert window.page.locator("[name=history]").input_value() == words, "what was typed is lost"
        button = window.page.locator("[formaction$='/sign']")
        assert person["name"] in button.inner_text()
        window.tab_to("[formaction$='/sign']", 9)
        window.go("Enter")
        assert "signed=1" in window.page.url and words in window.page.inner_text("main article")
    pressed = keys.pressed + other.pressed
    for window, person, words, chart in charts:
        assert window.page.url.startswith(chart), "a note is in the other chart"
        stranger = charts[1][2] if words == charts[0][2] else charts[0][2]
        assert stranger not in window.page.inner_text("main")
    keys.pressed = pressed
    keys.told("Two charts open, a note for each, whose it is said again (U5)", 56)


def test_a_visit_is_booked_on_the_phone(people, world, capsys):
    """From home: the patient found, who it is and when they come on one page, and the soonest time booked."""
    desk = Keyboard(people.signed_in(account("front-desk")), capsys)
    desk.page.goto("/")
    open_chart(desk, world.uninvited["name"])
    desk.go("Alt+p")
    assert desk.page.locator("#who, #next, #open, #book").count() == 4 and world.uninvited["name"] in desk.page.inner_text(BANNER)
    desk.go("Alt+s")
    assert "done=booked" in desk.page.url, desk.page.inner_text("main")
    desk.told("A visit booked on the phone, from home", 6)
    follow(desk.page, "main form[action$='/cancel'] button")


def test_the_desk_moves_between_days_and_opens_a_booking(people, capsys):
    """U2, as far as the desk's day goes: another day and back, a booking found in it; what the patient cancels leaves it."""
    patient = people.signed_in(account("patient", "peter"))
    day = choose_time(patient, 2, days=2)["day"]
    book(patient)
    name = " ".join(account("patient", "peter")["username"].split("@")[0].split("."))
    patients = find_patient(people.signed_in(account("nurse")), name).first.get_attribute("href")
    desk = Keyboard(people.signed_in(account("front-desk")), capsys)
    away = (datetime.date.fromisoformat(day) - datetime.date.fromisoformat(today(desk.page))).days
    for _ in range(away):
        desk.go("Alt+a")
    assert f"day={day}" in desk.page.url
    desk.told(f"To a day {away} days ahead (U2)", away)
    desk.tab_to(f"main ol.rows a[href='{patients}']", 60)
    desk.go("Enter")
    assert desk.page.url.endswith(patients) and desk.page.locator("main section").count()
    desk.told("A booking of that day, opened (U2)", 62)
    desk.page.goto(f"/?day={day}")
    there = desk.page.locator(f"main ol.rows a[href='{patients}']").count()
    cancel(patient)
    desk.go("Alt+b")
    desk.go("Alt+a")
    assert desk.page.locator(f"main ol.rows a[href='{patients}']").count() == there - 1
    desk.go("Alt+t")
    assert "day=" not in desk.page.url
    desk.told("The day before, back, today (U2)", 3)


def today(page):
    """By the clinic's clock: the day before tomorrow."""
    link = page.locator("nav a[accesskey=a]").get_attribute("href")
    return (datetime.date.fromisoformat(link.rsplit("=", 1)[1]) - datetime.timedelta(1)).isoformat()
