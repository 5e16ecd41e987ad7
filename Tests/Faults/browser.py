"""As much of a browser as forms and cookies need; it knows how long each answer took, and how many are under way."""

import contextlib
import html
import http.client
import pathlib
import re
import socket
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from form_with_file import encoded
from second_factor import next_code


class NoAnswer(Exception):
    """The request was sent, and the connection ended without a whole answer."""


class NotReached(Exception):
    """No connection was made: nothing was sent."""


class UnderWay:
    """Requests that were sent and not answered yet."""

    def __init__(self):
        self.lock, self.begun = threading.Lock(), []

    @property
    def count(self):
        with self.lock:
            return len(self.begun)

    def before(self, moment):
        """How many are under way that were sent before."""
        with self.lock:
            return sum(begun < moment for begun in self.begun)

    @contextlib.contextmanager
    def one(self):
        begun = time.monotonic()
        with self.lock:
            self.begun.append(begun)
        try:
            yield
        finally:
            with self.lock:
                self.begun.remove(begun)


class Browser:
    def __init__(self, base, language="en", under_way=None):
        parts = urllib.parse.urlsplit(base)
        self.address, self.language, self.cookies = (parts.hostname, parts.port), language, {}
        self.under_way = under_way or UnderWay()

    def ask(self, path, form=None, timeout=20, site="same-origin", language=None, file=None):
        body = urllib.parse.urlencode(form) if form is not None else None
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Sec-Fetch-Site": site,
            "Accept-Language": language or self.language,
        }
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if file:
            body, headers["Content-Type"] = encoded(form, file)
        connection = http.client.HTTPConnection(*self.address, timeout=timeout)
        start = time.monotonic()
        try:
            try:
                connection.connect()
            except OSError as error:
                raise NotReached(str(error)) from error
            with self.under_way.one():
                try:
                    connection.request("POST" if form is not None else "GET", path, body, headers)
                    answer = connection.getresponse()
                    text = answer.read().decode()
                except (OSError, http.client.HTTPException, socket.timeout) as error:
                    raise NoAnswer(f"{type(error).__name__} {error}") from error
        finally:
            connection.close()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return Page(self, path, answer.status, answer.headers, text, time.monotonic() - start)

    def sign_in(self, account):
        # A password is hashed at great cost on purpose: on a machine with much else to do that may take longer than the gateway waits.
        end = time.monotonic() + 90
        page = self.ask("/sign-in")
        while (answer := page.submit("/sign-in", username=account["username"], password=account["password"])).status == 503:
            assert time.monotonic() < end, answer.words
        assert answer.status == 303, (answer.status, answer.words)
        if answer.headers["Location"] == "/sign-in/code":
            while (answer := self.ask("/sign-in/code").submit("/sign-in/code", code=next_code(account["totp_secret"]))).status in (422, 503):
                assert time.monotonic() < end, answer.words
            assert answer.status == 303, (answer.status, answer.words)
        return self


class Page:
    def __init__(self, browser, path, status, headers, text, seconds):
        self.browser, self.path, self.status, self.headers, self.text, self.seconds = browser, path, status, headers, text, seconds

    @property
    def words(self):
        main = self.text[self.text.find("<main") : self.text.find("</main>")]
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main))).strip()

    @property
    def heading(self):
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.text, re.S)
        return html.unescape(re.sub(r"<[^>]+>", "", found.group(1))).strip() if found else ""

    def form(self, action):
        """The hidden fields of the form that goes to `action`."""
        found = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*method="post"[^>]*>(.*?)</form>', self.text, re.S)
        assert found, f"{self.path} ({self.status}) has no form to {action}: {self.words[:300]}"
        return dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', found.group(1)))

    def submit(self, action, file=None, **fields):
        return self.browser.ask(action, self.form(action) | fields, file=file)
