"""As much of a TURN client (RFC 8656) as it takes to ask a server for something by UDP, TCP or TLS, and read its refusal."""

import base64
import hashlib
import hmac
import os
import socket
import struct
import time

MAGIC = 0x2112A442
ALLOCATE, CREATE_PERMISSION = 0x003, 0x008
USERNAME, INTEGRITY, ERROR, PEER, REALM, NONCE, TRANSPORT = 0x0006, 0x0008, 0x0009, 0x0012, 0x0014, 0x0015, 0x0019


def credentials(secret, lasts=600, name="somebody"):
    """As telemedicine makes them."""
    username = f"{int(time.time()) + lasts}:{name}"
    return username, base64.b64encode(hmac.new(secret.encode(), username.encode(), hashlib.sha1).digest()).decode()


class Client:
    def __init__(self, host, port, username=None, credential=None, by="udp", trust=None):
        self.by = by
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if by == "udp" else socket.SOCK_STREAM)
        self.socket.settimeout(3)
        self.socket.connect((host, port))
        if by == "tls":
            self.socket = trust.wrap_socket(self.socket, server_hostname=host)
        self.username, self.credential, self.realm, self.nonce = username, credential, None, None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def allocate(self):
        """Twice, where it is asked who we are. - Returns: 0, or the code of the error."""
        transport = (TRANSPORT, bytes([17, 0, 0, 0]))
        code = self.ask(ALLOCATE, transport)
        return self.ask(ALLOCATE, transport) if code == 401 and self.username else code

    def permit(self, peer):
        """To exchange something with this address. - Returns: 0, or the code of the error."""
        family = socket.AF_INET6 if ":" in peer else socket.AF_INET
        mask = struct.pack(">I", MAGIC) + (self.transaction if family == socket.AF_INET6 else b"")
        address = bytes(a ^ b for a, b in zip(socket.inet_pton(family, peer), mask))
        return self.ask(CREATE_PERMISSION, (PEER, struct.pack(">BBH", 0, 2 if ":" in peer else 1, 9 ^ (MAGIC >> 16)) + address))

    def answer(self):
        """A datagram has one; where bytes follow each other, its head says how long it is."""
        if self.by == "udp":
            return self.socket.recv(2048)
        head = self.exactly(20)
        return head + self.exactly(struct.unpack(">H", head[2:4])[0])

    def exactly(self, count):
        found = b""
        while len(found) < count:
            more = self.socket.recv(count - len(found))
            assert more, "the TURN server hung up"
            found += more
        return found

    transaction = b"a" * 12

    def ask(self, method, *attributes):
        attributes = list(attributes)
        if self.nonce:
            attributes += [(USERNAME, self.username.encode()), (REALM, self.realm), (NONCE, self.nonce)]
        body = b"".join(struct.pack(">HH", kind, len(value)) + value + bytes(-len(value) % 4) for kind, value in attributes)
        if self.nonce:
            key = hashlib.md5(f"{self.username}:{self.realm.decode()}:{self.credential}".encode()).digest()
            head = struct.pack(">HHI", method, len(body) + 24, MAGIC) + self.transaction
            body += struct.pack(">HH", INTEGRITY, 20) + hmac.new(key, head + body, hashlib.sha1).digest()
        message = struct.pack(">HHI", method, len(body), MAGIC) + self.transaction + body
        for _ in range(3):
            self.socket.sendall(message)
            try:
                answer = self.answer()
                break
            except TimeoutError:
                continue
        else:
            raise TimeoutError("the TURN server does not answer")
        kind, position, code = struct.unpack(">H", answer[:2])[0], 20, 0
        while position < len(answer):
            attribute, length = struct.unpack(">HH", answer[position:position + 4])
            value = answer[position + 4:position + 4 + length]
            position += 4 + length + (-length % 4)
            if attribute == ERROR:
                code = value[2] * 100 + value[3]
            elif attribute == REALM:
                self.realm = value
            elif attribute == NONCE:
                self.nonce = value
        assert (kind & 0x0110 == 0x0110) == bool(code), "a success without an error, or the other way round"
        self.transaction = os.urandom(12)
        return code
