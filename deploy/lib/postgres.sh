# shellcheck shell=bash
# The private PostgreSQL: own data, own socket folder, 127.0.0.1 only; over TCP it speaks TLS or not at all.
#
# PostgreSQL refuses to run as root, and the user it runs as instead must not be able to walk through the home (0700, perhaps below /root). So its two
# folders are opened before root is left, and PostgreSQL knows them by their descriptors: 8 is the socket folder, 9 the data.

postgres_folder=$home/postgres

find_postgres() {
    local found
    found=$(printf '%s\n' /usr/lib/postgresql/*/bin/postgres | sort -V | tail -n 1)
    postgres_bin=$(dirname "$found")
    [ -x "$postgres_bin/initdb" ] || fail "No PostgreSQL server under /usr/lib/postgresql."
    postgres_prefix=()
    postgres_user=$(id -un)
    if [ "$as_root" = true ]; then
        postgres_user=postgres
        postgres_prefix=(setpriv --reuid=postgres --regid=postgres --init-groups --no-new-privs)
    fi
}

make_postgres() {
    find_postgres
    mkdir -p "$postgres_folder/data" "$postgres_folder/socket"
    chmod 700 "$postgres_folder/data" "$postgres_folder/socket"
    [ "$as_root" = false ] || chown postgres: "$postgres_folder/data" "$postgres_folder/socket"
    if [ ! -s "$postgres_folder/data/PG_VERSION" ] || [ -e "$postgres_folder/unfinished" ]; then
        step "makes a PostgreSQL cluster"
        # A half-made cluster of an earlier attempt holds nothing.
        touch "$postgres_folder/unfinished"
        find "$postgres_folder/data" -mindepth 1 -delete
        (
            exec 8<"$postgres_folder/socket" 9<"$postgres_folder/data"
            cd /
            env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 "${postgres_prefix[@]}" "$postgres_bin/initdb" -D /proc/self/fd/9 --data-checksums \
                --username=installation --auth-local=peer --auth-host=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-instructions
        ) >"$home/log/initdb.log" 2>&1 || fail "initdb failed." "$home/log/initdb.log"
        rm -- "$postgres_folder/unfinished"
    fi
    local major
    major=$(cat "$postgres_folder/data/PG_VERSION")
    [ -x "/usr/lib/postgresql/$major/bin/postgres" ] || fail "The data were made by PostgreSQL $major, which is not installed any more."
    postgres_bin=/usr/lib/postgresql/$major/bin
    {
        cat "$checkout/deploy/postgres/postgresql.conf"
        printf 'port = %s\n' "$postgres_port"
    } | put_for_postgres "$postgres_folder/data/postgresql.conf"
    put_for_postgres "$postgres_folder/data/pg_hba.conf" <"$checkout/deploy/postgres/pg_hba.conf"
    printf 'installation %s installation\n' "$(id -un)" | put_for_postgres "$postgres_folder/data/pg_ident.conf"
    put_for_postgres "$postgres_folder/data/server.key" 400 <"$home/secrets/tls-postgres.key"
    put_for_postgres "$postgres_folder/data/server.pem" <"$home/tls/postgres.pem"
    make_service postgres <<RUN
#!/bin/bash
exec 2>&1 8<'$postgres_folder/socket' 9<'$postgres_folder/data'
cd /
exec env -i PATH=/usr/bin:/bin LC_ALL=C.UTF-8 ${postgres_prefix[*]} $postgres_bin/postgres -D /proc/self/fd/9
RUN
    # Fast shutdown: runit's TERM would wait until every client has left.
    mkdir -p "$home/service/postgres/control"
    printf '#!/bin/bash\nexec kill -INT "$(cat supervise/pid)"\n' | put "$home/service/postgres/control/t" 700
    cat "$postgres_folder"/data/{postgresql.conf,pg_hba.conf,pg_ident.conf} | fingerprint_add postgres
}

put_for_postgres() { # path [mode]
    put "$@"
    [ "$as_root" = false ] || chown postgres: "$1"
}

# psql as the cluster's superuser: whoever installed, through the socket; there is no password for it. The socket's path is short however long the
# home's is.
psql_installation() {
    (
        cd "$postgres_folder" || exit 1
        export PGCONNECT_TIMEOUT=5 PGOPTIONS='-c client_min_messages=warning'
        exec "$postgres_bin/psql" -X -q -v ON_ERROR_STOP=1 -h /proc/self/cwd/socket -p "$postgres_port" -U installation "$@"
    )
}

start_postgres() {
    start_service postgres
    local tries=0
    until psql_installation -d postgres -c 'SELECT 1' >/dev/null 2>"$home/log/psql.log"; do
        tries=$((tries + 1))
        # A crash recovery may take its time; a process that keeps ending will not get there.
        [ "$tries" -lt 600 ] && [ "$(exits_of postgres)" -lt 3 ] || fail "PostgreSQL does not start." "$home/log/postgres/current"
        sleep 0.1
    done
    take_up_certificate postgres sv hup "$home/service/postgres"
}

make_roles() {
    local service log=$home/log/psql.log folder=$checkout/deploy/postgres
    psql_installation -d postgres -f "$folder/database.sql" >"$log" 2>&1 || fail "The database could not be made." "$log"
    for service in "${services[@]}"; do
        SECRETS=$home/secrets SERVICE=$service psql_installation -d chartline -v service="$service" -f "$folder/roles.sql" >"$log" 2>&1 ||
            fail "The roles of $service could not be made." "$log"
    done
}
