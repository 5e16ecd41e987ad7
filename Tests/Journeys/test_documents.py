"""A patient sends a photo, the clinic sees and accepts it, and both have the same bytes; what is too large, or no photo, is not taken."""

import os
import pathlib
import random
import re
import time
import uuid

import pytest
from test_journey import DEMO, Browser, account, eventually

PNG = bytes([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13]) + b"IHDR"
MEBIBYTE = 1 << 20


def photo(size):
    return PNG + random.Random(7).randbytes(size - len(PNG))


def resident(process):
    """KiB that a service of this installation has in memory, at most, since it started."""
    return int(re.search(r"VmHWM:\s+(\d+) kB", open(f"/proc/{process}/status").read()).group(1))


def processes():
    """The gateways' and the record's ids, of this installation alone."""
    found, home = {}, os.environ["CHARTLINE_HOME"]
    for folder in pathlib.Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            name = os.readlink(folder / "exe").rsplit("/", 1)[-1].removesuffix(" (deleted)").lower()
            mine = home.encode() in (folder / "environ").read_bytes()
        except OSError:
            continue
        if mine and name in ("portal", "clinic", "records"):
            found[name] = int(folder.name)
    return found


@pytest.fixture(scope="module")
def people():
    patient, clinician = Browser(DEMO["portal"]), Browser(DEMO["clinic"])
    patient.sign_in(account("patient", "maria"))
    clinician.sign_in(account("clinician"))
    return patient, clinician


def send(patient, title, content, name="rash.png"):
    return patient.ask("/documents/new").submit("/documents", file=("photo", name, content), title=title, type="72170-4", date="2026-11-20")


def listed(page, title):
    """The address of a document in a list."""
    found = re.search(rf'<a class="target" href="([^"]*)">{title}</a>', page.text)
    assert found, page.words
    return found.group(1)


def test_a_photo_is_sent_accepted_and_the_same_for_both(people):
    patient, clinician = people
    title, content = f"⟪Rash {uuid.uuid4().hex[:8]}⟫", photo(3 * MEBIBYTE + 17)
    sent = send(patient, title, content)
    assert sent.status == 303 and sent.headers["Location"] == "/documents?sent=1", sent.words
    mine = patient.ask("/documents?sent=1")
    assert "From you, not yet reviewed" in mine.words
    found = re.search(r'"(/patients/[0-9a-f-]{36})"', clinician.ask("/patients").submit("/patients", q="alvarez maria").text)
    waiting = listed(clinician.ask("/worklist"), title)
    assert waiting.startswith(found.group(1) + "/documents/")
    page, late = clinician.ask(waiting), clinician.ask(waiting)
    assert "From the patient, not yet reviewed" in page.words
    for whole in (patient.ask(listed(mine, title)), clinician.ask(waiting + "/file"), clinician.ask(waiting + "/file?save=1")):
        assert whole.status == 200 and whole.content == content
        assert whole.headers["Content-Type"] == "image/png" and whole.headers["X-Content-Type-Options"] == "nosniff"
        assert whole.headers["Cache-Control"] == "no-store" and "sandbox" in whole.headers["Content-Security-Policy"]
    assert whole.headers["Content-Disposition"].startswith("attachment; filename=")
    accepted = page.submit(waiting + "/accept")
    assert accepted.status == 303, accepted.words
    # Once: the page that was open meanwhile says so.
    assert late.submit(waiting + "/accept").status == 409
    assert title not in clinician.ask("/worklist").text
    assert not re.search(rf"{title}</a></span><span class=\"tag", patient.ask("/documents").text)
    # Nobody else's, whoever asks.
    leo = Browser(DEMO["portal"])
    leo.sign_in(account("patient", "leo"))
    assert leo.ask(listed(mine, title)).status == 404


def test_one_document_is_shared_with_a_colleague_who_does_not_treat_the_patient(people):
    _, clinician = people
    nurse, peter = Browser(DEMO["clinic"]), Browser(DEMO["portal"])
    nurse.sign_in(account("nurse"))
    peter.sign_in(account("patient", "peter"))
    chart = f"/patients/{account('patient', 'peter')['patient_id']}"
    title, content = f"⟪Letter {uuid.uuid4().hex[:8]}⟫", b"Dear colleague, " * 40_000
    new = nurse.ask(f"{chart}/documents/new")
    filed = new.submit(f"{chart}/documents", file=("file", "letter.txt", content), title=title, type="51852-2")
    assert filed.status == 303, filed.words
    page = filed.headers["Location"]
    where = f"/shared/{chart.split('/')[2]}/{page.rsplit('/', 1)[1]}"
    assert title not in clinician.ask("/shared").text and clinician.ask(where).status == 404

    okafor = re.search(r'value="(Practitioner/[0-9a-f-]{36})"[^>]*>[^<]*Okafor', nurse.ask(page).text).group(1)
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 3 * 86_400))
    for wrong in ({"with": "", "until": day}, {"with": okafor, "until": "2020-01-01"}, {"with": okafor, "until": "soon"}):
        refused = nurse.ask(page).submit(f"{page}/share", **wrong)
        assert refused.status == 422 and 'role="alert"' in refused.text, wrong
    assert nurse.ask(page).submit(f"{page}/share", **{"with": okafor, "until": day}).status == 303
    shared = clinician.ask("/shared")
    assert title in shared.text and f'href="{where}"' in shared.text
    opened = clinician.ask(where)
    assert opened.status == 200 and opened.content == content and opened.headers["Cache-Control"] == "no-store"
    # That document, and not the chart.
    for closed in (chart, f"{chart}/documents", page):
        assert clinician.ask(closed).headers["Location"] == f"{chart}/break-glass", closed
    looked = eventually(lambda: (found := peter.ask("/looked").words) and "A document was shared with them" in found and found, 60)
    assert looked and "Shared a document with colleagues" in looked and "Opened a document" in looked

    assert nurse.ask(page).submit(f"{page}/unshare").status == 303
    assert clinician.ask(where).status == 404 and title not in clinician.ask("/shared").text


def test_a_file_that_is_too_large_is_refused_and_what_was_typed_is_kept(people):
    patient, _ = people
    before = len(re.findall("data-fhir", patient.ask("/documents").text))
    page = send(patient, "A film of my arm", photo(51 * MEBIBYTE))
    assert page.status == 422 and 'value="A film of my arm"' in page.text and "50 MB" in page.words and 'value="2026-11-20"' in page.text
    assert len(re.findall("data-fhir", patient.ask("/documents").text)) == before


def test_a_page_that_is_called_a_photo_is_refused(people):
    patient, _ = people
    page = send(patient, "Rash", b"<!doctype html><script>alert(1)</script>")
    assert page.status == 422 and "not a PDF" in page.words and 'value="Rash"' in page.text
    assert send(patient, "Nothing", b"", name="").status == 422


def test_who_begins_again_and_again_is_told_to_come_back_tomorrow():
    leo = Browser(DEMO["portal"])
    leo.sign_in(account("patient", "leo"))
    for _ in range(21):
        page = send(leo, "Another rash", b"<!doctype html>")
        assert page.status == 422 and 'role="alert"' in page.text, page.words
        if "not a PDF" not in page.words:
            break
    assert "500 MB a day" in page.words and 'value="Another rash"' in page.text and 'value="2026-11-20"' in page.text
    leo.language = "es"
    assert "500 MB al día" in send(leo, "Otra erupción", photo(60_000)).words


def test_the_largest_file_does_not_grow_whoever_passes_it_on(people):
    patient, clinician = people
    title, content = f"⟪Scan {uuid.uuid4().hex[:8]}⟫", photo(50 * MEBIBYTE)
    assert send(patient, title.replace("Scan", "Small"), photo(60_000)).status == 303
    running = processes()
    assert {"portal", "clinic", "records"} <= set(running), running
    before = {name: resident(process) for name, process in running.items()}
    began = time.monotonic()
    sent = send(patient, title, content)
    assert sent.status == 303, sent.words
    took = time.monotonic() - began
    assert patient.ask(listed(patient.ask("/documents"), title)).content == content
    grown = {name: resident(process) - before[name] for name, process in running.items()}
    print(f"50 MiB in {took:.1f} s; grown by KiB: {grown}")
    assert all(more < 20 * 1024 for more in grown.values()), grown
