"""Imports the sample records into an empty clinic: all of them, twice, and read back as they were sent."""

import json
import os
import pathlib

import pytest

from clinic import chartline, comparable, exact, read_back

SAMPLES = pathlib.Path(os.environ["CHARTLINE_SAMPLES"])
FILES = sorted((SAMPLES / "synthea").glob("*_*.json"))


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
    for url, kept in read_back(list(sent)).items():
        assert comparable(kept) == comparable(sent[url]), url

