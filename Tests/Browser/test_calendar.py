"""A visit that is dragged to another hour: where there is room is seen before it is let go, and nothing moves before the time is chosen."""

import re

from conftest import account, book, cancel, choose_time, follow


def middle(element):
    box = element.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + min(box["height"] / 2, 12)


def drag(page, to):
    """Over it, and a little further: what enters a cell has not yet moved over it."""
    x, y = middle(to)
    page.mouse.move(x, y, steps=4)
    page.mouse.move(x + 2, y + 2)


def test_where_a_visit_fits_is_seen_while_it_is_dragged(people):
    joe, desk = people.signed_in(account("patient", "joe")), people.signed_in(account("front-desk"))
    chosen = choose_time(joe, days=4)
    book(joe)
    visit = re.search(r"/visits/([0-9a-f-]{36})", joe.url).group(1)
    desk.set_viewport_size({"width": 1280, "height": 3000})
    desk.goto(f"/calendar?day={chosen['day']}")
    box = desk.locator(f"main table.day a[href$='/visits/{visit}']")
    minutes, told = int(box.get_attribute("data-m")), desk.locator("[data-fits]")
    help = told.inner_text()
    free = desk.locator("main table.day td[data-free]:not(:has(.slot-box))").first
    free.evaluate("cell => cell.dataset.free = 60")
    full = desk.locator("main table.day td[data-free]:not(:has(.slot-box))").nth(1)
    full.evaluate("(cell, minutes) => cell.dataset.free = minutes - 1", minutes)
    box.scroll_into_view_if_needed()
    desk.mouse.move(*middle(box))
    desk.mouse.down()
    drag(desk, full)
    desk.wait_for_function("told => told.textContent === told.dataset.taken", arg=told.element_handle())
    assert "is-away" in full.get_attribute("class")
    drag(desk, free)
    desk.wait_for_function("told => told.textContent === told.dataset.fits", arg=told.element_handle())
    assert "is-away" not in (free.get_attribute("class") or "")
    with desk.expect_navigation():
        desk.mouse.up()
    assert re.search(rf"/visits/{visit}/move\?with=Practitioner/[0-9a-f-]+&from={chosen['day']}", desk.url), desk.url
    # Let go where there is no room, it stays where it is; and so it does until a time is chosen.
    desk.goto(f"/calendar?day={chosen['day']}")
    full = desk.locator("main table.day td[data-free]:not(:has(.slot-box))").nth(1)
    full.evaluate("cell => cell.dataset.free = 0")
    desk.mouse.move(*middle(box))
    desk.mouse.down()
    drag(desk, full)
    desk.mouse.up()
    desk.wait_for_function("([told, help]) => told.textContent === help", arg=[told.element_handle(), help])
    assert box.count() == 1 and "/calendar" in desk.url
    joe.goto(f"/visits/{visit}")
    cancel(joe)
