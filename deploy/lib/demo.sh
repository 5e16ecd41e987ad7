# shellcheck shell=bash
# The demo's outside world: a mail server that keeps what it gets in a Maildir, a text-message service that keeps it in a file of JSON lines, and a
# processor of cards that takes none.

make_demo() {
    mkdir -p "$home/demo"
    make_secret "$home/secrets/demo-smtp" 16
    make_secret "$home/secrets/demo-sms" 16
    make_secret "$home/secrets/demo-card" 16
    make_secret "$home/secrets/demo-card-hooks" 16
    # What the demo's e-mails are signed with (DKIM); its public half would stand in the domain's DNS.
    [ -s "$home/secrets/demo-dkim" ] || openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 2>/dev/null |
        put "$home/secrets/demo-dkim" 400 || fail "Cannot write $home/secrets/demo-dkim."
    make_service mail <<RUN
#!/bin/bash
exec 2>&1
cd /
exec env -i PATH=/usr/bin:/bin LANG=C.UTF-8 $(without_privileges) /usr/bin/python3 $home/bin/demo-mail --port $smtp_port \\
    --maildir $home/demo/mail --certificate $home/tls/mail.pem --key $home/secrets/tls-mail.key \\
    --user chartline --password-file $home/secrets/demo-smtp --control $home/demo/mail.json
RUN
    make_service sms <<RUN
#!/bin/bash
exec 2>&1
cd /
exec env -i PATH=/usr/bin:/bin LANG=C.UTF-8 $(without_privileges) /usr/bin/python3 $home/bin/demo-sms --port $sms_port \\
    --store $home/demo/sms.jsonl --account ACdemo --token-file $home/secrets/demo-sms --control $home/demo/sms.json
RUN
    make_service card <<RUN
#!/bin/bash
exec 2>&1
cd /
exec env -i PATH=/usr/bin:/bin LANG=C.UTF-8 $(without_privileges) /usr/bin/python3 $home/bin/demo-card --port $card_port \\
    --store $home/demo/card-store.json --key-file $home/secrets/demo-card --hook-secret-file $home/secrets/demo-card-hooks \\
    --hooks http://127.0.0.1:$portal_port/hooks/cards --control $home/demo/card.json
RUN
    put "$home/bin/demo-mail" 500 <"$checkout/deploy/demo/mail"
    put "$home/bin/demo-sms" 500 <"$checkout/deploy/demo/sms"
    put "$home/bin/demo-card" 500 <"$checkout/deploy/demo/card"
    cat "$home/bin/demo-mail" "$home/tls/mail.pem" | fingerprint_add mail
    fingerprint_add sms <"$home/bin/demo-sms"
    fingerprint_add card <"$home/bin/demo-card"
}

start_demo() {
    start_service mail
    start_service sms
    start_service card
    wait_for_port "$smtp_port" mail 100
    wait_for_port "$sms_port" sms 100
    wait_for_port "$card_port" card 100
}

seed_demo() {
    step "fills the demo clinic"
    local log=$home/log/seed.log
    "$checkout/deploy/chartline" demo seed --home "$home" >"$log" 2>&1 || fail "The demo clinic could not be filled." "$log"
}

show_accounts() {
    python3 - "$home/demo.json" <<'PYTHON'
import json, sys

with open(sys.argv[1]) as file:
    demo = json.load(file)
for account in demo.get("accounts", []):
    print("  %-14s %-32s %s" % (account["role"], account["username"], account["password"]))
PYTHON
    echo
    echo "  Staff and marta also type a code:  deploy/chartline demo code"
}
