"""Every page of both gateways: readable by everyone, on a phone and a desk, by day and by night, in both languages, and small."""

import functools
import os
import pathlib

import axe_playwright_python
import pytest
from conftest import CLINIC, PORTAL, account
from places import PLACES, is_at, registered
from world import path_of

AXE = (pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
# What a colour theme can break; all else is the same by day and by night.
COLOURS = ["color-contrast", "link-in-text-block"]
MOST_BYTES = 100_000
LONG = bool(os.environ.get("CHARTLINE_LONG"))
FILLED = account("patient", "maria")["username"]


def test_every_route_is_among_the_places():
    routes = registered()
    for base in (PORTAL, CLINIC):
        assert routes[base] == {place.route for place in PLACES if place.base == base and place.route}


class Transfer:
    """Bytes that Chromium received for each document, with what it loads."""

    def __init__(self, page):
        self.documents, self.loaders, self.newest = {}, {}, None
        session = page.context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", self.begin)
        session.on("Network.loadingFinished", self.end)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def begin(self, event):
        self.loaders[event["requestId"]] = event["loaderId"]
        if event.get("type") == "Document":
            self.newest = event["loaderId"]

    def end(self, event):
        loader = self.loaders.get(event["requestId"])
        self.documents[loader] = self.documents.get(loader, 0) + event["encodedDataLength"]

    def of_the_page(self):
        return self.documents[self.newest]


# How grave it is what a rule finds is the rule's own: what would be left out afterwards is not looked for.
ASK = """options => {
    const light = axe._audit.rules.filter(rule => ["minor", "moderate"].includes(rule.impact))
    const rules = options.runOnly ? {} : Object.fromEntries(light.map(rule => [rule.id, { enabled: false }]))
    return axe.run(document, { resultTypes: ["violations"], selectors: false, rules, ...options }).then(result => result.violations)
}"""


def faults(page, rules=None):
    """What axe-core finds serious or critical, a line each."""
    found = page.evaluate(ASK, {"runOnly": {"type": "rule", "values": rules}} if rules else {})
    return [
        f"{fault['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


def wider_than_the_window(page):
    """What sticks out to the right, so that a failure names it."""
    return page.evaluate("""() => {
        const room = window.innerWidth
        if (document.scrollingElement.scrollWidth <= room) return []
        return [...document.querySelectorAll("body *")].filter(it => it.getBoundingClientRect().right > room + 0.5 && !it.closest(".scroll"))
            .map(it => `${it.tagName.toLowerCase()}.${it.getAttribute("class") ?? ""} ends at ${Math.round(it.getBoundingClientRect().right)}`)
    }""") or page.evaluate("() => document.scrollingElement.scrollWidth > window.innerWidth ? ['something sticks out'] : []")


def touching(page):
    """Neighbours of a bar of navigation that read as one word."""
    return page.evaluate("""() => [...document.querySelectorAll("nav")].flatMap(nav => {
        const boxes = [...nav.querySelectorAll("a")].filter(link => link.checkVisibility()).map(link => {
            const range = document.createRange()
            range.selectNodeContents(link)
            return {words: link.innerText, box: range.getBoundingClientRect()}
        })
        return boxes.slice(1).flatMap(({words, box}, before) => {
            const last = boxes[before]
            const sameLine = box.top < last.box.bottom && last.box.top < box.bottom
            return sameLine && box.left - last.box.right < 5 ? [`${last.words} touches ${words}`] : []
        })
    })""")


def window_of(world, place, language, filled):
    who = {
        "nobody": None, "patient": filled, "newcomer": world.newcomer["username"], "nurse": world.nurses_name,
        "friend": world.friend_of(filled) if place.who == "friend" else None, "administrator": world.officers_name, "clinician": account("clinician")["username"],
    }[place.who]
    return world.window(who, language, place.base)


def opened(world, place, language, filled):
    """The page with its answer checked."""
    page = window_of(world, place, language, filled)
    if page.url.endswith("/call"):
        page.goto("about:blank")  # whoever waits there is shown what changes by loading the page again
    answer = place.open(page, world.facts_of(filled))
    assert answer.status == place.status, page.url
    assert place.route is None or is_at(place.route, path_of(page)), page.url
    assert page.locator(place.shows).count() > 0, f"{place.shows} is not on {page.url}"
    return page


@pytest.fixture(scope="session")
def transfer_of():
    return functools.cache(Transfer)


@pytest.mark.parametrize("language", ["en", pytest.param("es", marks=pytest.mark.beside)])
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_page(world, transfer_of, request, place, language):
    transfer = transfer_of(window_of(world, place, language, FILLED))
    page = opened(world, place, language, FILLED)
    assert page.get_attribute("html", "lang") == language
    assert page.locator("h1").count() == 1 and page.title().strip()
    other = {"en": "es", "es": "en"}[language]
    assert page.locator(f".tools a[hreflang={other}]").get_attribute("lang") == other
    assert transfer.of_the_page() <= MOST_BYTES
    assert "HTML(markup" not in page.inner_text("body"), "a part of the page was taken for text"
    page.evaluate(AXE)
    found = {}
    # A colour is the same in every language: of the second one it is looked at by day, on a phone, where words have least room.
    whole = LONG or language == "en"
    for width, height in ((1280, 900), (320, 640)):
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark") if whole else ("light",):
            page.emulate_media(color_scheme=scheme)
            if whole or width == 320:
                found[f"{width} {scheme}"] = faults(page, None if scheme == "light" else COLOURS)
            if folder := request.config.getoption("--screenshots"):
                folder.mkdir(parents=True, exist_ok=True)
                page.screenshot(path=folder / f"{place.name} {language} {width} {scheme}.png".replace(" ", "-"), full_page=True)
        found[f"{width} wide"] = wider_than_the_window(page) + touching(page)
    if whole:
        page.emulate_media(color_scheme="light", media="print")
        found["print"] = faults(page, COLOURS)
        page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1280, "height": 900})
    assert {where: what for where, what in found.items() if what} == {}
