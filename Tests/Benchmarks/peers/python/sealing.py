"""Opens and seals what Chartline stores: AES-256-GCM under a key derived, per schema, from the patient's key; and the trail's MAC."""

import hashlib
import hmac
import os
import pathlib
import time
import uuid

import zstandard
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bus import secret

NOBODY = "00000000-0000-0000-0000-000000000000"


def dictionary():
    """Of what resources are packed with."""
    return (pathlib.Path(os.environ["BENCH_CHECKOUT"]) / "Shared/Sealing/Dictionaries/1.zstd-dictionary").read_bytes()


class Sealer:
    def __init__(self, home, schema):
        self.folder, self.schema, self.known = home / "keys/patients", schema, {}
        self.master = AESGCM(bytes.fromhex(secret(home / "secrets/master-key")))
        self.unpack = zstandard.ZstdDecompressor(dict_data=zstandard.ZstdCompressionDict(dictionary()))

    def cipher(self, patient):
        """Kept for a minute: a destroyed key is gone by then."""
        now = time.monotonic()
        if (known := self.known.get(patient)) and known[1] > now:
            return known[0]
        # The last line is the newest version: its number, the master key's, and what that has wrapped.
        version, _, text = (self.folder / patient[-2:] / f"{patient}.key").read_text().split()[-3:]
        wrapped = bytes.fromhex(text)
        key = self.master.decrypt(wrapped[:12], wrapped[12:], f"{patient}/{version}".encode())
        cipher = AESGCM(HKDF(hashes.SHA256(), 32, None, f"chartline/{self.schema}/1".encode()).derive(key))
        self.known[patient] = (cipher, now + 60)
        return cipher

    def open(self, cipher, sealed, place):
        content = cipher.decrypt(sealed[2:14], sealed[14:], place.encode())
        return self.unpack.decompress(content) if sealed[0] == 2 else content

    def seal(self, cipher, content, place):
        nonce = os.urandom(12)
        return b"\1\1" + nonce + cipher.encrypt(nonce, content, place.encode())


class Trail:
    """The parameters of an audit entry's INSERT, its MAC included."""

    def __init__(self, home, service):
        self.key = bytes.fromhex(secret(home / f"secrets/audit-{service}"))

    def entry(self, action, actor, patients):
        identity, trace = uuid.uuid4(), os.urandom(16).hex()
        fields = [
            "1",
            str(identity).upper(),
            str(time.time_ns() // 1000),
            actor["issuer"],
            actor["role"],
            actor.get("account") or "",
            actor.get("session") or "",
            actor["purpose"],
            action,
            "done",
            "",
            trace,
            *patients,
        ]
        mac = hmac.new(self.key, digestmod=hashlib.sha256)
        for field in fields:
            text = field.encode()
            mac.update(len(text).to_bytes(4, "big") + text)
        return identity, actor["role"], actor.get("account"), actor.get("session"), actor["purpose"], action, patients, trace, mac.digest()
