# shellcheck shell=bash
# Supervision by runit: a folder per process under $home/service, a log per process under $home/log, restarted when it dies.

declare -A fingerprint=()
shopt -s lastpipe # the last part of a pipeline is this shell, so that what it sets stays

# A process of root loses what root may do beyond its own files.
without_privileges() {
    [ "$as_root" = false ] || printf 'setpriv --no-new-privs --bounding-set=-all --inh-caps=-all'
}

fingerprint_add() { # name; standard input: anything whose change asks for a restart
    fingerprint[$1]=${fingerprint[$1]:-}$(sha256sum | cut -c 1-64)
}

make_service() { # name; standard input: the run script
    local folder=$home/service/$1
    mkdir -p "$folder/log" "$home/log/$1"
    touch "$folder/down" # started in order by `up`, not by the scan
    put "$folder/run" 700
    # A process that dies waits a moment before it is restarted, not always the same one; 78 means its settings are wrong: no restart mends that.
    # Who ended because it was told to (0) is back at once: others wait for it, and not for long.
    put "$folder/finish" 700 <<FINISH
#!/bin/bash
printf '%s\n' "\$1" >>'$home/run/$1.exits'
[ "\$1" != 78 ] || { sv down . ; exit 0; }
[ "\$1" = 0 ] || sleep "\$((RANDOM % 2)).\$((RANDOM % 10))"
FINISH
    printf '#!/bin/bash\nexec svlogd %q\n' "$home/log/$1" | put "$folder/log/run" 700
    printf 's5000000\nn6\n' | put "$home/log/$1/config"
    cat "$folder/run" "$folder/finish" | fingerprint_add "$1"
}

start_supervisor() {
    supervisor_runs && return 0
    rm -f "$home"/run/*.exits "$home"/run/*.started
    # Its own session, and none of our descriptors: it outlives us and holds no lock.
    (cd "$home" && exec {lock}>&- && exec setsid runsvdir -P "$home/service" </dev/null >>"$home/log/supervisor.log" 2>&1) &
    printf '%s\n' "$!" | put "$home/run/supervisor.pid"
    started_supervisor=true
}

supervisor_runs() {
    local pid
    pid=$(cat "$home/run/supervisor.pid" 2>/dev/null) || return 1
    [ -n "$pid" ] && [ "$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)" = "runsvdir -P $home/service " ]
}

supervised() { sv status "$home/service/$1" >/dev/null 2>&1; }
service_runs() { [ "$(cat "$home/service/$1/supervise/stat" 2>/dev/null)" = run ] && supervised "$1"; }
pid_of() { cat "$home/service/$1/supervise/pid" 2>/dev/null; }
exits_of() { [ -f "$home/run/$1.exits" ] && wc -l <"$home/run/$1.exits" || echo 0; }

# Starts a process, or starts it anew when it is not what its files say any more.
start_service() { # name
    local folder=$home/service/$1 tries=0
    if service_runs "$1"; then
        [ "${fingerprint[$1]}" != "$(cat "$home/run/$1.started" 2>/dev/null)" ] || return 0
        stop_services "$1"
    fi
    until supervised "$1"; do
        tries=$((tries + 1))
        [ "$tries" -lt 150 ] || fail "The supervisor does not take up $1." "$home/log/supervisor.log"
        sleep 0.1
    done
    rm -f "$home/run/$1.exits"
    sv up "$folder" >/dev/null || fail "$1 cannot be started." "$home/log/$1/current"
    printf '%s\n' "${fingerprint[$1]}" | put "$home/run/$1.started"
}

stop_services() { # names: told at once, waited for together
    local name folders=()
    for name in "$@"; do
        ! supervised "$name" || folders+=("$home/service/$name")
    done
    [ "${#folders[@]}" -eq 0 ] || sv -w 40 force-stop "${folders[@]}" >>"$home/log/supervisor.log" 2>&1 || true
}

# In order: who takes requests first, the servers last. Also what a supervisor that was killed left behind.
stop_everything() {
    stop_services "${gateways[@]}"
    stop_services "${services[@]}" turn mail sms card
    stop_services rabbitmq postgres
    stop_services epmd
    local pid tries=0 folder
    if supervisor_runs; then
        pid=$(cat "$home/run/supervisor.pid")
        kill -HUP "$pid" 2>/dev/null || true
        while kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 100 ]; do
            tries=$((tries + 1))
            sleep 0.1
        done
    fi
    for folder in "$home"/service/*; do
        ! supervised "${folder##*/}" || sv exit "$folder" >/dev/null 2>&1 || true
    done
    # Whoever starts all of it again must not find one that is leaving: it would be told to go up, and leave.
    for folder in "$home"/service/*; do
        tries=0
        while supervised "${folder##*/}" && [ "$tries" -lt 100 ]; do
            tries=$((tries + 1))
            sleep 0.1
        done
    done
    rm -f "$home/run/supervisor.pid" "$home"/run/*.started
}

wait_for_port() { # port, name, tenths of a second [address]
    local tries=0
    until (exec 3<>"/dev/tcp/${4:-127.0.0.1}/$1") 2>/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt "$3" ] && [ "$(exits_of "$2")" -lt 3 ] || fail "$2 does not start." "$home/log/$2/current"
        sleep 0.1
    done
}

# Fails when somebody else has one of our ports. A port whose process of ours runs is not looked at, unless all of them are to move.
check_ports() { # [all]
    local wanted=() name line port taken='' owner
    wanted=("portal $portal_port portal" "clinic $clinic_port clinic" "postgres $postgres_port PostgreSQL" "rabbitmq $amqp_port RabbitMQ"
        "rabbitmq $distribution_port RabbitMQ's distribution" "epmd $epmd_port epmd" "turn $turn_port the TURN server"
        "turn $turn_tls_port the TURN server over TLS")
    [ "$kind" = clinic ] || wanted+=("mail $smtp_port the demo's mail server" "sms $sms_port the demo's text-message service" "card $card_port the demo's card processor")
    for name in "${services[@]}" "${gateways[@]}"; do wanted+=("$name ${health_port[$name]} $name's health"); done
    current_step='looking for free ports'
    for line in "${wanted[@]}"; do
        read -r name port line <<<"$line"
        [ "${1:-}" = all ] || ! service_runs "$name" || continue
        owner=$(ss -H -ltnp "sport = :$port" | head -n 1)
        [ -n "$owner" ] || continue
        if [[ $owner =~ \"([^\"]+)\",pid=([0-9]+) ]]; then
            owner="${BASH_REMATCH[1]} (process ${BASH_REMATCH[2]})"
        else
            owner='a process of another user'
        fi
        taken+="Port $port, for $line, is taken by $owner."$'\n'
    done
    [ -z "$taken" ] || fail "${taken}Free it, or choose other ports: deploy/up --base-port N"
}
