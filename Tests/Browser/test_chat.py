"""What the two of a visit by video write to each other beside it, and where it stands afterwards."""

import pytest
from conftest import ask_database, eventually, follow
from test_call import end, let_in, sees_the_other, two_people

pytestmark = pytest.mark.beside


def say(page, text):
    page.fill("[data-chat] [name=text]", text)
    page.click("[data-chat] form button")


def lines(page):
    return [each.inner_text() for each in page.locator("[data-chat-log] article div").all()]


def started(visit):
    return ask_database(f"SELECT count(*) FROM messaging.call_visit WHERE appointment = '{visit}' AND started_at IS NOT NULL") == ["1"]


def test_what_is_written_is_read_at_once_and_stays(cameras):
    patient, clinician, visit, path = two_people(cameras)
    let_in(patient, clinician, visit, path)
    assert sees_the_other(patient) and sees_the_other(clinician)
    # The patient's page has room for it since they were let in.
    patient.wait_for_selector("[data-chat]")
    assert eventually(lambda: started(visit), 15)
    made = patient.evaluate("kept.length")
    # What was refused is not the answer to what is said next.
    say(patient, "")
    assert eventually(lambda: patient.inner_text("[data-chat-said]"), 10)
    say(patient, "What is the dose, 5 < 10?")
    assert eventually(lambda: lines(clinician) == ["What is the dose, 5 < 10?"], 10)
    assert eventually(lambda: patient.locator("[data-chat] [name=text]").input_value() == "" and not patient.inner_text("[data-chat-said]"), 10)
    say(clinician, "5 mg")
    assert eventually(lambda: lines(patient) == ["What is the dose, 5 < 10?", "5 mg"], 10)
    # It is read out as it comes, and the call goes on.
    assert patient.locator("[data-chat-log]").get_attribute("role") == "log"
    assert patient.evaluate("kept.length") == made
    # It was read beside the call: nothing of it is new afterwards, or can be taken back.
    assert ask_database(f"SELECT count(*) FROM messaging.message WHERE thread = '{visit}' AND read_at IS NULL") == ["0"]
    end(clinician, path)
    patient.wait_for_selector("[data-call]", state="detached", timeout=10_000)
    follow(patient, f"main a[href='/messages/{visit}']")
    assert "5 mg" in patient.inner_text("main")
    clinician.goto(f"{path.rsplit('/visits/', 1)[0]}/messages/{visit}")
    assert "What is the dose, 5 < 10?" in clinician.inner_text("main")
