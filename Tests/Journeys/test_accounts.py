"""People who have no code, and people who have lost their password."""

import re
import time
import uuid

from test_journey import DEMO, Browser, account, eventually

from second_factor import code_at  # where to find it says test_journey

CODE = r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}"


def register(**fields):
    """What somebody gets who asks for an account, but for the time of the day and what is drawn anew each time."""
    page = Browser(DEMO["portal"]).ask("/register").submit(
        "/register", **{"given": "Ana", "family": "Nobody", "birth-date": "1961-03-14", "phone": "", "email": f"{uuid.uuid4().hex}@example.org"} | fields)
    return page.status, page.text, sorted((name, value) for name, value in page.headers.items() if name.lower() not in ("date", "set-cookie"))


def test_asking_for_an_account_tells_nothing():
    nobody = register()
    assert nobody[0] == 303
    # Not the patients whose mails and names other journeys look for.
    assert register(email=account("clinician")["username"]) == nobody
    assert register(given="Maria", family="Alvarez") == nobody
    # What is wrong with a form is said whoever fills it in.
    assert register(given="")[0] == 422


def test_who_fits_no_chart_waits_for_the_desk():
    family = f"Q{uuid.uuid4().hex[:10]}"
    assert register(family=family)[0] == 303
    desk = Browser(DEMO["clinic"])
    desk.sign_in(account("front-desk"))
    listed = eventually(lambda: (page := desk.ask("/account-requests")) and family in page.text and page, 60)
    assert listed, "the request never came"
    path = re.search(rf'href="(/account-requests/[0-9a-f-]{{36}})">Ana {family}<', listed.text).group(1)
    one = desk.ask(path)
    assert one.status == 200 and family in one.text
    assert one.submit(path + "/close").status == 422
    closed = one.submit(path + "/close", reason="not-genuine")
    assert closed.status == 303, closed.words
    assert family not in desk.ask("/account-requests").text and desk.ask(path).status == 404


def test_an_administrator_starts_a_new_password_and_sees_no_code():
    administrator = Browser(DEMO["clinic"])
    administrator.sign_in(account("administrator"))
    page = administrator.ask("/accounts")
    action = re.search(rf'{account("clinician")["username"]}.*?action="(/accounts/[0-9a-f-]{{36}}/reset)"', page.text, re.S).group(1)
    sent = page.submit(action)
    assert sent.status == 303 and sent.headers["Location"] == "/accounts?done=sent"
    assert not re.search(CODE, administrator.ask("/accounts?done=sent").words)
    # Until the code is used the password stays as it is.
    assert Browser(DEMO["clinic"]).sign_in(account("clinician"), anew=True).status == 200


def test_a_colleague_is_invited_works_and_leaves():
    administrator, colleague = Browser(DEMO["clinic"]), Browser(DEMO["clinic"])
    administrator.sign_in(account("administrator"))
    page = administrator.ask("/accounts")
    practitioner = re.search(r'<option value="([0-9a-f-]{36})">[^<]*Reyes', page.text).group(1)
    invited = page.submit("/accounts", name="Carmen Reyes, PA-C", role="clinician", practitioner=practitioner)
    assert invited.status == 200, invited.words
    code = re.search(CODE, invited.words).group(0)
    username, password = f"{uuid.uuid4().hex}@example.org", "nine calm herons on a raft"
    opened = colleague.ask("/activate").submit("/activate", code=code, username=username, password=password, **{"password-again": password})
    assert opened.status == 303, opened.words
    # A code is good once.
    again = Browser(DEMO["clinic"]).ask("/activate").submit(
        "/activate", code=code, username=f"{uuid.uuid4().hex}@example.org", password=password, **{"password-again": password})
    assert again.status == 422
    # Staff set up sign-in codes before they see anything.
    step = colleague.ask("/sign-in").submit("/sign-in", username=username, password=password)
    assert step.headers["Location"] == "/sign-in/second-factor", step.words
    offer = colleague.ask("/sign-in/second-factor")
    secret = re.sub(r"\s", "", re.search(r'class="value[^"]*"[^>]*>([A-Z2-7\s]{16,})<', offer.text).group(1))
    enrolled = offer.submit("/sign-in/second-factor", code=code_at(secret, int(time.time() // 30)))
    assert enrolled.status in (200, 303), enrolled.words
    home = colleague.ask("/")
    assert home.status == 200 and "Carmen Reyes, PA-C" in home.text
    # Not the administrator's to see, nor whom somebody else treats.
    assert colleague.ask("/accounts").status == 404
    listed = administrator.ask("/accounts")
    action = re.search(rf'{username}.*?action="(/accounts/[0-9a-f-]{{36}}/close)"', listed.text, re.S).group(1)
    assert listed.submit(action).status == 303
    assert eventually(lambda: colleague.ask("/").status == 303, 6), "a closed account's session goes on"
    assert Browser(DEMO["clinic"]).ask("/sign-in").submit("/sign-in", username=username, password=password).status == 422
    own = re.search(rf'{account("administrator")["username"]}.*?</tr>', administrator.ask("/accounts").text, re.S).group(0)
    assert "/close" not in own
