"""Acting for somebody: a parent let in at the desk, and a friend whom an adult lets in. They read and book, see nobody else's, and are out at once."""

import re
import time
import uuid

from test_journey import DEMO, Browser, account, eventually, maildir

LEO, JOE, ROSA = account("patient", "leo"), account("patient", "joe"), account("patient", "rosa")
ID = "[0-9a-f-]{36}"
SECONDS = 5


def signed_in(who):
    browser = Browser(DEMO["portal"])
    browser.sign_in(who)
    return browser


def slots(page):
    return re.findall(rf'value="({ID}\|[^"]+)"', page.text)


def acted_for(browser):
    """The proxies somebody may choose among."""
    return [record for record in re.findall(rf'name="record" value="({ID}|)"', browser.ask("/people").text) if record]


def mails(subject, to=""):
    return [mail for mail in maildir() if mail["subject"] == subject and to in str(mail["to"])]


def test_a_parent_acts_for_a_child_until_a_court_says_no():
    joe, leo, maria, desk = signed_in(JOE), signed_in(LEO), signed_in(account("patient", "maria")), Browser(DEMO["clinic"])
    desk.sign_in(account("front-desk"))
    assert acted_for(joe) == []
    told = len(mails("Someone can act for you"))
    page = f"/patients/{LEO['patient_id']}/proxies"
    nobody = desk.ask(page).submit(page, name="Joe Hart", email=JOE["username"], relationship="", level="full")
    assert nobody.status == 422 and 'role="alert"' in nobody.text
    granted = nobody.submit(page, name="Joe Hart", email=JOE["username"], relationship="parent", level="full")
    assert granted.status == 303, granted.words
    own = joe.ask("/visits/book/times?service=office-visit&with=")
    proxy = eventually(lambda: acted_for(joe), SECONDS)[0]
    assert eventually(lambda: len(mails("Someone can act for you")) > told, 60), "the patient is not told"

    # Whose record it is stands on every page, and what was begun for one is not taken for the other.
    chosen = joe.ask("/people").submit("/people", record=proxy)
    assert chosen.status == 303 and chosen.headers["Location"] == "/"
    for path in ("/", "/record", "/results", "/visits", "/medicines", "/visits/book", "/record/access"):
        shown = joe.ask(path)
        assert shown.status == 200 and 'class="who acting"' in shown.text and "Leo Alvarez" in shown.text, path
    assert own.submit("/visits/book/hold", slot=slots(own)[5]).status == 403

    times = joe.ask("/visits/book/times?service=office-visit&with=")
    held = times.submit("/visits/book/hold", slot=slots(times)[7])
    assert held.status == 303, held.words
    visit = held.headers["Location"]
    booked = joe.ask(visit).submit(visit + "/book")
    assert booked.status == 303, booked.words
    assert leo.ask(visit).status == 200 and maria.ask(visit).status == 404
    # Another's is not theirs.
    result = re.search(rf'"(/results/{ID})"', maria.ask("/results").text).group(1)
    assert joe.ask(result).status == 404
    assert joe.ask("/people").submit("/people", record=str(uuid.uuid4())).status == 404

    looked = eventually(lambda: (found := leo.ask("/looked")) and JOE["username"] in found.text and found, 60)
    assert looked and "Acts for the patient" in looked.words, "who acted is not among those who looked"

    # A child does not end it, nobody ends it without a reason; then it is over, and nothing goes to the parent's own record in its place.
    assert "End access" not in leo.ask("/record/access").words
    listed = desk.ask(page)
    listed = listed.submit(page + "/end", proxy=proxy, **{f"reason-{proxy}": ""})
    assert listed.status == 422, listed.words
    times = joe.ask("/visits/book/times?service=office-visit&with=")
    cookies, before = dict(joe.cookies), leo.ask("/visits").words

    def as_before(ask):
        joe.cookies = dict(cookies)
        return ask()

    ended = listed.submit(page + "/end", proxy=proxy, **{f"reason-{proxy}": "court-order"})
    assert ended.status == 303, ended.words
    assert eventually(lambda: as_before(lambda: joe.ask("/record")).status == 404, SECONDS), "a withdrawn proxy goes on"
    late = as_before(lambda: times.submit("/visits/book/hold", slot=slots(times)[9]))
    assert late.status == 404 and "You do not see this record any more" in late.words
    assert leo.ask("/visits").words == before
    assert joe.ask(visit).status == 404 and "Hart" in joe.ask("/record").text and acted_for(joe) == []
    assert "Ended by the clinic: a court order" in desk.ask(page).words
    assert leo.ask(visit + "/cancel").submit(visit + "/cancel").status == 200


def test_an_adult_lets_a_friend_in_and_ends_it():
    rosa, friend = signed_in(ROSA), Browser(DEMO["portal"])
    page, address = rosa.ask("/record/access"), f"{uuid.uuid4().hex}@example.org"
    fields = {"name": "Ida Friend", "relationship": "friend", "level": "limited"}
    differ = page.submit("/record/access/proxies", email=address, **{"email-again": "ida@example.org"}, **fields)
    assert differ.status == 422 and "not the same" in differ.words
    invited = differ.submit("/record/access/proxies", email=address, **{"email-again": address}, **fields)
    assert invited.status == 303, invited.words
    letter = eventually(lambda: mails("You can act for someone at our clinic", address) or mails("Puede actuar por alguien en nuestra clínica", address))[0]
    body = letter.get_body(("plain",)).get_content()
    assert "Rosa" not in body and "Díaz" not in body
    code = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", body).group(0)
    born = time.strptime(re.search(r"born (\d{1,2} \w+ \d{4})", rosa.ask("/record").text).group(1), "%d %B %Y")
    password = "eleven calm herons on a raft"
    opening = {"code": code, "username": address, "password": password, "password-again": password}
    assert friend.ask("/activate").submit("/activate", **opening, **{"birth-date": "1901-01-01"}).status == 422
    opened = friend.ask("/activate").submit("/activate", **opening, **{"birth-date": time.strftime("%Y-%m-%d", born)})
    assert opened.status == 303, opened.words

    # With no record of their own they choose first.
    assert friend.sign_in({"username": address, "password": password}).headers["Location"] == "/people"
    (proxy,) = acted_for(friend)
    assert friend.ask("/people").submit("/people", record=proxy).status == 303
    home = friend.ask("/record")
    assert home.status == 200 and "Rosa" in home.text and "You see a part of it" in home.text
    # What the patient decides, and who looked, is not a limited proxy's to see.
    for path in ("/record/access", "/looked"):
        assert friend.ask(path).status == 404 and f'href="{path}"' not in home.text

    listed = rosa.ask("/record/access")
    assert "Ida Friend" in listed.text
    mine = re.search(rf'<span class="strong" translate="no">Ida Friend</span>.*?name="proxy" value="({ID})"', listed.text, re.S).group(1)
    assert listed.submit("/record/access/proxies/end", proxy=mine).status == 303
    assert eventually(lambda: friend.ask("/record").status == 404, SECONDS), "a withdrawn proxy goes on"
    # The portal hears of it by itself.
    assert eventually(lambda: friend.ask("/").headers["Location"] == "/people", SECONDS) and acted_for(friend) == []
