"""A list that is longer than a page, walked by its links: every line is on one page, and on one only."""

import re
import uuid

from conftest import CLINIC, account, ask_database, follow

# More than a page has.
MANY = 23


def ids(page):
    return [found.removeprefix("ServiceRequest/") for found in page.locator("main li[data-fhir^='ServiceRequest/']").evaluate_all(
        "lines => lines.map(line => line.dataset.fhir)")]


def test_a_worklist_of_several_pages(world):
    page = world.window(account("clinician")["username"], "en", CLINIC)
    placed = set()
    for _ in range(MANY):
        page.goto(world.uninvited["chart"] + "/orders/new")
        page.fill("[name=what]", f"⟪Test {uuid.uuid4().hex[:8]}⟫")
        page.locator("main form .btn").first.click()
        page.wait_for_url(re.compile(r"/orders/[0-9a-f-]{36}$"))
        placed.add(page.url.rsplit("/", 1)[1])
    these = ", ".join(f"'{one}'" for one in placed)
    ask_database(f"UPDATE records.open_order SET due_at = due_at - interval '1 year' WHERE id IN ({these})")
    try:
        page.goto("/worklist")
        links = "nav.pages[aria-label*='Orders without a result']"
        assert page.locator(links).count() == 1, page.inner_text("main")
        pages = int(re.search(r"Page 1 of (\d+)", page.inner_text(links)).group(1))
        assert pages >= 2 and page.locator(f"{links} a", has_text="Page before").count() == 0
        seen = ids(page)
        for number in range(2, pages + 1):
            follow(page, page.locator(f"{links} a", has_text="Next page"))
            assert page.url.endswith(f"overdue={number}#overdue") and f"Page {number} of {pages}" in page.inner_text(links)
            assert ids(page), "a page with nothing on it"
            seen += ids(page)
        assert page.locator(f"{links} a", has_text="Next page").count() == 0
        assert placed <= set(seen) and len(seen) == len(set(seen)), "a line is on no page, or on two"
        last = ids(page)
        # Back by the link, and beyond the end by the address: the last page there is.
        follow(page, page.locator(f"{links} a", has_text="Page before"))
        assert f"Page {pages - 1} of {pages}" in page.inner_text(links) and ids(page) != last
        page.goto("/worklist?overdue=999")
        assert ids(page) == last
    finally:
        ask_database(f"UPDATE records.open_order SET due_at = due_at + interval '1 year' WHERE id IN ({these})")
