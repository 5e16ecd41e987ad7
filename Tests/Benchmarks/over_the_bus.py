"""One command asked over the bus, thirty-two at once, beside others that do the same: what payments and messages have in common."""

import json
import os
import pathlib

import measure
import orjson

AT_ONCE, CLIENTS = 32, 8
# Requests made beforehand for each second: more than any of the systems answers.
A_SECOND = 3_000


class Asker:
    """Who asks one command of a service, in a process of its own that costs little: `Bridges ask`, with requests that are made beforehand."""

    def __init__(self, there, user, name, make, vhost="/"):
        """Parameter make: makes a request: its message, and the token of whoever asks."""
        self.make = make
        self.environment = os.environ | {
            "AMQP_PORT": str(there.amqp), "AMQP_USER": user, "AMQP_PASSWORD": there.secret(f"amqp-{user}"), "AMQP_VHOST": vhost,
            "AUTHORITY": str(there.authority), "BUS_KEYS": str(there.home / "secrets/bus-keys"), "MESSAGE": name,
            "REQUESTS": str(there.work / f"requests-{user}"),
        }

    async def round(self, processes, seconds):
        """One round. - Parameter processes: whose CPU is counted."""
        with open(self.environment["REQUESTS"], "wb") as file:
            for _ in range(int(A_SECOND * (seconds + 1))):
                message, token = self.make()
                frame = len(token).to_bytes(2, "big") + token + orjson.dumps(message, option=orjson.OPT_SORT_KEYS)
                file.write(len(frame).to_bytes(4, "big") + frame)
        before = measure.cpu_of(processes)
        out, _ = await measure.output(pathlib.Path(os.environ["BENCH_BUILT"]) / "Bridges", "ask", seconds, AT_ONCE, env=self.environment)
        outcome, used = json.loads(out.strip().splitlines()[-1]), measure.cpu_of(processes)
        # They have worked for the half second before it counted too.
        done = outcome["done"] * (1 + 0.5 / seconds)
        spent = {name: (used[name] - before[name]) * 1000 / done for name in processes}
        return outcome | {"cpu_ms": sum(spent.values()), "cpu_by_process": {name: round(value, 3) for name, value in spent.items()}}


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
