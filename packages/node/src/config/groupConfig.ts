import { failure, success, type Result } from '@menglian/base/result';
import type { EventFilterOptions } from '@menglian/channel/events/eventFilters';
import type { LevelTuning } from '@menglian/storage/levelStore';
import type { GenesisConfig } from '@menglian/types/genesis';
import { MAX_GROUP_ID } from '@menglian/types/limits';
import { ConfigReader } from './configReader.js';
import { parseIni, type ConfigProblem } from './ini.js';
import type { SnapshotTuning } from '../group/snapshotMaker.js';
import { parseNodeId } from './nodeConfig.js';

const MEGABYTE = 1024 * 1024;

/** What `group.N.genesis` says. */
export interface GroupGenesis {
  /** The group's immutable parameters, hashed into its first block. */
  readonly genesis: GenesisConfig;
  /** Raft: a follower stands for election after once to twice this time without a leader. Not in the first block. */
  readonly electionTimeoutMs: number;
  /** How far subscriptions to events may reach. Not in the first block either. */
  readonly eventFilter: EventFilterOptions;
}

/** Elections more frequent than this are lost to the scheduler of a busy machine. */
const ELECTION_TIME_MIN_MS = 100;
const ELECTION_TIME_MAX_MS = 3_600_000;

/** Reads `group.N.genesis`. */
export function readGroupGenesis(text: string, file: string): Result<GroupGenesis, ConfigProblem[]> {
  const document = parseIni(text, file);
  if (!document.ok) return document;
  const reader = new ConfigReader(document.value, file);
  const consensusType = reader.choice('consensus', 'consensus_type', 'pbft', ['pbft', 'raft', 'rpbft']);
  const sealers = reader.list('consensus', 'node', 'a node id of 128 hexadecimal digits', parseNodeId);
  if (sealers.length === 0) reader.missing('consensus', 'node.0', 'is missing: a group needs at least one sealer');
  if (new Set(sealers).size !== sealers.length) reader.missing('consensus', 'node.N', 'names the same node twice');
  const timestampMs = reader.integer('group', 'timestamp', -1, 0, Number.MAX_SAFE_INTEGER);
  if (timestampMs < 0) reader.missing('group', 'timestamp', 'is missing: ms since 1970, the same on all nodes');
  const genesis: GenesisConfig = {
    groupId: reader.integer('group', 'id', 0, 1, MAX_GROUP_ID),
    timestampMs,
    sealers: sealers.toSorted(),
    consensusType,
    maxTransactions: reader.integer('consensus', 'max_trans_num', 1000, 1, Number.MAX_SAFE_INTEGER),
    consensusTimeoutSeconds: reader.integer('consensus', 'consensus_timeout', 3, 3, 4_294_966),
    gasLimit: BigInt(reader.integer('tx', 'gas_limit', 300_000_000, 1, Number.MAX_SAFE_INTEGER)),
    epochSealerCount: reader.integer('consensus', 'epoch_sealer_num', Math.max(sealers.length, 1), 1, 100_000),
    epochBlockCount: reader.integer('consensus', 'epoch_block_num', 1000, 2, Number.MAX_SAFE_INTEGER),
    freeStorage: reader.boolean('evm', 'enable_free_storage', false),
    stateType: reader.choice('state', 'type', 'storage', ['storage']),
  };
  if (genesis.groupId === 0) reader.missing('group', 'id', `is missing: a whole number of 1 to ${MAX_GROUP_ID}`);
  const electionTimeoutMs = readElectionTime(reader);
  const eventFilter = {
    maxBlockRange: reader.integer('event_filter', 'max_block_range', 0, 0, Number.MAX_SAFE_INTEGER),
    maxBlocksPerTurn: reader.integer('event_filter', 'max_block_per_process', 3, 1, 1000),
  };
  const problems = reader.finish();
  return problems.length > 0 ? failure(problems) : success({ genesis, electionTimeoutMs, eventFilter });
}

/** 2.x draws each election's time between the two; here the upper end is twice the lower one, as the defaults are. */
function readElectionTime(reader: ConfigReader): number {
  const time = (key: string, fallback: number) =>
    reader.integer('consensus', key, fallback, ELECTION_TIME_MIN_MS, ELECTION_TIME_MAX_MS);
  const min = time('min_elect_time', 1000);
  const max = time('max_elect_time', Math.max(2000, min));
  if (max < min) reader.refuse('consensus', 'max_elect_time', `must be at least min_elect_time, ${min}`);
  return min;
}

/** What `group.N.ini` says: local tuning of one group. */
export interface GroupTuning {
  /** how long a leader waits for more transactions before it proposes a block that is not full */
  readonly minBlockGenerationTimeMs: number;
  readonly poolTransactionsMax: number;
  readonly poolBytesMax: number;
  readonly transactionExpirationMs: number;
  /** blocks of dear calls run on several threads */
  readonly parallelExecution: boolean;
  readonly snapshots: SnapshotTuning;
  readonly storage: StorageTuning;
  /** of all files of the group; 0: no limit */
  readonly diskQuotaBytes: number;
  /** of clients on the channel; 0: no limit */
  readonly requestsPerSecond: number;
  /** public keys of clients that may use the group; empty: all may */
  readonly sdkAllowList: readonly string[];
}

/** Memory for what is stored, and how the database lays out its files; results do not depend on it. */
export interface StorageTuning extends LevelTuning {
  /** values of the state, ready for use */
  readonly stateCacheBytes: number;
}

/** Reads `group.N.ini`. @param text undefined when the file is missing: defaults hold, as in 2.x */
export function readGroupTuning(text: string | undefined, file: string): Result<GroupTuning, ConfigProblem[]> {
  const document = parseIni(text ?? '', file);
  if (!document.ok) return document;
  const reader = new ConfigReader(document.value, file);
  const capacityBytes = reader.integer('storage', 'max_capacity', 32, 1, 65_536) * MEGABYTE;
  const tuning: GroupTuning = {
    minBlockGenerationTimeMs: reader.integer('consensus', 'min_block_generation_time', 500, 0, 1000),
    poolTransactionsMax: reader.integer('tx_pool', 'limit', 102_400, 1, 10_000_000),
    poolBytesMax: reader.integer('tx_pool', 'memory_limit', 512, 1, 1_000_000) * MEGABYTE,
    transactionExpirationMs: reader.integer('tx_pool', 'txs_expiration_time', 600, 1, 1_000_000) * 1000,
    parallelExecution: reader.boolean('tx_execute', 'enable_parallel', true),
    snapshots: {
      interval: reader.integer('sync', 'snapshot_interval', 1000, 0, 1_000_000_000),
      maxBytes: reader.integer('sync', 'snapshot_max_mb', 128, 1, 16_384) * MEGABYTE,
      minimumHeight: reader.integer('sync', 'snapshot_min_height', 3000, 1, Number.MAX_SAFE_INTEGER),
    },
    storage: {
      cacheBytes: capacityBytes,
      stateCacheBytes: capacityBytes / 2,
      writeBufferBytes: reader.integer('storage', 'write_buffer', 64, 1, 1024) * MEGABYTE,
      tableBytes: reader.integer('storage', 'table_size', 2, 1, 256) * MEGABYTE,
    },
    diskQuotaBytes: reader.integer('storage', 'quota_mb', 0, 0, 1_000_000_000) * MEGABYTE,
    requestsPerSecond: reader.integer('flow_control', 'limit_req', 0, 1, 1_000_000_000),
    sdkAllowList: reader.list('sdk_allowlist', 'public_key', 'a public key of 128 hexadecimal digits', parseNodeId),
  };
  reader.choice('storage', 'type', 'rocksdb', ['rocksdb', 'leveldb']);
  acceptKeysWithoutEffect(reader);
  const problems = reader.finish();
  return problems.length > 0 ? failure(problems) : success(tuning);
}

function acceptKeysWithoutEffect(reader: ConfigReader): void {
  reader.accept('consensus', 'ttl', 'enable_dynamic_block_size', 'block_size_increase_ratio');
  reader.accept('consensus', 'enable_ttl_optimization', 'enable_prepare_with_txsHash', 'broadcast_prepare_by_tree');
  reader.accept('consensus', 'prepare_status_broadcast_percent', 'max_request_missedTxs_waitTime');
  reader.accept('consensus', 'max_request_prepare_waitTime');
  reader.accept('storage', 'binary_log', 'cached_storage', 'scroll_threshold_multiple');
  reader.accept('storage', 'max_forward_block', 'max_retry', 'topic', 'db_type', 'db_ip', 'db_port', 'db_username');
  reader.accept('storage', 'db_passwd', 'db_name', 'db_charset', 'init_connections', 'max_connections');
  reader.accept('storage', 'enable_reconfirm_committee');
  reader.accept('tx_pool', 'notify_worker_num');
  reader.accept('sync', 'max_block_sync_memory_size', 'idle_wait_ms', 'sync_block_by_tree', 'send_txs_by_tree');
  reader.accept('sync', 'gossip_interval_ms', 'gossip_peers_number', 'txs_max_gossip_peers_num');
  reader.accept('sync', 'allow_free_node', 'print_info_interval');
  reader.accept('flow_control', 'outgoing_bandwidth_limit');
}
