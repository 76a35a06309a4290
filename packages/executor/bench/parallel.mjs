/**
 * CPU-heavy blocks on execution threads against one thread: wall time of blocks of 200 calls, some hundred µs each.
 * `npx tsc -b packages/executor && node --stack-size=3900 packages/executor/bench/parallel.mjs [workers] [blocks]`
 *
 * Each call hashes 150 kB in a loop and adds the last hash to one of its contract's slots: `spread` to a
 * slot of its own account, `hot` to one of 8. Neither declares anything. The columns are medians over blocks that alternate
 * between the two executors, so that whatever else the machine does meets both; with other work on the machine two threads
 * get less than two cores.
 */
import { SeededRandom } from '@menglian/base/seededRandom';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { assemble } from '@menglian/evm/testing/assembler';
import { ParallelExecutor } from '@menglian/executor/parallelExecutor';
import { createSerialExecutor } from '@menglian/executor/serialExecutor';
import { NodeThreads } from '@menglian/executor/parallel/nodeThreads';
import { deploying, TestChain } from '@menglian/executor/testing/testChain';

const workers = Number(process.argv[2] ?? 2);
const blocks = Number(process.argv[3] ?? 30);
const TRANSACTIONS_PER_BLOCK = 200;
const ACCOUNTS = 2_000;
const WARM_UP_BLOCKS = 8;
const ROUNDS = 50;

const suite = await loadSuite('ecdsa');
/** Hashes 3,000 bytes ROUNDS times, then slot[argument] += the last hash. */
const PROGRAM = `${ROUNDS} :again 3000 0 SHA3 0 MSTORE 1 SWAP1 SUB DUP1 @again JUMPI
  POP 0 MLOAD 0 CALLDATALOAD DUP1 SLOAD DUP3 ADD SWAP1 SSTORE STOP`;

/** Runs and notes µs a call: of the clock, and of CPU by all threads. */
function timed(times, block, run) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const result = run();
  const wall = (performance.now() - start) * 1000;
  const { user, system } = process.cpuUsage(cpu);
  if (block >= WARM_UP_BLOCKS) times.push({ wall, cpu: user + system });
  return result;
}

function medians(times) {
  const of = (field) => times.map((each) => each[field]).toSorted((a, b) => a - b)[times.length >> 1];
  return { wall: Math.round(of('wall') / TRANSACTIONS_PER_BLOCK), cpu: Math.round(of('cpu') / TRANSACTIONS_PER_BLOCK) };
}

async function measure(name, slots) {
  const chain = new TestChain(suite, suite);
  const account = chain.account(1);
  const template = chain.sign(account, { data: deploying(assemble(PROGRAM)) });
  const to = chain.run(template).receipts[0].contractAddress;
  const random = new SeededRandom(1);
  const transaction = () => {
    const sender = random.below(ACCOUNTS).toString(16).padStart(40, 'a');
    const data = new Uint8Array(32);
    new DataView(data.buffer).setUint32(28, random.below(slots));
    return { ...template, sender, to, data };
  };
  const threads = new NodeThreads('ecdsa');
  const parallel = new ParallelExecutor(suite, threads, workers);
  const serial = createSerialExecutor(suite);
  const times = { serial: [], parallel: [] };
  for (let i = 0; i < WARM_UP_BLOCKS + blocks; i++) {
    const input = chain.input(Array.from({ length: TRANSACTIONS_PER_BLOCK }, transaction));
    const expected = timed(times.serial, i, () => serial.executeBlock(input));
    const result = timed(times.parallel, i, () => parallel.executeBlock(input));
    if (
      Buffer.compare(result.receiptsRoot, expected.receiptsRoot) ||
      Buffer.compare(result.stateDigest, expected.stateDigest)
    )
      throw new Error('results differ');
    chain.keep(expected);
    // Threads start when the first block is worth it.
    if (i === 1) await Promise.race([threads.ready(), new Promise((resolve) => setTimeout(resolve, 3_000))]);
  }
  const [one, many] = [medians(times.serial), medians(times.parallel)];
  process.stdout.write(
    `${name.padEnd(8)}µs a call (CPU): ${one.wall} (${one.cpu}) in order, ${many.wall} (${many.cpu}) with ${workers} workers: ` +
      `${(one.wall / many.wall).toFixed(2)} x; ${parallel.parallelBlocks} of ${WARM_UP_BLOCKS + blocks} blocks in parallel, ${JSON.stringify(parallel.settlements)}\n`,
  );
  parallel.stop();
  await threads.terminate();
}

await measure('spread', 2_000);
if (process.argv[4] !== 'spread') await measure('hot', 8);
