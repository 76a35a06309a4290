/** Code made to be slow or large when it is translated: what comes of it is counted, not timed. */
import { concatBytes } from '@menglian/base/bytes';
import { SeededRandom } from '@menglian/base/seededRandom';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { analyze } from '../codeAnalysis.js';
import { execute } from '../execute.js';
import { NORMAL_SCHEDULE } from '../gasSchedule.js';
import { Halt } from '../halt.js';
import { assemble } from '../testing/assembler.js';
import { MemoryHost } from '../testing/memoryHost.js';
import { CONTRACT, GAS, ORIGIN } from '../testing/run.js';
import {
  STATES_MAX,
  TEXT_LENGTH_GOAL_MAX,
  TEXT_LENGTH_MAX,
  TEXT_LENGTH_PER_HEAT,
  TRANSLATIONS_MAX,
  TRANSLATIONS_PER_CODE_MAX,
  TRANSLATIONS_TEXT_LENGTH_MAX,
  TRANSLATION_HEAT,
} from './limits.js';
import { scenario } from '../testing/scenario.js';
import { ProgramWriter } from './programWriter.js';
import { RUNTIME } from './runtime.js';
import { StateGraph } from './stateGraph.js';
import { keptTranslations } from './tiers.js';

const suite = await loadSuite('ecdsa');
const CODE_BYTES = 24 * 1024;

function textOf(code: Uint8Array): string | undefined {
  const analyzed = analyze(code);
  return new ProgramWriter(analyzed, analyzed.prices(NORMAL_SCHEDULE), () => true, TEXT_LENGTH_GOAL_MAX).program();
}

function run(code: Uint8Array | ReturnType<typeof analyze>, gas = GAS) {
  const context = {
    origin: ORIGIN,
    gasPrice: 1n,
    blockNumber: 1,
    timestampMs: 1,
    budget: { remaining: 1_000_000_000 },
  };
  const host = new MemoryHost({ suite, ecdsa: suite, schedule: NORMAL_SCHEDULE, context, firstCreationNumber: 0n });
  const message = {
    kind: 'call' as const,
    gas,
    sender: ORIGIN,
    recipient: CONTRACT,
    codeAddress: CONTRACT,
    value: 0n,
    input: new Uint8Array(32),
    depth: 0,
    isStatic: false,
  };
  return execute(code, message, host, context, NORMAL_SCHEDULE, suite);
}

/** Blocks that each put another offset of a JUMPDEST into one of six places of the stack, and go on in one of two ways. */
function forks(count: number): Uint8Array {
  const at = (index: number) => 18 + 15 * (index % count);
  const blocks = Array.from(
    { length: count },
    (_, i) =>
      `JUMPDEST PUSH2 ${at(7 * i)} SWAP${1 + (i % 6)} POP CALLDATASIZE PUSH2 ${at(5 * i + 1)} JUMPI PUSH2 ${at(3 * i + 2)} JUMP`,
  );
  return assemble(`${`PUSH2 ${at(0)} `.repeat(6)} ${blocks.join(' ')}`);
}

const repeated = (text: string, bytes = CODE_BYTES) => {
  const part = assemble(text);
  return concatBytes(...Array.from({ length: Math.floor(bytes / part.length) }, () => part));
};

const CASES: Readonly<Record<string, Uint8Array>> = {
  'nothing but JUMPDESTs': repeated('JUMPDEST'),
  'one block of additions': repeated('1 ADD'),
  'nothing but PUSH32': repeated(`PUSH32 0x${'f'.repeat(64)}`),
  'as deep as the stack goes': repeated('JUMPDEST CALLDATASIZE'),
  'recursion that never returns': assemble(':f @g :g @f JUMP'),
  'ever other return addresses': forks(300),
  'jumps to where the data says': repeated('JUMPDEST 0 CALLDATALOAD JUMP'),
  'calls with all their arguments': repeated('JUMPDEST 0 0 0 0 0 0 GAS CALL POP'),
  'a condition at every other byte': repeated('JUMPDEST CALLDATASIZE 0 JUMPI'),
  'the largest code, of random bytes': new SeededRandom(7).bytes(0x40000),
};

const PROGRAMS = Array.from({ length: 50 }, (_, seed) => [...scenario(seed).codes.values()]).flat();

describe('hostile code', () => {
  it.each(Object.entries(CASES))('%s', (_, code) => {
    const graph = new StateGraph(analyze(code), () => true, TEXT_LENGTH_GOAL_MAX);
    expect(graph.size).toBeLessThanOrEqual(STATES_MAX);
    expect(textOf(code)?.length ?? 0).toBeLessThanOrEqual(TEXT_LENGTH_MAX);
  });

  it('gets text in proportion to the work that was seen', () => {
    for (const code of Object.values(CASES)) {
      const analyzed = analyze(code);
      const goal = TEXT_LENGTH_PER_HEAT * TRANSLATION_HEAT;
      const text = new ProgramWriter(analyzed, analyzed.prices(NORMAL_SCHEDULE), () => true, goal).program();
      // The last block begun, and the ways out of those that were not.
      expect(text?.length ?? 0).toBeLessThanOrEqual(4 * goal + 128 * 1024);
    }
  });

  it('would make more states than are followed', () => {
    const graph = new StateGraph(analyze(forks(300)), () => true, TEXT_LENGTH_GOAL_MAX);
    expect(graph.size).toBe(STATES_MAX);
  });

  it('puts nothing but our own words and numbers into the text', () => {
    const keywords = 'for switch case if return continue break const let typeof undefined'.split(' ');
    const members = 'Math floor BigInt asUintN Number setUint8 length true false'.split(' ');
    const fields =
      'gas view memorySize height stack message host suite code bytes context input value sender recipient';
    const rest = 'returnData origin gasPrice timestampMs blockNumber grow storage END MAX'.split(' ');
    const own = new Set([...keywords, ...members, ...fields.split(' '), ...rest, ...Object.keys(RUNTIME)]);
    const local = /^(s\d+|[acfghmopqvxyOS])$/;
    const number = /^(0x[0-9a-f]+n|\d+n?|\d(\.\d+)?e\d+)$/;
    for (const code of [...Object.values(CASES), ...PROGRAMS]) {
      const text = textOf(code)?.replaceAll('"number"', '') ?? '';
      expect(text).toMatch(/^[\w.e+ \-*/%&|^!<>=?:;,(){}[\]]*$/);
      const strange = text
        .split(/[^\w.]+|(?<=[a-zA-Z_]\w*)\.|\.(?=[a-zA-Z_])/)
        .filter((word) => word !== '' && !own.has(word) && !local.test(word) && !number.test(word));
      expect(strange.filter((word) => !/^\d(\.\d+)?e$/.test(word))).toEqual([]);
    }
  });

  it('that is always new costs no more memory than the cache holds', () => {
    for (let i = 0; i < TRANSLATIONS_MAX + 40; i++) {
      const code = analyze(assemble(`${i} POP 9000 :again 1 SWAP1 SUB DUP1 @again JUMPI`));
      for (let j = 0; j < 2; j++) run(code);
      expect(code.profile.translation).toBeDefined();
    }
    expect(keptTranslations().count).toBeLessThanOrEqual(TRANSLATIONS_MAX);
    expect(keptTranslations().textLength).toBeLessThanOrEqual(TRANSLATIONS_TEXT_LENGTH_MAX);
  });

  it('that is seen in ever other parts is translated a few times only', () => {
    // 400 loops; which of them runs, the storage counts.
    const loops = Array.from({ length: 400 }, (_, i) => `:l${i} 3 :i${i} 1 SWAP1 SUB DUP1 @i${i} JUMPI STOP`);
    const code = analyze(assemble(`GAS 400 SWAP1 MOD 14 MUL @l0 ADD JUMP ${loops.join(' ')}`));
    for (let i = 0; i < 40_000; i++) expect(run(code, GAS + i).status).toBe(Halt.SUCCESS);
    expect(code.profile.translations).toBeLessThanOrEqual(TRANSLATIONS_PER_CODE_MAX);
  });
});
