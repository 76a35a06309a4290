/**
 * Transfers a second of serial execution alone: no signatures, no consensus, no disk.
 * `npx tsc -b packages/executor && node packages/executor/bench/transfers.mjs [blocks]`
 *
 * Workloads: DagTransfer (system contract 0x5002) and PeerTransfer (Solidity, the recorded contract of test/golden: two
 * string-keyed balances, so two hashes, two reads and two writes a transfer). Users are drawn evenly from 1,000.
 */
import { readFileSync } from 'node:fs';
import { fromHex } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { TestChain } from '@menglian/executor/testing/testChain';

const USERS = 1_000;
const TRANSACTIONS_PER_BLOCK = 1_000;
const WARM_UP_BLOCKS = 5;
const blocks = Number(process.argv[2] ?? 30);

const suite = await loadSuite('ecdsa');
const contracts = JSON.parse(readFileSync(new URL('../../../test/golden/contracts.json', import.meta.url), 'utf8'));

function user(random) {
  return `user${random.below(USERS)}`;
}

/** Sends unsigned transactions: the sender is simply named. */
function unsigned(from, to, data) {
  return { ...template, sender: from, to, data };
}

let template;

function run(name, prepare) {
  const chain = new TestChain(suite, suite);
  const account = chain.account(1);
  template = chain.sign(account, { to: account.address });
  const random = new SeededRandom(1);
  const { to, save, transfer } = prepare(chain, account);
  const send = (data) => unsigned(account.address, to, data);
  chain.run(...Array.from({ length: USERS }, (_, i) => send(save(`user${i}`))));
  const made = Array.from({ length: WARM_UP_BLOCKS + blocks }, () =>
    Array.from({ length: TRANSACTIONS_PER_BLOCK }, () => send(transfer(user(random), user(random)))),
  );
  for (const transactions of made.slice(0, WARM_UP_BLOCKS)) chain.run(...transactions);
  let failed = 0;
  let changes = 0;
  let wallSeconds = 0;
  let cpuSeconds = 0;
  for (const transactions of made.slice(WARM_UP_BLOCKS)) {
    const wall = process.hrtime.bigint();
    const cpu = process.cpuUsage();
    const result = chain.execute(transactions);
    const { user, system } = process.cpuUsage(cpu);
    wallSeconds += Number(process.hrtime.bigint() - wall) / 1e9;
    cpuSeconds += (user + system) / 1e6;
    chain.keep(result);
    changes += result.changes.length;
    failed += result.receipts.filter(({ status }) => status !== 0).length;
  }
  const count = blocks * TRANSACTIONS_PER_BLOCK;
  const line = [
    name.padEnd(24),
    `${Math.round(count / wallSeconds)} tx/s`.padStart(14),
    `${((wallSeconds / count) * 1e6).toFixed(2)} µs/tx`.padStart(14),
    `${((cpuSeconds / count) * 1e6).toFixed(2)} CPU µs/tx`.padStart(18),
    `${Math.round(changes / blocks)} changes/block`.padStart(20),
    `${failed} failed`.padStart(12),
  ];
  process.stdout.write(`${line.join('')}\n`);
}

run('DagTransfer', (chain) => ({
  to: '5002'.padStart(40, '0'),
  save: (name) => chain.data('userSave(string,uint256)', name, 1_000_000n),
  transfer: (from, to) => chain.data('userTransfer(string,string,uint256)', from, to, 1n),
}));

run('PeerTransfer (Solidity)', (chain, account) => {
  const deployed = chain.run(chain.sign(account, { data: fromHex(contracts.PeerTransfer.bytecode) }));
  return {
    to: deployed.receipts[0].contractAddress,
    save: (name) => chain.data('set(string,uint256)', name, 1_000_000n),
    transfer: (from, to) => chain.data('transfer(string,string,uint256)', from, to, 1n),
  };
});
