"""What reached people outside: e-mails and texts."""

import email
import email.policy
import json
import pathlib

from conftest import DEMO


class Outside:
    """What arrives from now on; what was there before is not looked at."""

    def __init__(self):
        self.seen_mails, self.seen_texts = set(self._mail_files()), len(self._texts())

    def _mail_files(self):
        for folder in ("new", "cur"):
            for file in (pathlib.Path(DEMO["mail"]) / folder).glob("*"):
                yield file.name

    def _texts(self):
        file = pathlib.Path(DEMO["sms"])
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def mails(self, address):
        found = []
        for file in pathlib.Path(DEMO["mail"]).glob("*/*"):
            if file.parent.name in ("new", "cur") and file.name not in self.seen_mails:
                message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
                if address in str(message["to"]):
                    found.append(message)
        return found

    def texts(self):
        return self._texts()[self.seen_texts :]
