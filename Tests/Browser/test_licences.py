"""Where clinicians are licensed: an administrator says it, and who is about to see a patient somewhere else is warned."""

import pytest
from conftest import account, ask_database, eventually, follow
from test_call import end, state_of, two_people, wait_in_the_lobby

pytestmark = pytest.mark.beside


def license_for(people, states):
    """What an administrator chooses on the page about the clinician; nothing else stays chosen."""
    page = people.signed_in(account("administrator"))
    page.goto("/accounts")
    row = page.locator("main table tr", has_text=account("clinician")["username"])
    page.goto(row.locator("a").first.get_attribute("href"))
    follow(page, "main a[href$='/licences']")
    for box in page.locator("main input[name=region]").all():
        box.set_checked(box.get_attribute("value") in states)
    # Others have licences too: of one more version the sum tells.
    versions = "SELECT coalesce(sum(version), 0) FROM telemedicine.licence"
    before = ask_database(versions)
    follow(page, "main form .btn")
    assert page.url.endswith("done=kept")
    assert eventually(lambda: ask_database(versions) != before, 20)


def remarks():
    return ask_database("SELECT coalesce(reason, '') FROM telemedicine.audit_entry WHERE action = 'telemedicine.admit-patient.v1' ORDER BY at")


def test_a_patient_says_in_which_state_they_are(cameras):
    patient, _, visit, _ = two_people(cameras)
    patient.goto(f"/visits/{visit}/call")
    patient.fill("[name=place]", "12 Elm Street")
    patient.check("[name=consent]")
    assert follow(patient, "main form button").status == 422
    assert patient.locator("main [role=alert] a[href='#region']").count() == 1
    # What was typed is still there.
    assert patient.input_value("[name=place]") == "12 Elm Street" and patient.is_checked("[name=consent]")
    assert state_of(visit) == ["scheduled"]


def test_who_holds_no_licence_there_is_warned_and_may_let_the_patient_in(cameras):
    license_for(cameras, ["IL", "WI"])
    try:
        patient, clinician, visit, path = two_people(cameras)
        wait_in_the_lobby(patient, visit, "OH")
        clinician.goto(path)
        assert "Ohio" in clinician.inner_text("main [data-no-licence]")
        follow(clinician, "form[action$='/admit'] button")
        assert state_of(visit) in (["admitted"], ["live"], ["reconnecting"])
        assert clinician.locator("main [data-no-licence]").count() == 0
        assert remarks()[-1] == "no-licence"
        end(clinician, path)
        # Where they are licensed, nothing is said.
        patient, clinician, visit, path = two_people(cameras)
        wait_in_the_lobby(patient, visit, "WI")
        clinician.goto(path)
        assert "Wisconsin" in clinician.inner_text("main") and clinician.locator("main [data-no-licence]").count() == 0
        follow(clinician, "form[action$='/admit'] button")
        assert remarks()[-1] == ""
        end(clinician, path)
    finally:
        license_for(cameras, [])


def test_without_a_licence_on_file_nothing_is_claimed(cameras):
    patient, clinician, visit, path = two_people(cameras)
    wait_in_the_lobby(patient, visit, "OH")
    clinician.goto(path)
    assert "Ohio" in clinician.inner_text("main") and clinician.locator("main [data-no-licence]").count() == 0
