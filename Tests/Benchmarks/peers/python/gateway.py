"""The gateway of the Python peer: cookies, forms tied to their session, pages. `uvicorn gateway:app --workers 2`."""

import datetime as dt
import hashlib
import hmac
import os
import pathlib
import time
import urllib.parse
from contextlib import asynccontextmanager

import jinja2
from fastapi import FastAPI, Request, Response

import bus
from settings import AMQP, HOME, USER

FORMS = os.environ["BENCH_FORMS_KEY"].encode()
pages = jinja2.Environment(loader=jinja2.FileSystemLoader(pathlib.Path(__file__).parent), autoescape=True)


def day(text):
    """2 Dec 2019"""
    try:
        found = dt.date.fromisoformat((text or "")[:10])
    except ValueError:
        return text or ""
    return f"{found.day} {found:%b %Y}"


pages.filters["day"] = day
record_page = pages.get_template("record.html")
rpc = bus.Bus(AMQP, USER, bus.Cipher(HOME / "secrets/bus-keys"))
signer = bus.Signer("portal", bus.secret(HOME / "secrets/actor-portal.key"))
known = {}
own_token = (b"", 0.0)


@asynccontextmanager
async def life(app):
    await rpc.start()
    yield
    await rpc.stop()


app = FastAPI(lifespan=life, docs_url=None, redoc_url=None, openapi_url=None)


def anonymous():
    global own_token
    if own_token[1] < time.monotonic():
        actor = {"issuer": "portal", "role": "anonymous", "patients": [], "purpose": "operations"}
        own_token = (signer.sign(actor), time.monotonic() + 240)
    return own_token[0]


class See(Exception):
    """Ends a request with a status."""


async def person(request):
    """Whose session the cookie is; remembered for five seconds."""
    cookie = request.cookies.get("__Host-portal")
    if not cookie:
        raise See(303)
    name, now = hashlib.sha256(cookie.encode()).digest(), time.monotonic()
    if (found := known.get(name)) and found[1] > now:
        return found[0]
    session = (await rpc.request("identity.read-session.v1", {"audience": "portal", "handle": cookie}, anonymous())).get("session")
    if session is None:
        raise See(303)
    who = (session["patients"][0], session["actorToken"].encode(), session)
    if len(known) >= 10_000:
        known.clear()
    known[name] = (who, now + 5)
    return who


async def form(request):
    if request.headers.get("sec-fetch-site") != "same-origin" or request.headers.get("content-type") != "application/x-www-form-urlencoded":
        raise See(403)
    fields = dict(urllib.parse.parse_qsl((await request.body()).decode()))
    cookie = request.cookies.get("__Host-portal", "")
    wanted = bus.base64url(hmac.digest(FORMS, b"form\0" + cookie.encode(), "sha256")).decode()
    if not hmac.compare_digest(wanted, fields.get("form-key", "")):
        raise See(403)
    return fields


HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@app.exception_handler(See)
async def ended(request, error):
    return Response(status_code=error.args[0], headers=HEADERS)


def see_other(path):
    return Response(status_code=303, headers={**HEADERS, "Location": path})


@app.post("/visits/book/hold")
async def hold(request: Request):
    fields = await form(request)
    patient, token, _ = await person(request)
    practitioner, location, service, start = fields["slot"].split("|")
    command = {
        "appointment": fields["submission"],
        "patient": patient,
        "practitioner": practitioner,
        "location": location,
        "service": service,
        "start": int(start) * 1000,
    }
    try:
        await rpc.request("scheduling.hold-appointment.v1", command, token)
    except bus.Refused:
        return Response("no longer free", 409, headers=HEADERS)
    return see_other(f"/visits/{fields['submission']}")


@app.post("/visits/{appointment}/book")
async def book(appointment: str, request: Request):
    fields = await form(request)
    patient, token, _ = await person(request)
    practitioner, location, service, start = fields["slot"].split("|")
    command = {
        "appointment": appointment,
        "patient": patient,
        "practitioner": practitioner,
        "location": location,
        "service": service,
        "start": int(start) * 1000,
        "key": fields["submission"],
    }
    try:
        await rpc.request("scheduling.book-appointment.v1", command, token)
    except bus.Refused:
        return Response("no longer held", 409, headers=HEADERS)
    return see_other(f"/visits/{appointment}?new=1")


@app.get("/record")
async def record(request: Request):
    patient, token, session = await person(request)
    try:
        chart = await rpc.request("records.read-chart.v1", {"patient": patient}, token)
    except bus.Refused:
        return Response("not found", 404, headers=HEADERS)
    key = bus.base64url(hmac.digest(FORMS, b"form\0" + request.cookies["__Host-portal"].encode(), "sha256")).decode()
    return Response(record_page.render(chart=chart, key=key), media_type="text/html; charset=utf-8", headers=HEADERS)
