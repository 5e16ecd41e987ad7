# shellcheck shell=bash
# Where an installation lives, which ports it has, and what it remembers of its options.

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
home=${CHARTLINE_HOME:-$checkout/.chartline}
case $home in /*) ;; *) home=$PWD/$home ;; esac
home=${home%/}
[[ $home =~ ^[A-Za-z0-9/._+-]+$ ]] || fail "The path of the home may hold letters, digits and / . _ + - only: RabbitMQ's scripts take no other."
umask 077

services=(records scheduling notifications identity audit messaging billing telemedicine)
gateways=(portal clinic)
executables=("${services[@]}" "${gateways[@]}" chartline)

as_root=false
[ "$(id -u)" != 0 ] || as_root=true

# Reads the options of an earlier `up`; the defaults where there was none.
read_installation() {
    kind=demo base_port=8080 listen=127.0.0.1
    installed=false
    [ -f "$home/etc/installation" ] || return 0
    local key value
    while IFS='=' read -r key value; do
        case $key in
            kind) kind=$value ;;
            base_port) base_port=$value ;;
            listen) listen=$value ;;
        esac
    done <"$home/etc/installation"
    installed=true
}

write_installation() {
    printf 'kind=%s\nbase_port=%s\nlisten=%s\n' "$kind" "$base_port" "$listen" | put "$home/etc/installation"
}

# Every port of an installation, counted from its base port.
set_ports() {
    portal_port=$base_port clinic_port=$((base_port + 1)) # base + 2 is kept for the FHIR interface
    postgres_port=$((base_port + 5)) amqp_port=$((base_port + 6)) distribution_port=$((base_port + 7)) epmd_port=$((base_port + 8))
    smtp_port=$((base_port + 9)) sms_port=$((base_port + 10)) card_port=$((base_port + 21))
    turn_port=$((base_port + 22)) turn_tls_port=$((base_port + 23)) turn_relay_first=$((base_port + 30)) turn_relay_last=$((base_port + 59))
    control_port=$((base_port + 3)) # rabbitmqctl listens here and on the next one while it runs
    declare -gA health_port=()
    local service port=$((base_port + 11))
    for service in "${services[@]}" "${gateways[@]}"; do
        health_port[$service]=$port
        port=$((port + 1))
    done
}

# Writes standard input to a file in one step, and only when it differs: nobody ever reads half a file.
put() { # path [mode]
    cat >"$1.new" || { rm -f "$1.new"; return 2; }
    chmod "${2:-600}" "$1.new"
    if cmp -s "$1.new" "$1"; then
        rm -f "$1.new"
        return 0
    fi
    mv -f "$1.new" "$1"
}

# Who is interrupted before the home says what it is leaves folders behind, and at most half of that file.
holds_nothing() { [ -z "$(find "$home" -mindepth 1 ! -type d ! -path "$home/etc/installation.new" -print -quit)" ]; }

make_home() {
    [ -f "$home/etc/installation" ] || holds_nothing ||
        fail "$home is not empty and not an installation of Chartline: name another folder in CHARTLINE_HOME."
    chmod 700 "$home"
    local folder
    for folder in audit bin etc etc/local keys keys/actors keys/audit keys/patients log run secrets service; do
        mkdir -p "$home/$folder"
        chmod 700 "$home/$folder"
    done
}

# Deletes what an `up` made, and only that; the folder itself stays, because the lock hangs on it.
empty_home() {
    [ -n "$(ls -A "$home")" ] || return 0
    [ -f "$home/etc/installation" ] || holds_nothing || fail "$home was not made by deploy/up: nothing is deleted."
    find "$home" -mindepth 1 -maxdepth 1 ! -name etc -exec rm -rf -- {} + && rm -rf -- "${home:?}/etc" || fail "Not all of $home could be deleted."
}

# One `up` or `down` at a time in a home.
lock_home() {
    exec {lock}<"$home" || fail "Cannot read $home."
    flock -n "$lock" || fail "Another deploy/up or deploy/down works on $home at this moment."
}
