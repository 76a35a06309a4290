/**
 * How much stack a thread needs for calls 1,024 deep. `npx tsc -b packages/evm && node packages/evm/bench/depth.mjs`
 * Runs a contract that calls itself in workers with less and less stack until one of them overflows: interpreted, translated,
 * and translated with as many items on the stack, so local variables, as a translation may have.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { EMPTY_BYTES } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { NORMAL_SCHEDULE } from '@menglian/evm/gasSchedule';
import { interpret } from '@menglian/evm/interpreter';
import { assemble } from '@menglian/evm/testing/assembler';
import { eagerCore } from '@menglian/evm/testing/eagerCore';
import { MemoryHost } from '@menglian/evm/testing/memoryHost';

const contract = 'c0'.repeat(20);

/** @returns how deep the calls went, or -1 when the stack overflowed */
async function dive(warm, core, items) {
  const suite = await loadSuite('ecdsa');
  const context = {
    origin: '11'.repeat(20),
    gasPrice: 1n,
    blockNumber: 1,
    timestampMs: 0,
    budget: { remaining: 1e15 },
  };
  const host = new MemoryHost({
    suite,
    ecdsa: suite,
    schedule: NORMAL_SCHEDULE,
    context,
    firstCreationNumber: 0n,
    core,
  });
  const body = '0 0 0 0 0 ADDRESS GAS CALL POP 0 SLOAD 1 ADD 0 SSTORE';
  host.setAccount(contract, assemble(`${'GAS '.repeat(items)} ${body} ${'ADD '.repeat(Math.max(0, items - 1))}`));
  const message = {
    kind: 'call',
    sender: contract,
    recipient: contract,
    codeAddress: contract,
    value: 0n,
    isStatic: false,
  };
  const call = (depth) => host.run({ ...message, gas: 1e15, input: EMPTY_BYTES, depth });
  try {
    // Optimised code has other frames than the interpreter of the engine: try both.
    for (let i = 0; i < (warm ? 200 : 0); i++) call(1_020);
    host.setStorage(contract, 0n, 0n);
    call(0);
    return Number(host.storage(contract, 0n));
  } catch (error) {
    if (error instanceof RangeError) return -1;
    throw error;
  }
}

const KINDS = {
  interpreted: [() => interpret, 0],
  translated: [eagerCore, 0],
  'translated, 65 items': [eagerCore, 65],
};

if (isMainThread) {
  for (const kind of Object.keys(KINDS)) {
    for (const warm of [false, true]) {
      const depths = [];
      for (const stackSizeMb of [32, 8, 4, 3.5, 3, 2.5, 2]) {
        const worker = new Worker(new URL(import.meta.url), {
          workerData: { warm, kind },
          resourceLimits: { stackSizeMb },
        });
        const depth = await new Promise((resolve) => {
          worker.once('message', resolve);
          worker.once('error', () => resolve(-1));
        });
        await worker.terminate();
        depths.push(`${stackSizeMb} MB: ${depth < 0 ? 'overflow' : depth}`);
      }
      process.stdout.write(`${kind}, ${warm ? 'warm' : 'cold'}: ${depths.join(', ')}\n`);
    }
  }
} else {
  const [core, items] = KINDS[workerData.kind];
  parentPort.postMessage(await dive(workerData.warm, core(), items));
}
