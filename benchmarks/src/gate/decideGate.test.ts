import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { MICRO_CASES } from '../micro/microCases.js';
import { bestOf, decideGate } from './decideGate.js';
import { GATE_PATH, readGateRecord } from './gateRecord.js';

const folder = mkdtempSync(join(tmpdir(), 'menglian-gate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RECORDED = new Map([
  ['hash / a', 10],
  ['decode / b', 2],
]);

describe('the gate', () => {
  it('passes what kept its ratio, or gained', () => {
    const decision = decideGate(RECORDED, new Map([...RECORDED, ['hash / a', 99]]), 10);
    expect(decision.passes).toBe(true);
    expect(decision.rows.map(({ verdict }) => verdict)).toEqual(['kept', 'kept']);
  });

  it('fails what fell by more than the tolerance only', () => {
    const at = (ratio: number) => decideGate(RECORDED, new Map([...RECORDED, ['hash / a', ratio]]), 30);
    expect(at(7).passes).toBe(true);
    expect(at(6.99).passes).toBe(false);
    expect(at(6.99).rows[0]).toEqual({ name: 'hash / a', recorded: 10, measured: 6.99, verdict: 'fell' });
    expect(at(0).passes).toBe(false);
    expect(at(Number.NaN).passes).toBe(false);
  });

  it('fails what is not measured any more, and tells what is new', () => {
    const decision = decideGate(RECORDED, new Map([['hash / a', 10]]).set('gossip / c', 1), 30);
    expect(decision.passes).toBe(false);
    expect(decision.rows.map(({ verdict }) => verdict)).toEqual(['kept', 'missing', 'new']);
    expect(decideGate(new Map(), RECORDED, 30).passes).toBe(true);
  });

  it('counts the better of two measurements', () => {
    const best = bestOf(new Map([['a', 1]]).set('b', 5), new Map([['a', 3]]).set('c', 2));
    expect(Object.fromEntries(best)).toEqual({ a: 3, b: 5, c: 2 });
  });
});

describe('the record', () => {
  it('of the repository is one, and of cases that there are', () => {
    const record = readGateRecord(GATE_PATH);
    if (!record.ok) throw new Error(record.reason.en);
    const names = MICRO_CASES.map(({ name }) => name);
    for (const key of Object.keys(record.value.ratios)) expect(names).toContain(key.split(' / ')[0]);
  });

  it.each(['', '{}', '[]', '{"version":1,"tolerancePercent":0,"environment":{},"ratios":{}}', 'null'])(
    'is refused with a sentence: %j',
    (text) => {
      const path = join(folder, 'gate.json');
      writeFileSync(path, text);
      const record = readGateRecord(path);
      expect(record.ok).toBe(false);
      if (!record.ok) expect(record.reason.en).toContain('gate.json');
    },
  );
});
