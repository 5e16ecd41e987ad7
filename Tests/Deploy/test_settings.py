"""Each executable lists its settings, wherever it is called from and by whatever name."""

import os
import subprocess

import pytest
from conftest import DEPLOY, EXECUTABLES

BUILT = DEPLOY.parent / ".build" / "debug"

pytestmark = pytest.mark.skipif(not (BUILT / "chartline").exists(), reason="there is no debug build")


def listed(command, folder, **environment):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHARTLINE_")}
    done = subprocess.run(command, cwd=folder, env=kept | environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", EXECUTABLES)
def test_settings_are_listed_from_anywhere(name, tmp_path):
    lines = [line.split("\t") for line in listed([BUILT / name, "--settings"], BUILT).splitlines()]
    names = [line[0] for line in lines]
    assert all(len(line) == 3 and line[0].startswith("CHARTLINE_") and line[2] for line in lines)
    assert {"CHARTLINE_AMQP_HOST", "CHARTLINE_ACTOR_KEY_FILE"} <= set(names) and len(set(names)) == len(names)
    first = listed([BUILT / name, "--settings"], BUILT)
    (tmp_path / "link").symlink_to(BUILT / name)
    found = {"PATH": f"{BUILT}:{os.environ['PATH']}"}
    assert listed([BUILT / name, "--settings"], "/") == first
    assert listed([os.path.relpath(BUILT / name, tmp_path), "--settings"], tmp_path) == first
    assert listed(["./link", "--settings"], tmp_path) == first
    assert listed([name, "--settings"], tmp_path, **found) == first
    assert listed(["chartline", "settings", name], tmp_path, **found) == first


def test_what_is_no_service_has_no_settings(tmp_path):
    done = subprocess.run([BUILT / "chartline", "settings", "nothing"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and "nothing is not a service" in done.stderr


@pytest.mark.parametrize("name", EXECUTABLES[:-1])
def test_nothing_is_reached_in_clear(name, tmp_path):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHARTLINE_")}
    settings = {"CHARTLINE_AMQP_HOST": "127.0.0.1", "CHARTLINE_POSTGRES_HOST": "127.0.0.1"}
    done = subprocess.run([BUILT / name], cwd=tmp_path, env=kept | settings, capture_output=True, text=True, timeout=60)
    assert done.returncode == 78 and "CHARTLINE_AMQP_CA_FILE is missing" in done.stderr
    assert ("CHARTLINE_POSTGRES_CA_FILE is missing" in done.stderr) == (name not in ("portal", "clinic"))
    if name == "records":
        settings["CHARTLINE_POSTGRES_HOST"] = "/run/postgresql"
        done = subprocess.run([BUILT / name], cwd=tmp_path, env=kept | settings, capture_output=True, text=True, timeout=60)
        assert "CHARTLINE_POSTGRES_CA_FILE" not in done.stderr
