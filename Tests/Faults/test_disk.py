"""No room left: on the database's disk while people book, and where deploy/up is to make a clinic."""

import os
import subprocess
import time

import oracle
import pytest
from clinic import DEPLOY, HOME, eventually, healthy_after, sv
from load import Load, accounts

DATA = HOME / "postgres/data"


def mount(path, mebibytes):
    """A file system of that size; the test is left out where none can be mounted."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts a small file system")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(path)], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")


@pytest.fixture
def small_disk():
    """The database's files on a file system with little room; back in their place afterwards, as they are then."""
    aside, owner = DATA.with_name("data.aside"), DATA.stat()
    size = int(subprocess.run(["du", "-sm", DATA], capture_output=True, text=True, check=True).stdout.split()[0])
    aside.mkdir(mode=0o700)
    try:
        mount(aside, size + 100)
        sv("down", "postgres")
        subprocess.run(["cp", "-a", f"{DATA}/.", str(aside)], check=True)
        os.chown(aside, owner.st_uid, owner.st_gid)
        subprocess.run(["mount", "--move", str(aside), str(DATA)], check=True)
        sv("up", "postgres")
        try:
            healthy_after(time.monotonic(), 60)
            yield DATA
        finally:
            sv("down", "postgres")
            subprocess.run(["mount", "--move", str(DATA), str(aside)], check=True)
            subprocess.run(["find", str(DATA), "-mindepth", "1", "-delete"], check=True)
            subprocess.run(["cp", "-a", f"{aside}/.", str(DATA)], check=True)
            subprocess.run(["umount", str(aside)], check=True)
            sv("up", "postgres")
    finally:
        aside.rmdir()
    healthy_after(time.monotonic(), 60)


def fill(folder):
    """- Returns: the file that takes what room there was."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for piece in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    file.write(bytes(piece))
            except OSError:
                pass
    return ballast


def test_the_database_has_no_room(small_disk, report):
    with Load(accounts()[:4], 3) as load:
        load.more(5)
        start = time.monotonic()
        ballast = fill(small_disk)
        in_flight = load.in_flight()
        # Whoever asks is told so; `insist` fails on anything but a designed 503.
        assert eventually(lambda: load.errors_since(start), 60), "the room did not run out"
        time.sleep(5)
        ballast.unlink()
        room = time.monotonic()
        healthy = healthy_after(room, 60)
        load.more(5)
    findings, stored = oracle.check_stored(load.log, load.began)
    report.fault("disk of PostgreSQL full", in_flight=in_flight, errors=len(load.errors_since(start)), healthy=healthy)
    report.say(f"Of {load.count('ok')} bookings acknowledged around a full disk {len(findings.lost)} were lost; nothing was repaired by hand.")
    assert (findings.lost, findings.invented, findings.doubled) == ([], [], [])
    oracle.check_told(findings, stored, within=150)
    assert (findings.untold, findings.told_too_often) == ([], [])


def test_a_clinic_is_not_made_where_there_is_no_room(tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    mount(place, 64)
    try:
        where = {"CHARTLINE_HOME": str(place / "home"), "CHARTLINE_BIN": str(HOME / "bin")}
        done = subprocess.run(
            [DEPLOY / "up", "--yes", "--base-port", "64000"], env=os.environ | where, text=True, capture_output=True, timeout=120)
    finally:
        subprocess.run(["umount", str(place)], check=True)
    assert done.returncode != 0 and "free disk" in done.stderr and "is full" in done.stderr, done.stdout + done.stderr
    assert "ready" not in done.stdout.splitlines()
