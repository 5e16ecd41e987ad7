"""Results as a table on the terminal, and as deploy/benchmarks.md."""

import datetime as dt


def seconds(result, work):
    """How long all units of a piece of work took."""
    return next((round(line["p50_ms"] / 1000, 1) for line in result["results"] if line["work"] == work), None)


def p95(result, start):
    """The largest of a kind of work, whatever the size of the store."""
    return max((line["p95_ms"] for line in result["results"] if line["work"].startswith(start)), default=None)


def slowest_page(result):
    return max((line["p50_ms"] for line in result["results"] if line["work"].startswith("first page of the report")), default=None)


# What is to be shown at 32 connections: benchmark, what, how it is found in a result, the bound, and which side of it is good.
TARGETS = [
    ("booking", "times the peer's rate", lambda r: r["ratios"].get("peer@32"), 4, "≥"),
    ("booking", "times the Go peer's rate", lambda r: r["ratios"].get("go@32"), 1, "≥"),
    ("booking", "of the limit's rate", lambda r: r["ratios"].get("limit@32"), 0.30, "≥"),
    ("booking", "p99 in ms", lambda r: ours(r, "p99_ms"), 50, "<"),
    ("booking", "CPU in ms, all processes", lambda r: ours(r, "cpu_ms"), 0.8, "≤"),
    ("chart", "times the peer's rate", lambda r: r["ratios"].get("peer@32"), 4, "≥"),
    ("chart", "times the Go peer's rate", lambda r: r["ratios"].get("go@32"), 1, "≥"),
    ("chart", "of the limit's rate", lambda r: r["ratios"].get("limit@32"), 0.45, "≥"),
    ("bridges", "request/reply, of C's rate", lambda r: r["ratios"].get("rpc@32"), 0.80, "≥"),
    ("bridges", "confirmed publish, of C's rate", lambda r: r["ratios"].get("publish@32"), 0.75, "≥"),
    ("bridges", "SELECT, of pgbench's rate", lambda r: r["ratios"].get("select@32"), 0.62, "≥"),
    ("bridges", "pipelined transaction, of pgbench's rate", lambda r: r["ratios"].get("transaction@32"), 0.62, "≥"),
    ("login-timing", "sign-in: difference of medians in ms", lambda r: r["gaps_ms"]["sign-in"], 5, "≤"),
    ("login-timing", "forgotten password: difference of medians in ms", lambda r: r["gaps_ms"]["forgot"], 5, "≤"),
    ("login-timing", "different answers", lambda r: max(r["different_answers"].values()), 1, "≤"),
    ("uploads", "booking p99 beside 20 files of 25 MB, times that without", lambda r: r["p99_times"], 1.5, "≤"),
    ("uploads", "most that a process grows by them, MiB", lambda r: max(r["grown_mib"].values()), 20, "≤"),
    ("audit-verify", "seconds to verify the trail", lambda r: seconds(r, "an entry verified"), 30, "≤"),
    ("audit-verify", "ms to the report's first page, by the slowest field", slowest_page, 500, "≤"),
    ("chart-scale", "a chart: p95 in ms", lambda r: p95(r, "a chart opened"), 100, "≤"),
    ("chart-scale", "a chart of 1,000 encounters: p95 in ms", lambda r: p95(r, "a chart of"), 100, "≤"),
    ("chart-scale", "search for a patient: p95 in ms", lambda r: p95(r, "a patient searched"), 100, "≤"),
    ("chart-scale", "p95 of the smallest store over the largest's", lambda r: r["ratios"]["flat"], 0.667, "≥"),
    ("chart-scale", "seconds to fill the store", lambda r: r["filled_s"], 1_200, "≤"),
    ("scheduling", "free times of 20 clinicians over 30 days: p95 in ms", lambda r: p95(r, "free times"), 150, "≤"),
    ("scheduling", "the calendar of 12 clinicians: p95 in ms", lambda r: p95(r, "the page of a day"), 150, "≤"),
    ("payments", "of pgbench's rate", lambda r: r["ratios"].get("limit@32"), 0.30, "≥"),
    ("payments", "seconds for the statements of a month", lambda r: r["month_end"]["seconds"], 300, "≤"),
    ("payments", "MiB that billing grows by them", lambda r: r["month_end"]["grown_mib"], 20, "≤"),
    ("messages", "the inbox of 10,000 threads: p95 in ms", lambda r: p95(r, "the inbox"), 100, "≤"),
    ("messages", "to the other side's page, 200 pages open: p95 in ms", lambda r: p95(r, "from writing"), 1_000, "≤"),
    ("signalling", "from joining to the first offer: p95 in ms", lambda r: p95(r, "from joining"), 250, "≤"),
    ("signalling", "a flood delays the others by: p95 in ms", lambda r: r["delay_ms"], 100, "≤"),
    ("reminders", "e-mails a second", lambda r: next((line["rps"] for line in r["results"]), None), 200, "≥"),
    ("idle", "largest service, MiB", lambda r: largest(r, "records", "scheduling", "notifications", "identity", "audit", "messaging"), 40, "≤"),
    ("idle", "largest gateway, MiB", lambda r: largest(r, "portal", "clinic"), 64, "≤"),
]


def ours(result, what):
    return next((line[what] for line in result["results"] if line["system"] == "chartline" and line["concurrency"] == 32), None)


def largest(result, *names):
    return max((result["memory_mib"][name] for name in names if name in result["memory_mib"]), default=None)


def meets(value, bound, side):
    return {"≥": value >= bound, "≤": value <= bound, "<": value < bound}[side]


def reach(result):
    """What could be had if Chartline's own processes used no CPU at all: the machine's cores over what its broker and database used for a unit."""
    line = next((line for line in result["results"] if line["system"] == "chartline" and line["concurrency"] == 32), None)
    servers = sum((line or {}).get("cpu_by_process", {}).get(name, 0) for name in ("rabbitmq", "postgres"))
    if not servers:
        return None
    rate = result["machine"]["cores"] * 1000 / servers
    others = {other["system"]: other["rps"] for other in result["results"] if other["concurrency"] == 32 and other["system"] != "chartline"}
    times = ", ".join(f"{rate / others[name]:.2f} × {name}" for name in ("limit", "peer", "go") if others.get(name))
    return (
        f"Broker and database alone used {servers:.2f} ms a unit at 32 connections: with nothing else on these {result['machine']['cores']} cores that is"
        f" {rate:.0f} a second" + (f" ({times})." if times else ".")
    )


def beside_files(result):
    """What the files did to memory, and how fast they came; nothing of other benchmarks."""
    if "grown_mib" not in result:
        return None
    grown = ", ".join(f"{name} {value:+g}" for name, value in result["grown_mib"].items())
    return f"Grown by the files, in MiB: {grown}. {result['files']['sent']} files came, {result['files']['mb_a_second']} MB a second."


def table(result):
    lines = [f"\n{result['name']}"]
    if result["results"]:
        lines.append(f"  {'system':<10} {'at once':>7} {'a second':>10} {'p50 ms':>9} {'p99 ms':>9} {'cpu ms':>9}")
    work = None
    for line in result["results"]:
        if line["work"] != work:
            work = line["work"]
            lines.append(f"  {work}")
        by = " ".join(f"{process} {value:.2f}" for process, value in line.get("cpu_by_process", {}).items())
        cpu = f"{line['cpu_ms']:.4f}" if "cpu_ms" in line else ""
        lines.append(
            f"  {line['system']:<10} {line['concurrency']:>7} {line['rps']:>10.1f} {line['p50_ms']:>9.2f}"
            f" {line['p99_ms']:>9.2f} {cpu:>9}  {by}" + (f"  {line['errors']} ERRORS" if line.get("errors") else "")
        )
    if result["ratios"]:
        lines.append("  Chartline's rate over the others': " + ", ".join(f"{name} {value}" for name, value in result["ratios"].items()))
    if told := reach(result):
        lines.append(f"  {told}")
    if result["memory_mib"]:
        lines.append("  memory MiB: " + ", ".join(f"{name} {value}" for name, value in result["memory_mib"].items()))
    if told := beside_files(result):
        lines.append(f"  {told}")
    for name, what, find, bound, side in TARGETS:
        value = find(result) if name == result["name"] else None
        if value is not None:
            lines.append(f"  {'met ' if meets(value, bound, side) else 'MISSED'}  {what}: {value} (wanted {side} {bound})")
    return "\n".join(lines)


def write(path, results):
    """The whole page, from this run's results and nothing else."""
    machine = results[0]["machine"]
    loads = ", ".join(f"{result['name']} {result['machine']['load_average']}" for result in results)
    settings = next((result["settings"] for result in results if result["settings"]), {})
    page = [
        "# Benchmarks",
        "",
        "Written by `deploy/bench --write`; edit nothing here. `deploy/bench` repeats it: it makes an installation of its own on free ports, fills",
        "it with 8,300 patients, measures, and removes it. Everything runs on the one machine, servers and load generator included.",
        "`Tests/Benchmarks/README.md` says what is measured and how.",
        "",
        (
            f"{dt.date.today()} · {machine['cpu']}, {machine['cores']} cores, {machine['memory_mib']} MiB · medians of {settings.get('rounds')}"
            f" alternating rounds of {settings.get('seconds'):g} s · load average before each: {loads}"
            if settings
            else f"{dt.date.today()}"
        ),
        "",
        "## Targets",
        "",
        "| benchmark | what | wanted | found | |",
        "|---|---|---|---|---|",
    ]
    for name, what, find, bound, side in TARGETS:
        for result in results:
            if result["name"] == name and (value := find(result)) is not None:
                page.append(f"| {name} | {what} | {side} {bound} | {value} | {'met' if meets(value, bound, side) else '**missed**'} |")
    for result in results:
        page += ["", f"## {result['name']}", ""]
        work = None
        for line in result["results"]:
            if line["work"] != work:
                work = line["work"]
                page += [
                    f"{'' if page[-1] == '' else chr(10)}One unit: {work}.",
                    "",
                    "| system | at once | a second | p50 ms | p99 ms | CPU ms | CPU by process |",
                    "|---|---|---|---|---|---|---|",
                ]
            by = ", ".join(f"{process} {value:.2f}" for process, value in line.get("cpu_by_process", {}).items())
            wrong = f" ({line['errors']} errors)" if line.get("errors") else ""
            page.append(
                f"| {line['system']} | {line['concurrency']} | {line['rps']:g}{wrong} | {line['p50_ms']:g}"
                f" | {line['p99_ms']:g} | {line.get('cpu_ms', '')} | {by} |"
            )
        if result["ratios"]:
            page += [
                "",
                "Chartline's rate over the others', medians of pairs: "
                + ", ".join(f"{name} {value:g}" for name, value in result["ratios"].items())
                + ".",
            ]
        if told := reach(result):
            page += ["", told]
        if result["memory_mib"]:
            kind = "Proportional set size" if result["name"] == "idle" else "Peak memory"
            page += ["", f"{kind} in MiB: " + ", ".join(f"{name} {value:g}" for name, value in result["memory_mib"].items()) + "."]
        if told := beside_files(result):
            page += ["", told]
    path.write_text("\n".join(page) + "\n")
