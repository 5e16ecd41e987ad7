"""The journey of a patient and a nurse through a running clinic, over HTTP: sign-in, record, booking, e-mail, text, the clinic's day."""

import email
import email.policy
import html
import io
import json
import os
import pathlib
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

import pypdf
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from form_with_file import encoded
from second_factor import code_at, next_code

HOME = pathlib.Path(os.environ["CHARTLINE_HOME"])
DEMO = json.loads((HOME / "demo.json").read_text())


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Browser:
    """As much of one as forms and cookies need."""

    # (gateway, username) → the session's cookie. A code is good once in half a minute, so who only has to be somebody is who was signed in before.
    sessions = {}

    def __init__(self, base, language="en"):
        self.base, self.language, self.cookies = base, language, {}
        self.opener = urllib.request.build_opener(NoRedirect)

    def ask(self, path, form=None, site="same-origin", file=None):
        """The page; with a file of `form` its bytes go along: see `form_with_file.encoded`."""
        body = urllib.parse.urlencode(form, doseq=True).encode() if form is not None else None
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Sec-Fetch-Site": site,
            "Accept-Language": self.language,
        }
        if file:
            body, headers["Content-Type"] = encoded(form, file)
        try:
            # A large file takes its time, and a PDF may take 40 s.
            answer = self.opener.open(urllib.request.Request(self.base + path, body, headers), timeout=180 if file else 60)
        except urllib.error.HTTPError as error:
            answer = error
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return Page(self, answer.status, answer.headers, answer.read())

    def sign_in(self, account, anew=False):
        """The start page. - Parameter anew: with the password and a session of one's own, which may end without others noticing."""
        known = (self.base, account["username"])
        if known in self.sessions and not anew:
            name, value = self.sessions[known]
            self.cookies[name] = value
            home = self.ask("/")
            if not (home.headers["Location"] or "").startswith("/sign-in"):
                return home
        page = self.ask("/sign-in").submit("/sign-in", username=account["username"], password=account["password"])
        while page.status == 422 or page.headers["Location"] == "/sign-in/code":
            page = self.ask("/sign-in/code").submit("/sign-in/code", code=next_code(account["totp_secret"]))
        assert page.status == 303, page.words
        if not anew:
            [self.sessions[known]] = [one for one in self.cookies.items() if one[0] in ("__Host-portal", "__Host-clinic")]
        return self.ask("/")


class Page:
    def __init__(self, browser, status, headers, content):
        self.browser, self.status, self.headers, self.content = browser, status, headers, content
        self.text = content.decode(errors="replace")

    @property
    def words(self):
        main = self.text[self.text.find("<main") :]
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main)))

    def submit(self, action, file=None, **fields):
        found = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*method="post"[^>]*>(.*?)</form>', self.text, re.S)
        assert found, f"no form to {action}"
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', found.group(1)))
        return self.browser.ask(action, hidden | fields, file=file)


def account(role, start=""):
    return next(a for a in DEMO["accounts"] if a["role"] == role and a["username"].startswith(start))


def new_colleague(inviter, name, role):
    """Somebody who has just been invited to the clinic, signed in with a second factor, and how they sign in."""
    invited = inviter.ask("/accounts").submit("/accounts", name=name, role=role, practitioner="")
    code = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b", invited.words).group(0)
    person = {"username": f"{uuid.uuid4().hex}@example.org", "password": "nine calm herons on a raft"}
    browser = Browser(DEMO["clinic"])
    opened = browser.ask("/activate").submit("/activate", code=code, **person, **{"password-again": person["password"]})
    assert opened.status == 303, opened.words
    assert browser.ask("/sign-in").submit("/sign-in", **person).status == 303
    offer = browser.ask("/sign-in/second-factor")
    secret = re.sub(r"\s", "", re.search(r'class="value[^"]*"[^>]*>([A-Z2-7\s]{16,})<', offer.text).group(1))
    assert offer.submit("/sign-in/second-factor", code=code_at(secret, int(time.time() // 30))).status in (200, 303)
    return browser, person


def eventually(look, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.3)
    return look()


@pytest.fixture(scope="module")
def maria():
    browser = Browser(DEMO["portal"])
    browser.sign_in(account("patient", "maria"), anew=True)
    return browser


@pytest.fixture(scope="module")
def nurse():
    browser = Browser(DEMO["clinic"])
    browser.sign_in(account("nurse"), anew=True)
    return browser


@pytest.fixture(scope="module")
def booked(maria):
    times = maria.ask("/visits/book/times?service=office-visit&with=")
    slots = re.findall(r'value="([0-9a-f-]{36}\|[^"]+)"', times.text)
    assert slots
    held = times.submit("/visits/book/hold", slot=slots[len(slots) // 2])
    assert held.status == 303, held.words
    path = held.headers["Location"]
    done = maria.ask(path).submit(path + "/book")
    assert done.status == 303, done.words
    return path


def test_the_record_is_shown_whole(maria):
    words = maria.ask("/record").words
    for part in ("Conditions", "Allergies", "Medicines", "Vaccines", "Essential hypertension"):
        assert part in words
    assert re.search(r"Conditions (\d+) of \1", words)


def test_a_problem_and_a_test_in_plain_words(maria):
    for page in (maria.ask("/record"), maria.ask(re.search(r'href="(/results/[0-9a-f-]{36})">LDL', maria.ask("/results").text).group(1))):
        about = maria.ask(re.search(r'href="(/about/[a-z0-9-]+)"', page.text).group(1))
        assert about.status == 200 and "When to get help" in about.words
    assert "Cuándo pedir ayuda" in maria.ask("/about/hypertension?lang=es").words
    maria.ask("/about/hypertension?lang=en")


def test_a_result_over_time(maria):
    path = re.search(r'href="(/results/[0-9a-f-]{36})"', maria.ask("/results").text).group(1)
    page = maria.ask(path)
    assert page.status == 200
    assert "<svg" in page.text and "<title" in page.text and "<desc" in page.text and "<table" in page.text


def test_what_is_measured_at_home_is_in_the_graph_on_both_sides(maria, nurse):
    form = maria.ask("/readings/bloodPressure")
    assert maria.ask("/readings/bloodPressure").submit("/readings/bloodPressure", value="70", second="120").status == 422
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form.text[form.text.find('action="/readings/') :]))
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400))
    fields = hidden | {"value": "127", "second": "79", "day": day, "time": "7:40 am"}
    # Sent twice, kept once.
    assert [maria.ask("/readings/bloodPressure", fields).status for _ in range(2)] == [303, 303]
    kept = maria.ask("/readings?saved=1")
    assert len(re.findall(r'data-fhir="Observation/', kept.text)) == 1 and "127 / 79" in kept.words
    result = re.search(r'"/results/([0-9a-f-]{36})"', kept.text).group(1)
    page = maria.ask(f"/results/{result}")
    assert '<path class="pt"' in page.text and '<circle class="pt"' in page.text and "127 From you, at home" in page.words
    found = nurse.ask("/patients").submit("/patients", q="alvarez maria")
    chart = re.search(r'"(/patients/[0-9a-f-]{36})"', found.text).group(1)
    assert "127 From the patient" in nurse.ask(f"{chart}/results/{result}").words


def test_a_phone_changes_at_once_and_a_name_when_the_clinic_says_so(nurse):
    rosa = Browser(DEMO["portal"])
    rosa.sign_in(account("patient", "rosa"))
    form, opened = rosa.ask("/details/phone"), rosa.ask("/details/phone")
    assert form.submit("/details/phone", number="312 555 0188").status == 303
    form, other = rosa.ask("/details/phone"), rosa.ask("/details/phone")
    assert other.submit("/details/phone", number="312 555 0188").status == 303
    assert "+13125550188" in rosa.ask("/details").words
    # The form that was open before the change knows that it is late.
    late = opened.submit("/details/phone", number="312 555 0199")
    assert late.status == 409 and "+13125550188" in late.words
    asked = rosa.ask("/details/name").submit("/details/name", given="Rosa", family="Qzmarried")
    assert asked.status == 303 and "done=asked" in asked.headers["Location"]
    assert "Qzmarried" not in nurse.ask("/patients").submit("/patients", q="qzmarried").words.replace("qzmarried", "")
    waiting = nurse.ask("/changes")
    path = re.search(r'action="(/changes/[0-9a-f-]{36})"', waiting.text[: waiting.text.find("Qzmarried") + 4000]).group(1)
    assert waiting.submit(path, answer="no").status == 422
    done = nurse.ask("/changes").submit(path, answer="yes")
    assert done.status == 303, done.words
    assert "Qzmarried" in nurse.ask("/patients").submit("/patients", q="qzmarried rosa").words
    assert "Accepted" in rosa.ask("/details?lang=en").words


def test_the_record_can_be_taken_away(maria, booked):
    page = maria.ask("/record/download")
    answer = page.submit("/record/download/json")
    assert answer.status == 200 and "attachment" in answer.headers["Content-Disposition"]
    bundle = json.loads(answer.text)
    types = [entry["resource"]["resourceType"] for entry in bundle["entry"]]
    assert bundle["resourceType"] == "Bundle" and types.count("Patient") == 1 and {"Condition", "Observation", "Encounter"} <= set(types)
    assert len({entry["fullUrl"] for entry in bundle["entry"]}) == len(types) > 50
    live = [entry["resource"] for entry in bundle["entry"] if "/Appointment/" in entry["fullUrl"]]
    patient = f"Patient/{account('patient', 'maria')['patient_id']}"
    assert booked.rsplit("/", 1)[1] in [visit["id"] for visit in live]
    assert all(patient in [who["actor"].get("reference") for who in visit["participant"]] for visit in live)
    printed = page.submit("/record/download/html")
    assert printed.status == 200 and "Essential hypertension" in printed.text and printed.text.endswith("</html>\n")
    assert eventually(lambda: "Downloaded the record" in maria.ask("/looked?all=1").words, 60)


def read_pdf(page):
    """What it says, and what it is: its language, its tags."""
    assert page.status == 200 and page.headers["Content-Type"] == "application/pdf" and page.content.startswith(b"%PDF-"), page.words
    assert "attachment" in page.headers["Content-Disposition"] and page.headers["Cache-Control"] == "no-store"
    file = pypdf.PdfReader(io.BytesIO(page.content))
    return re.sub(r"\s+", " ", " ".join(sheet.extract_text() for sheet in file.pages)), file.trailer["/Root"]


def test_what_can_be_printed_is_to_be_had_as_pdf(maria):
    words, root = read_pdf(maria.ask("/record/download").submit("/record/download/pdf"))
    medicine = re.search(r'data-fhir="MedicationRequest/[^"]*"[^>]*>.*?<h3[^>]*>([^<]+)', maria.ask("/medicines").text, re.S).group(1)
    for said in ("Maria Alvarez", "Essential hypertension", html.unescape(medicine).split()[0]):
        assert said in words, said
    assert root["/Lang"].startswith("en") and root["/MarkInfo"]["/Marked"] and "/StructTreeRoot" in root

    clinician, desk = Browser(DEMO["clinic"]), Browser(DEMO["clinic"])
    clinician.sign_in(account("clinician"))
    desk.sign_in(account("front-desk"))
    chart = f"/patients/{account('patient', 'maria')['patient_id']}"
    begun = clinician.ask(f"{chart}/encounters/new").submit(f"{chart}/encounters", reason="Qzcough", kind="AMB")
    written = begun.headers["Location"]
    assert clinician.ask(f"{written}/pdf").status == 404, "a draft is on no paper"
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', clinician.ask(written).text))
    signed = clinician.ask(f"{written}/sign", hidden | {"assessment": "Qzcold", "instructions": "Drink qzwater"})
    assert signed.status == 303, signed.words
    words, _ = read_pdf(clinician.ask(f"{written}/pdf"))
    for said in ("Alvarez", "Maria", "Qzcold", "SHA-256"):
        assert said in words, said

    summary = f"/record/visits/{written.rsplit('/', 1)[1]}"
    spanish = Browser(DEMO["portal"], "es")
    spanish.cookies = {name: value for name, value in maria.cookies.items() if name == "__Host-portal"}
    assert f'href="{summary}/pdf"' in spanish.ask(summary).text
    words, root = read_pdf(spanish.ask(f"{summary}/pdf"))
    assert "Maria Alvarez" in words and "Drink qzwater" in words and root["/Lang"].startswith("es")
    assert "Cerrar" not in words and hidden["form-key"] not in words
    # Who has no page has no PDF, and is told the same.
    assert (desk.ask(f"{written}/pdf").status, Browser(DEMO["portal"]).ask(f"{summary}/pdf").status) == (404, 303)
    for path in (f"{summary[:-1]}{'0' if summary[-1] != '0' else '1'}", f"/record/visits/{uuid.uuid4()}"):
        assert maria.ask(f"{path}/pdf").status == maria.ask(path).status == 404


def test_what_is_wrong_is_asked_answered_and_added(maria):
    clinician = Browser(DEMO["clinic"])
    clinician.sign_in(account("clinician"))
    path = re.search(r'"(/record/amendments/[0-9a-f-]{36})"', maria.ask("/record/all?section=problems").text).group(1)
    assert maria.ask(path).submit(path, wrong="", right="").status == 422
    asked = maria.ask(path).submit(path, wrong="The year", right="It began in Qzyear")
    assert asked.status == 303, asked.words
    assert "Answer due in 60 days" in maria.ask("/record/amendments").words
    open_ = clinician.ask("/amendments")
    assert "It began in Qzyear" in open_.words and "Answer due in 60 days" in open_.words
    action = re.search(r'action="(/amendments/[0-9a-f-]{36})"', open_.text[open_.text.find("Qzyear") :]).group(1)
    assert open_.submit(action, answer="no").status == 422
    done = clinician.ask("/amendments").submit(action, answer="yes")
    assert done.status == 303, done.words
    assert "Added to your record" in maria.ask("/record/amendments").words
    assert "It began in Qzyear" in maria.ask("/record/all?section=problems").words


def test_a_booking_is_confirmed_by_mail_and_text_once(maria, booked):
    assert "booked" in maria.ask(booked + "?new=1").words
    mails = eventually(lambda: [mail for mail in maildir() if "maria.alvarez" in str(mail["to"]) and "visit" in str(mail["subject"])])
    assert len(mails) == 1
    body = mails[0].get_body(("plain",)).get_content()
    assert re.search(r"\d{1,2}:\d\d [ap]m (Chicago|Detroit) time", body)
    texts = eventually(lambda: [text for text in texts_received() if "booked" in text["body"]])
    assert len(texts) == 1
    for secret in ("hypertension", "diabetes", "Okafor", "Office visit"):
        assert secret not in str(mails[0]["subject"]) + texts[0]["body"]


def texts_received():
    file = pathlib.Path(DEMO["sms"])  # made with the first text
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def maildir():
    for folder in ("new", "cur"):
        for file in (pathlib.Path(DEMO["mail"]) / folder).iterdir():
            yield email.message_from_bytes(file.read_bytes(), policy=email.policy.default)


def test_the_nurse_finds_the_patient_and_the_booking(nurse, maria, booked):
    page = nurse.ask("/patients")
    found = page.submit("/patients", q="alvarez maria")
    assert "Alvarez, Maria" in found.words
    chart = nurse.ask(re.search(r'"(/patients/[0-9a-f-]{36})"', found.text).group(1))
    assert chart.status == 200 and "Essential hypertension" in chart.words
    when = re.search(r"(\d{1,2}) (\w+) (\d{4})", maria.ask(booked).words)
    day = time.strftime("%Y-%m-%d", time.strptime(" ".join(when.groups()), "%d %B %Y"))
    assert "Alvarez, Maria" in nurse.ask(f"/?day={day}").words


def test_a_failed_sign_in_says_one_thing(maria):
    name = account("patient", "maria")["username"]
    pages = []
    for username in (name, "nobody@example.org"):
        page = Browser(DEMO["portal"]).ask("/sign-in").submit("/sign-in", username=username, password="wrong, but long enough")
        assert page.status == 422 and f'value="{username}"' in page.text and 'role="alert"' in page.text and "autofocus" in page.text
        assert not re.search(r'name="password"[^>]*value="[^"]', page.text)
        pages.append(page.words)
    assert pages[0] == pages[1]


def test_what_is_not_mine_does_not_exist(maria, booked):
    leo = Browser(DEMO["portal"])
    leo.sign_in(account("patient", "leo"))
    result = re.search(r'"(/results/[0-9a-f-]{36})"', maria.ask("/results").text).group(1)
    for theirs, nobodys in ((booked, f"/visits/{uuid.uuid4()}"), (result, f"/results/{uuid.uuid4()}")):
        pages = [leo.ask(path) for path in (theirs, nobodys)]
        assert [page.status for page in pages] == [404, 404]
        assert pages[0].words == pages[1].words


def test_both_languages(maria):
    spanish = Browser(DEMO["portal"], "es")
    spanish.sign_in(account("patient", "rosa"))
    for path in ("/", "/record", "/results", "/visits", "/visits/book"):
        page = spanish.ask(path)
        assert page.status == 200 and '<html lang="es"' in page.text


def test_a_form_from_elsewhere_changes_nothing(maria, booked):
    page = maria.ask(booked + "/cancel")
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page.text))
    assert maria.ask(booked + "/cancel", hidden, site="cross-site").status == 403
    assert maria.ask(booked + "/cancel", {}).status == 403


def test_pages_are_guarded(maria):
    page = maria.ask("/record")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store" and page.headers["X-Content-Type-Options"] == "nosniff"
    assert Browser(DEMO["portal"]).ask("/record").status == 303


def test_an_invited_patient_opens_an_account_once(nurse):
    page = nurse.ask("/patients").submit("/patients", q="hart")
    rows = re.findall(r'"(/patients/[0-9a-f-]{36})"', nurse.ask("/patients").submit("/patients", q="o").text)
    for path in rows:
        asked = nurse.ask(path + "/invite")
        slip = asked.submit(path + "/invite")
        if code := re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", slip.words):
            break
    else:
        pytest.fail("nobody could be invited: " + page.words)
    born = re.search(r"(\d{1,2}) (\w{3}) (\d{4})", asked.text[asked.text.find('class="patient') :])
    birth_date = time.strftime("%Y-%m-%d", time.strptime(" ".join(born.groups()), "%d %b %Y"))
    username = f"{uuid.uuid4().hex}@example.org"
    fields = {"code": code.group(0), "username": username, "password": "seven quiet herons by the lake", "password-again": "seven quiet herons by the lake"}
    stranger = Browser(DEMO["portal"])
    wrong = stranger.ask("/activate").submit("/activate", **fields, **{"birth-date": "1901-01-01"})
    assert wrong.status == 422
    done = stranger.ask("/activate").submit("/activate", **fields, **{"birth-date": birth_date})
    assert done.status == 303, done.words
    used = stranger.ask("/activate").submit("/activate", **fields, **{"birth-date": birth_date})
    assert used.status == 422
    assert stranger.sign_in({"username": username, "password": fields["password"]}).status == 200


def test_cancelling_frees_the_time(maria, booked):
    page = maria.ask(booked + "/cancel").submit(booked + "/cancel")
    assert page.status == 200, page.words
    assert "cancelled" in maria.ask(booked).words.lower()


def test_signing_out_ends_the_session(maria):
    home = maria.ask("/")
    out = home.submit("/sign-out")
    assert out.status == 303 and "Clear-Site-Data" in out.headers
    assert maria.ask("/record").status == 303
