# shellcheck shell=bash
# What the doors say on the terminal: one line a step with the time since the start, and one way to fail.

started=${EPOCHREALTIME/./}
current_step=''

elapsed() { # seconds since the start, with one decimal
    local tenths=$(((${EPOCHREALTIME/./} - started) / 100000))
    printf '%d.%d' $((tenths / 10)) $((tenths % 10))
}

step() { # what is done next
    current_step=$1
    printf '[%6s s] %s\n' "$(elapsed)" "$1"
}

note() { printf '           %s\n' "$1"; }

# Says which step failed and why, shows the end of a log if one is named, hints at a full disk, exits 1.
fail() { # message [log file]
    printf '\nfailed after %s s' "$(elapsed)" >&2
    [ -z "$current_step" ] || printf ' at: %s' "$current_step" >&2
    printf '\n%s\n' "$1" >&2
    if [ -n "${2:-}" ] && [ -s "$2" ]; then
        printf '%s ends with:\n' "$2" >&2
        tail -n 20 "$2" | sed 's/^/    /' >&2
    fi
    if [ -n "${home:-}" ] && [ -d "${home:-}" ]; then
        local free
        free=$(free_mebibytes "$home")
        [ "$free" -ge 200 ] || printf 'The disk under %s is full: %s MiB are free.\n' "$home" "$free" >&2
    fi
    exit 1
}

free_mebibytes() { df -Pm -- "$1" | awk 'NR == 2 { print $4 }'; }

# Asks on the terminal; without one, or under --yes, the answer is yes.
confirm() { # question
    [ "${yes:-false}" = false ] && [ -t 0 ] && [ -t 1 ] || return 0
    local answer
    read -r -p "$1 [Y/n] " answer
    case $answer in '' | y | Y | yes) return 0 ;; *) return 1 ;; esac
}

# The same for what cannot be undone: without a terminal only --yes means yes.
confirm_loss() { # question
    [ "${yes:-false}" = false ] || return 0
    [ -t 0 ] && [ -t 1 ] || return 1
    local answer
    read -r -p "$1 Type 'delete' to go on: " answer
    [ "$answer" = delete ]
}
