import { readFileSync } from 'node:fs';
import { concatBytes } from '@menglian/base/bytes';
import { keccak256, sm3 } from '@menglian/crypto/hashes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forVersion, inputOf, soljsonText, VERSIONS } from '../test/support.js';
import { HashSwitch } from './hashSwitch.js';
import { HookedWebAssembly } from './hookedWebAssembly.js';
import { KECCAK_TABLE } from './keccakTable.js';
import { hookScript, PERMUTATION_NAME } from './scriptHook.js';
import { runSoljson } from './soljson.js';
import { prepareInput } from './standardJson.js';
import { hookWasm } from './wasmHook.js';
import { readWasm, unsignedLeb } from './wasmModule.js';

describe('a compiler', () => {
  const source = readFileSync(new URL('../test/contracts/everything.sol', import.meta.url), 'utf8');

  it.each(VERSIONS)('answers the same when keccak-256 is put in the place of keccak-256: %s', (version) => {
    const text = soljsonText(version);
    const messages: number[] = [];
    const counting = (message: Uint8Array) => {
      messages.push(message.length);
      return keccak256(message);
    };
    const [plain, hooked] = [runSoljson(text, undefined), runSoljson(text, new HashSwitch(counting))];
    if (!plain.ok || !hooked.ok) throw new Error('not run');
    const settings = { optimizer: { enabled: true }, outputSelection: { '*': { '*': ['evm.legacyAssembly'] } } };
    const input = JSON.stringify(prepareInput(inputOf(forVersion(source, version), settings), version));
    expect(hooked.value.compile(input)).toBe(plain.value.compile(input));
    expect(hooked.value.version).toBe(plain.value.version);
    expect(Math.max(...messages)).toBeGreaterThan(1000);
  });

  it('hangs nothing on the process', () => {
    const before = process.listenerCount('uncaughtException');
    runSoljson(soljsonText('0.5.17'), undefined);
    expect(process.listenerCount('uncaughtException')).toBe(before);
  });
});

const WASM_HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const I32 = 0x7f;
const I64 = 0x7e;
const F32 = 0x7d;
const F64 = 0x7c;
const STATE_AT = 64;
const MEMORY_EXPORT = [...new TextEncoder().encode('memory')];
const RUN_EXPORT = [...new TextEncoder().encode('run')];

/** A module with a table at 0x1234, a permutation that reads it, behind an import with these types, and a function `run` that calls both. */
function module(parameters: readonly number[], results: readonly number[], reads = 1): Uint8Array {
  const section = (id: number, ...content: number[]) => [id, ...unsignedLeb(content.length), ...content];
  const zeros: Record<number, number[]> = {
    [I32]: [0x41, 0],
    [I64]: [0x42, 0],
    [F32]: [0x43, 0, 0, 0, 0],
    [F64]: [0x44, 0, 0, 0, 0, 0, 0, 0, 0],
  };
  const types = [
    [0x60, parameters.length, ...parameters, results.length, ...results],
    [0x60, 1, I32, 0],
    [0x60, 0, 0],
  ];
  const permutation = [0, 0x41, 0xb4, 0x24, 0x1a, 0x0b];
  const other = [0, 0x0b];
  const call = [...parameters.flatMap((type) => zeros[type]!), 0x10, 0, ...results.map(() => 0x1a)];
  const run = [0, ...call, 0x41, 0xc0, 0, 0x10, 1, ...call, 0x0b];
  const bodies = [permutation, reads > 1 ? permutation : other, run];
  return Uint8Array.of(
    ...WASM_HEADER,
    ...section(1, types.length, ...types.flat()),
    ...section(2, 1, 1, 97, 1, 98, 0, 0),
    ...section(3, 3, 1, 1, 2),
    ...section(5, 1, 0, 1),
    ...section(7, 2, 6, ...MEMORY_EXPORT, 2, 0, 3, ...RUN_EXPORT, 0, 3),
    ...section(10, 3, ...bodies.flatMap((body) => [body.length, ...body])),
    ...section(11, 1, 0, 0x41, 0xb4, 0x24, 0x0b, ...unsignedLeb(KECCAK_TABLE.length), ...KECCAK_TABLE),
  );
}

interface Api {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { exports: { run(): void; memory: { buffer: ArrayBuffer } } };
}

describe('a hook in WebAssembly', () => {
  const type = fc.constantFrom(I32, I64, F32, F64);

  it('asks by way of an import of any type, and lets other calls of it pass', () => {
    fc.assert(
      fc.property(fc.array(type, { maxLength: 4 }), fc.array(type, { maxLength: 1 }), (parameters, results) => {
        const hooked = new HookedWebAssembly(new HashSwitch(sm3));
        const { Module, Instance } = hooked.api as Api;
        let calls = 0;
        const imported = () => {
          calls += 1;
          return results[0] === I64 ? 5n : 5;
        };
        const { exports } = new Instance(new Module(module(parameters, results)), { a: { b: imported } });
        const state = new Uint8Array(exports.memory.buffer, STATE_AT, 136);
        state.set([1]);
        state[135] = 0x80;
        exports.run();
        expect(hooked.refusal).toBeUndefined();
        expect(calls).toBe(2);
        expect(state.slice(0, 32)).toEqual(sm3(new Uint8Array()));
      }),
      { numRuns: 50 },
    );
  });

  it('is not set where it is not sure', () => {
    const good = module([], []);
    expect(hookWasm(good).ok).toBe(true);
    expect(hookWasm(module([], [], 2))).toMatchObject({ ok: false, reason: expect.stringContaining('single') });
    expect(hookWasm(concatBytes(good, Uint8Array.of(0, 192, 1), KECCAK_TABLE))).toMatchObject({ ok: false });
    const without = good.slice(0, -10);
    expect(hookWasm(without)).toMatchObject({ ok: false });
  });

  it('refuses bytes that are no module', () => {
    const good = module([I32], [F64]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(good.length), (bytes, at) => {
        for (const one of [bytes, good.slice(0, at), concatBytes(good.slice(0, 8), bytes), concatBytes(good, bytes)])
          expect(typeof readWasm(one).ok).toBe('boolean');
        const changed = good.slice();
        changed.set(bytes.subarray(0, changed.length - at), at);
        expect(typeof hookWasm(changed).ok).toBe('boolean');
      }),
    );
  });
});

describe('a hook in JavaScript', () => {
  const memory = Buffer.concat([new Uint8Array(40), KECCAK_TABLE]).toString('base64');
  const start = `var GLOBAL_BASE=8;memoryInitializer="data:application/octet-stream;base64,${memory}";"almost asm";`;

  it('replaces the one function that takes words from the table', () => {
    const text = `${start}function x(a){return 48}function Ab(a){a=a|0;c[48+(b<<3)>>2]}function y(a){}`;
    expect(hookScript(text)).toEqual({
      ok: true,
      value: `${start}function x(a){return 48}function Ab(a){${PERMUTATION_NAME}(HEAPU8,a)}function y(a){}`,
    });
  });

  it.each([
    ['nothing reads it', `${start}function Ab(a){c[4]}function y(a){}`],
    ['two read it', `${start}function Ab(a){c[48+(b<<3)]}function y(a){c[48+(b<<3)]}function z(){}`],
    ['the function is unknown', `${start}function Ab(a,b){c[48+(b<<3)]}function y(a){}`],
    ['there is no table', start.replace(memory, 'AAAA')],
    ['there is no memory', '"use asm"'],
  ])('is not set when %s', (_, text) => {
    expect(hookScript(text).ok).toBe(false);
  });
});
