import { describe, expect, it } from 'vitest';
import { ConflictKeys } from './parallel/conflictKeys.js';
import { Coordinator } from './parallel/coordinator.js';
import { planBlock } from './parallel/plan.js';
import { Control, createSharedBuffers, SharedMemory } from './parallel/sharedMemory.js';
import { SharedState } from './parallel/sharedState.js';
import { Speculator } from './parallel/speculator.js';
import type { BlockInput, BlockResult } from './ports.js';
import { CodeCache } from './state/codeCache.js';
import { StateOverlay } from './state/overlay.js';
import { shown } from './testing/randomBlocks.js';
import { CASES } from './testing/systemPage.js';
import { newChain, signed, suite } from './testing/systemScenario.js';

/**
 * Goal: workers that run ahead get from system contracts what serial execution gets. Each case is executed both ways: a worker
 * tries all transactions of a block on the state before it, then the coordinator settles them.
 */

const memory = new SharedMemory(createSharedBuffers(1));
const state = new SharedState(memory);
const parts = { codes: new CodeCache(), ecdsa: suite };
let coordinator: Coordinator;
const speculator = new Speculator(
  memory,
  0,
  { suite, ecdsa: suite },
  {
    askIndex: (key) => coordinator.indexOf(key),
    askParent: (key) => memory.record(coordinator.parentRecord(key)),
    nowMicros: () => 0,
  },
);
const counts = { merged: 0, conflict: 0, 'in order': 0 };

function executeAhead(input: BlockInput): BlockResult {
  const overlay = new StateOverlay(suite, input.view);
  overlay.begin(input.view);
  const plan = planBlock(input.transactions, new ConflictKeys(input.view), () => true, input.settings.chargeGas);
  coordinator = new Coordinator(memory, state, { input, plan, parts, overlay }, (_, { how }) => (counts[how] += 1));
  speculator.begin();
  while (Atomics.load(memory.control, Control.Settled) < memory.control[Control.TransactionCount]!) {
    for (let claim = speculator.claim(); typeof claim === 'number'; claim = speculator.claim()) {
      Atomics.add(memory.control, Control.StateGeneration, 1);
      speculator.run(claim);
    }
    coordinator.advance();
  }
  return coordinator.finish();
}

describe('a worker that runs ahead', () => {
  // The state of another genesis does not follow from the digest of this one.
  it.each([...new Set(CASES.filter((one) => one.genesis === undefined).map(({ of }) => of))])('calls %s', (of) => {
    for (const { blocks } of CASES.filter((one) => one.of === of && one.genesis === undefined)) {
      const chain = newChain();
      for (const block of blocks) {
        const input = chain.input(block.map((call) => signed(chain, call)));
        const expected = chain.execute(input.transactions);
        expect(shown(executeAhead(input))).toEqual(shown(expected));
        chain.keep(expected);
      }
    }
  });

  it('is right often and wrong sometimes, so that both were tried', () => {
    expect(counts.merged).toBeGreaterThan(200);
    expect(counts.conflict).toBeGreaterThan(20);
    expect(counts['in order']).toBeGreaterThan(20);
  });
});
