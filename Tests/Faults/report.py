"""What was broken, how often, and what came of it: the rows of deploy/faults.md. Every figure is one this run measured."""

import os
import pathlib
import subprocess
import time

from clinic import LONG


class Report:
    def __init__(self):
        self.began = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
        self.faults, self.statements = [], []

    def fault(self, what, *, in_flight=None, errors=None, healthy=None):
        """One fault."""
        self.faults.append({"what": what, "in_flight": in_flight, "errors": errors, "healthy": healthy})

    def say(self, statement):
        """A sentence with a figure in it that does not belong to one fault."""
        self.statements.append(statement)

    def text(self):
        rows = {}
        for fault in self.faults:
            rows.setdefault(fault["what"], []).append(fault)

        def spread(values, form):
            values = [value for value in values if value is not None]
            if not values:
                return ""
            low, high = form.format(min(values)), form.format(max(values))
            return low if low == high else f"{low} to {high}"

        lines = [
            f"| {what} | {len(found)} | {spread([one['in_flight'] for one in found], '{}')} | {spread([one['errors'] for one in found], '{}')} "
            f"| {spread([one['healthy'] for one in found], '{:.1f}')} |"
            for what, found in rows.items()
        ]
        load = os.getloadavg()[0]
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
        here = pathlib.Path(__file__).parent
        version = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=here).stdout.strip()
        return "\n".join(
            [
                "# Faults",
                "",
                f"Written by `deploy/test {'--long ' if LONG else ''}faults` on {self.began}, commit {version or 'unknown'}, {os.cpu_count()} cores, "
                f"{memory:.0f} GiB, load {load:.1f} at the end, debug build. Every figure was measured in that run; "
                "run it again to repeat them.",
                "",
                "In flight: requests patients had sent to the portal and had no answer to at the moment of the fault. Not answered: tries that ended "
                "without an answer or with a 5xx page, and were sent again. Healthy: until every service said that it was ready, with nobody's help.",
                "",
                "| What was done | Times | In flight | Not answered | Healthy after, s |",
                "|---|---|---|---|---|",
                *lines,
                "",
                *[f"* {statement}" for statement in self.statements],
                "",
            ])
