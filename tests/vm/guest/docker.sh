# For scenarios with containers: Docker runs, and has the image that app/Dockerfile builds upon.

base=python:3.13-slim

start_docker() {
    modprobe -a overlay bridge veth iptable_nat nf_nat xt_conntrack xt_addrtype br_netfilter nft_chain_nat nft_compat 2>/dev/null
    dockerd >>/work/out/dockerd.log 2>&1 &
    disown
    for _ in $(seq 600); do
        if docker version >/dev/null 2>&1; then return; fi
        sleep 0.1
    done
    fail "dockerd does not answer"
}

# What the engine has: containers, images, volumes.
inventory() {
    docker ps --all --quiet --no-trunc
    docker images --all --quiet --no-trunc | sort
    docker volume ls --quiet
}

# There is nothing of a run of ours: no policy, no note of it, nothing in the engine.
nothing_left() {
    [ ! -e /run/aalint/journal.json ] && [ "$(inventory)" = "$stock" ] && ! grep -q '^flask-app ' $policy/profiles
}

export DOCKER_BUILDKIT=0
docker version >/dev/null 2>&1 || start_docker
if ! docker image inspect $base >/dev/null 2>&1; then
    begun=$(now)
    docker import base.tar $base >/dev/null || fail "the base image cannot be imported"
    echo "figure: docker import took $(awk "BEGIN { printf \"%.1f\", $(now) - $begun }") s"
fi
stock=$(inventory)
