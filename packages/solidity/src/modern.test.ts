import { readFileSync } from 'node:fs';
import { fromHex, toHex } from '@menglian/base/bytes';
import { describe, expect, it } from 'vitest';
import { compiled, inputOf, Observed, step, SUITES, words } from '../test/support.js';

const source = readFileSync(new URL('../test/contracts/modern.sol', import.meta.url), 'utf8');

const TEXTS = ['Error(string)', 'Panic(uint256)', 'Empty()', 'Sold(address,uint256)', 'Free(string,uint256[])'];
const TOPICS = ['Order(uint256)', 'Added(uint256)', 'sell(uint256,string)'];

const outcome = (price: bigint) => step('outcome(uint256)', price);

const KNOWN: readonly (readonly [ReturnType<typeof step>, string])[] = [
  [outcome(3n), words(2, 128, 0x12, true, 0)],
  [outcome(4n), words(2, 128, 0x32, true, 0)],
  [outcome(5n), words(2, 128, 0x01, true, 0)],
  [outcome(6n), words(1, 128, 0, true, 3) + toHex(new TextEncoder().encode('six')).padEnd(64, '0')],
  [outcome(7n), words(3, 128, 0, true, 0)],
  [outcome(9n), words(0, 128, 1, true, 0)],
  [outcome(0n), words(3, 128, 4, true, 0)],
  [outcome(1n), words(3, 128, 68, true, 0)],
  [outcome(2n), words(3, 128, 228, true, 0)],
  [
    step('identifiers(string[3])', ['buy(uint256)', 'sell(uint256,string)', 'Order(uint256)']),
    words(true, true, true, true, true),
  ],
  [step('predicted(bytes32)', new Uint8Array(32).fill(9)), words(true)],
  [step('pointers(uint256)', 20n), words(12, true)],
  [step('assemblies()'), words(true)],
];

const SAME = [
  ...Array.from({ length: 10 }, (_, price) => step('through(uint256)', BigInt(price))),
  step('encodings(uint256,string)', 3n, 'a note'),
  step('lists(uint256)', 3n),
];

describe('errors, Panic, try, interfaceId, encodeCall', () => {
  it.each([
    ['without optimizer', { optimizer: { enabled: false } }],
    ['with optimizer', { optimizer: { enabled: true, runs: 200 } }],
    ['by way of Yul', { optimizer: { enabled: true, runs: 200 }, viaIR: true }],
  ])('are the same on both suites: %s', async (_, settings) => {
    const seen: unknown[] = [];
    for (const suite of SUITES) {
      const { Modern, Seller } = compiled('0.8.26', suite, inputOf(source, settings));
      const observed = await Observed.on(suite, [...TEXTS, ...TOPICS]);
      observed.deploy(Modern!.evm.bytecode.object);
      const answers = KNOWN.map(([call]) => observed.run(call));
      expect(answers).toEqual(KNOWN.map(([, output]) => expect.objectContaining({ status: 0, output })));
      answers.push(...SAME.map((call) => observed.run(call)));
      observed.deploy(Seller!.evm.bytecode.object, words(8));
      answers.push(observed.send(fromHex('')), observed.send(fromHex('010203')));
      seen.push(answers);
    }
    expect(seen[1]).toEqual(seen[0]);
  });
});
