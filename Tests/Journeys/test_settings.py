"""What administrators set: a change is seen where it works, the second of two is told, and every one is in the history."""

import re
import struct
import uuid
import zlib

import pytest
from test_journey import DEMO, Browser, account, eventually, new_colleague


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


@pytest.fixture(scope="module")
def colleague(administrator):
    """Of their own, so that nobody else's sessions end."""
    browser, person = new_colleague(administrator, "Nina Bell, RN", "nurse")
    address = re.search(rf'href="(/accounts/[0-9a-f-]{{36}})"(?:(?!</tr>).)*{person["username"]}', administrator.ask("/accounts").text, re.S).group(1)
    return browser, person, address


class TestPeople:
    def test_a_changed_role_ends_sessions_and_is_in_the_history(self, administrator, colleague):
        browser, person, address = colleague
        assert browser.ask("/").status == 200
        first, second = administrator.ask(address), administrator.ask(address)
        fields = {"name": "Nina Bell, RN", "practitioner": "", "role": "nurse"}
        assert first.submit(address, **fields | {"name": "Nina Bell <b>"}).status == 303
        assert browser.ask("/").status == 200, "another name ends no session"
        told = second.submit(address, **fields | {"role": "front-desk"})
        assert told.status == 409 and "Nothing was overwritten" in told.words
        assert told.submit(address, **fields | {"role": "front-desk"}).status == 303
        assert eventually(lambda: browser.ask("/").status == 303, 6), "a session goes on with the role it had"
        history = administrator.ask(address).words
        history = history[history.index("What version 3 changed") :]
        assert "Nurse Front desk" in history and "Version 2:" in history and "Version 1: Nina Bell" in history, history

    def test_who_is_suspended_is_out_until_they_are_brought_back(self, administrator, colleague):
        _, person, address = colleague

        def signs_in():
            return Browser(DEMO["clinic"]).ask("/sign-in").submit("/sign-in", **person).status == 303

        fields = {"name": "Nina Bell, RN", "practitioner": "", "role": "front-desk"}
        assert signs_in()
        assert administrator.ask(address).submit(address, **fields, suspended="yes").status == 303
        assert not signs_in() and "Suspended" in administrator.ask("/accounts").words
        assert administrator.ask(address).submit(address, **fields).status == 303
        assert signs_in()

    def test_nobody_changes_their_own_role(self, administrator):
        own = account("administrator")["username"]
        address = re.search(rf'href="(/accounts/[0-9a-f-]{{36}})"(?:(?!</tr>).)*{own}', administrator.ask("/accounts").text, re.S).group(1)
        page = administrator.ask(address)
        assert "<select" not in page.text
        refused = page.submit(address, name="Boss", role="nurse")
        assert refused.status == 409 and "Another administrator has to do this" in refused.words
        assert administrator.ask("/settings").status == 200


class TestWorkplaces:
    def test_where_somebody_works_is_changed_over_what_was_read(self, administrator):
        username = account("clinician")["username"]
        account_of = re.search(rf'href="(/accounts/[0-9a-f-]{{36}})"(?:(?!</tr>).)*{username}', administrator.ask("/accounts").text, re.S).group(1)
        where = account_of + "/places"
        assert f'href="{where}"' in administrator.ask(account_of).text
        first, second = administrator.ask(where), administrator.ask(where)
        places = re.findall(r'name="place" value="([0-9a-f-]{36})"( checked)?', first.text)
        before = [place for place, checked in places if checked]
        assert len(places) > 1 and before, first.text
        assert first.submit(where, **{"place": [place for place, _ in places]}).status == 303
        told = second.submit(where, **{"place": before})
        assert told.status == 409 and "Nothing was overwritten" in told.words
        assert told.submit(where, **{"place": before}).status == 303
        history = administrator.ask(where).words
        assert "Where they work" in history[history.index("What version") :]


class TestPlaces:
    def test_a_place_is_changed_over_what_was_read(self, administrator):
        address = re.findall(r'href="(/settings/places/[0-9a-f-]{36})"', administrator.ask("/settings/places").text)[-1]
        first, second = administrator.ask(address), administrator.ask(address)
        names = ("name", "line", "city", "state", "postalCode", "phone", "zone")
        before = {name: re.search(rf'name="{name}"[^>]* value="([^"]*)"|value="([^"]*)"[^>]* name="{name}"', first.text) for name in names}
        before = {name: found.group(1) or found.group(2) or "" for name, found in before.items()}
        line = f"{uuid.uuid4().hex[:6]} Elm Street"
        assert first.submit(address, **before | {"line": line}).status == 303
        assert line in administrator.ask("/settings/places").words
        told = second.submit(address, **before | {"line": "Mine"})
        assert told.status == 409 and "Nothing was overwritten" in told.words
        wrong = administrator.ask(address).submit(address, **before | {"zone": "Mars/Olympus"})
        assert wrong.status == 422 and 'id="zone-error"' in wrong.text
        # Another zone is named with what it moves, and nothing is saved.
        named = administrator.ask(address).submit(address, **before | {"line": line, "zone": "Pacific/Auckland"})
        assert named.status == 422 and "Nothing is saved yet" in named.words and "Pacific/Auckland" in named.words
        assert before["zone"] in administrator.ask(address).text and named.text.count('name="told"') == 1
        assert administrator.ask(address).submit(address, **before).status == 303


class TestTexts:
    def logo(self):
        def chunk(name, content):
            return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

        pixels = zlib.compress((b"\0" + uuid.uuid4().bytes[:3] * 64) * 32)
        return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 32, 8, 2, 0, 0, 0)) + chunk(b"tEXt", b"Comment\0taken at home") \
            + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")

    def test_texts_and_logo_are_on_every_page(self, administrator):
        where = "/settings/clinic"
        page = administrator.ask(where)
        name = re.search(r'value="([^"]*)"[^>]*name="name"|name="name"[^>]*value="([^"]*)"', page.text)
        name = name.group(1) or name.group(2)
        mark = uuid.uuid4().hex[:8]
        words = {"name": name, "emergency-en": f"Ring {mark} <now>.", "emergency-es": f"Llame a {mark}.", "welcome-en": f"Welcome {mark}", "welcome-es": mark,
                 "logoAlt": "An elm", "phone": "", "closing-en": "", "closing-es": ""}
        for content, why in ((b"<svg onload='alert(1)'>", "neither a PNG nor a JPEG"), (b"\x89PNG\r\n\x1a\n" + bytes(100_000), "at most 100 kB")):
            refused = page.submit(where, file=("logo", "logo.png", content), **words)
            assert refused.status == 422 and why in refused.words and 'id="logo-error"' in refused.text
        assert page.submit(where, file=("logo", "logo.png", self.logo()), **words, submission=str(uuid.uuid4())).status == 303
        portal, spanish = Browser(DEMO["portal"]), Browser(DEMO["portal"], "es")
        shown = eventually(lambda: mark in (found := portal.ask("/sign-in")).text and found, 40)
        assert f"Ring {mark} &lt;now&gt;." in shown.text and f"Welcome {mark}" in shown.words and "call 911" not in shown.text
        assert f"Llame a {mark}." in spanish.ask("/sign-in").text
        picture = re.search(r'<img src="(/assets/logo/[0-9a-f]{64})" width="64" height="32" alt="An elm"', shown.text).group(1)
        for browser in (portal, Browser(DEMO["clinic"])):
            got = eventually(lambda: (found := browser.ask(picture)).status == 200 and found, 40)
            assert got.headers["Content-Type"] == "image/png" and "immutable" in got.headers["Cache-Control"]
            assert got.content.startswith(b"\x89PNG") and b"taken at home" not in got.content
        # Taken away again; the history says what was there.
        page = administrator.ask(where)
        told = page.submit(where, **words | {"version": "0"})
        assert told.status == 409 and "Nothing was overwritten" in told.words
        plain = {key: "" for key in words} | {"name": name, "no-logo": "yes", "submission": str(uuid.uuid4())}
        assert page.submit(where, **plain).status == 303
        history = administrator.ask(where).words
        history = history[history.index("What version") :]
        assert f"Ring {mark} <now>." in history and "64 × 32" in history and "The operator" in history
