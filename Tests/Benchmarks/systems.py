"""The systems that take turns: Chartline, and those it is compared with. Each of the others has a copy of the database, made when it was filled,
and a virtual host of its own, in the same PostgreSQL and RabbitMQ."""

import asyncio
import base64
import datetime as dt
import hmac
import os
import re
import subprocess
import sys

import bus
import clinic
import measure
from clinic import say

FORMS_KEY = "a key for forms that only the benchmark knows"
COPIES = ("limit", "peer", "go")
# All that run, whether or not a request passes through them: they hear of it, or copy its trail.
SERVICES = ("portal", "clinic", "scheduling", "records", "identity", "notifications", "telemedicine", "messaging", "billing", "audit")
BOOKED = "scheduling.appointment-booked.v1"


async def make_copies(there):
    """Databases with the same rows, indexes, roles and policies. Chartline's own connections are cut for a moment, and come back."""
    hba = there.home / "postgres/data/pg_hba.conf"
    lines = "".join(f'hostssl "{name}" all 127.0.0.1/32 scram-sha-256\n' for name in (*COPIES, "bridges"))
    if lines not in hba.read_text():
        with hba.open("a") as file:
            file.write(lines)
    owner = await there.owner("postgres")
    await owner.execute("SELECT pg_reload_conf()")
    there_already = {row[0] for row in await owner.fetch("SELECT datname FROM pg_database")}
    if not set(COPIES) <= there_already:
        say("copies the database for the others")
        password = there.secret("amqp-bench")
        if not await owner.fetchval("SELECT true FROM pg_roles WHERE rolname = 'bench'"):
            await owner.execute(f"CREATE ROLE bench LOGIN NOINHERIT PASSWORD '{password}'")
        await owner.execute("GRANT scheduling_limited, identity_worker, records_limited, messaging_limited TO bench")
        await owner.execute("ALTER ROLE bench SET search_path = scheduling, identity, records, public")
        await owner.execute("ALTER DATABASE chartline ALLOW_CONNECTIONS false")
        try:
            for name in COPIES:
                await owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'chartline'")
                await asyncio.sleep(0.3)
                await owner.execute(f'CREATE DATABASE "{name}" TEMPLATE chartline')
        finally:
            await owner.execute("ALTER DATABASE chartline ALLOW_CONNECTIONS true")
        await owner.close()
        for name in COPIES:
            copy = await there.owner(name)
            await copy.execute("GRANT USAGE ON SCHEMA scheduling, identity, records, messaging TO bench")
            if name == "limit":
                await copy.execute("CREATE TABLE public.plan (n bigint PRIMARY KEY, " + ", ".join(f"{column} text" for column in Limit.columns) + ")")
                await copy.execute("CREATE SEQUENCE public.turn; GRANT SELECT ON public.plan TO bench; GRANT USAGE ON SEQUENCE public.turn TO bench")
            await copy.execute("VACUUM ANALYZE")
            await copy.close()
        await there.ready()
    else:
        await owner.close()


async def forget_copies(there):
    """What is measured next was written since they were made."""
    owner = await there.owner("postgres")
    for name in COPIES:
        await owner.execute(f'DROP DATABASE IF EXISTS "{name}"')
    await owner.close()


class System:
    """What the rounds need to know of a system."""

    cookie = "__Host-portal"

    def __init__(self, there, filled):
        self.there, self.filled = there, filled
        self.slots = clinic.Slots(filled)

    async def prepare(self):
        owner = await self.there.owner(self.database)
        # Another run may have booked here before.
        self.slots.next = await owner.fetchval("SELECT count(*) FROM scheduling.appointment")
        await owner.close()

    async def start(self):
        pass

    async def stop(self):
        pass

    async def tidy(self):
        """Before a run: sessions as if everybody had just looked, tables without dead rows."""
        owner = await self.there.owner(self.database)
        await clinic.refresh_sessions(owner)
        for table in ("scheduling.outbox", "identity.outbox", "notifications.outbox", "records.outbox", "identity.session"):
            await owner.execute(f"VACUUM {table}")
        await owner.close()

    async def drained(self, since, seconds=60):
        """Waits until every event of these requests is published and heard, and every intent due looked at. - Returns: whether that came true."""
        owner = await self.there.owner(self.database)
        left = None
        for _ in range(seconds * 4):
            left = await owner.fetchrow(
                """SELECT (SELECT count(*) FROM scheduling.outbox), (SELECT count(*) FROM scheduling.sent WHERE sent_at >= $1 AND name = $2)
                    - least((SELECT count(*) FROM notifications.inbox WHERE received_at >= $1),
                        (SELECT count(*) FROM records.inbox WHERE received_at >= $1),
                        (SELECT count(*) FROM telemedicine.inbox WHERE received_at >= $1)),
                    (SELECT count(*) FROM notifications.intent WHERE next_at <= now() AND state IN ('scheduled', 'claimed'))""",
                since,
                BOOKED,
            )
            if left[0] == 0 and left[1] <= 0 and left[2] == 0:
                break
            await asyncio.sleep(0.25)
        else:
            say(f"  {self.name} has not caught up after {seconds} s: {tuple(left)}")
        await owner.close()
        return left[0] == 0

    async def rows(self):
        """How many rows each table of the request path has."""
        owner = await self.there.owner(self.database)
        found = {}
        for table in ("scheduling.appointment", "scheduling.answered", "telemedicine.call", "scheduling.audit_entry", "identity.audit_entry", "records.audit_entry"):
            found[table] = await owner.fetchval(f"SELECT count(*) FROM {table}")
        await owner.close()
        return found


class Chartline(System):
    """Our own processes, as deploy/up has started them."""

    name, database = "chartline", "chartline"

    def __init__(self, there, filled):
        super().__init__(there, filled)
        self.port = there.portal

    def form_key(self, who):
        return who["form"]

    def processes(self):
        return {name: self.there.pid(name) for name in SERVICES}


class Peer(System):
    """Processes that are started before a round and ended after it."""

    parts = ("identity", "scheduling", "records", "events")

    def __init__(self, there, filled):
        super().__init__(there, filled)
        self.database, self.running = self.name, {}
        self.environment = {
            **os.environ,
            "BENCH_FORMS_KEY": FORMS_KEY,
            "BENCH_GATEWAY_PORT": str(self.port),
            "BENCH_CHECKOUT": str(there.checkout),
            "PYTHONUNBUFFERED": "1",
        }

    def form_key(self, who):
        return bus.base64url(hmac.digest(FORMS_KEY.encode(), b"form\0" + who["cookie"].encode(), "sha256")).decode()

    async def start(self):
        if await self.listens():
            raise SystemExit(f"port {self.port}, for the gateway of {self.name}, is taken: choose others with --base-port")
        await self.start_parts(*self.parts, "gateway")
        for _ in range(300):
            if await self.listens():
                break
            await asyncio.sleep(0.1)
        else:
            raise SystemExit(f"the gateway of {self.name} does not start: see {self.there.work}/{self.name}-gateway.log")
        await asyncio.sleep(1)  # every worker of it

    async def start_parts(self, *parts):
        for part in parts:
            log = (self.there.work / f"{self.name}-{part}.log").open("wb")
            self.running[part] = subprocess.Popen(
                self.command(part), env=self.environment, cwd=self.folder, stdout=log, stderr=log, start_new_session=True
            )
            log.close()
        for part in parts:
            if part != "gateway":
                await self.ready(part)

    async def listens(self):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        return True

    async def ready(self, part):
        log = self.there.work / f"{self.name}-{part}.log"
        for _ in range(300):
            if b"ready" in log.read_bytes():
                return
            if self.running[part].poll() is not None:
                break
            await asyncio.sleep(0.1)
        raise SystemExit(f"{part} of {self.name} does not start: {log.read_text()[-2000:]}")

    async def stop(self):
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running = {}

    def processes(self):
        return {f"{self.name} {part}": process.pid for part, process in self.running.items()}


class Python(Peer):
    """FastAPI, aio-pika, asyncpg."""

    name = "peer"

    def __init__(self, there, filled):
        self.port = there.base + 30
        super().__init__(there, filled)
        self.folder = there.checkout / "Tests/Benchmarks/peers/python"

    def command(self, part):
        if part == "gateway":
            return [
                sys.executable,
                "-m",
                "uvicorn",
                "gateway:app",
                "--host",
                "127.0.0.1",
                "--port",
                str(self.port),
                "--workers",
                "2",
                "--loop",
                "uvloop",
                "--http",
                "httptools",
                "--no-access-log",
                "--log-level",
                "warning",
            ]
        return [sys.executable, f"{part}.py"] if part in ("events", "hearers") else [sys.executable, "service.py", part]


class Go(Peer):
    """net/http, amqp091-go, pgx."""

    name = "go"

    def __init__(self, there, filled):
        self.port = there.base + 31
        super().__init__(there, filled)
        self.folder = there.checkout / "Tests/Benchmarks/peers/go"

    async def prepare(self):
        # Debian's packages, without the network.
        environment = {**os.environ, "GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOFLAGS": "", "GOCACHE": str(self.there.work / "go-cache")}
        built = subprocess.run(
            ["go", "build", "-o", str(self.there.work / "go-peer"), "."], cwd=self.folder, env=environment, capture_output=True, text=True
        )
        if built.returncode:
            raise SystemExit(f"the Go peer does not compile: {built.stderr}")
        await super().prepare()

    def command(self, part):
        return [str(self.there.work / "go-peer"), part]


class Limit(System):
    """The same statements in the fewest round trips: pgbench, one pipeline a request, at most eight connections, nothing else around it."""

    name, database = "limit", "limit"
    # What a script knows of its turn.
    columns = (
        "patient",
        "account",
        "session",
        "hash",
        "practitioner",
        "location",
        "day",
        "starts",
        "appointment",
        "key",
        "e1",
        "e2",
        "a1",
        "a3",
        "a5",
    )
    statements = None

    def call(self, name, *values):
        text = re.sub(r"\$(\d+)", lambda match: values[int(match[1]) - 1], self.statements[name])
        # A colon before letters is a variable to pgbench.
        return text.replace("HH24:MI", 'HH24":"MI') + ";\n"

    def transaction(self, role, patients, *calls, path=None):
        opening = self.call("role", f"'{role}'", patients)
        if path:
            opening = opening.replace(";\n", f", set_config('search_path', '{path}, public', true);\n")
        return "BEGIN;\n" + opening + "".join(calls) + "COMMIT;\n"

    def audit(self, identity, action, patients="ARRAY[:patient::uuid]", role="'patient'", purpose="'own-record'"):
        account, session = (":account", ":session") if role == "'patient'" else ("NULL", "NULL")
        return self.call(
            "audit",
            f":{identity}",
            role,
            account,
            session,
            purpose,
            f"'{action}'",
            patients,
            "'0af7651916cd43dd8448eb211c80319c'",
            f"'\\x{'5a' * 32}'",
        )

    def script(self, name):
        self.statements = self.statements or statements(self.there.checkout)
        mine = f":patient || ',{clinic_nobody}'"
        turn = "SELECT " + ", ".join(self.columns) + " FROM public.plan WHERE n = (SELECT nextval('public.turn')) \\gset\n"
        if name == "chart":
            turn = turn.replace("(SELECT nextval('public.turn'))", ":n")
            return (
                "\\set n random(1, 300)\n"
                + turn
                + "\\startpipeline\n"
                + self.transaction(
                    "records_limited",
                    mine,
                    self.audit("a1", "records.read-chart.v1").replace(":a1", "gen_random_uuid()"),
                    self.call("patient", ":patient"),
                    self.call("chart", ":patient"),
                )
                + "\\endpipeline\n"
            )
        session = self.transaction(
            "identity_worker",
            f"'{clinic_nobody}'",
            self.audit("a1", "identity.read-session.v1", "'{}'", "'anonymous'", "'operations'"),
            self.call("session", ":hash"),
            path="identity",
        )

        def change(statement, event, key, audit, action, told):
            wanted = (":appointment", ":patient", ":practitioner", ":location", f"'{clinic.SERVICE}'", ":starts", ":account")
            return self.transaction(
                "scheduling_limited",
                mine,
                self.call("lock_patient", ":patient"),
                self.call("lock_day", ":day"),
                self.call("lock_place", ":day", f"'{clinic.SERVICE}'"),
                self.call("free_hold", ":patient"),
                self.call("free_time", ":practitioner", ":starts", f"'{clinic.SERVICE}'"),
                self.call("free_place", f"'{clinic.SERVICE}'", ":location"),
                self.call(statement, *wanted),
                self.call("outbox", f":{event}", f"'{told}'", f"'\\x{'7b' * 320}'", "'00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'"),
                self.call("answered", f":{key}", f"'{action}'", ":account", f"'\\x{'5a' * 32}'", f"'\\x{'5a' * 280}'"),
                self.audit(audit, action),
            )

        return (
            turn
            + "\\startpipeline\n"
            + session
            + change("hold", "e1", "appointment", "a3", "scheduling.hold-appointment.v1", "scheduling.appointment-held.v1")
            + "\\endpipeline\n"
            + "\\startpipeline\n"
            + change("book", "e2", "key", "a5", "scheduling.book-appointment.v1", BOOKED)
            + "\\endpipeline\n"
        )

    async def round(self, name, concurrency, seconds, units):
        """Like the load generator's, but pgbench's."""
        owner = await self.there.owner(self.database)
        await owner.execute("TRUNCATE public.plan")
        await owner.execute("SELECT setval('public.turn', 1, false)")
        await owner.execute("DELETE FROM scheduling.outbox")  # nobody publishes here
        await owner.execute("VACUUM scheduling.outbox")
        people = self.filled["charts"]
        rows = []
        for number in range(1, (300 if name == "chart" else units) + 1):
            if name == "chart":
                who, practitioner, start = people[number - 1], self.filled["practitioners"][0], 0
            else:
                who, practitioner, start = self.slots.take()
            made = [str(bus.uuid7()) for _ in range(7)]
            rows.append(
                (
                    number,
                    who["patient"],
                    who["account"],
                    who["session"],
                    "\\x" + hashed(who["cookie"]),
                    practitioner,
                    self.filled["location"],
                    f"{practitioner}/{start // 86_400}",
                    dt.datetime.fromtimestamp(start, dt.timezone.utc).isoformat(),
                    *made,
                )
            )
        await owner.copy_records_to_table("plan", records=rows, schema_name="public", columns=["n", *self.columns])
        await owner.execute("ANALYZE public.plan")
        script, clients = self.script(name), min(8, concurrency)
        schema = "records" if name == "chart" else None  # scheduling has a table of that name, too
        await measure.pgbench(self.there, self.database, script, clients, 1.5, schema=schema)
        before = await self.rows()
        cpu = measure.cpu_of({"postgres": self.there.pid("postgres")})["postgres"]
        outcome = {"late": 0, "bad": 0, "sockets": 0, "unanswered": 0}
        outcome |= await measure.pgbench(self.there, self.database, script, clients, seconds, schema=schema)
        used = measure.cpu_of({"postgres": self.there.pid("postgres")})["postgres"] - cpu
        outcome["cpu_ms"] = used * 1000 / max(1, outcome["done"])
        outcome["cpu_by_process"] = {"postgres": round(outcome["cpu_ms"], 3)}
        outcome["memory_mib"] = {}
        outcome["rows"] = {table: (count - before[table]) / max(1, outcome["done"]) for table, count in (await self.rows()).items()}
        if name == "booking":
            taken = await owner.fetchval("SELECT last_value FROM public.turn")
            self.slots.next += taken - units
        await owner.close()
        return outcome


clinic_nobody = "00000000-0000-0000-0000-000000000000"


def hashed(cookie):
    return clinic.hashlib.sha256(base64.urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4))).hexdigest()


def statements(checkout):
    text = (checkout / "Tests/Benchmarks/peers/statements.sql").read_text()
    return {name: sql.strip() for name, sql in re.findall(r"-- name: (\w+)\n(.*?)(?=\n-- name:|\Z)", text, re.S)}
