"""Runs the benchmarks against the installation that deploy/bench has started, and prints the result."""

import argparse
import asyncio
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "peers/python"))

import clinic  # noqa: E402
import http_works  # noqa: E402
import report  # noqa: E402
from clinic import Installation, say  # noqa: E402


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="+")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=lambda text: [int(part) for part in text.split(",")], default=[1, 8, 32, 128])
    parser.add_argument("--only", type=lambda text: text.split(","), default=["chartline", "limit", "peer", "go"])
    parser.add_argument("--write")
    return parser.parse_args()


async def run(options):
    there = Installation()
    results = []
    for name in options.names:
        if name in ("booking", "chart"):
            filled = await clinic.fill(there)
            results.append(await http_works.run(there, filled, name, options))
        else:
            say(f"{name}: not there yet")
            continue
        print(json.dumps(results[-1]) if options.json else report.table(results[-1]), flush=True)
    if options.write:
        report.write(options.write, results, options)


if __name__ == "__main__":
    asyncio.run(run(arguments()))
