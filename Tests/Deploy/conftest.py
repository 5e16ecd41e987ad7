"""An installation in a temporary folder, with stand-ins for Chartline's own executables."""

import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import time

import pytest

HERE = pathlib.Path(__file__).resolve().parent
DEPLOY = HERE.parent.parent / "deploy"
EXECUTABLES = ["records", "scheduling", "notifications", "identity", "audit", "messaging", "billing", "telemedicine", "portal", "clinic", "chartline"]


# Sockets that listen to nobody, one for each hundred of ports that was given out: whoever else runs these tests at the same time takes another.
claims = []


def free_base():
    """The first hundred of ports of which none of the first thirty is taken."""
    for base in range(23000, 30000, 100):
        claim = socket.socket()
        try:
            claim.bind(("127.0.0.1", base + 29))
            for port in range(base, base + 29):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            claims.append(claim)
            return base
        except OSError:
            claim.close()
    raise RuntimeError("no free ports")


class Installation:
    def __init__(self, folder, base=None):
        self.home, self.binaries = folder / "home", folder / "bin"
        self.base = base or free_base()
        self.binaries.mkdir(parents=True)
        for name in EXECUTABLES:
            shutil.copy(HERE / "stand_in", self.binaries / name)

    @property
    def environment(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CHARTLINE_")}
        return {**kept, "CHARTLINE_HOME": str(self.home), "CHARTLINE_BIN": str(self.binaries)}

    def run(self, door, *options, timeout=120):
        return subprocess.run(
            [DEPLOY / door, *options], env=self.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, timeout=timeout)

    def up(self, *options):
        return self.run("up", "--yes", "--base-port", str(self.base), *options)

    def down(self, *options):
        return self.run("down", *options)

    def pid(self, service):
        return int((self.home / "service" / service / "supervise" / "pid").read_text() or 0)

    def kill(self, service):
        os.kill(self.pid(service), signal.SIGKILL)

    def secret(self, name):
        return (self.home / "secrets" / name).read_text()

    @property
    def authority(self):
        return self.home / "tls" / "authority.pem"

    def trust(self):
        """What a client needs that trusts this installation's servers and no others."""
        return ssl.create_default_context(cafile=self.authority)

    def all_listeners(self):
        """(address, port) of every socket of this machine that listens."""
        lines = subprocess.run(["ss", "-H", "-ltn"], capture_output=True, text=True, check=True).stdout.splitlines()
        sockets = [line.split()[3].rsplit(":", 1) for line in lines]
        return {(address, int(port)) for address, port in sockets}

    def listeners(self):
        """The same for the ports of this installation."""
        return {(address, port) for address, port in self.all_listeners() if self.base <= port < self.base + 30}

    def processes(self):
        """Command lines that name the home: nothing else on the machine does."""
        found = []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except (OSError, UnicodeDecodeError):
                continue
            if str(self.home) in line and not folder.name == str(os.getpid()):
                found.append(line)
        return found


def pytest_configure():
    # Who is told to stop takes down what it has started.
    signal.signal(signal.SIGTERM, lambda *_: pytest.exit("told to stop", returncode=143))


def eventually(check, seconds=20):
    end = time.monotonic() + seconds
    while not (result := check()):
        assert time.monotonic() < end, "did not come true in time"
        time.sleep(0.1)
    return result


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    made = Installation(tmp_path_factory.mktemp("installation"))
    result = made.up()
    assert result.returncode == 0, result.stdout
    yield made
    made.down("--wipe", "--yes")


@pytest.fixture
def nothing_yet(tmp_path):
    made = Installation(tmp_path)
    yield made
    made.down("--wipe", "--yes")
