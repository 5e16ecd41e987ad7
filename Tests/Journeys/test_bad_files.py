"""Files an operator may bring by mistake: each is refused by name, entry, path and reason; the others go on, nothing is half-stored, nothing dies."""

import gzip
import json
import os
import pathlib
import re
import subprocess
import uuid

import pytest

HOME = pathlib.Path(os.environ["CHARTLINE_HOME"])
CHARTLINE = pathlib.Path(__file__).parents[2] / "deploy" / "chartline"
ZONE = "http://hl7.org/fhir/StructureDefinition/timezone"
TOO_DEEP = '{"extension":[' * 100_000


def chartline(*arguments):
    return subprocess.run([CHARTLINE, *arguments], capture_output=True, text=True, timeout=300)


def counts():
    return json.loads(chartline("records", "count", "--json").stdout)


def processes():
    """What runs, by process id: a process that died and was started again has another."""
    return {file.parents[1].name: file.read_text() for file in (HOME / "service").glob("*/supervise/pid")}


def entry(resource, name=None):
    kind = re.search(r'"resourceType":"(\w+)"', resource).group(1)
    return f'{{"fullUrl":"{name or f"urn:uuid:{uuid.uuid4()}"}","request":{{"method":"POST","url":"{kind}"}},\n"resource":{resource}}}'


def bundle(*resources):
    """Two lines for each entry, after the first."""
    return '{"resourceType":"Bundle","type":"transaction","entry":[\n' + ",\n".join(resources) + "]}"


def patient(rest=""):
    return '{"resourceType":"Patient","name":[{"family":"Sørensen"}]%s}' % rest


def observation(rest):
    return '{"resourceType":"Observation","status":"final","code":{"text":"Weight"},%s}' % rest


def beside_a_good_one(resource):
    """What is right in a bad file is not kept either."""
    return bundle(entry(patient()), entry(resource))


TWICE = f"urn:uuid:{uuid.uuid4()}"
BAD = {
    "empty.json": ("", "is empty"),
    "truncated.json": (
        beside_a_good_one(observation('"valueQuantity":{"value":71.30}'))[:-12],
        "entry 1, Observation.valueQuantity: the text ends too early (line 5)",
    ),
    "type.json": (
        beside_a_good_one(patient().replace("Patient", "Patiant")),
        "entry 1, resource.resourceType: “Patiant” is not a resource type of FHIR R4 (line 5)",
    ),
    "full-url-twice.json": (
        bundle(entry(patient(), TWICE), entry(patient(), TWICE)),
        f"entry 1, fullUrl: “{TWICE}” is also the fullUrl of entry 0 (line 4)",
    ),
    "id-twice.json": (bundle(entry(patient(',"id":"a"')), entry(patient(',"id":"a"'))), "entry 1, Patient.id: Patient/a is also in entry 0 (line 4)"),
    "nul.json": (
        beside_a_good_one(patient(r',"address":[{"city":"Chi\u0000cago"}]')),
        "entry 1, Patient.address[0].city: the character U+0000 is not allowed (line 5)",
    ),
    "raw-nul.json": (
        beside_a_good_one(patient(',"address":[{"city":"Chi\0cago"}]')),
        "entry 1, Patient.address[0].city: the character U+0000 is not allowed (line 5)",
    ),
    "year.json": (
        beside_a_good_one(patient(',"birthDate":"0000-01-01"')),
        "entry 1, Patient.birthDate: “0000-01-01” is not a date: YYYY, YYYY-MM or YYYY-MM-DD (line 5)",
    ),
    "zone.json": (
        beside_a_good_one('{"resourceType":"Location","name":"Here","extension":[{"url":"%s","valueCode":"America/Chigaco"}]}' % ZONE),
        "entry 1, Location.extension[0].valueCode: “America/Chigaco” is not a time zone (line 5)",
    ),
    "deep.json": (
        beside_a_good_one('{"resourceType":"Patient","extension":[' + TOO_DEEP),
        "entry 1, Patient" + ".extension[0]" * 30 + ".extension: nested deeper than 64 levels (line 5)",
    ),
    "decimal.json": (
        beside_a_good_one(observation('"valueQuantity":{"value":"7,5"}')),
        "entry 1, Observation.valueQuantity.value: must be a number, and is the text “7,5” (line 5)",
    ),
    "decimal-point.json": (
        beside_a_good_one(observation('"valueQuantity":{"value":7.}')),
        "entry 1, Observation.valueQuantity.value: a number needs a digit after its point (line 5)",
    ),
    "stranger.json": (
        bundle(entry(observation('"subject":{"reference":"Patient/%s"}' % (stranger := uuid.uuid4())))),
        f"entry 0, Observation: its patient “Patient/{stranger}” is not here; import the patient first (line 3)",
    ),
    "lines.ndjson": (patient() + "\n" + patient() + "\n", "$: there is more text after the end of the document (line 2)"),
}


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad")
    files, expected = [], {}
    for name, (content, line) in BAD.items():
        (folder / name).write_text(content, encoding="utf-8")
        files.append(folder / name)
        expected[str(folder / name)] = line
    (folder / "packed.json.gz").write_bytes(gzip.compress(patient().encode()))
    files.append(folder / "packed.json.gz")
    expected[str(files[-1])] = "the file is compressed with gzip; unpack it first"
    # 50 MB, and right but for its size.
    weights = [entry(observation('"valueQuantity":{"value":71.30}')) for _ in range(100)]
    (folder / "large.json").write_text(bundle(*(weights * (50_000_000 // len(",\n".join(weights)) + 1))), encoding="utf-8")
    files.append(folder / "large.json")
    expected[str(files[-1])] = f"has {(folder / 'large.json').stat().st_size / (1 << 20):.1f} MiB; one file may have 32 MiB. Split the bundle."
    files.append(folder / "absent.json")
    expected[str(files[-1])] = "cannot be read"
    # Good ones before, between and after, one with a byte order mark.
    good = []
    for number, mark in enumerate(["", "\ufeff", ""]):
        file = folder / f"good-{number}.json"
        file.write_text(mark + bundle(entry('{"resourceType":"Basic","code":{"text":"Good %d"}}' % number)), encoding="utf-8")
        good.append(file)
    order = [good[0], *files[: len(files) // 2], good[1], *files[len(files) // 2 :], good[2]]
    before = counts(), processes()
    return chartline("import", *map(str, order)), expected, before, len(order)


def test_each_bad_file_gets_its_line(imported):
    done, expected, _, total = imported
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    said = {line.split(": ", 1)[0]: line.split(": ", 1)[1] for line in lines if line.split(": ", 1)[0] in expected}
    assert said == expected
    # Nothing else is said: a line a file, and the totals.
    assert len(lines) == total + 1
    assert lines[-1].startswith(f"3 of {total} files imported: 3 entries, 3 new, 0 changed, 0 unchanged")


def test_nothing_of_a_bad_file_is_kept_and_the_good_ones_are(imported):
    _, _, (before, _), _ = imported
    assert counts() == before | {"Basic": before.get("Basic", 0) + 3}


def test_nothing_died(imported):
    _, _, (_, before), _ = imported
    assert len(before) > 5
    assert processes() == before
    assert chartline("status").returncode == 0
