"""`bridges`: librabbitmq and libpq as Chartline uses them from Swift, beside a C program and pgbench, with 32 in flight."""

import asyncio
import json
import os
import re
import resource
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
        await inside.execute(
            """CREATE TABLE entry (id int PRIMARY KEY, filler text NOT NULL);
            INSERT INTO entry SELECT n, repeat('x', 84) FROM generate_series(1, 100000) n;
            CREATE TABLE written (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, entry int NOT NULL, filler text NOT NULL);
            CREATE TABLE told (LIKE written INCLUDING ALL);
            GRANT SELECT ON entry TO bench; GRANT INSERT ON written, told TO bench""")
        await inside.execute("VACUUM ANALYZE")
        await inside.close()
    await owner.close()


async def program(command, environment):
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, wrong = await process.communicate()
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}: {wrong.decode()[-1000:]}")
    return json.loads(out.decode().strip().splitlines()[-1])


async def pgbench(there, mode, seconds, environment):
    for old in there.work.glob("pgbench-log*"):
        old.unlink()
    file = there.work / f"{mode}.pgbench"
    file.write_text(SCRIPTS[mode])
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    # A sample is enough for the percentiles: a line for each would be work of its own.
    process = await asyncio.create_subprocess_exec(
        systems.pgbench(), "-n", "-M", "prepared", "-c", str(POOL), "-j", "2", "-T", str(max(1, round(seconds))), "-f", str(file), "-l", "--sampling-rate", "0.05",
        "--log-prefix", "pgbench-log", "-h", "127.0.0.1", "-p", str(there.postgres), "-U", "bench", "bridges", cwd=there.work, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, wrong = await process.communicate()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    tps, count = re.search(r"tps = ([\d.]+)", out.decode()), re.search(r"actually processed: (\d+)", out.decode())
    if process.returncode or not tps or not count:
        raise SystemExit(f"pgbench: {wrong.decode()[-1000:]}")
    latencies = sorted(int(line.split()[2]) / 1000 for log in there.work.glob("pgbench-log*") for line in log.read_text().splitlines()) or [0]
    return {
        "n": int(count[1]), "rps": float(tps[1]), "p50_ms": latencies[len(latencies) // 2], "p99_ms": latencies[int((len(latencies) - 1) * 0.99)],
        "cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


async def run(there, options, built):
    await make_database(there)
    secret = there.secret("amqp-bench")
    environment = {
        **os.environ, "AMQP_PORT": str(there.amqp), "AMQP_USER": "bench", "AMQP_PASSWORD": secret, "AMQP_VHOST": "bridges", "PGUSER": "bench",
        "PGPASSWORD": secret, "PGDATABASE": "bridges", "POSTGRES_PORT": str(there.postgres)}
    ours, theirs = str(built / "Bridges"), str(there.work / "bridges")
    if not os.access(ours, os.X_OK):
        raise SystemExit(f"{built} has no executable named Bridges")
    quiet = measure.load_average()
    rounds, found = {}, []
    owner = await there.owner("bridges")
    for mode in WORKS:
        server = "rabbitmq" if mode in ("rpc", "publish") else "postgres"
        for _ in range(options.rounds):
            for system in ("chartline", "limit"):
                await owner.execute("TRUNCATE written, told")
                echo = None
                if mode == "rpc" and system == "chartline":
                    echo = await asyncio.create_subprocess_exec(ours, "echo", "0", "1", env=environment, stdout=subprocess.PIPE)
                    await echo.stdout.readline()
                cpu = measure.cpu_seconds(there.pid(server))
                if system == "chartline":
                    outcome = await program([ours, mode, str(options.seconds), str(AT_ONCE)], environment)
                elif server == "rabbitmq":
                    outcome = await program([theirs, mode, str(options.seconds), str(AT_ONCE)], environment)
                else:
                    outcome = await pgbench(there, mode, options.seconds, environment)
                used = measure.cpu_seconds(there.pid(server)) - cpu
                if echo:
                    echo.kill()
                    await echo.wait()
                # The server has worked for the warm-up too.
                warm = 1 if system == "limit" and server == "postgres" else 1 + 0.5 / options.seconds
                outcome["cpu_ms"] = (outcome["cpu_s"] + used / warm) * 1000 / max(1, outcome["n"])
                rounds.setdefault((mode, system), []).append(outcome)
                say(f"bridges {mode} {system}: {outcome['rps']:.0f}/s, p50 {outcome['p50_ms']:.2f}, p99 {outcome['p99_ms']:.2f} ms, cpu {outcome['cpu_ms']:.4f} ms")
    await owner.close()
    ratios = {}
    for mode, work in WORKS.items():
        for system in ("chartline", "limit"):
            found.append(measure.summary(system, work, AT_ONCE, rounds[mode, system]))
        pairs = [mine["rps"] / other["rps"] for mine, other in zip(rounds[mode, "chartline"], rounds[mode, "limit"]) if other["rps"]]
        ratios[f"{mode}@{AT_ONCE}"] = round(measure.median(pairs), 3)
    return {
        "name": "bridges", "results": found, "ratios": ratios, "memory_mib": {},
        "machine": {**measure.machine(), "load_average": round(quiet, 2)}, "settings": {"seconds": options.seconds, "rounds": options.rounds}}
