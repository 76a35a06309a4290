/** From what was asked to what will be built: every node with its place, ports, agency and groups. Pure. */
import { isIPv6 } from 'node:net';
import { failure, success, type Result } from '@menglian/base/result';
import { SUPPORTED_VERSION } from '@menglian/node/config/nodeConfig';
import type { GenesisConfig } from '@menglian/types/genesis';
import { DEFAULT_DAYS, DEFAULT_OUTPUT, DEFAULT_PORTS, type ChainOptions } from './chainOptions.js';
import { chainProblem, type ChainProblem } from './chainProblem.js';
import {
  MAX_NODES,
  MAX_PORT,
  NEW_GROUPS_MAX,
  parseHostFile,
  parseHostList,
  parsePorts,
  shown,
  type HostLine,
  type PortTriple,
} from './hostList.js';
import { refuseOptions } from './refusedOptions.js';

export interface PlannedNode {
  readonly host: string;
  /** Place among the nodes of its host, from 0. */
  readonly index: number;
  /** `node0`: common name of the certificate. */
  readonly name: string;
  /** Folder below the output folder, with `/`. */
  readonly folder: string;
  readonly agency: string;
  readonly groups: readonly number[];
  readonly ports: PortTriple;
}

export interface ChainPlan {
  readonly output: string;
  /** In the order in which files list them. */
  readonly nodes: readonly PlannedNode[];
  /** In order of appearance, each once. */
  readonly hosts: readonly string[];
  readonly agencies: readonly string[];
  readonly groups: readonly number[];
  readonly consensus: ConsensusType;
  readonly chainId: number;
  readonly days: number;
  readonly authorityFolder: string | undefined;
  readonly smAuthorityFolder: string | undefined;
  readonly options: ChainOptions;
}

type ConsensusType = GenesisConfig['consensusType'];

const CONSENSUS_TYPES: readonly ConsensusType[] = ['pbft', 'raft', 'rpbft'];

/** 1,000,000 days end in the year 4764; certificates can tell years up to 9999. */
const MAX_DAYS = 1_000_000;
const MAX_CHAIN_ID = Number.MAX_SAFE_INTEGER;
const EXAMPLE = '-l 127.0.0.1:4 -p 30300,20200,8545 -o nodes';

/** @param fileText content of the file of -f, when there is one */
export function planChain(options: ChainOptions, fileText: string | undefined): Result<ChainPlan, ChainProblem> {
  const refused = refuseOptions(options);
  if (refused !== undefined) return failure(refused);
  const lines = readLines(options, fileText);
  if (!lines.ok) return lines;
  const unreachable = lines.value.find(({ host }) => isIPv6(host) && options.ipv6 !== true);
  if (unreachable !== undefined) {
    return failure(
      chainProblem(
        `${unreachable.host} is an IPv6 address, which needs -6: without it nodes listen on IPv4 only`,
        `${unreachable.host} 是 IPv6 地址，需要 -6：否则节点只监听 IPv4`,
        `-l [${unreachable.host}]:${unreachable.count} -6 -o nodes`,
      ),
    );
  }
  const ports = parsePorts(options.ports ?? DEFAULT_PORTS);
  if (!ports.ok) return ports;
  const nodes = placeNodes(lines.value, ports.value, options.deployLayout === true);
  if (!nodes.ok) return nodes;
  const version = options.supportedVersion ?? SUPPORTED_VERSION;
  if (version !== SUPPORTED_VERSION) {
    return failure(
      chainProblem(
        `-v ${shown(version)}: nodes write the data format ${SUPPORTED_VERSION} and no other; leave -v out`,
        `-v ${shown(version)}：节点只使用数据格式 ${SUPPORTED_VERSION}，请去掉 -v`,
        EXAMPLE,
      ),
    );
  }
  const consensus = CONSENSUS_TYPES.find((type) => type === (options.consensus ?? 'pbft').toLowerCase());
  if (consensus === undefined) {
    return failure(
      chainProblem(
        `-c takes pbft, raft or rpbft; found "${shown(options.consensus ?? '')}"`,
        `-c 须为 pbft、raft 或 rpbft，实为“${shown(options.consensus ?? '')}”`,
        `${EXAMPLE} -c pbft`,
      ),
    );
  }
  const chainId = wholeNumber(options.chainId ?? '1', 0, MAX_CHAIN_ID);
  if (chainId === undefined) {
    return failure(
      chainProblem(
        `-C takes a whole number from 0; found "${shown(options.chainId ?? '')}"`,
        `-C 须为非负整数，实为“${shown(options.chainId ?? '')}”`,
        `${EXAMPLE} -C 1`,
      ),
    );
  }
  const days = wholeNumber(options.days ?? DEFAULT_DAYS, 1, MAX_DAYS);
  if (days === undefined) {
    return failure(
      chainProblem(
        `-X takes days from 1 to ${MAX_DAYS}; found "${shown(options.days ?? '')}"`,
        `-X 须为 1 至 ${MAX_DAYS} 天，实为“${shown(options.days ?? '')}”`,
        `${EXAMPLE} -X 36500`,
      ),
    );
  }
  return success({
    output: options.output ?? DEFAULT_OUTPUT,
    nodes: nodes.value,
    hosts: unique(nodes.value.map(({ host }) => host)),
    agencies: unique(nodes.value.map(({ agency }) => agency)),
    groups: unique(nodes.value.flatMap(({ groups }) => groups)),
    consensus,
    chainId,
    days,
    authorityFolder: options.authority,
    smAuthorityFolder: options.smAuthority,
    options,
  });
}

/** `host:port`, with brackets around IPv6. */
export function endpoint(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

function readLines(
  { hosts, file, groups }: ChainOptions,
  fileText: string | undefined,
): Result<HostLine[], ChainProblem> {
  if ((hosts === undefined) === (file === undefined)) {
    return failure(
      chainProblem(
        'say where the nodes shall run: either -l with hosts or -f with a file, one of the two',
        '请用 -l（主机列表）或 -f（文件）指明节点所在主机，二者选一',
        EXAMPLE,
      ),
    );
  }
  if (hosts === undefined) return groups === undefined ? parseHostFile(fileText ?? '') : failure(groupsTwice());
  const groupCount = wholeNumber(groups ?? '1', 1, NEW_GROUPS_MAX);
  return groupCount === undefined ? failure(groupsProblem(groups ?? '')) : parseHostList(hosts, groupCount);
}

function groupsTwice(): ChainProblem {
  return chainProblem(
    '--groups is for -l; the file of -f says the groups of each line itself',
    '--groups 仅与 -l 同用；-f 文件的每一行自行指定群组',
    '-f hosts.txt',
  );
}

function groupsProblem(groups: string): ChainProblem {
  return chainProblem(
    `--groups takes a number of 1 to ${NEW_GROUPS_MAX}; found "${shown(groups)}"; generateGroup makes more while nodes run`,
    `--groups 须为 1 至 ${NEW_GROUPS_MAX}，实为“${shown(groups)}”；更多群组可在运行中用 generateGroup 创建`,
    `${EXAMPLE} --groups 3`,
  );
}

function placeNodes(
  lines: readonly HostLine[],
  firstPorts: PortTriple,
  deployLayout: boolean,
): Result<PlannedNode[], ChainProblem> {
  const nodes: PlannedNode[] = [];
  const hosts = new Map<string, { index: number; ports: PortTriple }>();
  const usedPorts = new Set<string>();
  for (const line of lines) {
    const state = hosts.get(line.host) ?? { index: 0, ports: firstPorts };
    let ports = line.ports ?? state.ports;
    for (let i = 0; i < line.count; i++) {
      for (const port of [ports.p2p, ports.channel, ports.rpc]) {
        const key = `${line.host} ${port}`;
        if (port > MAX_PORT) return failure(portsProblem(line.host, `${port} > ${MAX_PORT}`));
        if (usedPorts.has(key)) return failure(portsProblem(line.host, `${port} × 2`));
        usedPorts.add(key);
      }
      const index = state.index + i;
      const folder = deployLayout ? `node_${line.host}_${ports.p2p}` : `node${index}`;
      nodes.push({
        host: line.host,
        index,
        name: `node${index}`,
        folder: `${line.host}/${folder}`,
        agency: line.agency,
        groups: line.groups,
        ports,
      });
      ports = { p2p: ports.p2p + 1, channel: ports.channel + 1, rpc: ports.rpc + 1 };
    }
    hosts.set(line.host, { index: state.index + line.count, ports });
  }
  if (nodes.length <= MAX_NODES) return success(nodes);
  return failure(
    chainProblem(
      `${nodes.length} nodes are asked for; at most ${MAX_NODES} are built`,
      `共要求 ${nodes.length} 个节点，最多 ${MAX_NODES} 个`,
      EXAMPLE,
    ),
  );
}

function portsProblem(host: string, detail: string): ChainProblem {
  return chainProblem(
    `the ports of the nodes on ${host} overlap or end above ${MAX_PORT} (${detail}); node k takes each first port plus k`,
    `${host} 上节点的端口重叠或超过 ${MAX_PORT}（${detail}）；第 k 个节点使用各起始端口加 k`,
    EXAMPLE,
  );
}

function wholeNumber(text: string, min: number, max: number): number | undefined {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

function unique<T>(items: readonly T[]): T[] {
  return [...new Set(items)];
}
