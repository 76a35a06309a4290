/**
 * The scripts beside and inside the nodes, with the names, lines and exit codes of 2.x, so that what operators built
 * around them goes on working (docs/operations.md).
 */

/** Where the container image keeps the node's folder. */
const CONTAINER_IMAGE = 'menglian:latest';

const HEADER = '#!/bin/bash\n';

/**
 * `fisco-bcos`: stands where the executable of 2.x stands. `exec -a` keeps its path in the list of processes, by which
 * scripts recognise a node.
 * @param commandPath absolute path of the menglian command
 */
export function launcherScript(commandPath: string): string {
  return `${HEADER}# Runs one node: fisco-bcos -c config.ini. MENGLIAN_COMMAND and NODE replace the command and the Node.js used.
command="\${MENGLIAN_COMMAND:-${commandPath}}"
config=config.ini
while getopts "c:vh" option; do
    case "\${option}" in
        c) config="\${OPTARG}" ;;
        v) exec "\${NODE:-node}" "\${command}" --version ;;
        *) exec "\${NODE:-node}" "\${command}" node --help ;;
    esac
done
exec -a "$0" "\${NODE:-node}" "\${command}" node --config "\${config}"
`;
}

/** @param launcher path of the launcher from the node's folder: `../fisco-bcos` or `fisco-bcos` */
export function startScript(launcher: string): string {
  return `${HEADER}SHELL_FOLDER=$(cd "$(dirname "$0")"; pwd)
fisco_bcos="\${SHELL_FOLDER}/${launcher}"
cd "\${SHELL_FOLDER}" || exit 1
node=$(basename "\${SHELL_FOLDER}")
node_pid() { ps aux | grep -F "\${fisco_bcos}" | grep -v grep | awk '{print $2}'; }
pid=$(node_pid)
if [ -n "\${pid}" ]; then
    echo " \${node} is running, pid is \${pid}."
    exit 0
fi
nohup "\${fisco_bcos}" -c config.ini >>nohup.out 2>&1 &
sleep 1.5
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    pid=$(node_pid)
    if [ -n "\${pid}" ] && tail -n 20 nohup.out | grep -q running; then
        echo " \${node} start successfully"
        exit 0
    fi
    [ -n "\${pid}" ] || break
    sleep 0.5
done
tail -n 20 nohup.out
exit 1
`;
}

export function stopScript(launcher: string): string {
  return `${HEADER}SHELL_FOLDER=$(cd "$(dirname "$0")"; pwd)
fisco_bcos="\${SHELL_FOLDER}/${launcher}"
node=$(basename "\${SHELL_FOLDER}")
node_pid() { ps aux | grep -F "\${fisco_bcos}" | grep -v grep | awk '{print $2}'; }
pid=$(node_pid)
if [ -z "\${pid}" ]; then
    echo " \${node} isn't running."
    exit 0
fi
kill \${pid} >/dev/null
for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    sleep 0.6
    if [ -z "$(node_pid)" ]; then
        echo " stop \${node} success."
        exit 0
    fi
done
echo "  exceed maximum number of retries. Please try again to stop \${node}"
exit 1
`;
}

/** @param name of the container */
export function containerStartScript(name: string): string {
  return `${HEADER}SHELL_FOLDER=$(cd "$(dirname "$0")"; pwd)
docker run -d --rm --name ${name} --network host -v "\${SHELL_FOLDER}:/data" -w /data ${CONTAINER_IMAGE} node --config config.ini
`;
}

export function containerStopScript(name: string): string {
  return `${HEADER}docker stop -t 20 ${name}
`;
}

export function startAllScript(): string {
  return allScript('start');
}

export function stopAllScript(): string {
  return allScript('stop');
}

function allScript(what: 'start' | 'stop'): string {
  return `${HEADER}dirpath="$(cd "$(dirname "$0")" && pwd)"
cd "\${dirpath}" || exit 1
for directory in */; do
    directory="\${directory%/}"
    if [ -f "\${directory}/config.ini" ] && [ -f "\${directory}/${what}.sh" ]; then
        echo "try to ${what} \${directory}"
        bash "\${directory}/${what}.sh" &
    fi
done
wait
`;
}

/** Restarts nodes that are gone and reports groups that stand still; for cron, each minute. */
export function monitorScript(): string {
  return `${HEADER}# Usage: monitor.sh -d <folder with the nodes of this host>
while getopts "d:" option; do
    [ "\${option}" = d ] && host_dir="\${OPTARG}"
done
[ -n "\${host_dir}" ] || { echo "usage: monitor.sh -d <folder with the nodes of this host>"; exit 1; }
state_dir=$(cd "$(dirname "$0")"; pwd)
alarm() { echo "$(date '+%Y-%m-%d %H:%M:%S') [ALARM] $1"; }
# The tenth field between quotes is the result: {"id":1,"jsonrpc":"2.0","result":"0x1"}
ask() {
    answer=$(curl -s -m 10 -X POST --data "{\\"jsonrpc\\":\\"2.0\\",\\"method\\":\\"$2\\",\\"params\\":[$3],\\"id\\":1}" "http://127.0.0.1:$1")
    [ "$(echo "\${answer}" | awk -F '"' '{print $2$4$8}')" = "idjsonrpcresult" ] && echo "\${answer}" | awk -F '"' '{print $10}'
}
for config in "\${host_dir}"/node*/config.ini; do
    node_dir=$(cd "$(dirname "\${config}")"; pwd)
    node=$(basename "\${node_dir}")
    if ! ps aux | grep -F "\${node_dir}/" | grep -v grep | grep -q "fisco-bcos"; then
        alarm "\${node} is not running, it is started again"
        bash "\${node_dir}/stop.sh" >/dev/null
        sleep 5
        bash "\${node_dir}/start.sh"
        continue
    fi
    port=$(grep -E '^ *jsonrpc_listen_port *=' "\${config}" | head -n 1 | sed 's/.*= *//')
    for genesis in "\${node_dir}"/conf/group.*.genesis; do
        group=$(basename "\${genesis}" | cut -d . -f 2)
        height=$(ask "\${port}" getBlockNumber "\${group}")
        view=$(ask "\${port}" getPbftView "\${group}")
        if [ -z "\${height}" ] || [ -z "\${view}" ]; then
            alarm "\${node} group \${group} does not answer on port \${port}"
            continue
        fi
        pending=$(ask "\${port}" getPendingTxSize "\${group}")
        height_file="\${state_dir}/\${node}_\${group}.height"
        view_file="\${state_dir}/\${node}_\${group}.view"
        # A group without transactions stands still by design: only waiting transactions make it an alarm.
        if [ -f "\${height_file}" ] && [ "$(cat "\${height_file}")" = "\${height}" ] && [ "$(cat "\${view_file}")" = "\${view}" ] &&
            [ "\${pending}" != "0x0" ]; then
            alarm "\${node} group \${group} stands still at block \${height}, view \${view}, with transactions waiting"
        fi
        echo "\${height}" >"\${height_file}"
        echo "\${view}" >"\${view_file}"
    done
done
`;
}
