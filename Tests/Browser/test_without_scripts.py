"""Everything works without JavaScript: there is none to need."""

from conftest import CLINIC, PORTAL, account, book, cancel, choose_time, find_patient, follow, sign_in


def test_a_patient_signs_in_reads_books_and_leaves(people):
    page = people.window(PORTAL, java_script_enabled=False)
    sign_in(page, account("patient", "joe"))
    for path in ("/record", "/results", "/visits"):
        assert page.goto(path).status == 200
    page.goto("/results")
    follow(page, "main a[href^='/results/']")
    assert page.locator("main svg[role=img]").count() >= 1
    choose_time(page, place=5)
    book(page)
    assert "Your visit is booked" in page.inner_text("h1")
    cancel(page)
    follow(page, "form[action='/sign-out'] button >> visible=true")
    assert "You are signed out" in page.inner_text("main")


def test_a_nurse_finds_a_patient(people):
    page = people.window(CLINIC, java_script_enabled=False)
    sign_in(page, account("nurse"))
    follow(page, find_patient(page, "moss"))
    assert "Moss, Peter" in page.inner_text("body")
