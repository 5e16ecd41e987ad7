"""What the other side writes appears on an open page, without a reload; what is being typed there stays."""

import re
import uuid

from conftest import PORTAL, account, eventually, follow, sign_in


def asked(patient, words):
    patient.goto("/messages/new")
    patient.check("[name=purpose][value=medicine]")
    patient.fill("[name=subject]", "Salt")
    patient.fill("[name=text]", words)
    patient.locator("main form .btn").last.click()
    patient.wait_for_url(re.compile(r"/messages/[0-9a-f-]{36}"))
    return re.search(r"/messages/([0-9a-f-]{36})", patient.url).group(1)


def said(page):
    return page.locator("body > [role=status]").inner_text()


def test_a_message_appears_at_the_other_side(people):
    patient, nurse = people.signed_in(account("patient", "maria")), people.signed_in(account("nurse"))
    nurse.goto("/messages")
    marked = "window.isSamePage = true"
    nurse.evaluate(marked)
    thread = asked(patient, f"How much {uuid.uuid4().hex[:8]}?")
    link = nurse.locator(f"main a[href$='/messages/{thread}']")
    link.wait_for(timeout=10_000)
    assert nurse.evaluate("window.isSamePage") and "something new" in eventually(lambda: said(nurse), 5)
    follow(nurse, link)
    nurse.evaluate(marked)
    patient.evaluate(marked)
    # Half a sentence is there when the answer comes.
    patient.fill("main form.card [name=text]", "Half a")
    answer = f"A little {uuid.uuid4().hex[:8]}."
    nurse.fill("main form.card [name=text]", answer)
    follow(nurse, "main form.card .btn")
    patient.locator(".thread", has_text=answer).wait_for(timeout=10_000)
    assert patient.input_value("main form.card [name=text]") == "Half a" and patient.evaluate("window.isSamePage")
    assert "something new" in eventually(lambda: said(patient), 5)
    # What was read is news no more, at the clinic as well, and what the patient sends now is not asked for twice.
    nurse.evaluate(marked)
    patient.fill("main form.card [name=text]", "Thank you")
    follow(patient, "main form.card .btn")
    nurse.locator(".thread", has_text="Thank you").wait_for(timeout=10_000)
    assert nurse.locator(".thread article").count() == 3 and nurse.evaluate("window.isSamePage")


def test_without_the_script_the_page_is_as_it_was(people):
    """And where the stream is refused, it is asked for every half minute: nothing else differs."""
    patient = people.window(PORTAL, java_script_enabled=False)
    sign_in(patient, account("patient", "maria"))
    patient.goto("/messages")
    assert patient.locator("main [data-live]").is_hidden() and patient.locator("main .rows, main .empty").count() == 1
