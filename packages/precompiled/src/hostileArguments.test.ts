import { concatBytes, toHex } from '@menglian/base/bytes';
import { type AbiValue, encodeAbi, selector } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SYSTEM_ADDRESSES, systemAddress } from './addresses.js';
import type { SystemContract, SystemOutcome } from './ports.js';
import { SYSTEM_CONTRACTS, systemContract } from './systemContracts.js';
import { ALL_KINDS } from './testing/allKinds.js';
import { HOSTILE_VALUES } from './testing/hostileValues.js';
import { ALICE, BOB, CONTRACT, SystemTester } from './testing/systemTester.js';

/**
 * Goal: no call, however made, stops a block. Every function of every contract takes every hostile value in every
 * argument, against a chain that has tables, names, a committee and accounts; the answer must be an outcome of the
 * documented form, the same on a second run, and nothing may be thrown.
 */

const suite = await loadSuite('ecdsa');

const TABLE = systemAddress(0x10001);
const ENTRY = systemAddress(0x10002);
const CONDITION = systemAddress(0x10003);
const ENTRIES = systemAddress(0x10004);
const KV_TABLE = systemAddress(0x10005);

const ORDINARY: Readonly<Record<string, AbiValue>> = {
  string: 'k',
  address: ENTRY,
  int256: 1n,
  uint256: 1n,
  bool: true,
  bytes: new Uint8Array(64),
  bytes32: new Uint8Array(32).fill(1),
};

function populated(): SystemTester {
  const tester = new SystemTester(suite);
  tester.host.addAccount(CONTRACT, { hasCode: true, frozen: false, managers: [ALICE] });
  tester.host.addAccount(BOB, { hasCode: false, frozen: false, managers: [] });
  tester.code(0x1001, 'createTable(string,string,string)', 'k', 'k', 'f,t');
  tester.code(0x1002, 'insert(string,string,string,string)', 'k', 'k', '{"f":"1"}', '');
  tester.code(0x1004, 'insert(string,string,string,string)', 'k', 'k', ALICE, '');
  tester.code(0x1008, 'grantCommitteeMember(address)', ALICE);
  tester.code(0x5002, 'userAdd(string,uint256)', 'k', 5n);
  tester.host.nextBlock();
  const table = tester.address(0x1001, 'openTable(string)', 'k');
  tester.address(table, 'newEntry()');
  tester.address(table, 'newCondition()');
  tester.address(table, 'select(string,address)', 'k', CONDITION);
  tester.address(0x1010, 'openTable(string)', 'k');
  return tester;
}

/** Each contract and object with its functions. */
function targets(
  tester: SystemTester,
): readonly (readonly [SystemContract, readonly { signature: string; types: readonly string[] }[]])[] {
  const objects = [TABLE, ENTRY, CONDITION, ENTRIES, KV_TABLE].map((address) => tester.host.objectAt(address)!);
  return [...SYSTEM_CONTRACTS.values(), ...objects].map((contract) => {
    const kind = ALL_KINDS.find((candidate) => candidate.name === contract.name)!;
    return [contract, kind.functions];
  });
}

function checkOutcome(tester: SystemTester, outcome: SystemOutcome, gasLeft: number): void {
  expect(outcome.gasUsed).toBeGreaterThanOrEqual(0);
  expect(outcome.gasUsed).toBeLessThanOrEqual(gasLeft);
  expect(Number.isSafeInteger(outcome.gasUsed)).toBe(true);
  if (outcome.status === 21) {
    expect(outcome.gasUsed).toBe(0);
    expect(tester.errorOf(outcome)).not.toBe('');
  } else {
    expect(outcome.status).toBe(0);
  }
}

describe('hostile arguments', () => {
  it('such as over-long names and strings for every precompile always get an outcome, the same one on every node', () => {
    const [tester, twin] = [populated(), populated()];
    const twins = new Map(targets(twin).map(([contract]) => [contract.name, contract]));
    let calls = 0;
    for (const [contract, functions] of targets(tester)) {
      for (const { signature, types } of functions) {
        const ordinary = types.map((type) => ORDINARY[type]!);
        const cases = types.flatMap((type, index) => HOSTILE_VALUES[type]!.map((value) => ordinary.with(index, value)));
        for (const values of [ordinary, ...cases]) {
          const input = concatBytes(
            selector((data) => suite.hash(data), signature),
            encodeAbi(types, values),
          );
          const call = { sender: ALICE, input, gasLeft: 300_000_000 };
          const outcome = tester.host.call(contract, call);
          checkOutcome(tester, outcome, call.gasLeft);
          const again = twin.host.call(twins.get(contract.name)!, call);
          expect(toHex(again.output)).toBe(toHex(outcome.output));
          expect([again.status, again.gasUsed]).toEqual([outcome.status, outcome.gasUsed]);
          calls++;
        }
      }
    }
    expect(calls).toBeGreaterThan(4000);
  });

  it('are survived as raw call data of any kind', () => {
    const tester = populated();
    const functions = targets(tester).flatMap(([contract, declared]) =>
      declared.map(({ signature }) => [contract, selector((data) => suite.hash(data), signature)] as const),
    );
    const word = fc.oneof(
      fc.constantFrom(0n, 32n, 64n, 96n, 1n, 2n ** 255n, 2n ** 256n - 1n, 2n ** 64n, 0x10002n),
      fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
    );
    const data = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.array(word, { maxLength: 10 }).map((words) => concatBytes(...words.map((value) => toWord(value)))),
    );
    fc.assert(
      fc.property(fc.constantFrom(...functions), data, fc.nat({ max: 50_000 }), ([contract, name], bytes, gasLeft) => {
        const outcome = tester.host.run(contract, { sender: BOB, input: concatBytes(name, bytes), gasLeft });
        checkOutcome(tester, outcome, gasLeft);
      }),
      { numRuns: 5000 },
    );
  });
});

function toWord(value: bigint): Uint8Array {
  return Uint8Array.from(value.toString(16).padStart(64, '0').match(/../g)!, (digits) => Number.parseInt(digits, 16));
}

describe('addresses', () => {
  it('answer where the table says so, and nowhere else', () => {
    const answering = SYSTEM_ADDRESSES.filter((reserved) => reserved.answers);
    expect([...SYSTEM_CONTRACTS].map(([address, { name }]) => [address, name])).toEqual(
      answering.map(({ address, name }) => [address, name]),
    );
    expect(systemContract(systemAddress(0x5003))).toBeUndefined();
  });
});
