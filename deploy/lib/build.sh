# shellcheck shell=bash
# The binaries: built once from the sources, then copied into the home, so that a later build does not pull files from under a running service.

swift_needed='Chartline is built with Swift 6.2 or newer. https://www.swift.org/install/linux/debian/12 shows how to install it; then start again.'

check_swift() {
    [ -z "${CHARTLINE_BIN:-}" ] || return 0
    command -v swift >/dev/null || fail "There is no swift on the PATH. $swift_needed"
    local text version
    text=$(timeout --foreground 5 swift --version 2>&1) || fail "swift --version does not answer. $swift_needed"
    [[ $text =~ Swift\ version\ ([0-9]+)\.([0-9]+) ]] || fail "swift --version says nothing of a version. $swift_needed"
    version=$((BASH_REMATCH[1] * 100 + BASH_REMATCH[2]))
    [ "$version" -ge 602 ] || fail "swift is version ${BASH_REMATCH[1]}.${BASH_REMATCH[2]}. $swift_needed"
}

# CHARTLINE_BIN names a folder with finished binaries: nothing is built then.
build() {
    if [ -n "${CHARTLINE_BIN:-}" ]; then
        built=$CHARTLINE_BIN
        return 0
    fi
    local stamp=$checkout/.build/release/.chartline-built log=$home/log/build.log
    built=$checkout/.build/release
    if [ -e "$stamp" ] && [ -z "$(cd "$checkout" && find Package.swift Services Shared -newer "$stamp" -print -quit)" ]; then
        return 0
    fi
    step "builds (release; several minutes the first time)"
    local begun
    begun=$(mktemp "$home/run/build.XXXXXX")
    # A session of its own: the compilers are in process groups of theirs, and by the session they all can be ended.
    (cd "$checkout" && exec setsid swift build -c release) >"$log" 2>&1 &
    local pid=$! beat=0
    building=$pid
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.5
        beat=$((beat + 1))
        [ $((beat % 60)) -ne 0 ] || note "$(elapsed) s: $(tail -n 1 "$log" | cut -c 1-100)"
    done
    building=''
    wait "$pid" || fail "The build failed." "$log"
    touch -r "$begun" "$stamp"
    rm -f "$begun"
}

# Copies what changed; a file in use keeps its old content until its process ends, because the new one is moved into its place.
install_binaries() {
    local name bundle target
    for name in "${executables[@]}"; do
        [ -x "$built/$name" ] || fail "$built has no executable named $name."
        cmp -s "$built/$name" "$home/bin/$name" && continue
        cp -- "$built/$name" "$home/bin/$name.new" || fail "Cannot copy $name."
        chmod 500 "$home/bin/$name.new"
        mv -f -- "$home/bin/$name.new" "$home/bin/$name"
    done
    for bundle in "$built"/*.resources; do
        [ -d "$bundle" ] || continue
        target=$home/bin/$(basename "$bundle")
        diff -rq -- "$bundle" "$target" >/dev/null 2>&1 && continue
        rm -rf -- "$target.new"
        cp -r -- "$bundle" "$target.new" || fail "Cannot copy $bundle."
        rm -rf -- "$target"
        mv -- "$target.new" "$target"
    done
    list_materials
}

# What the binaries are made of, beside them. Who brings finished binaries brings the list with them, or has none.
list_materials() {
    local list=chartline.cdx.json state=$checkout/.build/workspace-state.json
    if [ "${built%/*/*}" = "$checkout" ] && [ -s "$state" ]; then
        python3 "$here/lib/sbom.py" "$state" libpq5 librabbitmq4 libssl3 libzstd1 libcurl4 libqrencode4 postgresql-15 rabbitmq-server erlang-base runit \
            weasyprint \
            >"$home/bin/$list.new" || fail "What the binaries are made of could not be listed."
        mv -f -- "$home/bin/$list.new" "$home/bin/$list"
    elif [ -s "$built/$list" ]; then
        cp -- "$built/$list" "$home/bin/$list"
    fi
}
