"""What an installation is made of is written down beside its binaries."""

import json
import os
import pathlib
import re

HOME = pathlib.Path(os.environ["CHARTLINE_HOME"])
PACKAGE = (pathlib.Path(__file__).resolve().parents[2] / "Package.swift").read_text()


def test_every_package_is_listed_with_its_version():
    listed = json.loads((HOME / "bin/chartline.cdx.json").read_text())
    found = {component["name"]: component["version"] for component in listed["components"]}
    wanted = dict(re.findall(r'url: "[^"]*/([^"/]+)", exact: "([^"]+)"', PACKAGE))
    assert len(wanted) > 5 and {name: found.get(name) for name in wanted} == wanted
    assert {"libpq5", "librabbitmq4", "libssl3", "rabbitmq-server"} <= set(found)
    assert all(component["version"] and component["purl"].endswith(f"@{component['version']}") for component in listed["components"])
