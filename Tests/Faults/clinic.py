"""The installation under test: its processes, its database, its broker, and what a test may do to them."""

import concurrent.futures
import json
import os
import pathlib
import signal
import subprocess
import time
import urllib.error
import urllib.request

HOME = pathlib.Path(os.environ["CHARTLINE_HOME"])
DEMO = json.loads((HOME / "demo.json").read_text())
DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "deploy"
SOURCES = DEPLOY.parent
LONG = bool(os.environ.get("CHARTLINE_LONG"))

SERVICES = ["records", "scheduling", "notifications", "identity", "audit", "messaging", "billing", "telemedicine"]
GATEWAYS = ["portal", "clinic"]
SERVERS = {"rabbitmq": "beam.smp", "postgres": "postgres"}


def base_port():
    lines = (HOME / "etc/installation").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("base_port=")).split("=")[1])


def health_port(name):
    return base_port() + 11 + (SERVICES + GATEWAYS).index(name)


def pid(name):
    """The supervised process itself; None while there is none."""
    text = (HOME / "service" / name / "supervise/pid").read_text().strip()
    return int(text) if text else None


def children(parent):
    found = []
    for folder in pathlib.Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1]) == parent:
                    found.append(int(folder.name))
            except OSError:
                pass
    return found


def runs(name):
    """The process itself, neither the script that starts it nor the one that tidies up after it; None while there is none."""
    process = pid(name)
    try:
        return process if process and pathlib.Path(f"/proc/{process}/comm").read_text().strip() == SERVERS.get(name, name)[:15] else None
    except FileNotFoundError:
        return None


def send(name, number):
    """A signal to one of this installation's processes, as soon as it runs. - Returns: its pid."""
    process = eventually(lambda: runs(name), 20)
    assert process, f"{name} does not run"
    os.kill(process, number)
    return process


class stopped:
    """Stops a process with all of its children, as a machine that hangs; lets it go on afterwards."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        first = send(self.name, signal.SIGSTOP)
        self.pids = [first]
        # A server with a process for each connection. The Erlang machine's helpers may run on.
        if self.name == "postgres":
            self.pids += children(first)
            for process in self.pids[1:]:
                quietly(os.kill, process, signal.SIGSTOP)
        return self

    def __exit__(self, *_):
        for process in reversed(self.pids):
            quietly(os.kill, process, signal.SIGCONT)


def quietly(act, *arguments):
    try:
        act(*arguments)
    except ProcessLookupError:
        pass


def sv(*words, wait=40):
    *verbs, name = words
    done = subprocess.run(["sv", "-w", str(wait), *verbs, str(HOME / "service" / name)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def lacks(name):
    """What a service says it is not ready for, or that it does not answer; empty when it is ready."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{health_port(name)}/readyz", timeout=5).read()
        return ""
    except urllib.error.HTTPError as error:
        return error.read().decode().strip()
    except OSError as error:
        return str(error) or "no answer"


def missing():
    """What is not ready: name → why."""
    with concurrent.futures.ThreadPoolExecutor(len(SERVICES + GATEWAYS)) as pool:
        found = dict(zip(SERVICES + GATEWAYS, pool.map(lacks, SERVICES + GATEWAYS)))
    return {name: why for name, why in found.items() if why}


def eventually(look, seconds, step=0.1):
    """What `look` returns as soon as it is true; its last word after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(step)
    return look()


def healthy_after(start, within=30):
    """Seconds from `start` until every service says that it is ready; fails when that takes longer than `within`."""
    while True:
        lacking = missing()
        took = time.monotonic() - start
        if not lacking:
            return took
        assert took < within, f"not healthy {within} s after: {lacking}"
        time.sleep(0.05)


def door(script, **variables):
    """Lines of bash with the functions of deploy/lib."""
    libraries = "".join(f'. "$D/lib/{part}.sh"; ' for part in ("say", "home", "secrets", "services", "postgres", "rabbitmq"))
    done = subprocess.run(
        ["bash", "-c", f"set -euo pipefail; {libraries} read_installation; set_ports; find_postgres; find_rabbitmq; {script}"],
        env=os.environ | {"D": str(DEPLOY), "CHARTLINE_HOME": str(HOME)} | variables, text=True, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def ask_database(query):
    """Rows as lists of texts, as the one who installed the clinic sees them."""
    lines = door('psql_installation -d chartline -At -F "$(printf "\\t")" -c "$Q"', Q=query).splitlines()
    return [line.split("\t") for line in lines]


def rabbitmqctl(*words):
    return door('IFS=$\'\\n\' read -r -d "" -a words <<<"$W" || true; rabbitmqctl "${words[@]}"', W="\n".join(words))


def chartline(*words, timeout=60):
    done = subprocess.run([DEPLOY / "chartline", *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout)
    assert done.returncode == 0, done.stdout
    return done.stdout


def account(role, start=""):
    return next(one for one in DEMO["accounts"] if one["role"] == role and one["username"].startswith(start))
