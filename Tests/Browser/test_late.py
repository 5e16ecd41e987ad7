"""A visit by video that begins late: who is kept waiting is told, and chooses; and whose fault it was."""

import pytest
from conftest import ask_database, eventually, follow
from test_call import end, state_of, two_people, wait_in_the_lobby

pytestmark = pytest.mark.beside


def kept_waiting(cameras):
    patient, clinician, visit, path = two_people(cameras)
    wait_in_the_lobby(patient, visit)
    assert patient.locator("[data-kept-waiting]").count() == 0
    assert eventually(lambda: ask_database(f"SELECT status FROM scheduling.appointment WHERE id = '{visit}'") == ["arrived"], 15)
    ask_database(f"""UPDATE telemedicine.call SET start_at = now() - interval '11 minutes', end_at = now() + interval '19 minutes'
        WHERE id = '{visit}'""")
    # Nobody loads the page: it is told.
    patient.wait_for_selector("[data-kept-waiting]", timeout=30_000)
    return patient, clinician, visit, path


def test_who_is_kept_waiting_is_told_and_is_called_instead(cameras):
    patient, clinician, visit, path = kept_waiting(cameras)
    clinician.goto("/calls")
    assert clinician.locator(f"main li:has(a[href='{path}']) .tag-warn").count() == 1
    patient.wait_for_selector("[data-call][data-socket=open]")
    follow(patient, "[data-kept-waiting] form:has([value=phone]) button")
    assert patient.url.endswith("/visits/waiting?done=call")
    # There is a promise with a time, and the clinic's list has it.
    assert patient.locator("main form[action='/visits/waiting/leave']").count() >= 1
    assert ask_database("SELECT count(*) > 0 FROM scheduling.waiting WHERE kind = 'call' AND promised_at > now()") == ["t"]
    assert state_of(visit) == ["missedClinician"]
    patient.goto(f"/visits/{visit}/call")
    assert patient.locator("main [role=status]").count() == 1
    clinician.goto(path)
    assert clinician.locator("main .strong").count() >= 1 and clinician.locator("[data-call]").count() == 0
    follow(patient, "main a[href='/visits/book']")


def test_who_is_kept_waiting_books_another_time_or_is_let_in_after_all(cameras):
    patient, clinician, visit, path = kept_waiting(cameras)
    # Waiting is a choice too: nothing ends.
    clinician.goto(path)
    follow(clinician, "form[action$='/admit'] button")
    patient.wait_for_selector("[data-call][data-connection=connected]", timeout=30_000)
    end(clinician, path)
    patient, clinician, visit, path = kept_waiting(cameras)
    follow(patient, "[data-kept-waiting] form:has([value=rebook]) button")
    assert "/visits/book/times?service=video-visit" in patient.url
    assert state_of(visit) == ["missedClinician"]


def test_who_did_not_come_is_another_kind(cameras):
    patient, _, visit, _ = two_people(cameras)
    ask_database(f"UPDATE telemedicine.call SET start_at = now() - interval '11 minutes', end_at = now() + interval '9 minutes' WHERE id = '{visit}'")
    patient.goto(f"/visits/{visit}/call")
    assert patient.locator("main form .note-warn").count() == 1  # late, and may still come in
    ask_database(f"UPDATE telemedicine.call SET end_at = now() - interval '1 second' WHERE id = '{visit}'")
    assert eventually(lambda: state_of(visit) == ["missedPatient"], 20)
