/** The two ways to name hosts: the list of -l and the file of -f. */
import { isIP } from 'node:net';
import { failure, success, type Result } from '@menglian/base/result';
import { MAX_GROUP_ID } from '@menglian/types/limits';
import { chainProblem, type ChainProblem } from './chainProblem.js';

export interface HostLine {
  /** IP address without brackets, or a host name. */
  readonly host: string;
  readonly count: number;
  readonly agency: string;
  readonly groups: readonly number[];
  /** First ports of this line; undefined to go on where the host's last line ended. */
  readonly ports: PortTriple | undefined;
}

export interface PortTriple {
  readonly p2p: number;
  readonly channel: number;
  readonly rpc: number;
}

/** Every node connects to every other one, and `p2p.max_nodes_limit` of 2.x is 100. */
export const MAX_NODES = 100;
const MIN_PORT = 1025;
export const MAX_PORT = 65_535;
const MAX_FILE_CHARACTERS = 100_000;

/** Files of the folder in which each agency gets a folder of its own. */
const RESERVED_NAMES = new Set(['ca.key', 'ca.crt', 'ca.srl', 'cert.cnf', 'root.crt']);

const HOSTS_EXAMPLE = '-l 127.0.0.1:4';
const FILE_EXAMPLE = '-f hosts.txt   (a line: 127.0.0.1:2 agencyA 1,2)';
const PORTS_EXAMPLE = '-l 127.0.0.1:4 -p 30300,20200,8545';

/** Every group is a thread of each node from its start on; more are made while nodes run. */
export const NEW_GROUPS_MAX = 32;

/**
 * Reads `ip1:n1,ip2:n2`: one agency for all.
 * @param groupCount all nodes are in groups 1 to this
 */
export function parseHostList(text: string, groupCount: number): Result<HostLine[], ChainProblem> {
  const groups = Array.from({ length: groupCount }, (_, index) => index + 1);
  const lines: HostLine[] = [];
  for (const item of text.split(',')) {
    const host = parseHost(item.trim(), HOSTS_EXAMPLE);
    if (!host.ok) return host;
    lines.push({ ...host.value, agency: 'agency', groups, ports: undefined });
  }
  return success(lines);
}

/** Reads the file of -f: `<ip>:<count> <agency> <group>[,<group>…] [<p2p>,<channel>,<jsonrpc>]` a line. */
export function parseHostFile(text: string): Result<HostLine[], ChainProblem> {
  if (text.length > MAX_FILE_CHARACTERS) {
    return failure(chainProblem('the file of -f is too long', '-f 文件过长', FILE_EXAMPLE));
  }
  const lines: HostLine[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const content = raw.trim();
    if (content === '') continue;
    const at = `${index + 1}`;
    const [hostText = '', agency = '', groupsText = '', portsText, ...rest] = content.split(/\s+/);
    if (groupsText === '' || rest.length > 0) {
      return failure(
        chainProblem(
          `line ${at} of the file must have host:count, agency, groups and perhaps ports; found "${shown(content)}"`,
          `文件第 ${at} 行须为“主机:数量 机构 群组 [端口]”，实为“${shown(content)}”`,
          FILE_EXAMPLE,
        ),
      );
    }
    const host = parseHost(hostText, FILE_EXAMPLE);
    if (!host.ok) return host;
    if (!/^[a-zA-Z0-9._-]{1,64}$/.test(agency) || agency === '.' || agency === '..') {
      return failure(
        chainProblem(
          `line ${at}: an agency's name has 1 to 64 letters, digits, dots, underscores or hyphens; found "${shown(agency)}"`,
          `第 ${at} 行：机构名须为 1 至 64 个字母、数字、点、下划线或连字符，实为“${shown(agency)}”`,
          FILE_EXAMPLE,
        ),
      );
    }
    if (RESERVED_NAMES.has(agency)) {
      return failure(
        chainProblem(
          `line ${at}: an agency cannot be named ${agency}, as a file beside its folder is`,
          `第 ${at} 行：机构不能命名为 ${agency}，与其目录旁的文件同名`,
          FILE_EXAMPLE,
        ),
      );
    }
    const groups = parseGroups(groupsText);
    if (groups === undefined) {
      return failure(
        chainProblem(
          `line ${at}: groups are numbers of 1 to ${MAX_GROUP_ID}, each once; found "${shown(groupsText)}"`,
          `第 ${at} 行：群组号须为 1 至 ${MAX_GROUP_ID} 且不重复，实为“${shown(groupsText)}”`,
          FILE_EXAMPLE,
        ),
      );
    }
    const ports = portsText === undefined ? undefined : parsePorts(portsText);
    if (ports !== undefined && !ports.ok) return ports;
    lines.push({ ...host.value, agency, groups, ports: ports?.value });
  }
  if (lines.length > 0) return success(lines);
  return failure(chainProblem('the file of -f names no host', '-f 文件中没有主机', FILE_EXAMPLE));
}

/** Reads `p2p,channel,jsonrpc`. */
export function parsePorts(text: string): Result<PortTriple, ChainProblem> {
  const parts = text.split(',');
  const [p2p = 0, channel = 0, rpc = 0] = parts.map((part) => (/^\d{1,5}$/.test(part) ? Number(part) : 0));
  if (parts.length === 3 && [p2p, channel, rpc].every((port) => port >= MIN_PORT && port <= MAX_PORT)) {
    return success({ p2p, channel, rpc });
  }
  return failure(
    chainProblem(
      `ports are three numbers of ${MIN_PORT} to ${MAX_PORT}, "p2p,channel,jsonrpc"; found "${shown(text)}"`,
      `端口须为“p2p,channel,jsonrpc”三个 ${MIN_PORT} 至 ${MAX_PORT} 的数字，实为“${shown(text)}”`,
      PORTS_EXAMPLE,
    ),
  );
}

function parseHost(text: string, example: string): Result<{ host: string; count: number }, ChainProblem> {
  const match = /^(?:\[([0-9a-fA-F:.]{2,45})\]|([A-Za-z0-9.-]{1,253}))(?::(\d{1,3}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const count = Number(match?.[3] ?? 1);
  if (host !== undefined && isHost(host, match?.[1] !== undefined) && count >= 1 && count <= MAX_NODES) {
    return success({ host, count });
  }
  return failure(
    chainProblem(
      `"${shown(text)}" is not host:count, with an IP address ([…] around IPv6) or host name and 1 to ${MAX_NODES} nodes`,
      `“${shown(text)}”不是“主机:数量”：主机为 IP 地址（IPv6 加方括号）或主机名，数量为 1 至 ${MAX_NODES}`,
      example,
    ),
  );
}

function isHost(text: string, bracketed: boolean): boolean {
  if (bracketed) return isIP(text) === 6;
  // What looks like an IPv4 address must be one; 999.1.1.1 is no host name either.
  if (/^[0-9.]+$/.test(text)) return isIP(text) === 4;
  return text.split('.').every((label) => /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label));
}

function parseGroups(text: string): number[] | undefined {
  const groups = text.split(',').map((part) => (/^[1-9]\d{0,4}$/.test(part) ? Number(part) : 0));
  const valid = groups.every((group) => group >= 1 && group <= MAX_GROUP_ID);
  return valid && new Set(groups).size === groups.length ? groups : undefined;
}

/** A piece of what was typed, short and printable. */
export function shown(text: string): string {
  const printable = text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '?');
  return printable.length > 60 ? `${printable.slice(0, 60)}…` : printable;
}
