"""`booking` and `chart`: the same work over HTTP, by systems that take turns."""

import asyncio
import random
import time
import urllib.parse
import uuid

import clinic
import measure
from clinic import say

WARM_SECONDS = 1.5
# What `work` says in the results.
WORKS = {
    "booking": "a confirmed booking: POST /visits/book/hold, then POST /visits/:id/book",
    "chart": "a record's page: GET /record",
}


class Chartline:
    """Our own processes, as deploy/up has started them."""

    name = "chartline"

    def __init__(self, there, filled):
        self.there, self.port, self.database = there, there.portal, "chartline"
        self.slots = clinic.Slots(filled)
        self.cookie, self.form_key = "__Host-portal", lambda who: who["form"]

    async def prepare(self):
        owner = await self.there.owner(self.database)
        # Another run may have booked in this installation before.
        self.slots.next = await owner.fetchval("SELECT count(*) FROM scheduling.appointment")
        await owner.close()

    async def start(self):
        pass

    async def stop(self):
        pass

    def processes(self):
        names = ("portal", "scheduling", "records", "identity", "notifications")
        return {name: self.there.pid(name) for name in names}

    async def drained(self):
        owner = await self.there.owner(self.database)
        done = await clinic.settled(owner, seconds=60)
        await owner.close()
        return done


def booking_plan(path, system, units):
    """A line a booking, each with a free time of its own: see load.c for the format."""
    with path.open("w") as file:
        for _ in range(min(units, system.slots.left)):
            who, practitioner, start = system.slots.take()
            appointment = uuid.uuid4()
            slot = urllib.parse.quote(f"{practitioner}|{system.slots.clinic['location']}|{clinic.SERVICE}|{start}", safe="")
            form = f"form-key={urllib.parse.quote(system.form_key(who), safe='')}&submission="
            file.write(
                f"{system.cookie}={who['cookie']}\tPOST\t/visits/book/hold\t303\t{form}{appointment}&slot={slot}"
                f"\tPOST\t/visits/{appointment}/book\t303\t{form}{uuid.uuid4()}\n")


def chart_plan(path, system, people):
    with path.open("w") as file:
        for who in random.Random(1).choices(people, k=20_000):
            file.write(f"{system.cookie}={who['cookie']}\tGET\t/record\t200\t-\n")


async def one_round(there, filled, name, system, concurrency, options):
    """Warms up, then counts. CPU is taken until everything the requests caused is done: outboxes empty, events heard."""
    plan = there.work / f"{system.name}.plan"
    program, warm = there.work / "load", WARM_SECONDS
    if name == "booking":
        booking_plan(plan, system, int(3_000 * (warm + options.seconds)))
        before = system.slots.next - int(3_000 * (warm + options.seconds))
    else:
        chart_plan(plan, system, filled["charts"])
    await system.start()
    warmed = await measure.drive(program, system.port, concurrency, warm, plan)
    await system.drained()
    servers = {"rabbitmq": there.pid("rabbitmq"), "postgres": there.pid("postgres")}
    processes = {**system.processes(), **servers}
    for pid in processes.values():
        measure.forget_peak(pid)
    cpu = measure.cpu_of(processes)
    outcome = await measure.drive(program, system.port, concurrency, options.seconds, plan, warmed["taken"])
    drained_at = time.monotonic()
    await system.drained()
    outcome["drain_s"] = round(time.monotonic() - drained_at, 2)
    units = max(1, outcome["done"] + outcome["late"])
    used = {process: (after - cpu[process]) * 1000 / units for process, after in measure.cpu_of(processes).items()}
    outcome["cpu_ms"] = sum(used.values())
    outcome["cpu_by_process"] = {process: round(value, 3) for process, value in used.items()}
    outcome["memory_mib"] = {process: measure.peak_mib(pid) for process, pid in processes.items()}
    await system.stop()
    if name == "booking":
        # What the plan still holds was not taken, and is free for the next round.
        system.slots.next = before + warmed["taken"] + outcome["taken"]
    by = ", ".join(f"{process} {value:.2f}" for process, value in outcome["cpu_by_process"].items())
    say(f"{name} {system.name}@{concurrency}: {outcome['rps']:.0f}/s, p50 {outcome['p50_ms']:.1f}, p99 {outcome['p99_ms']:.1f} ms, cpu {outcome['cpu_ms']:.2f} ms"
        f" ({by}), generator {outcome['cpu_s'] * 1000 / units:.3f} ms, drained in {outcome['drain_s']} s, load {measure.load_average():.1f}")
    wrong = outcome["bad"] + outcome["sockets"] + outcome["unanswered"]
    if wrong:
        say(f"  not as expected: {wrong} of {units + wrong}; statuses {outcome['statuses']}")
    return outcome


async def run(there, filled, name, options):
    systems = [Chartline(there, filled)]
    systems = [system for system in systems if system.name in options.only]
    owner = await there.owner()
    for system in systems:
        await system.prepare()
    quiet = measure.load_average()
    say(f"load average before the run: {quiet:.2f}")
    rounds = {}
    for concurrency in options.connections:
        await clinic.refresh_sessions(owner)
        for table in ("scheduling", "identity", "notifications", "records"):
            await owner.execute(f"VACUUM {table}.outbox")
        for _ in range(options.rounds):
            for system in systems:
                outcome = await one_round(there, filled, name, system, concurrency, options)
                rounds.setdefault((system.name, concurrency), []).append(outcome)
                await asyncio.sleep(0.5)
    await owner.close()
    memory = {}
    for outcomes in rounds.values():
        for outcome in outcomes:
            for process, peak in outcome["memory_mib"].items():
                memory[process] = max(memory.get(process, 0), peak)
    results = []
    for (system, concurrency), outcomes in rounds.items():
        line = measure.summary(system, WORKS[name], concurrency, outcomes)
        line["cpu_by_process"] = {process: round(measure.median([o["cpu_by_process"][process] for o in outcomes]), 3) for process in outcomes[0]["cpu_by_process"]}
        line["errors"] = sum(o["bad"] + o["sockets"] + o["unanswered"] for o in outcomes)
        results.append(line)
    return {
        "name": name, "results": results, "ratios": measure.ratios(rounds), "memory_mib": memory,
        "machine": {**measure.machine(), "load_average": round(quiet, 2)}, "settings": {"seconds": options.seconds, "rounds": options.rounds}}
