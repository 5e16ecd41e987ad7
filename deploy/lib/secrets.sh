# shellcheck shell=bash
# Secrets: made once, one file each, mode 0400, never in an argument list, never printed.

random_hex() { od -An -v -tx1 -N "$1" /dev/urandom | tr -d ' \n'; } # bytes

make_secret() { # path, bytes; a hexadecimal line
    [ ! -s "$1" ] || return 0
    random_hex "$2" | put "$1" 400 || fail "Cannot write $1."
}

# An Ed25519 key: the private half is a random seed in hexadecimal, the public half goes where those who check signatures read it.
make_signing_key() { # private, public
    local seed=$1 public=$2
    make_secret "$seed" 32
    [ ! -s "$public" ] || return 0
    # The seed behind the fixed first bytes of a PKCS #8 document (RFC 8410); the last 32 bytes of the public one are the key.
    { printf '\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20'; bytes_of_hex <"$seed"; } |
        openssl pkey -inform DER -pubout -outform DER | tail -c 32 | od -An -v -tx1 | tr -d ' \n' | put "$public" 400
    [ "$(wc -c <"$public")" -eq 64 ] || { rm -f "$public"; fail "The public half of $1 could not be derived."; }
}

bytes_of_hex() {
    local text
    read -r text || true
    printf '%b' "$(printf '%s' "$text" | sed 's/../\\x&/g')"
}

# RabbitMQ's salted hash of a password: base64(salt, SHA-256(salt, password)). Kept, so that the topology stays the same file.
amqp_hash() { # user
    local hash=$home/secrets/amqp-$1.hash salt
    if [ ! -s "$hash" ]; then
        salt=$(random_hex 4)
        { printf '%s\n' "$salt" | bytes_of_hex; cat "$home/secrets/amqp-$1"; } | openssl dgst -sha256 -binary |
            { printf '%s\n' "$salt" | bytes_of_hex; cat; } | base64 -w 0 | put "$hash" 400
    fi
    cat "$hash"
}

# Each line of the master keys' file has a number and a key; one alone, as the first was made, is number 1.
master_keys() { awk 'NF == 1 { print 1, $1 } NF == 2' "$home/secrets/master-key"; }

new_master_key() {
    local last
    last=$(master_keys | cut -d ' ' -f 1 | sort -n | tail -n 1)
    [ "$last" -lt 255 ] || fail "There is no number left for another master key."
    { printf '%s ' "$((last + 1))"; random_hex 32; echo; master_keys; } | put "$home/secrets/master-key" 400
}

retire_master_keys() {
    { cat "$home/secrets/master-key.old" 2>/dev/null || true; master_keys | tail -n +2; } | sort -u | put "$home/secrets/master-key.old" 400
    master_keys | head -n 1 | put "$home/secrets/master-key" 400
}

make_secrets() {
    local name
    for name in "${executables[@]}"; do
        make_secret "$home/secrets/amqp-$name" 24
        make_signing_key "$home/secrets/actor-$name.key" "$home/keys/actors/$name.pub"
    done
    for name in "${services[@]}"; do
        make_secret "$home/secrets/postgres-$name" 24
        make_secret "$home/secrets/postgres-${name}_owner" 24
        make_secret "$home/secrets/audit-$name" 32
        make_signing_key "$home/secrets/audit-signing-$name.key" "$home/keys/audit/$name.pub"
    done
    make_secret "$home/secrets/master-key" 32
    make_secret "$home/secrets/turn" 32
    # Newest first, `<id> <key>`; a rotation adds a line at the top and later takes the last one away.
    [ -s "$home/secrets/bus-keys" ] || { printf '1 '; random_hex 32; echo; } | put "$home/secrets/bus-keys" 400
}
