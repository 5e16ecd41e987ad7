"""`chart-scale`: whether the chart's page and the search for a patient stay as quick as the store grows. At every size a hundred patients are imported
through the operator's door and their charts opened by who treats them; the others around them are filled in by COPY, with everything that is
searched by and a body of the usual length that nobody opens."""

import datetime as dt
import hashlib
import http.client
import os
import random
import re
import time
import urllib.parse
import uuid

import bus
import clinic
import measure
from clinic import FAMILY, GIVEN, SYSTEM, Bundle, history, say

SIZES = [1_000, 10_000, 100_000]
RESOURCES = 30
# Charts that are opened at each size, and how often each.
CHARTS, TIMES = 100, 4
ENCOUNTERS = 1_000
SEARCHES = 400
# The types of a synthetic record, as often as they come in one, and the code system of each.
KINDS = [("Observation", 16), ("Encounter", 4), ("Condition", 3), ("MedicationRequest", 3), ("Procedure", 2), ("Immunization", 2)]
RESOURCE = ["type", "id", "patient", "version", "last_updated", "status", "code", "d_lo", "d_hi", "num", "unit", "encounter", "category", "tokens", "refs",
            "body"]


def treated(file, place):
    """The patient of a bundle is treated by the first of the clinic's people."""
    patient = next(entry["fullUrl"] for entry in file.entries if entry["resource"]["resourceType"] == "Patient")
    member = {"reference": f"Practitioner?identifier={SYSTEM}/staff|S000"}
    file.add("CareTeam", f"team/{place}", {"status": "active", "subject": {"reference": patient}, "participant": [{"member": member}]})
    return file


def long_record(today):
    """A record of a thousand encounters."""
    file = Bundle("L00000")
    choose = random.Random("long")
    patient = {"reference": clinic.person(file, "L00000", 0, choose)}
    for place in range(ENCOUNTERS):
        day = f"{today - dt.timedelta(days=3 + place * 5)}"
        visit = file.add("Encounter", f"visit/{place}", {
            "status": "finished", "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
            "type": [clinic.snomed("185349003", "Encounter for check up")], "subject": patient,
            "period": {"start": f"{day}T09:00:00-06:00", "end": f"{day}T09:30:00-06:00"}})
        for code, display, unit, low, high in choose.sample(clinic.VITALS, 2) + [one[:5] for one in choose.sample(clinic.RESULTS, 2)]:
            kind = "vital-signs" if code in {one[0] for one in clinic.VITALS} else "laboratory"
            file.add("Observation", f"value/{place}/{code}", {
                "status": "final", "category": [clinic.hl7("observation-category", kind)], "code": clinic.concept("http://loinc.org", code, display),
                "subject": patient, "encounter": {"reference": visit}, "effectiveDateTime": f"{day}T09:10:00-06:00",
                "valueQuantity": {"value": round(choose.uniform(low, high), 1), "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}})
    return treated(file, 0)


def write_charts(folder, stage, today):
    folder.mkdir(exist_ok=True)
    for number in range(stage * CHARTS, (stage + 1) * CHARTS):
        treated(history(number, today), number).write(folder)


class Others:
    """Patients around those whose charts are opened."""

    def __init__(self):
        self.choose, self.bodies = random.Random("others"), [os.urandom(320 + size) for size in range(0, 400, 4)]
        self.kinds = [kind for kind, times in KINDS for _ in range(times)]
        self.now = dt.datetime.now(dt.timezone.utc)

    def patients(self, count):
        """Rows of `patient`, and of `patient_name`."""
        choose, people, names = self.choose, [], []
        for _ in range(count):
            identity, given = uuid.UUID(int=choose.getrandbits(128), version=4), choose.choice(GIVEN)
            # Two family names and a syllable: 100,000 people must not share thirty names.
            family = f"{choose.choice(FAMILY)}{choose.choice('aeiou')}{choose.choice('lmnrst')}{choose.choice('aeiou')}-{choose.choice(FAMILY)}"
            birth = f"{choose.randint(1935, 2020)}-{choose.randint(1, 12):02}-{choose.randint(1, 28):02}"
            people.append((identity, 1, f"{given} {family}", family, given, birth, "female", f"R{choose.randrange(10**9):09}",
                           f"1312{choose.randrange(10**7):07}"))
            names.append((identity, " " + f"{given} {family}".lower().replace("-", " ")))
        return people, names

    def resources(self, people):
        choose, coded = self.choose, {
            "Observation": [f"http://loinc.org|{one[0]}" for one in clinic.RESULTS + clinic.VITALS],
            "Condition": [f"http://snomed.info/sct|{one[0]}" for one in clinic.PROBLEMS],
            "MedicationRequest": [f"http://www.nlm.nih.gov/research/umls/rxnorm|{one[0]}" for one in clinic.MEDICINES],
            "Immunization": [f"http://hl7.org/fhir/sid/cvx|{one[0]}" for one in clinic.VACCINES]}
        for person, *_ in people:
            visit = None
            for kind in self.kinds:
                identity = uuid.UUID(int=choose.getrandbits(128), version=4)
                code = choose.choice(coded.get(kind, ["http://snomed.info/sct|185349003"]))
                begin = self.now - dt.timedelta(minutes=choose.randrange(5_000_000))
                tokens = [int.from_bytes(hashlib.blake2b(f"{kind}/{code}/{part}".encode(), digest_size=8).digest(), "big", signed=True) for part in (1, 2)]
                is_value = kind == "Observation"
                yield (kind, identity, person, 1, self.now, "final" if is_value else "active", code, begin, begin + dt.timedelta(seconds=1),
                       choose.random() * 100 if is_value else None, "mg/dL" if is_value else None, visit if is_value else None,
                       ["laboratory"] if is_value else [], tokens, [person] + ([visit] if visit and is_value else []), choose.choice(self.bodies))
                visit = identity if kind == "Encounter" else visit


async def grow(owner, others, size):
    """Until there are `size` patients. - Returns: seconds."""
    start = time.monotonic()
    while (missing := size - await owner.fetchval("SELECT count(*) FROM records.patient")) > 0:
        people, names = others.patients(min(missing, 2_000))
        columns = ["id", "version", "name", "family", "given", "birth_date", "gender", "mrn", "phone"]
        async with owner.transaction():
            await owner.copy_records_to_table("patient", schema_name="records", columns=columns, records=people)
            await owner.copy_records_to_table("patient_name", schema_name="records", columns=["patient", "words"], records=names)
            await owner.copy_records_to_table("resource", schema_name="records", columns=RESOURCE, records=others.resources(people))
    await owner.execute("VACUUM ANALYZE records.patient, records.patient_name, records.resource")
    return time.monotonic() - start


async def clinicians_cookie(there, owner):
    """A session of who treats them."""
    practitioner = await owner.fetchval("""SELECT r.practitioner FROM records.care r GROUP BY 1 ORDER BY count(*) DESC LIMIT 1""")
    return await staff_cookie(there, "clinician", practitioner)


async def staff_cookie(there, role, practitioner=None):
    """A session as identity writes one whose second factor was given."""
    identity, handle = await there.service("identity"), os.urandom(32)
    async with identity.transaction():
        await identity.execute("SET LOCAL ROLE identity_worker")
        # One practitioner has one account, and a session at each size.
        account = await identity.fetchval("SELECT id FROM account WHERE practitioner = $1", practitioner)
        if account is None:
            account = bus.uuid7()
            await identity.execute(
                """INSERT INTO account (id, username, role, practitioner, display_name, language, credential)
                VALUES ($1, $2, $5, $3, 'Bench Colleague', 'en', $4)""",
                account, f"{account}@bench.example.org", practitioner, "scrypt$ln=17,r=8,p=1$AAAA$AAAA", role)
        await identity.execute(
            """INSERT INTO session (id, handle_hash, account, audience, expires_idle, expires_absolute, second_factor_at)
            VALUES ($1, $2, $3, 'clinic', now() + interval '15 minutes', now() + interval '12 hours', now())""",
            bus.uuid7(), hashlib.sha256(handle).digest(), account)
    await identity.close()
    return f"__Host-clinic={bus.base64url(handle).decode()}"


class Window:
    """One clinician's browser with a kept connection."""

    def __init__(self, port, cookie):
        self.connection, self.cookie = http.client.HTTPConnection("127.0.0.1", port, timeout=20), cookie

    def ask(self, path, form=None):
        """- Returns: milliseconds, and the page."""
        headers = {"Cookie": self.cookie, "Sec-Fetch-Site": "same-origin"}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        start = time.perf_counter()
        self.connection.request("GET" if form is None else "POST", path, urllib.parse.urlencode(form) if form is not None else None, headers)
        answer = self.connection.getresponse()
        page = answer.read().decode()
        taken = (time.perf_counter() - start) * 1000
        if answer.status != 200:
            raise SystemExit(f"{path} answered {answer.status}")
        return taken, page


def charts(window, patients):
    times = []
    for turn in range(TIMES):
        for patient in random.Random(turn).sample(patients, len(patients)):
            taken, page = window.ask(f"/patients/{patient}")
            if "data-fhir=" not in page:
                raise SystemExit("the chart's page shows nothing")
            times.append(taken)
    return times


def misspelled(word, choose):
    """Two neighbours change places."""
    at = choose.randrange(1, max(2, len(word) - 2))
    return word[:at] + word[at + 1:at + 2] + word[at] + word[at + 2:]


def searches(window, people):
    """The ways people are looked for, in turns: family name, both names the wrong way round, a typo, a name and the birth date, a number."""
    choose, times = random.Random("search"), []
    form = re.search(r'name="form-key" value="([^"]+)"', window.ask("/patients")[1]).group(1)
    for number in range(SEARCHES):
        person = choose.choice(people)
        family, given = person["family"], person["given"]
        text = [family, f"{family} {given}", f"{given} {misspelled(family, choose)}", f"{given} {person['birth_date']}", person["mrn"]][number % 5]
        taken, page = window.ask("/patients", {"form-key": form, "submission": str(uuid.uuid4()), "q": text})
        times.append(taken)
        # Of those with the name there may be more than a page shows; a number finds one.
        if number % 5 == 4 and person["id"] not in page:
            raise SystemExit(f"a search for record number {text} does not find whose it is")
    return times


def line(work, size, times):
    times = sorted(times)
    return {"system": "chartline", "work": f"{work}, {size:,} patients", "concurrency": 1, "rps": round(1000 * len(times) / sum(times), 1),
            "p50_ms": round(times[len(times) // 2], 2), "p95_ms": round(times[int(len(times) * 0.95)], 2),
            "p99_ms": round(times[int(len(times) * 0.99)], 2), "rounds": TIMES}


async def run(there, options):
    owner = await there.owner()
    if await owner.fetchval("SELECT count(*) FROM records.patient") > 0:
        raise SystemExit("chart-scale wants a clinic without patients: run it alone, and without --home or with a new one")
    quiet, today, others = measure.load_average(), dt.date.today(), Others()
    sizes = [size for size in SIZES if size <= options.patients] or [options.patients]
    there.chartline("clinic", "create", "--name", "Bench Clinic", "--zone", clinic.ZONE)
    folder = there.home / "bench/scale"
    folder.mkdir()
    clinic.place_and_people().write(folder)
    there.chartline("import", "--quiet", str(folder))
    results, p95, filled = [], {"chart": [], "search": []}, 0.0
    window = None
    for stage, size in enumerate(sizes):
        batch = there.home / f"bench/scale-{stage}"
        write_charts(batch, stage, today)
        if stage == 0:
            long_record(today).write(batch)
        there.chartline("import", "--quiet", str(batch))
        took = await grow(owner, others, size)
        filled += took
        rows = await owner.fetchval("SELECT count(*) FROM records.resource")
        say(f"{size:,} patients, {rows:,} resources; filled in {took:.0f} s")
        cookie = await clinicians_cookie(there, owner)
        window = Window(there.base + 1, cookie)
        known = [str(row[0]) for row in await owner.fetch("SELECT id FROM records.patient WHERE mrn LIKE 'C0%' ORDER BY mrn DESC LIMIT $1", CHARTS)]
        long = await owner.fetchval("SELECT id::text FROM records.patient WHERE mrn = 'L00000'")
        people = [dict(row) for row in await owner.fetch("SELECT id::text, family, given, birth_date, mrn FROM records.patient TABLESAMPLE BERNOULLI"
                                                         f" ({min(100, 100_000 / size)})")]
        charts(window, known[:20])  # warms up
        opened, longest, found = charts(window, known), charts(window, [long] * 25), searches(window, people)
        results += [line("a chart opened", size, opened), line(f"a chart of {ENCOUNTERS:,} encounters opened", size, longest),
                    line("a patient searched for", size, found)]
        p95["chart"].append(results[-3]["p95_ms"])
        for one in results[-3:]:
            say(f"  {one['work']}: p50 {one['p50_ms']}, p95 {one['p95_ms']}, p99 {one['p99_ms']} ms")
    await owner.close()
    return {
        "name": "chart-scale", "results": results, "memory_mib": {name: measure.pss_mib(there.pid(name)) for name in ("records", "clinic", "postgres")},
        # As the other ratios, the larger the better: 1 is a chart that does not notice how large the store is.
        "ratios": {"flat": round(p95["chart"][0] / p95["chart"][-1], 3)}, "filled_s": round(filled),
        "machine": {**measure.machine(), "load_average": round(quiet, 2)}, "settings": {},
    }
