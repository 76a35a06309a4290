/**
 * The scripts that start and stop nodes, with the names, words and exit codes of 2.x, so that what operators built
 * around them goes on working (docs/operations.md).
 */
import { FEW_CORES_FLAGS, FEW_CORES_MAX } from '../start/nodeFlags.js';
import { SUPPORTED_VERSION } from '@menglian/node/config/nodeConfig';
/** Loops of start.sh: 2.x waits 3.5 s in all, which a busy machine does not keep; a process that ends is told at once. */
const START_TRIES = 60;
const STOP_TRIES = 20;

const HEADER = `#!/bin/bash
`;

/** Where the script lies, and the name of its node. */
const FOLDER = `SHELL_FOLDER=$(cd "$(dirname "$0")" && pwd)
node=$(basename "$SHELL_FOLDER")
`;

/**
 * `fisco-bcos`: stands where the executable of 2.x stands and takes its options. `exec -a` keeps its path in the list
 * of processes, by which scripts recognise a node.
 * @param commandPath absolute path of the menglian command
 * @param nodePath absolute path of Node.js, for callers without a PATH such as cron
 */
export function launcherScript(commandPath: string, nodePath: string): string {
  return `${HEADER}# Runs one node: fisco-bcos -c config.ini. To use another command or Node.js than the ones below, set
# MENGLIAN_COMMAND and NODE; where the ones below do not exist, those in PATH are taken. MENGLIAN_NODE_FLAGS stands for
# the options that Node.js gets on machines with few cores.
command=\${MENGLIAN_COMMAND:-${shellQuote(commandPath)}}
[ -e "$command" ] || command=$(readlink -f "$(command -v menglian)")
nodejs=\${NODE:-${shellQuote(nodePath)}}
command -v "$nodejs" >/dev/null || nodejs=node
if [ ! -e "$command" ]; then
    echo "the menglian command is not on this machine: install it, or set MENGLIAN_COMMAND to its path" >&2
    exit 1
fi
config=config.ini
while getopts "c:vh" option; do
    case "$option" in
        c) config=$OPTARG ;;
        v)
            echo "FISCO-BCOS Version : ${SUPPORTED_VERSION}"
            echo "Menglian Version : $("$nodejs" "$command" --version)"
            exit 0
            ;;
        h) exec "$nodejs" "$command" node --help ;;
        *) exit 1 ;;
    esac
done
cores=$(nproc 2>/dev/null || echo 0)
flags=
[ "$cores" -ge 1 ] && [ "$cores" -le ${FEW_CORES_MAX} ] && flags='${FEW_CORES_FLAGS.join(' ')}'
# Unquoted, because these are several options or none.
exec -a "$0" "$nodejs" \${MENGLIAN_NODE_FLAGS-$flags} "$command" node --config "$config"
`;
}

/** @param launcher path of the launcher from the node's folder: `../fisco-bcos` or `fisco-bcos` */
export function startScript(launcher: string): string {
  return `${HEADER}${FOLDER}${findProcess(launcher)}cd "$SHELL_FOLDER" || exit 1
pid=$(node_pid)
if [ -n "$pid" ]; then
    echo " $node is running, pid is $pid."
    exit 0
fi
# Words of an earlier run must not count as this one's.
touch nohup.out
before=$(wc -c <nohup.out)
nohup "$fisco_bcos" -c config.ini >>nohup.out 2>&1 &
sleep 1.5
for _ in $(seq ${START_TRIES}); do
    pid=$(node_pid)
    if [ -n "$pid" ] && tail -c +$((before + 1)) nohup.out | tail -n 20 | grep -q running; then
        echo " $node start successfully"
        exit 0
    fi
    [ -n "$pid" ] || break
    sleep 0.5
done
echo " $node did not start; the end of nohup.out:"
tail -n 20 nohup.out
exit 1
`;
}

/** @param launcher as for `startScript` */
export function stopScript(launcher: string): string {
  return `${HEADER}${FOLDER}${findProcess(launcher)}pid=$(node_pid)
if [ -z "$pid" ]; then
    echo " $node isn't running."
    exit 0
fi
kill $pid
for _ in $(seq ${STOP_TRIES}); do
    sleep 0.6
    if [ -z "$(node_pid)" ]; then
        echo " stop $node success."
        exit 0
    fi
done
echo " $node still runs, pid is $(node_pid); try again"
exit 1
`;
}

/** The whole path between blanks: a chain in /nodes must not find, and stop, one in /backup/nodes. */
function findProcess(launcher: string): string {
  return `fisco_bcos=$SHELL_FOLDER/${launcher}
node_pid() { ps auxww | path=$fisco_bcos awk 'index($0 " ", " " ENVIRON["path"] " ") { print $2 }'; }
`;
}

/** The container is named after its folder, and everything of the node lies in that folder. */
const CONTAINER = `container=menglian$(echo "$SHELL_FOLDER" | tr -c 'a-zA-Z0-9\\n' '_')
node_container() { docker ps -q -f "name=^$container\\$"; }
`;

export function containerStartScript(): string {
  return `${HEADER}# MENGLIAN_IMAGE names the image.
${FOLDER}${CONTAINER}image=\${MENGLIAN_IMAGE:-menglian:latest}
if [ -n "$(node_container)" ]; then
    echo " $node is running, container is $container."
    exit 0
fi
# One that ended by itself was kept for its log.
docker rm "$container" >/dev/null 2>&1
docker run -d --name "$container" --network host --user "$(id -u):$(id -g)" \\
    -v "$SHELL_FOLDER":/data -w /data "$image" node --config /data/config.ini >/dev/null || exit 1
for _ in $(seq ${START_TRIES}); do
    if docker logs --tail 20 "$container" 2>&1 | grep -q running; then
        echo " $node start successfully"
        exit 0
    fi
    [ -n "$(node_container)" ] || break
    sleep 0.5
done
echo " $node did not start; the end of what it printed:"
docker logs --tail 20 "$container"
exit 1
`;
}

export function containerStopScript(): string {
  return `${HEADER}${FOLDER}${CONTAINER}if [ -z "$(node_container)" ]; then
    echo " $node isn't running."
    exit 0
fi
docker stop -t 20 "$container" >/dev/null || exit 1
docker rm "$container" >/dev/null
echo " stop $node success."
`;
}

export function startAllScript(): string {
  return allScript('start');
}

export function stopAllScript(): string {
  return allScript('stop');
}

function allScript(what: 'start' | 'stop'): string {
  return `${HEADER}cd "$(dirname "$0")" || exit 1
for folder in */; do
    folder=\${folder%/}
    if [ -f "$folder/config.ini" ] && [ -f "$folder/${what}.sh" ]; then
        echo "try to ${what} $folder"
        bash "$folder/${what}.sh" &
    fi
done
wait
`;
}

/** One word for the shell, whatever the path holds. */
function shellQuote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
