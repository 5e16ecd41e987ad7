"""Every route of both gateways, asked by everybody who must not get an answer: none has a word of the patient's in it; and by who may, who gets it."""

import datetime
import pathlib
import re
import urllib.parse
import uuid

import pytest
from test_journey import DEMO, Browser, account, eventually

ROOT = pathlib.Path(__file__).resolve().parents[2]
PORTAL, CLINIC = DEMO["portal"], DEMO["clinic"]
# Whose record is asked for: somebody the demo's nurse looks after and the demo's clinician does not.
PETER = account("patient", "peter")
# A day to come, near enough for whatever is agreed on.
SOON = (datetime.date.today() + datetime.timedelta(days=25)).isoformat()


def registered():
    """(method, gateway, route), read from the gateways' sources."""
    found = set()
    for base, gateway in ((PORTAL, "Portal"), (CLINIC, "Clinic")):
        entry = (ROOT / "Services" / gateway / f"{gateway}Service.swift").read_text()
        files = [file for file in (ROOT / "Shared/Web/SignIn").glob("*Routes.swift") if f"{file.stem}(" in entry]
        files += (ROOT / "Services" / gateway / "Routes").glob("*.swift")
        for text in (file.read_text() for file in files):
            asked = re.findall(r'routes\s*\.(get|file|post)\(\s*"([^"]+)"', text)
            found |= {("get" if method == "file" else method, base, route) for method, route in asked}
    return found


# What is asked before anybody has signed in, and shows nothing of anybody.
OPEN = {
    (method, base, route)
    for base in (PORTAL, CLINIC)
    for method, route in (
        ("get", "/sign-in"), ("post", "/sign-in"), ("post", "/sign-out"), ("get", "/activate"), ("post", "/activate"), ("get", "/forgot"), ("post", "/forgot"),
        ("get", "/reset"), ("post", "/reset"), ("get", "/register"), ("post", "/register"), ("get", "/sign-in/code"), ("post", "/sign-in/passkey"),
        ("get", "/answer/:link"), ("post", "/answer/:link"), ("get", "/hooks/unsubscribe/:link"), ("get", "/feed/:secret"),
        ("get", "/guest/:link"), ("get", "/guest"), ("post", "/guest"), ("post", "/guest/leave"), ("post", "/guest/ticket"),
        ("post", "/sign-in/code"), ("get", "/sign-in/second-factor"), ("post", "/sign-in/second-factor"),
    )
}


@pytest.fixture(scope="module")
def people():
    """Each signed in once: signing in is slow on purpose."""
    def signed_in(base, who, anew=False):
        browser = Browser(base)
        browser.sign_in(who, anew)
        return browser

    ended = {}
    for base, who in ((PORTAL, PETER), (CLINIC, account("nurse"))):
        gone = signed_in(base, who, anew=True)
        cookies = dict(gone.cookies)
        page = gone.ask("/")
        gone.key = form_key(page)
        page.submit("/sign-out")
        gone.cookies = cookies
        ended[base] = gone
    return {
        "peter": signed_in(PORTAL, PETER), "maria": signed_in(PORTAL, account("patient", "maria")), "nurse": signed_in(CLINIC, account("nurse")),
        "clinician": signed_in(CLINIC, account("clinician")), "desk": signed_in(CLINIC, account("front-desk")),
        "administrator": signed_in(CLINIC, account("administrator")), "ended": ended,
    }


@pytest.fixture(scope="module")
def canary(people):
    """Ids of Peter's, and words that stand in his record and nowhere else."""
    # Not with the clinician who is to be off the team.
    reyes = re.search(r'name="with" value="([0-9a-f-]{36})"[^>]*><span>[^<]*Reyes', people["peter"].ask("/visits/book").text).group(1)
    times = people["peter"].ask(f"/visits/book/times?service=office-visit&with={reyes}")
    slots = re.findall(r'value="([0-9a-f-]{36}\|[^"]+)"', times.text)
    held = times.submit("/visits/book/hold", slot=slots[-3])
    assert held.status == 303, held.words
    visit = held.headers["Location"]
    done = people["peter"].ask(visit).submit(visit + "/book")
    assert done.status == 303, done.words
    results = people["peter"].ask("/results")
    record = people["peter"].ask("/record").text
    chart = f"/patients/{PETER['patient_id']}"
    begun = people["nurse"].ask(f"{chart}/encounters/new").submit(f"{chart}/encounters", reason="Qzreason", kind="AMB")
    assert begun.status == 303, begun.words
    condition = re.search(r'id="conditions".*?<span class="strong">([^<]+)</span>', record, re.S).group(1)
    return {
        "patient": PETER["patient_id"], "visit": visit.rsplit("/", 1)[1], "result": re.search(r'href="/results/([0-9a-f-]{36})"', results.text).group(1),
        "name": "Moss", "condition": condition, "encounter": begun.headers["Location"].rsplit("/", 1)[1],
        "slot": slots[-5],
    }


def path(route, canary):
    if "/results/:" in route:
        route = route.replace("/results/:id", "/results/" + canary["result"]).replace(":result", canary["result"])
    if route.startswith("/record/visits/:id"):
        route = route.replace(":id", canary["encounter"])
    if route.startswith("/visits/:id"):
        route = route.replace(":id", canary["visit"])
    if route.startswith("/broken-glass/:id"):
        route = route.replace(":id", str(uuid.uuid4()))
    route = route.replace(":id", canary["patient"]).replace(":entry", canary["result"]).replace(":encounter", canary["encounter"])
    route = route.replace(":prescription", canary["result"]).replace(":request", str(uuid.uuid4())).replace(":document", str(uuid.uuid4()))
    route = route.replace(":visit", canary["visit"]).replace(":absence", str(uuid.uuid4())).replace(":resource", str(uuid.uuid4()))
    route = route.replace(":order", str(uuid.uuid4())).replace(":template", str(uuid.uuid4())).replace(":code", "nothing")
    route = route.replace(":invoice", str(uuid.uuid4())).replace(":payment", str(uuid.uuid4())).replace(":statement", str(uuid.uuid4()))
    route = route.replace(":practitioner", str(uuid.uuid4())).replace(":location", str(uuid.uuid4()))
    route = route.replace(":thread", str(uuid.uuid4())).replace(":pool", "nothing")
    route = route.replace(":outreach", str(uuid.uuid4())).replace(":guest", str(uuid.uuid4()))
    return route + ("?service=office-visit" if route in ("/visits/book/times", "/visits/waiting/new") else "?kind=problem" if route.endswith("/entries/new") else "")


FIELDS = {
    "/patients": {"q": "moss peter"},
    "/patients/:id/break-glass": {"reason": "emergency", "words": "short"},
    "/broken-glass/:id": {"finding": "justified"},
    "/record/access": {"version": "0"},
    "/record/access/proxies/end": {"proxy": "019ab0d2-7c00-7201-8e07-4c1e00000201"},
    "/patients/:id/proxies/end": {"proxy": "019ab0d2-7c00-7201-8e07-4c1e00000201", "reason-019ab0d2-7c00-7201-8e07-4c1e00000201": "asked"},
    "/preferences": {"version": "0", "offered": "visitReminders/email"},
    "/patients/:id/preferences": {"version": "0", "offered": "visitReminders/email"},
    "/patients/:id/entries": {"kind": "procedure", "version": "0", "name": "Plaster cast"},
    "/patients/:id/encounters": {"kind": "AMB", "reason": "Cough"},
    "/patients/:id/prescriptions/:prescription": {"version": "1", "status": "stopped", "reason": "Rash"},
    "/worklist/renewals/:request": {"answer": "yes"},
    "/patients/:id/documents/:document/accept": {"version": "1"},
    "/patients/:id/documents/:document/supersede": {"version": "1", "reason": "Another"},
    "/patients/:id/documents/:document/retract": {"version": "1", "reason": "Wrong patient"},
    "/patients/:id/documents/:document/share": {"with": "Practitioner/019ab0d2-7c00-7003-8015-4c1e00000003", "until": SOON},
    "/patients/:id/documents/:document/unshare": {"share": "019ab0d2-7c00-7201-8e07-4c1e00000201"},
    "/patients/:id/visits/:visit/move": {"version": "1"},
    "/patients/:id/visits/:visit/mark": {"version": "1", "status": "arrived"},
    "/visits/waiting": {"service": "office-visit"},
    "/patients/:id/visits/wait": {"service": "office-visit"},
    "/visits/waiting/take": {"offer": "019ab0d2-7c00-7201-8e07-4c1e00000201"},
    "/visits/waiting/decline": {"offer": "019ab0d2-7c00-7201-8e07-4c1e00000201"},
    "/visits/waiting/leave": {"waiting": "019ab0d2-7c00-7201-8e07-4c1e00000201"},
    "/waiting": {
        "waiting": "019ab0d2-7c00-7201-8e07-4c1e00000201", "patient": "019ab0d2-7c00-7201-8e07-4c1e00000201", "act": "leave",
    },
    "/board": {"mark": "4c1e00000201|1|arrived"},
    "/visits/:id/move": {"version": "1"},
    "/patients/:id/orders/:order/ticket": {"service": "office-visit"},
    "/patients/:id/orders/:order": {"version": "1", "status": "revoked", "reason": "Not needed"},
    "/patients/:id/results/:result/versions": {"version": "1", "status": "corrected", "value": "4.2", "reason": "Misread"},
    "/worklist/results/:result": {"version": "1"},
    "/patients/:id/encounters/:encounter/draft": {"revision": "0"},
    "/patients/:id/encounters/:encounter/template": {"revision": "0"},
    "/patients/:id/encounters/:encounter/sign": {"revision": "0"},
    "/settings/resources/:resource": {"version": "1", "retired": "yes"},
    "/settings/visit-types/:code": {"version": "1", "en": "Nothing", "es": "Nada", "minutes": "20"},
    "/settings/hours/:practitioner/:location": {"version": "0"},
    "/accounts/:id": {"version": "1", "name": "Nobody", "role": "nurse"},
    "/accounts/:id/places": {"version": "1"},
    "/accounts/:id/licences": {"version": "9", "region": "IL"},
    "/settings/clinic": {"version": "0", "name": "Nothing"},
    "/settings/places/:location": {"version": "1", "name": "Nowhere", "zone": "America/Chicago"},
    "/unreached": {"intent": "019ab0d2-7c00-7201-8e07-4c1e00000201", "patient": "019ab0d2-7c00-7201-8e07-4c1e00000201"},
    "/settings/reminders/:code": {"version": "0", "rule": "day-before"},
    "/settings/templates": {"title": "Moss", "history": "Peter"},
    "/settings/templates/:template": {"version": "1", "title": "Moss", "history": "Peter"},
    "/results/release": {"release": "now", "days": "3"},
    "/record/new": {"until": "0"},
    "/messages": {"purpose": "medicine", "subject": "Salt", "text": "How much?", "shown": "medicine=0"},
    "/messages/:thread": {"text": "Thank you", "shown": "0"},
    "/messages/:thread/retract": {"message": "019ab0d2-7c00-7201-8e07-4c1e00000201"},
    "/messages/search": {"q": "salt"},
    "/messages/to-many": {"wanted": "yes"},
    "/messages/pieces": {"offset": "0"},
    "/visits/:id/call/guests": {"name": "Rosa Lind", "kind": "interpreter", "secret": "A" * 43},
    "/patients/:id/visits/:visit/call/guests": {"name": "Rosa Lind", "kind": "interpreter", "secret": "A" * 43},
    "/visits/:id/call/chat": {"text": "Twice a day"},
    "/patients/:id/visits/:visit/call/chat": {"text": "Twice a day"},
    "/visits/:id/call/late": {"choice": "phone"},
    "/guest": {"link": "A" * 43},
    "/visits/:id/call/test": {"camera": "works", "microphone": "works", "speaker": "heard", "network": "reached"},
    "/visits/:id/call": {"place": "At home", "region": "IL", "consent": "yes"},
    "/settings/pools/:pool": {"version": "1"},
    "/patients/:id/among-staff": {"text": "Call them"},
    "/patients/:id/among-staff/forward": {"message": "019ab0d2-7c00-7201-8e07-4c1e00000201"},
    "/patients/:id/messages/:thread": {"version": "1", "text": "Thank you"},
    "/patients/:id/messages/:thread/retract": {"message": "019ab0d2-7c00-7201-8e07-4c1e00000201"},
    "/patients/:id/messages/:thread/step": {"version": "1", "step": "take"},
    "/patients/:id/messages/pieces": {"offset": "0"},
    "/outreach": {"purpose": "appointment", "subject": "Closed", "text": "On Monday"},
    "/outreach/:outreach/send": {"chosen": "1"},
    "/favourites/phrases": {"name": "ros", "text": "No fever"},
    "/favourites/phrases/remove": {"phrase": "ros"},
    "/bills/:invoice/pay": {"amount": "all", "due": "100"},
    "/patients/:id/charges/:encounter": {"nothing": "courtesy"},
    "/patients/:id/bills": {"charge": "019ab0d2-7c00-7201-8e07-4c1e00000201"},
    "/patients/:id/bills/:invoice/cash": {"cash": "1.00"},
    "/patients/:id/bills/:invoice/adjust": {"kind": "credit", "off": "1.00", "reason": "courtesy"},
    "/patients/:id/bills/:invoice/reverse": {"entry": "019ab0d2-7c00-7201-8e07-4c1e00000201"},
    "/patients/:id/bills/:invoice/refund": {"payment": "019ab0d2-7c00-7201-8e07-4c1e00000201"},
    "/patients/:id/bills/:invoice/void": {"what": "019ab0d2-7c00-7201-8e07-4c1e00000201", "why": "duplicate"},
    "/patients/:id/bills/:invoice/decide": {"approval": "019ab0d2-7c00-7201-8e07-4c1e00000201", "answer": "yes"},
    "/patients/:id/bills/:invoice/settle": {"charge": "019ab0d2-7c00-7201-8e07-4c1e00000201", "answer": "stands"},
    "/patients/:id/guarantor": {"relationship": "patient", "reason": "ofAge", "from": "2099-12-24"},
    "/coverage": {"payor": "Prairie Health", "subscriber": "1", "relationship": "themselves"},
    "/coverage/:coverage/front": {},
    "/coverage/:coverage/back": {},
    "/patients/:id/coverage": {"coverage": "019ab0d2-7c00-7201-8e07-4c1e00000201", "decision": "confirmed"},
    "/patients/:id/bills/:invoice/plan": {"count": "3", "first": SOON, "due": "100"},
    "/patients/:id/bills/:invoice/plan/end": {"plan": "019ab0d2-7c00-7201-8e07-4c1e00000201"},
    "/bills/:invoice/plan": {"count": "3", "first": SOON, "due": "100"},
    "/bills/:invoice/plan/cancel": {"plan": "019ab0d2-7c00-7201-8e07-4c1e00000201"},
    "/patients/:id/bills/void": {"what": "019ab0d2-7c00-7201-8e07-4c1e00000201", "why": "duplicate"},
    "/bills/:invoice/dispute": {"charge": "019ab0d2-7c00-7201-8e07-4c1e00000201", "reason": "notDone"},
    "/favourites/orders/remove": {"favourite": "019ab0d2-7c00-7201-8e07-4c1e00000201"},
    "/patients/:id/encounters/:encounter/addendum": {"version": "1", "text": "more"},
}


def form_key(page):
    found = re.search(r'name="form-key" value="([^"]*)"', page.text)
    return found and found.group(1)


def ask(browser, method, route, canary):
    where = path(route, canary)
    if method == "get":
        return browser.ask(where)
    key = getattr(browser, "key", None) or form_key(browser.ask("/")) or form_key(browser.ask("/sign-in"))
    form = {"form-key": key, "submission": str(uuid.uuid4())} | FIELDS.get(route, {})
    if route.startswith("/worklist/"):
        form["patient"] = canary["patient"]
    if route in ("/visits/book/hold", "/visits/:id/book", "/visits/:id/move"):
        form["slot"] = canary["slot"]
    return browser.ask(where, form)


def betrays(page, canary):
    """What of Peter's is in an answer, beside what was asked with."""
    text = page.text + urllib.parse.unquote(page.headers.get("Location") or "")
    return [word for word in (canary["name"], "Peter") if word in text]


def routes(base, closed=True):
    return sorted(route for route in registered() if route[1] == base and (not closed or route not in OPEN))


def test_every_route_is_in_the_matrix():
    assert registered() - OPEN == {route for base in (PORTAL, CLINIC) for route in routes(base)}
    assert len(registered()) > 25


def cells(browser, base, canary, may=()):
    """Wrong answers, a line each. - may: routes whose answer is theirs to have."""
    wrong = []
    for method, _, route in routes(base):
        if (method, route) in may:
            continue
        page = ask(browser, method, route, canary)
        if found := betrays(page, canary):
            wrong.append(f"{method} {route}: {page.status} with {found}")
    return wrong


def test_nobody_signed_in(people, canary):
    for base in (PORTAL, CLINIC):
        browser = Browser(base)
        for method, _, route in routes(base):
            page = ask(browser, method, route, canary)
            assert page.status == 303 and page.headers["Location"].startswith("/sign-in") and page.text == "", (method, route, page.status)


def test_a_session_that_has_ended(people, canary):
    for base, browser in people["ended"].items():
        cookies = dict(browser.cookies)
        for method, _, route in routes(base):
            browser.cookies = dict(cookies)
            page = ask(browser, method, route, canary)
            assert page.status == 303 and page.headers["Location"].startswith("/sign-in") and page.text == "", (method, route, page.status)


def test_another_patient(people, canary):
    maria = people["maria"]
    assert cells(maria, PORTAL, canary) == []
    for method, route in (("get", "/results/:id"), ("get", "/record/visits/:id"), ("get", "/record/visits/:id/pdf"), ("get", "/visits/:id"),
                          ("get", "/visits/:id/cancel"),
                          ("post", "/visits/:id/cancel"), ("get", "/visits/:id/move"), ("post", "/visits/:id/move")):
        page = ask(maria, method, route, canary)
        nothing = ask(maria, method, route, canary | {name: str(uuid.uuid4()) for name in ("result", "visit", "encounter")})
        assert (page.status, page.words) == (nothing.status, nothing.words) and page.status == 404, (method, route)
    # A patient's session is none in the clinic.
    stranger = Browser(CLINIC)
    stranger.cookies = dict(maria.cookies)
    for method, _, route in routes(CLINIC):
        assert ask(stranger, method, route, canary).status == 303, (method, route)


# Who a patient is, clinicians may find out: a chart has to be found before its glass can be broken.
TO_FIND = {
    ("post", "/patients"), ("get", "/patients/:id/break-glass"), ("post", "/patients/:id/break-glass"),
}


# The billing office's, and in part the desk's; for whoever treats people it does not exist.
BILLING = re.compile("/bill|/charges/|/guarantor|/coverage")

# About who somebody is: the desk's, and a nurse's whatever consent says.
ABOUT_THE_PORTAL = {
    ("get", "/patients/:id/invite"), ("post", "/patients/:id/invite"), ("get", "/patients/:id/proxies"), ("post", "/patients/:id/proxies"),
    ("post", "/patients/:id/proxies/end"), ("get", "/patients/:id/preferences"), ("post", "/patients/:id/preferences"),
    ("get", "/patients/:id/visits/:visit/messages"),
    ("get", "/patients/:id/photo"), ("get", "/patients/:id/photo/change"), ("post", "/patients/:id/photo/change"),
    ("post", "/patients/:id/photo/remove"),
}


def test_a_clinician_off_the_team(people, canary):
    clinician = people["clinician"]
    assert cells(clinician, CLINIC, canary, TO_FIND) == []
    for method, _, route in routes(CLINIC):
        parts = ("/invite", "/proxies", "/preferences", "/photo")
        if BILLING.search(route) or any(part in route for part in parts) or route.endswith(("/reset", "/visits/:visit/messages")):
            assert ask(clinician, method, route, canary).status == 404, (method, route)
        elif route.startswith("/patients/:id") and "break-glass" not in route:
            page = ask(clinician, method, route, canary)
            assert page.status == 303 and page.headers["Location"] == f"/patients/{canary['patient']}/break-glass" and page.text == "", route


def test_a_role_that_has_nothing_to_do_with_it(people, canary):
    # The desk finds people, sees when they come and invites them; the record does not exist for it.
    desk = people["desk"]
    theirs = {("post", "/patients"), ("get", "/"), ("get", "/board"), ("get", "/unreached"), ("post", "/unreached"), ("get", "/patients/:id")}
    theirs |= {("get", "/calendar"), ("get", "/waiting"), ("post", "/waiting"), ("get", "/patients/:id/phone")}
    theirs |= ABOUT_THE_PORTAL
    # What is owed, and cash for it.
    theirs |= {("get", "/patients/:id/bills"), ("get", "/patients/:id/bills/:invoice"), ("post", "/patients/:id/bills/:invoice/cash")}
    theirs |= {(method, route) for method, _, route in routes(CLINIC) if route.startswith("/patients/:id/visits")}
    assert cells(desk, CLINIC, canary, theirs) == []
    for method, _, route in routes(CLINIC):
        if (method, route) not in theirs and route.startswith(("/patients/:id", "/broken-glass", "/privacy", "/settings")):
            assert ask(desk, method, route, canary).status == 404, (method, route)
    written = ask(desk, "get", "/patients/:id/visits/:visit/messages", canary)
    assert written.status == 200 and betrays(written, canary)
    at_desk = ask(desk, "get", "/patients/:id", canary)
    assert at_desk.status == 200 and betrays(at_desk, canary) and canary["condition"] not in at_desk.text
    assert canary["condition"] in ask(people["nurse"], "get", "/patients/:id", canary).text


def test_who_may_gets_it(people, canary):
    peter, nurse = people["peter"], people["nurse"]
    for route in ("/", "/record", "/results", "/results/:id", "/visits", "/visits/:id", "/visits/:id/cancel", "/visits/:id/move", "/record/access",
                  "/record/all", "/record/new", "/medicines", "/record/visits/:id", "/looked", "/people", "/preferences"):
        page = ask(peter, "get", route, canary)
        assert page.status == 200 and betrays(page, canary), route
    for route in ("/patients/:id", "/patients/:id/results", "/patients/:id/results/:result", "/patients/:id/invite", "/patients/:id/proxies",
                  "/patients/:id/record", "/patients/:id/preferences", "/patients/:id/photo/change", "/patients/:id/entries/new",
                  "/patients/:id/entries/:entry", "/patients/:id/encounters/new", "/patients/:id/encounters/:encounter",
                  "/patients/:id/visits/new", "/patients/:id/visits/:visit", "/patients/:id/visits/:visit/move", "/patients/:id/phone"):
        page = ask(nurse, "get", route, canary)
        assert page.status == 200 and betrays(page, canary), route
    assert betrays(ask(nurse, "post", "/patients", canary), canary)
    for route in ("/broken-glass", "/privacy", "/privacy/questions", "/accounts", "/account-requests", "/settings", "/settings/templates",
                  "/settings/templates/new", "/settings/resources", "/settings/visit-types", "/settings/visit-types/new", "/settings/hours", "/settings/places", "/settings/clinic",
                  "/settings/reminders", "/settings/reminders/office-visit"):
        assert ask(people["administrator"], "get", route, canary).status == 200, route
    day = re.search(r"\d{4}-\d\d-\d\d", people["peter"].ask(f"/visits/{canary['visit']}").text)
    assert day is None or betrays(nurse.ask(f"/?day={day.group(0)}"), canary)
    assert day is None or betrays(nurse.ask(f"/calendar?day={day.group(0)}"), canary)


def hidden(page, action):
    """The hidden fields of a form; several lines are several fields of one name."""
    form = re.search(rf'<form[^>]*action="{action}"[^>]*>(.*?)</form>', page.text, re.S)
    assert form, page.words
    return re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form.group(1))


def say(peter, **fields):
    """What Peter says on his page, by the two steps people take."""
    page = peter.ask("/record/access")
    check = peter.ask("/record/access/check", [*hidden(page, "/record/access/check"), *fields.items()])
    saved = peter.ask("/record/access", hidden(check, "/record/access"))
    assert saved.status == 303, saved.words
    return check


def test_consent_that_is_withdrawn(people, canary):
    peter, nurse = people["peter"], people["nurse"]
    check = say(peter, effect="deny", who="nurse", kind="", **{"from": "", "until": ""})
    assert "All nurses may not see: the whole record" in check.words
    try:
        closed = eventually(lambda: ask(nurse, "get", "/patients/:id", canary).status == 303, 60)
        assert closed, "the nurse still sees the record after a minute"
        # An invitation is about who somebody is, not about the record.
        assert eventually(lambda: cells(nurse, CLINIC, canary, TO_FIND | ABOUT_THE_PORTAL) == [], 60)
    finally:
        page = peter.ask("/record/access")
        line = re.search(r'name="remove" value="([^"]+)"', page.text).group(1)
        say(peter, remove=line)
    assert eventually(lambda: ask(nurse, "get", "/patients/:id", canary).status == 200, 60)


def test_an_emergency(people, canary):
    clinician, administrator = people["clinician"], people["administrator"]
    page = ask(clinician, "get", "/patients/:id", canary)
    form = clinician.ask(page.headers["Location"])
    assert form.status == 200 and "closed to you" in form.words
    where = f"/patients/{canary['patient']}/break-glass"
    refused = form.submit(where, reason="emergency", words="short")
    assert refused.status == 422
    opened = refused.submit(where, reason="emergency", words="Brought in unconscious after a fall")
    assert opened.status == 303 and opened.headers["Location"] == f"/patients/{canary['patient']}", opened.words
    for route in ("/patients/:id", "/patients/:id/results", "/patients/:id/results/:result"):
        chart = eventually(lambda route=route: (page := ask(clinician, "get", route, canary)).status == 200 and page, 60)
        assert chart and "Opened in an emergency" in chart.text, route
    # The other clinicians' charts stay closed, and the privacy officer is told.
    reviews = administrator.ask("/broken-glass")
    assert "Brought in unconscious after a fall" in reviews.words
    action = re.search(r'action="(/broken-glass/[0-9a-f-]{36})"', reviews.text).group(1)
    assert reviews.submit(action).status == 303
    assert "Justified" in administrator.ask("/broken-glass").words
