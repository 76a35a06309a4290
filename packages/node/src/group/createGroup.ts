import { fromHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { failure, success, type Result } from '@menglian/base/result';
import type { ChainHead, ConsensusCrypto } from '@menglian/consensus-core/ports';
import type { CryptoSuite } from '@menglian/crypto/suite';
import type { BlockExecutor } from '@menglian/executor/ports';
import { createSerialExecutor } from '@menglian/executor/serialExecutor';
import { Ledger } from '@menglian/ledger/ledger';
import { SnapshotStaging } from '@menglian/ledger/snapshotImport';
import type { KeyValueStore } from '@menglian/storage/ports';
import { BLOCK_LIMIT_WINDOW } from '@menglian/txpool/limits';
import { NonceWindow } from '@menglian/txpool/nonceWindow';
import { nonceKey } from '@menglian/types/nonceKey';
import { TransactionPool } from '@menglian/txpool/transactionPool';
import type { NodeId } from '@menglian/types/address';
import type { GenesisConfig } from '@menglian/types/genesis';
import type { GroupTuning } from '../config/groupConfig.js';
import type { Clock, Timers } from './clock.js';
import { ConsensusRecords } from './consensusRecords.js';
import { sealerRules } from './foreignBlock.js';
import { NO_QUOTA, type DiskLimit } from './diskQuota.js';
import { createEngine } from './engine.js';
import { GroupHost, type GroupHostComponents } from './groupHost.js';
import { Rotation } from './rotation.js';
import { SnapshotService } from './snapshotService.js';
import { LedgerGroupView } from './groupView.js';

export interface GroupOptions {
  readonly chainId: number;
  readonly nodeId: NodeId;
  /** 32 bytes; never logged */
  readonly privateKey: Uint8Array;
  readonly genesis: GenesisConfig;
  /** of Raft */
  readonly electionTimeoutMs?: number;
  readonly tuning: GroupTuning;
  readonly actAsGroupMember: boolean;
}

export interface GroupComponents extends Pick<GroupHostComponents, 'send' | 'log' | 'fail'> {
  readonly suite: CryptoSuite;
  /** the suite `ecdsa`, which `ecrecover` of the EVM is made of on SM chains too */
  readonly ecdsa: CryptoSuite;
  /** stays the caller's to close, after the host has stopped */
  readonly store: KeyValueStore;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Runs blocks; without it they are executed serially. */
  readonly executor?: BlockExecutor;
  /** Whether there is room for more transactions; without it there always is. */
  readonly disk?: DiskLimit;
  /** A snapshot is complete on disk. To be installed when nobody uses the store any more; without it none is fetched. */
  readonly installSnapshot?: (staging: SnapshotStaging, height: number) => void;
  /** the head at the start and each new one */
  readonly onHead: (head: ChainHead, isMember: boolean) => void;
}

/** A group that is ready to be started. */
export interface Group {
  readonly host: GroupHost;
  readonly view: LedgerGroupView;
  readonly ledger: Ledger;
}

/**
 * Opens the ledger of a group and builds everything that belongs to it.
 * @returns a sentence for the operator when the data cannot be used
 */
export async function createGroup(options: GroupOptions, components: GroupComponents): Promise<Result<Group>> {
  const { suite, clock, timers, disk = NO_QUOTA, send, log, fail } = components;
  const { nodeId, genesis, tuning } = options;
  const { groupId, freeStorage, gasLimit } = genesis;
  const opened = await Ledger.open(components.store, suite, genesis, tuning.storage.stateCacheBytes);
  if (!opened.ok) return failure(opened.reason.message);
  const ledger = opened.value;
  const staging = new SnapshotStaging(components.store, suite);
  const isEmpty = ledger.head().number === 0;
  const kept = isEmpty ? await staging.read() : undefined;
  if (!isEmpty) await staging.discard();
  const records = await ConsensusRecords.open(ledger.consensusStore, suite);
  if (!records.ok) return records;
  const pool = createPool(options, ledger);
  const executor = components.executor ?? createSerialExecutor(components.ecdsa);
  const common = { chainId: BigInt(options.chainId), groupId, nodeId, suite, freeStorage, gasLimit };
  const rules = sealerRules(genesis.consensusType);
  const genesisSealers = isEmpty ? ledger.membership().sealers : [];
  const host = new GroupHost(
    { ...common, rules, minBlockTimeMs: tuning.minBlockGenerationTimeMs },
    {
      ledger,
      pool,
      executor,
      records: records.value,
      rotation:
        genesis.consensusType === 'rpbft' ? new Rotation({ ...common, privateKey: options.privateKey }) : undefined,
      clock,
      timers,
      disk,
      createSnapshots: (ports) => {
        const sign = (digest: Uint8Array) => suite.sign(digest, options.privateKey);
        const identity = { ...common, sign };
        const join = components.installSnapshot;
        return new SnapshotService(
          { identity, tuning: tuning.snapshots, rules, genesisSealers, isJoining: isEmpty && join !== undefined },
          { ...ports, staging, kept, install: (height) => join?.(staging, height) },
        );
      },
      createEngine: (chain, head) => {
        const engine = createEngine(
          { consensusType: genesis.consensusType, electionTimeoutMs: options.electionTimeoutMs },
          { chainId: BigInt(options.chainId), groupId, nodeId, head, records: records.value.engineRecords },
          { chain, crypto: consensusCrypto(suite, options.privateKey) },
        );
        invariant(engine.ok, 'node/consensus-records', engine.ok ? '' : engine.reason);
        return engine.value;
      },
      send,
      log,
      fail,
      onHead: (head) => components.onHead(head, view.isMember()),
    },
  );
  const { actAsGroupMember } = options;
  const view = new LedgerGroupView(
    { ...common, consensusType: genesis.consensusType, actAsGroupMember },
    { ledger, pool, executor, host, disk },
  );
  return success({ host, view, ledger });
}

function createPool({ chainId, genesis, tuning }: GroupOptions, ledger: Ledger): TransactionPool {
  const head = ledger.head().number;
  const nonces = new NonceWindow(head);
  for (let number = Math.max(1, head - BLOCK_LIMIT_WINDOW + 1); number <= head; number++) {
    nonces.add(number, ledger.noncesOf(number).map(nonceKey));
  }
  const options = {
    chainId: BigInt(chainId),
    groupId: BigInt(genesis.groupId),
    transactionsMax: tuning.poolTransactionsMax,
    bytesMax: tuning.poolBytesMax,
    expirationMs: tuning.transactionExpirationMs,
  };
  return new TransactionPool(options, head, nonces);
}

function consensusCrypto(suite: CryptoSuite, privateKey: Uint8Array): ConsensusCrypto {
  return {
    hash: (bytes) => suite.hash(bytes),
    sign: (digest) => suite.sign(digest, privateKey),
    verify: (nodeId, digest, signature) => suite.verify(digest, signature, fromHex(nodeId)),
  };
}
