"""People who are there for all tests of the pages, their windows, and where the things of their records are."""

import re
import struct
import subprocess
import time
import uuid
import zlib

from conftest import (
    CLINIC, DEMO, PASSWORD, PORTAL, ROOT, account, activate, ask_database, book, cancel, choose_time, eventually, find_patient, follow, import_newcomer, invite,
    sign_in,
)
from marked import import_marked


class World:
    def __init__(self, everyone, folder):
        self.everyone, self.windows, self.facts, self.drafts, self.friends = everyone, {}, {}, set(), set()
        self.accounts = {one["username"]: one for one in DEMO["accounts"]}
        self.nurses_name, self.officers_name = account("nurse")["username"], account("administrator")["username"]
        self.nurse = self.window(self.nurses_name, "en")
        self.newcomer, self.uninvited, self.marked = import_newcomer(folder), import_newcomer(folder), import_marked(folder)
        for person in (self.newcomer, self.uninvited, self.marked):
            assert eventually(lambda: find_patient(self.nurse, person["name"]).count(), 20), "the imported patient is not found"
            person["chart"] = find_patient(self.nurse, person["name"]).first.get_attribute("href")
        for person in (self.newcomer, self.marked):
            self.open_account(person)
        self.taken_value = None

    def open_account(self, person):
        """The code is handed over in the clinic, the account is opened in the portal. The used code is kept."""
        code = invite(self.nurse, person["chart"])
        person |= {"role": "patient", "code": code, "username": f"{person['name'].lower()}@example.org", "password": PASSWORD}
        page = self.everyone.window(PORTAL)
        activate(page, person)
        assert "/sign-in?activated=1" in page.url, page.inner_text("main")
        page.context.close()
        self.accounts[person["username"]] = person

    def window(self, username, language, base=PORTAL):
        """`username`: None for nobody. Each has a window for each language."""
        if (username, language, base) not in self.windows:
            page = self.everyone.signed_in(self.accounts[username]) if username else self.everyone.window(base)
            assert page.goto(f"/sign-in?lang={language}").status == 200
            self.windows[username, language, base] = page
        return self.windows[username, language, base]

    def share_cookies(self, page, username):
        """A session goes on under another handle: the windows that copied its cookie get the new one, as those of one browser would."""
        self.everyone.states[username] = page.context.storage_state()
        for (name, _, _), window in self.windows.items():
            if name == username and window is not page:
                window.context.add_cookies([one for one in page.context.cookies() if one["name"] in ("__Host-portal", "__Host-clinic")])

    def leave_a_draft(self, username, base):
        """As if the session of somebody had run out while they were typing."""
        if (username, base) in self.drafts:
            return
        page = self.everyone.window(base)
        sign_in(page, self.accounts[username])
        key = page.locator("[name=form-key]").first.get_attribute("value")
        audience = "portal" if base == PORTAL else "clinic"
        ask_database("UPDATE identity.session SET expires_idle = now() - interval '1 second' WHERE id = (SELECT id FROM identity.session"
                     f" WHERE audience = '{audience}' AND ended_at IS NULL ORDER BY created_at DESC LIMIT 1)")
        time.sleep(5.5)  # as long as a gateway may remember
        form = {"form-key": key, "submission": str(uuid.uuid4()), "words": "my back hurts"}
        answer = page.request.post("/security/sessions", form=form, headers={"Sec-Fetch-Site": "same-origin"}, max_redirects=0)
        assert answer.headers["location"].endswith("to=/resume"), answer.headers
        page.context.close()
        self.drafts.add((username, base))

    def facts_of(self, username):
        if username not in self.facts:
            self.facts[username] = Facts(self, self.accounts[username])
        return self.facts[username]

    def friend_of(self, username):
        """Who acts for somebody, let in by them: their name."""
        friend = account("patient", "joe")["username"]
        if username not in self.friends:
            page = self.window(username, "en")
            page.goto("/record/access")
            for name, value in (("name", "⟪Joe Hart⟫"), ("email", friend), ("email-again", friend)):
                page.fill(f"[name={name}]", value)
            page.select_option("[name=relationship]", "friend")
            page.click("form[action='/record/access/proxies'] button")
            page.wait_for_selector("#proxies + [role=status]")
            self.friends.add(username)
        return friend

    def taken(self):
        """A time that somebody else holds, as its radio button says it. Times are held for ten minutes."""
        if self.taken_value is None or time.monotonic() - self.taken_value[1] > 300:
            chosen = choose_time(self.window(account("patient", "peter")["username"], "en"), 4)
            self.taken_value = (chosen["value"], time.monotonic())
        return self.taken_value[0]


class Facts:
    """What a page needs to be there, such as a held time, is made when it is first asked for."""

    def __init__(self, world, person):
        self.world, self.person, self.made = world, person, {}
        self.window = world.window(person["username"], "en")

    def once(self, what, make, seconds=float("inf")):
        if what not in self.made or time.monotonic() - self.made[what][1] > seconds:
            self.made[what] = (make(), time.monotonic())
        return self.made[what][0]

    @property
    def name(self):
        """What the clinic finds the patient by."""
        return self.person.get("name") or " ".join(self.person["username"].split("@")[0].split("."))

    @property
    def chart(self):
        return self.once("chart", lambda: find_patient(self.world.nurse, self.name).first.get_attribute("href"))

    def result(self, name):
        def look():
            self.window.goto("/results")
            return self.window.locator("main a[href^='/results/']", has_text=name).first.get_attribute("href")

        return self.once(name, look)

    def visit(self, nth):
        """A booked visit: address and day."""
        day = choose_time(self.window, nth)["day"]
        book(self.window)
        return path_of(self.window), day

    def booked(self):
        return self.once("booked", lambda: self.visit(8))[0]

    def by_video(self, minutes=4_320):
        """A visit by video that begins in so many minutes, and for which nobody waits yet: its address."""
        def make():
            choose_time(self.window, 20, service="video-visit")
            book(self.window)
            address = path_of(self.window)
            known = f"SELECT 1 FROM telemedicine.call WHERE id = '{address.rsplit('/', 1)[1]}' AND is_video"
            assert eventually(lambda: ask_database(known), 30)
            return address

        address = self.once("by video", make)
        ask_database(f"""UPDATE telemedicine.call SET state = 'scheduled', start_at = now() + interval '{minutes} minutes',
            end_at = now() + interval '{minutes + 20} minutes' WHERE id = '{address.rsplit('/', 1)[1]}'""")
        return address

    def guests_link(self):
        """To the visit by video, used by nobody; those asked in before are sent away."""
        address = self.by_video(5)
        ask_database(f"""UPDATE telemedicine.call_guest SET state = 'removed', removed_at = now()
            WHERE call = '{address.rsplit('/', 1)[1]}' AND state <> 'removed'""")
        self.window.goto(address + "/call/guests")
        self.window.fill("[name=name]", "{Rosa Lind}")
        follow(self.window, "main form[action$='/guests'] button")
        return self.window.inner_text("main code")

    def booked_day(self):
        return self.once("booked", lambda: self.visit(8))[1]

    def cancelled(self):
        def make():
            address, _ = self.visit(12)
            cancel(self.window)
            return address

        return self.once("cancelled", make)

    def at_desk(self, visit):
        """A visit's address in the clinic, by its address in the portal."""
        return self.chart + visit

    def booked_at(self):
        return self.at_desk(self.booked())

    def looked_at(self):
        """The nurse has opened the chart, and the patient can see that: the address that asks about it."""
        def make():
            self.world.nurse.goto(self.chart)

            def look():
                self.window.goto("/looked")
                found = self.window.locator("main a[href^='/looked/ask?place=']")
                return found.count() and found.first.get_attribute("href")

            return eventually(look, 60)

        return self.once("looked at", make)

    def entry(self, type):
        """The first of a FHIR type in the whole record."""
        def look():
            page = self.world.nurse
            page.goto(self.chart + f"/record?section={'problems' if type == 'Condition' else 'vitals'}")
            return page.locator(f"main li[data-fhir^='{type}/'] a").first.get_attribute("href")

        return self.once(type, look)

    def begun(self, page, reason):
        """A new encounter, in somebody's window."""
        page.goto(self.chart + "/encounters/new")
        page.fill("[name=reason]", reason)
        page.locator("main form .btn").click()
        page.wait_for_url(re.compile(r"/(encounters/[0-9a-f-]{36}|encounters)$"))
        if page.url.endswith("/encounters"):  # one is open already
            page.locator("[role=alert] a").click()
            page.wait_for_url(re.compile(r"/encounters/[0-9a-f-]{36}$"))
        return path_of(page)

    def encounter(self):
        return self.once("encounter", lambda: self.begun(self.world.nurse, "⟪Cough⟫"))

    def clinicians_window(self):
        return self.world.window(account("clinician")["username"], "en", CLINIC)

    def held_encounter(self):
        """One that the clinician is writing."""
        def make():
            page = self.clinicians_window()
            address = self.begun(page, "⟪Headache⟫")
            page.fill("[name=plan]", "⟪Rest⟫")
            page.locator("main form.editor .btn-plain").click()
            page.wait_for_load_state()
            ask_database("UPDATE records.note_draft SET held_until = now() + interval '1 hour' WHERE saved_at IS NOT NULL")
            return address

        return self.once("held encounter", make)

    def hours(self):
        """Somebody's who has some."""
        def look():
            page = self.world.window(self.world.officers_name, "en", CLINIC)
            page.goto("/settings/hours")
            return page.locator("main table a").first.get_attribute("href")

        return self.once("hours", look)

    def colleague(self):
        """The account of somebody at the front desk, changed once."""
        def make():
            page = self.world.window(self.world.officers_name, "en", CLINIC)
            page.goto("/accounts")
            row = page.locator("main table tr", has_text=account("front-desk")["username"])
            address = row.locator("a").first.get_attribute("href")
            page.goto(address)
            page.fill("[name=name]", f"⟪Dana {uuid.uuid4().hex[:8]}⟫")
            page.locator("main form .btn").click()
            page.wait_for_url(re.compile(r"done=kept$"))
            return address

        return self.once("colleague", make)

    def texts(self):
        """What is said of the clinic, with a logo, changed once."""
        def make():
            page = self.world.window(self.world.officers_name, "en", CLINIC)
            page.goto("/settings/clinic")
            for name in ("emergency-en", "emergency-es", "welcome-en", "welcome-es"):
                page.fill(f"[name={name}]", f"⟪{name} {uuid.uuid4().hex[:8]}⟫")
            page.fill("[name=logoAlt]", "⟪An elm⟫")
            page.set_input_files("[name=logo]", files=[{"name": "logo.png", "mimeType": "image/png", "buffer": picture(120, 60)}])
            page.locator("main form[enctype] .btn").click()
            page.wait_for_url(re.compile(r"kept=1$"))
            return "/settings/clinic"

        return self.once("texts", make)

    def place(self):
        """Where visits are, changed and changed back: other pages call the place as before."""
        def make():
            page = self.world.window(self.world.officers_name, "en", CLINIC)
            page.goto("/settings/places")
            address = page.locator("main ul.rows a").last.get_attribute("href")
            page.goto(address)
            for state in ("⟪NM⟫", page.input_value("[name=state]")):
                page.goto(address)
                page.fill("[name=state]", state)
                page.locator("main form .btn").click()
                page.wait_for_url(re.compile(r"kept=1$"))
            return address

        return self.once("place", make)

    def photo(self):
        """A photo of the patient, from a file."""
        def make():
            page = self.world.nurse
            page.goto(self.chart + "/photo/change")
            page.set_input_files("[name=photo]", files=[{"name": "face.png", "mimeType": "image/png", "buffer": picture(900, 700)}])
            page.locator("main form[enctype] button").click()
            page.wait_for_url(re.compile(r"kept=1$"))
            return self.chart + "/photo/change?kept=1"

        return self.once("photo", make)

    def last_choice_twice(self, who, what):
        """The page about somebody's `what`, after its last choice was made, and taken back."""
        page = self.world.window(self.world.officers_name, "en", CLINIC)
        page.goto("/accounts")
        row = page.locator("main table tr", has_text=account(who)["username"])
        address = row.locator("a").first.get_attribute("href") + "/" + what
        for _ in range(2):
            page.goto(address)
            page.locator("main label.choice").last.click()
            page.locator("main form .btn").click()
            page.wait_for_url(re.compile(r"done=kept$"))
        return address

    def workplaces(self):
        """Where the clinician works: at one place more, and not any more."""
        return self.once("workplaces", lambda: self.last_choice_twice("clinician", "places"))

    def licences(self):
        """Where the nurse is licensed: in one state more, and not any more."""
        return self.once("licences", lambda: self.last_choice_twice("nurse", "licences"))

    def own_account(self):
        def look():
            page = self.world.window(self.world.officers_name, "en", CLINIC)
            page.goto("/accounts")
            return page.locator("main table tr", has_text=self.world.officers_name).locator("a").first.get_attribute("href")

        return self.once("own account", look)

    def template(self):
        """What notes may begin with, changed once."""
        def make():
            page = self.world.window(self.world.officers_name, "en", CLINIC)
            page.goto("/settings/templates/new")
            for name in ("title", "reason", "history", "plan"):
                page.fill(f"[name={name}]", f"⟪{name} {uuid.uuid4().hex[:8]}⟫")
            page.locator("main form .btn").click()
            page.wait_for_url(re.compile(r"kept=1$"))
            address = page.locator("main ul.rows a").first.get_attribute("href")
            page.goto(address)
            page.fill("[name=plan]", "⟪Rest⟫")
            page.locator("main form .btn").click()
            page.wait_for_url(re.compile(r"kept=1$"))
            return address

        return self.once("template", make)

    def favourites(self):
        """A phrase and an order that the clinician keeps; the form with the order's words in it."""
        def make():
            page = self.clinicians_window()
            page.goto("/favourites")
            page.fill("[name=name]", "ros")
            page.fill("[name=text]", "⟪No fever.⟫")
            page.locator("main form.card .btn").click()
            page.wait_for_url(re.compile(r"kept=1$"))
            page.goto(self.order())
            page.locator("main form[action$='/favourite'] button").click()
            page.wait_for_url(re.compile(r"kept=1$"))
            page.goto(self.chart + "/orders/new")
            return page.locator("nav[aria-labelledby=usual] a").first.get_attribute("href")

        return self.once("favourites", make)

    def signed_encounter(self):
        """One that the clinician has signed, before or after another is begun."""
        def make():
            self.made.pop("held encounter", None)
            page = self.clinicians_window()
            address = self.begun(page, "⟪Back pain⟫")
            for part in ("history", "assessment", "instructions"):
                page.fill(f"[name={part}]", f"⟪{part}⟫")
            page.locator("main form.editor [formaction$='/sign']").click()
            page.wait_for_url(re.compile(r"signed=1$"))
            return address

        return self.once("signed encounter", make)

    def to_charge(self):
        """A visit that is over, and the office's form for it."""
        visit = self.signed_encounter().split("/encounters/")[1].split("?")[0]
        address = f"{self.chart}/charges/{visit}"
        page = self.world.window(self.world.officers_name, "en", CLINIC)

        def listed():
            page.goto("/billing")
            return page.locator(f"a[href='{address}']").count()

        # Once it is charged it is in the list no more, and its form is still there.
        assert "bill" in self.made or eventually(listed, 60)
        return address

    def bill(self):
        """Of that visit: its id."""
        def make():
            page = self.world.window(self.world.officers_name, "en", CLINIC)
            page.goto(self.to_charge())
            for code in ("L01", "L02"):
                page.fill(f"[name=of-{code}]", "1")
            page.locator("main form .btn").click()
            page.wait_for_url(re.compile(r"/bills$"))
            page.locator("main form[action$='/bills'] .btn").click()
            page.wait_for_url(re.compile(r"done=1$"))
            return path_of(page).rsplit("/", 1)[1]

        return self.once("bill", make)

    def bill_at_the_office(self):
        return f"{self.chart}/bills/{self.bill()}"

    def coverage(self):
        """An insurance nobody has checked: its page."""
        def make():
            page = self.window
            page.goto("/coverage")
            for name, value in (("payor", "Prairie Health"), ("subscriber", "PH 4471 902"), ("phone", "800 555 0100")):
                page.fill(f"[name={name}]", value)
            page.locator("main form[action='/coverage'] .btn").click()
            page.wait_for_url(re.compile(r"kept=1$"))
            return path_of(page).split("?")[0]

        return self.once("coverage", make)

    def bill_to_split(self):
        """The page that splits that bill."""
        return f"/bills/{self.bill()}/plan"

    def guarantor(self):
        """What was said of who pays, of a day that is far away: the page that shows it."""
        def make():
            page = self.world.window(self.world.officers_name, "en", CLINIC)
            page.goto(self.chart + "/guarantor")
            for name, value in (("name", "Rosa Alvarez"), ("address", "12 Elm Street"), ("from", "2099-12-24")):
                page.fill(f"[name={name}]", value)
            page.locator("main form[action$='/guarantor'] .btn").click()
            page.wait_for_url(re.compile(r"done=1$"))
            return self.chart + "/guarantor?done=1"

        return self.once("guarantor", make)

    def payment(self):
        """A part of it, begun and waiting for a card: the payment's page."""
        def make():
            page = self.window
            page.goto(f"/bills/{self.bill()}")
            waiting = page.locator("main a[href^='/bills/payments/']")
            if waiting.count():
                return waiting.first.get_attribute("href")
            page.check("[name=amount][value=part]")
            page.fill("[name=part]", "1.00")
            page.locator("main form[action$='/pay'] .btn").click()
            page.wait_for_url(re.compile(r"/pay/cs_"))
            page.goto(f"/bills/{self.bill()}")
            return waiting.first.get_attribute("href")

        return self.once("payment", make)

    def statement(self):
        """Of a month that is over: its page. The bill is put into it, past the books' guards."""
        def make():
            patient = self.chart.rsplit("/", 1)[1]
            month = ask_database("SELECT to_char(min(month) - interval '1 month', 'YYYY-MM') FROM billing.statement_run")[0]
            ask_database(f"UPDATE billing.entry SET at = '{month}-10' WHERE patient = '{patient}' AND kind = 'invoice'")
            done = subprocess.run(
                [ROOT / "deploy/chartline", "statements", "run", "--month", month], capture_output=True, text=True, timeout=60)
            assert done.returncode == 0, done.stdout + done.stderr
            return "/bills/statements/" + ask_database(f"SELECT id FROM billing.statement WHERE patient = '{patient}' LIMIT 1")[0]

        self.bill()
        return self.once("statement", make)

    def prescription(self):
        """One that the clinician has signed."""
        def make():
            page = self.clinicians_window()
            page.goto(self.chart + "/prescriptions/new")
            values = {"medicine": f"⟪Testine {uuid.uuid4().hex[:8]}⟫", "amount": "1", "unit": "⟪tablet⟫", "route": "⟪by mouth⟫", "quantity": "10"}
            for name, value in values.items():
                page.fill(f"[name={name}]", value)
            page.locator("main form .btn").click()
            page.fill("[name=override]", "⟪Nobody knows it⟫")
            page.locator("main form .btn").click()
            page.wait_for_url(re.compile(r"/prescriptions/[0-9a-f-]{36}$"))
            return path_of(page)

        return self.once("prescription", make)

    def order(self):
        """One that the clinician has sent off."""
        def make():
            page = self.clinicians_window()
            page.goto(self.chart + "/orders/new")
            page.fill("[name=what]", "⟪Potassium⟫")
            page.fill("[name=reason]", "⟪Diuretic⟫")
            page.locator("main form .btn").first.click()
            page.wait_for_url(re.compile(r"/orders/[0-9a-f-]{36}$"))
            return path_of(page)

        return self.once("order", make)

    def answered(self, name, value):
        """A result of an order of its own, as it came: it waits for the clinician."""
        page = self.clinicians_window()
        page.goto(self.chart + "/orders/new")
        page.fill("[name=what]", name)
        page.locator("main form .btn").first.click()
        page.wait_for_url(re.compile(r"/orders/[0-9a-f-]{36}$"))
        page.locator("main a[href*='/results/new?order=']").click()
        for field, text in (("value-0", value), ("unit-0", "%"), ("low-0", "3.5"), ("high-0", "5.1")):
            page.fill(f"[name={field}]", text)
        page.locator("main form .btn").first.click()
        page.wait_for_url(re.compile(r"/orders/[0-9a-f-]{36}$"))
        page.locator("main a[href$='/versions']").click()
        page.wait_for_url(re.compile(r"/versions$"))
        return path_of(page)

    def waiting(self):
        return self.once("waiting", lambda: self.answered("⟪Sodium⟫", "6.1"))

    def corrected(self):
        """One that the patient finds corrected: where it is in the portal."""
        def make():
            address = self.answered("⟪Chloride⟫", "6.4")
            page = self.clinicians_window()
            page.fill("[name=value]", "4.6")
            page.fill("[name=reason]", "⟪Misread⟫")
            page.locator("main form[action$='/versions'] button").click()
            page.wait_for_load_state()
            return "/results/" + address.split("/results/")[1].split("/")[0]

        return self.once("corrected", make)

    def renewal(self):
        """The patient has asked for more of it."""
        def make():
            prescription = self.prescription().rsplit("/", 1)[1]
            self.window.goto("/medicines")
            self.window.locator(f"main details:has(form[action='/medicines/{prescription}/renew']) summary").click()
            self.window.fill(f"[name=words-{prescription}]", "⟪three left⟫")
            self.window.locator(f"main form[action='/medicines/{prescription}/renew'] button").click()
            self.window.wait_for_url(re.compile(r"/medicines\?asked="))
            return f"/medicines?asked={prescription}"

        return self.once("renewal", make)

    def detail_asked(self):
        """The patient has asked for another name."""
        def make():
            self.window.goto("/details/name")
            self.window.fill("[name=given]", "⟪Marina⟫")
            self.window.locator("main form .btn").first.click()
            self.window.wait_for_url(re.compile(r"/details\?done="))
            return "/details"

        return self.once("detail asked", make)

    def document(self):
        """A photo that the patient has sent."""
        def make():
            self.window.goto("/documents/new")
            self.window.fill("[name=title]", "⟪Rash⟫")
            self.window.set_input_files("[name=photo]", files=[{"name": "rash.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff\xe0rash"}])
            self.window.locator("main form[enctype] button").click()
            self.window.wait_for_url(re.compile(r"/documents\?sent="))
            link = self.window.locator("main li[data-fhir^='DocumentReference/'] a").first.get_attribute("href")
            return self.chart + link.removesuffix("/file")

        return self.once("document", make)

    def shared_document(self):
        """The same, which the nurse lets the clinician open: its page in the chart."""
        def make():
            page = self.world.nurse
            page.goto(self.document())
            colleague = page.locator("[name=with] option", has_text="Okafor").first.get_attribute("value")
            page.select_option("[name=with]", colleague)
            page.locator("form[action$='/share'] button").click()
            page.wait_for_selector("form[action$='/unshare']")
            return path_of(page)

        return self.once("shared document", make)

    def amendment(self):
        """The patient has said that a prescription is wrong."""
        def make():
            self.window.goto("/record/amendments/" + self.prescription().split("/")[-1])
            for name in ("wrong", "right"):
                self.window.fill(f"[name={name}]", "⟪The date⟫")
            self.window.locator("main form .btn").first.click()
            self.window.wait_for_url(re.compile(r"/record/amendments\?asked=1$"))
            return "/record/amendments?asked=1"

        return self.once("amendment", make)

    def thread(self):
        """A question of the patient's to the care team."""
        def make():
            self.window.goto("/messages/new")
            self.window.check("[name=purpose][value=medicine]")
            self.window.fill("[name=subject]", "⟪Salt⟫")
            self.window.fill("[name=text]", f"⟪How much {uuid.uuid4().hex[:8]}?⟫")
            self.window.locator("main form .btn").last.click()
            self.window.wait_for_url(re.compile(r"/messages/[0-9a-f-]{36}"))
            return path_of(self.window).split("?")[0]

        return self.once("thread", make)

    def among_staff(self):
        """A message between colleagues on the patient's chart."""
        def make():
            page = self.world.nurse
            page.goto(self.chart + "/among-staff")
            page.fill("[name=text]", "⟪Call them⟫")
            page.locator("main form.card .btn").click()
            page.locator("main .thread.staff .message").first.wait_for()
            return self.chart + "/among-staff"

        return self.once("among staff", make)

    def past_visit(self):
        def look():
            self.window.goto("/record")
            return self.window.locator("main a[href^='/record/visits/']").last.get_attribute("href")

        return self.once("past visit", look)

    def signed_summary(self):
        return "/record/visits/" + self.signed_encounter().split("/encounters/")[1].split("?")[0]

    def asked(self):
        """A question that waits for the privacy officer."""
        def make():
            self.window.goto(self.looked_at())
            self.window.fill("main textarea", "⟪Why was this?⟫")
            self.window.locator("main form button").click()
            self.window.wait_for_url(re.compile(r"/looked\?asked=1$"))
            return "/looked"

        return self.once("asked", make)

    def held(self):
        def make():
            choose_time(self.window, 16)
            return path_of(self.window)

        return self.once("held", make, 300)


def path_of(page):
    return re.sub("^[a-z]*://[^/]*|[?].*", "", page.url)


def picture(width, height):
    """A PNG of one colour, with a comment in it."""
    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress((b"\0" + b"\x17\x50\x9f" * width) * height)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"tEXt", b"Comment\0taken at home") + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))
