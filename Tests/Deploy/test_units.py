"""The units of deploy/systemd are hardened, one for every service and gateway, and get all they name from the steps of deploy/runbooks/systemd.md."""

import os
import re
import shutil
import subprocess

import pytest
from conftest import DEPLOY, EXECUTABLES

UNITS = EXECUTABLES[:-1]
GATEWAYS = {"portal", "clinic"}
RUNBOOK = DEPLOY / "runbooks" / "systemd.md"


def unit(name):
    return DEPLOY / "systemd" / f"chartline-{name}.service"


def values(name, key):
    return re.findall(rf"^{key}=(.*)$", unit(name).read_text(), re.M)


@pytest.mark.parametrize("name", UNITS)
def test_unit_is_hardened(name):
    text = unit(name).read_text()
    assert f"ExecStart=/usr/lib/chartline/{name}/{name}\n" in text and f"/etc/chartline/{name}.env" in text
    others = [other for other in EXECUTABLES if other != name and f"secrets/amqp-{other}" in text]
    assert not others
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    result = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=12", unit(name)], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("name", UNITS)
def test_systemd_understands_every_line(name):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    result = subprocess.run(["systemd-analyze", "verify", "--man=no", unit(name)], capture_output=True, text=True)
    # The binaries are not here, which it says without a line's number.
    assert not re.findall(r"^.*\.(?:service|conf):\d+: .*$", result.stdout + result.stderr, re.M)


def test_gateways_are_users_of_their_own_without_the_keys_of_patients():
    users = {name: values(name, "User") for name in UNITS}
    assert all(values(name, "Group") == users[name] for name in UNITS)
    assert {name: users[name] for name in GATEWAYS} == {name: [f"chartline-{name}"] for name in GATEWAYS}
    for name in UNITS:
        text = unit(name).read_text()
        assert ("/var/lib/chartline/patients" in text) == (values(name, "StateDirectory") == [f"chartline/patients chartline/audit/{name}"]) == (name not in GATEWAYS)
        assert ("master-key" in text) == (name not in GATEWAYS)
    made = dict(re.findall(r'^u (\S+) - "([^":]+)"(?: /\S+)?$', (DEPLOY / "systemd" / "chartline.sysusers.conf").read_text(), re.M))
    assert set(made) == {user for [user] in users.values()}


def typed(*steps):
    """What the runbook tells to type in these of its steps."""
    lines = []
    for part in RUNBOOK.read_text().split("\n## ")[1:]:
        if part[: part.find(".")] in steps:
            lines += [line[4:] for line in part.splitlines() if line.startswith("    ")]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """A folder in the place of /, after the runbook's steps 2 and 3 with the secrets and settings of an installation."""
    folder = tmp_path_factory.mktemp("machine")
    home, root, commands = folder / "home", folder / "root", folder / "commands"
    home.mkdir()
    script = f"""
        set -euo pipefail
        for part in say home secrets certificates settings; do . '{DEPLOY}/lib/'$part.sh; done
        kind=demo base_port=8080 listen=127.0.0.1
        set_ports; make_home; make_secrets; make_certificates; make_secret "$home/secrets/demo-smtp" 16; make_secret "$home/secrets/demo-sms" 16
        make_secret "$home/secrets/demo-card" 16; make_secret "$home/secrets/demo-card-hooks" 16
        make_secret "$home/secrets/demo-dkim" 16
        for name in "${{executables[@]}}"; do
            printf 'binary' | put "$home/bin/$name" 500
            {{ bus_settings "$name"; own_settings "$name"; }} | put "$home/etc/$name.env"
        done
        mkdir "$home/bin/chartline_Web.resources"
        touch "$home/keys/patients/one.key" "$home/bin/chartline_Web.resources/page.css"
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHARTLINE_")}
    subprocess.run(["bash", "-c", script], check=True, env=kept | {"CHARTLINE_HOME": str(home)})

    runtime = commands / "lib" / "swift" / "linux"
    for made in (commands / "bin", runtime, root / "usr" / "lib" / "sysusers.d", root / "etc" / "systemd" / "system", root / "var" / "lib"):
        made.mkdir(parents=True)
    for name in ("apt-get", "systemd-sysusers", "chown", "swift"):
        (commands / "bin" / name).write_text("#!/bin/sh\n")
        (commands / "bin" / name).chmod(0o755)
    (runtime / "libswiftCore.so").touch()
    steps = re.sub(r"(?<![\w\"$}.*])/(usr/lib|etc|var/lib)/", rf"{root}/\1/", typed("2", "3")).replace(" -o chartline -g chartline", "")
    steps = steps.replace("FILE-WITH-THE-PASSWORD", f"{home}/secrets/demo-smtp").replace("FILE-WITH-THE-TOKEN", f"{home}/secrets/demo-sms")
    steps = steps.replace("FILE-WITH-THE-CARD-KEY", f"{home}/secrets/demo-card").replace("FILE-WITH-THE-HOOK-SECRET", f"{home}/secrets/demo-card-hooks")
    steps = steps.replace("FILE-WITH-THE-KEY", f"{home}/secrets/demo-dkim")
    # What the units and the operator's settings name are places of the machine itself.
    steps = steps.replace(f":{root}/etc", ":/etc").replace(f"|={root}/etc", "|=/etc")
    first = f'set -euo pipefail\nhome="{home}" built="{home}/bin" chosen="{" ".join(UNITS)}"\n'
    found = {"PATH": f"{commands / 'bin'}:{os.environ['PATH']}"}
    result = subprocess.run(["bash", "-c", first + steps], cwd=DEPLOY.parent, env=kept | found, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return home, root


@pytest.mark.parametrize("name", UNITS)
def test_the_runbook_puts_every_file_of_a_unit_into_its_place(name, machine):
    home, root = machine
    assert (root / "etc" / "systemd" / "system" / unit(name).name).read_text() == unit(name).read_text()
    drop_ins = sorted((root / "etc" / "systemd" / "system").glob(f"{unit(name).name}.d/*.conf"))
    assert len(drop_ins) == {"notifications": 3, "billing": 1, "telemedicine": 1}.get(name, 0)
    text = "\n".join(file.read_text() for file in (unit(name), *drop_ins))
    loaded = dict(re.findall(r"^LoadCredential=(\S+):(\S+)$", text, re.M))
    for path in loaded.values():
        file = root / path.lstrip("/")
        assert file.read_text().strip() and file.stat().st_mode & 0o777 == 0o400, path
    given = dict(re.findall(r"^Environment=(CHARTLINE_\w+)=(\S+)$", text, re.M))
    assert {value.removeprefix("%d/") for value in given.values() if value.startswith("%d/")} == set(loaded)

    # Every setting of the installation has reached the service, but for the mail server's authority that the operator is told to copy.
    def settings(file):
        return dict(line.split("=", 1) for line in file.read_text().splitlines())

    kept = settings(root / "etc" / "chartline" / f"{name}.env")
    assert (root / "etc" / "chartline" / f"{name}.env").stat().st_mode & 0o777 == 0o600
    missing = set(settings(home / "etc" / f"{name}.env")) - set(kept) - set(given)
    assert missing <= {"CHARTLINE_SMTP_CA_FILE"} and not set(kept) & set(given)
    assert not [value for value in kept.values() if str(home) in value]
    library = root / "usr" / "lib" / "chartline" / name
    assert (library / name).stat().st_mode & 0o777 == 0o755
    for file in ("libswiftCore.so", "chartline_Web.resources/page.css"):
        assert (library / file).stat().st_mode & 0o777 == 0o644, file
    assert (library / "chartline_Web.resources").stat().st_mode & 0o777 == 0o755


def test_the_runbook_brings_what_all_share(machine):
    _, root = machine
    actors = root / "etc" / "chartline" / "actors"
    assert {file.name for file in actors.iterdir()} == {f"{name}.pub" for name in EXECUTABLES}
    assert all(file.stat().st_mode & 0o444 == 0o444 for file in actors.iterdir())
    assert (root / "etc" / "chartline" / "secrets").stat().st_mode & 0o777 == 0o700
    assert (root / "var" / "lib" / "chartline" / "patients" / "one.key").exists()
    operator = (root / "etc" / "chartline" / "chartline.env").read_text()
    for path in re.findall(r"=(/.*)$", operator, re.M):
        assert path == "/" or (root / path.lstrip("/")).exists(), path
