"""Every page of the portal and the clinic, and the way there."""

import dataclasses
import email
import email.policy
import pathlib
import re
import typing
import uuid

from conftest import (
    CLINIC, DEMO, PORTAL, ROOT, account, ask_database, eventually, find_patient, follow, follow_patiently, try_to_sign_in,
)
from second_factor import next_code


@dataclasses.dataclass
class Place:
    name: str
    base: str
    # nobody, patient, newcomer (signed in, with an empty record), friend (acts for the patient), nurse, clinician, or administrator
    who: str
    # As the gateway registers it; None for what answers a form, and for errors.
    route: str | None
    open: typing.Callable
    status: int = 200
    # What else must be on the page, so that it is the page that is meant.
    shows: str = "h1"


PLACES: list[Place] = []


def place(name, base, who, route=None, **more):
    def add(way):
        PLACES.append(Place(name, base, who, route, way, **more))
        return way

    return add


def at(name, base, who, route, path=None, **more):
    """A page that has an address; the address may need to know whose record it is."""
    found = path or route
    place(name, base, who, route, **more)(lambda page, facts: page.goto(found(facts) if callable(found) else found))


def halfway(page, step, person):
    """In the middle of signing in: a window that is there already is not asked for the password again."""
    answer = page.goto(f"/sign-in/{step}")
    if not page.url.endswith(step):
        answer = try_to_sign_in(page, person["username"], person["password"])
    assert page.url.endswith(step), page.url
    return answer


def proven(page, facts, path):
    """A page that wants to know who sits there, if the last proof is some minutes old."""
    answer = page.goto(path)
    if "/security/confirm" in page.url:
        person = account("nurse") if page.url.startswith(CLINIC) else facts.person
        page.fill("[name=password]", person["password"])
        if person.get("totp_secret"):
            page.fill("[name=code]", next_code(person["totp_secret"]))
        answer = follow_patiently(page, "main form button")
        facts.world.share_cookies(page, person["username"])
    assert page.url.endswith(path), page.url
    return answer


RESULTS, BOOK, TIMES = "/results/:id", "/visits/book", "/visits/book/times"

for base, gateway in ((PORTAL, "portal"), (CLINIC, "clinic")):
    at(f"{gateway} sign-in", base, "nobody", "/sign-in")
    for notice in ("out", "activated", "reset", "ended"):
        at(f"{gateway} sign-in {notice}", base, "nobody", "/sign-in", f"/sign-in?{notice}=1", shows="[role=status]")
    at(f"{gateway} forgotten password", base, "nobody", "/forgot")
    at(f"{gateway} reset", base, "nobody", "/reset")
    at(f"{gateway} reset asked for", base, "nobody", "/reset", "/reset?sent=1", shows="[role=status]")
    at(f"{gateway} activate", base, "nobody", "/activate")
    at(f"{gateway} 404", base, "nobody", None, "/nothing/is/here", status=404)

    @place(f"{gateway} sign-in failed", base, "nobody", status=422, shows="[role=alert]")
    def fail_to_sign_in(page, facts):
        return try_to_sign_in(page, f"{uuid.uuid4().hex}@example.org", "wrong, but long enough")

    @place(f"{gateway} activation refused", base, "nobody", status=422, shows="[role=alert] a")
    def fail_to_activate(page, facts):
        page.goto("/activate")
        page.fill("[name=password]", "two words")
        page.fill("[name=password-again]", "two other words")
        return follow(page, "main form button")

    if base == PORTAL:
        at("register", base, "nobody", "/register")
        at("registered", base, "nobody", "/register", "/register?sent=1", shows="[role=status]")

        @place("registration refused", base, "nobody", status=422, shows="[role=alert] a")
        def fail_to_register(page, facts):
            page.goto("/register")
            return follow(page, "main form button")

    @place(f"{gateway} reset refused", base, "nobody", status=422, shows="[role=alert] a")
    def fail_to_reset(page, facts):
        page.goto("/reset")
        page.fill("[name=password]", "two words")
        return follow(page, "main form button")

    @place(f"{gateway} 403", base, "patient" if base == PORTAL else "nurse", status=403)
    def forge(page, facts):
        page.goto("/")
        page.evaluate("document.querySelectorAll('[name=form-key]').forEach(key => key.value = 'forged')")
        return follow(page, "form[action='/sign-out'] button >> visible=true")


    halfway_there = account("patient", "marta") if base == PORTAL else account("clinician")

    @place(f"{gateway} code", base, "nobody", "/sign-in/code", shows="main [name=code]")
    def asked_for_a_code(page, facts, person=halfway_there):
        return halfway(page, "code", person)

    @place(f"{gateway} code refused", base, "nobody", status=422, shows="[role=alert] a")
    def mistype_a_code(page, facts, person=halfway_there):
        halfway(page, "code", person)
        page.fill("[name=code]", "one two")
        return follow(page, "main form button")


    at(f"{gateway} security", base, "patient" if base == PORTAL else "nurse", "/security", shows="main ul.rows")
    at(f"{gateway} proving who one is", base, "patient" if base == PORTAL else "nurse", "/security/confirm", "/security/confirm?to=/security")

    @place(f"{gateway} new password", base, "patient" if base == PORTAL else "nurse", "/security/password")
    def asked_for_a_new_password(page, facts):
        return proven(page, facts, "/security/password")

    @place(f"{gateway} new password refused", base, "patient" if base == PORTAL else "nurse", status=422, shows="[role=alert] a")
    def mistype_a_password(page, facts):
        proven(page, facts, "/security/password")
        page.fill("[name=password]", "one of two passwords")
        return follow(page, "main form button")


    @place(f"{gateway} words kept", base, "patient" if base == PORTAL else "nurse", "/resume", shows="main li")
    def come_back(page, facts, base=base):
        facts.world.leave_a_draft(facts.person["username"] if base == PORTAL else facts.world.nurses_name, base)
        return page.goto("/resume")


@place("second factor offered", PORTAL, "patient", "/security/second-factor", shows="main svg.qr")
def offered(page, facts):
    return proven(page, facts, "/security/second-factor")


@place("second factor to set up", CLINIC, "nobody", "/sign-in/second-factor", shows="main svg.qr")
def asked_to_enrol(page, facts):
    return halfway(page, "second-factor", account("billing-office"))


for who in ("patient", "newcomer"):
    at(f"home of a {who}", PORTAL, who, "/")
    at(f"record of a {who}", PORTAL, who, "/record")
    at(f"results of a {who}", PORTAL, who, "/results")
    at(f"what is new for a {who}", PORTAL, who, "/record/new")
    at(f"visits of a {who}", PORTAL, who, "/visits")
    at(f"who may see the record of a {who}", PORTAL, who, "/record/access")
    at(f"whole record of a {who}, for them", PORTAL, who, "/record/all")
at("results, the choice when to see them saved", PORTAL, "patient", "/results", "/results?saved=1", shows="[role=status]")
at("one's results in the whole record", PORTAL, "patient", "/record/all", "/record/all?section=results", shows="main ol.line li[data-fhir]")
for who in ("patient", "newcomer"):
    at(f"medicines of a {who}", PORTAL, who, "/medicines")
for who in ("patient", "newcomer"):
    at(f"home readings of a {who}", PORTAL, who, "/readings")
at("a home reading saved", PORTAL, "patient", "/readings", "/readings?saved=1", shows="[role=status]")
at("a home reading in two parts", PORTAL, "patient", "/readings/:measure", "/readings/bloodPressure", shows="main [name=second]")
at("a home reading with a choice of units", PORTAL, "patient", "/readings/:measure", "/readings/weight", shows="main select[name=unit]")
at("nothing that is measured at home", PORTAL, "patient", None, "/readings/height", status=404)


@place("a home reading nobody has", PORTAL, "patient", status=422, shows="[role=alert] a")
def misread(page, facts):
    page.goto("/readings/pulse")
    page.fill("[name=value]", "720")
    return follow(page, "main form button")


at("corrections", PORTAL, "patient", "/record/amendments", lambda facts: facts.amendment(), shows="main .tag")
at("corrections of a newcomer", PORTAL, "newcomer", "/record/amendments", shows="main .empty")
at("something is wrong", PORTAL, "patient", "/record/amendments/:id", lambda facts: "/record/amendments/" + facts.result("LDL").split("/")[-1],
   shows="main textarea")


@place("a correction that says nothing", PORTAL, "patient", status=422, shows="[role=alert] a")
def correct_nothing(page, facts):
    page.goto("/record/amendments/" + facts.result("LDL").split("/")[-1])
    return follow(page, "main form button")


@place("a correction asked for twice", PORTAL, "patient", status=409, shows="[role=alert]")
def correct_twice(page, facts):
    facts.amendment()
    page.goto("/record/amendments/" + facts.prescription().split("/")[-1])
    for name in ("wrong", "right"):
        page.fill(f"[name={name}]", "⟪The date⟫")
    return follow(page, "main form button")


at("downloading the record", PORTAL, "patient", "/record/download", shows="main form[action='/record/download/json']")
for who in ("patient", "newcomer"):
    at(f"details of a {who}", PORTAL, who, "/details", shows="main a[href='/details/name']")
at("details changed", PORTAL, "patient", "/details", "/details?done=changed", shows="[role=status]")
for field in ("phone", "address", "language", "email", "name", "birthDate"):
    at(f"changing the {field}", PORTAL, "patient", "/details/:field", f"/details/{field}", shows="main form .btn")
at("messages", PORTAL, "patient", "/messages", lambda facts: facts.thread() and "/messages", shows="main search")
at("messages of a newcomer", PORTAL, "newcomer", "/messages", shows="main .empty")
at("a new message", PORTAL, "patient", "/messages/new", shows="main fieldset input[type=radio]")
at("a thread", PORTAL, "patient", "/messages/:thread", lambda facts: facts.thread(), shows="main .thread")
at("a thread, sent", PORTAL, "patient", "/messages/:thread", lambda facts: facts.thread() + "?sent=1", shows="main [role=status]")


@place("words in messages", PORTAL, "patient", shows="main search")
def search_messages(page, facts):
    facts.thread()
    page.goto("/messages")
    page.fill("[name=q]", "⟪nothing like it⟫")
    return follow(page, "main search .btn")


@place("a message that reads like an emergency", PORTAL, "patient", status=422, shows="main [role=alert]")
def write_emergency(page, facts):
    page.goto("/messages/new")
    page.check("[name=purpose][value=medicine]")
    page.fill("[name=subject]", "⟪Pain⟫")
    page.fill("[name=text]", "⟪Chest pain⟫")
    return follow(page, "main form .btn")


@place("a message without words", PORTAL, "patient", status=422, shows="main [role=alert]")
def write_nothing(page, facts):
    page.goto("/messages/new")
    return follow(page, "main form .btn")


at("how we write", PORTAL, "patient", "/preferences", shows="main fieldset input[type=checkbox]")
at("how we write, saved", PORTAL, "patient", "/preferences", "/preferences?saved=1", shows="[role=status]")


@place("how we write, changed elsewhere", PORTAL, "patient", status=409, shows="[role=alert]")
def change_messages_that_changed(page, facts):
    page.goto("/preferences")
    page.evaluate("document.querySelector('main [name=version]').value = 99")
    return follow(page, "main form .btn")


def marias(facts):
    """Who has an e-mail address, whoever else the pages are about."""
    return facts.world.facts_of(account("patient", "maria")["username"])


def answer_link(visit):
    """Where the link of the e-mail that confirmed a visit leads, as a path."""
    appointment = visit.rsplit("/", 1)[1]
    sent = f"""
        SELECT id FROM notifications.intent
        WHERE appointment = '{appointment}' AND kind = 'confirmation' AND channel = 'email' AND state IN ('sent', 'delivered')"""
    intent = eventually(lambda: ask_database(sent), 60)[0]
    for file in pathlib.Path(DEMO["mail"]).glob("*/*"):
        if file.parent.name in ("new", "cur") and f"<{intent}@".encode() in (content := file.read_bytes()):
            body = email.message_from_bytes(content, policy=email.policy.default).get_body(("plain",)).get_content()
            return re.search(r"/answer/[A-Za-z0-9_-]{43}", body).group(0)
    raise AssertionError(f"no e-mail of {intent}")


at("whether they come", PORTAL, "nobody", "/answer/:link", lambda facts: answer_link(marias(facts).booked()), shows="main form button[value=no]")
at("no more e-mails", PORTAL, "nobody", "/hooks/unsubscribe/:link", "/hooks/unsubscribe/nothing", shows="main form .btn")
at("a link nobody knows", PORTAL, "nobody", None, "/answer/nothing", status=404, shows="main .btn")


@place("they come", PORTAL, "nobody", shows="main form button[value=no]")
def say_that_they_come(page, facts):
    answer = page.goto(answer_link(marias(facts).booked()))
    come = "main form button[value=yes]"
    return follow(page, come) if page.locator(come).count() else answer


@place("they do not come", PORTAL, "nobody", shows="main a[href='/visits']")
def say_that_they_do_not(page, facts):
    answer = page.goto(answer_link(marias(facts).once("declined", lambda: marias(facts).visit(15))[0]))
    cancel = "main form button[value=no]"
    return follow(page, cancel) if page.locator(cancel).count() else answer


at("no such detail", PORTAL, "patient", None, "/details/height", status=404)
at("a detail asked for", PORTAL, "patient", "/details", lambda facts: facts.detail_asked(), shows="main blockquote, main .tag")


@place("no phone number", PORTAL, "patient", status=422, shows="[role=alert] a")
def mistype_a_phone(page, facts):
    page.goto("/details/phone")
    page.fill("[name=number]", "12")
    return follow(page, "main form button")


@place("a detail changed by somebody else", PORTAL, "patient", status=409, shows="[role=alert]")
def change_what_was_changed(page, facts):
    page.goto("/details/phone")
    page.evaluate("document.querySelectorAll('[name=before-number]').forEach(field => field.value = '+1 312 555 0100')")
    page.evaluate("""() => {
        const form = document.querySelector("main form"), field = document.createElement("input")
        if (!form.querySelector("[name=before-number]")) {
            Object.assign(field, {type: "hidden", name: "before-number", value: "+1 312 555 0100"})
            form.append(field)
        }
    }""")
    page.fill("[name=number]", "312 555 0177")
    return follow(page, "main form button")


at("a problem in plain words", PORTAL, "patient", "/about/:topic", "/about/hypertension", shows="main #help")
at("a test in plain words", PORTAL, "patient", "/about/:topic", "/about/cholesterol-tests", shows="main #help")
at("nothing we have words for", PORTAL, "patient", None, "/about/everything", status=404)


at("a renewal asked for", PORTAL, "patient", "/medicines", lambda facts: facts.renewal(), shows="[role=status]")
for who in ("patient", "newcomer"):
    at(f"documents of a {who}", PORTAL, who, "/documents")
at("a document sent", PORTAL, "patient", "/documents", lambda facts: facts.document() and "/documents?sent=1", shows="[role=status]")
at("sending a document", PORTAL, "patient", "/documents/new", shows="main [type=file][capture]")
at("a visit of long ago", PORTAL, "patient", "/record/visits/:id", lambda facts: facts.past_visit())
at("a visit that was written up", PORTAL, "patient", "/record/visits/:id", lambda facts: facts.signed_summary(), shows="main #note")
at("no visit of one's own", PORTAL, "patient", None, f"/record/visits/{uuid.uuid4()}", status=404)
for done in ("invited", "granted", "withdrawn"):
    at(f"somebody who acts for one, {done}", PORTAL, "patient", "/record/access", f"/record/access?proxy={done}", shows="#proxies + [role=status]")
at("whose record, of several", PORTAL, "friend", "/people", shows="main form[action='/people/stop']")
at("one's account, of several records", PORTAL, "friend", "/security", shows=".who a[href='/people']")


def act_for(page, facts):
    page.goto("/people")
    with page.expect_navigation():
        page.locator("main li", has_text=facts.name).locator("form[action='/people'] button").click()


for what, route in (("home", "/"), ("record", "/record"), ("visits", "/visits")):
    @place(f"{what} of somebody one acts for", PORTAL, "friend", route, shows=".who.acting")
    def look_at_another(page, facts, route=route):
        act_for(page, facts)
        return page.goto(route)


at("whose record", PORTAL, "patient", "/people", shows="main ul.rows")
at("acting for somebody no more", PORTAL, "patient", "/people", "/people?stopped=1", shows="[role=status]")
at("who may see it, saved", PORTAL, "patient", "/record/access", "/record/access?saved=1", shows="[role=status]")
at("what to book", PORTAL, "patient", BOOK)
at("when to book", PORTAL, "patient", TIMES, "/visits/book/times?service=office-visit")
at("later times", PORTAL, "patient", TIMES, "/visits/book/times?service=check-up&from=2400-01-01", shows="main .empty")
at("a result with a range", PORTAL, "patient", RESULTS, lambda facts: facts.result("LDL"), shows="main .plot svg[role=img]")
at("a result in two parts", PORTAL, "patient", RESULTS, lambda facts: facts.result("Blood pressure"), shows="main .plot svg[role=img] .path-2")
at("a booked visit", PORTAL, "patient", "/visits/:id", lambda facts: facts.booked())
at("a visit by video, too soon", PORTAL, "patient", "/visits/:id/call", lambda facts: facts.by_video() + "/call", shows="main .note")
at("the test of camera and sound", PORTAL, "patient", "/visits/:id/call/test", lambda facts: facts.by_video() + "/call/test",
   shows="main [data-device]")
at("before a visit by video", PORTAL, "patient", "/visits/:id/call", lambda facts: facts.by_video(5) + "/call", shows="main [name=consent]")


@place("waiting for a visit by video", PORTAL, "patient", "/visits/:id/call", shows="main [data-call]")
def waiting_by_video(page, facts):
    address = facts.by_video(5) + "/call"
    page.goto(address)
    page.fill("[name=place]", "{12 Elm Street}")
    page.select_option("[name=region]", "IL")
    page.check("[name=consent]")
    follow(page, "main form button")
    return page.goto(address)


@place("a visit by video nobody agreed to", PORTAL, "patient", None, status=422, shows="main [role=alert]")
def no_consent(page, facts):
    page.goto(facts.by_video(5) + "/call")
    return follow(page, "main form button")


at("guests of a visit by video", PORTAL, "patient", "/visits/:id/call/guests", lambda facts: facts.by_video(5) + "/call/guests",
   shows="main form[action$='/guests']")
at("guests of a visit by video at the clinic", CLINIC, "nurse", "/patients/:id/visits/:visit/call/guests",
   lambda facts: facts.at_desk(facts.by_video(5)) + "/call/guests", shows="main form[action$='/guests']")


@place("a guest's link", PORTAL, "patient", shows="main code")
def make_a_guests_link(page, facts):
    page.goto(facts.by_video(5) + "/call/guests")
    page.fill("[name=name]", "{Rosa Lind}")
    return follow(page, "main form[action$='/guests'] button")


@place("a guest without a name", PORTAL, "patient", status=422, shows="main [role=alert]")
def invite_nobody(page, facts):
    page.goto(facts.by_video(5) + "/call/guests")
    return follow(page, "main form[action$='/guests'] button")


at("a guest is asked in", PORTAL, "nobody", "/guest/:link", lambda facts: facts.guests_link(), shows="main form[action='/guest']")
at("no guest's link", PORTAL, "nobody", None, "/guest/" + "A" * 43, status=404)


@place("a guest waits", PORTAL, "nobody", "/guest", shows="main [data-call]")
def wait_as_a_guest(page, facts):
    page.goto(facts.guests_link())
    return follow(page, "main form[action='/guest'] button")


@place("a guest has left", PORTAL, "nobody", None, shows="main [role=status]")
def leave_as_a_guest(page, facts):
    page.goto(facts.guests_link())
    follow(page, "main form[action='/guest'] button")
    return follow(page, "main form[action='/guest/leave'] button")


@place("a guest's link that was used", PORTAL, "nobody", status=410, shows="main [role=status]")
def come_again(page, facts):
    link = facts.guests_link()
    page.goto(link)
    follow(page, "main form[action='/guest'] button")
    page.context.clear_cookies(name="__Host-guest")
    return page.goto(link)


at("who waits by video", CLINIC, "nurse", "/calls")
at("a visit by video at the clinic", CLINIC, "nurse", "/patients/:id/visits/:visit/call", lambda facts: facts.at_desk(facts.by_video(5)) + "/call",
   shows="main [data-call]")
at("a visit just booked", PORTAL, "patient", "/visits/:id", lambda facts: facts.booked() + "?new=1", shows="[role=status]")
at("a cancelled visit", PORTAL, "patient", "/visits/:id", lambda facts: facts.cancelled())
at("a held visit", PORTAL, "patient", "/visits/:id", lambda facts: facts.held(), shows="main form[action$='/book']")
at("cancelling", PORTAL, "patient", "/visits/:id/cancel", lambda facts: facts.booked() + "/cancel")
at("moving a visit", PORTAL, "patient", "/visits/:id/move", lambda facts: facts.booked() + "/move", shows="main form[action$='/move'] [name=slot]")
at("moving a visit to anyone", PORTAL, "patient", "/visits/:id/move", lambda facts: facts.booked() + "/move?with=anyone", shows="main [name=slot]")
at("a visit moved", PORTAL, "patient", "/visits/:id", lambda facts: facts.booked() + "?moved=1", shows="[role=status]")
at("moving what is cancelled", PORTAL, "patient", None, lambda facts: facts.cancelled() + "/move", status=409, shows="[role=alert]")


at("a private calendar", PORTAL, "patient", "/visits/feed", shows="main form[action='/visits/feed']")
at("no private calendar any more", PORTAL, "newcomer", "/visits/feed", "/visits/feed?ended=1", shows="[role=status]")


@place("a link for the calendar", PORTAL, "patient", shows="main code")
def make_a_link(page, facts):
    page.goto("/visits/feed")
    return follow(page, "main form[action='/visits/feed'] button")


at("waiting for nothing", PORTAL, "newcomer", "/visits/waiting", shows="main .empty")
for done in ("joined", "asked", "declined", "left", "call"):
    at(f"waiting, {done}", PORTAL, "patient", "/visits/waiting", f"/visits/waiting?done={done}", shows="[role=status]")
JOIN = "/visits/waiting/new"
at("joining the waiting list", PORTAL, "patient", JOIN, f"{JOIN}?service=office-visit", shows="main [name=weekday]")
at("a sooner time", PORTAL, "patient", JOIN, lambda facts: f"{JOIN}?service=office-visit&visit={facts.booked().rsplit('/', 1)[1]}", shows="main [name=part]")
at("waiting for what is not offered", PORTAL, "patient", None, f"{JOIN}?service=nothing", status=404)
at("being called", PORTAL, "patient", "/visits/call", shows="main form[action='/visits/call']")


@place("waiting, with a day that is none", PORTAL, "patient", status=422, shows="[role=alert] a")
def wait_until_never(page, facts):
    page.goto(f"{JOIN}?service=office-visit")
    page.fill("[name=until]", "never")
    return follow(page, "main form .btn-large")


@place("waiting for a call", PORTAL, "patient", "/visits/waiting", shows="main form[action='/visits/waiting/leave']")
def wait_for_a_call(page, facts):
    page.goto("/visits/call")
    return follow(page, "main form .btn-large")


@place("waiting for the same twice", PORTAL, "patient", status=409, shows="[role=alert] a")
def wait_twice(page, facts):
    for _ in range(2):
        page.goto(f"{JOIN}?service=office-visit")
        page.fill("[name=from]", "2031-05-01")
        page.fill("[name=until]", "2031-05-02")
        answer = follow(page, "main form .btn-large")
    return answer


@place("no new time chosen", PORTAL, "patient", status=422, shows="[role=alert]")
def move_nowhere(page, facts):
    page.goto(facts.booked() + "/move")
    return follow(page, "main form[action$='/move'] button")


@place("a visit that was moved meanwhile", PORTAL, "patient", status=409, shows="[role=alert]")
def move_again(page, facts):
    page.goto(facts.booked() + "/move")
    page.locator("[name=slot]").first.check(force=True)
    page.evaluate("document.querySelector('main [name=version]').value = 1")
    return follow(page, "main form[action$='/move'] button")


at("who looked at the chart", PORTAL, "patient", "/looked", lambda facts: facts.looked_at() and "/looked", shows="main table")
at("who looked, everything", PORTAL, "patient", "/looked", "/looked?all=1", shows="main table")
at("who looked, with a question", PORTAL, "patient", "/looked", lambda facts: facts.asked() + "?asked=1", shows="[role=status]")
at("who looked at a newcomer's chart", PORTAL, "newcomer", "/looked")
at("asking about an access", PORTAL, "patient", "/looked/ask", lambda facts: facts.looked_at(), shows="main textarea")
at("an access that is not there", PORTAL, "patient", None, "/looked/ask?place=records-999999999", status=404)
at("times of nothing", PORTAL, "patient", None, "/visits/book/times", status=400)
at("a visit that is not there", PORTAL, "patient", None, f"/visits/{uuid.uuid4()}", status=404)


@place("no time chosen", PORTAL, "patient", status=422, shows="[role=alert]")
def choose_nothing(page, facts):
    page.goto("/visits/book/times?service=office-visit")
    return follow(page, "main form[action='/visits/book/hold'] button")


def hold(page, value):
    page.goto("/visits/book/times?service=office-visit")
    page.evaluate("value => { const slot = document.querySelector('[name=slot]'); slot.value = value; slot.checked = true }", value)
    return follow(page, "main form[action='/visits/book/hold'] button")


@place("a time someone else took", PORTAL, "patient", status=409, shows="[role=alert]")
def come_second(page, facts):
    return hold(page, facts.world.taken())


@place("a time that is not offered", PORTAL, "patient", status=409, shows="[role=alert]")
def want_the_past(page, facts):
    page.goto("/visits/book/times?service=office-visit")
    value = page.locator("[name=slot]").first.get_attribute("value")
    return hold(page, re.sub("[0-9]+$", "1000000000", value))


@place("a page that is called a photo", PORTAL, "patient", status=422, shows="[role=alert] a")
def send_a_page(page, facts):
    page.goto("/documents/new")
    page.fill("[name=title]", "⟪Rash⟫")
    page.set_input_files("[name=file]", files=[{"name": "rash.png", "mimeType": "image/png", "buffer": b"<!doctype html><title>rash</title>"}])
    return follow(page, "main form[enctype] button")


@place("an empty question", PORTAL, "patient", status=422, shows="[role=alert] a")
def ask_nothing(page, facts):
    page.goto(facts.looked_at())
    return follow(page, "main form button")


at("report of the trail", CLINIC, "administrator", "/privacy", lambda facts: facts.looked_at() and "/privacy", shows="main table")
at("report sorted by person", CLINIC, "administrator", "/privacy", "/privacy?sort=person&order=up", shows="main th[aria-sort=ascending]")
at("report of a period without entries", CLINIC, "administrator", "/privacy", "/privacy?from=1999-01-01&to=1999-01-02", shows="main .empty")
at("report of no period", CLINIC, "administrator", None, "/privacy?from=2026-01-02&to=2026-01-01", status=422, shows="[role=alert] a")
at("patients' questions", CLINIC, "administrator", "/privacy/questions", lambda facts: facts.asked() and "/privacy/questions", shows="main textarea")
at("no report for a nurse", CLINIC, "nurse", None, "/privacy", status=404)


@place("an empty answer", CLINIC, "administrator", status=422, shows="[role=alert] a")
def answer_nothing(page, facts):
    assert facts.asked()
    page.goto("/privacy/questions")
    return follow(page, "main form button")


at("day", CLINIC, "nurse", "/", lambda facts: f"/?day={facts.booked_day()}", shows="main ol.rows")
at("day without visits", CLINIC, "nurse", "/", "/?day=2400-01-01", shows="main .empty")
at("arrivals", CLINIC, "nurse", "/board")
VISIT = "/patients/:id/visits/:visit"
at("a patient's visit", CLINIC, "nurse", VISIT, lambda facts: facts.booked_at(), shows="main form[action$='/cancel']")
at("a patient's visit, moved", CLINIC, "nurse", VISIT, lambda facts: facts.booked_at() + "?done=moved", shows="[role=status]")
at("a visit cancelled, at the desk", CLINIC, "nurse", VISIT, lambda facts: facts.at_desk(facts.cancelled()), shows="main [name=reason]")
at("a visit as the administrator sees it", CLINIC, "administrator", VISIT, lambda facts: facts.booked_at(), shows="main [name=reason]")
at("booking for a patient", CLINIC, "nurse", "/patients/:id/visits/new", lambda facts: facts.chart + "/visits/new", shows="main [name=slot]")
at("moving a patient's visit", CLINIC, "nurse", VISIT + "/move", lambda facts: facts.booked_at() + "/move", shows="main [name=slot]")
at("a series booked", CLINIC, "nurse", VISIT, lambda facts: facts.booked_at() + "?done=series&booked=5&missed=2026-12-01,2026-12-08",
   shows="[role=status]")
at("a visit at a time that is not offered", CLINIC, "nurse", "/patients/:id/visits/over", lambda facts: facts.chart + "/visits/over", shows="main [name=reason]")
at("no visit of the patient's", CLINIC, "nurse", None, lambda facts: facts.chart + f"/visits/{uuid.uuid4()}", status=404)


@place("no time chosen for a patient", CLINIC, "nurse", status=422, shows="[role=alert]")
def book_nothing_for_a_patient(page, facts):
    page.goto(facts.chart + "/visits/new")
    page.evaluate("document.querySelectorAll('[name=slot]').forEach(slot => slot.checked = false)")
    return follow(page, "main form[action$='/visits'] button")


@place("a visit booked again without a reason", CLINIC, "nurse", status=422, shows="[role=alert] a")
def book_again_without_a_reason(page, facts):
    page.goto(facts.at_desk(facts.cancelled()))
    return follow(page, "main form[action$='/mark'] button")


@place("booked over without a reason", CLINIC, "nurse", status=422, shows="[role=alert] a")
def book_over_without_a_reason(page, facts):
    page.goto(facts.chart + "/visits/over")
    return follow(page, "main form[action$='/over'] button")


@place("booked over hours", CLINIC, "nurse", status=409, shows="[role=alert] li")
def book_over_the_hours(page, facts):
    page.goto(facts.chart + "/visits/over")
    for name, value in (("day", "2031-05-04"), ("time", "3:10"), ("reason", "⟪Must be seen⟫")):
        page.fill(f"[name={name}]", value)
    return follow(page, "main form[action$='/over'] button")


at("on the phone", CLINIC, "nurse", "/patients/:id/phone", lambda facts: facts.chart + "/phone", shows="main [name=slot]")
at("on the phone, they wait now", CLINIC, "nurse", "/patients/:id/phone", lambda facts: facts.chart + "/phone?waits=1", shows="main [role=status]")
at("calendar of a day", CLINIC, "nurse", "/calendar", lambda facts: f"/calendar?day={facts.booked_day()}", shows="main table.day .slot-box")
at("calendar of a day on which nobody is there", CLINIC, "nurse", "/calendar", "/calendar?day=2400-01-01", shows="main .empty")


at("calendar by room", CLINIC, "administrator", "/calendar", "/calendar?day=2400-01-01&with=rooms", shows="main .empty")


@place("calendar of a week", CLINIC, "administrator", "/calendar", shows="main table.day")
def look_at_a_week(page, facts):
    page.goto(f"/calendar?day={facts.booked_day()}")
    return page.goto(CLINIC + page.locator("main table.day thead a").first.get_attribute("href"))


at("who waits", CLINIC, "administrator", "/waiting")
at("how a month went", CLINIC, "administrator", "/calendar/month", "/calendar/month?month=2026-11", shows="#offers")
at("who waits, done", CLINIC, "administrator", "/waiting", "/waiting?done=1", shows="[role=status]")
at("absences", CLINIC, "administrator", "/absences", "/absences?ended=1", shows="[role=status]")
at("somebody is away", CLINIC, "administrator", "/absences/new", "/absences/new?kind=leave", shows="main select")
at("a place is closed", CLINIC, "administrator", "/absences/new", "/absences/new?kind=holiday", shows="main select")


@place("a closed place without a name", CLINIC, "administrator", status=422, shows="[role=alert] a")
def close_without_a_name(page, facts):
    page.goto("/absences/new?kind=holiday")
    return follow(page, "main form .btn")


@place("an absence", CLINIC, "administrator", "/absences/:absence", shows="main form[action$='/end']")
def look_at_an_absence(page, facts):
    page.goto("/absences")
    if not page.locator("main ul.rows a").count():
        page.goto("/absences/new?kind=leave")
        page.fill("[name=from]", "2031-05-01")
        page.fill("[name=note]", "⟪At a course⟫")
        follow(page, "main form .btn")
    page.goto("/absences")
    return page.goto(CLINIC + page.locator("main ul.rows a").first.get_attribute("href"))


for who in ("nurse", "administrator"):
    at(f"first steps: {who}", CLINIC, who, "/", shows="[aria-labelledby=first-steps] .line")
at("practice patient", CLINIC, "administrator", "/patients/:id",
   lambda facts: find_patient(facts.world.nurse, "practice ada").first.get_attribute("href"), shows=".patient .tag-warn")
at("find", CLINIC, "nurse", "/patients")
for who in ("patient", "newcomer"):
    whose = {"patient": lambda facts: facts.chart, "newcomer": lambda facts: facts.world.newcomer["chart"]}[who]
    at(f"chart of a {who}", CLINIC, "nurse", "/patients/:id", lambda facts, whose=whose: whose(facts))
    at(f"chart results of a {who}", CLINIC, "nurse", "/patients/:id/results", lambda facts, whose=whose: whose(facts) + "/results")
at("invite", CLINIC, "nurse", "/patients/:id/invite", lambda facts: facts.chart + "/invite")
at("photo", CLINIC, "nurse", "/patients/:id/photo/change", lambda facts: facts.world.newcomer["chart"] + "/photo/change", shows="main input[type=file]")
at("photo kept", CLINIC, "nurse", "/patients/:id/photo/change", lambda facts: facts.photo(), shows=".patient img.face")
at("who acts for a patient", CLINIC, "nurse", "/patients/:id/proxies", lambda facts: facts.chart + "/proxies")
at("somebody let in", CLINIC, "nurse", "/patients/:id/proxies", lambda facts: facts.chart + "/proxies?done=granted", shows="[role=status]")
at("chart result", CLINIC, "nurse", "/patients/:id/results/:result", lambda facts: facts.chart + facts.result("LDL"),
   shows="main .plot svg[role=img]")
at("chart result in two parts", CLINIC, "nurse", "/patients/:id/results/:result", lambda facts: facts.chart + facts.result("Blood pressure"),
   shows="main .plot svg[role=img] .path-2")
for kind in ("problem", "allergy", "no-known-allergies", "medication", "immunization", "procedure", "family", "social"):
    at(f"new entry {kind}", CLINIC, "nurse", "/patients/:id/entries/new", lambda facts, kind=kind: facts.chart + f"/entries/new?kind={kind}",
       shows="main form .btn")
at("whole record", CLINIC, "nurse", "/patients/:id/record", lambda facts: facts.chart + "/record", shows="main ol.line li[data-fhir]")
at("whole record of a newcomer", CLINIC, "nurse", "/patients/:id/record", lambda facts: facts.world.newcomer["chart"] + "/record")
at("a part of the record", CLINIC, "nurse", "/patients/:id/record", lambda facts: facts.chart + "/record?section=results")
at("no part of the record", CLINIC, "nurse", None, lambda facts: facts.chart + "/record?section=nothing", status=404)
at("an entry", CLINIC, "nurse", "/patients/:id/entries/:entry", lambda facts: facts.entry("Condition"), shows="main form .btn-danger")
at("a line nobody wrote by hand", CLINIC, "nurse", "/patients/:id/entries/:entry", lambda facts: facts.entry("Observation"), shows="main ul.rows")
at("starting an encounter", CLINIC, "nurse", "/patients/:id/encounters/new", lambda facts: facts.chart + "/encounters/new", shows="main form")
at("an encounter being written", CLINIC, "nurse", "/patients/:id/encounters/:encounter", lambda facts: facts.encounter(), shows="main textarea")
at("an encounter somebody else writes", CLINIC, "nurse", "/patients/:id/encounters/:encounter", lambda facts: facts.held_encounter(),
   shows="main [role=status]")
at("an encounter that began with a template", CLINIC, "nurse", None, lambda facts: facts.template() and facts.encounter() + "?inserted=1",
   shows="main [name=template]")
at("a signed encounter", CLINIC, "nurse", "/patients/:id/encounters/:encounter", lambda facts: facts.signed_encounter(), shows="main article")


for who in ("patient", "newcomer"):
    whose = {"patient": lambda facts: facts.chart, "newcomer": lambda facts: facts.world.newcomer["chart"]}[who]
    at(f"documents of a {who}'s chart", CLINIC, "nurse", "/patients/:id/documents", lambda facts, whose=whose: whose(facts) + "/documents")
at("filing a document", CLINIC, "nurse", "/patients/:id/documents/new", lambda facts: facts.chart + "/documents/new", shows="main [type=file]")
at("a document", CLINIC, "clinician", "/patients/:id/documents/:document", lambda facts: facts.document(), shows="main form[action$='/accept']")
at("no such document", CLINIC, "nurse", None, lambda facts: facts.chart + f"/documents/{uuid.uuid4()}", status=404)


at("a document shared with others", CLINIC, "nurse", "/patients/:id/documents/:document", lambda facts: facts.shared_document(),
   shows="main form[action$='/unshare']")
at("documents shared with one", CLINIC, "clinician", "/shared", lambda facts: facts.shared_document() and "/shared", shows="main ul.rows li[data-fhir]")
at("nothing shared with one", CLINIC, "nurse", "/shared", shows="main .empty")


@place("a document shared with nobody", CLINIC, "nurse", status=422, shows="[role=alert] a")
def share_with_nobody(page, facts):
    page.goto(facts.document())
    page.fill("[name=until]", "2020-01-01")
    return follow(page, "form[action$='/share'] button")


@place("documents looked for", CLINIC, "nurse", shows="main ul.rows")
def look_for_a_document(page, facts):
    assert facts.document()
    page.goto(facts.chart + "/documents")
    page.fill("main [name=text]", "⟪Rash⟫")
    return follow(page, "main form.toolbar button")


@place("a document without a reason", CLINIC, "nurse", status=422, shows="[role=alert] a")
def retract_without_a_reason(page, facts):
    page.goto(facts.document())
    return follow(page, "form[action$='/retract'] button")


@place("a document without a file", CLINIC, "nurse", status=422, shows="[role=alert] a")
def file_nothing(page, facts):
    page.goto(facts.chart + "/documents/new")
    return follow(page, "main form[enctype] button")


@place("an entry that says nothing", CLINIC, "nurse", status=422, shows="[role=alert] a")
def write_nothing(page, facts):
    page.goto(facts.chart + "/entries/new?kind=problem")
    return follow(page, "main form .btn >> nth=0")


@place("an entry that is listed already", CLINIC, "nurse", status=422, shows="[role=alert] a")
def write_twice(page, facts):
    answer = None
    for _ in range(2):
        page.goto(facts.chart + "/entries/new?kind=problem")
        page.fill("[name=name]", "⟪Rash⟫")
        answer = follow(page, "main form .btn >> nth=0")
    return answer


@place("an encounter without a reason", CLINIC, "nurse", status=422, shows="[role=alert] a")
def come_for_nothing(page, facts):
    page.goto(facts.world.newcomer["chart"] + "/encounters/new")
    return follow(page, "main form .btn >> nth=0")


@place("a temperature nobody has", CLINIC, "nurse", status=422, shows="[role=alert] a")
def measure_wrongly(page, facts):
    page.goto(facts.encounter())
    page.fill("[name=temperature]", "98.6")
    return follow(page, "main form[action$='/vitals'] button")


at("changes patients ask for", CLINIC, "nurse", "/changes", lambda facts: facts.detail_asked() and "/changes", shows="main form")
at("a change done", CLINIC, "nurse", "/changes", "/changes?done=1", shows="[role=status]")


@place("a change refused without a word", CLINIC, "nurse", status=422, shows="[role=alert] a")
def refuse_without_a_word(page, facts):
    facts.detail_asked()
    page.goto("/changes")
    return follow(page, "main form .btn-plain >> nth=0")


at("corrections patients ask for", CLINIC, "nurse", "/amendments", lambda facts: facts.amendment() and "/amendments", shows="main ul.rows")


@place("a correction refused without a word", CLINIC, "clinician", status=422, shows="[role=alert] a")
def refuse_a_correction(page, facts):
    facts.amendment()
    page.goto("/amendments")
    return follow(page, "main form .btn-plain >> nth=0")


at("what waits", CLINIC, "nurse", "/worklist", lambda facts: facts.renewal() and "/worklist", shows="main ul.rows .check")
at("what was changed since", CLINIC, "nurse", "/worklist", "/worklist?changed=1", shows="[role=alert]")
at("results that wait", CLINIC, "clinician", "/worklist", lambda facts: facts.waiting() and "/worklist", shows="main form[action^='/worklist/results/']")
at("orders", CLINIC, "clinician", "/patients/:id/orders", lambda facts: facts.order() and facts.chart + "/orders", shows="main ul.rows li[data-fhir]")
at("orders of a newcomer", CLINIC, "nurse", "/patients/:id/orders", lambda facts: facts.world.newcomer["chart"] + "/orders")
at("ordering", CLINIC, "clinician", "/patients/:id/orders/new", lambda facts: facts.chart + "/orders/new", shows="main form")
at("an order", CLINIC, "clinician", "/patients/:id/orders/:order", lambda facts: facts.order(), shows="main form [name=status]")
at("an order the patient may book", CLINIC, "clinician", "/patients/:id/orders/:order", lambda facts: facts.order() + "?ticket=1", shows="[role=status]")
at("no ordering for a nurse", CLINIC, "nurse", None, lambda facts: facts.chart + "/orders/new", status=404)
at("a comment that is none", CLINIC, "clinician", "/worklist", lambda facts: facts.waiting() and "/worklist?comment=1", shows="[role=alert]")
at("entering results", CLINIC, "nurse", "/patients/:id/results/new", lambda facts: facts.chart + "/results/new", shows="main fieldset")
at("a result with what it said before", CLINIC, "clinician", "/patients/:id/results/:result/versions", lambda facts: facts.waiting(),
   shows="main [name=reason]")
at("a corrected result", PORTAL, "patient", RESULTS, lambda facts: facts.corrected(), shows="main .note-warn")


@place("an order of nothing", CLINIC, "clinician", status=422, shows="[role=alert] a")
def order_nothing(page, facts):
    page.goto(facts.chart + "/orders/new")
    return follow(page, "main form .btn >> nth=0")


@place("an order put on hold without a reason", CLINIC, "clinician", status=422, shows="[role=alert] a")
def hold_without_a_reason(page, facts):
    page.goto(facts.order())
    return follow(page, "main form.card button")


@place("results nobody can read", CLINIC, "nurse", status=422, shows="[role=alert] a")
def enter_nonsense(page, facts):
    page.goto(facts.chart + "/results/new")
    page.fill("[name=name-0]", "⟪Potassium⟫")
    page.fill("[name=value-0]", "4,1")
    return follow(page, "main form button")


@place("a correction without a reason", CLINIC, "clinician", status=422, shows="[role=alert] a")
def correct_without_a_reason(page, facts):
    page.goto(facts.waiting())
    return follow(page, "main form[action$='/versions'] button")


at("prescribing", CLINIC, "clinician", "/patients/:id/prescriptions/new", lambda facts: facts.chart + "/prescriptions/new", shows="main form")
at("a prescription", CLINIC, "clinician", "/patients/:id/prescriptions/:prescription", lambda facts: facts.prescription(), shows="main dl.facts")
at("no prescribing for a nurse", CLINIC, "nurse", None, lambda facts: facts.chart + "/prescriptions/new", status=404)


@place("a prescription against a warning", CLINIC, "clinician", status=422, shows="main .check-not, main .check-warn")
def prescribe_unchecked(page, facts):
    page.goto(facts.chart + "/prescriptions/new")
    for name, value in (("medicine", "⟪Unheardofine⟫"), ("amount", "1"), ("unit", "⟪tablet⟫"), ("quantity", "10")):
        page.fill(f"[name={name}]", value)
    return follow(page, "main form .btn")


at("a closed chart", CLINIC, "nurse", "/patients/:id/break-glass", lambda facts: facts.chart + "/break-glass", shows="main textarea")
at("what was written about a visit", CLINIC, "administrator", "/patients/:id/visits/:visit/messages",
   lambda facts: f"{facts.chart}/visits/{facts.booked().rsplit('/', 1)[1]}/messages", shows="main table")
at("inbox", CLINIC, "nurse", "/messages", lambda facts: facts.thread() and "/messages", shows="main .rows")
at("among staff", CLINIC, "nurse", "/patients/:id/among-staff", lambda facts: facts.among_staff(), shows="main .thread.staff .message")
at("a thread at the clinic", CLINIC, "nurse", "/patients/:id/messages/:thread", lambda facts: facts.chart + facts.thread(), shows="main .thread")


@place("an answer without words", CLINIC, "nurse", status=422, shows="main [role=alert]")
def answer_nothing(page, facts):
    page.goto(facts.chart + facts.thread())
    return follow(page, "main form.card .btn")


def write_to_many(page, subject):
    page.goto("/outreach/new")
    page.select_option("[name=practitioner]", index=1)
    page.fill("[name=subject]", subject)
    page.fill("[name=text]", "⟪Please come at noon.⟫")
    return follow(page, "main form.card .btn")


at("write to many", CLINIC, "nurse", "/outreach/new", shows="main fieldset select")


@place("a message to many", CLINIC, "nurse", "/outreach/:outreach", shows="main section h2")
def look_at_many(page, facts):
    answer = write_to_many(page, "⟪We are closed⟫")
    # While its readers are looked up the page asks for itself.
    while answer.headers.get("refresh"):
        page.wait_for_timeout(500)
        answer = page.goto(page.url)
    return answer


at("messages to many", CLINIC, "nurse", "/outreach", shows="main h1")


@place("a message to many without a subject", CLINIC, "nurse", status=422, shows="main [role=alert]")
def write_to_many_without_subject(page, facts):
    return write_to_many(page, "")


at("who answers", CLINIC, "administrator", "/settings/pools", shows="main .rows")
at("who answers, kept", CLINIC, "administrator", "/settings/pools", "/settings/pools?kept=1", shows="main [role=status]")
at("a pool", CLINIC, "administrator", "/settings/pools/:pool", "/settings/pools/care", shows="main fieldset")


@place("a pool without hours", CLINIC, "administrator", status=422, shows="main [role=alert]")
def keep_unreadable_pool(page, facts):
    page.goto("/settings/pools/desk")
    page.fill("[name=hours]", "0")
    return follow(page, "main form .btn")


at("how we write to them", CLINIC, "nurse", "/patients/:id/preferences", lambda facts: facts.chart + "/preferences", shows="main fieldset")
at("how we write to them, saved", CLINIC, "administrator", "/patients/:id/preferences", lambda facts: facts.chart + "/preferences?saved=1",
   shows="[role=status]")


@place("how we write to them, changed elsewhere", CLINIC, "administrator", status=409, shows="[role=alert]")
def change_their_messages(page, facts):
    page.goto(facts.chart + "/preferences")
    page.evaluate("document.querySelector('main [name=version]').value = 99")
    return follow(page, "main form .btn")


at("a patient at the desk", CLINIC, "administrator", "/patients/:id", lambda facts: facts.chart)
at("opened charts", CLINIC, "administrator", "/broken-glass")
at("phrases and usual orders", CLINIC, "clinician", "/favourites", lambda facts: facts.favourites() and "/favourites?kept=1", shows="[role=status]")
at("an order one often places", CLINIC, "clinician", "/patients/:id/orders/new", lambda facts: facts.favourites(), shows="nav[aria-labelledby=usual] a")
at("phrases of a nurse", CLINIC, "nurse", None, "/favourites", shows="main form textarea")
at("people who work here", CLINIC, "administrator", "/accounts", shows="main table")
at("an account closed", CLINIC, "administrator", "/accounts", "/accounts?done=closed", shows="[role=status]")
at("an account and what was said before", CLINIC, "administrator", "/accounts/:id", lambda facts: facts.colleague(), shows="#changes + table")
at("an account changed", CLINIC, "administrator", "/accounts", lambda facts: facts.colleague() and "/accounts?done=kept", shows="[role=status]")
at("where somebody works", CLINIC, "administrator", "/accounts/:id/places", lambda facts: facts.workplaces(), shows="#changes + table")
at("where somebody is licensed", CLINIC, "administrator", "/accounts/:id/licences", lambda facts: facts.licences(), shows="#changes + table")
at("one's own account", CLINIC, "administrator", "/accounts/:id", lambda facts: facts.own_account(), shows="main form")
at("settings", CLINIC, "administrator", "/settings", shows="main ul.rows a")
at("note templates", CLINIC, "administrator", "/settings/templates", lambda facts: facts.template() and "/settings/templates?kept=1",
   shows="[role=status]")
at("a new template", CLINIC, "administrator", "/settings/templates/new", shows="main textarea")
at("a template and what it said before", CLINIC, "administrator", "/settings/templates/:template", lambda facts: facts.template(),
   shows="#changes + table")
at("rooms and devices", CLINIC, "administrator", "/settings/resources", "/settings/resources?kept=1", shows="[role=status]")
at("kinds of visit", CLINIC, "administrator", "/settings/visit-types", "/settings/visit-types?kept=1", shows="[role=status]")
at("a new kind of visit", CLINIC, "administrator", "/settings/visit-types/new", shows="main form")
at("a kind of visit", CLINIC, "administrator", "/settings/visit-types/:code", "/settings/visit-types/office-visit", shows="#changes + table")
at("texts and logo", CLINIC, "administrator", "/settings/clinic", lambda facts: facts.texts() and "/settings/clinic?kept=1", shows="[role=status]")
at("texts and what they said before", CLINIC, "administrator", "/settings/clinic", lambda facts: facts.texts(), shows="#changes + table")
at("places", CLINIC, "administrator", "/settings/places", lambda facts: facts.place() and "/settings/places?kept=1", shows="[role=status]")
at("a place and what was said before", CLINIC, "administrator", "/settings/places/:location", lambda facts: facts.place(), shows="#changes + table")
at("whom to call", CLINIC, "administrator", "/unreached", "/unreached?done=1", shows="[role=status]")
at("reminders", CLINIC, "administrator", "/settings/reminders", "/settings/reminders?kept=1", shows="[role=status]")
at("reminders of a kind of visit", CLINIC, "administrator", "/settings/reminders/:code", "/settings/reminders/office-visit",
   shows="main fieldset input[name=rule]")


@place("reminders somebody else changed", CLINIC, "administrator", status=409, shows="[role=alert]")
def change_reminders_that_changed(page, facts):
    page.goto("/settings/reminders/office-visit")
    page.evaluate("document.querySelector('main [name=version]').value = 99")
    return follow(page, "main form .btn")


at("the billing office", CLINIC, "administrator", "/billing", lambda facts: facts.to_charge() and "/billing", shows="#missing")
at("what a visit cost", CLINIC, "administrator", "/patients/:id/charges/:encounter", lambda facts: facts.to_charge(), shows="main form fieldset")
at("a patient's bills", CLINIC, "administrator", "/patients/:id/bills", lambda facts: facts.bill() and facts.chart + "/bills", shows="main ul.rows a")
at("no bills of a newcomer", CLINIC, "administrator", "/patients/:id/bills", lambda facts: facts.world.newcomer["chart"] + "/bills",
   shows="main .empty")
at("a patient's bill", CLINIC, "administrator", "/patients/:id/bills/:invoice", lambda facts: facts.bill_at_the_office(), shows="main form [name=cash]")


at("who pays", CLINIC, "administrator", "/patients/:id/guarantor", lambda facts: facts.guarantor(), shows="#said + ul")


@place("a payer who is nobody", CLINIC, "administrator", status=422, shows="[role=alert]")
def set_no_guarantor(page, facts):
    page.goto(facts.chart + "/guarantor")
    page.fill("[name=record]", "no such number")
    return follow(page, "main form .btn")


@place("a visit with nothing said", CLINIC, "administrator", status=422, shows="[role=alert]")
def charge_nothing(page, facts):
    page.goto(facts.to_charge())
    return follow(page, "main form .btn")


@place("more cash than is owed", CLINIC, "administrator", status=422, shows="[role=alert]")
def take_too_much(page, facts):
    page.goto(facts.bill_at_the_office())
    page.fill("[name=cash]", "99999")
    return follow(page, "main form[action$='/cash'] button")


at("bills of a patient", PORTAL, "patient", "/bills", lambda facts: facts.bill() and "/bills", shows="main ul.rows a")
at("bills of a newcomer", PORTAL, "newcomer", "/bills", shows="main .empty")
at("a bill", PORTAL, "patient", "/bills/:invoice", lambda facts: f"/bills/{facts.bill()}", shows="main table")
at("a payment that waits for a card", PORTAL, "patient", "/bills/payments/:payment", lambda facts: facts.payment(), shows="main form[action$='/cancel']")
at("a statement", PORTAL, "patient", "/bills/statements/:statement", lambda facts: facts.statement(), shows="main table")
at("a bill in parts", PORTAL, "patient", "/bills/:invoice/plan", lambda facts: facts.bill_to_split(), shows="main form [name=first]")
at("insurances", PORTAL, "patient", "/coverage", lambda facts: facts.coverage() and "/coverage", shows="main ul.rows a")
at("no insurance of a newcomer", PORTAL, "newcomer", "/coverage", shows="main .empty")
at("an insurance", PORTAL, "patient", "/coverage/:coverage", lambda facts: facts.coverage(), shows="main [type=file]")
at("insurances to check", CLINIC, "administrator", "/patients/:id/coverage", lambda facts: facts.coverage() and facts.chart + "/coverage",
   shows="main button[value=confirmed]")


@place("a plan of a day that is over", PORTAL, "patient", status=422, shows="[role=alert]")
def plan_yesterday(page, facts):
    page.goto(facts.bill_to_split())
    page.fill("[name=first]", "2020-01-31")
    return follow(page, "main form[action$='/plan'] .btn")


@place("an insurance without a name", PORTAL, "patient", status=422, shows="[role=alert]")
def add_no_insurance(page, facts):
    page.goto("/coverage")
    return follow(page, "main form[action='/coverage'] .btn")


@place("a card that is no picture", PORTAL, "patient", status=422, shows="[role=alert]")
def send_no_card(page, facts):
    page.goto(facts.coverage())
    page.set_input_files("[name=front]", files=[{"name": "card.png", "mimeType": "image/png", "buffer": b"<!doctype html><title>card</title>"}])
    return follow(page, "main form[action$='/front'] .btn")


@place("an insurance refused without a reason", CLINIC, "administrator", status=422, shows="[role=alert]")
def refuse_no_reason(page, facts):
    facts.coverage()
    page.goto(facts.chart + "/coverage")
    return follow(page, "main button[value=refused]")


at("nobody's bill", PORTAL, "patient", None, f"/bills/{uuid.uuid4()}", status=404)


at("hours", CLINIC, "administrator", "/settings/hours", "/settings/hours?kept=1", shows="main table")
at("hours of a clinician", CLINIC, "administrator", "/settings/hours/:practitioner/:location", lambda facts: facts.hours(), shows="#changes + table")
at("a patient's new password", CLINIC, "administrator", "/patients/:id/invite", lambda facts: facts.chart + "/invite", shows="#reset")
at("a chart that is not there", CLINIC, "nurse", None, f"/patients/{uuid.uuid4()}", status=404)


@place("a closed chart without a reason", CLINIC, "nurse", status=422, shows="[role=alert]")
def open_without_a_reason(page, facts):
    page.goto(facts.chart + "/break-glass")
    return follow(page, "main form button")


@place("what a change of consent does", PORTAL, "patient", shows="main form button")
def check_consent(page, facts):
    page.goto("/record/access")
    page.check("[name=effect][value=deny]")
    page.select_option("[name=who]", "nurse")
    page.select_option("[name=kind]", "GDIS")
    return follow(page, "main form:has([name=effect]) button")


@place("a consent with a day nobody can read", PORTAL, "patient", status=422, shows="[role=alert] a")
def misspell_a_day(page, facts):
    page.goto("/record/access")
    page.check("[name=effect][value=permit]")
    page.fill("[name=from]", "next week")
    return follow(page, "main form:has([name=effect]) button")


@place("somebody without a name to act for one", PORTAL, "patient", status=422, shows="[role=alert] a")
def let_nobody_in(page, facts):
    page.goto("/record/access")
    return follow(page, "main form[action='/record/access/proxies'] button")


@place("patients found", CLINIC, "nurse", shows="main table")
def find(page, facts):
    page.goto("/patients")
    page.fill("main [name=q]", facts.name)
    return follow(page, "main form button")


@place("no patient found", CLINIC, "nurse", shows="main .empty")
def find_nobody(page, facts):
    page.goto("/patients")
    page.fill("main [name=q]", "31.12.1899")
    return follow(page, "main form button")


@place("code to hand over", CLINIC, "nurse", shows="main .value")
def hand_over(page, facts):
    page.goto(facts.world.uninvited['chart'] + "/invite")
    return follow(page, "main form button")


def waiting_request(page):
    """The page of a request for an account: a stranger asks for one, and no chart has what they type."""
    for done in ("", "closed", "invited", "gone"):
        at_list = page.goto("/account-requests" + (f"?done={done}" if done else ""))
        assert at_list.status == 200
    if page.locator("main .rows a").count() == 0:
        page.goto(PORTAL + "/register")
        for name, value in (("given", "Nobody"), ("family", "Stranger"), ("birth-date", "1961-03-14"), ("email", f"{uuid.uuid4().hex}@example.org")):
            page.fill(f"[name={name}]", value)
        page.click("main form button")
        page.wait_for_selector("[role=status]")
        for _ in range(30):
            page.goto(CLINIC + "/account-requests")
            if page.locator("main .rows a").count():
                break
            page.wait_for_timeout(1000)
    return page.goto(CLINIC + page.locator("main .rows a").first.get_attribute("href"))


at("requests for accounts", CLINIC, "nurse", "/account-requests")


@place("a request for an account", CLINIC, "nurse", "/account-requests/:id", shows="#candidates")
def look_at_a_request(page, facts):
    return waiting_request(page)


@place("a request closed without a reason", CLINIC, "nurse", status=422, shows="[role=alert] a")
def close_without_a_reason(page, facts):
    waiting_request(page)
    return follow(page, "form[action$='/close'] button")


@place("a room without a name", CLINIC, "administrator", status=422, shows="[role=alert] a")
def add_no_room(page, facts):
    page.goto("/settings/resources")
    return follow(page, "main form.card .btn")


@place("a kind of visit without a name", CLINIC, "administrator", status=422, shows="[role=alert] a")
def add_nothing(page, facts):
    page.goto("/settings/visit-types/new")
    return follow(page, "main form .btn")


@place("hours nobody can read", CLINIC, "administrator", status=422, shows="[role=alert] a")
def misspell_hours(page, facts):
    page.goto(facts.hours())
    page.fill("[name=day-1]", "nine to five")
    return follow(page, "main form .btn")


@place("visits outside new hours", CLINIC, "administrator", status=422, shows="[role=alert] li")
def leave_visits_outside(page, facts):
    facts.booked()
    practitioner, location = ask_database(
        "SELECT practitioner, location FROM scheduling.appointment WHERE status = 'booked' AND start_at > now() ORDER BY id LIMIT 1")[0].split("|")
    page.goto(f"/settings/hours/{practitioner}/{location}")
    for weekday in range(1, 8):
        page.fill(f"[name=day-{weekday}]", "")
    return follow(page, "main form .btn")


@place("a logo that is no picture", CLINIC, "administrator", status=422, shows="[role=alert] a")
def show_no_picture(page, facts):
    page.goto(facts.texts())
    page.set_input_files("[name=logo]", files=[{"name": "logo.png", "mimeType": "image/png", "buffer": b"<svg onload='alert(1)'>"}])
    return follow(page, "main form[enctype] .btn")


@place("texts somebody else changed", CLINIC, "administrator", status=409, shows="[role=alert]")
def change_changed_texts(page, facts):
    page.goto(facts.texts())
    page.evaluate("document.querySelector('[name=version]').value = 0")
    return follow(page, "main form[enctype] .btn")


@place("a place in no zone", CLINIC, "administrator", status=422, shows="[role=alert] a")
def misspell_a_zone(page, facts):
    page.goto(facts.place())
    page.fill("[name=zone]", "Mars/Olympus")
    return follow(page, "main form .btn")


@place("what another zone moves", CLINIC, "administrator", status=422, shows="[role=alert] li")
def move_a_place(page, facts):
    facts.booked()
    location = ask_database("SELECT location FROM scheduling.appointment WHERE status = 'booked' AND start_at > now() ORDER BY id LIMIT 1")[0]
    page.goto(f"/settings/places/{location}")
    page.fill("[name=zone]", "Pacific/Auckland")
    return follow(page, "main form .btn")


@place("a template without a title", CLINIC, "administrator", status=422, shows="[role=alert] a")
def write_no_template(page, facts):
    page.goto("/settings/templates/new")
    return follow(page, "main form .btn")


@place("a phrase without a text", CLINIC, "clinician", status=422, shows="[role=alert] a")
def keep_no_phrase(page, facts):
    page.goto("/favourites")
    page.fill("[name=name]", "not a name")
    return follow(page, "main form.card .btn")


def sent_from_the_first_version(page, address):
    """The form of what was changed since, as who has not seen that sends it."""
    page.goto(address)
    page.evaluate("document.querySelector('[name=version]').value = 0")
    return follow(page, "main form .btn")


@place("a template somebody else changed", CLINIC, "administrator", status=409, shows="[role=alert]")
def change_what_was_changed(page, facts):
    return sent_from_the_first_version(page, facts.template())


@place("a note without a template", CLINIC, "nurse", status=422, shows="[role=alert] a")
def insert_nothing(page, facts):
    facts.template()
    page.goto(facts.encounter())
    page.select_option("[name=template]", "")
    return follow(page, "main form [formaction$='/template']")


@place("places of somebody that were changed meanwhile", CLINIC, "administrator", status=409, shows="[role=alert]")
def leave_changed_places(page, facts):
    return sent_from_the_first_version(page, facts.workplaces())


@place("licences that were changed meanwhile", CLINIC, "administrator", status=409, shows="[role=alert]")
def keep_changed_licences(page, facts):
    return sent_from_the_first_version(page, facts.licences())


@place("an account without a name", CLINIC, "administrator", status=422, shows="[role=alert] a")
def name_nobody(page, facts):
    page.goto(facts.colleague())
    page.fill("[name=name]", "")
    return follow(page, "main form .btn")


@place("an account somebody else changed", CLINIC, "administrator", status=409, shows="[role=alert]")
def change_a_changed_account(page, facts):
    return sent_from_the_first_version(page, facts.colleague())


@place("one's own role", CLINIC, "administrator", status=409, shows="[role=alert]")
def change_the_own_role(page, facts):
    page.goto(facts.own_account())
    page.evaluate("document.querySelector('[name=role]').value = 'nurse'")
    return follow(page, "main form .btn")


@place("a colleague without a name", CLINIC, "administrator", status=422, shows="[role=alert] a")
def invite_nobody(page, facts):
    page.goto("/accounts")
    return follow(page, "main form[action='/accounts'] button")


@place("a code for a colleague", CLINIC, "administrator", shows="main .value")
def invite_a_colleague(page, facts):
    page.goto("/accounts")
    page.fill("[name=name]", "⟪Ada Bell⟫")
    page.select_option("[name=role]", "nurse")
    return follow(page, "main form[action='/accounts'] button")


@place("no account to start a new password for", CLINIC, "administrator", shows="main .note-warn")
def start_a_reset_without_account(page, facts):
    page.goto(facts.world.uninvited['chart'] + "/invite")
    return follow(page, "form[action$='/reset'] button")


@place("no second account", CLINIC, "nurse", shows="[role=alert]")
def invite_again(page, facts):
    page.goto(facts.chart + "/invite")
    return follow(page, "main form button")


def registered(method="get"):
    """The routes of both gateways, read from their sources."""
    found = {}
    for base, gateway in ((PORTAL, "Portal"), (CLINIC, "Clinic")):
        entry = (ROOT / "Services" / gateway / f"{gateway}Service.swift").read_text()
        # What both have is in Shared/Web.
        files = [file for file in sorted((ROOT / "Shared/Web/SignIn").glob("*Routes.swift")) if f"{file.stem}(" in entry]
        files += sorted((ROOT / "Services" / gateway / "Routes").glob("*.swift"))
        sources = "\n".join(file.read_text() for file in files)
        found[base] = set(re.findall(rf'routes\s*\.{method}\(\s*"([^"]+)"', sources))
        assert len(found[base]) == len(re.findall(rf"routes\s*\.{method}\(", sources)) > 0, f"{gateway} registers a route that is no plain text"
    return found


def is_at(route, path):
    return re.fullmatch(re.sub(":[a-z]+", "[^/]+", route), path)
