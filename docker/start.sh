#!/bin/sh
# `menglian` in a container. A node that has few processors, of the machine or by the container's limit, runs with the
# options of packages/cli/src/start/nodeFlags.ts; set MENGLIAN_NODE_FLAGS, even to nothing, to choose others.
set -eu
few_cores=4
few_cores_flags='--single-threaded-gc --interrupt-budget=270000'
cgroup=${CGROUP:-/sys/fs/cgroup}
cores=$(nproc)
quota=max
# Version 2 of control groups writes "max 100000" or "150000 100000"; version 1 has a file for each, and -1 for no limit.
if [ -r "$cgroup/cpu.max" ]; then
    read -r quota period <"$cgroup/cpu.max"
elif [ -r "$cgroup/cpu/cpu.cfs_quota_us" ]; then
    read -r quota <"$cgroup/cpu/cpu.cfs_quota_us"
    read -r period <"$cgroup/cpu/cpu.cfs_period_us"
fi
case $quota in
max | -1) ;;
*) [ $((quota)) -lt $((few_cores * period)) ] && cores=$few_cores ;;
esac
flags=
if [ "${1:-}" = node ] && [ "$cores" -le "$few_cores" ]; then flags=$few_cores_flags; fi
# Unquoted, because these are several options or none.
exec node ${MENGLIAN_NODE_FLAGS-$flags} "$(dirname "$0")/../packages/cli/bin/menglian.js" "$@"
