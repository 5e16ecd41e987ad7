"""Imports the sample records into an empty clinic: all of them, twice, and read back as they were sent."""

import json
import os
import pathlib
import re
import subprocess

import pytest

SAMPLES = pathlib.Path(os.environ["CHARTLINE_SAMPLES"])
FILES = sorted((SAMPLES / "synthea").glob("*_*.json"))
CHARTLINE = pathlib.Path(__file__).parents[2] / "deploy" / "chartline"


def chartline(*arguments, stdin=None):
    return subprocess.run([CHARTLINE, *arguments], input=stdin, capture_output=True, text=True, timeout=600)


class Literal(str):
    """A number as it is written: 1.10 is not 1.1."""


def exact(text):
    return json.loads(text, parse_float=Literal, parse_int=Literal)


def entries():
    for file in FILES:
        for entry in exact(file.read_text())["entry"]:
            yield entry["fullUrl"], entry["resource"]


@pytest.fixture(scope="module")
def imported():
    first = chartline("import", "--quiet", *map(str, FILES))
    return first


def test_every_file_imports(imported):
    assert imported.returncode == 0, imported.stdout + imported.stderr
    assert f"{len(FILES)} of {len(FILES)} files imported" in imported.stdout


def test_one_resource_for_each_full_url(imported):
    counts = json.loads(chartline("records", "count", "--json").stdout)
    assert sum(counts.values()) == len({url for url, _ in entries()})


def test_a_second_import_changes_nothing(imported):
    before = chartline("records", "count", "--json").stdout
    again = chartline("import", "--quiet", *map(str, FILES))
    assert again.returncode == 0, again.stdout
    assert " 0 new, 0 changed" in again.stdout
    assert chartline("records", "count", "--json").stdout == before


def test_every_resource_reads_back_as_it_was_sent(imported):
    sent = dict(entries())
    urls = list(sent)
    lines = chartline("records", "read", "-", stdin="\n".join(urls) + "\n").stdout.splitlines()
    assert len(lines) == len(urls)
    for url, line in zip(urls, lines):
        assert comparable(exact(line)) == comparable(sent[url]), url


def comparable(resource):
    """Equal but for id, version, time of update, and references, which are resolved."""
    kept = {name: plain(value) for name, value in resource.items() if name not in ("id", "meta")}
    meta = {name: value for name, value in resource.get("meta", {}).items() if name not in ("versionId", "lastUpdated")}
    return kept | ({"meta": plain(meta)} if meta else {})


def plain(value):
    if isinstance(value, dict):
        return {name: reference(plain(inner)) if name in ("reference", "url") else plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def reference(value):
    """Where it points is the store's to say; that it points is not."""
    return "…" if isinstance(value, str) and re.match(r"urn:uuid:|[A-Z][A-Za-z]+/[0-9a-f-]{36}$", value) else value
