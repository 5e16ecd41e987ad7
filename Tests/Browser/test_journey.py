"""The journey: a patient reads the record and books, the clinic sees it, the patient cancels and leaves."""

import re
import time

import pypdf
import pytest
from conftest import CLINIC, DEMO, PORTAL, account, ask_database, book, cancel, choose_time, eventually, find_patient, follow, sign_in
from outside import Outside

MARIA = account("patient", "maria")


@pytest.fixture(scope="module")
def outside():
    return Outside()


@pytest.fixture(scope="module")
def maria(everyone):
    """One window for the whole journey."""
    context = everyone.browser.new_context(base_url=DEMO["portal"], locale="en-US", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    page = context.new_page()
    sign_in(page, MARIA)
    yield page
    context.close()


@pytest.fixture(scope="module")
def visit(maria, outside):
    """A booked visit: its address, and its day and time as the page says them."""
    # Far enough ahead for the reminder of the day before, at whatever hour this runs.
    choose_time(maria, place=3, days=3)
    address = maria.url
    assert "kept" in maria.inner_text("main").lower() or "keeping" in maria.inner_text("main")
    # The page of a held time says that nothing is booked yet.
    assert "Nothing is booked yet" in maria.inner_text("main")
    book(maria)
    words = maria.inner_text("main")
    assert "Your visit is booked" in words
    found = re.search(r"(\d{1,2}) (\w+) (\d{4}), (\d{1,2}:\d\d [ap]m) (\w[\w ]* time)", words)
    assert found, words
    day = time.strptime(" ".join(found.group(1, 2, 3)), "%d %B %Y")
    return {"address": address, "day": time.strftime("%Y-%m-%d", day), "time": found.group(4), "zone": found.group(5), "date": found.group(1, 2)}


def test_home_says_whose_record_it_is(maria):
    maria.goto("/")
    assert "Maria" in maria.inner_text("h1")
    assert "Maria Alvarez" in maria.inner_text("body") and "Sign out" in maria.inner_text("body")


def test_the_record_is_shown_whole(maria):
    maria.goto("/")
    follow(maria, "nav a[href='/record']")
    for part in ("conditions", "allergies", "medicines", "immunizations"):
        section = maria.locator(f"section[aria-labelledby={part}]")
        count = re.search(r"(\d+) of (\d+)", section.locator("h2").inner_text())
        assert count and count.group(1) == count.group(2), part
        assert section.locator("tbody tr, ul.rows > li").count() == int(count.group(1)), part
    assert "Essential hypertension" in maria.inner_text("main")


def test_a_result_has_a_graph_and_its_numbers(maria):
    maria.goto("/results")
    rows = maria.locator("main tbody tr")
    shown = [int(count) for count in re.findall(r"(\d+) of \d+", " ".join(maria.locator("main h2").all_inner_texts()))]
    assert rows.count() == sum(shown) > 0
    follow(maria, maria.locator("main a[href^='/results/']", has_text="LDL cholesterol"))
    graph = maria.locator("main svg[role=img]:has(> title)")
    assert graph.is_visible()
    title, story = graph.locator("> title").text_content(), graph.locator("> desc").text_content()
    assert title.strip() and story.strip()
    points = graph.locator("circle").count()
    assert points > 0 and maria.locator("main table tbody tr").count() >= 1
    name = graph.get_attribute("aria-labelledby").split()
    assert all(maria.locator(f"#{part}").count() == 1 for part in name)


def downloaded_pdf(page, button):
    """A file's name, what it says, and its root, once the browser has it on its disk."""
    with page.expect_download(timeout=60_000) as begun:
        page.locator(button).click()
    file = pypdf.PdfReader(begun.value.path())
    return begun.value.suggested_filename, re.sub(r"\s+", " ", " ".join(sheet.extract_text() for sheet in file.pages)), file.trailer["/Root"]


def test_record_and_visit_are_downloaded_as_pdf(maria):
    maria.goto("/record/download")
    name, words, root = downloaded_pdf(maria, "main form[action='/record/download/pdf'] button")
    assert name == "record.pdf" and "Maria Alvarez" in words and "Essential hypertension" in words
    assert root["/Lang"].startswith("en") and root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root
    maria.goto("/record")
    follow(maria, maria.locator("main a[href^='/record/visits/']").first)
    title = maria.inner_text("h1")
    name, words, root = downloaded_pdf(maria, "main a[href$='/pdf']")
    assert name == "visit.pdf" and "Maria Alvarez" in words and title in words and "/StructTreeRoot" in root


def test_the_booked_visit_is_among_the_visits(maria, visit):
    maria.goto("/visits")
    assert maria.locator(f"a[href='{re.sub('^.*//[^/]*', '', visit['address'])}']").count() == 1


def test_one_mail_and_one_text_confirm_it(outside, visit):
    appointment = visit["address"].rsplit("/", 1)[1]
    waiting = f"""
        SELECT count(*) FROM notifications.intent
        WHERE appointment = '{appointment}' AND kind = 'confirmation' AND state IN ('scheduled', 'claimed', 'unknown')"""

    def arrived():
        # Maria may book in other tests too, at other times.
        mails = [mail for mail in outside.mails(MARIA["username"]) if visit["time"] in mail.get_body(("plain",)).get_content()]
        return mails, [text for text in outside.texts() if visit["time"] in text["body"]]

    assert eventually(lambda: all(arrived()), 60), "nothing arrived within a minute"
    assert eventually(lambda: ask_database(waiting) == ["0"], 60), "a confirmation is still to be sent"
    mails, texts = arrived()
    assert (len(mails), len(texts)) == (1, 1), [str(mail["subject"]) for mail in mails] + [text["body"] for text in texts]
    body = mails[0].get_body(("plain",)).get_content()
    for word in (visit["time"], visit["zone"], *visit["date"]):
        assert word in body, (word, body)
    assert mails[0]["message-id"] and mails[0]["date"]
    assert visit["time"] in texts[0]["body"]
    for place in (str(mails[0]["subject"]), body, texts[0]["body"]):
        for diagnosis in ("hypertension", "diabetes", "cholesterol", "asthma"):
            assert diagnosis not in place.lower()


def test_a_reminder_is_planned(visit):
    appointment = visit["address"].rsplit("/", 1)[1]
    query = f"SELECT kind || ' ' || state || ' ' || rule FROM notifications.intent WHERE appointment = '{appointment}' ORDER BY 1"
    rows = eventually(lambda: [row for row in ask_database(query) if row.startswith("reminder")], 10)
    assert rows, "no reminder"
    # The others are rules this kind of visit does not have, which is looked at when they are due.
    usual = [row for row in rows if row.endswith("day-before")]
    assert usual and all(row.split()[1] == "scheduled" for row in usual), rows


class TestInTheClinic:
    def test_the_patient_is_found_by_name_and_by_birth_date(self, people, visit):
        page = people.signed_in(account("nurse"))
        links = find_patient(page, "alvarez maria")
        assert "Alvarez, Maria" in links.all_inner_texts()
        row = page.locator("main tbody tr", has_text="Alvarez, Maria").first.inner_text()
        born = re.search(r"(\d{1,2}) (\w{3}) (\d{4})", row)
        typed = time.strftime("%Y-%m-%d", time.strptime(" ".join(born.groups()), "%d %b %Y"))
        assert "Alvarez, Maria" in find_patient(page, typed).all_inner_texts()

    def test_the_chart_is_the_same_record(self, people, maria):
        page = people.signed_in(account("nurse"))
        follow(page, find_patient(page, "alvarez maria"))
        page.wait_for_selector("section[aria-labelledby=problems]")
        chart = page.inner_text("main")
        maria.goto("/record")
        conditions = maria.locator("section[aria-labelledby=conditions] li .strong").all_inner_texts()
        assert conditions and all(condition in chart for condition in conditions)
        assert "Interaction check NOT DONE" in chart and "Alvarez, Maria" in page.inner_text("body")

    def test_the_booking_is_on_its_day(self, people, visit):
        page = people.signed_in(account("nurse"))
        page.goto(f"/?day={visit['day']}")
        line = page.locator("main ol.rows > li", has_text="Alvarez, Maria")
        assert line.count() >= 1 and visit["time"] in " ".join(line.all_inner_texts())


def test_the_patient_cancels(maria, visit):
    maria.goto(visit["address"])
    cancel(maria)
    assert "Your visit is cancelled" in maria.inner_text("h1")
    maria.goto(visit["address"])
    assert "Cancelled" in maria.inner_text("main") and maria.locator("a[href$='/cancel']").count() == 0


def test_after_signing_out_the_back_button_shows_nothing(maria, visit):
    maria.goto("/record")
    follow(maria, "form[action='/sign-out'] button >> visible=true")
    maria.wait_for_url(re.compile(r"/sign-in\?out=1"))
    assert "You are signed out" in maria.inner_text("main")
    maria.go_back()
    maria.wait_for_load_state()
    assert "hypertension" not in maria.content()
    maria.goto("/record")
    assert "/sign-in" in maria.url


def test_the_portal_can_be_kept_on_a_home_screen(people):
    """P14: Chromium finds nothing to complain of, and what it keeps says nothing of a patient."""
    for base, person in ((PORTAL, account("patient", "maria")), (CLINIC, account("nurse"))):
        page = people.signed_in(person)
        page.goto("/")
        found = page.context.new_cdp_session(page).send("Page.getAppManifest")
        assert found["url"] == base + "/manifest.webmanifest" and found["errors"] == []
        assert page.evaluate("navigator.serviceWorker.getRegistrations().then(all => all.length)") == 0
        assert page.evaluate("caches.keys().then(all => all.length)") == 0
