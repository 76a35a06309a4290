#!/usr/bin/env bash
# Makes the chain of compose.yaml once: each node's folder goes into its own volume. A second run changes nothing.
# Usage: docker/init.sh <address of node 0> <address of node 1> … ; NODES is the folder of the volumes.
set -euo pipefail
addresses=("$@")
nodes="${NODES:-/nodes}"
if [ -f "${nodes}/0/config.ini" ]; then
    echo "the chain is there already"
    exit 0
fi
hosts=$(printf ',%s:1' "${addresses[@]}")
work=$(mktemp -d)
trap 'rm -rf "${work}"' EXIT
menglian chain build -l "${hosts:1}" -p 30300,20200,8545 -i -o "${work}/chain"
for index in "${!addresses[@]}"; do
    cp -r "${work}/chain/${addresses[$index]}/node0/." "${nodes}/${index}/"
    # What clients of the channel need; the node itself does not read it.
    cp -r "${work}/chain/${addresses[$index]}/sdk" "${nodes}/${index}/"
done
