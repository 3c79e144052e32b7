# What the scenarios share.

cd /work/in || exit 1
PATH=/work/in:$PATH
policy=/sys/kernel/security/apparmor

fail() {
    echo "failed: $*" >&2
    exit 1
}

# expect STATUS COMMAND…: runs it; its output, both streams, is in $output.
expect() {
    local wanted=$1 status=0
    shift
    output=$("$@" 2>&1) || status=$?
    printf '%s\n' "$ $*" "$output" "(exit status $status)"
    [ "$status" = "$wanted" ] || fail "exit status $status instead of $wanted: $*"
}

# says TEXT: the last output holds it.
says() {
    grep -qF -- "$1" <<<"$output" || fail "the output does not say: $1"
}
