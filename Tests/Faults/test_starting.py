"""Start order is free: whatever comes first waits for the rest."""

import json
import random
import socket
import time

import pytest
from clinic import GATEWAYS, HOME, LONG, SERVICES, eventually, health_port, healthy_after, sv

ALL = SERVICES + GATEWAYS + ["postgres", "rabbitmq"]


def exits(name):
    file = HOME / "run" / f"{name}.exits"
    return file.read_text().split() if file.exists() else []


@pytest.mark.parametrize("seed", range(10 if LONG else 1))
def test_any_order(report, seed):
    for name in GATEWAYS + SERVICES + ["rabbitmq", "postgres"]:
        sv("down", name)
    before = {name: exits(name) for name in SERVICES + GATEWAYS}
    chance = random.Random(seed)
    order = chance.sample(SERVICES + GATEWAYS, len(SERVICES + GATEWAYS))
    # The servers come late, one of them last of all.
    order.insert(chance.randrange(3, len(order)), chance.choice(["postgres", "rabbitmq"]))
    order.append(next(name for name in ALL if name not in order))
    for name in order:
        sv("up", name)
        time.sleep(chance.uniform(0, 3 if LONG else 0.5))
    start = time.monotonic()
    healthy = healthy_after(start, 60)
    assert {name: exits(name) for name in before} == before, "something ended instead of waiting"
    report.fault("all started in another order, servers late", healthy=healthy)


def test_a_port_that_somebody_else_has(report):
    """Said in one line that names the port, and tried again until it is free."""
    log = HOME / "log" / "audit" / "current"
    sv("down", "audit")
    before, read = exits("audit"), log.stat().st_size
    with socket.create_server(("127.0.0.1", health_port("audit"))):
        sv("up", "audit")
        assert eventually(lambda: len(exits("audit")) > len(before) + 1, 30), "it was not tried again"
        lines = [json.loads(line) for line in log.read_bytes()[read:].decode().splitlines()]
        assert any(line["level"] == "critical" and str(health_port("audit")) in json.dumps(line) for line in lines), lines
        assert set(exits("audit")[len(before):]) == {"1"}
        start = time.monotonic()
    report.fault("a service's port is taken by another process", healthy=healthy_after(start, 30))
