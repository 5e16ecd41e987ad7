"""An SMTP server that takes everything and keeps the Message-IDs: STARTTLS and AUTH as real ones ask for, and little work for each message.

It prints its port, and for every line of its standard input one JSON object: how many came, how many of them twice, and when the first and the last did."""

import asyncio
import json
import re
import ssl
import sys
import time

MESSAGE_ID = re.compile(rb"^Message-ID: (\S+)", re.IGNORECASE | re.MULTILINE)


class Taken:
    def __init__(self):
        self.count, self.ids, self.first, self.last = 0, set(), None, None

    def take(self, message):
        self.count += 1
        found = MESSAGE_ID.search(message)
        self.ids.add(found[1] if found else b"")
        self.last = time.monotonic()
        self.first = self.first or self.last


async def converse(reader, writer, context, taken):
    async def say(*lines):
        writer.write("".join(f"{line}\r\n" for line in lines).encode())
        await writer.drain()

    await say("220 localhost ESMTP")
    try:
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"EHLO":
                secure = writer.get_extra_info("ssl_object") is not None
                await say("250-localhost", "250-PIPELINING", "250-8BITMIME", "250 AUTH PLAIN LOGIN" if secure else "250 STARTTLS")
            elif verb == b"STAR":
                await say("220 go ahead")
                await writer.start_tls(context)
            elif verb == b"AUTH":
                if line.split()[1:2] == [b"PLAIN"] and len(line.split()) == 2:
                    await say("334 ")
                    await reader.readline()
                await say("235 2.7.0 welcome")
            elif verb == b"DATA":
                await say("354 go on")
                message = await reader.readuntil(b"\r\n.\r\n")
                taken.take(message)
                await say("250 2.0.0 taken")
            elif verb == b"QUIT":
                await say("221 bye")
                break
            else:
                await say("250 2.1.0 OK")
    except (ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def serve(certificate, key):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    taken = Taken()
    server = await asyncio.start_server(lambda reader, writer: converse(reader, writer, context, taken), "127.0.0.1", 0, limit=1 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop = asyncio.get_running_loop()
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps({"count": taken.count, "different": len(taken.ids), "first": taken.first, "last": taken.last}), flush=True)


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:3]))
