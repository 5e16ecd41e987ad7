"""Resources made from FHIR's own definitions: every element a type or a profile has, filled with something of its type."""

import gzip
import json
import pathlib
import uuid

DEPTH = 5
MOST_VARIANTS = 12
SOURCE = uuid.UUID("6f1c1b7e-6f0e-4c57-9f0b-0d3c4a8a5a11")

# Numbers stay as they are written here; see `text`.
PRIMITIVES = {
    "base64Binary": ["QUJD", "QQ=="],
    "boolean": [True, False],
    "canonical": ["http://example.org/fhir/Measure/a|1.0"],
    "code": ["some-code", "two words"],
    "date": ["2024-02-29", "2024-02", "2024"],
    "dateTime": ["2015-02-07T13:28:17.239+02:00", "2024-02-29", "1999", "2024-02-29T23:59:60Z", "2020-03"],
    "decimal": ["@1.10@", "@-0.0@", "@1e2@", "@100.00@", "@0.000000000000001@", "@12345678901234567890.5@"],
    "id": ["a-1.B"],
    "instant": ["2015-02-07T13:28:17.239482-05:45", "2024-12-31T23:59:59Z"],
    "integer": ["@-3@", "@0@", "@2147483647@"],
    "markdown": ["*Ünïcode*\n\n— text"],
    "oid": ["urn:oid:1.2.3.4"],
    "positiveInt": ["@1@", "@2147483647@"],
    "string": ["Ana Núñez", "漢字 “quoted” \\ back/slash", "tab\tand\nline 🦊"],
    "time": ["08:30:00", "23:59:59.5"],
    "unsignedInt": ["@0@", "@7@"],
    "uri": ["urn:ietf:rfc:3986", "http://example.org/a?b=c|d"],
    "url": ["https://example.org/a"],
    "uuid": ["urn:uuid:0c3d2f40-0d3a-4a6f-9a53-9a4f2f3b6c11"],
    "xhtml": ['<div xmlns="http://www.w3.org/1999/xhtml">≤ 5 &amp; <b>more</b></div>'],
}


def text(value):
    """JSON, with numbers as they were given: @1.10@ is 1.10."""
    return json.dumps(value, ensure_ascii=False).replace('"@', "").replace('@"', "")


def fhir_type(code):
    return "string" if code.startswith("http://hl7.org/fhirpath/") else code


class Definitions:
    def __init__(self, folder, *names):
        self.structures, self.codes = {}, {}
        for name in names:
            with gzip.open(pathlib.Path(folder) / f"{name}.json.gz") as file:
                content = json.load(file)
            self.structures |= content["sds"]
            self.codes |= content["vs"]

    def resources(self, derivation, place):
        """Definitions of resources: `specialization` for FHIR's types, `constraint` for profiles of them."""
        return sorted(
            (url for url, sd in self.structures.items()
             if sd["kind"] == "resource" and sd["derivation"] == derivation and not sd["abstract"] and url.startswith(place)))

    def type_of(self, profile):
        known = self.structures.get(profile)
        return known["type"] if known else profile.rsplit("/", 1)[-1]

    def variants(self, url):
        """So many instances show each type of each choice."""
        choices = [len(e["type"]) for e in self.structures[url]["elements"] if e["path"].endswith("[x]") and "Extension" not in e["path"]]
        return min(max(choices, default=1), MOST_VARIANTS)

    def defines_alike(self, url, other):
        def shape(definitions):
            return [(e["id"], e["min"], e["max"], e["type"]) for e in definitions.structures[url]["elements"]]

        return url in self.structures and shape(self) == shape(other)

    def instance(self, url, variant, targets):
        """One resource. `targets`: by type, addresses that references may point at."""
        return Maker(self, variant, targets).resource(self.structures[url], url)


class Maker:
    def __init__(self, definitions, variant, targets):
        self.definitions, self.variant, self.targets = definitions, variant, targets

    def pick(self, options):
        return options[self.variant % len(options)]

    def resource(self, structure, url):
        made = {"resourceType": structure["type"], "id": str(uuid.uuid5(SOURCE, f"{url}/{self.variant}"))}
        made |= {name: value for name, value in self.members(structure, structure["type"], 0).items() if name != "id"}
        if url.startswith("http://hl7.org/fhir/us/"):
            made["meta"]["profile"] = [url]
        if "contained" in made:
            made["contained"] = [{"resourceType": "Organization", "id": "inside", "name": "Inside", "partOf": {"reference": "#"}}]
        return made

    def members(self, structure, path, depth):
        """The members of the element at `path`, which the structure lists."""
        made = {}
        for element in structure["elements"]:
            identifier = element["id"]
            if not identifier.startswith(path + ".") or "." in identifier[len(path) + 1 :] or ":" in identifier[len(path) :] or element["max"] == "0":
                continue
            name = identifier[len(path) + 1 :]
            if name in ("extension", "modifierExtension") and depth > 0 or name == "id" and depth > 0:
                continue
            kinds = element["type"] or [{"code": None}]
            kind = self.pick(kinds) if name.endswith("[x]") else kinds[0]
            value = self.value(structure, element, kind, depth)
            if value is None:
                continue
            if name.endswith("[x]"):
                name = name[:-3] + kind["code"][:1].upper() + kind["code"][1:]
            made[name] = [value] if element.get("base", element)["max"] != "1" else value
        return made

    def value(self, structure, element, kind, depth):
        for member, value in element.items():
            if member.startswith(("fixed", "pattern")):
                return value
        identifier = element["id"]
        if "contentReference" in element:
            return self.members(structure, element["contentReference"].split("#")[1], depth + 1) or None if depth < DEPTH else None
        code = fhir_type(kind["code"] or "")
        if code in PRIMITIVES:
            return self.coded(element) if code == "code" and self.coded(element) else self.pick(PRIMITIVES[code])
        if depth >= DEPTH:
            return None
        if code == "Reference":
            return self.reference(kind, depth)
        if code in ("BackboneElement", "Element") or any(e["id"].startswith(identifier + ".") for e in structure["elements"]) and code != "Extension":
            return self.members(structure, identifier, depth + 1) or None
        return self.complex(element, kind, code, depth)

    def complex(self, element, kind, code, depth):
        if code == "Resource":
            return {"resourceType": "Basic", "id": "inside", "code": {"text": "inside"}}
        if code == "Extension":
            return {"url": "http://example.org/fhir/StructureDefinition/one", "valueDecimal": "@2.50@"}
        if code == "CodeableConcept":
            coding = self.coding(element) or {"system": "http://example.org/codes", "code": "x", "userSelected": True}
            return {"coding": [coding | {"display": "Ein Begriff"}], "text": "A concept"}
        definition = self.definitions.structures.get(f"http://hl7.org/fhir/StructureDefinition/{code}")
        return self.members(definition, code, depth + 1) or None

    def reference(self, kind, depth):
        types = [self.definitions.type_of(profile) for profile in kind.get("targetProfile", [])] or ["Patient"]
        wanted = self.pick(["Patient" if name == "Resource" else name for name in types])
        addresses = self.targets.get(wanted, [f"http://elsewhere.example/fhir/{wanted}/1"])
        made = {"reference": self.pick(addresses), "type": wanted, "display": "Somebody"}
        if depth < 3:
            made["identifier"] = {"system": "http://example.org/ids", "value": "7"}
        return made

    def bound(self, element):
        binding = element.get("binding", {})
        codes = self.definitions.codes.get(binding.get("valueSet", "").split("|")[0]) if binding.get("strength") == "required" else None
        return self.pick(codes) if codes else None

    def coded(self, element):
        bound = self.bound(element)
        return bound[1] if bound else None

    def coding(self, element):
        bound = self.bound(element)
        return {"system": bound[0], "code": bound[1]} if bound else None
