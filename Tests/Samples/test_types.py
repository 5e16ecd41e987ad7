"""Resources made from the definitions of FHIR R4 and of US Core, element by element: they import, read back as they were sent, and are refused by the
exact place when one element is of the wrong shape."""

import json
import os
import re
import uuid

import pytest

from clinic import chartline, comparable, exact, read_back
from definitions import SOURCE, Definitions, text

FOLDER = os.path.join(os.environ["CHARTLINE_SAMPLES"], "fhir")
R4 = "http://hl7.org/fhir/StructureDefinition/"
US_CORE = "http://hl7.org/fhir/us/core/"
# Containers of resources, not records.
NOT_RECORDS = {"Bundle", "Parameters"}
LATER = {"uscore-6.1.0": "uscore-7.0.0"}
SOURCES = {"r4": R4, "uscore-6.1.0": US_CORE, "uscore-7.0.0": US_CORE}

pytestmark = pytest.mark.skipif(not os.path.isdir(FOLDER), reason="CHARTLINE_SAMPLES holds no fhir folder")


def instances(name):
    """Every variant of every type or profile, with its fullUrl; references point at each other."""
    definitions = Definitions(FOLDER, "r4", *([] if name == "r4" else [name]))
    later = Definitions(FOLDER, LATER[name]) if name in LATER else None
    urls = definitions.resources("specialization" if name == "r4" else "constraint", SOURCES[name])
    urls = [url for url in urls if definitions.structures[url]["type"] not in NOT_RECORDS]
    assert len(urls) > 35

    def full_url(url, variant):
        return f"urn:uuid:{uuid.uuid5(SOURCE, f'{name}/{url}/{variant}')}"

    # By fullUrl and, because the ids are the file's own, by type and id.
    targets = {}
    for url in urls:
        kind = definitions.structures[url]["type"]
        targets.setdefault(kind, []).extend([full_url(url, 0), f"{kind}/{uuid.uuid5(SOURCE, f'{url}/0')}"])
    made = {}
    for url in urls:
        # What the next version defines alike is shown in full there.
        for variant in range(1 if later and later.defines_alike(url, definitions) else definitions.variants(url)):
            made[full_url(url, variant)] = definitions.instance(url, variant, targets)
    return made


def bundle(resources):
    entries = [
        {"fullUrl": url, "resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}} for url, resource in resources.items()
    ]
    return text({"resourceType": "Bundle", "type": "transaction", "entry": entries})


@pytest.mark.parametrize("name", SOURCES)
def test_every_element_of_every_type_imports_and_reads_back(name, tmp_path):
    made = instances(name)
    file = tmp_path / f"{name}.json"
    file.write_text(bundle(made), encoding="utf-8")
    done = chartline("import", "--quiet", str(file))
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(made)} entries, {len(made)} new" in done.stdout
    for url, kept in read_back(list(made)).items():
        assert comparable(kept) == comparable(exact(text(made[url]))), made[url]["resourceType"]
    again = chartline("import", "--quiet", str(file))
    assert f" 0 new, 0 changed, {len(made)} unchanged" in again.stdout


def misshapen(resource):
    """The resource once for each element, with one value for many or many for one; and what its sender is told."""
    for name, value in resource.items():
        if name == "resourceType":
            continue
        wrong, reason = (value[0], "must be an array") if isinstance(value, list) else ([value], "must be one value, not an array")
        yield resource | {"id": str(uuid.uuid4())} | {name: wrong}, f"{resource['resourceType']}.{name}: {reason} (line 1)"


def test_one_misshapen_element_is_named(tmp_path):
    before = chartline("records", "count", "--json").stdout
    expected, files = [], []
    resources = {resource["resourceType"]: resource for resource in reversed(instances("uscore-7.0.0").values())}
    assert len(resources) > 20
    for kind, resource in resources.items():
        bad = list(misshapen(resource))
        for part in range(0, len(bad), 20):
            file = tmp_path / f"{kind}-{part}.json"
            chunk = bad[part : part + 20]
            file.write_text(bundle({f"urn:uuid:{uuid.uuid4()}": wrong for wrong, _ in chunk}), encoding="utf-8")
            files.append(str(file))
            expected += [f"{file}: entry {number}, {line}" for number, (_, line) in enumerate(chunk)]
    done = chartline("import", "--quiet", *files)
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert lines[:-1] == expected
    assert re.match(rf"0 of {len(files)} files imported: 0 entries", lines[-1])
    assert json.loads(chartline("records", "count", "--json").stdout) == json.loads(before)
