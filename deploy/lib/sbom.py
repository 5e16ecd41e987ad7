"""What is in an installation's binaries and runs beside them, as a CycloneDX 1.5 bill of materials: the Swift packages with all they bring, and Debian's.

sbom.py WORKSPACE-STATE [Debian package…]"""

import json
import re
import subprocess
import sys


def swift_packages(state):
    for dependency in json.load(open(state))["object"]["dependencies"]:
        where, version = dependency["packageRef"]["location"], dependency["state"]["checkoutState"].get("version")
        place = re.sub(r"^https://|\.git$", "", where)
        yield {"type": "library", "name": place.rsplit("/", 1)[-1], "version": version, "purl": f"pkg:swift/{place}@{version}"}


def debian_packages(names):
    for name in names:
        done = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version} ${db:Status-Abbrev}\n", name], capture_output=True, text=True)
        for package, version, state in (line.split() for line in done.stdout.splitlines()):
            if state.startswith("i"):
                yield {"type": "library", "name": package, "version": version, "purl": f"pkg:deb/debian/{package}@{version}"}


if __name__ == "__main__":
    components = sorted([*swift_packages(sys.argv[1]), *debian_packages(sys.argv[2:])], key=lambda one: one["purl"])
    print(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": components}, indent=1))
