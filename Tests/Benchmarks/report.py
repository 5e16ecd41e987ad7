"""Results as a table."""


def table(result):
    lines = [f"\n{result['name']}", f"  {'system':<10} {'at once':>7} {'a second':>10} {'p50 ms':>8} {'p99 ms':>8} {'cpu ms':>8}  cpu by process"]
    for line in result["results"]:
        by = " ".join(f"{process} {value:.2f}" for process, value in line.get("cpu_by_process", {}).items())
        lines.append(
            f"  {line['system']:<10} {line['concurrency']:>7} {line['rps']:>10.1f} {line['p50_ms']:>8.2f} {line['p99_ms']:>8.2f} {line['cpu_ms']:>8.3f}  {by}"
            + (f"  {line['errors']} errors" if line.get("errors") else ""))
    if result["ratios"]:
        lines.append("  Chartline's rate over the others': " + ", ".join(f"{name} {value}" for name, value in result["ratios"].items()))
    lines.append("  memory MiB: " + ", ".join(f"{name} {value}" for name, value in result["memory_mib"].items()))
    return "\n".join(lines)
