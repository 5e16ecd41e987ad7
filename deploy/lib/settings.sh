# shellcheck shell=bash
# The settings of each executable: $home/etc/<name>.env, written anew by every `up`. What an operator puts into $home/etc/local/<name>.env replaces
# lines of the same key there. Secrets are files that these lines name.

public_address() { # port
    case $listen in
        127.0.0.1) printf 'http://localhost:%s' "$1" ;;
        0.0.0.0) printf 'http://%s:%s' "$(hostname)" "$1" ;;
        *) printf 'http://%s:%s' "$listen" "$1" ;;
    esac
}

write_settings() {
    local name
    for name in "${executables[@]}"; do
        { bus_settings "$name"; own_settings "$name"; } | known_to "$name" | with_local "$name" | put "$home/etc/$name.env"
    done
}

# Of what the installation has to say, the part this executable asks for: it refuses to start with a setting it does not know.
known_to() { # name; standard input: settings
    local known
    known=$(timeout --foreground 10 "$home/bin/$1" --settings 2>/dev/null </dev/null | cut -f 1 | sed -n 's/^CHARTLINE_[A-Z0-9_]*$/^&=/p') || known=''
    if [ -n "$known" ]; then
        grep -f <(printf '%s\n' "$known") || true
    else
        cat
    fi
}

bus_settings() { # name: what every executable has
    cat <<ENV
CHARTLINE_AMQP_HOST=127.0.0.1
CHARTLINE_AMQP_PORT=$amqp_port
CHARTLINE_AMQP_USER=$1
CHARTLINE_AMQP_PASSWORD_FILE=$home/secrets/amqp-$1
CHARTLINE_AMQP_VHOST=/
CHARTLINE_AMQP_CA_FILE=$authority
CHARTLINE_BUS_KEYS_FILE=$home/secrets/bus-keys
CHARTLINE_ACTOR_KEY_FILE=$home/secrets/actor-$1.key
CHARTLINE_ACTOR_KEYS=$home/keys/actors
ENV
}

own_settings() { # name
    local demo=false
    [ "$kind" = clinic ] || demo=true
    if [[ " ${services[*]} " == *" $1 "* ]]; then
        cat <<ENV
CHARTLINE_POSTGRES_HOST=127.0.0.1
CHARTLINE_POSTGRES_PORT=$postgres_port
CHARTLINE_POSTGRES_DATABASE=chartline
CHARTLINE_POSTGRES_CA_FILE=$authority
CHARTLINE_POSTGRES_USER=$1
CHARTLINE_POSTGRES_PASSWORD_FILE=$home/secrets/postgres-$1
CHARTLINE_POSTGRES_OWNER=$1_owner
CHARTLINE_POSTGRES_OWNER_PASSWORD_FILE=$home/secrets/postgres-$1_owner
CHARTLINE_MASTER_KEY_FILE=$home/secrets/master-key
CHARTLINE_KEY_STORE=$home/keys/patients
CHARTLINE_AUDIT_KEY_FILE=$home/secrets/audit-$1
CHARTLINE_AUDIT_SIGNING_KEY_FILE=$home/secrets/audit-signing-$1.key
CHARTLINE_AUDIT_FOLDER=$home/audit/$1
ENV
    fi
    if [ -n "${health_port[$1]:-}" ]; then
        printf 'CHARTLINE_HEALTH_HOST=127.0.0.1\nCHARTLINE_HEALTH_PORT=%s\n' "${health_port[$1]}"
    fi
    case $1 in
        portal | clinic)
            local port=$portal_port
            [ "$1" = portal ] || port=$clinic_port
            printf 'CHARTLINE_LISTEN_HOST=%s\nCHARTLINE_LISTEN_PORT=%s\n' "$listen" "$port"
            printf 'CHARTLINE_PUBLIC_URL=%s\nCHARTLINE_DEMO=%s\n' "$(public_address "$port")" "$demo"
            [ "$1" = portal ] || printf 'CHARTLINE_PORTAL_URL=%s\n' "$(public_address "$portal_port")"
            ;;
        # A demo is tried at any hour.
        scheduling) [ "$demo" = false ] || printf 'CHARTLINE_BOOKING_OFFERS_FROM_HOUR=0\nCHARTLINE_BOOKING_OFFERS_UNTIL_HOUR=24\n' ;;
        identity) printf 'CHARTLINE_DEMO=%s\n' "$demo" ;;
        audit) printf 'CHARTLINE_AUDIT_KEYS=%s\n' "$home/keys/audit" ;;
        billing)
            printf 'CHARTLINE_PORTAL_URL=%s\n' "$(public_address "$portal_port")"
            [ "$demo" = false ] || demo_cards
            ;;
        telemedicine)
            printf 'CHARTLINE_TURN_URLS=%s\nCHARTLINE_TURN_SECRET_FILE=%s\n' "$(turn_urls)" "$home/secrets/turn"
            ;;
        chartline)
            printf 'CHARTLINE_PORTAL_URL=%s\n' "$(public_address "$portal_port")"
            printf 'CHARTLINE_CLINIC_URL=%s\n' "$(public_address "$clinic_port")"
            ;;
        notifications)
            printf 'CHARTLINE_PORTAL_URL=%s\n' "$(public_address "$portal_port")"
            printf 'CHARTLINE_CLINIC_URL=%s\n' "$(public_address "$clinic_port")"
            [ "$demo" = false ] || demo_senders
            ;;
    esac
}

# As browsers name it: by UDP where the network lets that through, else by TCP, and where that has to look like any page, by TLS. The operator's own
# file may say otherwise: etc/local/telemedicine.env.
turn_urls() {
    local host
    host=$(turn_host)
    printf 'turn:%s?transport=udp,turn:%s?transport=tcp,turns:%s?transport=tcp' "$host:$turn_port" "$host:$turn_port" "$host:$turn_tls_port"
}

turn_host() {
    case $listen in
        0.0.0.0) hostname ;;
        # Of the two addresses that localhost has, it listens on one.
        *) printf '%s\n' "$listen" ;;
    esac
}

demo_senders() {
    cat <<ENV
CHARTLINE_SMTP_HOST=localhost
CHARTLINE_SMTP_PORT=$smtp_port
CHARTLINE_SMTP_USER=chartline
CHARTLINE_SMTP_PASSWORD_FILE=$home/secrets/demo-smtp
CHARTLINE_SMTP_CA_FILE=$authority
CHARTLINE_SMTP_FROM=Demo Clinic <appointments@clinic.example>
CHARTLINE_SMTP_DKIM_SELECTOR=demo
CHARTLINE_SMTP_DKIM_KEY_FILE=$home/secrets/demo-dkim
CHARTLINE_SMS_URL=http://127.0.0.1:$sms_port
CHARTLINE_SMS_ACCOUNT=ACdemo
CHARTLINE_SMS_TOKEN_FILE=$home/secrets/demo-sms
CHARTLINE_SMS_FROM=+13125550100
CHARTLINE_SMS_REPLIES=true
ENV
}

demo_cards() {
    cat <<ENV
CHARTLINE_CARDS_URL=http://127.0.0.1:$card_port
CHARTLINE_CARDS_KEY_FILE=$home/secrets/demo-card
CHARTLINE_CARDS_HOOK_SECRET_FILE=$home/secrets/demo-card-hooks
ENV
}

with_local() { # name; standard input: settings
    local file=$home/etc/local/$1.env
    if [ ! -f "$file" ]; then
        cat
        return
    fi
    grep -vFf <(sed -n 's/^\(CHARTLINE_[A-Z0-9_]*=\).*/\1/p' "$file" | sort -u) || true
    grep '^CHARTLINE_' "$file" || true
}

make_executable_service() { # name
    mkdir -p "$home/audit/$1"
    make_service "$1" <<RUN
#!/bin/bash
exec 2>&1
cd /
settings=()
while IFS= read -r line; do
    [[ \$line != CHARTLINE_*=* ]] || settings+=("\$line")
done <'$home/etc/$1.env'
exec env -i PATH=/usr/bin:/bin LANG=C.UTF-8 TZ=UTC "\${settings[@]}" $(without_privileges) '$home/bin/$1'
RUN
    {
        cat "$home/etc/$1.env" "$home/bin/$1"
        # Migrations, words and what pages are made of lie beside the binary, and are read when it starts.
        find "$home"/bin/chartline_{"${1^}",MessageBus,Sealing,Web}.resources -type f -print0 2>/dev/null | sort -z | xargs -0r cat || true
    } | fingerprint_add "$1"
}

# Starts all, then asks each for its readiness until all have it.
start_executables() {
    local name waiting=("${services[@]}" "${gateways[@]}") still tries=0 exits
    for name in "${waiting[@]}"; do start_service "$name"; done
    while [ "${#waiting[@]}" -gt 0 ]; do
        still=()
        for name in "${waiting[@]}"; do
            curl -sf -m 1 -o /dev/null "http://127.0.0.1:${health_port[$name]}/readyz" && continue
            exits=$(exits_of "$name")
            [ "$exits" -lt 3 ] && [ "$(tail -n 1 "$home/run/$name.exits" 2>/dev/null)" != 78 ] ||
                fail "$name ends as soon as it is started (status $(tail -n 1 "$home/run/$name.exits"))." "$home/log/$name/current"
            still+=("$name")
        done
        [ "${#still[@]}" -gt 0 ] || break
        waiting=("${still[@]}")
        tries=$((tries + 1))
        [ "$tries" -lt 300 ] || fail "Not ready after 60 s: ${waiting[*]}." "$home/log/${waiting[0]}/current"
        sleep 0.2
    done
}
