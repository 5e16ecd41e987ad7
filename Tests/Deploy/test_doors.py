"""deploy/up, deploy/down and deploy/chartline: what they start, leave alone, refuse and clean away."""

import json
import os
import signal
import stat
import urllib.error
import urllib.parse
import urllib.request

import pytest
from conftest import EXECUTABLES, Installation, eventually


class TestARunningInstallation:
    def test_listens_on_loopback_only(self, installation):
        listeners = installation.listeners()
        assert {address for address, _ in listeners} <= {"127.0.0.1", "[::1]"}
        offsets = {port - installation.base for _, port in listeners}
        assert offsets == {0, 1, *range(5, 24)}

    def test_keeps_home_and_secrets_closed(self, installation):
        assert stat.S_IMODE(installation.home.stat().st_mode) == 0o700
        for secret in (installation.home / "secrets").iterdir():
            assert stat.S_IMODE(secret.stat().st_mode) == 0o400, secret.name
        assert stat.S_IMODE((installation.home / "keys" / "patients").stat().st_mode) == 0o700

    def test_names_no_secret_in_an_argument_list_or_a_settings_file(self, installation):
        secrets = {file.read_text().strip() for file in (installation.home / "secrets").iterdir() if not file.name.endswith(".hash")}
        arguments = "\n".join(installation.processes())
        settings = "\n".join(file.read_text() for file in (installation.home / "etc").glob("*.env"))
        logs = "\n".join(file.read_text(errors="replace") for file in (installation.home / "log").rglob("*") if file.is_file())
        for secret in secrets:
            assert secret not in arguments and secret not in settings and secret not in logs

    def test_a_second_up_leaves_alone_what_runs(self, installation):
        before = {name: installation.pid(name) for name in [*EXECUTABLES[:-1], "postgres", "rabbitmq", "mail", "sms", "card", "turn"]}
        result = installation.up()
        assert result.returncode == 0 and result.stdout.endswith("ready\n"), result.stdout
        assert before == {name: installation.pid(name) for name in before}

    def test_a_changed_binary_is_restarted_and_nothing_else(self, installation):
        before = {name: installation.pid(name) for name in ["records", "portal", "postgres"]}
        with open(installation.binaries / "records", "a", encoding="utf-8") as file:
            file.write("# another version\n")
        assert installation.up().returncode == 0
        assert installation.pid("records") != before["records"]
        assert [installation.pid(name) for name in ("portal", "postgres")] == [before["portal"], before["postgres"]]

    def test_what_lies_beside_a_binary_is_read_anew(self, installation):
        words = installation.binaries / "chartline_Portal.resources" / "Localizable"
        words.mkdir(parents=True)
        (words / "en.json").write_text("{}")
        before = {name: installation.pid(name) for name in ["records", "portal", "postgres"]}
        assert installation.up().returncode == 0
        assert installation.pid("portal") != before["portal"]
        assert [installation.pid(name) for name in ("records", "postgres")] == [before["records"], before["postgres"]]

    @pytest.mark.parametrize("service", ["portal", "records", "epmd", "postgres", "rabbitmq", "mail"])
    def test_what_dies_is_restarted(self, installation, service):
        before = installation.pid(service)
        installation.kill(service)
        eventually(lambda: (installation.home / "service" / service / "supervise" / "stat").read_text().startswith("run")
                   and installation.pid(service) not in (0, before))
        assert installation.up().returncode == 0

    def test_a_killed_supervisor_is_replaced(self, installation):
        os.kill(int((installation.home / "run" / "supervisor.pid").read_text()), signal.SIGKILL)
        result = installation.up()
        assert result.returncode == 0, result.stdout
        assert sum(line.startswith("runsvdir") for line in installation.processes()) == 1

    def test_the_operators_own_settings_win(self, installation):
        local = installation.home / "etc" / "local" / "chartline.env"
        local.write_text("CHARTLINE_AMQP_VHOST=/elsewhere\n")
        assert installation.up().returncode == 0
        settings = json.loads(installation.run("chartline", "settings").stdout)
        local.unlink()
        assert settings["CHARTLINE_AMQP_VHOST"] == "/elsewhere"
        assert settings["CHARTLINE_AMQP_USER"] == "chartline"
        assert "CHARTLINE_HOME" not in settings

    def test_does_not_turn_a_demo_into_a_clinic(self, installation):
        result = installation.up("--empty")
        assert result.returncode == 1 and "--fresh --empty" in result.stdout

    def test_a_second_installation_lives_beside_it(self, installation, tmp_path):
        other = Installation(tmp_path)
        try:
            result = other.up("--empty")
            assert result.returncode == 0, result.stdout
            assert not (other.home / "demo").exists() and not (other.home / "demo.json").exists()
            assert "CHARTLINE_SMTP_HOST" not in (other.home / "etc" / "notifications.env").read_text()
            assert other.secret("master-key") != installation.secret("master-key")
            # A clinic's records go only on an explicit word.
            assert other.down("--wipe").returncode == 1
            assert other.home.exists()
        finally:
            assert other.down("--wipe", "--yes").returncode == 0
        assert not other.home.exists() and not other.listeners() and not other.processes()
        assert installation.up().returncode == 0


class TestTheOutsideWorldOfTheDemo:
    @pytest.fixture
    def settings(self, installation):
        lines = (installation.home / "etc" / "notifications.env").read_text().splitlines()
        return dict(line.removeprefix("CHARTLINE_").split("=", 1) for line in lines)

    def deliver(self, settings, **options):
        import smtplib
        import ssl

        with smtplib.SMTP(settings["SMTP_HOST"], int(settings["SMTP_PORT"]), timeout=10) as server:
            if options.get("tls", True):
                server.starttls(context=ssl.create_default_context(cafile=settings["SMTP_CA_FILE"]))
            if options.get("sign_in", True):
                with open(settings["SMTP_PASSWORD_FILE"], encoding="ascii") as file:
                    server.login(settings["SMTP_USER"], options.get("password", file.read()))
            server.sendmail("clinic@example.org", ["ana@example.org"], "Subject: Your visit\r\n\r\n.Hello ana\r\n")

    def mails(self, installation):
        return sorted((installation.home / "demo" / "mail" / "new").iterdir())

    def test_mail_arrives_in_the_maildir(self, installation, settings):
        before = len(self.mails(installation))
        self.deliver(settings)
        newest = max(self.mails(installation), key=lambda file: file.stat().st_mtime_ns)
        assert len(self.mails(installation)) == before + 1
        assert "X-Envelope-To: ana@example.org" in newest.read_text() and "\n.Hello ana" in newest.read_text()

    @pytest.mark.parametrize("options", [{"tls": False}, {"sign_in": False}, {"password": "wrong"}, {"tls": False, "sign_in": False}])
    def test_mail_needs_encryption_and_a_password(self, installation, settings, options):
        import smtplib

        before = len(self.mails(installation))
        with pytest.raises(smtplib.SMTPException):
            self.deliver(settings, **options)
        assert len(self.mails(installation)) == before

    @pytest.mark.parametrize("knobs, kept", [
        ({"reply": "451 4.3.0 later"}, 0), ({"reply": "550 5.1.1 unknown", "at": "rcpt"}, 0), ({"close": "before"}, 0), ({"close": "after"}, 1)])
    def test_mail_fails_as_it_is_told(self, installation, settings, knobs, kept):
        import smtplib

        before = len(self.mails(installation))
        (installation.home / "demo" / "mail.json").write_text(json.dumps({**knobs, "times": 1}))
        with pytest.raises((smtplib.SMTPException, ConnectionError)):
            self.deliver(settings)
        assert len(self.mails(installation)) == before + kept
        self.deliver(settings)
        assert len(self.mails(installation)) == before + kept + 1

    def text(self, settings, path="Messages.json", form=None, token=None, **headers):
        with open(settings["SMS_TOKEN_FILE"], encoding="ascii") as file:
            token = token or file.read()
        url = f"{settings['SMS_URL']}/2010-04-01/Accounts/{settings['SMS_ACCOUNT']}/{path}"
        request = urllib.request.Request(url, urllib.parse.urlencode(form).encode() if form else None, headers)
        import base64

        request.add_header("Authorization", "Basic " + base64.b64encode(f"{settings['SMS_ACCOUNT']}:{token}".encode()).decode())
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, json.load(answer)

    good = {"To": "+13125550123", "From": "+13125550100", "Body": "Your visit: ñ 10:41"}

    def test_a_text_is_kept_once_per_token(self, installation, settings):
        headers = {"I-Twilio-Idempotency-Token": "intent-1"}
        status, first = self.text(settings, form=self.good, **headers)
        _, again = self.text(settings, form=self.good, **headers)
        assert status == 201 and first["status"] == "queued" and first["sid"] == again["sid"]
        lines = (installation.home / "demo" / "sms.jsonl").read_text().splitlines()
        assert [json.loads(line)["body"] for line in lines].count(self.good["Body"]) == 1
        _, found = self.text(settings, "Messages.json?Reference=intent-1")
        assert [message["sid"] for message in found["messages"]] == [first["sid"]]
        assert self.text(settings, f"Messages/{first['sid']}.json")[1]["body"] == self.good["Body"]

    @pytest.mark.parametrize("form, options, status, code", [
        (good, {"token": "wrong"}, 401, 20003), ({**good, "To": "911"}, {}, 400, 21211), ({**good, "Body": ""}, {}, 400, 21602),
        (good, {"path": "Calls.json"}, 404, 20404)])
    def test_a_wrong_text_is_refused(self, installation, settings, form, options, status, code):
        with pytest.raises(urllib.error.HTTPError) as refusal:
            self.text(settings, form=form, **options)
        assert refusal.value.code == status and json.load(refusal.value)["code"] == code

    def test_texts_fail_as_they_are_told(self, installation, settings):
        (installation.home / "demo" / "sms.json").write_text(json.dumps({"status": 503, "times": 1}))
        with pytest.raises(urllib.error.HTTPError) as refusal:
            self.text(settings, form=self.good)
        assert refusal.value.code == 503
        (installation.home / "demo" / "sms.json").write_text(json.dumps({"close": "after", "times": 1}))
        headers = {"I-Twilio-Idempotency-Token": "intent-2"}
        with pytest.raises((ConnectionError, urllib.error.URLError)):
            self.text(settings, form=self.good, **headers)
        _, found = self.text(settings, "Messages.json?Reference=intent-2")
        assert len(found["messages"]) == 1
