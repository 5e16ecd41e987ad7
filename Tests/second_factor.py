"""The codes that the phones of the demo's people would show (RFC 6238)."""

import base64
import hashlib
import hmac
import struct
import time

PERIOD = 30
used = {}


def code_at(secret, step):
    mac = hmac.new(base64.b32decode(secret), struct.pack(">q", step), hashlib.sha1).digest()
    place = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[place : place + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def next_code(secret):
    """Each code is good once, and so is none older than it: the earliest that this run has not used, waited for if need be."""
    while True:
        now = int(time.time() // PERIOD)
        step = max(used.get(secret, 0) + 1, now - 1)
        if step <= now + 1:
            used[secret] = step
            return code_at(secret, step)
        time.sleep(0.5)
