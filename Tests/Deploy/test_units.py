"""The units of deploy/systemd are hardened, one for every service and gateway."""

import shutil
import subprocess

import pytest
from conftest import DEPLOY, EXECUTABLES


@pytest.mark.parametrize("name", EXECUTABLES[:-1])
def test_unit_is_hardened(name):
    unit = DEPLOY / "systemd" / f"chartline-{name}.service"
    text = unit.read_text()
    assert f"ExecStart=/usr/lib/chartline/{name}\n" in text and f"/etc/chartline/{name}.env" in text
    others = [other for other in EXECUTABLES if other != name and f"secrets/amqp-{other}" in text]
    assert not others
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    result = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=30", unit], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout
