"""Requests over RabbitMQ as Chartline makes them: sealed, with a signed token and a deadline, answered by direct reply-to."""

import asyncio
import base64
import os
import time
import uuid

import aio_pika
import orjson
from aiormq import spec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

REPLY_TO = "amq.rabbitmq.reply-to"


def secret(path):
    with open(path) as file:
        return file.readline().strip()


class Cipher:
    """`[key id][nonce 12][ciphertext][tag 16]`, the context bound to it."""

    def __init__(self, path):
        self.keys = {}
        with open(path) as file:
            for line in file:
                number, key = line.split()
                self.keys[int(number)] = AESGCM(bytes.fromhex(key))
        self.current = next(iter(self.keys))

    def seal(self, content, context):
        nonce = os.urandom(12)
        return bytes((self.current,)) + nonce + self.keys[self.current].encrypt(nonce, content, context.encode())

    def open(self, sealed, context):
        return self.keys[sealed[0]].decrypt(sealed[1:13], sealed[13:], context.encode())


def base64url(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def unbase64url(text):
    return base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))


# Of every token services take from each other.
AUDIENCE = "chartline-services"


class Signer:
    def __init__(self, issuer, seed):
        self.issuer, self.key = issuer, Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))
        self.head = base64url(orjson.dumps({"alg": "EdDSA", "typ": "JWT", "kid": issuer}))

    def sign(self, actor, lifetime=300):
        now = int(time.time())
        claims = {"iss": self.issuer, "iat": now, "exp": now + lifetime, "aud": AUDIENCE, "act": actor}
        text = self.head + b"." + base64url(orjson.dumps(claims))
        return text + b"." + base64url(self.key.sign(text))


class Verifier:
    """Remembers what it has verified until it expires."""

    def __init__(self, folder):
        self.known, self.keys = {}, {}
        for name in os.listdir(folder):
            key = bytes.fromhex(secret(os.path.join(folder, name)))
            self.keys[name.removesuffix(".pub")] = Ed25519PublicKey.from_public_bytes(key)

    def verify(self, token):
        now = time.time()
        if (known := self.known.get(token)) and known[1] > now:
            return known[0]
        text, _, signature = token.rpartition(b".")
        claims = orjson.loads(unbase64url(text.partition(b".")[2]))
        try:
            self.keys[claims["iss"]].verify(unbase64url(signature), text)
        except InvalidSignature:
            return None
        if claims["exp"] <= now or claims["aud"] != AUDIENCE:
            return None
        if len(self.known) >= 10_000:
            self.known.clear()
        self.known[token] = (claims["act"], claims["exp"])
        return claims["act"]


def uuid7():
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    return uuid.UUID(int=milliseconds << 80 | 7 << 76 | (random >> 68 & 0xFFF) << 64 | 2 << 62 | random & 0x3FFF_FFFF_FFFF_FFFF)


def traceparent():
    return f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01"


class Refused(Exception):
    """The service said no; `args[0]` is the refusal."""


class Failed(Exception):
    """Status of an answer that is neither done nor refused."""


class Bus:
    """One connection, one long-lived consumer of replies."""

    def __init__(self, url, user, cipher):
        self.url, self.user, self.cipher, self.waiting = url, user, cipher, {}

    async def start(self):
        self.connection = await aio_pika.connect(self.url)
        channel = await self.connection.channel(publisher_confirms=False)
        self.channel = await channel.get_underlay_channel()
        await self.channel.basic_consume(REPLY_TO, self._replied, no_ack=True)
        return self

    async def stop(self):
        await self.connection.close()

    async def _replied(self, message):
        waiting = self.waiting.pop(message.header.properties.correlation_id, None)
        if waiting and not waiting.done():
            waiting.set_result(message.body)

    async def request(self, name, message, token, timeout=5.0):
        identity = str(uuid7())
        frame = len(token).to_bytes(2, "big") + token + orjson.dumps(message)
        answered = asyncio.get_running_loop().create_future()
        self.waiting[identity] = answered
        properties = spec.Basic.Properties(
            message_id=identity,
            correlation_id=identity,
            reply_to=REPLY_TO,
            message_type=name,
            user_id=self.user,
            expiration=str(int(timeout * 1000)),
            headers={"deadline": int((time.time() + timeout) * 1000), "traceparent": traceparent()},
        )
        try:
            await self.channel.basic_publish(
                self.cipher.seal(frame, f"request/{name}/{identity}"),
                routing_key=name.partition(".")[0] + ".requests",
                mandatory=True,
                properties=properties,
            )
            sealed = await asyncio.wait_for(answered, timeout)
        finally:
            self.waiting.pop(identity, None)
        content = self.cipher.open(sealed, f"reply/{name}/{identity}")
        if content[0] == 0:
            return orjson.loads(content[1:])
        if content[0] == 1:
            raise Refused(orjson.loads(content[1:]))
        raise Failed(content[0], content[1:])


class Service:
    """Takes requests from the service's queue; `handlers` by message name: actor, message, payload → bytes of the answer, status first."""

    def __init__(self, url, name, user, cipher, verifier, handlers):
        self.url, self.name, self.user, self.cipher, self.verifier, self.handlers = url, name, user, cipher, verifier, handlers
        self.running = set()

    async def start(self):
        self.connection = await aio_pika.connect(self.url)
        channel = await self.connection.channel(publisher_confirms=False)
        self.channel = await channel.get_underlay_channel()
        await self.channel.basic_qos(prefetch_count=128)
        queue = f"{self.name}.requests"
        await self.channel.queue_declare(
            queue, durable=True, auto_delete=True, arguments={"x-max-length-bytes": 64 << 20, "x-overflow": "reject-publish"}
        )
        await self.channel.basic_consume(queue, self._received)

    async def _received(self, message):
        properties = message.header.properties
        name, identity, deadline = properties.message_type, properties.message_id, properties.headers["deadline"]
        answer = await self._answer(name, identity, deadline, message.body)
        left = max(1, deadline - int(time.time() * 1000))
        await self.channel.basic_publish(
            self.cipher.seal(answer, f"reply/{name}/{identity}"),
            routing_key=properties.reply_to,
            properties=spec.Basic.Properties(message_id=str(uuid7()), correlation_id=identity, user_id=self.user, expiration=str(left)),
        )
        await self.channel.basic_ack(message.delivery_tag)

    async def _answer(self, name, identity, deadline, body):
        if time.time() * 1000 >= deadline:
            return b"\6"
        try:
            frame = self.cipher.open(body, f"request/{name}/{identity}")
        except (InvalidTag, KeyError):
            return b"\3the request is not sealed with a key of this bus"
        length = int.from_bytes(frame[:2], "big")
        actor = self.verifier.verify(frame[2 : 2 + length])
        if actor is None:
            return b"\2"
        payload = frame[2 + length :]
        try:
            return await self.handlers[name](actor, orjson.loads(payload), payload)
        except Exception as error:  # an error of ours: the asker learns no more than that
            print(name, repr(error), flush=True)
            return b"\7"
