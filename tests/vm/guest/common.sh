# What the scenarios share.

cd /work/in || exit 1
PATH=/work/in:$PATH
policy=/sys/kernel/security/apparmor

fail() {
    echo "failed: $*" >&2
    exit 1
}

# The guest's clock, in seconds since power-on.
now() { cut -d ' ' -f 1 /proc/uptime; }

# expect STATUS COMMAND…: runs it; its output, both streams, is in $output.
expect() {
    local wanted=$1 status=0 begun
    begun=$(now)
    shift
    output=$("$@" 2>&1) || status=$?
    printf '%s\n' "$ $*" "$output" "(exit status $status; from $begun to $(now) s)"
    [ "$status" = "$wanted" ] || fail "exit status $status instead of $wanted: $*"
}

# says TEXT: the last output holds it.
says() {
    grep -qF -- "$1" <<<"$output" || fail "the output does not say: $1"
}

# row TEXT KERNEL PROBE RESULT: the last output has that row. Columns are divided by two blanks or more.
row() {
    awk -F '   *' -v text="$1" -v kernel="$2" -v probe="$3" -v result="$4" \
        '$2 == text && $4 == kernel && $5 == probe && $6 == result { found = 1 } END { exit !found }' <<<"$output" ||
        fail "no row: $1 | kernel $2 | probe $3 | $4"
}

# The example's profile is in the kernel. Without another process, so that it is quick.
is_loaded() {
    local line
    while read -r line; do if [[ $line == "flask-app "* ]]; then return 0; fi; done <$policy/profiles
    return 1
}

# stop_midway COMMAND…: starts a run and stops it while its policy is in the kernel. Its process is $run, and its output
# goes to /work/out/midway.
stop_midway() {
    for _ in $(seq 10); do
        "$@" >/work/out/midway 2>&1 &
        run=$!
        until is_loaded || [ ! -d /proc/$run ]; do :; done
        if kill -STOP $run && is_loaded; then return; fi
        # It was over too early.
        kill -CONT $run
        wait $run
    done 2>/dev/null
    fail "no run could be stopped in time"
}

# Kills the process that waits for a run's death.
kill_reaper() {
    pkill -KILL -f __reap || fail "no process waits for the run's death"
}
