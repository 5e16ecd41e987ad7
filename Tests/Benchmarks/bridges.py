"""`bridges`: librabbitmq and libpq as Chartline uses them from Swift, beside a C program and pgbench, with 32 in flight."""

import asyncio
import json
import os
import subprocess

import measure
import systems
from clinic import say

AT_ONCE = 32
POOL = 8
WORKS = {
    "rpc": "request/reply of 256 bytes over direct reply-to",
    "publish": "confirmed publish of 256 bytes to a quorum queue",
    "select": "SELECT by key, a pool of eight",
    "transaction": "two INSERTs, committed, in one round trip, a pool of eight",
}
SCRIPTS = {
    "select": "\\set id random(1, 100000)\nSELECT filler FROM entry WHERE id = :id::int;\n",
    "transaction": "\\set n random(1, 100000)\n\\startpipeline\nINSERT INTO written (entry, filler) VALUES (:n::int, 'a row of some text');\n"
    "INSERT INTO told (entry, filler) VALUES (:n::int, 'a row of some text');\n\\endpipeline\n",
}


async def make_database(there):
    await systems.make_copies(there)
    owner = await there.owner("postgres")
    if not await owner.fetchval("SELECT true FROM pg_database WHERE datname = 'bridges'"):
        await owner.execute("CREATE DATABASE bridges")
        inside = await there.owner("bridges")
        await inside.execute("""CREATE TABLE entry (id int PRIMARY KEY, filler text NOT NULL);
            INSERT INTO entry SELECT n, repeat('x', 84) FROM generate_series(1, 100000) n;
            CREATE TABLE written (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, entry int NOT NULL, filler text NOT NULL);
            CREATE TABLE told (LIKE written INCLUDING ALL);
            GRANT SELECT ON entry TO bench; GRANT INSERT ON written, told TO bench""")
        await inside.execute("VACUUM ANALYZE")
        await inside.close()
    await owner.close()


async def run(there, options, built):
    await make_database(there)
    secret = there.secret("amqp-bench")
    environment = {
        **os.environ,
        "AMQP_PORT": str(there.amqp),
        "AMQP_USER": "bench",
        "AMQP_PASSWORD": secret,
        "AMQP_VHOST": "bridges",
        "AUTHORITY": str(there.authority),
        "PGUSER": "bench",
        "PGPASSWORD": secret,
        "PGDATABASE": "bridges",
        "POSTGRES_PORT": str(there.postgres),
    }
    ours, theirs = str(built / "Bridges"), str(there.work / "bridges")
    if not os.access(ours, os.X_OK):
        raise SystemExit(f"{built} has no executable named Bridges")
    quiet = measure.load_average()

    async def program(path):
        out, _ = await measure.output(path, mode, options.seconds, AT_ONCE, env=environment)
        return json.loads(out.strip().splitlines()[-1])

    rounds, found = {}, []
    owner = await there.owner("bridges")
    for mode in WORKS:
        server = "rabbitmq" if mode in ("rpc", "publish") else "postgres"
        for _ in range(options.rounds):
            for system in ("chartline", "limit"):
                await owner.execute("TRUNCATE written, told")
                echo = None  # the server of our own requests; C's is a child of its program
                if mode == "rpc" and system == "chartline":
                    echo = await asyncio.create_subprocess_exec(ours, "echo", "0", "1", env=environment, stdout=subprocess.PIPE)
                    await echo.stdout.readline()
                cpu = measure.cpu_seconds(there.pid(server))
                try:
                    if system == "chartline":
                        outcome = await program(ours)
                    elif server == "rabbitmq":
                        outcome = await program(theirs)
                    else:
                        # A sample is enough for the percentiles: a line for each would be work of its own.
                        outcome = await measure.pgbench(there, "bridges", SCRIPTS[mode], POOL, options.seconds, sampling=0.05)
                finally:
                    if echo:
                        echo.kill()
                used = measure.cpu_seconds(there.pid(server)) - cpu
                # The server has worked for the warm-up too.
                warm = 1 if system == "limit" and server == "postgres" else 1 + 0.5 / options.seconds
                outcome["cpu_ms"] = (outcome["cpu_s"] + used / warm) * 1000 / max(1, outcome["done"])
                rounds.setdefault((mode, system), []).append(outcome)
                say(
                    f"bridges {mode} {system}: {outcome['rps']:.0f}/s, p50 {outcome['p50_ms']:.2f}, p99 {outcome['p99_ms']:.2f} ms,"
                    f" cpu {outcome['cpu_ms']:.4f} ms"
                )
    await owner.close()
    ratios = {}
    for mode, work in WORKS.items():
        for system in ("chartline", "limit"):
            found.append(measure.summary(system, work, AT_ONCE, rounds[mode, system]))
        pairs = [mine["rps"] / other["rps"] for mine, other in zip(rounds[mode, "chartline"], rounds[mode, "limit"]) if other["rps"]]
        ratios[f"{mode}@{AT_ONCE}"] = round(measure.median(pairs), 3)
    return {
        "name": "bridges",
        "results": found,
        "ratios": ratios,
        "memory_mib": {},
        "machine": {**measure.machine(), "load_average": round(quiet, 2)},
        "settings": {"seconds": options.seconds, "rounds": options.rounds},
    }
