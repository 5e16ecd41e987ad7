"""What administrators set: a change is seen where it works, the second of two is told, and every one is in the history."""

import re
import uuid

import pytest
from test_journey import DEMO, Browser, account


@pytest.fixture(scope="module")
def administrator():
    browser = Browser(DEMO["clinic"])
    browser.sign_in(account("administrator"))
    return browser


def lines(text):
    """As a browser sends what is in a field of several lines."""
    return text.replace("\n", "\r\n")


def value(page, name):
    return re.search(rf'<textarea[^>]*name="{name}"[^>]*>\n(.*?)</textarea>', page.text, re.S).group(1)


@pytest.fixture(scope="module")
def written(administrator):
    """A template for a reason that no other visit has."""
    title = f"Qz{uuid.uuid4().hex[:10]}"
    page = administrator.ask("/settings/templates/new")
    kept = page.submit("/settings/templates", title=title, reason=title, history=lines("Since when?\nHow often?"), plan="Rest", instructions="Drink")
    assert kept.status == 303, kept.words
    page = administrator.ask(kept.headers["Location"])
    return title, re.search(rf'href="(/settings/templates/[0-9a-f-]{{36}})"[^>]*>{title}<', page.text).group(1)


@pytest.fixture(scope="module")
def where(administrator):
    page = administrator.ask("/settings/hours")
    return re.search(r'href="(/settings/hours/[^"]+)"', page.text[page.text.index('id="without"') :]).group(1)


class TestTemplates:
    def test_a_note_begins_with_it_and_loses_nothing(self, written):
        title, template = written
        nurse = Browser(DEMO["clinic"])
        nurse.sign_in(account("nurse"))
        found = nurse.ask("/patients").submit("/patients", q="alvarez maria")
        chart = re.search(r'"/patients/([0-9a-f-]{36})"', found.text).group(1)
        begun = nurse.ask(f"/patients/{chart}/encounters/new").submit(f"/patients/{chart}/encounters", reason=f"{title} since Monday", kind="AMB")
        where = begun.headers["Location"] or re.search(r'"(/patients/[0-9a-f-]{36}/encounters/[0-9a-f-]{36})"', begun.text).group(1)
        page = nurse.ask(where)
        key, revision = (re.search(rf'name="{name}" value="([^"]*)"', page.text).group(1) for name in ("form-key", "revision"))

        def insert(template, revision, **typed):
            form = {"form-key": key, "submission": str(uuid.uuid4()), "revision": revision, "template": template}
            return nurse.ask(f"{where}/template", form | typed)

        before = value(page, "plan")
        refused = insert("", revision, plan="Mine")
        assert refused.status == 422 and "Choose a template" in refused.words and value(refused, "plan") == "Mine"
        inserted = insert(template.rsplit("/", 1)[1], revision, history="Coughs", plan="Mine")
        assert inserted.status == 303, inserted.words
        page = nurse.ask(inserted.headers["Location"])
        assert re.split(r"\r?\n", value(page, "history")) == ["Coughs", "", "Since when?", "How often?"], before
        assert re.split(r"\r?\n", value(page, "plan")) == ["Mine", "", "Rest"] and value(page, "instructions") == "Drink"
        # A second window that saw less is told, and what it typed stays on its page.
        late = insert(template.rsplit("/", 1)[1], revision, plan="Typed elsewhere")
        assert late.status == 422 and value(late, "plan") == "Typed elsewhere"
        assert "Mine" in value(nurse.ask(where), "plan")

    def test_the_second_is_told_and_the_history_says_what_changed(self, administrator, written):
        title, template = written
        first, second = administrator.ask(template), administrator.ask(template)
        words = {"title": title, "reason": title, "history": "Since when?", "plan": "Rest", "instructions": "Drink"}
        assert first.submit(template, **words | {"plan": "Rest and <b>tea</b>"}).status == 303
        told = second.submit(template, **words | {"plan": "Mine"})
        assert told.status == 409 and "Nothing was overwritten" in told.words and value(told, "plan") == "Mine"
        page = administrator.ask(template)
        assert value(page, "plan") == "Rest and &lt;b&gt;tea&lt;/b&gt;"
        history = page.words[page.words.index("Changes") :]
        assert "Rest and <b>tea</b>" in history and "Version 1:" in history and "Drink" not in history
        # Told what is there, they may still want theirs.
        assert told.submit(template, **words | {"plan": "Mine"}).status == 303
        assert value(administrator.ask(template), "plan") == "Mine"
        assert "Rest and <b>tea</b>" in administrator.ask(template + "?version=2").words

    def test_what_is_wrong_is_said_at_its_field(self, administrator, written):
        page = administrator.ask("/settings/templates/new")
        empty = page.submit("/settings/templates", title="", history="Words")
        assert empty.status == 422 and 'id="title-error"' in empty.text and value(empty, "history") == "Words"
        taken = page.submit("/settings/templates", title=written[0].upper(), history="Words", submission=str(uuid.uuid4()))
        assert taken.status == 422 and "Another template has this title" in taken.words

    def test_nobody_else_gets_there(self, written):
        for role in ("nurse", "clinician", "front-desk"):
            browser = Browser(DEMO["clinic"])
            browser.sign_in(account(role))
            nothing = browser.ask("/nothing/is/here")
            for path in ("/settings", "/settings/templates", "/settings/templates/new", written[1]):
                page = browser.ask(path)
                assert (page.status, page.words) == (404, nothing.words), (role, path)


class TestHours:
    """Of a clinician at a place where they have none, years from now: nobody else's bookings are near."""

    def test_hours_are_kept_changed_and_shown_as_a_difference(self, administrator, where):
        week = {f"day-{day}": "" for day in range(1, 8)} | {"day-1": "9:00-12:30, 13:00-17:00"}
        fields = week | {"zone": "America/Chicago", "service": "office-visit", "from": "2031-01-06", "until": "2031-02-28", "notice": "60"}
        page = administrator.ask(where)
        wrong = page.submit(where, **fields | {"zone": "Mars/Olympus"})
        assert wrong.status == 422 and 'id="zone-error"' in wrong.text and "9:00-12:30, 13:00-17:00" in wrong.text
        wrong = page.submit(where, **fields | {"day-1": "nine to five"})
        assert wrong.status == 422 and 'id="day-1-error"' in wrong.text
        first, second = administrator.ask(where), administrator.ask(where)
        assert first.submit(where, **fields).status == 303
        told = second.submit(where, **fields | {"day-1": "08:00-10:00"})
        assert told.status == 409 and "Nothing was overwritten" in told.words
        assert told.submit(where, **fields | {"zone": "America/New_York", "day-1": "08:00-10:00"}).status == 303
        history = administrator.ask(where).words
        history = history[history.index("What version 2 changed") :]
        assert "America/Chicago America/New_York" in history and "09:00-12:30, 13:00-17:00 08:00-10:00" in history and "Tuesday" not in history
