# shellcheck shell=bash
# The private RabbitMQ: own node, own epmd, everything on 127.0.0.1, AMQP over TLS alone, topology and users from deploy/rabbitmq/definitions.json.

rabbitmq_folder=$home/rabbitmq

find_rabbitmq() {
    local found
    # The scripts of the package itself: Debian's wrapper in /usr/sbin changes user, folder and cookie.
    found=$(printf '%s\n' /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server | sort -V | tail -n 1)
    rabbitmq_bin=$(dirname "$found")
    [ -x "$rabbitmq_bin/rabbitmqctl" ] || fail "No RabbitMQ under /usr/lib/rabbitmq."
    rabbitmq_environment=(
        PATH=/usr/bin:/bin:/usr/sbin:/sbin LANG=C.UTF-8 HOME="$rabbitmq_folder"
        RABBITMQ_NODENAME=chartline@localhost RABBITMQ_DIST_PORT="$distribution_port"
        RABBITMQ_CTL_DIST_PORT_MIN="$control_port" RABBITMQ_CTL_DIST_PORT_MAX="$((control_port + 1))"
        RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_CONFIG_FILE="$rabbitmq_folder/rabbitmq.conf" RABBITMQ_ADVANCED_CONFIG_FILE=/dev/null
        RABBITMQ_ENABLED_PLUGINS_FILE="$rabbitmq_folder/enabled_plugins"
        RABBITMQ_MNESIA_BASE="$rabbitmq_folder/data" RABBITMQ_LOG_BASE="$rabbitmq_folder/log"
        ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT="$epmd_port" ERL_CRASH_DUMP_SECONDS=0
        RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false'
        RABBITMQ_CTL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false'
    )
}

rabbitmqctl() { env -i "${rabbitmq_environment[@]}" "$rabbitmq_bin/rabbitmqctl" -q "$@"; }

render_definitions() {
    local text name
    text=$(<"$checkout/deploy/rabbitmq/definitions.json")
    for name in "${executables[@]}"; do
        text=${text//"@$name@"/"$(amqp_hash "$name")"}
    done
    printf '%s\n' "$text"
}

make_rabbitmq() {
    find_rabbitmq
    mkdir -p "$rabbitmq_folder/data" "$rabbitmq_folder/log"
    make_secret "$rabbitmq_folder/.erlang.cookie" 24
    printf '[].\n' | put "$rabbitmq_folder/enabled_plugins"
    render_definitions | put "$rabbitmq_folder/definitions.json" 400
    {
        cat "$checkout/deploy/rabbitmq/rabbitmq.conf"
        printf '%s\n' "listeners.ssl.default = 127.0.0.1:$amqp_port" "load_definitions = $rabbitmq_folder/definitions.json" \
            "ssl_options.cacertfile = $authority" "ssl_options.certfile = $home/tls/rabbitmq.pem" \
            "ssl_options.keyfile = $home/secrets/tls-rabbitmq.key"
    } | put "$rabbitmq_folder/rabbitmq.conf"
    make_service epmd <<RUN
#!/bin/bash
exec 2>&1
cd /
exec env -i PATH=/usr/bin:/bin $(without_privileges) epmd -address 127.0.0.1 -port $epmd_port
RUN
    # With RUNNING_UNDER_SYSTEMD the script becomes the Erlang machine instead of waiting beside it, so runit's TERM reaches the broker.
    make_service rabbitmq <<RUN
#!/bin/bash
exec 2>&1
cd /
ulimit -n 65536 2>/dev/null || ulimit -n "\$(ulimit -Hn)"
exec env -i RUNNING_UNDER_SYSTEMD=true $(printf '%q ' "${rabbitmq_environment[@]}") $(without_privileges) $rabbitmq_bin/rabbitmq-server
RUN
    fingerprint_add rabbitmq <"$rabbitmq_folder/rabbitmq.conf"
}

start_rabbitmq() {
    start_service epmd
    wait_for_port "$epmd_port" epmd 100
    start_service rabbitmq
    wait_for_port "$amqp_port" rabbitmq 900
    take_up_certificate rabbitmq rabbitmqctl eval 'ssl:clear_pem_cache().'
    # RabbitMQ 3.10 ignores a definitions file it cannot read, and an upgrade may bring a new one to a broker that runs: so what it has is compared
    # with what it should have, once for each file and each start of the broker.
    local print
    print=$(sha256sum <"$rabbitmq_folder/definitions.json")$(pid_of rabbitmq)
    if [ "$print" != "$(cat "$home/run/topology" 2>/dev/null)" ]; then
        verify_topology
        printf '%s\n' "$print" | put "$home/run/topology"
    fi
}

# What is missing or different fails; what is there beyond the file (a queue that an older version had) is only told.
verify_topology() {
    local log=$home/log/topology.log
    if ! topology_is_whole >"$log" 2>&1; then
        rabbitmqctl import_definitions "$rabbitmq_folder/definitions.json" >>"$log" 2>&1 || fail "RabbitMQ refuses its definitions." "$log"
        topology_is_whole >"$log" 2>&1 || fail "RabbitMQ does not have all of deploy/rabbitmq/definitions.json." "$log"
    fi
    [ ! -s "$log" ] || note "RabbitMQ has more than deploy/rabbitmq/definitions.json says: see $log"
}

topology_is_whole() {
    local wanted=$rabbitmq_folder/definitions.json found=$home/run/topology.json missing
    rabbitmqctl export_definitions "$found" || return 1
    missing=$(LC_ALL=C comm -23 <(topology_lines "$wanted") <(topology_lines "$found"))
    [ -z "$missing" ] || { printf 'missing:\n%s\n' "$missing"; return 1; }
    LC_ALL=C comm -13 <(topology_lines "$wanted") <(topology_lines "$found")
}

# One sorted line per user, permission, exchange, queue and binding; queues of requests and fan-out are declared by the services themselves.
topology_lines() {
    python3 - "$1" <<'PYTHON' | LC_ALL=C sort
import json, re, sys

with open(sys.argv[1]) as file:
    topology = json.load(file)
declared_by_services = re.compile(r"\.(requests|fanout\..*)$")
ignored = {"exchanges": ("internal",), "users": ("password_hash", "limits"), "queues": ("type",)}
for kind in ("users", "permissions", "topic_permissions", "exchanges", "queues", "bindings"):
    for item in topology[kind]:
        if not declared_by_services.search(item.get("destination" if kind == "bindings" else "name", "")):
            print(kind, json.dumps({key: value for key, value in item.items() if key not in ignored.get(kind, ())}, sort_keys=True))
PYTHON
}
