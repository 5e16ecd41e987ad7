#!/usr/bin/env python3
"""A TCP proxy on 127.0.0.1 that breaks what passes through it, as it is told while it runs.

    proxy.py PORT [--host HOST] [--listen PORT] [--protocol raw|amqp|postgres]

It says {"port": N} on its output, then obeys its input: one JSON object a line, each answered by one line: {} or {"error": "…"}. It ends with its
input. `toward` is "server", "client" or, where nothing is said, both.

    {"do": "delay", "ms": 50, "jitter_ms": 20, "toward": …}   what passes arrives that much later, in order
    {"do": "slice", "bytes": 7, "toward": …}                  and in pieces of so many bytes
    {"do": "limit", "bytes": 1000, "toward": …}               a connection is cut when so many bytes have passed that way since it was opened
    {"do": "damage", "bytes": 3, "after": 600, "seed": 7, "toward": …}   up to so many bytes of each chunk change, beyond the first `after` bytes
    {"do": "freeze"}  {"do": "thaw"}                          half-open: connections stand, new ones too, and nothing passes
    {"do": "cut"}                                             resets every connection
    {"do": "refuse"}                                          resets new connections as they come
    {"do": "greet", "text": "…"}                              new connections get this text and no server
    {"do": "clear"}                                           ends all of the above but a cut
    {"do": "status"}                                          answered by {"accepted", "open", "to_server", "to_client", "fired"}

A rule waits for a message of the protocol:

    {"do": "when", "match": …, "toward": "server" or "client", "act": …, "skip": 0, "times": 1, "chance": 1.0, "seed": 0}

`match` is, for raw, text that a chunk must hold; for amqp, a method's name, "basic.ack", or a frame's kind, "heartbeat"; for postgres, toward the
server, a regular expression that a statement must match when it is executed, prepared or not; toward the client a message's type and, for C, its
tag: "C COMMIT". The first `skip` messages that match pass; then the rule acts on `times` of them (0: on all), each with the chance given. `act` is
    cut        reset the connection; the message does not pass
    cut-after  reset it once the message, and what came with it, has passed
    swallow    the message does not pass
    count      nothing but that "fired" grows
    freeze     the proxy is half-open from this message on
    nack       a basic.ack becomes a basic.nack
    multiple   a basic.ack becomes one for all tags up to its own
"""

import argparse
import asyncio
import json
import random
import re
import socket
import struct
import sys

AMQP_METHODS = {
    (10, 10): "connection.start", (10, 30): "connection.tune", (10, 40): "connection.open", (10, 41): "connection.open-ok",
    (10, 50): "connection.close", (10, 51): "connection.close-ok", (10, 60): "connection.blocked", (10, 61): "connection.unblocked",
    (20, 10): "channel.open", (20, 11): "channel.open-ok", (20, 40): "channel.close", (20, 41): "channel.close-ok",
    (50, 10): "queue.declare", (50, 11): "queue.declare-ok", (60, 20): "basic.consume", (60, 21): "basic.consume-ok",
    (60, 30): "basic.cancel", (60, 40): "basic.publish", (60, 50): "basic.return", (60, 60): "basic.deliver", (60, 80): "basic.ack",
    (60, 90): "basic.reject", (60, 120): "basic.nack", (85, 10): "confirm.select", (85, 11): "confirm.select-ok",
}
AMQP_KINDS = {2: "header", 3: "body", 8: "heartbeat"}


class Raw:
    """Splits a stream into messages, each with what a rule can match; here, a chunk is a message."""

    def feed(self, data):
        yield data, data.decode("latin-1")

    def matches(self, pattern, seen):
        return pattern in seen


class AMQP(Raw):
    def __init__(self, toward):
        self.rest = b""
        self.greeting = 8 if toward == "server" else 0  # "AMQP" and a version come before the first frame

    def feed(self, data):
        self.rest += data
        if self.greeting:
            if len(self.rest) < self.greeting:
                return
            yield self.rest[: self.greeting], ""
            self.rest, self.greeting = self.rest[self.greeting :], 0
        while len(self.rest) >= 7:
            kind, _, size = struct.unpack_from(">BHI", self.rest)
            if len(self.rest) < size + 8:
                return
            frame, self.rest = self.rest[: size + 8], self.rest[size + 8 :]
            method = struct.unpack_from(">HH", frame, 7) if kind == 1 and size >= 4 else None
            yield frame, AMQP_METHODS.get(method, str(method)) if method else AMQP_KINDS.get(kind, str(kind))

    def matches(self, pattern, seen):
        return pattern == seen


class Postgres(Raw):
    def __init__(self, toward):
        self.rest = b""
        self.toward = toward
        self.started = toward == "client"  # the client's first message has no type
        self.prepared = {}
        self.bound = ""

    def feed(self, data):
        self.rest += data
        while True:
            head = 1 if self.started else 0
            if len(self.rest) < head + 4:
                return
            size = struct.unpack_from(">I", self.rest, head)[0] + head
            if len(self.rest) < size:
                return
            message, self.rest = self.rest[:size], self.rest[size:]
            kind = chr(message[0]) if head else ""
            self.started = True
            yield message, self.seen(kind, message[head + 4 :])

    def seen(self, kind, body):
        if self.toward == "client":
            return f"C {body[:-1].decode()}" if kind == "C" else kind
        texts = body.split(b"\0", 2)
        if kind == "P":
            self.prepared[texts[0]] = texts[1].decode()
        elif kind == "B":
            self.bound = self.prepared.get(texts[1], "")
        elif kind == "E":
            return self.bound
        elif kind == "Q":
            return texts[0].decode()
        return ""

    def matches(self, pattern, seen):
        if self.toward == "client":
            return seen == pattern or seen.startswith(pattern + " ")
        return bool(seen) and re.search(pattern, seen) is not None


class Rule:
    def __init__(self, match, act, skip=0, times=1, chance=1.0, seed=0):
        if act not in ("cut", "cut-after", "swallow", "count", "freeze", "nack", "multiple"):
            raise ValueError(f"there is no act {act}")
        self.match, self.act, self.skip, self.times, self.chance = match, act, skip, times, chance
        self.random = random.Random(seed)
        self.fired = 0

    def fires(self, protocol, seen):
        if (self.times and self.fired >= self.times) or not protocol.matches(self.match, seen):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.random.random() >= self.chance:
            return False
        self.fired += 1
        return True


class Way:
    """What is to be done to the bytes of one direction, of all connections."""

    def __init__(self):
        self.delay, self.jitter, self.slice, self.limit = 0.0, 0.0, 0, None
        self.damage, self.damage_after, self.random = 0, 0, random.Random(0)
        self.rules = []


class Connection:
    def __init__(self, proxy, reader, writer):
        self.proxy, self.client = proxy, (reader, writer)
        self.server = None
        self.passed = {"server": 0, "client": 0}

    async def run(self):
        proxy = self.proxy
        await proxy.open.wait()
        try:
            self.server = await asyncio.open_connection(*proxy.target)
        except OSError:
            return self.cut()
        # A client that is cut off meanwhile has no use for the server.
        if self not in proxy.connections:
            return self.cut()
        self.server[1].get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.gather(self.pump("server", self.client[0], self.server[1]), self.pump("client", self.server[0], self.client[1]))
        for _, writer in (self.client, self.server):
            writer.close()
        proxy.connections.discard(self)

    async def pump(self, toward, reader, writer):
        """Reads, and hands over what passes with the time it is due; a second task sends it, so that a delay does not slow the stream down."""
        due = asyncio.Queue(maxsize=1024)
        sender = asyncio.create_task(self.send(toward, due, writer))
        protocol = self.proxy.protocol(toward)
        loop = asyncio.get_running_loop()
        last = 0.0
        try:
            while self in self.proxy.connections:
                await self.proxy.open.wait()
                data = await reader.read(65536)
                if not data:
                    break
                way = self.proxy.ways[toward]
                passing, cut = self.apply(way, protocol, data)
                if passing is None:
                    return
                last = max(last, loop.time() + way.delay + way.random.uniform(0, way.jitter))
                await due.put((last, passing))
                if cut:
                    await due.put((last, "cut"))
        except (ConnectionError, OSError):
            self.cut()
        finally:
            await due.put((last, None))
            await sender

    def apply(self, way, protocol, data):
        """What passes of a chunk, and whether the connection is cut then; None for cut at once."""
        if not way.rules and type(protocol) is Raw:
            return data, False
        passing, cut = bytearray(), False
        for message, seen in protocol.feed(data):
            rule = next((rule for rule in way.rules if rule.fires(protocol, seen)), None)
            act = rule.act if rule else None
            if act == "cut":
                self.cut()
                return None, True
            if act == "freeze":
                self.proxy.open.clear()
            elif act == "cut-after":
                cut = True
            elif act == "nack":
                message = message[:9] + struct.pack(">H", 120) + message[11:]
            elif act == "multiple":
                message = message[:19] + b"\x01" + message[20:]
            if act != "swallow":
                passing += message
        return bytes(passing), cut

    async def send(self, toward, due, writer):
        loop = asyncio.get_running_loop()
        while True:
            when, data = await due.get()
            if when > loop.time():
                await asyncio.sleep(when - loop.time())
            await self.proxy.open.wait()
            if data is None:
                try:
                    writer.write_eof()
                except (OSError, RuntimeError):
                    pass
                return
            if data == "cut":
                self.cut()
                continue
            way = self.proxy.ways[toward]
            if way.damage:
                data = self.damaged(way, toward, data)
            if way.limit is not None and self.passed[toward] + len(data) >= way.limit:
                data = data[: max(0, way.limit - self.passed[toward])]
                await self.write(toward, writer, data)
                self.cut()
                continue
            size = way.slice or len(data) or 1
            for start in range(0, len(data), size):
                await self.write(toward, writer, data[start : start + size])
                if way.slice:
                    await asyncio.sleep(0)

    async def write(self, toward, writer, data):
        try:
            writer.write(data)
            await writer.drain()
            self.passed[toward] += len(data)
            self.proxy.bytes[toward] += len(data)
        except (ConnectionError, OSError, RuntimeError):
            self.cut()

    def damaged(self, way, toward, data):
        offset, data = self.passed[toward], bytearray(data)
        first = max(0, way.damage_after - offset)
        for _ in range(way.random.randint(0, way.damage) if first < len(data) else 0):
            data[way.random.randrange(first, len(data))] = way.random.randrange(256)
        return bytes(data)

    def cut(self):
        self.proxy.connections.discard(self)
        for _, writer in filter(None, (self.client, self.server)):
            try:
                # Closing with this option sends a reset.
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            except OSError:
                pass
            writer.transport.abort()


class Proxy:
    def __init__(self, host, port, protocol):
        self.target = (host, port)
        self.protocol = {"raw": lambda _: Raw(), "amqp": AMQP, "postgres": Postgres}[protocol]
        self.connections = set()
        self.bytes = {"server": 0, "client": 0}
        self.accepted = 0
        self.open = asyncio.Event()
        self.clear()

    def clear(self):
        self.ways = {"server": Way(), "client": Way()}
        self.refusing, self.greeting = False, None
        self.open.set()

    async def accept(self, reader, writer):
        self.accepted += 1
        connection = Connection(self, reader, writer)
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.refusing:
            return connection.cut()
        if self.greeting is not None:
            writer.write(self.greeting)
            while await reader.read(65536):
                pass
            return writer.close()
        self.connections.add(connection)
        try:
            await connection.run()
        except (ConnectionError, OSError, RuntimeError):
            connection.cut()

    def obey(self, order):
        do, toward = order.pop("do"), order.pop("toward", None)
        ways = [self.ways[toward]] if toward else list(self.ways.values())
        if do == "status":
            fired = sum(rule.fired for way in self.ways.values() for rule in way.rules)
            return {
                "accepted": self.accepted, "open": len(self.connections), "to_server": self.bytes["server"], "to_client": self.bytes["client"],
                "fired": fired,
            }
        if do == "when":
            if len(ways) != 1:
                raise ValueError("a rule needs a direction")
            ways[0].rules.append(Rule(**order))
        elif do == "freeze":
            self.open.clear()
        elif do == "thaw":
            self.open.set()
        elif do == "cut":
            for connection in list(self.connections):
                connection.cut()
        elif do == "refuse":
            self.refusing = True
        elif do == "greet":
            self.greeting = order["text"].encode("latin-1")
        elif do == "clear":
            self.clear()
        elif do in ("delay", "slice", "limit", "damage"):
            for way in ways:
                if do == "delay":
                    way.delay, way.jitter = order["ms"] / 1000, order.get("jitter_ms", 0) / 1000
                elif do == "slice":
                    way.slice = order["bytes"]
                elif do == "limit":
                    way.limit = order["bytes"]
                else:
                    way.damage, way.damage_after = order["bytes"], order.get("after", 0)
                    way.random = random.Random(order.get("seed", 0))
        else:
            raise ValueError(f"there is nothing called {do}")
        return {}


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--listen", type=int, default=0)
    parser.add_argument("--protocol", choices=["raw", "amqp", "postgres"], default="raw")
    options = parser.parse_args()
    proxy = Proxy(options.host, options.port, options.protocol)
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", options.listen)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while line := await orders.readline():
        try:
            answer = proxy.obey(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
