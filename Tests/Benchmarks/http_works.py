"""`booking` and `chart`: the same work over HTTP, by systems that take turns."""

import asyncio
import random
import time
import urllib.parse
import uuid

import clinic
import measure
import systems
from clinic import say

WARM_SECONDS = 1.5
# More than any system does a second: how long a plan has to be.
MOST = {"booking": 3_000, "chart": 20_000}
# What `work` says in the results.
WORKS = {"booking": "a confirmed booking: POST /visits/book/hold, then POST /visits/:id/book", "chart": "a record's page: GET /record"}


def booking_plan(path, system, units):
    """A line a booking, each with a free time of its own: see load.c for the format."""
    with path.open("w") as file:
        for _ in range(units):
            who, practitioner, start = system.slots.take()
            appointment = uuid.uuid4()
            slot = urllib.parse.quote(f"{practitioner}|{system.slots.clinic['location']}|{clinic.SERVICE}|{start}", safe="")
            form = f"form-key={urllib.parse.quote(system.form_key(who), safe='')}&submission="
            file.write(
                f"{system.cookie}={who['cookie']}\tPOST\t/visits/book/hold\t303\t{form}{appointment}&slot={slot}"
                f"\tPOST\t/visits/{appointment}/book\t303\t{form}{uuid.uuid4()}&slot={slot}\n"
            )


def chart_plan(path, system, people):
    with path.open("w") as file:
        for who in random.Random(1).choices(people, k=20_000):
            file.write(f"{system.cookie}={who['cookie']}\tGET\t/record\t200\t-\n")


async def limit_round(name, system, concurrency, options):
    return await system.round(name, concurrency, options.seconds, int(MOST[name] * (WARM_SECONDS + options.seconds)))


async def http_round(there, filled, name, system, concurrency, options):
    """Warms up, then counts. CPU is taken until everything the requests caused is done: outboxes empty, events heard."""
    plan, program = there.work / f"{system.name}.plan", there.work / "load"
    units = min(int(MOST[name] * (WARM_SECONDS + options.seconds)), system.slots.left)
    if name == "booking":
        booking_plan(plan, system, units)
    else:
        chart_plan(plan, system, filled["charts"])
    await system.start()
    try:
        since = clinic.dt.datetime.now(clinic.dt.timezone.utc)
        warmed = await measure.drive(program, system.port, concurrency, WARM_SECONDS, plan)
        await system.drained(since)
        processes = {**system.processes(), "rabbitmq": there.pid("rabbitmq"), "postgres": there.pid("postgres")}
        for pid in processes.values():
            measure.forget_peak(pid)
        rows = await system.rows()
        cpu = measure.cpu_of(processes)
        outcome = await measure.drive(program, system.port, concurrency, options.seconds, plan, warmed["taken"])
        drained_at = time.monotonic()
        await system.drained(since)
        outcome["drain_s"] = round(time.monotonic() - drained_at, 2)
        used = measure.cpu_of(processes)
        outcome["memory_mib"] = {process: measure.peak_mib(pid) for process, pid in processes.items()}
    finally:
        await system.stop()
    count = max(1, outcome["done"] + outcome["late"])
    by = {process: (used[process] - cpu[process]) * 1000 / count for process in processes}
    outcome["cpu_ms"] = sum(by.values())
    outcome["cpu_by_process"] = {process.removeprefix(f"{system.name} "): round(value, 3) for process, value in by.items()}
    outcome["rows"] = {table: (total - rows[table]) / count for table, total in (await system.rows()).items()}
    if name == "booking":
        # What the plan still holds was not taken, and is free for the next round.
        system.slots.next += warmed["taken"] + outcome["taken"] - units
        if outcome["exhausted"]:
            say("  the plan was too short: the rate is of a shorter time")
    return outcome


def tell(name, system, concurrency, outcome):
    count = max(1, outcome["done"] + outcome["late"])
    by = ", ".join(f"{process} {value:.2f}" for process, value in outcome["cpu_by_process"].items())
    say(
        f"{name} {system}@{concurrency}: {outcome['rps']:.0f}/s, p50 {outcome['p50_ms']:.1f}, p99 {outcome['p99_ms']:.1f} ms,"
        f" cpu {outcome['cpu_ms']:.2f} ms ({by})"
        f", generator {outcome['cpu_s'] * 1000 / count:.3f} ms, caught up in {outcome.get('drain_s', 0)} s, load {measure.load_average():.1f}"
    )
    if "bytes" in outcome:
        say(f"  {outcome['bytes'] / sum(outcome['statuses'].values()):.0f} bytes an answer")
    say("  rows for each: " + ", ".join(f"{table} {value:.2f}" for table, value in outcome["rows"].items()))
    # A redirect to sign-in has the status of one to the visit: the rows tell them apart.
    if name == "booking" and min(outcome["rows"]["scheduling.appointment"], outcome["rows"]["scheduling.answered"] / 2) < 0.99:
        raise SystemExit(f"{system} has not booked what it answered: nothing of this run can be used")
    wrong = outcome["bad"] + outcome["sockets"] + outcome["unanswered"]
    if wrong:
        say(f"  NOT AS EXPECTED: {wrong} of {count + wrong}; statuses {outcome['statuses']}")


def compare(name, turn):
    """Says when a system left other rows for a unit than Chartline did: then it did not do the same work."""
    ours = turn.get("chartline", {})
    for system, rows in turn.items():
        for table in ours:
            # Sessions are remembered for five seconds, so how many are read depends on the rate.
            belongs = table.startswith(("scheduling.", "telemedicine.")) if name == "booking" else table == "records.audit_entry"
            if system == "limit" and table == "telemedicine.call":
                continue  # it has no subscribers
            if belongs and abs(rows[table] - ours[table]) > 0.1:
                say(f"  NOT THE SAME WORK: {system} left {rows[table]:.2f} rows in {table} for each, Chartline {ours[table]:.2f}")


async def run(there, filled, name, options):
    made = {"chartline": systems.Chartline, "limit": systems.Limit, "peer": systems.Python, "go": systems.Go}
    if options.only != ["chartline"]:
        await systems.make_copies(there)
    taking_turns = [made[system](there, filled) for system in made if system in options.only]
    for system in taking_turns:
        await system.prepare()
    quiet = measure.load_average()
    say(f"load average before the run: {quiet:.2f}" + (": NOT QUIET, the figures are no more than a hint" if quiet > 0.5 else ""))
    rounds = {}
    for concurrency in options.connections:
        for system in taking_turns:
            await system.tidy()
        for _ in range(options.rounds):
            turn = {}
            for system in taking_turns:
                if system.name == "limit":
                    outcome = await limit_round(name, system, concurrency, options)
                else:
                    outcome = await http_round(there, filled, name, system, concurrency, options)
                tell(name, system.name, concurrency, outcome)
                rounds.setdefault((system.name, concurrency), []).append(outcome)
                turn[system.name] = outcome["rows"]
                await asyncio.sleep(0.5)
            compare(name, turn)
    memory = {}
    for outcomes in rounds.values():
        for outcome in outcomes:
            for process, peak in outcome["memory_mib"].items():
                memory[process] = max(memory.get(process, 0), peak)
    results = []
    for (system, concurrency), outcomes in rounds.items():
        line = measure.summary(system, WORKS[name], concurrency, outcomes)
        line["cpu_by_process"] = {
            process: round(measure.median([o["cpu_by_process"][process] for o in outcomes]), 3) for process in outcomes[0]["cpu_by_process"]
        }
        line["errors"] = sum(o["bad"] + o["sockets"] + o["unanswered"] for o in outcomes)
        results.append(line)
    return {
        "name": name,
        "results": results,
        "ratios": measure.ratios(rounds),
        "memory_mib": memory,
        "machine": {**measure.machine(), "load_average": round(quiet, 2)},
        "settings": {"seconds": options.seconds, "rounds": options.rounds},
    }
