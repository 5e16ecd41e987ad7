"""Patients book while parts are killed, restarted, stopped and starved; then what they were told is compared with what is stored and was sent."""

import signal
import time

import oracle
import pytest
from clinic import GATEWAYS, HOME, LONG, SERVICES, eventually, healthy_after, missing, pid, rabbitmqctl, send, stopped, sv
from load import Load, accounts

SEED = 20261125
KILLS = 3 if LONG else 1
BOOKINGS = 500 if LONG else 120
HEALTHY = 30
# Notifications first: what dies while it hands a message over is taken up again when its lease ends.
TARGETS = ["notifications", "records", "scheduling", "identity", "portal", "postgres", "rabbitmq"]


@pytest.fixture(scope="module")
def load(canary):
    with Load(accounts() + [canary], SEED) as load:
        load.more(10)
        yield load


@pytest.mark.parametrize("target", [target for target in TARGETS for _ in range(KILLS)])
def test_killed(load, report, target):
    load.calm(8)
    in_flight = load.in_flight()
    start = time.monotonic()
    before = send(target, signal.SIGKILL)
    assert in_flight > 0
    assert eventually(lambda: pid(target) not in (None, before), HEALTHY), f"{target} was not started again"
    healthy = healthy_after(start, HEALTHY)
    load.more(3)
    report.fault(f"kill -9 {target}", in_flight=in_flight, errors=len(load.errors_since(start)), healthy=healthy)


@pytest.mark.parametrize("target", SERVICES + GATEWAYS)
def test_restarted_without_anybody_noticing(load, report, target):
    """SIGTERM: what is under way is finished, nothing new is begun, and those who ask meanwhile wait instead of failing."""
    load.calm(3)
    in_flight, start = load.in_flight(), time.monotonic()
    sv("restart", target)
    healthy = healthy_after(start, HEALTHY)
    load.more(3)
    assert (HOME / "run" / f"{target}.exits").read_text().splitlines()[-1] == "0"
    errors = load.errors_since(start)
    report.fault(f"SIGTERM {target}, started again", in_flight=in_flight, errors=len(errors), healthy=healthy)
    if target in GATEWAYS:
        # Connections the kernel had taken and the process had not: nobody has read what they sent. A proxy before the gateway sends it again.
        errors = [what for what in errors if not any(unread in what for unread in ("ConnectionResetError", "RemoteDisconnected", "BrokenPipeError"))]
    assert not errors


def test_the_broker_has_no_memory(load, report):
    """An alarm: the broker reads nothing that is published. People are told so at once, events wait in the outbox."""
    load.calm(3)
    in_flight, start = load.in_flight(), time.monotonic()
    load.slowest = 0.0
    rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1MB")
    try:
        # The broker tells those who publish.
        assert eventually(lambda: "broker" in missing().get("portal", ""), 15), "the portal did not notice the alarm"
        time.sleep(20 if LONG else 6)
        assert load.errors_since(start), "nobody was told that it does not work"
    finally:
        cleared = time.monotonic()
        rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1GB")
    healthy = healthy_after(cleared, HEALTHY)
    load.more(5)
    assert load.slowest < 5
    assert eventually(lambda: oracle.ask_database("SELECT count(*) FROM scheduling.outbox WHERE emitted_at < now() - interval '5 s'") == [["0"]], 30)
    report.fault("memory alarm of RabbitMQ", in_flight=in_flight, errors=len(load.errors_since(start)), healthy=healthy)
    report.say(f"During the memory alarm the slowest answer took {load.slowest:.2f} s.")


@pytest.mark.parametrize("server, within", [("postgres", 20), ("rabbitmq", 40)])
def test_a_server_that_answers_no_more(load, report, server, within):
    """Half-open: the connections stand, and nothing comes. It is noticed, people are told, and it mends itself when the server goes on."""
    load.calm(3)
    in_flight, start = load.in_flight(), time.monotonic()
    load.slowest = 0.0
    with stopped(server):
        noticed = eventually(lambda: set(SERVICES) <= set(missing()), within)
        took = time.monotonic() - start
        assert noticed, missing()
    resumed = time.monotonic()
    healthy = healthy_after(resumed, HEALTHY)
    load.more(3)
    assert load.slowest < 5
    report.fault(f"{server} stopped (SIGSTOP) until noticed", in_flight=in_flight, errors=len(load.errors_since(start)), healthy=healthy)
    report.say(f"That {server} did not answer any more was noticed by every service after {took:.1f} s; the slowest page took {load.slowest:.2f} s.")


@pytest.fixture(scope="module")
def afterwards(load):
    load.more(max(0, BOOKINGS - load.count("ok")), within=300)
    load.end()
    assert load.count("ok") >= BOOKINGS
    return oracle.check_stored(load.log, load.began)


def test_what_was_acknowledged_is_stored_once(load, afterwards, report):
    findings, stored = afterwards
    report.say(
        f"Of {len(load.log)} bookings asked for {load.count('ok')} were acknowledged, {load.count('fail')} refused and {load.count('unknown')} left "
        f"unknown; {len(stored)} are stored. Acknowledged and not stored: {len(findings.lost)}. Stored and neither acknowledged nor unknown: "
        f"{len(findings.invented)}. Stored twice: {len(findings.doubled)}. Tries that had no answer or a 5xx page and were sent again: "
        f"{len(load.unanswered)}.")
    assert (findings.lost, findings.invented, findings.doubled) == ([], [], [])


def test_each_is_told_once(afterwards, report):
    findings, stored = afterwards
    oracle.check_told(findings, stored, within=180)
    report.say(
        f"Of {len(stored)} stored bookings {len(findings.untold)} have no confirmation and {len(findings.told_too_often)} have more than one; second "
        f"sendings after a crash between the mail server's yes and our commit, with the same Message-ID and counted: {findings.resent}.")
    assert (findings.untold, findings.told_too_often) == ([], [])
