/** The scripts in a node's `scripts` folder: watching it, and telling it of changed files (docs/operations.md). */

const HEADER = `#!/bin/bash
`;

/**
 * Restarts nodes that are gone and reports groups that stand still; for cron, each minute. Unlike 2.x's it does not
 * call a group without transactions stuck: an idle group here makes neither blocks nor views.
 */
export function monitorScript(): string {
  return `${HEADER}# Usage: monitor.sh -d <folder with the nodes of this host>
while getopts "d:" option; do
    [ "$option" = d ] && host_folder=$OPTARG
done
if [ ! -d "$host_folder" ]; then
    echo "usage: monitor.sh -d <folder with the nodes of this host>"
    exit 1
fi
state_folder=$(cd "$(dirname "$0")" && pwd)
alarm() { echo "$(date '+%Y-%m-%d %H:%M:%S') [ALARM] $1"; }
# ask <port> <method> <group>: the result of a call without further parameters
ask() {
    curl -s -m 10 -X POST -H 'Content-Type: application/json' "http://127.0.0.1:$1" \\
        --data "{\\"jsonrpc\\":\\"2.0\\",\\"method\\":\\"$2\\",\\"params\\":[$3],\\"id\\":1}" |
        sed -n 's/.*"result":"\\([^"]*\\)".*/\\1/p'
}
for config in "$host_folder"/node*/config.ini; do
    [ -f "$config" ] || continue
    node_folder=$(cd "$(dirname "$config")" && pwd)
    node=$(basename "$node_folder")
    # start.sh does nothing but say so when the node runs.
    started=$(bash "$node_folder/start.sh")
    case "$started" in
        *"is running"*) ;;
        *)
            alarm "$node was not running: $started"
            continue
            ;;
    esac
    port=$(sed -n 's/^ *jsonrpc_listen_port *= *//p' "$config" | head -n 1)
    for genesis in "$node_folder"/conf/group.*.genesis; do
        [ -f "$genesis" ] || continue
        group=$(basename "$genesis" | cut -d . -f 2)
        height=$(ask "$port" getBlockNumber "$group")
        view=$(ask "$port" getPbftView "$group")
        pending=$(ask "$port" getPendingTxSize "$group")
        if [ -z "$height" ] || [ -z "$view" ]; then
            alarm "$node group $group does not answer on port $port"
            continue
        fi
        state=$state_folder/\${node}_$group
        if [ "$(cat "$state.height" 2>/dev/null)" = "$height" ] && [ "$(cat "$state.view" 2>/dev/null)" = "$view" ] &&
            [ "$pending" != 0x0 ]; then
            alarm "$node group $group stands still at block $height, view $view, with transactions waiting"
        fi
        echo "$height" >"$state.height"
        echo "$view" >"$state.view"
    done
done
`;
}

/** New groups in `conf/`. */
export function loadNewGroupsScript(): string {
  return `${HEADER}${enterNodeFolder()}${tellNode('config.ini.append_group', 'the new groups')}`;
}

/** Changed `[certificate_whitelist]` of config.ini. */
export function reloadWhitelistScript(): string {
  return `${HEADER}${enterNodeFolder()}lines=$(grep -E '^ *cal\\.[0-9]+ *=' config.ini | tr -d ' ')
if echo "$lines" | grep -v '^$' | grep -qvE '^cal\\.[0-9]+=[0-9a-fA-F]{128}$'; then
    echo " a line cal.N= of config.ini is no node id of 128 hexadecimal digits"
    exit 1
fi
if [ -n "$(echo "$lines" | cut -d = -f 1 | sort | uniq -d)" ]; then
    echo " a key cal.N stands twice in config.ini"
    exit 1
fi
${tellNode('config.ini.reset_certificate_whitelist', 'the list')}`;
}

/** Changed `[sdk_allowlist]` of group.N.ini. */
export function reloadSdkAllowListScript(): string {
  return `${HEADER}${enterNodeFolder()}${tellNode('config.ini.reset_allowlist', 'the list')}`;
}

function enterNodeFolder(): string {
  return `cd "$(dirname "$0")/.." || exit 1
node=$(basename "$(pwd)")
`;
}

/**
 * The signal of 2.x: a file that a running node deletes when it has read the change. One that stays is a change that
 * nobody read, and to hide that would leave an operator sure of a list that does not hold.
 */
function tellNode(file: string, what: string): string {
  return `touch ${file}
for _ in $(seq 20); do
    sleep 0.1
    if [ ! -e ${file} ]; then
        echo " $node has read ${what}"
        exit 0
    fi
done
rm -f ${file}
echo " $node did not read ${what}: it does not run, or reads changes at its start only; run stop.sh and start.sh"
exit 1
`;
}
