"""`idle`: what every process of a quiet installation holds, a minute after its start: proportional set size, so that what they share counts once."""

import asyncio
import os
import time

import measure
from clinic import say

PROCESSES = ("records", "scheduling", "notifications", "identity", "audit", "messaging", "billing", "telemedicine", "portal", "clinic", "rabbitmq", "postgres")


def age(pid):
    """Seconds since a process was started."""
    started = int((measure.PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[19]) / measure.TICK
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started


async def run(there, options):
    youngest = min(age(there.pid(name)) for name in PROCESSES)
    if youngest > 300:
        raise SystemExit("idle measures an installation that has just been started: this one runs longer, and has done other things")
    say("waits until the installation has been up for a minute")
    await asyncio.sleep(max(0, 60 - youngest))
    return {
        "name": "idle",
        "results": [],
        "ratios": {},
        "memory_mib": {name: measure.pss_mib(there.pid(name)) for name in PROCESSES},
        "machine": {**measure.machine(), "load_average": round(os.getloadavg()[0], 2)},
        "settings": {},
    }
