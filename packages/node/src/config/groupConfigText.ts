import { iniText, section, type Line } from './iniText.js';

const RAFT_TIMES: readonly Line[] = [
  'ms without a leader until a node stands for election: from the first number to twice it',
  ['min_elect_time', 1000],
  ['max_elect_time', 2000],
];

/** What a group begins with, besides what is the same for all that are made here. */
export interface NewGroup {
  readonly groupId: number;
  readonly timestampMs: number;
  readonly consensus: string;
  /** sealers in the order in which the file lists them */
  readonly nodeIds: readonly string[];
  readonly freeStorage: boolean;
}

/** `group.N.genesis`, the same bytes on every node of the group: block 0 is made from these values. */
export function groupGenesisText({ groupId, timestampMs, consensus, nodeIds, freeStorage }: NewGroup): string {
  return iniText([
    section('consensus', [
      ['consensus_type', consensus],
      'most transactions of a block',
      ['max_trans_num', 1000],
      'seconds until a leader that makes no block is replaced, at least 3',
      ['consensus_timeout', 3],
      'rpbft: how many sealers work at a time, and after how many blocks one of them is replaced',
      ['epoch_sealer_num', nodeIds.length],
      ['epoch_block_num', 1000],
      ...(consensus === 'raft' ? RAFT_TIMES : []),
      ...nodeIds.map((nodeId, index): Line => [`node.${index}`, nodeId]),
    ]),
    section('state', [['type', 'storage']]),
    section('tx', ['gas limit of each transaction', ['gas_limit', 300_000_000]]),
    section('group', [
      ['id', groupId],
      ['timestamp', timestampMs],
    ]),
    section('evm', [['enable_free_storage', freeStorage]]),
  ]);
}

/** `group.N.ini`: settings of one node for the group. */
export function groupTuningText(): string {
  return iniText([
    section('consensus', [
      ['ttl', 2],
      'ms after a block until the next one that is not full. 2.x writes 500; here the leader proposes before it',
      'executes, so a short wait costs little and a lone transaction is answered ten times sooner',
      ['min_block_generation_time', 10],
      ['enable_dynamic_block_size', true],
      ['enable_ttl_optimization', true],
      ['enable_prepare_with_txsHash', true],
      "the rest of this section is rpbft's",
      ['broadcast_prepare_by_tree', true],
      ['prepare_status_broadcast_percent', 33],
      ['max_request_missedTxs_waitTime', 100],
      ['max_request_prepare_waitTime', 100],
    ]),
    section('storage', [
      'the embedded database, under the name that 2.x has for it',
      ['type', 'rocksdb'],
      'MB of cached tables, and half as much of values; write_buffer=64, table_size=2 and quota_mb=0 (no limit for the',
      'files of the group), in MB, can be set here too',
      ['max_capacity', 32],
      'the rest belongs to other kinds and has no effect',
      ['binary_log', false],
      ['cached_storage', true],
      ['scroll_threshold_multiple', 2],
      ['max_forward_block', 10],
      ['max_retry', 60],
      ['topic', 'DB'],
      ['db_type', 'mysql'],
      ['db_ip', '127.0.0.1'],
      ['db_port', 3306],
      ['db_username', ''],
      ['db_passwd', ''],
      ['db_name', ''],
    ]),
    section('tx_pool', [
      ['limit', 150_000],
      'MB',
      ['memory_limit', 512],
      ['notify_worker_num', 2],
      'seconds',
      ['txs_expiration_time', 600],
    ]),
    section('sync', [
      'MB',
      ['max_block_sync_memory_size', 512],
      ['idle_wait_ms', 200],
      ['sync_block_by_tree', true],
      ['send_txs_by_tree', true],
      ['gossip_interval_ms', 1000],
      ['gossip_peers_number', 3],
      ['txs_max_gossip_peers_num', 5],
    ]),
    section('flow_control', ['limit_req=1000', 'outgoing_bandwidth_limit=2']),
    section('sdk_allowlist', [
      'public_key.0=<public key of a client, 128 hexadecimal digits>: when any is listed, only those are let in',
    ]),
  ]);
}
