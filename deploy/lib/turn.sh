# shellcheck shell=bash
# The private TURN server, coturn: carries a call's pictures and sound where two browsers cannot reach each other. It never sees what they hold. Who
# has no credentials of telemedicine's, made for ten minutes, gets nothing; and nobody reaches through it what lies behind it.

turn_folder=$home/turn

# Where nobody on the internet is: this machine, networks of a house, what is kept for special use (RFC 6890). A range that begins with :: would
# hold every address of the older kind for coturn.
turn_denied=(
    0.0.0.0-0.255.255.255 10.0.0.0-10.255.255.255 100.64.0.0-100.127.255.255 127.0.0.0-127.255.255.255 169.254.0.0-169.254.255.255
    172.16.0.0-172.31.255.255 192.0.0.0-192.0.0.255 192.0.2.0-192.0.2.255 192.88.99.0-192.88.99.255 192.168.0.0-192.168.255.255
    198.18.0.0-198.19.255.255 198.51.100.0-198.51.100.255 203.0.113.0-203.0.113.255 240.0.0.0-255.255.255.255
    ::1 ::ffff:0:0-::ffff:ffff:ffff 64:ff9b::-64:ff9b::ffff:ffff 100::-100::ffff:ffff:ffff:ffff 2001::-2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff
    2002::-2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff fc00::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff fe80::-febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff
)

make_turn() {
    mkdir -p "$turn_folder"
    local own=$home/etc/local/turnserver.conf
    {
        cat <<CONF
realm=chartline
use-auth-secret
static-auth-secret=$(cat "$home/secrets/turn")
listening-port=$turn_port
tls-listening-port=$turn_tls_port
cert=$home/tls/turn.pem
pkey=$home/secrets/tls-turn.key
no-tlsv1
no-tlsv1_1
cipher-list=ECDHE+AESGCM:ECDHE+CHACHA20
min-port=$turn_relay_first
max-port=$turn_relay_last
user-quota=8
total-quota=$((turn_relay_last - turn_relay_first + 1))
max-bps=1000000
stale-nonce=600
max-allocate-lifetime=600
no-cli
no-dtls
no-tcp-relay
no-multicast-peers
no-rfc5780
no-stun-backward-compatibility
no-software-attribute
userdb=$turn_folder/none
pidfile=$turn_folder/pid
log-file=stdout
CONF
        # Behind a proxy the operator says where browsers reach it.
        grep -qs '^listening-ip=' "$own" || [ "$listen" = 0.0.0.0 ] || printf 'listening-ip=%s\nrelay-ip=%s\n' "$listen" "$listen"
        printf 'denied-peer-ip=%s\n' "${turn_denied[@]}"
        [ ! -f "$own" ] || cat "$own"
    } | put "$turn_folder/turnserver.conf" 400
    make_service turn <<RUN
#!/bin/bash
exec 2>&1
cd '$turn_folder'
exec env -i PATH=/usr/bin:/bin LANG=C.UTF-8 $(without_privileges) turnserver -c '$turn_folder/turnserver.conf'
RUN
    fingerprint_add turn <"$turn_folder/turnserver.conf"
}

start_turn() {
    local port address before renewal=(sv 2 "$home/service/turn")
    before=$(pid_of turn) || true
    address=$(sed -n 's/^listening-ip=//p' "$turn_folder/turnserver.conf" | head -n 1)
    start_service turn
    for port in "$turn_port" "$turn_tls_port"; do wait_for_port "$port" turn 100 "${address:-127.0.0.1}"; done
    # It reads certificate and key again, for those who come from now on. One that was started just now has them, and dies of being told too early.
    [ "$(pid_of turn)" = "$before" ] || renewal=(true)
    take_up_certificate turn "${renewal[@]}"
}
