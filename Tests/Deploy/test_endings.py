"""deploy/up and deploy/down where nothing runs yet or any more: how an installation begins, what is refused, and that nothing is left of it."""

import os
import signal
import socket
import subprocess
import time

import pytest
from conftest import DEPLOY, eventually, free_base


def test_down_stops_all_and_may_be_said_twice(nothing_yet):
    assert nothing_yet.up("--servers-only").returncode == 0
    for _ in range(2):
        assert nothing_yet.down().returncode == 0
        assert not nothing_yet.listeners() and not nothing_yet.processes()
    assert (nothing_yet.home / "postgres" / "data" / "PG_VERSION").exists()
    assert nothing_yet.down("--wipe", "--yes").returncode == 0
    assert not nothing_yet.home.exists()
    assert nothing_yet.down("--wipe").returncode == 0


@pytest.mark.parametrize("after", [0.3, 1.5, 4.0])
def test_control_c_leaves_nothing_running(nothing_yet, after):
    process = subprocess.Popen(
        [DEPLOY / "up", "--yes", "--base-port", str(nothing_yet.base)], env=nothing_yet.environment, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True,
        # What runs in a shell's background is born deaf to it, and hands that on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
    time.sleep(after)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(60) != 0
    # A helper of the shell's that had the signal too may take a breath longer to die of it.
    assert eventually(lambda: not nothing_yet.listeners() and not nothing_yet.processes(), seconds=2)
    # And what is left on the disk is no obstacle.
    result = nothing_yet.up("--servers-only")
    assert result.returncode == 0, result.stdout


def test_control_c_before_the_home_says_what_it_is_leaves_no_obstacle(nothing_yet):
    (nothing_yet.home / "etc" / "local").mkdir(parents=True)
    (nothing_yet.home / "etc" / "installation.new").write_text("kind=")
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", nothing_yet.base + 1))
        squatter.listen()
        # Past the question whose home it is.
        assert f"Port {nothing_yet.base + 1}, for clinic, is taken" in nothing_yet.up().stdout
    (nothing_yet.home / "etc" / "installation").rename(nothing_yet.home / "etc" / "installation.new")
    assert nothing_yet.down("--wipe", "--yes").returncode == 0 and not nothing_yet.home.exists()


def test_a_taken_port_is_named_before_anything_starts(nothing_yet):
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", nothing_yet.base + 1))
        squatter.listen()
        result = nothing_yet.up()
    assert result.returncode == 1
    assert f"Port {nothing_yet.base + 1}, for clinic, is taken by python" in result.stdout
    assert f"(process {os.getpid()})" in result.stdout
    assert not nothing_yet.listeners() and not nothing_yet.processes()


def test_a_service_that_dies_is_named_with_the_end_of_its_log(nothing_yet):
    (nothing_yet.binaries / "identity").write_text("#!/bin/sh\necho the key is too short\nexit 78\n")
    result = nothing_yet.up()
    assert result.returncode == 1
    assert "identity ends as soon as it is started (status 78)" in result.stdout and "the key is too short" in result.stdout
    assert not nothing_yet.listeners() and not nothing_yet.processes()


def test_ports_can_move_and_fresh_starts_over(nothing_yet):
    assert nothing_yet.up("--servers-only").returncode == 0
    master, former = nothing_yet.secret("master-key"), nothing_yet.base
    nothing_yet.base = free_base()
    assert nothing_yet.up("--servers-only").returncode == 0
    listening = {port for _, port in nothing_yet.all_listeners()}
    assert nothing_yet.base + 5 in listening and former + 5 not in listening
    assert nothing_yet.secret("master-key") == master
    assert nothing_yet.up("--servers-only", "--fresh").returncode == 0
    assert nothing_yet.secret("master-key") != master


def test_a_folder_of_somebody_else_is_not_taken(nothing_yet):
    nothing_yet.home.mkdir()
    (nothing_yet.home / "thesis.txt").write_text("mine")
    assert "not an installation" in nothing_yet.up().stdout
    assert nothing_yet.up("--fresh").returncode == 1
    assert nothing_yet.down("--wipe", "--yes").returncode == 1
    assert (nothing_yet.home / "thesis.txt").read_text() == "mine"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can mount a small disk")
def test_a_full_disk_is_named(nothing_yet):
    nothing_yet.home.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m,mode=0700", "none", nothing_yet.home], check=True)
    try:
        result = nothing_yet.up("--servers-only")
        assert result.returncode == 1 and "MiB of free disk" in result.stdout
    finally:
        subprocess.run(["umount", nothing_yet.home], check=True)


def test_without_swift_it_stops_within_a_second(nothing_yet):
    environment = {**nothing_yet.environment, "PATH": "/usr/bin:/bin"}
    del environment["CHARTLINE_BIN"]
    begun = time.monotonic()
    result = subprocess.run([DEPLOY / "up", "--yes"], env=environment, capture_output=True, text=True)
    if subprocess.run(["sh", "-c", "command -v swift"], env=environment, capture_output=True).returncode == 0:
        pytest.skip("swift is in the system's own folders")
    assert result.returncode == 1 and "Swift 6.2 or newer" in result.stderr
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize("wrong", [["--base-port", "80"], ["--base-port", "x"], ["--base-port"], ["--listen", "a;b"], ["--unknown"]])
def test_a_wrong_option_is_refused(nothing_yet, wrong):
    result = nothing_yet.run("up", *wrong)
    assert result.returncode == 1 and not nothing_yet.home.exists()
