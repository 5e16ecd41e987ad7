"""One message to many, while the service that writes it is killed again and again: each of those who were seen gets it once."""

import signal
import time
import uuid

from browser import Browser
from clinic import DEMO, account, ask_database, eventually, healthy_after, lacks, send

READERS, KILLS = 25, 3


def test_each_reader_gets_it_once_however_often_the_writer_is_killed():
    officer = Browser(DEMO["clinic"]).sign_in(account("administrator"))
    words = f"We are closed {uuid.uuid4().hex}"
    busiest = ask_database("SELECT practitioner FROM messaging.care WHERE valid @> now() GROUP BY 1 ORDER BY count(DISTINCT patient) DESC LIMIT 1")
    fields = {"purpose": "appointment", "subject": "Closed", "text": words, "practitioner": f"Practitioner/{busiest[0][0]}", "household": "one"}
    made = officer.ask("/outreach/new").submit("/outreach", **fields)
    assert made.status == 303, made.words
    page = made.headers["Location"]
    outreach = page.rsplit("/", 1)[1]

    def state():
        return ask_database(f"SELECT state FROM messaging.outreach WHERE id = '{outreach}'")[0][0]

    # Killed while readers are looked up, too.
    send("messaging", signal.SIGKILL)
    assert eventually(lambda: state() == "ready", 120), state()
    # As if more of the demo's patients were in the portal.
    ask_database(
        f"""
        UPDATE messaging.outreach_reader SET state = 'chosen', reason = NULL WHERE outreach = '{outreach}' AND patient IN (
            SELECT patient FROM messaging.outreach_reader WHERE outreach = '{outreach}' AND reason = 'noPortal' LIMIT {READERS})
        RETURNING patient
        """)
    shown = eventually(lambda: (shown := officer.ask(page)) and "/send" in shown.text and shown, 60)
    assert "No account in the portal" in shown.words
    sent = shown.submit(f"{page}/send")
    assert sent.status == 303, sent.words
    for _ in range(KILLS):
        time.sleep(1)
        send("messaging", signal.SIGKILL)
        assert eventually(lambda: not lacks("messaging"), 60), lacks("messaging")
    assert eventually(lambda: state() == "sent", 120), state()
    chosen = ask_database(f"SELECT patient FROM messaging.outreach_reader WHERE outreach = '{outreach}' AND state = 'sent'")
    threads = ask_database(
        f"SELECT t.patient, count(*) FROM messaging.thread t JOIN messaging.message m ON m.thread = t.id WHERE t.outreach = '{outreach}' GROUP BY 1")
    assert len(chosen) >= READERS and sorted(threads) == sorted([patient, "1"] for [patient] in chosen)
    healthy_after(time.monotonic())
