# shellcheck shell=bash
# System packages: what is missing is installed, nothing that runs is touched.

# One line each: the package, and a file that is there when it is (a pattern may match several versions).
build_packages=(
    'libpq-dev /usr/include/postgresql/libpq-fe.h'
    'librabbitmq-dev /usr/include/rabbitmq-c/amqp.h /usr/include/amqp.h'
    'libssl-dev /usr/include/openssl/ssl.h'
    'libzstd-dev /usr/include/zstd.h'
    'libcurl4-openssl-dev /usr/include/*/curl/curl.h /usr/include/curl/curl.h'
    'libqrencode-dev /usr/include/qrencode.h'
    'pkg-config /usr/bin/pkg-config'
)
server_packages=(
    'postgresql /usr/lib/postgresql/*/bin/postgres'
    'postgresql-contrib /usr/share/postgresql/*/extension/btree_gist.control'
    'rabbitmq-server /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server'
    'runit /usr/bin/runsvdir'
    'openssl /usr/bin/openssl'
    'iproute2 /bin/ss /usr/bin/ss'
    'procps /bin/ps /usr/bin/ps'
    'curl /usr/bin/curl'
    'python3 /usr/bin/python3'
    'cracklib-runtime /usr/share/dict/cracklib-small'
    'tzdata /usr/share/zoneinfo/UTC'
    'weasyprint /usr/lib/python3/dist-packages/weasyprint/__init__.py'
    'coturn /usr/bin/turnserver'
)
demo_packages=(
    'python3-aiosmtpd /usr/lib/python3/dist-packages/aiosmtpd/__init__.py'
)

missing_packages() { # entries of the lists above; prints the names that are missing
    local entry name file
    for entry in "$@"; do
        name=${entry%% *}
        for file in ${entry#* }; do # unquoted: patterns are expanded here
            [ ! -e "$file" ] || continue 2
        done
        printf '%s\n' "$name"
    done
}

install_packages() { # entries of the lists above
    local missing
    mapfile -t missing < <(missing_packages "$@")
    [ "${#missing[@]}" -gt 0 ] || return 0
    step "installs ${missing[*]}"
    command -v apt-get >/dev/null || fail "These packages are missing, and there is no apt-get to install them: ${missing[*]}"
    local as=()
    if [ "$as_root" = false ]; then
        command -v sudo >/dev/null || fail "As root: apt-get install ${missing[*]}"
        as=(sudo)
        if ! sudo -n true 2>/dev/null; then
            [ "$yes" = false ] && [ -t 0 ] || fail "sudo asks for a password. As root: apt-get install ${missing[*]}"
        fi
    fi
    confirm "Install them?" || fail "Nothing was installed."
    local log
    log=$(mktemp "${TMPDIR:-/tmp}/chartline-packages.XXXXXX")
    with_servers_kept_still "${as[@]}" -- "${missing[@]}" >"$log" 2>&1 || fail "Not all of these could be installed: ${missing[*]}" "$log"
    mapfile -t missing < <(missing_packages "$@")
    [ "${#missing[@]}" -eq 0 ] || fail "Still missing after the installation: ${missing[*]}" "$log"
    rm -f "$log"
}

# Debian starts a server when its package arrives. Ours are private, so for the time of the installation policy-rc.d says no, the empty cluster
# that the PostgreSQL package makes is removed again, and the system's broker and TURN server stay off at the next boot. What was there before is left alone.
with_servers_kept_still() { # [sudo] -- package…
    local as=()
    while [ "$1" != -- ]; do
        as+=("$1")
        shift
    done
    shift
    "${as[@]}" env DEBIAN_FRONTEND=noninteractive bash -s -- "$@" <<'ROOT'
set -e
policy=/usr/sbin/policy-rc.d
had_cluster=false had_broker=false had_turn=false
ls -d /etc/postgresql/*/main >/dev/null 2>&1 && had_cluster=true
[ -e /usr/sbin/rabbitmq-server ] && had_broker=true
[ -e /usr/bin/turnserver ] && had_turn=true
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
fi
get() { apt-get -y -q -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 "$@" </dev/null; }
get install --no-install-recommends --no-upgrade "$@" || { get update && get install --no-install-recommends --no-upgrade "$@"; }
if [ "$had_cluster" = false ] && command -v pg_dropcluster >/dev/null; then
    for folder in /etc/postgresql/*/main; do
        [ ! -d "$folder" ] || pg_dropcluster "$(basename "$(dirname "$folder")")" main
    done
fi
if [ "$had_broker" = false ] && [ -d /run/systemd/system ] && [ -e /usr/sbin/rabbitmq-server ]; then
    systemctl disable --quiet rabbitmq-server || true
fi
if [ "$had_turn" = false ] && [ -d /run/systemd/system ] && [ -e /usr/bin/turnserver ]; then
    systemctl disable --quiet coturn || true
fi
ROOT
}
