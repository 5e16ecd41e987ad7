"""Fills an empty installation: a clinic's people and hours, patients with records, accounts and sessions. All people are invented."""

import asyncio
import base64
import datetime as dt
import hashlib
import http.client
import json
import os
import pathlib
import random
import re
import ssl
import subprocess
import urllib.parse
import uuid
import zoneinfo

import asyncpg

import bus

ZONE = "America/Chicago"
BOOKERS = 8_000  # patients who book
CHARTS = 300  # patients with a record to read
PRACTITIONERS = 60
DAYS = 170
OPENS, CLOSES, MINUTES = 7, 19, 20
SERVICE = "office-visit"
SYSTEM = "https://bench.example.org"

FAMILY = (
    """Abara Alvarez Ames Bauer Bell Berg Bose Chen Cruz Dahl Díaz Fox Grant Hart Hughes Ito Khan Kim Lang Mori Moss Nash Novák Osei Popa Reed Roy
    Ruiz Shah Ward Weber Young""".split()
)
GIVEN = """Amy Anil Ava Aya Ben Chidi Eli Elena Iván Jana Joana Joe Kenji Kofi Lan Lena Leo Maria Max Nils Noor Omar Peter Ray Rosa Ruth Sara Sora Tia
    Tom Uta Zoë""".split()
PROBLEMS = [
    ("38341003", "Hypertensive disorder"),
    ("44054006", "Diabetes mellitus type 2"),
    ("55822004", "Hyperlipidemia"),
    ("195967001", "Asthma"),
    ("396275006", "Osteoarthritis"),
    ("35489007", "Depressive disorder"),
    ("40930008", "Hypothyroidism"),
    ("235595009", "Gastroesophageal reflux disease"),
    ("193462001", "Insomnia"),
    ("271737000", "Anemia"),
    ("37796009", "Migraine"),
    ("709044004", "Chronic kidney disease"),
]
MEDICINES = [
    ("314076", "lisinopril 10 MG Oral Tablet"),
    ("860975", "metformin hydrochloride 500 MG Oral Tablet"),
    ("617312", "atorvastatin 20 MG Oral Tablet"),
    ("197361", "amlodipine 5 MG Oral Tablet"),
    ("966224", "levothyroxine sodium 0.05 MG Oral Tablet"),
    ("198053", "omeprazole 20 MG Oral Capsule"),
    ("312938", "sertraline 50 MG Oral Tablet"),
    ("745752", "albuterol 0.09 MG/ACTUAT Metered Dose Inhaler"),
    ("310798", "hydrochlorothiazide 25 MG Oral Tablet"),
]
VACCINES = [
    ("140", "Influenza, seasonal, injectable, preservative free"),
    ("115", "Tdap"),
    ("133", "Pneumococcal conjugate PCV 13"),
    ("187", "Zoster recombinant"),
    ("213", "SARS-COV-2 (COVID-19) vaccine"),
]
ALLERGIES = [
    ("91936005", "Allergy to penicillin"),
    ("300913006", "Allergy to shellfish"),
    ("91935009", "Allergy to peanut"),
    ("294505008", "Allergy to amoxicillin"),
]
RESULTS = [
    ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "%", 4.0, 5.6, 7.5),
    ("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma", "mg/dL", 120, 200, 240),
    ("2571-8", "Triglyceride [Mass/volume] in Serum or Plasma", "mg/dL", 50, 150, 190),
    ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL", 0.6, 1.2, 1.4),
    ("2345-7", "Glucose [Mass/volume] in Serum or Plasma", "mg/dL", 70, 99, 130),
    ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 12, 16, 17),
    ("2823-3", "Potassium [Moles/volume] in Serum or Plasma", "mmol/L", 3.5, 5.1, 5.3),
    ("2951-2", "Sodium [Moles/volume] in Serum or Plasma", "mmol/L", 136, 145, 147),
    ("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma", "mIU/L", 0.4, 4.0, 5.0),
    ("6690-2", "Leukocytes [#/volume] in Blood", "10*3/uL", 4.0, 11.0, 12.0),
]
VITALS = [
    ("8302-2", "Body height", "cm", 150, 195),
    ("29463-7", "Body weight", "kg", 50, 110),
    ("8867-4", "Heart rate", "/min", 55, 100),
    ("8310-5", "Body temperature", "Cel", 36.2, 37.4),
]


def concept(system, code, display):
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def snomed(code, display):
    return concept("http://snomed.info/sct", code, display)


def hl7(name, code):
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{name}", "code": code}]}


class Bundle:
    def __init__(self, label):
        self.label, self.entries = label, []

    def add(self, type, name, resource):
        url = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{SYSTEM}/{self.label}/{name}')}"
        self.entries.append({"fullUrl": url, "resource": {"resourceType": type, **resource}, "request": {"method": "POST", "url": type}})
        return url

    def write(self, folder):
        (folder / f"{self.label}.json").write_text(json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": self.entries}))


def place_and_people():
    file = Bundle("hospitalInformation")
    organization = file.add("Organization", "organization", {"active": True, "name": "Bench Clinic"})
    address = {"line": ["18 Mill Street"], "city": "Chicago", "state": "IL", "postalCode": "60608", "country": "US"}
    location = file.add(
        "Location",
        "location",
        {
            "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/timezone", "valueCode": ZONE}],
            "status": "active",
            "name": "Bench Clinic, Mill Street",
            "mode": "instance",
            "telecom": [{"system": "phone", "value": "+1 312 555 0142"}],
            "address": address,
            "managingOrganization": {"reference": organization},
        },
    )
    for number in range(PRACTITIONERS):
        given, family = GIVEN[number % len(GIVEN)], FAMILY[(number * 7) % len(FAMILY)]
        person = file.add(
            "Practitioner",
            f"practitioner/{number}",
            {
                "identifier": [{"system": f"{SYSTEM}/staff", "value": f"S{number:03}"}],
                "active": True,
                "name": [{"use": "official", "family": family, "given": [given], "prefix": ["Dr."]}],
            },
        )
        file.add(
            "PractitionerRole",
            f"role/{number}",
            {
                "active": True,
                "practitioner": {"reference": person},
                "organization": {"reference": organization},
                "specialty": [snomed("419772000", "Family medicine")],
                "location": [{"reference": location}],
            },
        )
    return file


def person(file, label, number, choose):
    return file.add(
        "Patient",
        label,
        {
            "identifier": [
                {
                    "use": "usual",
                    "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]},
                    "system": f"{SYSTEM}/mrn",
                    "value": label,
                }
            ],
            "active": True,
            "name": [{"use": "official", "family": choose.choice(FAMILY), "given": [choose.choice(GIVEN)]}],
            "telecom": [
                {"system": "phone", "value": f"+1 312 555 {100 + number % 100:04}", "use": "mobile"},
                {"system": "email", "value": f"{label.lower()}@example.org"},
            ],
            "gender": choose.choice(["female", "male"]),
            "birthDate": f"{choose.randint(1935, 2005)}-{choose.randint(1, 12):02}-{choose.randint(1, 28):02}",
            "address": [
                {
                    "use": "home",
                    "line": [f"{choose.randint(2, 980)} Oak Avenue"],
                    "city": "Chicago",
                    "state": "IL",
                    "postalCode": "60610",
                    "country": "US",
                }
            ],
        },
    )


def history(number, today):
    """One patient's record: 30 to 100 resources."""
    choose = random.Random(number)
    label = f"C{number:05}"
    file = Bundle(label)
    patient = {"reference": person(file, label, number, choose)}

    def at(days, hour=9):
        return f"{today - dt.timedelta(days=days)}T{hour:02}:{choose.randint(0, 59):02}:00-06:00"

    for place, (code, display) in enumerate(choose.sample(PROBLEMS, choose.randint(2, 7))):
        file.add(
            "Condition",
            f"condition/{place}",
            {
                "clinicalStatus": hl7("condition-clinical", choose.choice(["active", "active", "resolved"])),
                "verificationStatus": hl7("condition-ver-status", "confirmed"),
                "category": [hl7("condition-category", "problem-list-item")],
                "code": snomed(code, display),
                "subject": patient,
                "onsetDateTime": at(choose.randint(200, 4000)),
            },
        )
    for place, (code, display) in enumerate(choose.sample(ALLERGIES, choose.randint(0, 3))):
        file.add(
            "AllergyIntolerance",
            f"allergy/{place}",
            {
                "clinicalStatus": hl7("allergyintolerance-clinical", "active"),
                "verificationStatus": hl7("allergyintolerance-verification", "confirmed"),
                "criticality": choose.choice(["low", "high"]),
                "code": snomed(code, display),
                "patient": patient,
                "recordedDate": at(choose.randint(200, 4000)),
                "reaction": [{"manifestation": [snomed("271807003", "Eruption of skin")]}],
            },
        )
    for place, (code, display) in enumerate(choose.sample(MEDICINES, choose.randint(2, 7))):
        file.add(
            "MedicationRequest",
            f"medicine/{place}",
            {
                "status": choose.choice(["active", "active", "stopped"]),
                "intent": "order",
                "medicationCodeableConcept": concept("http://www.nlm.nih.gov/research/umls/rxnorm", code, display),
                "subject": patient,
                "authoredOn": at(choose.randint(10, 1500)),
                "dosageInstruction": [{"text": "Take 1 tablet by mouth once a day"}],
            },
        )
    for place in range(choose.randint(4, 10)):
        code, display = choose.choice(VACCINES)
        file.add(
            "Immunization",
            f"vaccine/{place}",
            {
                "status": "completed",
                "vaccineCode": concept("http://hl7.org/fhir/sid/cvx", code, display),
                "patient": patient,
                "occurrenceDateTime": at(choose.randint(10, 4000)),
            },
        )
    for place, days in enumerate(sorted(choose.sample(range(5, 1500), choose.randint(4, 9)))):
        encounter = file.add(
            "Encounter",
            f"visit/{place}",
            {
                "status": "finished",
                "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB", "display": "ambulatory"},
                "type": [snomed("185349003", "Encounter for check up")],
                "subject": patient,
                "period": {"start": at(days, 9), "end": at(days, 10)},
            },
        )
        for code, display, unit, low, high in choose.sample(VITALS, 3):
            file.add(
                "Observation",
                f"vital/{place}/{code}",
                {
                    "status": "final",
                    "category": [hl7("observation-category", "vital-signs")],
                    "code": concept("http://loinc.org", code, display),
                    "subject": patient,
                    "encounter": {"reference": encounter},
                    "effectiveDateTime": at(days),
                    "valueQuantity": {
                        "value": round(choose.uniform(low, high), 1),
                        "unit": unit,
                        "system": "http://unitsofmeasure.org",
                        "code": unit,
                    },
                },
            )
        for code, display, unit, low, high, top in choose.sample(RESULTS, choose.randint(1, 6)):
            file.add(
                "Observation",
                f"result/{place}/{code}",
                {
                    "status": "final",
                    "category": [hl7("observation-category", "laboratory")],
                    "code": concept("http://loinc.org", code, display),
                    "subject": patient,
                    "encounter": {"reference": encounter},
                    "effectiveDateTime": at(days),
                    "valueQuantity": {"value": round(choose.uniform(low, top), 1), "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
                    "referenceRange": [{"low": {"value": low, "unit": unit}, "high": {"value": high, "unit": unit}}],
                },
            )
    return file


class Installation:
    """The running one that deploy/bench has started."""

    def __init__(self):
        self.home = pathlib.Path(os.environ["BENCH_HOME"])
        self.work = pathlib.Path(os.environ["BENCH_WORK"])
        self.checkout = pathlib.Path(os.environ["BENCH_CHECKOUT"])
        self.portal, self.postgres, self.amqp = (int(os.environ[name]) for name in ("PORTAL_PORT", "POSTGRES_PORT", "AMQP_PORT"))
        self.base = int(os.environ["BENCH_PORT"])
        self.authority = self.home / "tls/authority.pem"
        (self.home / "bench").mkdir(exist_ok=True)

    def secret(self, name):
        return bus.secret(self.home / "secrets" / name)

    def pid(self, name):
        return int((self.home / "service" / name / "supervise/pid").read_text())

    def chartline(self, *arguments):
        environment = {**os.environ, "CHARTLINE_HOME": str(self.home)}
        done = subprocess.run([self.checkout / "deploy/chartline", *arguments], env=environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"chartline {arguments[0]} failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout

    async def ready(self, seconds=60):
        """Until every process of Chartline says that it is ready."""
        for port in range(self.base + 11, self.base + 21):
            for _ in range(seconds * 5):
                try:
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
                    connection.request("GET", "/readyz")
                    if connection.getresponse().status == 200:
                        break
                except OSError:
                    pass
                await asyncio.sleep(0.2)
            else:
                raise SystemExit(f"what answers on port {port} is not ready after {seconds} s")

    async def owner(self, database="chartline"):
        """As whoever installed, through the socket: reads and maintains, whatever the policies."""
        return await asyncpg.connect(host=str(self.home / "postgres/socket"), port=self.postgres, user="installation", database=database)

    async def service(self, name, database="chartline"):
        return await asyncpg.connect(
            host="127.0.0.1",
            port=self.postgres,
            user=name,
            password=self.secret(f"postgres-{name}"),
            database=database,
            ssl=ssl.create_default_context(cafile=self.authority),
        )

    def broker(self, name, vhost=""):
        """The address of the broker for one of its users, with whom to trust."""
        return f"amqps://{name}:{self.secret(f'amqp-{name}')}@127.0.0.1:{self.amqp}/{vhost}?cafile={urllib.parse.quote(str(self.authority))}"


def say(text):
    import sys

    print(f"           {text}", file=sys.stderr, flush=True)


async def fill(there):
    """Everything through Chartline's own doors, but accounts and sessions: signing 8,000 people in would take 40 minutes of scrypt, so they are
    written as identity writes them, as its own worker."""
    path = there.home / "bench/clinic.json"
    if path.exists():
        return json.loads(path.read_text())
    say("names the clinic")
    there.chartline("clinic", "create", "--name", "Bench Clinic", "--zone", ZONE)
    folder = there.home / "bench/bundles"
    folder.mkdir(exist_ok=True)
    place_and_people().write(folder)
    today = dt.date.today()
    for number in range(CHARTS):
        history(number, today).write(folder)
    choose = random.Random("bookers")
    for start in range(0, BOOKERS, 200):
        file = Bundle(f"people-{start:05}")
        for number in range(start, start + 200):
            person(file, f"B{number:05}", number, choose)
        file.write(folder)
    say(f"imports {CHARTS} records and {BOOKERS} more patients")
    say(there.chartline("import", "--quiet", str(folder)).strip())
    owner = await there.owner()
    patients = dict(await owner.fetch("SELECT mrn, id::text FROM records.patient"))
    practitioners = [row[0] for row in await owner.fetch("SELECT id::text FROM records.resource WHERE type = 'Practitioner' ORDER BY id")]
    location = await owner.fetchval("SELECT id::text FROM records.resource WHERE type = 'Location'")
    say(f"publishes the hours of {len(practitioners)} practitioners")
    await publish(there, practitioners, location, today)
    say("opens accounts and sessions")
    clinic = {"practitioners": practitioners, "location": location, "today": str(today)}
    clinic["bookers"] = await sessions(there, [patients[f"B{number:05}"] for number in range(BOOKERS)], "b")
    clinic["charts"] = await sessions(there, [patients[f"C{number:05}"] for number in range(CHARTS)], "c")
    say("waits until every event is heard and every contact known")
    await contacts(there, [who["patient"] for who in clinic["bookers"]])
    await settled(owner)
    await owner.execute("VACUUM ANALYZE")
    await owner.close()
    say("opens a form in each session")
    await asyncio.to_thread(form_keys, there.portal, clinic["bookers"])
    path.touch(mode=0o600)
    path.write_text(json.dumps(clinic))
    return clinic


async def publish(there, practitioners, location, today):
    """The service's own command, in the operator's name."""
    cipher = bus.Cipher(there.home / "secrets/bus-keys")
    token = bus.Signer("chartline", there.secret("actor-chartline.key")).sign(
        {"issuer": "chartline", "role": "operator", "patients": [], "purpose": "operations"}
    )
    asker = await bus.Bus(there.broker("chartline"), "chartline", cipher).start()
    for practitioner in practitioners:
        await asker.request(
            "scheduling.publish-availability.v1",
            {
                "practitioner": practitioner,
                "location": location,
                "zone": ZONE,
                "from": str(today),
                "until": str(today + dt.timedelta(days=DAYS + 5)),
                "services": [{"code": SERVICE, "name": {"en": "Office visit", "es": "Visita en el consultorio"}, "minutes": MINUTES}],
                "weekly": [{"weekday": day, "from": f"{OPENS:02}:00", "until": f"{CLOSES:02}:00"} for day in range(1, 8)],
                "minimumNoticeMinutes": 60,
                "key": str(bus.uuid7()),
            },
            token,
            timeout=20,
        )
    await asker.stop()


async def sessions(there, patients, prefix):
    identity = await there.service("identity")
    rows = []
    for number, patient in enumerate(patients):
        handle = os.urandom(32)
        salt, hashed = base64.b64encode(os.urandom(16)).decode(), base64.b64encode(os.urandom(32)).decode()
        rows.append(
            (
                bus.uuid7(),
                f"{prefix}{number:05}@example.org",
                uuid.UUID(patient),
                f"scrypt$ln=17,r=8,p=1${salt}${hashed}",
                bus.uuid7(),
                hashlib.sha256(handle).digest(),
                handle,
            )
        )
    columns = list(zip(*rows))
    async with identity.transaction():
        await identity.execute("SET LOCAL ROLE identity_worker")
        await identity.execute(
            """INSERT INTO account (id, username, role, patient, language, credential)
            SELECT id, username, 'patient', patient, 'en', credential
            FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[]) AS a (id, username, patient, credential)
            """,
            *columns[:4],
        )
        await identity.execute(
            """INSERT INTO session (id, handle_hash, account, audience, expires_idle, expires_absolute)
            SELECT id, hash, account, 'portal', now() + interval '30 minutes', now() + interval '12 hours'
            FROM unnest($1::uuid[], $2::bytea[], $3::uuid[]) AS s (id, hash, account)""",
            columns[4],
            columns[5],
            columns[0],
        )
    await identity.close()
    return [{"patient": str(row[2]), "account": str(row[0]), "session": str(row[4]), "cookie": bus.base64url(row[6]).decode()} for row in rows]


async def contacts(there, patients):
    """As planning does at a patient's first booking: the notifications then ask records where the patient lives, and remember it."""
    notifications = await there.service("notifications")
    async with notifications.transaction():
        await notifications.execute("SET LOCAL ROLE notifications_worker")
        await notifications.execute(
            "INSERT INTO contact (patient, ask_at) SELECT patient, now() FROM unnest($1::uuid[]) AS p (patient) ON CONFLICT DO NOTHING", patients
        )
    await notifications.close()


async def refresh_sessions(owner):
    """As if everybody had just signed in: a session ends after half an hour without use, and a run, or the time since the last one, may be longer."""
    await owner.execute("""UPDATE identity.session SET expires_idle = now() + interval '30 minutes', expires_absolute = now() + interval '12 hours'
        WHERE audience = 'portal' AND ended_at IS NULL""")


async def settled(owner, seconds=300):
    """Until outboxes are empty and the notifications have done what was told."""
    left = None
    for _ in range(seconds * 5):
        left = await owner.fetchrow(
            """SELECT (SELECT count(*) FROM records.outbox) + (SELECT count(*) FROM scheduling.outbox) + (SELECT count(*) FROM identity.outbox),
                (SELECT count(*) FROM notifications.contact WHERE ask_at IS NOT NULL),
                (SELECT count(*) FROM notifications.intent WHERE next_at <= now() AND state = 'scheduled')"""
        )
        if not any(left):
            return True
        await asyncio.sleep(0.2)
    say(f"not settled after {seconds} s: {tuple(left)}")
    return False


def form_keys(port, people):
    """The hidden field that ties a form to its session, read from a page as a browser would."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    for who in people:
        connection.request("GET", "/sign-in", headers={"Cookie": f"__Host-portal={who['cookie']}"})
        page = connection.getresponse().read().decode()
        who["form"] = re.search(r'name="form-key" value="([^"]+)"', page).group(1)
    connection.close()


class Slots:
    """Free times, each once: first every practitioner's first of a day, then the next day, then the next time of day."""

    def __init__(self, clinic, taken=0):
        self.clinic, self.next = clinic, taken
        first = dt.date.fromisoformat(clinic["today"]) + dt.timedelta(days=2)
        zone = zoneinfo.ZoneInfo(ZONE)
        grid = range(OPENS * 60, CLOSES * 60, MINUTES)
        self.starts = [
            int(dt.datetime.combine(first + dt.timedelta(days=day), dt.time(minute // 60, minute % 60), zone).timestamp())
            for minute in grid
            for day in range(DAYS - 10)
        ]

    @property
    def left(self):
        return len(self.starts) * len(self.clinic["practitioners"]) - self.next

    def take(self):
        """A patient, a practitioner, a start; a patient's next turn comes after everybody else's."""
        if not self.left:
            raise SystemExit("every free time of this installation is taken: make another with --home, or remove it with deploy/down --wipe")
        number = self.next
        self.next += 1
        people, practitioners = self.clinic["bookers"], self.clinic["practitioners"]
        return people[number * 7 % len(people)], practitioners[number % len(practitioners)], self.starts[number // len(practitioners)]
