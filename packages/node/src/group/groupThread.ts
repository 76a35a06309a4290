import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { invariant } from '@menglian/base/invariant';
import { failure, success, type Result } from '@menglian/base/result';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite, SuiteName } from '@menglian/crypto/suite';
import { EXECUTION_WORKERS_MAX } from '@menglian/executor/parallel/limits';
import { NodeThreads } from '@menglian/executor/parallel/nodeThreads';
import { ParallelExecutor } from '@menglian/executor/parallelExecutor';
import { LedgerError } from '@menglian/ledger/errors';
import { StorageError } from '@menglian/storage/errors';
import { chargedBytes } from './backlog.js';
import { SYSTEM_CLOCK, SYSTEM_TIMERS } from './clock.js';
import { DiskQuota } from './diskQuota.js';
import { folderBytes } from './folderBytes.js';
import { GroupClients } from './groupClients.js';
import { openGroupStore, type GroupStore } from './groupStore.js';
import { RunningGroup } from './runningGroup.js';
import type { FromGroup, GroupThreadData, ToGroup } from './threadProtocol.js';

/** Mixed into the nonce of every SM2 signature of the node. */
const ENTROPY_BYTES = 32;

/** A group that was opened, and how to close it. */
interface OpenedGroup {
  readonly group: RunningGroup;
  readonly groupStore: GroupStore;
  close(): Promise<void>;
}

/** @returns a sentence for the operator on failure */
async function openGroup(
  data: GroupThreadData,
  post: (message: FromGroup) => void,
  onHead: (height: number) => void,
): Promise<Result<OpenedGroup>> {
  // A nonce of SM2 shall depend on more than the key and what is signed, in case one of them is ever met twice.
  const suite = await loadSuite(data.suite, 'auto', { entropy: () => randomBytes(ENTROPY_BYTES) });
  const { dataPath, storageKeys } = data;
  const groupStore = await openGroupStore(
    { groupId: data.genesis.groupId, dataPath, tuning: data.tuning.storage, storageKeys },
    { timers: SYSTEM_TIMERS, log: (level, text) => post({ kind: 'log', level, text }) },
  );
  if (!groupStore.ok) return groupStore;
  const { store } = groupStore.value;
  const ecdsa = suite.name === 'ecdsa' ? suite : await loadSuite('ecdsa');
  const quota = new DiskQuota(
    { groupId: data.genesis.groupId, quotaBytes: data.tuning.diskQuotaBytes },
    {
      measure: async () => folderBytes(dirname(dataPath)),
      timers: SYSTEM_TIMERS,
      log: (level, text) => post({ kind: 'log', level, text }),
      onExceeded: () => post({ kind: 'overQuota' }),
    },
  );
  const execution = data.tuning.parallelExecution ? parallelExecution(suite.name, ecdsa) : undefined;
  const opened = await RunningGroup.open(data, {
    suite,
    ecdsa,
    ...(execution === undefined ? {} : { executor: execution.executor }),
    store,
    clock: SYSTEM_CLOCK,
    timers: SYSTEM_TIMERS,
    disk: quota,
    send: (to, plane, payload) => post({ kind: 'send', to, plane, payload }),
    log: (level, text) => post({ kind: 'log', level, text }),
    onHead: ({ height }, isMember) => {
      post({ kind: 'head', height, isMember });
      onHead(height);
    },
    fail: (error) => post({ kind: 'failed', message: describeFailure(error) }),
  });
  if (!opened.ok) return opened;
  const group = opened.value;
  const height = group.ledger.head().number;
  const algorithms = `suite=${suite.name},provider=${suite.provider}`;
  post({ kind: 'log', level: 'info', text: `[g:${data.genesis.groupId}] [INIT] ${algorithms},height=${height}` });
  post({ kind: 'head', height, isMember: group.view.isMember() });
  const close = async () => {
    quota.stop();
    await group.stop();
    await execution?.close();
    await groupStore.value.close();
  };
  // Known before the group works, so that a start is no way round it.
  await quota.start();
  return success({ group, groupStore: groupStore.value, close });
}

/**
 * As many execution workers as there are cores: this thread waits while they run. They start with the first block that is
 * worth it, which in most groups never comes.
 */
function parallelExecution(suite: SuiteName, ecdsa: CryptoSuite) {
  const threads = new NodeThreads(suite);
  const workers = Math.min(availableParallelism(), EXECUTION_WORKERS_MAX);
  const executor = new ParallelExecutor(ecdsa, threads, workers);
  const close = async () => {
    executor.stop();
    await threads.terminate();
  };
  return { executor, close };
}

/** A disk that fails is told as the store tells it, to be mended by the operator; all else is an error of this program. */
function describeFailure(error: unknown): string {
  if (error instanceof StorageError || error instanceof LedgerError) return error.message;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `stops because something that must hold does not: ${detail}`;
}

/** Tells what was read, once for all messages of a turn. */
class ConsumedBytes {
  readonly #tell: (bytes: number) => void;
  #bytes = 0;

  constructor(tell: (bytes: number) => void) {
    this.#tell = tell;
  }

  add(bytes: number): void {
    if (this.#bytes === 0) setImmediate(() => this.#flush());
    this.#bytes += bytes;
  }

  #flush(): void {
    this.#tell(this.#bytes);
    this.#bytes = 0;
  }
}

/** Serves one group until it is told to stop. Messages that come before the ledger is open wait in the port. */
async function main(port: MessagePort, data: GroupThreadData): Promise<void> {
  const post = (message: FromGroup) => port.postMessage(message);
  let clients: GroupClients | undefined;
  const opened = await openGroup(data, post, (height) => clients?.onHead(height)).catch(
    (error: unknown): Result<OpenedGroup> => {
      return failure(describeFailure(error));
    },
  );
  if (!opened.ok) {
    post({ kind: 'failed', message: opened.reason });
    return;
  }
  const { group, groupStore, close } = opened.value;
  const consumed = new ConsumedBytes((bytes) => post({ kind: 'consumed', bytes }));
  port.on('message', (message: ToGroup) => {
    switch (message.kind) {
      case 'message':
        consumed.add(chargedBytes(message.payload.length));
        group.onMessage(message.from, message.plane, message.payload);
        break;
      case 'peerUp':
      case 'peerDown':
        group.onPeer(message.kind, message.nodeId);
        break;
      case 'clients':
        clients = new GroupClients(group, {
          port: message.port,
          events: data.eventFilter,
          timers: SYSTEM_TIMERS,
          nowMs: () => performance.now(),
          onError: (error) => post({ kind: 'failed', message: describeFailure(error) }),
        });
        break;
      case 'storageKeys':
        groupStore.useKeys(message.keys);
        break;
      case 'stop':
        clients?.stop();
        void close().then(() => {
          post({ kind: 'stopped' });
          port.close();
        });
        break;
    }
  });
  group.start();
  post({ kind: 'ready', height: group.ledger.head().number });
}

invariant(parentPort !== null, 'node/group-thread', 'this file runs as a worker thread');
await main(parentPort, workerData as GroupThreadData);
