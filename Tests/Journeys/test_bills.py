"""From a visit that is over to a bill that is paid, through the portal, the clinic and the card processor's own page."""

import pathlib
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request
import uuid

import pytest
from test_journey import DEMO, HOME, Browser, NoRedirect, account, eventually
from second_factor import code_at  # where to find it says test_journey

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
ROOT = pathlib.Path(__file__).resolve().parents[2]
OPENER = urllib.request.build_opener(NoRedirect)


@pytest.fixture(scope="module")
def office():
    browser = Browser(DEMO["clinic"])
    browser.sign_in(account("administrator"))
    return browser


@pytest.fixture(scope="module")
def patient():
    browser = Browser(DEMO["portal"])
    browser.sign_in(account("patient", "maria"))
    return browser


def finished_visit(chart):
    """A visit with this patient that is over: its id."""
    clinician = Browser(DEMO["clinic"])
    clinician.sign_in(account("clinician"))
    begun = clinician.ask(f"{chart}/encounters/new").submit(f"{chart}/encounters", reason="Cough", kind="AMB")
    where = begun.headers["Location"] or re.search(rf'"({chart}/encounters/[0-9a-f-]{{36}})"', begun.text).group(1)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', clinician.ask(where).text))
    signed = clinician.ask(f"{where}/sign", hidden | {"assessment": "A cold"})
    assert signed.status == 303, signed.words
    return where.rsplit("/", 1)[1]


def billed(office, chart, **services):
    """A bill of these services, by code and number: its path in the clinic."""
    visit = finished_visit(chart)
    assert eventually(lambda: f"{chart}/charges/{visit}" in office.ask("/billing").text), "the visit is not in the office's list"
    page = office.ask(f"{chart}/charges/{visit}")
    charged = page.submit(f"{chart}/charges/{visit}", **{f"of-{code}": number for code, number in services.items()})
    assert charged.status == 303 and charged.headers["Location"] == f"{chart}/bills", charged.words
    page = office.ask(f"{chart}/bills")
    charges = re.findall(r'name="charge" value="([0-9a-f-]{36})"', page.text)
    issued = page.submit(f"{chart}/bills", charge=charges)
    assert issued.status == 303, issued.words
    return issued.headers["Location"].split("?")[0]


def type_card(page, number):
    """What a person does at the processor's page. - page: its address."""
    form = urllib.parse.urlencode({"number": number, "answer": "yes"}).encode()
    try:
        with OPENER.open(urllib.request.Request(page, form), timeout=20) as answer:
            return answer.status, None
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Location"]


def prove():
    return subprocess.run([ROOT / "deploy" / "chartline", "ledger", "prove"], capture_output=True, text=True)


CHART = f"/patients/{account('patient', 'maria')['patient_id']}"


def test_a_visit_becomes_a_bill_that_is_paid(office, patient):
    bill = billed(office, CHART, L01="1", L02="2")
    invoice = bill.rsplit("/", 1)[1]
    assert "$90.00 owed" in office.ask(bill).words
    # Home has it among what is to do, and leads to it.
    home = patient.ask("/")
    assert f'href="/bills/{invoice}"' in home.text and "Pay $90.00" in home.words
    page = patient.ask(f"/bills/{invoice}")
    assert page.status == 200 and "You owe $90.00" in page.words and "Blood test: lipid panel" in page.words
    visit = re.search(r'href="(/record/visits/[0-9a-f-]{36})"', page.text).group(1)
    assert patient.ask(visit).status == 200
    # Nobody else's.
    stranger = Browser(DEMO["portal"])
    stranger.sign_in(account("patient", "peter"))
    assert stranger.ask(f"/bills/{invoice}").status == 404
    for amount in ("-1", "0", "nothing", "90.01", "99999999999999999999"):
        refused = patient.ask(f"/bills/{invoice}").submit(f"/bills/{invoice}/pay", amount="part", part=amount)
        assert refused.status == 422 and 'role="alert"' in refused.text, amount

    begun = patient.ask(f"/bills/{invoice}").submit(f"/bills/{invoice}/pay", amount="all")
    assert begun.status == 303 and begun.headers["Location"].endswith("?go=1"), begun.words
    payment = begun.headers["Location"].split("?")[0]
    on = patient.ask(begun.headers["Location"])
    to = re.fullmatch(r"0;url=(http://localhost:\d+/pay/\S+)", on.headers["Refresh"] or "")
    assert to, (on.status, on.headers["Refresh"], on.words)
    # While it is on its way there is no second one: whoever tries is led to the first.
    second = patient.ask(f"/bills/{invoice}")
    assert f'href="{payment}"' in second.text and f'action="/bills/{invoice}/pay"' not in second.text
    assert f'href="/bills/{invoice}"' not in patient.ask("/").text
    status, _ = type_card(to.group(1), "4000 0000 0000 0002")
    assert status == 200
    assert eventually(lambda: "declined" in patient.ask(payment).words), patient.ask(payment).words
    status, back = type_card(to.group(1), "4242 4242 4242 4242")
    assert status == 303 and urllib.parse.urlsplit(back).path == payment
    receipt = patient.ask(f"{payment}?done=1")
    assert receipt.status == 200 and "Payment received" in receipt.words and "$90.00" in receipt.words, receipt.words
    settled = patient.ask(f"/bills/{invoice}")
    assert "This bill is settled" in settled.words and settled.text.count(f'href="{payment}"') == 2
    proof = prove()
    assert proof.returncode == 0 and "The books balance." in proof.stdout, proof.stdout + proof.stderr
    # What the card was is nowhere here.
    assert subprocess.run(["grep", "-rqs", "4242 4242\\|424242424242", HOME / "log"]).returncode == 1


def test_there_is_a_bill_is_all_the_mail_says(office):
    name = account("patient", "maria")["username"]

    def mails():
        files = (file for file in pathlib.Path(DEMO["mail"]).glob("*/*") if file.parent.name in ("new", "cur"))
        found = [file.read_text(errors="replace") for file in files]
        return [mail for mail in found if "Subject: There is a bill for you" in mail]

    assert eventually(mails), "no mail"
    for mail in mails():
        assert "$" not in mail.split("\n\n", 1)[1] and "Blood" not in mail, name


def test_the_desk_takes_cash_and_the_office_gives_back(office, patient):
    bill = billed(office, CHART, I01="1")
    desk = Browser(DEMO["clinic"])
    desk.sign_in(account("front-desk"))
    assert desk.ask(bill).submit(f"{bill}/cash", cash="50.00").status == 422
    paid = desk.ask(bill).submit(f"{bill}/cash", cash="40.00")
    assert paid.status == 303, paid.words
    assert "$2.00 owed" in office.ask(bill).words
    off = office.ask(bill).submit(f"{bill}/adjust", kind="write-off", off="2.00", reason="smallBalance")
    assert off.status == 303 and "$0.00 owed" in office.ask(bill).words
    payment = re.search(r'name="payment" value="([0-9a-f-]{36})"', office.ask(bill).text).group(1)
    form = {"payment": payment, f"amount-{payment}": "10.00", f"reason-{payment}": "notRendered", "off": "yes"}
    assert office.ask(bill).submit(f"{bill}/refund", **form).status == 303
    assert "$0.00 owed" in office.ask(bill).words
    # Two forms on the page have this address for each entry; the first is undone.
    entry = re.search(r'name="entry" value="([0-9a-f-]{36})"', office.ask(bill).text).group(1)
    assert office.ask(bill).submit(f"{bill}/reverse", entry=entry).status == 303
    assert "$2.00 owed" in office.ask(bill).words
    # The desk does not write anything off.
    assert f'action="{bill}/adjust"' not in desk.ask(bill).text
    assert prove().returncode == 0


def test_what_is_wrong_is_said_looked_at_and_made_void(office, patient):
    bill = billed(office, CHART, L01="1", L02="1")
    invoice = bill.rsplit("/", 1)[1]
    page = patient.ask(f"/bills/{invoice}")
    charge, other = re.findall(r'id="line-([0-9a-f-]{36})"', page.text)
    said = page.submit(f"/bills/{invoice}/dispute", charge=charge, reason="notDone")
    assert said.status == 303 and said.headers["Location"] == f"/bills/{invoice}#line-{charge}", said.words
    page = patient.ask(f"/bills/{invoice}")
    assert "You said this is wrong" in page.words and f'<option value="{charge}"' not in page.text and f'<option value="{other}"' in page.text
    # Nobody is reminded of it at home; of the other line they are.
    rest = re.search(r"You owe \$([0-9.]+)", page.words).group(1)
    assert f"Pay ${rest}" not in patient.ask("/").words and f'href="/bills/{invoice}"' in patient.ask("/").text
    assert bill in office.ask("/billing").text and "The patient says it is wrong" in office.ask(bill).words
    stands = office.ask(bill).submit(f"{bill}/settle", charge=charge, answer="stands")
    assert stands.status == 303 and "The patient says it is wrong" not in office.ask(bill).words
    # It was: one line, then all that is left of the bill.
    for what in (charge, "all"):
        void = office.ask(bill).submit(f"{bill}/void", what=what, why="notRendered")
        assert void.status == 303, void.words
    assert "$0.00 owed" in office.ask(bill).words and "Was wrong, does not count" in patient.ask(f"/bills/{invoice}").words
    assert prove().returncode == 0


def colleague(office):
    """Somebody else of the billing office, who has just been invited."""
    invited = office.ask("/accounts").submit("/accounts", name="Iris Holm", role="billing-office", practitioner="")
    code = re.search(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b", invited.words).group(0)
    person = {"username": f"{uuid.uuid4().hex}@example.org", "password": "nine calm herons on a raft"}
    browser = Browser(DEMO["clinic"])
    opened = browser.ask("/activate").submit("/activate", code=code, **person, **{"password-again": person["password"]})
    assert opened.status == 303, opened.words
    assert browser.ask("/sign-in").submit("/sign-in", **person).status == 303
    offer = browser.ask("/sign-in/second-factor")
    secret = re.sub(r"\s", "", re.search(r'class="value[^"]*"[^>]*>([A-Z2-7\s]{16,})<', offer.text).group(1))
    assert offer.submit("/sign-in/second-factor", code=code_at(secret, int(time.time() // 30))).status in (200, 303)
    return browser


def test_a_large_refund_is_approved_by_somebody_else(office):
    bill = billed(office, CHART, L01="12")
    assert office.ask(bill).submit(f"{bill}/cash", cash="648.00").status == 303
    payment = re.search(r'name="payment" value="([0-9a-f-]{36})"', office.ask(bill).text).group(1)
    form = {"payment": payment, f"amount-{payment}": "600.00", f"reason-{payment}": "notRendered"}
    assert office.ask(bill).submit(f"{bill}/refund", **form).status == 303
    page = office.ask(bill)
    assert "$0.00 owed" in page.words and "Waits for a second person" in page.words
    approval = re.search(r'name="approval" value="([0-9a-f-]{36})"', page.text).group(1)
    own = page.submit(f"{bill}/decide", approval=approval, answer="yes")
    assert own.status == 422 and "You asked for it yourself" in own.words
    other = colleague(office)
    assert bill in other.ask("/billing").text
    assert other.ask(bill).submit(f"{bill}/decide", approval=approval, answer="yes").status == 303
    assert "$600.00 owed" in office.ask(bill).words and "Waits for a second person" not in office.ask(bill).words
    assert prove().returncode == 0


def test_a_bill_can_be_taken_away(office, patient):
    invoice = re.search(r'href="/bills/([0-9a-f-]{36})"', patient.ask("/bills").text).group(1)
    file = patient.ask(f"/bills/{invoice}/pdf")
    assert file.status == 503 or file.content.startswith(b"%PDF-") and "attachment" in file.headers["Content-Disposition"]
