"""`access`: how many decisions the policy library makes a second on one core; needs no server."""

import json
import os

import measure
from clinic import say


async def run(options, built):
    program = built / "Decisions"
    if not os.access(program, os.X_OK):
        raise SystemExit(f"{built} has no executable named Decisions")
    quiet, rounds = measure.load_average(), []
    for _ in range(options.rounds):
        out, _ = await measure.output(program, options.seconds)
        outcome = json.loads(out.strip().splitlines()[-1])
        outcome["cpu_ms"] = outcome["cpu_s"] * 1000 / outcome["done"]
        rounds.append(outcome)
        say(f"access: {outcome['rps']:.0f} decisions/s")
    return {
        "name": "access",
        "results": [measure.summary("chartline", "a decision: role, treatment, consent, sensitivity, acting-for", 1, rounds)],
        "ratios": {},
        "memory_mib": {},
        "machine": {**measure.machine(), "load_average": round(quiet, 2)},
        "settings": {"seconds": options.seconds, "rounds": options.rounds},
    }
