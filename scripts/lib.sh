# shellcheck shell=bash
# Shared by the scripts here: processes named by "pid start-time", and waits that always end.
# A pid alone may by now belong to somebody else's process; with its start time it cannot.

shopt -s inherit_errexit
PATH=$PATH:/usr/sbin:/sbin

die() {
    echo "${0##*/}: $*" >&2
    exit 1
}

# start_time PID: clock ticks since boot when the process started; fails when gone or a zombie.
start_time() {
    local stat fields
    # read, not $(<…): with set -e bash ends the whole script when the latter's file is missing.
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
    read -ra fields <<<"${stat##*) }" # the command's name may hold blanks and brackets
    [ "${fields[0]}" != Z ] && echo "${fields[19]}"
}

# alive ID_FILE: prints the pid when the process written down there still runs.
alive() {
    local pid started
    { read -r pid started <"$1"; } 2>/dev/null || return 1
    # One that ended before its start could be written down has none.
    [ -n "$started" ] && [ "$(start_time "$pid")" = "$started" ] && echo "$pid"
}

# spawn ID_FILE LOG COMMAND…: starts a daemon that outlives this script and holds none of its
# descriptors (an inherited pipe or lock would keep whoever called us waiting).
spawn() {
    local id_file=$1 log=$2
    shift 2
    (
        for fd in /proc/self/fd/*; do
            fd=${fd##*/}
            [ "$fd" -le 2 ] || eval "exec $fd>&-"
        done
        exec setsid "$@"
    ) </dev/null >>"$log" 2>&1 &
    echo "$! $(start_time $!)" >"$id_file"
    disown
}

# wait_until SECONDS COMMAND…: repeats the command until it succeeds; fails when the time is over.
wait_until() {
    local deadline=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
    shift
    until "$@"; do
        [ "${EPOCHREALTIME/[.,]/}" -lt "$deadline" ] || return 1
        sleep 0.02
    done
}

gone() { ! alive "$1" >/dev/null; }

# stop_process ID_FILE SIGNAL SECONDS: ends that process, by SIGKILL when the signal was not enough.
stop_process() {
    local pid result=0
    if pid=$(alive "$1"); then
        kill "-$2" "$pid" 2>/dev/null || true
        if ! wait_until "$3" gone "$1"; then
            kill -KILL "$pid" 2>/dev/null || true
            wait_until 10 gone "$1" || true
            [ "$2" = KILL ] || echo "${0##*/}: process $pid ignored SIG$2 and was killed" >&2
            result=1
        fi
    fi
    rm -f "$1"
    return "$result"
}

# port_free PORT: nobody listens there, TCP or UDP.
port_free() { [ -z "$(ss -Hlntu "sport = :$1")" ]; }

# free_port FROM TO: a random free port of that range; give one below 32768, where the kernel does
# not hand out ports to outgoing connections.
free_port() {
    local port
    for _ in {1..200}; do
        port=$(($1 + (RANDOM * 32768 + RANDOM) % ($2 - $1 + 1)))
        if port_free "$port"; then
            echo "$port"
            return
        fi
    done
    return 1
}
