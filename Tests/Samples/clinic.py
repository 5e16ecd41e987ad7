"""The command line of the clinic under test, and JSON as it is written."""

import json
import pathlib
import re
import subprocess

CHARTLINE = pathlib.Path(__file__).parents[2] / "deploy" / "chartline"


def chartline(*arguments, stdin=None):
    return subprocess.run([CHARTLINE, *arguments], input=stdin, capture_output=True, text=True, timeout=600)


class Literal(str):
    """A number as it is written: 1.10 is not 1.1."""


def exact(text):
    return json.loads(text, parse_float=Literal, parse_int=Literal)


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


def read_back(urls):
    """Each resource as the clinic keeps it, by the fullUrl it was imported with."""
    lines = chartline("records", "read", "-", stdin="\n".join(urls) + "\n").stdout.splitlines()
    assert len(lines) == len(urls)
    return {url: exact(line) for url, line in zip(urls, lines)}
