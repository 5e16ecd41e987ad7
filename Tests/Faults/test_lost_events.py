"""Events that were sent to the broker and not confirmed are lost when it dies. The relay keeps them until they are confirmed; with that check taken
away by a fault flag, the oracle of the other tests must find the loss."""

import os
import signal
import subprocess
import time

import oracle
import pytest
from clinic import DEPLOY, HOME, ask_database, eventually, healthy_after, pid, stopped, sv
from load import Load, accounts

LOCK = "hashtextextended('relay/scheduling', 0)"


class relay_waiting:
    """The relay of scheduling publishes nothing meanwhile: somebody else has its lock."""

    def __enter__(self):
        script = (
            'set -euo pipefail; for part in say home postgres; do . "$D/lib/$part.sh"; done; read_installation; set_ports; find_postgres; '
            "psql_installation -d chartline -At")
        self.psql = subprocess.Popen(
            ["bash", "-c", script], env=os.environ | {"D": str(DEPLOY), "CHARTLINE_HOME": str(HOME)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True)
        self.psql.stdin.write(f"SELECT pg_advisory_lock({LOCK}) IS NULL;\n\\echo held\n")
        self.psql.stdin.flush()
        while (line := self.psql.stdout.readline().strip()) != "held":
            assert line or self.psql.poll() is None, "psql ended"
        return self

    def __exit__(self, *_):
        self.psql.stdin.close()
        self.psql.wait(10)


def waiting():
    return int(ask_database("SELECT count(*) FROM scheduling.outbox WHERE name = 'scheduling.appointment-booked.v1'")[0][0])


def relay_works():
    return ask_database(f"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND (classid::bigint << 32 | objid::bigint) = {LOCK}")


def broker_dies_over_events(seed):
    """Bookings are committed, their events go into the broker's socket, and it dies before it has read them. - Returns: what the oracle finds."""
    with relay_waiting():
        with Load(accounts()[:3], seed) as load:
            load.more(8)
        committed = waiting()
        assert committed >= 8
        broker = stopped("rabbitmq").__enter__()  # ends by being killed
    # The relay is free again: it finds the rows within its poll, and sends them.
    if trusts_sending():
        assert eventually(lambda: waiting() == 0, 15), "the relay did not send"
    else:
        assert eventually(lambda: relay_works() == [["1"]], 15), "the relay did not try"
        assert waiting() == committed
    start = time.monotonic()
    os.kill(broker.pids[0], signal.SIGKILL)
    assert eventually(lambda: pid("rabbitmq") not in (None, broker.pids[0]), 30)
    healthy = healthy_after(start)
    findings, stored = oracle.check_stored(load.log, load.began)
    assert (findings.lost, findings.invented, findings.doubled) == ([], [], [])
    return oracle.check_told(findings, stored, within=15 if trusts_sending() else 90), stored, healthy


SETTINGS = HOME / "etc/scheduling.env"


def trusts_sending():
    return "relay-trusts-sending" in SETTINGS.read_text()


@pytest.fixture
def trusting_relay():
    before = SETTINGS.read_text()
    SETTINGS.write_text(before + "CHARTLINE_FAULTS=relay-trusts-sending\n")
    sv("restart", "scheduling")
    healthy_after(time.monotonic())
    yield
    SETTINGS.write_text(before)
    sv("restart", "scheduling")


def test_events_wait_for_the_brokers_word(report):
    findings, stored, healthy = broker_dies_over_events(1)
    report.fault("kill -9 rabbitmq over unconfirmed events", healthy=healthy)
    report.say(
        f"Of {len(stored)} bookings whose events were sent to a broker that died before it read them {len(findings.untold)} had no confirmation.")
    assert (findings.untold, findings.told_too_often) == ([], [])


def test_without_that_check_events_are_lost_and_found_missing(trusting_relay, report):
    findings, stored, _ = broker_dies_over_events(2)
    report.say(
        f"With the relay's check of confirms taken away (CHARTLINE_FAULTS=relay-trusts-sending), the same checker finds "
        f"{len(findings.untold)} of {len(stored)} bookings without a confirmation.")
    assert len(findings.untold) >= 8
