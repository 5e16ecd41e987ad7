"""What a patient's record says is in no log and in nothing the broker keeps, also when the broker writes to disk what was never to be kept."""

import base64
import contextlib
import json
import os
import re
import ssl
import subprocess
import threading
import time
import uuid

import pika
import pytest
from browser import Browser
from clinic import DEMO, DEPLOY, HOME, SOURCES, ask_database, base_port, door, eventually, healthy_after, rabbitmqctl, sv

BROKER = [HOME / "rabbitmq/data", HOME / "rabbitmq/log"]
LOGS = [HOME / "log"]
QUEUED = 2_000


def forms(word):
    """How a word may be written."""
    data = word.encode()
    found = {data, word.encode("utf-16-le"), json.dumps(word)[1:-1].encode()}
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + data)
        # The first and the last characters depend on what stands beside the word.
        inner = text[4 if shift else 0 : len(text) - 4]
        if len(inner) >= 10:
            found.add(inner)
    return found


def scan(words, folders, tmp_path):
    """Which words stand where: grep's lines `file:word`."""
    needles = tmp_path / "needles"
    needles.write_bytes(b"\n".join(sorted(form for word in words for form in forms(word) if b"\n" not in form)) + b"\n")
    for _ in range(5):
        done = subprocess.run(["grep", "-raoFf", needles, *folders], capture_output=True, env={"LC_ALL": "C", "PATH": os.environ["PATH"]}, timeout=300)
        # What was moved to another file meanwhile was perhaps not seen in either.
        if b"No such file" not in done.stderr:
            break
    assert done.returncode in (0, 1), done.stderr
    return sorted(set(done.stdout.decode(errors="replace").splitlines()))


def words_of(canary):
    """The canary's words, and what tells the demo's patients apart. Shorter ones turn up by chance in what is sealed."""
    found = {canary[name] for name in ("family", "given", "line", "city", "phone", "email", "birth_date", "note", "condition")}
    found |= {canary["phone"][2:], f"{canary['phone'][2:5]}-{canary['phone'][5:8]}-{canary['phone'][8:]}"}
    for family, given, born, phone in ask_database("SELECT family, given, coalesce(birth_date, ''), coalesce(phone, '') FROM records.patient"):
        found |= {f"{given} {family}", f"{family}, {given}", f"{family} {given}", born, phone}
    found |= {one["username"] for one in DEMO["accounts"]}
    return {word for word in found if len(word) >= 8}


def connection(user):
    password = (HOME / f"secrets/amqp-{user}").read_text().strip()
    credentials = pika.PlainCredentials(user, password)
    tls = pika.SSLOptions(ssl.create_default_context(cafile=HOME / "tls/authority.pem"), "localhost")
    return pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", base_port() + 6, "/", credentials, heartbeat=600, ssl_options=tls))


def waiting(queue):
    lines = rabbitmqctl("list_queues", "name", "messages").splitlines()
    return sum(int(count) for name, count in (line.split() for line in lines) if name == queue)


def test_what_is_planted_is_found(tmp_path):
    """The scanner sees what is there: a plain message in a queue, a line in a log."""
    word = f"Planted{uuid.uuid4().hex}"
    with contextlib.closing(connection("scheduling")) as broker:
        broker.channel().basic_publish(
            "events", "scheduling.appointment-held.v1", word.encode(), pika.BasicProperties(delivery_mode=2, user_id="scheduling"))
    assert eventually(lambda: scan([word], BROKER, tmp_path), 30, step=1)
    log = HOME / "log/portal/planted"
    log.write_text(json.dumps({"message": word}))
    try:
        assert scan([word], LOGS, tmp_path)
    finally:
        log.unlink()


@pytest.fixture
def used(canary, nurse):
    """Every word has been typed, sent and shown."""
    patient = Browser(DEMO["portal"]).sign_in(canary)
    assert canary["condition"] in patient.ask("/record").words
    patient.ask(f"/visits?note={canary['note']}")
    patient.ask(f"/{canary['family']}/{canary['given']}")
    chart = nurse.ask(canary["chart"])
    assert canary["family"] in chart.text and canary["condition"] in chart.words
    for typed in (canary["family"], canary["given"], canary["birth_date"], canary["phone"]):
        nurse.ask("/patients").submit("/patients", q=typed)
    Browser(DEMO["portal"]).ask("/sign-in").submit("/sign-in", username=canary["email"], password="wrong, but long enough")
    write_up(canary, nurse)
    return canary


def write_up(canary, nurse):
    """The words are written by clinicians too: in an entry, in why a visit was, in a note that is not signed."""
    chart = canary["chart"]
    kept = nurse.ask(f"{chart}/entries/new?kind=procedure").submit(f"{chart}/entries", name=f"{canary['condition']} {uuid.uuid4()}", note=canary["note"])
    assert kept.status == 303, kept.words
    begun = nurse.ask(f"{chart}/encounters/new").submit(f"{chart}/encounters", reason=canary["note"], kind="AMB")
    if begun.status == 303:
        where = begun.headers["Location"]
        drafted = nurse.ask(where).submit(f"{where}/draft", plan=f"{canary['note']} {canary['line']}")
        assert drafted.status == 303, drafted.words


def bundle(canary, tmp_path):
    """More of the same patient: large enough that thousands of them do not fit into the memory the broker is left with."""
    urn = f"urn:uuid:{uuid.uuid4()}"
    text = " ".join([canary["note"], canary["line"], canary["phone"], canary["birth_date"]] * 200)
    entries = [
        {"fullUrl": urn, "request": {"method": "POST", "url": "Patient"}, "resource": {
            "resourceType": "Patient", "birthDate": canary["birth_date"], "name": [{"family": canary["family"], "given": [canary["given"]]}]}},
        {"fullUrl": f"urn:uuid:{uuid.uuid4()}", "request": {"method": "POST", "url": "Condition"}, "resource": {
            "resourceType": "Condition", "subject": {"reference": urn}, "code": {"text": canary["condition"]}, "note": [{"text": text}]}},
    ]
    file = tmp_path / "more.json"
    file.write_text(json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}))
    return file


def test_what_the_broker_pages_out_is_sealed(used, nurse, tmp_path, report):
    """Requests as their senders made them, thousands, waiting in a broker that has no memory left. One of them is a plain one, planted."""
    word = f"Planted{uuid.uuid4().hex}"
    sv("down", "records")
    broker = connection("records")
    try:
        channel = broker.channel()
        channel.queue_declare(
            "records.requests", durable=True, auto_delete=True, arguments={"x-max-length-bytes": 64 << 20, "x-overflow": "reject-publish"})
        bodies = []
        channel.basic_consume("records.requests", lambda _, method, properties, body: bodies.append(body))
        sent = subprocess.Popen(
            [DEPLOY / "chartline", "import", bundle(used, tmp_path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        asking = [
            threading.Thread(target=lambda: nurse.ask("/patients").submit("/patients", q=used["family"])),
            threading.Thread(target=lambda: nurse.ask(used["chart"])),
        ]
        for thread in asking:
            thread.start()
        end = time.monotonic() + 30
        while time.monotonic() < end and not (any(len(body) > 10_000 for body in bodies) and sum(len(body) < 10_000 for body in bodies) >= 2):
            broker.process_data_events(0.1)
        sent.kill()
        sent.wait()
        for thread in asking:
            thread.join()
        large = [body for body in bodies if len(body) > 10_000]
        assert large and len(bodies) > len(large), [len(body) for body in bodies]
        for number in range(QUEUED):
            body = word.encode() * 800 if number == QUEUED // 2 else bodies[number % len(bodies)] if number % 4 == 0 else large[0]
            channel.basic_publish("", "records.requests", body, pika.BasicProperties(delivery_mode=1))
        # What the consumer has taken it does not give back: it stays with the broker.
        assert eventually(lambda: waiting("records.requests") >= QUEUED, 30), waiting("records.requests")
        rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1MB")
        assert eventually(lambda: scan([word], BROKER, tmp_path), 60, step=1), "the broker paged nothing out"
        found = scan(words_of(used), BROKER, tmp_path)
    finally:
        rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1GB")
        with contextlib.suppress(pika.exceptions.AMQPError):
            broker.close()
        sv("up", "records")
    healthy_after(time.monotonic(), 60)
    report.say(f"In what RabbitMQ paged out of {QUEUED} waiting requests {len(found)} words of a patient's were found; the one planted was.")
    assert found == []


# Tables in which words stand in clear, as the READMEs under Services say: to find people by.
CLEAR = {
    "name": {"records.patient", "records.patient_name"},
    "birth date": {"records.patient", "records.patient_name", "records.resource_patient"},
    "address": {"identity.account", "audit.person"},
}


def dump():
    """Of the whole database: (table, line), the table "" for what is no row."""
    text = door('cd "$postgres_folder" && "$postgres_bin/pg_dump" -h /proc/self/cwd/socket -p "$postgres_port" -U installation chartline')
    table = ""
    for line in text.splitlines():
        if begun := re.match(r"COPY ([a-z_]+\.[a-z_]+) ", line):
            table = begun.group(1)
        elif line == "\\.":
            table = ""
        else:
            # Bytes are written as digits.
            yield table, line + "".join(" " + bytes.fromhex(digits).decode("latin-1") for digits in re.findall(r"\\\\x((?:[0-9a-f]{2})+)", line))


def test_a_dump_holds_words_only_where_the_readmes_say(used, report):
    kinds = {
        "sealed": [used[name] for name in ("note", "condition", "line", "city")],
        "name": [used[name].lower() for name in ("family", "given")] + [used["phone"][2:]],
        "birth date": [used["birth_date"]],
        "address": [used["email"]],
    }
    found = {kind: set() for kind in kinds}
    lines = 0
    for table, line in dump():
        lines += 1
        small = line.lower()
        for kind, words in kinds.items():
            if any(word.lower() in small for word in words):
                found[kind].add(table)
    assert lines > 10_000
    # The scanner sees what is there, or it would see nothing anywhere.
    assert CLEAR["name"] <= found["name"] and "identity.account" in found["address"] and "records.patient" in found["birth date"]
    report.say(f"In a dump of {lines} lines words of what is sealed were found in {len(found['sealed'])} tables, names in {sorted(found['name'])}.")
    assert found["sealed"] == set()
    assert all(found[kind] <= tables for kind, tables in CLEAR.items()), found
    readme = (SOURCES / "Services/Records/README.md").read_text()
    assert "`patient` and `patient_name` (in clear" in readme


def test_nothing_is_left_anywhere(used, tmp_path, report):
    words = words_of(used)
    found = scan(words, BROKER + LOGS, tmp_path)
    report.say(
        f"Of {len(words)} words (names, birth dates, addresses, phones, e-mails, notes) {len(found)} were found in RabbitMQ's files and all logs.")
    assert found == []
