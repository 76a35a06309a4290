import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compiled, inputOf, Observed, type Step, step, words } from '../test/support.js';

/** Contracts of a recorded SM chain: made by solc, with selectors and topics replaced in the code by hand. */

interface Recorded {
  readonly compiler: string;
  readonly source: string;
  readonly abi: readonly unknown[];
  readonly bytecode: string;
  readonly keccakBytecode: string;
  readonly replaced: Readonly<Record<string, unknown>>;
}

const recorded = JSON.parse(
  readFileSync(new URL('../../../test/golden-sm/contracts.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, Recorded>>;

/** With few runs there is no binary search for functions, as in the recording. */
const SETTINGS = { optimizer: { enabled: false, runs: 1 } };

const BYTES = new Uint8Array(200).fill(7);
const WORD = BYTES.slice(0, 32);
const ADDRESS = '12'.repeat(20);

const CALLS: Readonly<Record<string, readonly Step[]>> = {
  HelloWorld: [step('get()'), step('set(string)', 'another'), step('get()'), step('fail()'), step('none()')],
  PeerTransfer: [
    step('set(string,uint256)', 'a', 50n),
    step('transfer(string,string,uint256)', 'a', 'b', 8n),
    step('balanceOf(string)', 'a'),
    step('balanceOf(string)', 'b'),
    step('enableParallel()'),
  ],
  Child: [step('tag()')],
  Hashes: [
    step('h(bytes)', BYTES),
    step('hs(bytes)', BYTES),
    step('hr(bytes)', BYTES),
    step('rec(bytes32,uint8,bytes32,bytes32)', WORD, 27n, WORD, WORD),
    step('setNamed(string,uint256)', 'a', 5n),
    step('getNamed(string)', 'a'),
    step('push(uint256)', 9n),
    step('slotOfNumbered(uint256)', 9n),
    step('make(uint256,string)', 4n, 'label'),
    step('codehash(address)', ADDRESS),
    step('fail()'),
    step('mustBe(uint256)', 7n),
    step('mustBe(uint256)', 8n),
    step('bare()'),
    step('broken()'),
    step('viaSelf(uint256)', 7n),
    step('viaSelf(uint256)', 8n),
    step('viaLow(address,uint256)', ADDRESS, 8n),
    step('none()'),
  ],
};

/** Without what depends on the name of the file: the hashes of metadata. */
function withoutMetadata(code: string): string {
  return code.replaceAll(/(?<=a165627a7a72305820|a265627a7a72315820).{64}/g, '');
}

describe.each(Object.entries(CALLS))('recorded %s', (name, calls) => {
  const { compiler, source, abi, bytecode, keccakBytecode, replaced } = recorded[name]!;

  it('is what solc makes', () => {
    const plain = compiled(compiler, 'ecdsa', inputOf(source, SETTINGS))[name]!;
    expect(plain.abi).toEqual(abi);
    expect(withoutMetadata(plain.evm.bytecode.object)).toBe(withoutMetadata(keccakBytecode.slice(2)));
  });

  it('does on an SM chain what ours does', async () => {
    const sm = compiled(compiler, 'sm', inputOf(source, SETTINGS))[name]!;
    expect(sm.abi).toEqual(abi);
    expect(sm.evm.bytecode.object.length).toBe(bytecode.length - 2);
    const seen: unknown[] = [];
    for (const code of [sm.evm.bytecode.object, bytecode.slice(2)]) {
      const observed = await Observed.on('sm', Object.keys(replaced));
      observed.deploy(code, name === 'Child' ? words(6) : '');
      seen.push(calls.map((call) => observed.run(call)));
    }
    expect(seen[1]).toEqual(seen[0]);
    // Functions lie in the order of their selectors, so that only a contract of one function is the same in every byte.
    if (name === 'Child') expect(withoutMetadata(sm.evm.bytecode.object)).toBe(withoutMetadata(bytecode.slice(2)));
  });
});
