"""Runs the benchmarks against the installation that deploy/bench has started, and prints the results."""

import argparse
import asyncio
import json
import os
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "peers/python"))

import access  # noqa: E402
import audit_verify  # noqa: E402
import bridges  # noqa: E402
import chart_scale  # noqa: E402
import clinic  # noqa: E402
import http_works  # noqa: E402
import idle  # noqa: E402
import login_timing  # noqa: E402
import payments  # noqa: E402
import messages  # noqa: E402
import reminders  # noqa: E402
import report  # noqa: E402
import scheduling  # noqa: E402
import signalling  # noqa: E402
import uploads  # noqa: E402

SYSTEMS = ["chartline", "limit", "peer", "go"]


def some(allowed):
    def parse(text):
        chosen = text.split(",")
        if unknown := set(chosen) - set(allowed):
            raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: there are {', '.join(allowed)}")
        return chosen

    return parse


def numbers(text):
    found = [int(part) for part in text.split(",") if part.isdigit() and 1 <= int(part) <= 512]
    if len(found) != len(text.split(",")):
        raise argparse.ArgumentTypeError("numbers from 1 to 512, with commas between them")
    return found


def arguments():
    parser = argparse.ArgumentParser(prog="deploy/bench", add_help=False)
    parser.add_argument("names", nargs="+")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=numbers, default=[1, 8, 32, 128])
    parser.add_argument("--only", type=some(SYSTEMS), default=SYSTEMS)
    parser.add_argument("--samples", type=int, default=300)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--patients", type=int, default=100_000)
    parser.add_argument("--write")
    options = parser.parse_args()
    if not 1 <= options.seconds <= 600 or not 1 <= options.rounds <= 100:
        parser.error("--seconds takes 1 to 600, --rounds 1 to 100")
    if not 10 <= options.samples <= 10_000:
        parser.error("--samples takes 10 to 10000")
    if not 1_000 <= options.patients <= 1_000_000:
        parser.error("--patients takes 1,000 to 1,000,000")
    if not 1_000 <= options.rows <= 100_000_000:
        parser.error("--rows takes 1,000 to 100,000,000")
    return options


async def one(there, name, options):
    if name == "access":
        return await access.run(options, pathlib.Path(os.environ["BENCH_BUILT"]))
    if name == "idle":
        return await idle.run(there, options)
    if name == "login-timing":
        return await login_timing.run(there, options)
    if name == "audit-verify":
        return await audit_verify.run(there, options)
    if name == "scheduling":
        return await scheduling.run(there, options)
    if name == "payments":
        return await payments.run(there, options)
    if name == "reminders":
        return await reminders.run(there, options)
    if name == "chart-scale":
        return await chart_scale.run(there, options)
    if name == "bridges":
        await clinic.fill(there)
        return await bridges.run(there, options, pathlib.Path(os.environ["BENCH_BUILT"]))
    if name == "messages":
        return await messages.run(there, await clinic.fill(there), options)
    if name == "signalling":
        return await signalling.run(there, await clinic.fill(there), options)
    if name == "uploads":
        return await uploads.run(there, await clinic.fill(there), options)
    return await http_works.run(there, await clinic.fill(there), name, options)


async def run(options):
    # Told to end: the round in progress is cancelled, and what it started is stopped.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    there = clinic.Installation()
    results = []
    # The installation has just been started, and nothing has been asked of it yet.
    for name in sorted(options.names, key=lambda name: name != "idle"):
        results.append(await one(there, name, options))
        print(json.dumps(results[-1], ensure_ascii=False) if options.json else report.table(results[-1]), flush=True)
    if options.write:
        report.write(pathlib.Path(options.write), results)


if __name__ == "__main__":
    try:
        asyncio.run(run(arguments()))
    except asyncio.CancelledError:
        sys.exit(143)
