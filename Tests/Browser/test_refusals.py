"""What is refused: how it is said, and that it gives nothing away."""

import re
import uuid

import pytest
from conftest import CLINIC, PORTAL, account, eventually, follow, try_to_sign_in
from places import registered


MARIA = account("patient", "maria")["username"]


def fail_to_sign_in(page, username, password="wrong, but long enough"):
    assert try_to_sign_in(page, username, password).status == 422
    assert page.input_value("[name=username]") == username
    assert page.input_value("[name=password]") == ""
    # The focus is on the message, which is read out at once.
    assert eventually(lambda: page.evaluate("document.activeElement.getAttribute('role')") == "alert", 5)
    assert page.title().startswith("Error: ")
    return page.inner_text("[role=alert]"), page.inner_text("main")


@pytest.mark.parametrize("base, role, other", [(PORTAL, "patient", "nurse"), (CLINIC, "nurse", "patient")])
def test_a_failed_sign_in_says_one_thing(people, base, role, other):
    page = people.window(base)
    elsewhere = account(other)
    texts = {
        "wrong password": fail_to_sign_in(page, account(role)["username"]),
        "no password": fail_to_sign_in(page, account(role)["username"], ""),
        "no account": fail_to_sign_in(page, f"{uuid.uuid4().hex}@example.org"),
        # Staff and patients have doors of their own.
        "account elsewhere": fail_to_sign_in(page, elsewhere["username"], elsewhere["password"]),
    }
    assert {cause: text for cause, text in texts.items() if text != texts["no account"]} == {}
    assert "do not match" in texts["no account"][0]


def without_what_is_new_each_time(text, path):
    text = re.sub(r'name="(form-key|submission)" value="[^"]*"', "", text)
    # When the record was read, to the minute.
    return re.sub(r'<p class="asof">[^<]*</p>', "", text).replace(path, "")


def test_what_is_someone_elses_does_not_exist(people, world):
    facts, other = world.facts_of(MARIA), people.signed_in(account("patient", "peter"))
    theirs = {
        "results": path_parts(facts.result("LDL"))[2], "visits": path_parts(facts.booked())[2], "record": path_parts(facts.past_visit())[3],
        "medicines": path_parts(facts.prescription())[4],
    }
    other.goto("/visits/book/times?service=office-visit&with=")
    slot = other.locator("[name=slot]").first.get_attribute("value")
    key = other.locator("[name=form-key]").first.get_attribute("value")
    routes = [(method, route) for method in ("get", "post") for route in registered(method)[PORTAL] if ":id" in route]
    assert len(routes) >= 5
    for method, route in routes:
        answers = []
        for found in (theirs[path_parts(route)[1]], str(uuid.uuid4())):
            path = route.replace(":id", found)
            if method == "get":
                answer = other.request.get(path)
            else:
                # Whatever a form of this path may need is there, so that the id alone decides.
                form = {
                    "form-key": key, "submission": str(uuid.uuid4()), "slot": slot, "text": "Twice a day", "choice": "phone", "name": "Rosa Lind",
                    "kind": "interpreter", "secret": "A" * 43, "camera": "works", "microphone": "works", "speaker": "heard", "network": "reached",
                }
                answer = other.request.post(path, form=form, headers={"Sec-Fetch-Site": "same-origin"}, max_redirects=0)
            headers = {name: value for name, value in answer.headers.items() if name != "date"}
            answers.append((answer.status, headers, without_what_is_new_each_time(answer.text(), path)))
        assert answers[0] == answers[1]
        assert answers[0][0] == 404 and "set-cookie" not in answers[0][1]


def path_parts(path):
    return path.split("/")


@pytest.mark.parametrize("base, role", [(PORTAL, "patient"), (CLINIC, "nurse")])
class TestEveryAnswer:
    def test_carries_what_guards_it(self, people, base, role):
        page = people.signed_in(account(role))
        for path in ("/", "/sign-in", "/nothing-is-here"):
            headers = page.request.get(path).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
            assert headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store"
            assert "server" not in headers

    def test_keeps_to_the_policy(self, people, base, role):
        page = people.signed_in(account(role))
        # What the page before still asked for would be broken off, and heard of.
        page.wait_for_load_state("networkidle")
        heard = []
        page.on("console", lambda message: heard.append(message.text) if message.type in ("error", "warning") else None)
        page.on("requestfailed", lambda request: heard.append(request.url))
        page.goto("/")
        assert heard == []
        assert page.evaluate("document.styleSheets.length") == 1

    def test_has_cookies_of_this_host_only(self, people, base, role):
        page = people.signed_in(account(role))
        page.goto("/?lang=en")
        cookies = page.context.cookies()
        assert cookies
        for cookie in cookies:
            assert cookie["name"].startswith("__Host-") and cookie["secure"] and cookie["httpOnly"] and cookie["sameSite"] in ("Lax", "Strict")
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0

    def test_from_another_site_no_form_is_taken(self, people, base, role):
        page = people.signed_in(account(role))
        page.goto("/")
        hidden = page.locator("form[action='/sign-out'] [name=form-key]").first.get_attribute("value")
        for site in ("cross-site", "same-site"):
            answer = page.request.post("/sign-out", form={"form-key": hidden}, headers={"Sec-Fetch-Site": site}, max_redirects=0)
            assert answer.status == 403
        assert page.request.post("/sign-out", form={}, headers={"Sec-Fetch-Site": "same-origin"}, max_redirects=0).status == 403
        page.goto("/")
        assert page.locator("form[action='/sign-out']").count() > 0

    def test_unknown_addresses_have_a_page(self, people, base, role):
        for page in (people.window(base), people.signed_in(account(role))):
            answer = page.goto("/no/such/page")
            assert answer.status == 404 and page.locator("h1").count() == 1
            assert page.inner_text("h1") == "This page is not here"
            follow(page, "main a.btn")
            assert page.url.startswith(base)
