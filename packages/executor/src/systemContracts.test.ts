import { readdirSync, readFileSync } from 'node:fs';
import { toHex } from '@menglian/base/bytes';
import { SYSTEM_ADDRESSES } from '@menglian/precompiled/addresses';
import { ALL_KINDS } from '@menglian/precompiled/testing/allKinds';
import { describe, expect, it } from 'vitest';
import { ENABLE_INTERCHAIN } from './testing/systemCasesOfRouter.js';
import { ENABLE } from './testing/systemCasesOfRoutes.js';
import { CASES, type Ending, endingOf, PAGE, readEndings, ROOT } from './testing/systemPage.js';
import { ALICE, answerOf, newChain, play, runBlock, titleOf } from './testing/systemScenario.js';

/**
 * Goal: every function of every system contract, with every answer it can give, by signed transactions in blocks. The page
 * says which answers there are; a function or a code without a case fails, and so does a code that the page does not have.
 */

const documented = readEndings();

const SOURCE_FOLDER = 'packages/precompiled/src/';
const SOURCES = readdirSync(new URL(SOURCE_FOLDER, ROOT)).filter((path) => path.endsWith('.ts'));
const read = (path: string): string => readFileSync(new URL(SOURCE_FOLDER + path, ROOT), 'utf8');

const CODES: ReadonlyMap<string, number> = new Map(
  ['codes.ts', 'ports.ts'].flatMap((path) =>
    [...read(path).matchAll(/^export const ([A-Z_]+) = (-[\d_]+);$/gm)].map(
      ([, name, value]) => [name!, Number(value!.replaceAll('_', ''))] as const,
    ),
  ),
);

const UNKNOWN_TABLE = PAGE.slice(PAGE.indexOf('An unknown selector'), PAGE.indexOf('## Outcomes'));
const CODES_OF_UNKNOWN = [...UNKNOWN_TABLE.matchAll(/−(\d+)/g)].map((match) => -Number(match[1]));

function codesIn(rows: readonly (readonly Ending[])[]): readonly number[] {
  return rows.flat().filter((ending) => typeof ending === 'number');
}

describe('the page', () => {
  it('has every function of every contract and object, and no other', () => {
    const known = ALL_KINDS.flatMap(({ name, functions }) => functions.map(({ signature }) => `${name}.${signature}`));
    expect([...documented.keys()].toSorted()).toEqual(known.toSorted());
  });

  it('has every code of the sources, and no other', () => {
    const onPage = new Set([...codesIn([...documented.values()]), ...CODES_OF_UNKNOWN]);
    expect([...onPage].toSorted()).toEqual([...new Set(CODES.values())].toSorted());
  });

  it.each(SOURCES.filter((path) => /^[\da-f]{4}-/.test(path) && !path.endsWith('.test.ts')))(
    'has every code that %s names, at a function of its contract',
    (path) => {
      const own = read(path);
      const number = path.slice(0, 5);
      const text = SOURCES.filter((other) => other.startsWith(number) && !other.endsWith('.test.ts'))
        .map(read)
        .join();
      const kinds = [...text.matchAll(/^ {2}name: '(\w+)',$/gm)].map((match) => match[1]!);
      expect(kinds).not.toEqual([]);
      const rows = [...documented].filter(([name]) => kinds.includes(name.split('.')[0]!));
      const onPage = new Set([...codesIn(rows.map(([, endings]) => endings)), ...CODES_OF_UNKNOWN]);
      const named = /^import \{([^}]*)\} from '\.\/codes\.js';$/m.exec(own)?.[1]!.match(/\w+/g) ?? [];
      expect(named.filter((name) => !onPage.has(CODES.get(name)!))).toEqual([]);
    },
  );

  it('has the answer of every contract and object to an unknown function', () => {
    expect(UNKNOWN_TABLE).toMatch(/SystemConfig, Consensus \| int256 0/);
    const answers: Readonly<Record<string, string>> = {
      SystemConfig: '0'.repeat(64),
      Consensus: '0'.repeat(64),
      GasChargeManage: `${'f'.repeat(60)}30f0`,
      CRUD: `${'f'.repeat(60)}3c4b`,
      Crypto: `${'0'.repeat(56)}ffff3c4b`,
    };
    for (const { address, name, answers: isThere } of SYSTEM_ADDRESSES) {
      if (!isThere) continue;
      const chain = newChain();
      runBlock(chain, [ENABLE, ENABLE_INTERCHAIN]);
      for (const data of [new Uint8Array(3), new Uint8Array(4).fill(0xee), new Uint8Array(40).fill(0xee)]) {
        const [receipt] = chain.run(chain.sign(ALICE, { to: address, data })).receipts;
        expect([name, receipt!.status, toHex(receipt!.output)]).toEqual([name, 0, answers[name] ?? '']);
      }
    }
  });
});

describe('the cases', () => {
  it('reach every answer in the page, and none that is not there', () => {
    const reached = new Map<string, Set<Ending>>();
    for (const { of, answer } of CASES) {
      const endings = reached.get(of) ?? new Set();
      reached.set(of, endings.add(endingOf(answer)));
    }
    const missing: string[] = [];
    for (const [name, wanted] of documented) {
      const found = reached.get(name) ?? new Set();
      for (const one of wanted) if (!found.has(one)) missing.push(`${name} never answers ${one}`);
      for (const one of found)
        if (!wanted.includes(one)) missing.push(`the page does not say that ${name} answers ${one}`);
    }
    expect(missing).toEqual([]);
    expect([...reached.keys()].filter((name) => !documented.has(name))).toEqual([]);
  });

  it.each(CASES.map((one) => [titleOf(one), one] as const))('%s', (_, { answer, blocks, genesis }) => {
    const receipt = play(blocks, genesis);
    const failed = answer.kind === 'values' ? answer.code : undefined;
    const found = answerOf(receipt, failed);
    if (answer.kind === 'sentence')
      expect(found).toMatchObject({ text: expect.stringMatching(`^${quoted(answer.text)}`) });
    else expect(found).toEqual(answer);
  });
});

function quoted(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
