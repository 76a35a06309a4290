import { fromByteString, toBigInt } from '@menglian/base/bytes';
import type { AbiValue } from '@menglian/codec/abi';
import { ALL_KINDS } from '@menglian/precompiled/testing/allKinds';
import { HOSTILE_VALUES } from '@menglian/precompiled/testing/hostileValues';
import type { Receipt } from '@menglian/types/receipt';
import type { SignedTransaction } from '@menglian/types/transaction';
import { describe, expect, it } from 'vitest';
import { CASES, type Ending, endingOf, readEndings } from './testing/systemPage.js';
import {
  type ContractCall,
  isDirect,
  newChain,
  runBlock,
  sentenceOf,
  signed,
  type SystemCase,
} from './testing/systemScenario.js';
import type { TestChain } from './testing/testChain.js';

/**
 * Goal: no text, however long or broken, stops a block or is answered in a way that nobody described. Each text argument of
 * each function of each system contract is replaced in a call that succeeds; the call is made by a signed transaction, and
 * the block is executed again on another copy of the chain.
 */

const LONG = 65_536;
/** For arguments without a limit: lengths around the one of keys. */
const USUAL_LIMIT = 255;

interface Limit {
  /** bytes */
  readonly limit: number;
  /** What is answered at the limit and one above. */
  readonly at: Ending;
  readonly above: Ending;
  /** A text of this length that is right but for its length. */
  readonly filler?: (length: number) => string;
}

const limitOf = (limit: number, above: Ending): Limit => ({ limit, at: 'yes', above });

/** Names with commas between them, all different, this long together. */
function fieldList(length: number): string {
  const name = (index: number) => `f${index}`.padEnd(63, 'x');
  const list = Array.from({ length: Math.ceil(length / 64) }, (_, index) => name(index)).join(',');
  return list.length >= length ? list.slice(0, length) : list.padEnd(length, 'x');
}

/** Function and number of the argument → its limit. */
const LIMITS: Readonly<Record<string, Limit>> = {
  'SystemConfig.setValueByKey(string,string)#1': {
    ...limitOf(64, -51_300),
    filler: (length) => '5'.padStart(length, '0'),
  },
  'TableFactory.createTable(string,string,string)#0': limitOf(48, 'sentence'),
  'TableFactory.createTable(string,string,string)#1': limitOf(64, 'sentence'),
  'TableFactory.createTable(string,string,string)#2': { ...limitOf(1024, 'sentence'), filler: fieldList },
  'KVTableFactory.createTable(string,string,string)#0': limitOf(48, 'sentence'),
  'KVTableFactory.createTable(string,string,string)#1': limitOf(64, 'sentence'),
  'KVTableFactory.createTable(string,string,string)#2': { ...limitOf(1024, 'sentence'), filler: fieldList },
  'Table.insert(string,address)#0': limitOf(255, 'sentence'),
  'KVTable.set(string,address)#0': limitOf(255, 'sentence'),
  'CRUD.insert(string,string,string,string)#1': limitOf(255, 'sentence'),
  'Consensus.addSealer(string)#0': limitOf(128, -51_100),
  'Consensus.addObserver(string)#0': limitOf(128, -51_100),
  'Consensus.remove(string)#0': limitOf(128, -51_100),
  'CNS.insert(string,string,string,string)#0': limitOf(128, 'sentence'),
  'CNS.insert(string,string,string,string)#1': limitOf(128, -51_201),
  'Permission.insert(string,string)#0': limitOf(62, -51_002),
};

const documented = readEndings();

/** A hash can be negative as a number, too. */
const [LOWEST_CODE, HIGHEST_CODE] = [-70_000n, -50_000n];

function endingOfReceipt({ status, output }: Receipt): Ending | { readonly status: number } {
  if (status === 21) {
    expect(sentenceOf(output)).not.toBe('');
    return 'sentence';
  }
  if (status !== 0) return { status };
  // Of queryCommitteeMemberWeight the code stands in the second word, but it takes no text.
  const first = output.length >= 32 ? BigInt.asIntN(256, toBigInt(output.subarray(0, 32))) : 0n;
  return first <= HIGHEST_CODE && first >= LOWEST_CODE ? Number(first) : 'yes';
}

/** The call of a case that succeeds, with the chain before it and what comes before it in its block. */
interface Prepared {
  readonly chain: TestChain;
  readonly twin: TestChain;
  readonly before: readonly SignedTransaction[];
  readonly call: ContractCall;
}

function prepare({ blocks, genesis }: SystemCase): Prepared {
  const [chain, twin] = [newChain(genesis), newChain(genesis)];
  for (const block of blocks.slice(0, -1)) {
    runBlock(chain, block);
    runBlock(twin, block);
  }
  const last = blocks.at(-1)!;
  const before = last.slice(0, -1).map((call) => signed(chain, call));
  return { chain, twin, before, call: last.at(-1) as ContractCall };
}

/** The receipts of a block that begins as in the case. It is made twice. */
function receiptsOf({ chain, twin, before }: Prepared, calls: readonly SignedTransaction[]): readonly Receipt[] {
  const transactions = [...before, ...calls];
  const result = chain.execute(transactions);
  const again = twin.execute(transactions);
  expect(result.receipts).toHaveLength(transactions.length);
  expect(again.stateDigest).toEqual(result.stateDigest);
  expect(again.receiptsRoot).toEqual(result.receiptsRoot);
  return result.receipts.slice(before.length);
}

/** The call with another argument. */
function changed({ chain, call }: Prepared, index: number, value: AbiValue): SignedTransaction {
  return signed(chain, call.with(3 + index, value) as unknown as ContractCall);
}

const succeeding = (of: string) =>
  CASES.find((one) => one.of === of && isDirect(one) && endingOf(one.answer) === 'yes');

/** Only system contracts call these: what a transaction may hand them is tried in `hostileArguments.test.ts` of precompiled. */
const CALLED_ON_THE_WAY = /^(Balances\.(prepareOut|prepareIn|confirm|cancel)|\w+\.onMessage)\(/;

const argumentsOf = (isWanted: (type: string) => boolean) =>
  ALL_KINDS.flatMap(({ name, functions }) =>
    functions
      .map(({ signature, types }) => ({ of: `${name}.${signature}`, types }))
      .filter(({ of }) => !CALLED_ON_THE_WAY.test(of))
      .flatMap(({ of, types }) => types.flatMap((type, index) => (isWanted(type) ? [{ of, index, type }] : []))),
  );
const isText = (type: string) => type === 'string' || type === 'bytes';

const argumentsOfText = argumentsOf(isText);

describe('text arguments', () => {
  it('have limits in the table that exist', () => {
    const known = new Set(argumentsOfText.map(({ of, index }) => `${of}#${index}`));
    expect(Object.keys(LIMITS).filter((name) => !known.has(name))).toEqual([]);
    expect(known.size).toBeGreaterThan(60);
  });

  it.each(argumentsOfText)('of any length: $of, number $index', ({ of, index, type }) => {
    const prepared = prepare(succeeding(of)!);
    const ordinary = signed(prepared.chain, prepared.call);
    const limit = LIMITS[`${of}#${index}`];
    const bound = limit?.limit ?? USUAL_LIMIT;
    const filler = limit?.filler ?? ((length: number) => 'a'.repeat(length));
    const endings = documented.get(of)!;
    const lengths = [0, 1, bound, bound + 1, LONG];
    const broken = [
      '\xc3\x28',
      '\xed\xa0\x80',
      'a\0b',
      ...[1, bound, bound + 1, LONG].map((length) => '\xff'.repeat(length)),
    ];
    for (const text of [...lengths.map(filler), ...broken]) {
      const value = type === 'bytes' ? fromByteString(text) : text;
      const [receipt, after] = receiptsOf(prepared, [changed(prepared, index, value), ordinary]);
      expect(after).toBeDefined();
      const ending = endingOfReceipt(receipt!);
      // Damaged text is no name, number or JSON: what does not look at it says yes, what does says what the page has.
      expect(endings, `${of}, ${text.length} bytes ${text.slice(0, 8)}`).toContain(ending);
      if (limit === undefined) continue;
      if (text === filler(bound)) expect(ending, 'at the limit').toBe(limit.at);
      if (text === filler(bound + 1) || text === filler(LONG)) expect(ending, 'above the limit').toBe(limit.above);
    }
  });
});

describe('hostile values', () => {
  it.each(argumentsOf(() => true))('are answered as the page says: $of, number $index', ({ of, index, type }) => {
    const prepared = prepare(succeeding(of)!);
    // Long texts are above.
    const values = HOSTILE_VALUES[type]!.filter((value) => typeof value !== 'string' || value.length <= 1025);
    const receipts = receiptsOf(
      prepared,
      values.map((value) => changed(prepared, index, value)),
    );
    for (const [at, receipt] of receipts.entries()) {
      expect(documented.get(of), `${of} with ${String(values[at]).slice(0, 40)}`).toContain(endingOfReceipt(receipt));
    }
  });
});
