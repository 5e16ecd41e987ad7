"""People who have no code, and people who have lost their password."""

import re
import uuid

from test_journey import DEMO, Browser, account, eventually


def register(**fields):
    """What somebody gets who asks for an account, but for the time of the day and what is drawn anew each time."""
    page = Browser(DEMO["portal"]).ask("/register").submit(
        "/register", **{"given": "Ana", "family": "Nobody", "birth-date": "1961-03-14", "phone": "", "email": f"{uuid.uuid4().hex}@example.org"} | fields)
    return page.status, page.text, sorted((name, value) for name, value in page.headers.items() if name.lower() not in ("date", "set-cookie"))


def test_asking_for_an_account_tells_nothing():
    maria = account("patient", "maria")
    nobody = register()
    assert nobody[0] == 303
    assert register(email=maria["username"]) == nobody
    assert register(family="Moss", given="Peter") == nobody
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
    assert page.submit("/accounts", username=f"{uuid.uuid4().hex}@example.org").status == 422
    sent = administrator.ask("/accounts").submit("/accounts", username=account("clinician")["username"])
    assert sent.status == 303 and sent.headers["Location"] == "/accounts?sent=1"
    assert not re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", administrator.ask("/accounts?sent=1").words)
    # Until the code is used the password stays as it is.
    assert Browser(DEMO["clinic"]).sign_in(account("clinician")).status == 200
