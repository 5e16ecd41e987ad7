"""A bill is paid in three clicks from home, and each of its cents leads to where it comes from. Without JavaScript: nothing here needs any."""

import re
import subprocess

import pytest
from conftest import CLINIC, DEMO, PORTAL, ROOT, account, ask_database, eventually, find_patient, follow, sign_in


def billed(people, patient):
    """A bill of two services at a visit that is over."""
    clinician, officer = people.window(CLINIC), people.window(CLINIC)
    sign_in(clinician, account("clinician"))
    sign_in(officer, account("administrator"))
    chart = find_patient(clinician, patient["username"].split("@")[0].replace(".", " ")).first.get_attribute("href")
    clinician.goto(chart + "/encounters/new")
    clinician.fill("[name=reason]", "Cough")
    follow(clinician, "main form .btn")
    if "/encounters/" not in clinician.url:
        follow(clinician, "main a[href*='/encounters/']")
    visit = re.search(r"/encounters/([0-9a-f-]{36})", clinician.url).group(1)
    clinician.fill("[name=assessment]", "A cold")
    follow(clinician, "main form.editor [formaction$='/sign']")
    to_charge = f"a[href='{chart}/charges/{visit}']"

    def listed():
        officer.goto("/billing")
        return officer.locator(to_charge).count()

    assert eventually(listed, 60)
    follow(officer, to_charge)
    for code in ("L01", "L02"):
        officer.fill(f"[name=of-{code}]", "1")
    follow(officer, "main form .btn")
    follow(officer, "main form .btn")
    return re.search(r"/bills/([0-9a-f-]{36})", officer.url).group(1)


def somebody_with_nothing_else_to_do():
    """Of the clinician's patients: what is to be done first would stand before the bill."""
    theirs = ask_database(
        "SELECT c.patient FROM records.care c JOIN identity.account a ON a.practitioner = c.practitioner "
        f"WHERE a.username = '{account('clinician')['username']}'")
    busy = ask_database("SELECT patient FROM scheduling.appointment WHERE live AND start_at > now() UNION SELECT patient FROM billing.invoice")
    free = set(theirs) - set(busy)
    return next(one for one in DEMO["accounts"] if one["role"] == "patient" and not one.get("totp_secret") and one["patient_id"] in free)


# Where no other tests have written bills to everybody.
@pytest.mark.beside
def test_a_bill_is_paid_in_three_clicks_and_every_cent_is_traced(people):
    patient = somebody_with_nothing_else_to_do()
    bill = billed(people, patient)
    page = people.window(PORTAL, java_script_enabled=False)
    sign_in(page, patient)
    page.goto("/")
    follow(page, f"main a[href='/bills/{bill}']")  # 1
    page.locator("main form[action$='/pay'] .btn").click()  # 2
    page.wait_for_url(re.compile(r"/pay/cs_"))
    page.locator("button[value=yes]").click()  # 3
    page.wait_for_url(re.compile(r"/bills/payments/[0-9a-f-]{36}\?done=1$"))
    assert "Payment received" in page.inner_text("h1") and "$72.00" in page.inner_text("main")

    page.goto(f"/bills/{bill}")
    amounts = page.locator("main table tbody td a")
    assert amounts.count() == 8
    for place in range(amounts.count()):
        page.goto(f"/bills/{bill}")
        amounts.nth(place).click()
        origin = page.locator("main div[id^=line-]:target")
        assert origin.count() == 1
        # Of the charge the visit, of what was paid the payment.
        assert origin.locator("a[href^='/record/visits/']").count() == 1 and origin.locator("a[href^='/bills/payments/']").count() == 1
    for to, shows in (("/record/visits/", "visit"), ("/bills/payments/", "Payment received")):
        page.goto(f"/bills/{bill}")
        assert follow(page, f"main div[id^=line-] a[href^='{to}']").status == 200
        assert shows.lower() in page.inner_text("main").lower()

    # The same in the statement of a month in which it was still owed: the bill is put into it, past the books' guards.
    month = ask_database("SELECT to_char(min(month) - interval '1 month', 'YYYY-MM') FROM billing.statement_run")[0]
    ask_database(f"UPDATE billing.entry SET at = '{month}-10' WHERE invoice = '{bill}' AND kind = 'invoice'")
    done = subprocess.run([ROOT / "deploy/chartline", "statements", "run", "--month", month], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    page.goto("/bills")
    assert follow(page, "main a[href^='/bills/statements/']").status == 200
    assert page.inner_text("main").count("$72.00") >= 3 and page.locator("main table tbody tr").count() == 2
    statement = page.url
    for to in (f"/bills/{bill}#line-", "/record/visits/"):
        page.goto(statement)
        page.locator(f"main table a[href^='{to}']").first.click()
        page.wait_for_url(re.compile(re.escape(to)))
        assert page.locator("main h1").count() == 1
    printed = page.request.get(statement + "/pdf")
    assert printed.status == 200 and printed.body().startswith(b"%PDF")
