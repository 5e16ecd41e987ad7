"""What every process of the Python peer is told, and the statements it shares with the others."""

import os
import pathlib
import re
import ssl
import urllib.parse

HOME = pathlib.Path(os.environ["BENCH_HOME"])
VHOST = "peer"
AUTHORITY = HOME / "tls/authority.pem"
AMQP = (
    f"amqps://bench:{(HOME / 'secrets/amqp-bench').read_text().strip()}@127.0.0.1:{os.environ['AMQP_PORT']}/{VHOST}"
    f"?cafile={urllib.parse.quote(str(AUTHORITY))}"
)
USER = "bench"


def statements():
    text = (pathlib.Path(__file__).parent.parent / "statements.sql").read_text()
    return {name: sql.strip() for name, sql in re.findall(r"-- name: (\w+)\n(.*?)(?=\n-- name:|\Z)", text, re.S)}


SQL = statements()


def postgres(service):
    return {
        "host": "127.0.0.1",
        "port": int(os.environ["POSTGRES_PORT"]),
        "user": service,
        "database": VHOST,
        "password": (HOME / "secrets" / f"postgres-{service}").read_text().strip(),
        "ssl": ssl.create_default_context(cafile=AUTHORITY),
    }
