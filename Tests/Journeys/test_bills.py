"""From a visit that is over to a bill that is paid, through the portal, the clinic and the card processor's own page."""

import datetime
import pathlib
import re
import subprocess
import sys
import urllib.parse
import urllib.request
import uuid
import zoneinfo

import pytest
from test_journey import DEMO, HOME, Browser, NoRedirect, account, eventually, new_colleague

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


# By clocks that may be a day behind ours.
# By the clinic's clock: what begins today would not have begun there for some hours of the night.
TODAY, SOON = ((datetime.datetime.now(zoneinfo.ZoneInfo("America/Chicago")).date() + datetime.timedelta(days)).isoformat() for days in (0, 2))
CHART = f"/patients/{account('patient', 'maria')['patient_id']}"


def test_a_parent_sees_and_pays_the_bill_of_a_child_and_nothing_else(office, patient):
    """The parent acts for nobody: the office has said that the bills are theirs."""
    clinician = Browser(DEMO["clinic"])
    clinician.sign_in(account("clinician"))
    child = next(
        one for one in DEMO["accounts"]
        if one["role"] == "patient" and not one.get("totp_secret") and not one["username"].startswith(("maria", "peter"))
        and clinician.ask(f"/patients/{one['patient_id']}/encounters/new").status == 200)
    own = Browser(DEMO["portal"])
    own.sign_in(child)
    chart, record = f"/patients/{child['patient_id']}", re.search(r"Record no\.</dt><dd>([^<]+)<", office.ask(CHART).text).group(1)
    before = billed(office, chart, L01="1").rsplit("/", 1)[1]
    page = office.ask(f"{chart}/guarantor")
    refused = page.submit(f"{chart}/guarantor", relationship="parent", record="no such number", reason="minor")
    assert refused.status == 422 and "No patient has this record number" in refused.words
    said = office.ask(f"{chart}/guarantor").submit(f"{chart}/guarantor", relationship="parent", record=record, reason="minor", **{"from": TODAY})
    assert said.status == 303, said.words
    try:
        assert "New bills go to" in office.ask(said.headers["Location"]).words
        invoice = billed(office, chart, L02="1").rsplit("/", 1)[1]
        bills = patient.ask("/bills")
        assert "Bills you pay for others" in bills.words and f'href="/bills/{invoice}"' in bills.text and before not in bills.text
        assert f'href="/bills/{invoice}"' in patient.ask("/").text
        page = patient.ask(f"/bills/{invoice}")
        assert page.status == 200 and "You pay it" in page.words and "/record/visits/" not in page.text and "/dispute" not in page.text
        assert patient.ask(f"/bills/{before}").status == 404
        visit = re.search(r"/record/visits/[0-9a-f-]{36}", own.ask(f"/bills/{invoice}").text).group(0)
        assert patient.ask(visit).status == 404
        begun = page.submit(f"/bills/{invoice}/pay", amount="all")
        assert begun.status == 303, begun.words
        payment = begun.headers["Location"].split("?")[0]
        to = re.fullmatch(r"0;url=(http://localhost:\d+/pay/\S+)", patient.ask(begun.headers["Location"]).headers["Refresh"] or "")
        status, back = type_card(to.group(1), "4242 4242 4242 4242")
        assert status == 303 and urllib.parse.urlsplit(back).path == payment
        assert "Payment received" in patient.ask(f"{payment}?done=1").words
        assert "This bill is settled" in patient.ask(f"/bills/{invoice}").words
    finally:
        office.ask(f"{chart}/guarantor").submit(f"{chart}/guarantor", relationship="patient", reason="correction", **{"from": TODAY})


def test_a_bill_is_paid_in_parts(office, patient):
    invoice = billed(office, CHART, L01="1", L02="2").rsplit("/", 1)[1]
    page = patient.ask(f"/bills/{invoice}")
    assert f'href="/bills/{invoice}/plan"' in page.text
    page = patient.ask(f"/bills/{invoice}/plan")
    assert "4 parts of $22.50" in page.words and "7 parts" not in page.words
    refused = page.submit(f"/bills/{invoice}/plan", count="4", first="2027-02-30")
    assert refused.status == 422 and 'role="alert"' in refused.text
    made = patient.ask(f"/bills/{invoice}/plan").submit(f"/bills/{invoice}/plan", count="4", first=SOON)
    assert made.status == 303, made.words
    page = patient.ask(f"/bills/{invoice}")
    assert "Your plan" in page.words and page.words.count("$22.50") >= 5 and f'href="/bills/{invoice}/plan"' not in page.text
    # What comes next is what the form offers first.
    begun = page.submit(f"/bills/{invoice}/pay", amount="instalment")
    assert begun.status == 303, begun.words
    to = re.fullmatch(r"0;url=(http://localhost:\d+/pay/\S+)", patient.ask(begun.headers["Location"]).headers["Refresh"] or "")
    assert type_card(to.group(1), "4242 4242 4242 4242")[0] == 303
    receipt = patient.ask(begun.headers["Location"].split("?")[0] + "?done=1")
    assert "Payment received" in receipt.words and "$22.50" in receipt.words, receipt.words
    page = patient.ask(f"/bills/{invoice}")
    assert "You owe $67.50" in page.words and "Paid" in page.words
    # A correction makes another bill of it.
    bill = f"{CHART}/bills/{invoice}"
    assert "Split into instalments" not in office.ask(bill).words
    assert office.ask(bill).submit(f"{bill}/adjust", kind="credit", off="1.00", reason="courtesy").status == 303
    assert "The bill was corrected" in patient.ask(f"/bills/{invoice}").words
    made = office.ask(bill).submit(f"{bill}/plan", count="12", first=SOON)
    assert made.status == 303, made.words
    assert "The office made this plan" in office.ask(bill).words
    ended = office.ask(bill).submit(f"{bill}/plan/end")
    assert ended.status == 303 and "Split into instalments" in office.ask(bill).words
    assert office.ask(bill).submit(f"{bill}/cash", cash="66.50").status == 303


def test_a_card_is_on_file_and_checked(office, patient):
    page = patient.ask("/coverage")
    refused = page.submit("/coverage", payor="", subscriber="1")
    assert refused.status == 422 and 'role="alert"' in refused.text
    phone = f"800 555 {uuid.uuid4().int % 10_000:04}"
    added = patient.ask("/coverage").submit("/coverage", payor="Prairie Health", subscriber="PH 4471 902", group="G-118", phone=phone)
    assert added.status == 303, added.words
    coverage = added.headers["Location"].split("?")[0]
    picture = photograph()
    for side in ("front", "back"):
        sent = patient.ask(coverage).submit(f"{coverage}/{side}", file=(side, "card.jpg", picture))
        assert sent.status == 303, sent.words
    page = patient.ask(coverage)
    assert "not yet checked" in page.words
    files = re.findall(r'href="(/documents/[0-9a-f-]{36}/file)"', page.text)
    assert len(files) == 2 and all(b"GPS" not in patient.ask(file).content for file in files)
    # In the office it waits; whoever treats the patient has nothing to review.
    assert eventually(lambda: f'href="{CHART}/coverage"' in office.ask("/billing").text)
    page = office.ask(f"{CHART}/coverage")
    assert "Prairie Health" in page.words and "PH 4471 902" in page.words
    opened = [f"{CHART}/coverage/{file.split('/')[2]}/file" for file in files]
    assert all(f'href="{file}"' in page.text for file in opened) and office.ask(opened[0]).content == patient.ask(files[0]).content
    assert office.ask(f"{CHART}/coverage/{uuid.uuid4()}/file").status == 404
    ours = coverage.rsplit("/", 1)[1]
    confirmed = page.submit(f"{CHART}/coverage", coverage=ours, decision="confirmed")
    assert confirmed.status == 303, confirmed.words
    assert "Checked" in patient.ask(coverage).words
    invoice = billed(office, CHART, L01="1").rsplit("/", 1)[1]
    assert phone in patient.ask(f"/bills/{invoice}").words
    ended = office.ask(f"{CHART}/coverage").submit(f"{CHART}/coverage", coverage=ours, decision="ended")
    assert ended.status == 303 and phone not in patient.ask(f"/bills/{invoice}").words


def photograph():
    """A JPEG of a card as a phone takes it: with where that was."""
    def segment(marker, content):
        return bytes([0xFF, marker]) + (len(content) + 2).to_bytes(2, "big") + content

    size = bytes([8, 0, 2, 0, 2, 1, 1, 0x11, 0])
    scan = segment(0xDA, bytes([1, 1, 0, 0, 63, 0])) + bytes(place % 200 for place in range(100_000))
    return b"\xff\xd8" + segment(0xE1, b"Exif\0\0GPS 41.8781N 87.6298W") + segment(0xC0, size) + scan + b"\xff\xd9"


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
    other, _ = new_colleague(office, "Iris Holm", "billing-office")
    assert bill in other.ask("/billing").text
    assert other.ask(bill).submit(f"{bill}/decide", approval=approval, answer="yes").status == 303
    assert "$600.00 owed" in office.ask(bill).words and "Waits for a second person" not in office.ask(bill).words
    assert prove().returncode == 0


def test_a_bill_can_be_taken_away(office, patient):
    invoice = re.search(r'href="/bills/([0-9a-f-]{36})"', patient.ask("/bills").text).group(1)
    file = patient.ask(f"/bills/{invoice}/pdf")
    assert file.status == 503 or file.content.startswith(b"%PDF-") and "attachment" in file.headers["Content-Disposition"]
