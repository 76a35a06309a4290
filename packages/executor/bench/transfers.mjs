/**
 * CPU time of serial execution alone, over a ledger on a store in memory: no signatures, no consensus, no disk.
 * `npx tsc -b packages/executor && node packages/executor/bench/transfers.mjs [blocks] [workload]`
 *
 * Workloads: `dag` is userTransfer of DagTransfer (system contract 0x5002), `solidity` transfer of PeerTransfer (the recorded
 * contract of test/golden: two string-keyed balances, so two hashes, two reads and two writes). Payers and payees are drawn
 * evenly from 1,000 users; in `dag-hot` and `solidity-hot` all pay one of 8. What is timed: transactions, receipts, roots,
 * state digest, and the layer for reading the changes before they are stored.
 */
import { readFileSync } from 'node:fs';
import { fromHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { createSerialExecutor } from '@menglian/executor/serialExecutor';
import { executionSettings } from '@menglian/executor/settings';
import { TEST_GENESIS, TestChain } from '@menglian/executor/testing/testChain';
import { Ledger } from '@menglian/ledger/ledger';
import { stateLayer } from '@menglian/ledger/stateView';
import { openMemoryStore } from '@menglian/storage/memoryStore';
import { headerHash } from '@menglian/types/header';

const USERS = 1_000;
const HOT_USERS = 8;
const TRANSACTIONS_PER_BLOCK = 1_000;
const WARM_UP_BLOCKS = 10;
const blocks = Number(process.argv[2] ?? 30);
const only = process.argv[3];

const suite = await loadSuite('ecdsa');
const executor = createSerialExecutor(suite);
const contracts = JSON.parse(readFileSync(new URL('../../../test/golden/contracts.json', import.meta.url), 'utf8'));
/** Makes transactions and call data; its state is not used. */
const maker = new TestChain(suite, suite);
const account = maker.account(1);
const template = maker.sign(account, { to: account.address });

const SENDERS = Array.from({ length: USERS }, (_, i) =>
  maker.suite.hash(Uint8Array.of(i & 0xff, i >> 8)).subarray(12),
).map((bytes) => Buffer.from(bytes).toString('hex'));

/** Unsigned: the sender is simply named, one of as many accounts as there are users. */
function transaction(index, to, data) {
  return { ...template, sender: SENDERS[index % USERS], to, data };
}

class Chain {
  #ledger;

  constructor(ledger) {
    this.#ledger = ledger;
  }

  execute(transactions) {
    const parent = this.#ledger.head();
    const view = this.#ledger.view();
    const result = executor.executeBlock({
      suite,
      view,
      settings: executionSettings(view, parent.number, TEST_GENESIS.freeStorage, TEST_GENESIS.gasLimit),
      blockHash: (number) => this.#ledger.hashByNumber(number),
      header: { number: parent.number + 1, timestampMs: 1_700_000_000_000 + parent.number },
      parent,
      transactions,
    });
    stateLayer(result.changes);
    return result;
  }

  async keep(result, transactions) {
    const parent = this.#ledger.head();
    const header = {
      parentHash: parent.hash,
      stateRoot: result.stateDigest,
      transactionsRoot: result.transactionsRoot,
      receiptsRoot: result.receiptsRoot,
      dbHash: result.stateDigest,
      logsBloom: new Uint8Array(256),
      number: parent.number + 1,
      gasLimit: 0n,
      gasUsed: 0n,
      timestampMs: 1_700_000_000_000 + parent.number,
      extraData: [],
      sealer: 0,
      sealerList: TEST_GENESIS.sealers,
    };
    const { receipts } = result;
    const raw = transactions.map((each) => each.raw);
    const block = { header, hash: headerHash(suite, header), transactions: raw, signatures: [], receipts };
    await this.#ledger.commit(block, result.changes, { digest: block.hash, epoch: 0 }, [], transactions);
  }

  async run(transactions) {
    const result = this.execute(transactions);
    await this.keep(result, transactions);
    return result;
  }
}

const deploy = { ...template, to: undefined, data: fromHex(contracts.PeerTransfer.bytecode) };
const CONTRACTS = {
  dag: {
    address: async () => '5002'.padStart(40, '0'),
    save: (name) => maker.data('userSave(string,uint256)', name, 1_000_000n),
    transfer: (from, to) => maker.data('userTransfer(string,string,uint256)', from, to, 1n),
  },
  solidity: {
    address: async (chain) => (await chain.run([deploy])).receipts[0].contractAddress,
    save: (name) => maker.data('set(string,uint256)', name, 1_000_000n),
    transfer: (from, to) => maker.data('transfer(string,string,uint256)', from, to, 1n),
  },
};

async function prepare(contract, payees) {
  const opened = await Ledger.open(openMemoryStore(), suite, TEST_GENESIS);
  const chain = new Chain(opened.value);
  const random = new SeededRandom(1);
  const { save, transfer } = CONTRACTS[contract];
  const to = await CONTRACTS[contract].address(chain);
  await chain.run(Array.from({ length: USERS }, (_, i) => transaction(i, to, save(`user${i}`))));
  const pay = (_, i) => transaction(i, to, transfer(`user${random.below(USERS)}`, `user${random.below(payees)}`));
  return { chain, next: () => Array.from({ length: TRANSACTIONS_PER_BLOCK }, pay) };
}

const WORKLOADS = {
  dag: ['dag', USERS],
  'dag-hot': ['dag', HOT_USERS],
  solidity: ['solidity', USERS],
  'solidity-hot': ['solidity', HOT_USERS],
};

function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

const names = Object.keys(WORKLOADS).filter((name) => only === undefined || name === only);
const runs = [];
for (const name of names)
  runs.push({ name, ...(await prepare(...WORKLOADS[name])), micros: [], changes: 0, failed: 0 });
// A block of each in turn, so that whatever else the machine does meets all of them.
for (let i = 0; i < WARM_UP_BLOCKS + blocks; i++) {
  for (const run of runs) {
    const transactions = run.next();
    const cpu = process.cpuUsage();
    const result = run.chain.execute(transactions);
    const { user, system } = process.cpuUsage(cpu);
    await run.chain.keep(result, transactions);
    if (i < WARM_UP_BLOCKS) continue;
    run.micros.push((user + system) / transactions.length);
    run.changes = result.changes.length;
    run.failed += result.receipts.filter(({ status }) => status !== 0).length;
  }
}
for (const { name, micros, changes, failed } of runs) {
  const mean = micros.reduce((sum, each) => sum + each, 0) / micros.length;
  const line = [
    name.padEnd(16),
    `${median(micros).toFixed(2)} CPU µs/tx (median of blocks)`.padStart(34),
    `${mean.toFixed(2)} mean`.padStart(12),
    `${changes} changes in the last block`.padStart(32),
    `${failed} failed`.padStart(12),
  ];
  process.stdout.write(`${line.join('')}\n`);
}
