"""What a round took: CPU by process from /proc, memory, and the arithmetic of rounds."""

import asyncio
import json
import os
import pathlib
import re
import resource
import statistics
import subprocess

TICK = os.sysconf("SC_CLK_TCK")
PROC = pathlib.Path("/proc")


def children():
    """Every process's children, at this moment."""
    found = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            found.setdefault(parent, []).append(int(entry.name))
    return found


def tree(pid, of):
    pids, rest = [], [pid]
    while rest:
        pids.append(rest.pop())
        rest += of.get(pids[-1], [])
    return pids


def cpu_seconds(pid, of=None):
    """Of a process, its descendants, and those of them that have ended."""
    total = 0
    for one in tree(pid, of if of is not None else children()):
        try:
            fields = (PROC / str(one) / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(int(field) for field in fields[11:15])
    return total / TICK


def cpu_of(processes):
    of = children()
    return {name: cpu_seconds(pid, of) for name, pid in processes.items()}


def pss_mib(pid):
    """Proportional set size of a process and its descendants."""
    total = 0
    for one in tree(pid, children()):
        try:
            for line in (PROC / str(one) / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        except OSError:
            continue
    return round(total / 1024, 1)


def own_mib(pid):
    """What a process has for itself alone: neither files nor what is shared. 0 when it has ended."""
    try:
        status = (PROC / str(pid) / "status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"RssAnon:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0.0


def forget_peak(pid):
    try:
        (PROC / str(pid) / "clear_refs").write_text("5")
    except OSError:
        pass  # not ours to reset: the peak is since its start


def peak_mib(pid):
    """The largest resident size of a process; of one with children, the proportional sizes now, because they share most of it."""
    if len(tree(pid, children())) > 2:
        return pss_mib(pid)
    for line in (PROC / str(pid) / "status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return round(int(line.split()[1]) / 1024, 1)
    return 0.0


def machine():
    model = next(
        (line.split(":", 1)[1].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "unknown"
    )
    memory = int(pathlib.Path("/proc/meminfo").read_text().split()[1]) // 1024
    return {"cpu": model, "cores": os.cpu_count(), "memory_mib": memory, "kernel": os.uname().release}


def load_average():
    return os.getloadavg()[0]


async def output(*command, **options):
    """Runs a program to its end, and ends it when we are told to end. - Returns: what it printed, and its CPU in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = await asyncio.create_subprocess_exec(*map(str, command), stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    try:
        out, wrong = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}: {wrong.decode()[-2000:]}{out.decode()[-500:]}")
    return out.decode(), after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


async def drive(program, port, connections, seconds, plan, start=0):
    """Runs the load generator; what it prints."""
    out, _ = await output(program, port, connections, seconds, plan, start)
    return json.loads(out)


async def pgbench(there, database, script, clients, seconds, sampling=1.0, schema=None):
    """Runs a script of pgbench's as `bench`, in a schema if named, prepared; its rate, and latencies from the lines it logs."""
    for old in there.work.glob("pgbench-log*"):
        old.unlink()
    programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/pgbench"), key=lambda path: int(path.parts[4]))
    if not programs:
        raise SystemExit("there is no pgbench under /usr/lib/postgresql")
    file = there.work / "script.pgbench"
    file.write_text(script)
    out, cpu = await output(
        programs[-1],
        "-n",
        "-M",
        "prepared",
        "-c",
        clients,
        "-j",
        min(2, clients),
        "-T",
        max(1, round(seconds)),
        "-f",
        file,
        "-l",
        "--sampling-rate",
        sampling,
        "--log-prefix",
        "pgbench-log",
        "-h",
        "127.0.0.1",
        "-p",
        there.postgres,
        "-U",
        "bench",
        database,
        cwd=there.work,
        env={**os.environ, **({"PGOPTIONS": f"-c search_path={schema},public"} if schema else {}), "PGPASSWORD": there.secret("amqp-bench"), "PGSSLMODE": "verify-full", "PGSSLROOTCERT": str(there.authority)},
    )
    rate, count = re.search(r"tps = ([\d.]+)", out), re.search(r"actually processed: (\d+)", out)
    if not rate or not count:
        raise SystemExit(f"pgbench says something else than expected: {out[-500:]}")
    latencies = sorted(int(line.split()[2]) / 1000 for log in there.work.glob("pgbench-log*") for line in log.read_text().splitlines()) or [0.0]
    return {
        "done": int(count[1]),
        "rps": float(rate[1]),
        "p50_ms": latencies[len(latencies) // 2],
        "p99_ms": latencies[int((len(latencies) - 1) * 0.99)],
        "cpu_s": cpu,
    }


def median(values):
    return statistics.median(values) if values else 0.0


def summary(system, work, concurrency, rounds):
    """One line of `results` from the rounds of one system at one concurrency."""
    return {
        "system": system,
        "work": work,
        "concurrency": concurrency,
        "rps": round(median([r["rps"] for r in rounds]), 1),
        "p50_ms": round(median([r["p50_ms"] for r in rounds]), 2),
        "p99_ms": round(median([r["p99_ms"] for r in rounds]), 2),
        "cpu_ms": round(median([r["cpu_ms"] for r in rounds]), 3),
        "rounds": len(rounds),
    }


def ratios(rounds):
    """`{"peer@32": …}`: Chartline's rate over the other's in the same turn, the median of the turns. `rounds`: (system, concurrency) → list."""
    found = {}
    for (system, concurrency), theirs in rounds.items():
        ours = rounds.get(("chartline", concurrency))
        if system == "chartline" or not ours:
            continue
        pairs = [mine["rps"] / other["rps"] for mine, other in zip(ours, theirs) if other["rps"]]
        if pairs:
            found[f"{system}@{concurrency}"] = round(median(pairs), 3)
    return found
