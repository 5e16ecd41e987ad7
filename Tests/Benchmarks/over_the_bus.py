"""One command asked over the bus, thirty-two at once, beside others that do the same: what payments and messages have in common."""

import asyncio
import time

import measure

AT_ONCE, CLIENTS = 32, 8


async def ask(request, processes, seconds):
    """One round. - Parameters: request: makes one request and waits for its answer; processes: whose CPU is counted."""
    times, end = [], time.monotonic() + seconds

    async def asker():
        while time.monotonic() < end:
            start = time.perf_counter()
            await request()
            times.append((time.perf_counter() - start) * 1000)

    cpu, start = measure.cpu_of(processes), time.monotonic()
    await asyncio.gather(*(asker() for _ in range(AT_ONCE)))
    took, used = time.monotonic() - start, measure.cpu_of(processes)
    times.sort()
    spent = {name: (used[name] - cpu[name]) * 1000 / len(times) for name in processes}
    return {
        "rps": len(times) / took, "p50_ms": times[len(times) // 2], "p99_ms": times[int(len(times) * 0.99)], "cpu_ms": sum(spent.values()),
        "cpu_by_process": {name: round(value, 3) for name, value in spent.items()}, "done": len(times),
    }


async def pgbench(there, database, script, seconds, schema=None):
    cpu = measure.cpu_of({"postgres": there.pid("postgres")})["postgres"]
    outcome = await measure.pgbench(there, database, script, CLIENTS, seconds, 0.1, schema)
    used = measure.cpu_of({"postgres": there.pid("postgres")})["postgres"] - cpu
    return outcome | {"cpu_ms": used * 1000 / max(1, outcome["done"])}


async def in_turns(what, systems, options, say):
    """Rounds of each in turn, after one of 1.5 s that does not count. - Parameter systems: name → what makes a round of so many seconds."""
    rounds = {(system, AT_ONCE): [] for system in systems}
    for turn in range(-1, options.rounds):
        for system, round_of in systems.items():
            outcome = await round_of(1.5 if turn < 0 else options.seconds)
            if turn < 0:
                continue
            rounds[system, AT_ONCE].append(outcome)
            rate, cpu = f"{outcome['rps']:.0f}/s", f"cpu {outcome['cpu_ms']:.3f} ms"
            say(f"{what} {system}: {rate}, p50 {outcome['p50_ms']:.2f}, p99 {outcome['p99_ms']:.2f} ms, {cpu}")
    return rounds


def results(work, rounds):
    found = [measure.summary(system, work, concurrency, outcomes) for (system, concurrency), outcomes in rounds.items()]
    found[0]["cpu_by_process"] = rounds["chartline", AT_ONCE][-1]["cpu_by_process"]
    return found
