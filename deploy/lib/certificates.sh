# shellcheck shell=bash
# The installation's own certificate authority and the certificates of its servers, for this machine's name alone; the TURN server's is also for the
# name browsers are told. What is there is made anew when its end is near, when it does not fit together, or when another authority has signed it; the
# servers take it up without a restart.

authority=$home/tls/authority.pem
authority_days=3650 server_days=730 renewed_before_days=90

make_certificates() {
    local name
    mkdir -p "$home/tls"
    chmod 700 "$home/tls"
    make_authority
    for name in postgres rabbitmq; do make_certificate "$name"; done
    take_own_certificate turn || make_certificate turn "$(turn_host)"
    [ "$kind" = clinic ] || make_certificate mail
}

# The authority outlives every certificate that it signs.
make_authority() {
    local key=$home/secrets/tls-authority.key log=$home/log/certificates.log
    ! is_pair "$authority" "$key" "$server_days" || return 0
    step "makes a certificate authority"
    {
        make_key "$key" &&
            openssl req -x509 -new -key "$key" -days "$authority_days" -subj '/CN=Chartline authority of this installation' \
                -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign | put "$authority"
    } >"$log" 2>&1 || fail "The certificate authority could not be made." "$log"
}

# One that browsers trust, which the operator has had signed elsewhere and renews. - Returns: 1 where there is none.
take_own_certificate() { # server
    local own=$home/etc/local/$1.pem
    [ -f "$own" ] || return 1
    is_pair "$own" "$home/etc/local/$1.key" 0 || fail "$own and $1.key beside it do not belong together, or its time is over."
    put "$home/tls/$1.pem" <"$own"
    put "$home/secrets/tls-$1.key" 400 <"$home/etc/local/$1.key"
}

make_certificate() { # server [name that it is for besides]
    local certificate=$home/tls/$1.pem key=$home/secrets/tls-$1.key log=$home/log/certificates.log names=DNS:localhost,IP:127.0.0.1
    case ${2:-localhost} in
        localhost | 127.0.0.1) ;;
        *[!0-9.]*) names+=,DNS:$2 ;;
        *) names+=,IP:$2 ;;
    esac
    ! { is_pair "$certificate" "$key" "$renewed_before_days" && is_signed "$certificate" "${2:-localhost}"; } || return 0
    step "makes a certificate for $1"
    {
        make_key "$key" &&
            openssl req -new -key "$key" -subj "/CN=localhost" |
            openssl x509 -req -CA "$authority" -CAkey "$home/secrets/tls-authority.key" -set_serial "0x$(random_hex 16)" -days "$server_days" \
                -extfile <(printf '%s\n' basicConstraints=critical,CA:FALSE keyUsage=critical,digitalSignature extendedKeyUsage=serverAuth \
                    "subjectAltName=$names") | put "$certificate"
    } >"$log" 2>&1 || fail "The certificate of $1 could not be made." "$log"
}

make_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 | put "$1" 400; } # path

is_signed() { # certificate, name or address
    local by=-verify_hostname
    [[ $2 =~ [^0-9.] ]] || by=-verify_ip
    openssl verify -CAfile "$authority" "$by" "$2" "$1" >/dev/null 2>&1
}

# Whether both are there and belong together, and the certificate is good for so many days.
is_pair() { # certificate, key, days
    [ -s "$1" ] && [ -s "$2" ] && openssl x509 -in "$1" -noout -checkend "$(($3 * 86400))" >/dev/null 2>&1 &&
        [ "$(openssl x509 -in "$1" -noout -pubkey 2>/dev/null)" = "$(openssl pkey -in "$2" -pubout 2>/dev/null)" ]
}

# Tells a server that runs, once for each certificate.
take_up_certificate() { # server, command…
    local mark=$home/run/$1.certificate log=$home/log/certificates.log print
    print=$(sha256sum <"$home/tls/$1.pem")
    [ "$print" != "$(cat "$mark" 2>/dev/null)" ] || return 0
    "${@:2}" >"$log" 2>&1 || fail "$1 does not take up its certificate." "$log"
    printf '%s\n' "$print" | put "$mark"
}

# For `deploy/chartline status`: certificates nobody has renewed. - Returns: 1 when there is one.
tell_old_certificates() {
    local name told=0 remedy
    for name in postgres rabbitmq turn; do
        openssl x509 -in "$home/tls/$name.pem" -noout -checkend "$((renewed_before_days / 2 * 86400))" >/dev/null 2>&1 && continue
        remedy='deploy/up makes a new one'
        [ ! -f "$home/etc/local/$name.pem" ] || remedy="put a new one into $home/etc/local, then deploy/up"
        printf "The certificate of %s ends %s: %s.\n" "$name" \
            "$(openssl x509 -in "$home/tls/$name.pem" -noout -enddate 2>/dev/null | cut -d = -f 2)" "$remedy" >&2
        told=1
    done
    return "$told"
}
