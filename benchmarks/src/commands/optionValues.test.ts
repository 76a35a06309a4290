import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  RANGES,
  readEngine,
  readLoadOptions,
  readNumber,
  readPorts,
  readRate,
  shownText,
  type OptionTexts,
} from './optionValues.js';

/** As the command's defaults are. */
const TEXTS: OptionTexts = {
  nodes: '4',
  engine: 'pbft',
  users: '1000',
  batch: '100',
  uncommitted: '20000',
  ports: '31300,21200,18545',
  transactions: '50000',
  runs: '1',
  warmUp: '0',
  senders: '1',
};

const HOSTILE = ['', ' ', '-1', '1e3', '0x10', '1.5', 'NaN', 'Infinity', '٣', '1\n2', '9'.repeat(30), '$(id)', '../..'];

describe('options', () => {
  it('reads those of a load', () => {
    expect(readLoadOptions(TEXTS)).toEqual({
      ok: true,
      value: {
        nodes: 4,
        consensus: 'pbft',
        sm: false,
        runs: 1,
        transactions: 50_000,
        warmUp: 0,
        users: 1000,
        senders: 1,
        batchSize: 100,
        uncommittedMax: 20_000,
        rate: undefined,
        profileFolder: undefined,
        ports: '31300,21200,18545',
      },
    });
  });

  it.each(['nodes', 'runs', 'transactions', 'warmUp', 'users', 'senders', 'batch', 'uncommitted'])(
    'refuses hostile texts for %s with a sentence that names the option',
    (name) => {
      for (const text of HOSTILE) {
        const read = readLoadOptions({ ...TEXTS, [name]: text });
        expect(read.ok, text).toBe(false);
        if (!read.ok) {
          expect(read.reason.en).toContain(`--${name === 'warmUp' ? 'warm-up' : name}`);
          expect(read.reason.en).not.toMatch(/\n/);
          expect(read.reason.zh).toContain('整数');
        }
      }
    },
  );

  it.each(Object.entries(RANGES))('keeps to the bounds of %s', (name, range) => {
    const { min, max } = range;
    expect(readNumber(name, String(min), range)).toEqual({ ok: true, value: min });
    expect(readNumber(name, String(max), range)).toEqual({ ok: true, value: max });
    expect(readNumber(name, String(max + 1), range).ok).toBe(false);
    expect(readNumber(name, String(min - 1), range).ok).toBe(false);
  });

  it('reads any text as a number in range or not at all', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = readNumber('users', text, RANGES.users);
        if (read.ok) expect(String(read.value)).toBe(text.replace(/^0+(?=\d)/, ''));
        else expect(read.reason.en.length).toBeLessThan(200);
      }),
    );
  });

  it('reads rates', () => {
    expect(readRate('4000')).toEqual({ ok: true, value: { kind: 'perSecond', perSecond: 4000 } });
    expect(readRate('80%')).toEqual({ ok: true, value: { kind: 'shareOfPeak', percent: 80 } });
    for (const text of [...HOSTILE, '0', '0%', '101%', '80%%', '%']) expect(readRate(text).ok, text).toBe(false);
  });

  it('reads engines and ports', () => {
    expect(readEngine('raft').ok).toBe(true);
    for (const text of [...HOSTILE, 'PBFT', 'poa']) expect(readEngine(text).ok, text).toBe(false);
    expect(readPorts('1,2,3', 4).ok).toBe(true);
    expect(readPorts('65535,2,3', 1).ok).toBe(true);
    for (const text of [...HOSTILE, '1,2', '1,2,3,4', '0,1,2', '65535,2,3', '1,2,x'])
      expect(readPorts(text, 2).ok, text).toBe(false);
  });

  it('shows texts of people on one line', () => {
    expect(shownText('a\u001b[2J\n')).toBe(String.raw`"a\u001b[2J\n"`);
    expect(shownText('x'.repeat(1000)).length).toBeLessThan(60);
  });
});
