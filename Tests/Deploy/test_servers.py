"""What the private PostgreSQL, RabbitMQ and TURN server allow whom."""

import json
import socket
import ssl
import struct
import subprocess

import pika
import pytest
import turn as turn_client
from conftest import DEPLOY, EXECUTABLES

SERVICES, GATEWAYS = EXECUTABLES[:-3], EXECUTABLES[-3:]
# Where servers speak TLS, counted from the base port.
PORTS = {"postgres": 5, "rabbitmq": 6, "turn": 23}
EVENTS = {"records": "records.patient-registered.v1", "scheduling": "scheduling.appointment-booked.v1"}


@pytest.fixture
def sql(installation):
    def run(user, statement, database="chartline", **options):
        password = "" if user == "installation" else installation.secret(f"postgres-{user}")
        tls = {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": str(installation.authority), **options}
        result = subprocess.run(
            ["psql", "-X", "-At", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(installation.base + 5), "-U", user, "-d", database,
             "-c", statement], env={"PGPASSWORD": password, "PATH": "/usr/bin:/bin", **tls}, capture_output=True, text=True)
        return (result.stdout if result.returncode == 0 else result.stderr).strip()

    return run


class TestPostgreSQL:
    def test_settings(self, sql):
        wanted = {
            "data_checksums": "on", "fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "password_encryption": "scram-sha-256",
            "log_statement": "none", "log_min_error_statement": "panic", "log_parameter_max_length_on_error": "0", "jit": "off",
            "listen_addresses": "127.0.0.1", "server_encoding": "UTF8", "TimeZone": "UTC", "statement_timeout": "10s", "lock_timeout": "2s",
            "idle_in_transaction_session_timeout": "15s", "search_path": "records, public"}
        for name, value in wanted.items():
            assert sql("records", f"SHOW {name}") == value, name

    @pytest.mark.parametrize("service", SERVICES)
    def test_a_service_sees_its_schema_alone_and_owns_nothing(self, sql, service):
        other = "identity" if service != "identity" else "records"
        assert sql(f"{service}_owner", f"CREATE TABLE {service}.probe (a int); GRANT SELECT ON {service}.probe TO {service}_limited") == \
            "CREATE TABLE\nGRANT"
        try:
            # It inherits nothing: what it may, it may after SET ROLE.
            assert "permission denied for table probe" in sql(service, f"SELECT * FROM {service}.probe")
            assert sql(service, f"SET ROLE {service}_limited; SELECT count(*) FROM {service}.probe") == "SET\n0"
            for role in ("staff", "worker"):
                assert sql(service, f"SET ROLE {service}_{role}") == "SET"
            for role in (f"{service}_owner", f"{service}_backup", f"{other}_limited", other, "installation"):
                assert "permission denied to set role" in sql(service, f"SET ROLE {role}")
            for place in (service, "public", other):
                assert "permission denied for schema" in sql(service, f"CREATE TABLE {place}.mine (a int)")
            assert "permission denied for schema" in sql(f"{service}_owner", f"CREATE TABLE {other}.mine (a int)")
            assert "permission denied for database" in sql(f"{service}_owner", "CREATE SCHEMA mine")
        finally:
            assert sql(f"{service}_owner", f"DROP TABLE {service}.probe") == "DROP TABLE"

    def test_no_role_is_more_than_it_must_be(self, sql):
        powerful = "rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication"
        assert sql("records", f"SELECT rolname FROM pg_roles WHERE ({powerful}) AND rolname !~ '^pg_'") == "installation"
        assert sql("records", "SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles WHERE rolbypassrls AND NOT rolsuper") == \
            "audit_backup billing_backup identity_backup messaging_backup notifications_backup records_backup scheduling_backup telemedicine_backup"
        sign_in = sql("records", "SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles WHERE rolcanlogin AND NOT rolsuper")
        assert sign_in == " ".join(sorted([*SERVICES, *(f"{service}_owner" for service in SERVICES)]))

    def test_other_databases_and_the_superuser_are_closed(self, sql):
        assert "no pg_hba.conf entry" in sql("records", "SELECT 1", "postgres")
        assert "rejects connection" in sql("installation", "SELECT 1")

    def test_no_value_reaches_the_log(self, installation, sql):
        table = "CREATE TABLE records.canary (a text UNIQUE CHECK (a <> 'Canary Smith'))"
        insert = "INSERT INTO records.canary VALUES ('Canary Smith')"
        assert "violates check constraint" in sql("records_owner", f"{table}; {insert}")
        assert "Canary" in sql("records", "SELECT 'Canary Smith'::int")
        assert "Canary" in sql("records", "SELECT 'Canary Smith' 'Canary")
        assert "Canary" not in (installation.home / "log" / "postgres" / "current").read_text()

    def test_extensions(self, sql):
        assert sql("records", "SELECT string_agg(extname, ' ' ORDER BY extname) FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace "
                   "WHERE nspname = 'public'") == "btree_gist fuzzystrmatch pg_trgm"


def parameters(installation, user, password, **options):
    tls = pika.SSLOptions(installation.trust(), "localhost")
    return pika.ConnectionParameters(
        "127.0.0.1", installation.base + 6, "/", pika.PlainCredentials(user, password), heartbeat=0, **{"ssl_options": tls, **options})


@pytest.fixture
def broker(installation):
    opened = []

    def connect(user):
        opened.append(pika.BlockingConnection(parameters(installation, user, installation.secret(f"amqp-{user}"))))
        channel = opened[-1].channel()
        channel.confirm_delivery()
        return channel

    yield connect
    for connection in opened:
        connection.close()


def refused(action, code=403):
    with pytest.raises(pika.exceptions.ChannelClosedByBroker) as refusal:
        action()
    assert refusal.value.reply_code == code
    return True


def publish(channel, exchange, key, **properties):
    channel.basic_publish(exchange, key, b"{}", pika.BasicProperties(**properties), mandatory=True)


class TestRabbitMQ:
    def test_topology_is_the_file(self, installation):
        file = json.loads((DEPLOY / "rabbitmq" / "definitions.json").read_text())
        for queue in file["queues"]:
            arguments = queue["arguments"]
            assert arguments["x-queue-type"] == "quorum" and queue["durable"]
            if queue["name"] != "events.unheard" and not queue["name"].endswith(".dead"):
                assert arguments["x-dead-letter-routing-key"] == queue["name"] and arguments["x-dead-letter-strategy"] == "at-least-once"
                assert arguments["x-overflow"] == "reject-publish" and arguments["x-delivery-limit"] == 10
                assert {"source": "dead-letters", "vhost": "/", "destination": queue["name"] + ".dead", "destination_type": "queue",
                        "routing_key": queue["name"], "arguments": {}} in file["bindings"]
        # Lines only where the broker has more than the file; less would have failed `up`.
        assert (installation.home / "log" / "topology.log").read_text() == ""

    def test_only_the_owner_publishes_an_event(self, broker):
        for owner, event in EVENTS.items():
            publish(broker(owner), "events", event, user_id=owner)
            for other in EXECUTABLES:
                if other != owner:
                    assert refused(lambda: publish(broker(other), "events", event))
        assert refused(lambda: publish(broker("records"), "events", EVENTS["records"], user_id="identity"), 406)

    @pytest.mark.parametrize("service", SERVICES)
    def test_a_service_declares_its_requests_and_fan_out_alone(self, broker, service):
        broker(service).queue_declare(f"{service}.requests", durable=True, auto_delete=True)
        other = "identity" if service != "identity" else "records"
        for name in (f"{other}.requests", f"{service}.anything", f"{other}.fanout.1", ""):
            assert refused(lambda: broker(service).queue_declare(name, exclusive=True))

    @pytest.mark.parametrize("user", EXECUTABLES)
    def test_everybody_hears_fan_out(self, broker, user):
        channel = broker(user)
        channel.queue_declare(f"{user}.fanout.1", exclusive=True, auto_delete=True)
        channel.queue_bind(f"{user}.fanout.1", "events", EVENTS["records"])
        publish(broker("records"), "events", EVENTS["records"], user_id="records")
        assert channel.basic_get(f"{user}.fanout.1", auto_ack=True)[2] == b"{}"

    @pytest.mark.parametrize("gateway", GATEWAYS)
    def test_a_gateway_changes_nothing(self, broker, gateway):
        assert refused(lambda: publish(broker(gateway), "events", f"{gateway}.anything.v1"))
        assert refused(lambda: publish(broker(gateway), "dead-letters", "notifications.plan-on-appointment-booked"))
        assert refused(lambda: broker(gateway).queue_declare(f"{gateway}.requests"))
        assert refused(lambda: broker(gateway).basic_get("notifications.plan-on-appointment-booked"))

    def test_only_owner_reads_a_queue_and_nobody_changes_it(self, broker):
        queue = "notifications.plan-on-appointment-booked"
        broker("notifications").basic_get(queue)
        for user in EXECUTABLES:
            if user != "notifications":
                assert refused(lambda: broker(user).basic_get(queue))
            assert refused(lambda: broker(user).queue_delete(queue))
            assert refused(lambda: broker(user).queue_unbind(queue, "events", EVENTS["records"]))
            assert refused(lambda: broker(user).exchange_delete("events"))
        broker("chartline").basic_get(queue + ".dead")
        assert refused(lambda: broker("portal").basic_get(queue + ".dead"))

    def test_a_gateway_asks_and_is_answered(self, broker):
        service, gateway, answers = broker("records"), broker("portal"), []
        service.queue_declare("records.requests", durable=True, auto_delete=True)
        service.basic_consume("records.requests", lambda channel, method, request, body: channel.basic_publish("", request.reply_to, body), True)
        gateway.basic_consume("amq.rabbitmq.reply-to", lambda channel, method, properties, body: answers.append(body), True)
        publish(gateway, "", "records.requests", reply_to="amq.rabbitmq.reply-to", user_id="portal")
        service.connection.process_data_events(1)
        gateway.connection.process_data_events(1)
        assert answers == [b"{}"]

    def test_the_default_user_does_not_exist(self, installation):
        with pytest.raises(pika.exceptions.ProbableAuthenticationError):
            pika.BlockingConnection(parameters(installation, "guest", "guest"))


class TestEncryption:
    def test_postgresql_takes_nothing_in_clear(self, sql):
        assert sql("records", "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == "TLSv1.3"
        for user in ("records", "records_owner"):
            assert "no encryption" in sql(user, "SELECT 1", PGSSLMODE="disable")

    def test_rabbitmq_takes_nothing_in_clear(self, installation, broker):
        broker("records")
        with pytest.raises(pika.exceptions.AMQPConnectionError):
            pika.BlockingConnection(parameters(installation, "records", installation.secret("amqp-records"), ssl_options=None))
        with socket.create_connection(("127.0.0.1", installation.base + 6), timeout=10) as plain:
            plain.sendall(b"AMQP\0\0\x09\x01")
            # The alert of TLS, or nothing: no method of AMQP.
            assert plain.recv(7)[:1] in (b"\x15", b"")

    @pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
    @pytest.mark.parametrize("server", PORTS)
    def test_versions_names_and_authorities(self, installation, server):
        def negotiated(context, name="localhost"):
            with socket.create_connection(("127.0.0.1", installation.base + PORTS[server]), timeout=10) as plain:
                if server == "postgres":
                    plain.sendall(struct.pack("!ii", 8, 80877103))  # SSLRequest
                    assert plain.recv(1) == b"S"
                with context.wrap_socket(plain, server_hostname=name) as secured:
                    return secured.version()

        # Debian's coturn has nothing newer than 1.2.
        newest = "TLSv1.2" if server == "turn" else "TLSv1.3"
        assert negotiated(installation.trust()) == negotiated(installation.trust(), "127.0.0.1") == newest
        older = installation.trust()
        older.maximum_version = ssl.TLSVersion.TLSv1_2
        assert negotiated(older) == "TLSv1.2"
        oldest = installation.trust()
        oldest.set_ciphers("ALL:@SECLEVEL=0")
        oldest.minimum_version, oldest.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        # coturn says nothing at all to who has nothing newer.
        with pytest.raises((ssl.SSLError, ConnectionError, TimeoutError), match="(?i)version|timed out|reset|closed|eof"):
            negotiated(oldest)
        for context, name in ((installation.trust(), "example.org"), (ssl.create_default_context(), "localhost")):
            with pytest.raises(ssl.SSLCertVerificationError):
                negotiated(context, name)

    def test_up_makes_what_is_near_its_end_anew_and_restarts_nothing(self, installation):
        names = list(PORTS)
        before = {name: (installation.pid(name), (installation.home / "tls" / f"{name}.pem").read_text()) for name in names}
        authority = installation.authority.read_text()
        for name in names:
            age(installation, name)
        told = installation.run("chartline", "status")
        assert all(f"The certificate of {name} ends" in told.stdout for name in names)
        result = installation.up()
        assert result.returncode == 0 and "makes a certificate for postgres" in result.stdout, result.stdout
        assert "makes a certificate" not in installation.up().stdout
        assert "The certificate of" not in installation.run("chartline", "status").stdout
        assert installation.authority.read_text() == authority
        for name in names:
            certificate = (installation.home / "tls" / f"{name}.pem").read_text()
            assert installation.pid(name) == before[name][0] and certificate != before[name][1]
            assert shown(installation, name) == certificate

    def test_without_its_authority_all_is_made_anew(self, installation):
        before = installation.authority.read_text()
        (installation.home / "secrets" / "tls-authority.key").unlink()
        assert installation.up().returncode == 0
        assert installation.authority.read_text() != before
        for name in PORTS:
            assert shown(installation, name) == (installation.home / "tls" / f"{name}.pem").read_text()


    def test_the_operators_own_certificate_takes_the_place_of_the_turn_servers(self, installation):
        own = installation.home / "etc" / "local"
        before, process = shown(installation, "turn"), installation.pid("turn")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "400", "-subj", "/CN=turn.example",
             "-keyout", own / "turn.key", "-out", own / "turn.pem"], capture_output=True, check=True)
        try:
            assert installation.up().returncode == 0
            assert shown(installation, "turn") == (own / "turn.pem").read_text() and installation.pid("turn") == process
            whole = (own / "turn.key").read_text()
            (own / "turn.key").write_text(installation.secret("tls-postgres.key"))
            assert "do not belong together" in installation.up().stdout
            (own / "turn.key").write_text(whole)
        finally:
            for name in ("turn.pem", "turn.key"):
                (own / name).unlink()
        assert installation.up().returncode == 0
        assert shown(installation, "turn") not in (before, "") and shown(installation, "turn") == (installation.home / "tls/turn.pem").read_text()

    def test_a_clinic_with_an_address_of_its_own_has_it_in_the_turn_servers_certificate(self, nothing_yet):
        result = nothing_yet.up("--servers-only", "--listen", "127.0.0.2")
        assert result.returncode == 0, result.stdout
        trust = nothing_yet.trust()
        for by, port in (("udp", 22), ("tcp", 22), ("tls", 23)):
            shown = turn_client.credentials(nothing_yet.secret("turn").strip())
            with turn_client.Client("127.0.0.2", nothing_yet.base + port, *shown, by=by, trust=trust) as client:
                assert client.allocate() == 0, by


def age(installation, name):
    """Gives a server a certificate that ends in a month."""
    secrets, certificate = installation.home / "secrets", installation.home / "tls" / f"{name}.pem"
    request = subprocess.run(["openssl", "req", "-new", "-key", secrets / f"tls-{name}.key", "-subj", "/CN=localhost"], capture_output=True, check=True)
    subprocess.run(["openssl", "x509", "-req", "-CA", installation.authority, "-CAkey", secrets / "tls-authority.key", "-days", "30", "-out", certificate],
                   input=request.stdout, capture_output=True, check=True)


def shown(installation, name):
    """The certificate a new connection is shown."""
    address = f"127.0.0.1:{installation.base + PORTS[name]}"
    client = ["openssl", "s_client", "-connect", address, *(["-starttls", "postgres"] if name == "postgres" else [])]
    text = subprocess.run(client, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30).stdout
    return text[text.index("-----BEGIN"):text.index("-----END CERTIFICATE-----")] + "-----END CERTIFICATE-----\n"


class TestTURN:
    @pytest.fixture(params=["udp", "tcp", "tls"])
    def turn(self, installation, request):
        def connect(*shown):
            port = installation.base + (PORTS["turn"] if request.param == "tls" else 22)
            return turn_client.Client("127.0.0.1", port, *shown, by=request.param, trust=installation.trust())

        return connect

    def test_who_shows_nothing_old_or_wrong_gets_nothing(self, installation, turn):
        secret = installation.secret("turn").strip()
        for shown in ((), turn_client.credentials(secret, lasts=-1), turn_client.credentials("another secret")):
            with turn(*shown) as client:
                assert client.allocate() == 401, shown
        username, credential = turn_client.credentials(secret)
        with turn(username.replace(":", "9:"), credential) as client:
            assert client.allocate() == 401

    def test_nobody_reaches_through_it_what_lies_behind_it(self, installation, turn):
        with turn(*turn_client.credentials(installation.secret("turn").strip())) as client:
            assert client.allocate() == 0
            assert client.permit("8.8.8.8") == 0
            for inside in ("127.0.0.1", "127.255.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
                           "224.0.0.1", "255.255.255.255"):
                assert client.permit(inside) == 403, inside
            # Not of its own family: refused before it is asked whether it is denied.
            assert client.permit("::1") in (403, 443)

    def test_its_secret_and_whom_it_denies_are_in_its_settings(self, installation):
        text = (installation.home / "turn" / "turnserver.conf").read_text()
        assert "denied-peer-ip=::1\n" in text and "no-multicast-peers" in text and "no-cli" in text
        assert installation.secret("turn").strip() not in (installation.home / "log" / "turn" / "current").read_text()

    def test_browsers_are_told_every_way_there_is(self, installation):
        told = dict(line.split("=", 1) for line in (installation.home / "etc" / "telemedicine.env").read_text().splitlines())["CHARTLINE_TURN_URLS"]
        plain, secure = (f"127.0.0.1:{installation.base + port}" for port in (22, PORTS["turn"]))
        assert told.split(",") == [f"turn:{plain}?transport=udp", f"turn:{plain}?transport=tcp", f"turns:{secure}?transport=tcp"]
