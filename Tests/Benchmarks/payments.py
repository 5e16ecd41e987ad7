"""`payments`: payments at the desk a second, over the bus, beside the same statements under pgbench; and the statements of a month for 100,000 accounts."""

import asyncio
import datetime as dt
import json
import random
import subprocess
import time
import uuid

import aio_pika
import bus
import measure
import over_the_bus
from clinic import ZONE, say

PAYERS, CHUNK = 5_000, 10_000
NAME, DATABASE = "billing.take-cash.v1", "payments"
CAPTURED = "billing.payment-captured.v1"

# Accounts with two bills of two lines each, as the service writes them: one of the month before last, half of it paid, one of last month. Every tenth
# has paid it all, and gets no statement.
FILL = """
DO $$
BEGIN
    CREATE TEMPORARY TABLE bill ON COMMIT DROP AS
    SELECT a.patient, b AS number, gen_random_uuid() AS encounter, gen_random_uuid() AS invoice, gen_random_uuid() AS entry,
        gen_random_uuid() AS payment, gen_random_uuid() AS first, gen_random_uuid() AS second, gen_random_uuid() AS paid, a.n % 10 = 0 AS settled,
        date_trunc('month', now()) - make_interval(months => 3 - b) + interval '10 days' AS at
    FROM (SELECT n, gen_random_uuid() AS patient FROM generate_series(1, {count}) n) a, generate_series(1, 2) b;
    INSERT INTO encounter (id, patient, started_at, ended_at, state) SELECT encounter, patient, at, at + interval '20 min', 'charged' FROM bill;
    INSERT INTO charge (id, patient, encounter, code, name_en, name_es, quantity, unit, amount, currency, served_at)
    SELECT first, patient, encounter, 'V20', 'Visit', 'Consulta', 1, 16800, 16800, 'USD', at FROM bill
    UNION ALL SELECT second, patient, encounter, 'L01', 'Blood test', 'Análisis', 1, 5400, 5400, 'USD', at FROM bill;
    INSERT INTO invoice (id, patient, currency, issued_at, due_on) SELECT invoice, patient, 'USD', at, (at + interval '30 days')::date FROM bill;
    INSERT INTO invoice_line (invoice, charge, patient, place)
    SELECT invoice, first, patient, 0 FROM bill UNION ALL SELECT invoice, second, patient, 1 FROM bill;
    INSERT INTO entry (id, kind, patient, invoice, currency, about, at) SELECT entry, 'invoice', patient, invoice, 'USD', invoice, at FROM bill;
    INSERT INTO posting (entry, place, account, patient, charge, amount, currency)
    SELECT entry, 0, 'receivable', patient, first, 16800, 'USD' FROM bill
    UNION ALL SELECT entry, 1, 'receivable', patient, second, 5400, 'USD' FROM bill
    UNION ALL SELECT entry, 2, 'revenue', patient, NULL, -22200, 'USD' FROM bill;
    INSERT INTO payment (id, patient, invoice, amount, currency, method, state, started_at, ended_at)
    SELECT payment, patient, invoice, CASE WHEN settled THEN 22200 ELSE 11100 END, 'USD', 'cash', 'captured', at, at FROM bill
    WHERE settled OR number = 1;
    INSERT INTO entry (id, kind, patient, invoice, currency, about, at)
    SELECT paid, 'payment', patient, invoice, 'USD', payment, at + interval '1 day' FROM bill WHERE settled OR number = 1;
    INSERT INTO posting (entry, place, account, patient, charge, amount, currency)
    SELECT paid, 0, 'cash', patient, NULL, CASE WHEN settled THEN 22200 ELSE 11100 END, 'USD' FROM bill WHERE settled OR number = 1
    UNION ALL SELECT paid, 1, 'receivable', patient, first, CASE WHEN settled THEN -16800 ELSE -11100 END, 'USD' FROM bill WHERE settled OR number = 1
    UNION ALL SELECT paid, 2, 'receivable', patient, second, -5400, 'USD' FROM bill WHERE settled;
END $$
"""

# What the service sends for one payment, in its order: all in one pipeline, which is the fewest round trips there are.
SCRIPT = r"""
\set n random(1, {payers})
SELECT patient, invoice, charge, gen_random_uuid() AS payment, gen_random_uuid() AS entry, gen_random_uuid() AS event, gen_random_uuid() AS line
FROM public.payer WHERE n = :n \gset
\startpipeline
BEGIN;
SELECT set_config('role', 'billing_staff', true), set_config('chartline.patients', :patient, true);
SELECT pg_advisory_xact_lock(hashtextextended(:patient, 8));
SELECT id FROM payment WHERE invoice = :invoice::uuid AND state IN ('created', 'requires-action', 'processing');
SELECT pg_advisory_xact_lock(hashtextextended(:patient, 8));
SELECT currency FROM invoice WHERE id = :invoice::uuid AND patient = :patient::uuid;
SELECT l.charge, coalesce(sum(p.amount), 0)::bigint
FROM invoice_line l LEFT JOIN posting p ON p.charge = l.charge AND p.account = 'receivable'
WHERE l.invoice = :invoice::uuid AND l.patient = :patient::uuid GROUP BY l.charge, l.place ORDER BY l.place;
INSERT INTO payment (id, patient, invoice, amount, currency, method, state, started_by, ended_at)
VALUES (:payment::uuid, :patient::uuid, :invoice::uuid, 1, 'USD', 'cash', 'captured', :payment::uuid, now());
INSERT INTO entry (id, kind, patient, invoice, currency, about, reason, made_by)
VALUES (:entry::uuid, 'payment', :patient::uuid, :invoice::uuid, 'USD', :payment::uuid, NULL, :payment::uuid);
INSERT INTO posting (entry, place, account, patient, charge, amount, currency)
VALUES (:entry::uuid, 0, 'cash', :patient::uuid, NULL, 1, 'USD');
INSERT INTO posting (entry, place, account, patient, charge, amount, currency)
VALUES (:entry::uuid, 1, 'receivable', :patient::uuid, :charge::uuid, -1, 'USD');
INSERT INTO outbox (id, name, body, traceparent)
VALUES (:event::uuid, '{captured}', '\x{body}'::bytea, '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
INSERT INTO answered (key, name, principal, digest, answer)
VALUES (:payment::uuid, '{name}', :payment, '\x{digest}'::bytea, '\x{digest}'::bytea);
INSERT INTO audit_entry (id, at, issuer, role, account, session, purpose, basis, action, patients, outcome, reason, trace, mac)
VALUES (:line::uuid, now(), 'identity', 'billing-office', :payment::uuid, :payment::uuid, 'operations', NULL, '{name}', ARRAY[:patient::uuid],
    'done', NULL, '0af7651916cd43dd8448eb211c80319c', '\x{digest}'::bytea);
COMMIT;
\endpipeline
"""


async def fill(owner, accounts):
    there = await owner.fetchval("SELECT count(DISTINCT patient) FROM billing.invoice")
    await owner.execute("SET search_path = billing, public")
    while there < accounts:
        chunk = min(CHUNK, accounts - there)
        await owner.execute(FILL.format(count=chunk), timeout=600)
        there += chunk
        if there % (5 * CHUNK) == 0:
            say(f"{there:,} accounts")
    await owner.execute("VACUUM ANALYZE", timeout=600)
    return await owner.fetch(
        """SELECT i.patient, i.id, l.charge FROM invoice i JOIN invoice_line l ON l.invoice = i.id AND l.place = 0
        JOIN balance b ON b.invoice = i.id WHERE b.due = b.total ORDER BY i.id LIMIT $1""", PAYERS)


def supervise(there, verb, name):
    subprocess.run(["sv", "-w", "40", verb, there.home / "service" / name], check=True, stdout=subprocess.DEVNULL)


async def forget_letters(there, owner):
    """Nobody writes to people who are made up: what was to be told is thrown away."""
    await owner.execute("DELETE FROM billing.outbox")
    connection = await aio_pika.connect(there.broker("notifications"))
    async with connection:
        channel = await connection.channel()
        await (await channel.get_queue("notifications.write-on-statement-made", ensure=False)).purge()


async def month_end(there, owner):
    """Begun by the service itself once it knows by whose clocks months go; as if it had never been. What is told of it is relayed meanwhile."""
    supervise(there, "down", "notifications")
    billing = there.pid("billing")
    measure.forget_peak(billing)
    before = measure.peak_mib(billing)
    await owner.execute("DELETE FROM billing.statement; DELETE FROM billing.statement_run")
    await owner.execute("INSERT INTO billing.clinic (zone) VALUES ($1) ON CONFLICT DO NOTHING", ZONE)
    month = f"{dt.datetime.now(dt.timezone.utc).replace(day=1) - dt.timedelta(days=1):%Y-%m}"
    begun = time.monotonic()
    said = json.loads(await asyncio.to_thread(there.chartline, "statements", "run", "--month", month, "--json"))
    seconds = await owner.fetchval(
        "SELECT extract(epoch FROM ended_at - begun_at)::float FROM billing.statement_run WHERE to_char(month, 'YYYY-MM') = $1", month)
    peak = measure.peak_mib(billing)
    await forget_letters(there, owner)
    supervise(there, "up", "notifications")
    say(f"{said['made']:,} statements in {seconds:.1f} s ({time.monotonic() - begun:.1f} s with the command), billing {before} to {peak} MiB")
    return said["made"], seconds, round(peak - before, 1), peak


async def copy(there):
    """A database of the same rows for pgbench."""
    hba, line = there.home / "postgres/data/pg_hba.conf", f'hostssl "{DATABASE}" all 127.0.0.1/32 scram-sha-256\n'
    if line not in hba.read_text():
        with hba.open("a") as file:
            file.write(line)
    owner = await there.owner("postgres")
    await owner.execute("SELECT pg_reload_conf()")
    await owner.execute(f'DROP DATABASE IF EXISTS "{DATABASE}"')
    if not await owner.fetchval("SELECT true FROM pg_roles WHERE rolname = 'bench'"):
        await owner.execute(f"CREATE ROLE bench LOGIN NOINHERIT PASSWORD '{there.secret('amqp-bench')}'")
    await owner.execute("GRANT billing_staff TO bench")
    await owner.execute("ALTER DATABASE chartline ALLOW_CONNECTIONS false")
    try:
        await owner.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'chartline'")
        await asyncio.sleep(0.3)
        await owner.execute(f'CREATE DATABASE "{DATABASE}" TEMPLATE chartline', timeout=600)
    finally:
        await owner.execute("ALTER DATABASE chartline ALLOW_CONNECTIONS true")
    await owner.execute(f'ALTER ROLE bench IN DATABASE "{DATABASE}" SET search_path = billing, public')
    await owner.close()
    await there.ready()


def script():
    text = SCRIPT
    for name, value in {"payers": PAYERS, "name": NAME, "captured": CAPTURED, "body": "7b" * 160, "digest": "5a" * 32}.items():
        text = text.replace("{%s}" % name, str(value))
    return text


async def run(there, options):
    quiet, owner = measure.load_average(), await there.owner()
    payers = await fill(owner, options.patients)
    made, seconds, grown, peak = await month_end(there, owner)
    await owner.close()
    say("copies the database for pgbench")
    await copy(there)
    other = await there.owner(DATABASE)
    await other.execute("CREATE TABLE public.payer (n bigint PRIMARY KEY, patient text, invoice text, charge text)")
    rows = [(number + 1, *map(str, payers[number % len(payers)])) for number in range(PAYERS)]
    await other.copy_records_to_table("payer", records=rows, schema_name="public")
    await other.execute("GRANT USAGE ON SCHEMA billing TO bench; GRANT SELECT ON public.payer TO bench")
    await other.execute("VACUUM ANALYZE", timeout=600)
    await other.close()
    signer = bus.Signer("identity", there.secret("actor-identity.key"))
    actor = {"issuer": "identity", "role": "billing-office", "account": str(uuid.uuid4()), "session": str(uuid.uuid4()), "patients": [],
             "purpose": "operations"}
    processes = {name: there.pid(name) for name in ("billing", "rabbitmq", "postgres")}

    token = [signer.sign(actor)]

    def pay():
        patient, invoice, _ = random.choice(payers)
        body = {"patient": str(patient), "invoice": str(invoice), "payment": str(bus.uuid7()), "amount": {"amount": 1, "currency": "USD"}}
        return body, token[0]

    asker = over_the_bus.Asker(there, "clinic", NAME, pay)

    def ours(seconds):
        token[0] = signer.sign(actor)
        return asker.round(processes, seconds)

    rounds = await over_the_bus.in_turns("payments", {
        "chartline": ours,
        "limit": lambda seconds: over_the_bus.pgbench(there, DATABASE, script(), seconds),
    }, options, say)
    results = over_the_bus.results("a payment at the desk", rounds)
    results.append({"system": "chartline", "work": f"a statement, of {made:,}", "concurrency": 1, "rps": round(made / max(seconds, 0.001), 1),
                    "p50_ms": 0.0, "p99_ms": 0.0, "rounds": 1})
    return {
        "name": "payments", "results": results, "ratios": measure.ratios(rounds), "memory_mib": {"billing, month end": peak},
        "month_end": {"accounts": options.patients, "statements": made, "seconds": round(seconds, 1), "grown_mib": grown},
        "machine": {**measure.machine(), "load_average": round(quiet, 2)},
        "settings": {"accounts": options.patients, "seconds": options.seconds, "rounds": options.rounds},
    }
