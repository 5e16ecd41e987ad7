"""What people see while a part is away: a page, within two seconds, that says so in their language."""

import concurrent.futures
import email
import email.policy
import json
import pathlib
import re
import time
import uuid

import pytest
from browser import Browser
from clinic import DEMO, SERVICES, SOURCES, account, ask_database, chartline, eventually, healthy_after, stopped, sv

LIMIT = 2.0
# The pages that cannot be without a service. All others are shown without its part.
OWN = {
    "records": {
        "portal": {
            "/record/download", "/record/amendments", "/record/amendments/:id", "/record", "/documents", "/record/access", "/record/all", "/record/new",
            "/record/visits/:id", "/medicines", "/readings", "/readings/:measure", "/details", "/details/:field", "/results", "/results/:id", "/people",
        },
        "clinic": {
            "/patients/:id", "/patients/:id/results", "/patients/:id/results/:result", "/patients/:id/invite", "/patients/:id/break-glass",
            "/patients/:id/proxies", "/patients/:id/preferences", "/patients/:id/visits/:visit/messages", "/patients/:id/photo/change",
            "/patients/:id/messages/:thread", "/patients/:id/among-staff",
            "/patients/:id/record", "/patients/:id/entries/new", "/patients/:id/entries/:entry", "/patients/:id/encounters/new",
            "/patients/:id/encounters/:encounter", "/patients/:id/prescriptions/:prescription", "/account-requests/:id",
            "/changes",
            "/patients/:id/documents", "/patients/:id/documents/new", "/patients/:id/documents/:document",
            "/patients/:id/orders", "/patients/:id/orders/:order", "/patients/:id/results/new", "/patients/:id/results/:result/versions",
            "/changes", "/amendments", "/shared", "/favourites", "/settings/templates", "/settings/templates/:template",
            "/settings/places", "/settings/places/:location", "/accounts/:id/places", "/accounts/:id/licences",
            "/patients/:id/bills", "/patients/:id/bills/:invoice", "/patients/:id/charges/:encounter", "/patients/:id/guarantor",
            "/patients/:id/coverage",
        },
    },
    "scheduling": {
        "portal": {"/visits", "/visits/:id", "/visits/:id/cancel", "/visits/:id/move", "/visits/book", "/visits/book/times", "/visits/waiting", "/visits/waiting/new", "/visits/feed"},
        "clinic": {
            "/board", "/calendar", "/calendar/month", "/waiting", "/patients/:id/phone", "/patients/:id/visits/new", "/patients/:id/visits/over", "/patients/:id/visits/:visit", "/patients/:id/visits/:visit/move",
            "/settings/reminders", "/settings/reminders/:code", "/patients/:id/visits/:visit/messages",
            "/settings/resources", "/settings/visit-types", "/settings/visit-types/:code", "/settings/hours", "/settings/hours/:practitioner/:location",
        },
    },
    "notifications": {
        "portal": {"/preferences", "/answer/:link"},
        "clinic": {
            "/patients/:id/preferences", "/patients/:id/visits/:visit/messages", "/settings/reminders", "/settings/reminders/:code", "/unreached",
        },
    },
    "identity": {
        "portal": set(),
        "clinic": {
            "/accounts", "/accounts/:id", "/accounts/:id/places", "/accounts/:id/licences", "/settings/clinic", "/account-requests", "/account-requests/:id",
            "/patients/:id/proxies",
        },
    },
    "billing": {
        "portal": {"/bills", "/bills/:invoice", "/bills/:invoice/plan", "/coverage", "/coverage/:coverage", "/bills/payments/:payment", "/bills/statements/:statement"},
        "clinic": {"/billing", "/patients/:id/bills", "/patients/:id/bills/:invoice", "/patients/:id/charges/:encounter",
                   "/patients/:id/guarantor", "/patients/:id/coverage"},
    },
    "telemedicine": {
        "portal": {"/visits/:id/call", "/visits/:id/call/test", "/visits/:id/call/guests", "/guest", "/guest/:link"},
        "clinic": {"/calls", "/patients/:id/visits/:visit/call", "/patients/:id/visits/:visit/call/guests"},
    },
    "audit": {"portal": {"/looked", "/looked/ask"}, "clinic": {"/privacy", "/privacy/questions"}},
    "messaging": {"portal": {"/messages", "/messages/new", "/messages/:thread"}, "clinic": {"/messages", "/patients/:id/messages/:thread", "/patients/:id/among-staff", "/settings/pools", "/settings/pools/:pool", "/outreach", "/outreach/:outreach"}},
}
# The sentence on the first page, by the name it has among the texts.
SENTENCES = {
    "records": {"portal": "record.missing", "clinic": "day.names-missing"},
    "scheduling": {"portal": "visits.missing", "clinic": "day.missing"},
    "identity": {"portal": "frame.sign-in-missing", "clinic": "frame.sign-in-missing"},
    "messaging": {"portal": "messages.missing"},
    "billing": {"portal": "bills.missing"},
}


def texts(language):
    """The portal's own last: some names are in both gateways."""
    found = {}
    for folder in ("Shared/Web", "Services/Clinic", "Services/Portal"):
        found |= json.loads((SOURCES / folder / "Localizable" / f"{language}.json").read_text())
    return found


def routes(gateway):
    """Every page that answers a GET, as the sources have it."""
    folder = SOURCES / "Services" / gateway.capitalize() / "Routes"
    found = {path for file in folder.glob("*.swift") for path in re.findall(r'routes\.get\(\s*"([^"]+)"', file.read_text())}
    assert len(found) > 5
    # Not a nurse's to see, whatever is away.
    return found - {"/absences", "/absences/new", "/absences/:absence", "/broken-glass", "/patients/:id/prescriptions/new", "/patients/:id/orders/new"}


@pytest.fixture(scope="module")
def people(nurse):
    """A patient with a visit, a nurse, and the privacy officer; with what their addresses need."""
    patient = Browser(DEMO["portal"]).sign_in(account("patient", "maria"))
    visit = held_by(patient)
    assert patient.ask(visit).submit(visit + "/book").status == 303
    # As if it were one by video, and soon; once it is known what it is, nobody asks again.
    by_video = f"""UPDATE telemedicine.call SET is_video = true, start_at = now() + interval '5 minutes', end_at = now() + interval '1 hour'
        WHERE id = '{visit.rsplit('/', 1)[1]}' AND is_video IS NOT NULL RETURNING id"""
    assert eventually(lambda: ask_database(by_video), 30)
    result = re.search(r'"/results/([0-9a-f-]{36})"', patient.ask("/results").text).group(1)
    found = nurse.ask("/patients").submit("/patients", q="alvarez maria")
    chart = re.search(r'"/patients/([0-9a-f-]{36})"', found.text).group(1)
    prescription = re.search(r'"MedicationRequest/([0-9a-f-]{36})"', nurse.ask(f"/patients/{chart}").text).group(1)
    past = re.search(r'"/record/visits/([0-9a-f-]{36})"', patient.ask("/record").text).group(1)
    begun = nurse.ask(f"/patients/{chart}/encounters/new").submit(f"/patients/{chart}/encounters", reason="Cough", kind="AMB")
    # Begun here, or the one this nurse has open with this patient already, which the refusal links to.
    encounter = re.search(r"/encounters/([0-9a-f-]{36})", begun.headers["Location"] or begun.text).group(1)
    letter = ("file", "letter.txt", b"Dear Ana")
    filed = nurse.ask(f"/patients/{chart}/documents/new").submit(f"/patients/{chart}/documents", file=letter, type="51852-2")
    document = re.search(r"/documents/([0-9a-f-]{36})", filed.headers["Location"] or filed.text).group(1)
    clinician = Browser(DEMO["clinic"]).sign_in(account("clinician"))
    placed = clinician.ask(f"/patients/{chart}/orders/new").submit(
        f"/patients/{chart}/orders", what="Potassium", kind="laboratory", priority="routine", due=time.strftime("%Y-%m-%d"))
    order = re.search(r"/orders/([0-9a-f-]{36})", placed.headers["Location"]).group(1)
    asked = eventually(request_for_an_account(nurse), 30).group(1)
    access = eventually(lambda: re.search(r'"(/looked/ask\?place=[a-z]+-[0-9]+)"', patient.ask("/looked").text), 60).group(1)
    officer = Browser(DEMO["clinic"]).sign_in(account("administrator"))
    written = officer.ask("/settings/templates/new").submit("/settings/templates", title=uuid.uuid4().hex, history="Since when?")
    template = re.search(r'"/settings/templates/([0-9a-f-]{36})"', officer.ask(written.headers["Location"]).text).group(1)
    hours = re.search(r'"/settings/hours/([0-9a-f-]{36})/([0-9a-f-]{36})"', officer.ask("/settings/hours").text)
    invoice, payment = bill_under_way(clinician, officer, patient, chart)
    statement = statement_of(chart)
    # Of somebody who is in the directory.
    colleague = re.search(rf'"/accounts/([0-9a-f-]{{36}})"(?:(?!</tr>).)*{account("clinician")["username"]}', officer.ask("/accounts").text, re.S).group(1)
    new = patient.ask("/messages/new")
    thread = new.submit("/messages", purpose="medicine", subject="Salt", text=f"How much {uuid.uuid4().hex}?")
    thread = re.search(r"/messages/([0-9a-f-]{36})", thread.headers["Location"]).group(1)
    many = nurse.ask("/outreach/new").submit(
        "/outreach", purpose="medical", practitioner=f"Practitioner/{hours.group(1)}", subject="Closed", text="Come on Monday.")
    insured = patient.ask("/coverage").submit("/coverage", payor="Prairie Health", subscriber="1", relationship="themselves")
    # One who looks at the link, and one who has come by it.
    links = [guests_link(patient, visit) for _ in range(2)]
    guest = Browser(DEMO["portal"])
    assert guest.ask(links[1]).submit("/guest").status == 303
    # A day with bookings, so that there are names to miss.
    when = re.search(r"(\d{1,2}) (\w+) (\d{4})", patient.ask(visit).words)
    day = time.strftime("%Y-%m-%d", time.strptime(" ".join(when.groups()), "%d %B %Y"))
    return {
        "portal": (
            lambda route: guest if route == "/guest" else patient,
            {
                "/guest/:link": links[0].rsplit("/", 1)[1],
                ":coverage": re.search(r"/coverage/([0-9a-f-]{36})", insured.headers["Location"]).group(1),
                "/record/visits/:id": past, "/record/amendments/:id": result, "/visits/:id": visit.rsplit("/", 1)[1], "/results/:id": result,
                ":measure": "pulse", ":thread": thread,
                ":topic": "asthma", ":field": "name", ":link": link_to_answer(visit),
                "/looked/ask": access, "/bills/:invoice": invoice, ":payment": payment,
                ":statement": statement,
            }, "/"),
        "clinic": (
            lambda route: officer if route.startswith(("/privacy", "/accounts", "/settings", "/unreached", "/waiting", "/calendar/month"))
            or route.endswith(("/visits/:visit/messages", "/guarantor", "/coverage")) or "/bill" in route or "/charges/" in route else nurse,
            {
                "/patients/:id": chart, "/account-requests/:id": asked, "/accounts/:id": colleague, ":result": result, ":entry": result, ":encounter": encounter,
                ":prescription": prescription, ":document": document, ":order": order, ":template": template, ":code": "office-visit", ":thread": thread, ":pool": "care",
                ":outreach": many.headers["Location"].rsplit("/", 1)[1],
                ":visit": visit.rsplit("/", 1)[1], ":practitioner": hours.group(1), ":location": hours.group(2), ":invoice": invoice,
            }, f"/?day={day}"),
    }


def guests_link(patient, visit):
    """An address that lets somebody into the visit, once."""
    asked = patient.ask(f"{visit}/call/guests").submit(f"{visit}/call/guests", name="Rosa Lind", kind="interpreter")
    return re.search(r"/guest/[A-Za-z0-9_-]{43}", asked.text).group(0)


def bill_under_way(clinician, officer, patient, chart):
    """A bill of a visit that is over, and a payment of it that waits for a card: their ids."""
    invoice = bill_of_a_visit(clinician, officer, chart)
    started = patient.ask(f"/bills/{invoice}").submit(f"/bills/{invoice}/pay", amount="all")
    return invoice, re.search(r"/payments/([0-9a-f-]{36})", started.headers["Location"]).group(1)


def bill_of_a_visit(clinician, officer, chart, tests="1"):
    """A bill of a visit that is over: its id."""
    chart = f"/patients/{chart}"
    begun = clinician.ask(f"{chart}/encounters/new").submit(f"{chart}/encounters", reason="Cough", kind="AMB")
    note = begun.headers["Location"] or re.search(rf'"({chart}/encounters/[0-9a-f-]{{36}})"', begun.text).group(1)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', clinician.ask(note).text))
    assert clinician.ask(f"{note}/sign", hidden | {"assessment": "A cold"}).status == 303
    charges = f"{chart}/charges/{note.rsplit('/', 1)[1]}"
    assert eventually(lambda: charges in officer.ask("/billing").text, 60)
    assert officer.ask(charges).submit(charges, **{"of-L01": tests}).status == 303
    page = officer.ask(f"{chart}/bills")
    charge = re.search(r'name="charge" value="([0-9a-f-]{36})"', page.text).group(1)
    issued = page.submit(f"{chart}/bills", charge=charge)
    assert issued.status == 303, issued.words
    return re.search(r"/bills/([0-9a-f-]{36})", issued.headers["Location"]).group(1)


def statement_of(patient):
    """A statement of a month that is over: its id. A bill is put into that month, past the books' guards."""
    month = ask_database("SELECT to_char(min(month) - interval '1 month', 'YYYY-MM') FROM billing.statement_run")[0][0]
    ask_database(f"UPDATE billing.entry SET at = '{month}-10' WHERE patient = '{patient}' AND kind = 'invoice'")
    chartline("statements", "run", "--month", month)
    return ask_database(f"SELECT id FROM billing.statement WHERE patient = '{patient}' LIMIT 1")[0][0]


def link_to_answer(visit):
    """The link in the e-mail that confirmed a visit."""
    appointment = visit.rsplit("/", 1)[1]
    sent = f"""
        SELECT id FROM notifications.intent
        WHERE appointment = '{appointment}' AND kind = 'confirmation' AND channel = 'email' AND state IN ('sent', 'delivered')"""
    intent = eventually(lambda: ask_database(sent), 60)[0][0]
    mails = (file.read_bytes() for file in pathlib.Path(DEMO["mail"]).glob("*/*") if file.parent.name in ("new", "cur"))
    mail = next(mail for mail in mails if f"<{intent}@".encode() in mail)
    body = email.message_from_bytes(mail, policy=email.policy.default).get_body(("plain",)).get_content()
    return re.search(r"/answer/([A-Za-z0-9_-]{43})", body).group(1)


def request_for_an_account(nurse):
    """Looks for one that waits; where there is none, somebody asks."""

    def look():
        return re.search(r'"/account-requests/([0-9a-f-]{36})"', nurse.ask("/account-requests").text)

    if look() is None:
        Browser(DEMO["portal"]).ask("/register").submit(
            "/register", **{"given": "Nobody", "family": "Stranger", "birth-date": "1961-03-14", "email": f"{uuid.uuid4().hex}@example.org"})
    return look


def held_by(patient):
    """A visit the patient holds; where there is another of theirs at that time, at the next time there is."""
    times = patient.ask("/visits/book/times?service=office-visit&with=")
    refused = []
    for slot in re.findall(r'value="([0-9a-f-]{36}\|[^"]+)"', times.text)[3:]:
        answer = patient.ask(times.path).submit("/visits/book/hold", slot=slot)
        if answer.status == 303:
            return answer.headers["Location"]
        refused.append((slot, answer.status, answer.words))
    raise AssertionError(f"nothing can be held: {refused[-3:] or times.words}")


def address(route, ids, first):
    if route == "/":
        return first
    path = ids.get(route, route) if ":" not in route else route
    for part, value in ids.items():
        path = path.replace(part, part.rsplit(":", 1)[0] + value) if ":" in part else path
    assert ":" not in path, f"{route} has a part this test knows no value for"
    return path + ("?service=office-visit" if path in ("/visits/book/times", "/visits/waiting/new") else "?kind=problem" if path.endswith("/entries/new") else "")


def walk(people, language):
    """Every page of both gateways: (gateway, route) → page."""
    jobs = {}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for gateway, (browser, ids, first) in people.items():
            for route in sorted(routes(gateway)):
                jobs[gateway, route] = pool.submit(browser(route).ask, address(route, ids, first), language=language)
    return {key: job.result() for key, job in jobs.items()}


def seen(people, language):
    """Everybody has asked for one page: who is signed in was seen a moment ago."""
    for gateway, (browser, ids, first) in people.items():
        for person, route in {browser(route): route for route in sorted(routes(gateway))}.items():
            assert person.ask(address(route, ids, first), language=language).status == 200, (gateway, route)


def test_all_pages_are_there_when_nothing_is_away(people):
    pages = walk(people, "en")
    assert {key: page.status for key, page in pages.items()} == {key: 200 for key in pages}
    for sentence in {name for names in SENTENCES.values() for name in names.values()}:
        assert all(texts("en")[sentence] not in page.words for page in pages.values())


class down:
    def __init__(self, name):
        self.name = name

    def __enter__(self):
        sv("down", self.name)

    def __exit__(self, *_):
        sv("up", self.name)


@pytest.mark.parametrize("fault, language", [(down, "es"), (stopped, "en")], ids=["down", "stopped"])
@pytest.mark.parametrize("service", SERVICES)
def test_while_a_service_is_away(people, report, service, fault, language):
    seen(people, language)
    words = texts(language)
    with fault(service):
        pages = walk(people, language)
        # Longer than a gateway remembers who somebody is.
        if service == "identity":
            time.sleep(5.5)
            pages = walk(people, language)
        sign_in = Browser(DEMO["portal"], language)
        form = sign_in.ask("/sign-in").form("/sign-in")
        if service == "identity":
            refused = sign_in.ask("/sign-in", form | {"username": "a@example.org", "password": "b"})
            pages["portal", "POST /sign-in"] = refused
            stranger = Browser(DEMO["portal"], language)
            stranger.cookies = {"__Host-portal": "A" * 43}
            pages["portal", "a session nobody has seen"] = stranger.ask("/record")
    start = time.monotonic()
    healthy = healthy_after(start)
    slow = {key: round(page.seconds, 2) for key, page in pages.items() if page.seconds > LIMIT}
    assert not slow
    expected = {
        (gateway, route): 503 if route in OWN[service][gateway] or route not in routes(gateway) else 200 for gateway, route in pages
    }
    assert {key: page.status for key, page in pages.items() if page.status != expected[key]} == {}
    for (gateway, route), page in pages.items():
        assert f'<html lang="{language}"' in page.text, route
        if page.status == 503:
            assert int(page.headers["Retry-After"]) > 0 and page.heading == words["error.503.title"], (gateway, route)
            assert words["error.503.text"] in page.words
    for gateway, sentence in SENTENCES.get(service, {}).items():
        assert pages[gateway, "/"].words.count(words[sentence]) == 1, (gateway, pages[gateway, "/"].words)
    others = {name for names in SENTENCES.values() for name in names.values()} - set(SENTENCES.get(service, {}).values())
    assert not any(words[other] in pages[gateway, "/"].words for other in others for gateway in people)
    state, slowest = "down" if fault is down else "stopped (SIGSTOP)", max(page.seconds for page in pages.values())
    report.fault(f"{service} {state}, every page asked for", healthy=healthy)
    report.say(f"With {service} {state} the slowest of {len(pages)} pages took {slowest:.2f} s.")


@pytest.fixture(scope="module")
def guessed():
    """An account whose password somebody has guessed at for a while."""
    username = f"{uuid.uuid4().hex}@example.org"
    page = Browser(DEMO["portal"]).ask("/sign-in")
    for _ in range(60):
        page = page.submit("/sign-in", username=username, password="wrong, but long enough")
        if page.status != 422:
            break
    return username


@pytest.mark.parametrize("language", ["en", "es"])
class TestRefusals:
    def designed(self, page, status, language):
        assert page.status == status, (page.path, page.status, page.words)
        assert f'<html lang="{language}"' in page.text and page.heading == texts(language)[f"error.{status}.title"]
        assert texts(language)["error.to-start"] in page.words

    def test_what_cannot_be_read(self, people, language):
        self.designed(people["portal"][0]("/").ask("/visits/book/times", language=language), 400, language)

    def test_what_is_not_allowed(self, people, language):
        for gateway in people:
            page = people[gateway][0]("/").ask("/sign-out", {}, site="cross-site", language=language)
            self.designed(page, 403, language)

    def test_what_is_not_there(self, people, language):
        for gateway in people:
            self.designed(people[gateway][0]("/").ask("/no/such/page", language=language), 404, language)
        self.designed(people["portal"][0]("/").ask(f"/visits/{uuid.uuid4()}", language=language), 404, language)

    def test_who_is_not_signed_in_is_sent_to_do_so(self, people, language):
        for gateway in people:
            page = Browser(DEMO[gateway], language).ask("/")
            assert page.status == 303 and page.headers["Location"] == "/sign-in"
            ended = Browser(DEMO[gateway], language)
            ended.cookies = {f"__Host-{gateway}": "A" * 43}
            page = ended.ask("/")
            assert page.status == 303 and page.headers["Location"] == "/sign-in?ended=1"
            assert texts(language)["sign-in.session-ended"] in ended.ask("/sign-in?ended=1").words

    def test_too_many_tries(self, guessed, language):
        page = Browser(DEMO["portal"], language).ask("/sign-in").submit("/sign-in", username=guessed, password="wrong, but long enough")
        assert page.status == 429 and int(page.headers["Retry-After"]) > 0
        assert f'<html lang="{language}"' in page.text and texts(language)["sign-in.throttled-help"] in page.words

    def test_a_mistake_of_ours(self, people, language):
        ask_database("REVOKE SELECT ON scheduling.visit_service FROM scheduling_limited")
        try:
            page = people["portal"][0]("/").ask("/visits/book", language=language)
        finally:
            ask_database("GRANT SELECT ON scheduling.visit_service TO scheduling_limited")
        self.designed(page, 500, language)
        assert re.search(r"[0-9a-f]{32}", page.words)

    def test_codes_that_were_used_or_are_too_old(self, people, canary, nurse, language):
        fields = {
            "username": f"{uuid.uuid4().hex}@example.org", "password": canary["password"], "password-again": canary["password"],
        }

        def activate(code, birth_date):
            return Browser(DEMO["portal"], language).ask("/activate").submit("/activate", code=code, **fields, **{"birth-date": birth_date})

        uninvited = "NOT EXISTS (SELECT FROM identity.account a WHERE a.patient = p.id)"
        patient, born = ask_database(
            f"SELECT id, birth_date FROM records.patient p WHERE length(birth_date) = 10 AND {uninvited} ORDER BY id LIMIT 1")[0]
        chart = f"/patients/{patient}"
        slip = nurse.ask(chart + "/invite").submit(chart + "/invite")
        code = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", slip.words).group(0)
        ask_database(f"UPDATE identity.invitation SET expires_at = now() - interval '1 minute' WHERE patient = '{patient}'")
        for page in (activate(canary["code"], canary["birth_date"]), activate(code, born)):
            assert page.status == 422 and f'<html lang="{language}"' in page.text
            assert texts(language)["activate.code-not-good"] in page.words
