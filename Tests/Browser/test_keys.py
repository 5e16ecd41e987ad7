"""The work of every day by keys alone: a script presses them, a word or text typed into a field counts as one, and says how many it took."""

import re

import pytest
from conftest import account, follow


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
    keys.tab_to("[formaction$='/sign']", 3)
    keys.go("Enter")
    assert "signed=1" in keys.page.url and "Viral cough." in keys.page.inner_text("main article")
    keys.told("A routine note, from home to signed (U3, U4)", 25)


def test_a_renewal_is_given(people, keys):
    patient = people.signed_in(account("patient", "maria"))
    patient.goto("/medicines")
    patient.locator("main details:has(form[action$='/renew']) summary").first.press("Enter")
    follow(patient, "main details[open] form[action$='/renew'] button")
    keys.go("Alt+w")
    waiting = keys.page.locator("main form[action*='/worklist/renewals/']").count()
    assert waiting, "nobody waits for a renewal"
    keys.go("Alt+y")
    keys.told("A renewal, from home (U3)", 3)
    assert keys.page.locator("main form[action*='/worklist/renewals/']").count() == waiting - 1
