"""In the pseudo-language every text of the catalogue stands between ⟦ and ⟧ and its vowels carry accents: what does not is written into a page.

The record that is looked at has all its texts between ⟪ and ⟫ (marked.py), so what is data is known. The clinic's own names, which the demo
gave it, are asked for where people choose among them.
"""

import re

import pytest
from conftest import CLINIC, PORTAL, account, ask_database
from places import PLACES
from test_pages import opened

# All a person can see or hear: text, what stands for a picture, names and descriptions of controls, headings that the style sheet repeats.
READ = """() => {
    const attributes = ["aria-label", "aria-description", "aria-roledescription", "aria-valuetext", "title", "placeholder", "alt", "data-label"]
    const texts = [document.title]
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT)
    let text = ""
    for (let node = walker.currentNode; node; node = walker.nextNode()) {
        if (node.nodeType === Node.TEXT_NODE) {
            if (!node.parentElement.closest("[translate=no], style, script, noscript")) text += node.data
            continue
        }
        for (const name of attributes) if (node.hasAttribute(name)) texts.push(node.getAttribute(name))
        if (node.matches("input[type=submit], input[type=button], input[type=reset]")) texts.push(node.value)
    }
    // One text may run over several elements, so they are read as one.
    texts.push(text)
    return texts
}"""


def outside_the_catalogue(text, names):
    """The words of a text that neither the catalogue nor the record holds."""
    text = re.sub("⟪[^⟪⟫]*⟫", " ", text)
    for name in names:
        text = text.replace(name, " ")
    found, depth, word = [], 0, ""
    for character in text + " ":
        # Within a text of the catalogue only what has a bare vowel, n or c can have come from elsewhere: there all others are accented.
        if character.isalpha() or (word and character.isdigit()):
            word += character
            continue
        if word and (depth == 0 or re.search("[aeiouncAEIOU]", word)):
            found.append(word)
        word = ""
        depth += (character == "⟦") - (character == "⟧")
    assert depth == 0, text
    return found


def test_the_reader_tells_them_apart():
    names = ["Riverside Clinic"]
    assert outside_the_catalogue("⟦Yóú çáñ⟧ 12 ⟪LDL cholesterol⟫ Riverside Clinic, ⟦fór ⟪Mara⟫ át 9:20⟧ 3.5", names) == []
    assert outside_the_catalogue("Hello ⟦wórld⟧", names) == ["Hello"]
    assert outside_the_catalogue("⟦Óf ⟦thé⟧ hidden óñé⟧ x", names) == ["hidden", "x"]
    assert outside_the_catalogue("⟨home.title⟩", names) == ["home", "title"]


@pytest.fixture(scope="session")
def names(world):
    """What the clinic, its people, places and kinds of visits are called, and the patients without a record."""
    page = world.window(world.marked["username"], "en")
    page.goto("/visits/book")
    texts = [page.inner_text(".brand span"), *page.locator("main .choice [name=service] + span").all_inner_texts()]
    who = page.locator("main .choice:has([name=with]):not(:has([value='']))")
    texts += who.locator("span").all_inner_texts() + who.locator("small").all_inner_texts()
    visit = world.facts_of(world.marked["username"]).booked()
    page.goto(visit)
    texts.append(page.locator("main dl.facts dd").last.inner_text())
    contact = page.inner_text("footer.foot p").split(".")[0]
    texts += [contact, contact.removeprefix(texts[0] + ", ")]
    # A zone bears the name of a city, and a visit may be at any of the places.
    texts += [zone.split("/")[-1].replace("_", " ") for zone in ask_database("SELECT DISTINCT zone FROM scheduling.publication")]
    nurse = world.nurse.inner_text(".tools span.target")
    clinician = world.window(account("clinician")["username"], "en", CLINIC)
    clinician.goto("/worklist")
    texts.append(clinician.inner_text(".tools span.target"))
    # Who opened which chart, and what they wrote.
    administrator = world.window(account("administrator")["username"], "en")
    administrator.goto("/broken-glass")
    texts += [administrator.inner_text(".tools span.target"), *administrator.locator("main [translate=no]").all_inner_texts()]
    # Who may be chosen for an account.
    administrator.goto("/accounts")
    texts += administrator.locator("[name=practitioner] option:not([value=''])").all_text_contents()
    # What LOINC calls the kind of a document that was filed is data, too.
    texts.append("Photographic image")
    # On whom those who are new here try things.
    texts += ask_database("SELECT unnest(ARRAY[family || ', ' || given, mrn]) FROM records.patient WHERE practice")
    newcomers = [person[part] for person in (world.newcomer, world.uninvited) for part in ("given", "name")]
    return sorted({text for text in [*texts, *newcomers, nurse] if text.strip()}, key=len, reverse=True)


@pytest.mark.beside
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_every_text_is_in_the_catalogue(world, names, place):
    page = opened(world, place, "qps", world.marked["username"])
    assert page.get_attribute("html", "lang") == "en"
    texts = page.evaluate(READ)
    assert any("⟦" in text for text in texts)
    assert [found for text in texts if (found := outside_the_catalogue(text, names))] == []
