"""What somebody writes while nothing answers: they are told so in time, send it again, from another device too, and it is there once."""

import concurrent.futures
import time
import uuid

from browser import Browser
from clinic import DEMO, account, eventually, lacks, stopped

# Seconds after sending at which whoever takes the message stops: before it has come, while it is written down, once it has been answered.
MOMENTS = [None, 0.0, 0.004, 0.008, 0.012, 0.02, 0.05]


def test_a_message_nobody_confirmed_is_sent_again_and_is_there_once():
    phone, laptop = (Browser(DEMO["portal"]).sign_in(account("patient", "maria")) for _ in range(2))
    first = phone.ask("/messages/new").submit("/messages", purpose="other", subject="Late", text=f"Is it late {uuid.uuid4().hex}?")
    assert first.status == 303, first.words
    thread = first.headers["Location"].split("?")[0]
    unanswered = 0
    with concurrent.futures.ThreadPoolExecutor() as tasks:
        for moment in MOMENTS:
            words = f"Word {uuid.uuid4().hex}"
            page, elsewhere = phone.ask(thread), laptop.ask(thread)
            sent = None
            if moment is not None:
                sent = tasks.submit(page.submit, thread, text=words)
                time.sleep(moment)
            with stopped("messaging"):
                answers = [sent.result() if sent else page.submit(thread, text=words), page.submit(thread, text=words)]
            # The second is always one nobody answers: by a page that says so, and in time.
            assert answers[1].status == 503 and answers[1].headers["Retry-After"] and answers[1].seconds < 4, (answers[1].status, answers[1].seconds)
            unanswered += sum(answer.status == 503 for answer in answers)
            assert eventually(lambda: not lacks("messaging"), 30), lacks("messaging")
            for form in (page, page, elsewhere):
                again = eventually(lambda: (answer := form.submit(thread, text=words)).status != 503 and answer, 20)
                assert again.status == 303, again.words
            assert laptop.ask(thread).text.count(words) == 1, moment
    assert unanswered > len(MOMENTS)
