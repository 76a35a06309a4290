import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { fromHex } from '@menglian/base/bytes';
import { invariant } from '@menglian/base/invariant';
import { failure, success, type Result } from '@menglian/base/result';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { createSerialExecutor } from '@menglian/executor/serialExecutor';
import { LedgerError } from '@menglian/ledger/errors';
import { Ledger } from '@menglian/ledger/ledger';
import { createPbft } from '@menglian/pbft/createPbft';
import { runGroupMethod } from '@menglian/rpc/methods/groupMethods';
import { StorageError } from '@menglian/storage/errors';
import { openLevelStore } from '@menglian/storage/levelStore';
import { BLOCK_LIMIT_WINDOW } from '@menglian/txpool/limits';
import { NonceWindow } from '@menglian/txpool/nonceWindow';
import { TransactionPool } from '@menglian/txpool/transactionPool';
import { SYSTEM_CLOCK } from './clock.js';
import { ConsensusRecords } from './consensusRecords.js';
import { GroupHost } from './groupHost.js';
import { LedgerGroupView } from './groupView.js';
import { RequestQueue } from './requestQueue.js';
import type { FromGroup, GroupThreadData, ToGroup } from './threadProtocol.js';

/** A group that was opened: what the thread's messages go to. */
interface RunningGroup {
  readonly host: GroupHost;
  readonly view: LedgerGroupView;
  readonly height: number;
  close(): Promise<void>;
}

/** Opens the ledger and builds everything that belongs to the group. @returns a sentence for the operator on failure */
async function openGroup(data: GroupThreadData, post: (message: FromGroup) => void): Promise<Result<RunningGroup>> {
  const suite = await loadSuite('ecdsa');
  const store = await openLevelStore(data.dataPath);
  if (!store.ok) return failure(store.reason.message);
  const ledger = await Ledger.open(store.value, suite, data.genesis);
  if (!ledger.ok) return failure(ledger.reason.message);
  const records = await ConsensusRecords.open(ledger.value.consensusStore, suite);
  if (!records.ok) return failure(records.reason);
  const { groupId, freeStorage, gasLimit } = data.genesis;
  const head = ledger.value.head().number;
  const pool = new TransactionPool(
    {
      chainId: BigInt(data.chainId),
      groupId: BigInt(groupId),
      transactionsMax: data.tuning.poolTransactionsMax,
      bytesMax: data.tuning.poolBytesMax,
      expirationMs: data.tuning.transactionExpirationMs,
    },
    head,
    loadNonces(ledger.value, head),
  );
  const executor = createSerialExecutor(suite);
  let engineProblem: string | undefined;
  const fail = (error: unknown) => post({ kind: 'failed', message: describeFailure(error) });
  const options = {
    groupId,
    nodeId: data.nodeId,
    suite,
    freeStorage,
    gasLimit,
    minBlockTimeMs: data.tuning.minBlockGenerationTimeMs,
  };
  const host = new GroupHost(options, {
    ledger: ledger.value,
    pool,
    executor,
    records: records.value,
    clock: SYSTEM_CLOCK,
    createEngine: (chain, chainHead) => {
      const engine = createPbft(
        {
          chainId: BigInt(data.chainId),
          groupId,
          nodeId: data.nodeId,
          head: chainHead,
          records: records.value.engineRecords,
        },
        {
          chain,
          crypto: {
            hash: (bytes) => suite.hash(bytes),
            sign: (digest) => suite.sign(digest, data.privateKey),
            verify: (nodeId, digest, signature) => suite.verify(digest, signature, fromHex(nodeId)),
          },
        },
      );
      if (!engine.ok) engineProblem = engine.reason;
      invariant(engine.ok, 'node/consensus-records', engineProblem);
      return engine.value;
    },
    send: (to, plane, payload) => post({ kind: 'send', to, plane, payload }),
    log: (level, text) => post({ kind: 'log', level, text }),
    onHead: ({ height }) => post({ kind: 'head', height, isMember: view.isMember() }),
    fail,
  });
  const view = new LedgerGroupView(
    { suite, groupId, nodeId: data.nodeId, freeStorage, gasLimit, actAsGroupMember: data.actAsGroupMember },
    { ledger: ledger.value, pool, executor, host },
  );
  post({
    kind: 'log',
    level: 'info',
    text: `[g:${groupId}] [INIT] suite=${suite.name},provider=${suite.provider},height=${head}`,
  });
  post({ kind: 'head', height: head, isMember: view.isMember() });
  const close = async () => {
    await host.stop();
    await store.value.close();
  };
  return success({ host, view, height: head, close });
}

function loadNonces(ledger: Ledger, head: number): NonceWindow {
  const window = new NonceWindow(head);
  for (let number = Math.max(1, head - BLOCK_LIMIT_WINDOW + 1); number <= head; number++) {
    window.add(number, ledger.noncesOf(number));
  }
  return window;
}

/** A disk that fails is told as the store tells it, to be mended by the operator; all else is an error of this program. */
function describeFailure(error: unknown): string {
  if (error instanceof StorageError || error instanceof LedgerError) return error.message;
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `stops because something that must hold does not: ${detail}`;
}

/** Serves one group until it is told to stop. Messages that come before the ledger is open wait in the port. */
async function main(port: MessagePort, data: GroupThreadData): Promise<void> {
  const post = (message: FromGroup) => port.postMessage(message);
  const opened = await openGroup(data, post).catch((error: unknown): Result<RunningGroup> => {
    return failure(describeFailure(error));
  });
  if (!opened.ok) {
    post({ kind: 'failed', message: opened.reason });
    return;
  }
  const { host, view, height, close } = opened.value;
  const requests = new RequestQueue({
    run: (request) => runGroupMethod(view, request),
    answer: (number, outcomes) => post({ kind: 'answers', number, outcomes }),
    onError: (error) => post({ kind: 'failed', message: describeFailure(error) }),
  });
  port.on('message', (message: ToGroup) => {
    switch (message.kind) {
      case 'message':
        host.onMessage(message.from, message.plane, message.payload);
        break;
      case 'peerUp':
      case 'peerDown':
        host.onPeer(message.kind, message.nodeId);
        break;
      case 'requests':
        requests.push(message.number, message.requests);
        break;
      case 'stop':
        requests.stop();
        void close().then(() => {
          post({ kind: 'stopped' });
          port.close();
        });
        break;
    }
  });
  host.start();
  post({ kind: 'ready', height });
}

invariant(parentPort !== null, 'node/group-thread', 'this file runs as a worker thread');
await main(parentPort, workerData as GroupThreadData);
