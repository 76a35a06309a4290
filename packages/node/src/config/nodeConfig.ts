import { failure, success, type Result } from '@menglian/base/result';
import type { SuiteName } from '@menglian/crypto/suite';
import { ConfigReader } from './configReader.js';
import { parseIni, type ConfigProblem } from './ini.js';
import { readStorageSecurity, type StorageSecurity } from './storageSecurity.js';

/** What `config.ini` says about the node. Paths are as written: relative to the folder of the file. */
export interface NodeConfig {
  readonly rpc: {
    readonly address: string;
    readonly port: number;
    readonly disableDynamicGroup: boolean;
    readonly actAsGroupMember: boolean;
  };
  readonly channel: {
    readonly address: string;
    readonly port: number;
    readonly family: ChannelFamily;
    /** clients must be of the node's own agency, where their certificates tell */
    readonly checksIssuer: boolean;
    /** 0: no limit */
    readonly requestsPerSecond: number;
    /** of AMOP messages that leave the node; 0: no limit */
    readonly amopMegabitsPerSecond: number;
  };
  readonly p2p: {
    readonly address: string;
    readonly port: number;
    readonly peers: readonly string[];
    /** what one call of addPeers or erasePeers may name */
    readonly peersPerCallMax: number;
    /** what addPeers may bring them to */
    readonly peersMax: number;
  };
  /** node ids refused at connect time, and, when not empty, the only ones let in */
  readonly denyList: readonly string[];
  readonly allowList: readonly string[];
  readonly groupDataPath: string;
  readonly groupConfigPath: string;
  readonly security: {
    readonly dataPath: string;
    readonly key: string;
    readonly certificate: string;
    readonly authority: string;
    /** of chains with SM algorithms: the second pair, which keys are encrypted to */
    readonly encryptionKey: string;
    readonly encryptionCertificate: string;
  };
  readonly storageSecurity: StorageSecurity;
  /** algorithms of the node's key and of all its groups */
  readonly suite: SuiteName;
  readonly chainId: number;
  readonly supportedVersion: string;
  readonly log: {
    readonly path: string;
    readonly level: LogLevel;
    readonly console: boolean;
    readonly enabled: boolean;
    readonly fileBytesMax: number;
  };
}

/**
 * Which certificates the port of SDKs shows: those of the chain on secp256k1 (of an SM chain those in `origin_cert/`), RSA
 * ones of `channel_cert/`, or the SM pair of the chain.
 */
export type ChannelFamily = 'chain' | 'rsa' | 'sm';

export type LogLevel = 'trace' | 'debug' | 'info' | 'warning' | 'error';

const LOG_LEVELS: readonly LogLevel[] = ['trace', 'debug', 'info', 'warning', 'error'];
const PORT_MIN = 1025;
const PORT_MAX = 65_535;
const MEGABYTE = 1024 * 1024;

/** The one data format this node writes and reads; 2.x chains of older formats are not opened. */
export const SUPPORTED_VERSION = '2.11.0';

/**
 * Reads `config.ini`. Keys, defaults and ranges are those of 2.x (docs/configuration.md); unlike there, a key that
 * nobody knows is refused, because a misspelt key that silently does nothing is the operator's next night call.
 */
export function readNodeConfig(text: string, file: string): Result<NodeConfig, ConfigProblem[]> {
  const document = parseIni(text, file);
  if (!document.ok) return document;
  const reader = new ConfigReader(document.value, file);
  const suite: SuiteName = reader.boolean('chain', 'sm_crypto', false) ? 'sm' : 'ecdsa';
  const config: NodeConfig = {
    suite,
    rpc: readRpc(reader),
    channel: readChannel(reader, suite),
    p2p: {
      address: reader.text('p2p', 'listen_ip', '0.0.0.0'),
      port: reader.integer('p2p', 'listen_port', 30_300, PORT_MIN, PORT_MAX),
      peers: reader.list('p2p', 'node', 'ip:port, host:port or [ipv6]:port', parseEndpoint),
      peersPerCallMax: reader.integer('p2p', 'peers_param_limit', 10, 1, 1000),
      peersMax: reader.integer('p2p', 'max_nodes_limit', 100, 1, 100),
    },
    denyList: [
      ...reader.list('certificate_blacklist', 'crl', 'a node id of 128 hexadecimal digits', parseNodeId),
      ...reader.list('crl', 'crl', 'a node id of 128 hexadecimal digits', parseNodeId),
    ],
    allowList: [
      ...reader.list('certificate_whitelist', 'cal', 'a node id of 128 hexadecimal digits', parseNodeId),
      ...reader.list('cal', 'cal', 'a node id of 128 hexadecimal digits', parseNodeId),
    ],
    groupDataPath: reader.text('group', 'group_data_path', 'data/'),
    groupConfigPath: reader.text('group', 'group_config_path', 'conf/'),
    security: readSecurity(reader, suite),
    storageSecurity: readStorageSecurity(reader, suite),
    chainId: reader.integer('chain', 'id', 1, 0, Number.MAX_SAFE_INTEGER),
    supportedVersion: reader.choice('compatibility', 'supported_version', SUPPORTED_VERSION, [SUPPORTED_VERSION]),
    log: {
      enabled: reader.boolean('log', 'enable', true),
      path: reader.text('log', 'log_path', 'log'),
      level: reader.choice('log', 'level', 'info', LOG_LEVELS),
      console: reader.boolean('log', 'enable_console_output', false),
      fileBytesMax: reader.integer('log', 'max_log_file_size', 200, 1, 100_000) * MEGABYTE,
    },
  };
  acceptKeysWithoutEffect(reader);
  const problems = reader.finish();
  return problems.length > 0 ? failure(problems) : success(config);
}

function readRpc(reader: ConfigReader): NodeConfig['rpc'] {
  const fallback = reader.text('rpc', 'listen_ip', '127.0.0.1');
  return {
    address: reader.text('rpc', 'jsonrpc_listen_ip', fallback),
    port: reader.integer('rpc', 'jsonrpc_listen_port', 8545, PORT_MIN, PORT_MAX),
    disableDynamicGroup: reader.boolean('rpc', 'disable_dynamic_group', false),
    actAsGroupMember: reader.boolean('rpc', 'act_as_group_member', false),
  };
}

/** File names of SM chains begin with `gm`, where the configuration does not say otherwise. */
function readSecurity(reader: ConfigReader, suite: SuiteName): NodeConfig['security'] {
  const prefix = suite === 'sm' ? 'gm' : '';
  return {
    dataPath: reader.text('network_security', 'data_path', './conf/'),
    key: reader.text('network_security', 'key', `${prefix}node.key`),
    certificate: reader.text('network_security', 'cert', `${prefix}node.crt`),
    authority: reader.text('network_security', 'ca_cert', `${prefix}ca.crt`),
    encryptionKey: reader.text('network_security', 'en_key', 'gmennode.key'),
    encryptionCertificate: reader.text('network_security', 'en_cert', 'gmennode.crt'),
  };
}

function readChannelFamily(reader: ConfigReader, suite: SuiteName): ChannelFamily {
  const usesRsa = reader.boolean('chain', 'rsa_crypto_channel', false);
  const usesSm = reader.boolean('chain', 'sm_crypto_channel', false);
  if (usesSm && suite !== 'sm') reader.refuse('chain', 'sm_crypto_channel', 'can be true only with sm_crypto=true');
  if (usesSm) return 'sm';
  return usesRsa ? 'rsa' : 'chain';
}

function readChannel(reader: ConfigReader, suite: SuiteName): NodeConfig['channel'] {
  const fallback = reader.text('rpc', 'listen_ip', '0.0.0.0');
  return {
    address: reader.text('rpc', 'channel_listen_ip', fallback),
    port: reader.integer('rpc', 'channel_listen_port', 20_200, PORT_MIN, PORT_MAX),
    family: readChannelFamily(reader, suite),
    checksIssuer: reader.boolean('network_security', 'check_cert_issuer', true),
    requestsPerSecond: reader.integer('flow_control', 'limit_req', 0, 1, 1_000_000_000),
    amopMegabitsPerSecond: reader.decimal('flow_control', 'outgoing_bandwidth_limit', 0, 0, 1_000_000),
  };
}

function acceptKeysWithoutEffect(reader: ConfigReader): void {
  reader.accept('rpc', 'channel_thread_count', 'jsonrpc_thread_count');
  reader.accept('p2p', 'enable_compress', 'connection_warning');
  reader.accept('network_security', 'ca_path', 'crypto_provider', 'key_id');
  reader.accept('network_security', 'enckey_id');
  reader.accept('log', 'flush', 'enable_statistic', 'stat_flush_interval', 'format', 'log_name_pattern');
  reader.accept('log', 'rotate_name_pattern', 'archive_path', 'compress_archive_file', 'max_archive_size');
  reader.accept('log', 'max_archive_files', 'min_free_space', 'enable_rotate_by_hour');
}

/** Lower-case node id, or undefined. */
export function parseNodeId(text: string): string | undefined {
  return /^[0-9a-fA-F]{128}$/.test(text) ? text.toLowerCase() : undefined;
}

function parseEndpoint(text: string): string | undefined {
  const match = /^(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9._-]{1,253}):(\d{1,5})$/.exec(text);
  if (match === null) return undefined;
  const port = Number(match[2]);
  return port >= 1 && port <= PORT_MAX ? text : undefined;
}
