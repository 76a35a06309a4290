import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describeGrowth } from '../growth/growthReport.js';
import { describeMicro, ratiosOf } from '../micro/microReport.js';
import { describeLoad } from '../run/describeLoad.js';
import { sampleGrowth, sampleLoad, sampleMicro } from '../testing/sampleReports.js';
import { buildPage } from './buildPage.js';
import { checkReport, readReport } from './readReport.js';

const folder = mkdtempSync(join(tmpdir(), 'menglian-page-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const REPORTS = [sampleLoad(), sampleMicro(), sampleGrowth()];

/** The report with one value changed. @param path of members, by dots */
function changed(report: object, path: string, value: unknown): object {
  const copy = structuredClone(report) as Record<string, unknown>;
  const names = path.split('.');
  let place = copy;
  for (const name of names.slice(0, -1)) place = place[name] as Record<string, unknown>;
  place[names.at(-1)!] = value;
  return copy;
}

describe('reports', () => {
  it.each(REPORTS)('of $benchmark keep to their schema', (report) => {
    expect(checkReport(JSON.parse(JSON.stringify(report)))).toMatchObject({ ok: true });
  });

  it('have the median run and all of them', () => {
    const report = sampleLoad('x', [30, 10, 20]);
    expect(report.tps).toEqual({ min: 10, median: 20, max: 30 });
    expect(report.cpuMicrosPerTx).toBe(50_000);
    expect(report.generatorShare).toBeCloseTo(20 / 50_020, 3);
    expect(report.runs.length).toBe(3);
    expect(report).not.toHaveProperty('options.ports');
  });

  it.each([
    [undefined, 'benchmark'],
    [null, 'benchmark'],
    [[], 'benchmark'],
    [{ benchmark: 'faults' }, 'benchmark'],
    [{ benchmark: 'load' }, 'required property'],
    [changed(sampleLoad(), 'tps', 5), '/tps must be object'],
    [changed(sampleLoad(), 'tps.median', -1), '/tps/median must be >= 0'],
    [changed(sampleLoad(), 'tps.median', null), '/tps/median must be number'],
    [changed(sampleLoad(), 'workload', '<svg>'.repeat(100)), '/workload must NOT have more than 200 characters'],
    [changed(sampleLoad(), 'runs', []), '/runs must NOT have fewer than 1 items'],
    [changed(sampleLoad(), 'conditions.durableCommits', false), '/conditions/durableCommits must be equal to constant'],
    [changed(sampleMicro(), 'cases.0.subjects', []), '/cases/0/subjects must NOT have fewer than 1 items'],
    [changed(sampleGrowth(), 'points.3.tps', 'many'), '/points/3/tps must be number'],
  ])('that are none are refused: %#', (value, sentence) => {
    const checked = checkReport(value);
    expect(checked.ok).toBe(false);
    if (!checked.ok) expect(checked.reason).toContain(sentence);
  });

  it('are read from files', () => {
    const path = join(folder, 'a.json');
    writeFileSync(path, JSON.stringify(sampleLoad()));
    expect(readReport(path)).toEqual({ ok: true, value: sampleLoad() });
    writeFileSync(path, '{"benchmark"');
    expect(readReport(path)).toMatchObject({ ok: false, reason: { en: expect.stringContaining('cannot be read') } });
    expect(readReport(join(folder, 'missing'))).toMatchObject({ ok: false });
  });

  it.each(['en', 'zh'] as const)('become tables in %s', (language) => {
    expect(describeLoad(sampleLoad(), language)).toContain('1900 / 2000 / 2100');
    expect(describeLoad(sampleLoad('x', [5]), language)).toContain('group 300, main 100, v8 50');
    expect(describeMicro(sampleMicro(), language)).toMatch(/@noble\/hashes 1\.0\.0 .* 7\.50/);
    expect(describeGrowth(sampleGrowth(), language).split('\n').length).toBeLessThan(20);
    expect(describeGrowth({ ...sampleGrowth(), points: [] }, language).split('\n').length).toBe(1);
  });

  it('have ratios by name', () => {
    expect([...ratiosOf(sampleMicro())]).toEqual([
      ['hash / @noble/hashes', 7.5],
      ['decode / @ethereumjs/rlp', 3.3],
    ]);
  });
});

describe('the page', () => {
  const page = buildPage([
    { name: 'a.json', report: sampleLoad() },
    { name: 'b.json', report: sampleLoad('erc20', [500]) },
    { name: 'micro.json', report: sampleMicro() },
    { name: 'growth.json', report: sampleGrowth() },
  ]);

  it('asks nobody for anything', () => {
    expect(page.match(/(?:src|href)=/g)).toBeNull();
    expect(page.match(/https?:[^\s"<]*/g)?.every((url) => url === 'http://www.w3.org/2000/svg')).toBe(true);
    expect(page).toContain(`default-src 'none'`);
  });

  it('has a chart of each kind in both languages', () => {
    expect(page.match(/<svg /g)?.length).toBe(9);
    for (const text of [
      'Throughput',
      '吞吐量',
      'Latency',
      '延迟',
      'CPU by thread',
      'CPU by stage',
      'Growth',
      'erc20, 4 × pbft',
    ])
      expect(page).toContain(text);
    expect(page).not.toMatch(/NaN|undefined|\[object/);
  });

  it('cannot be taken over by what files say', () => {
    const hostile = '<img src=x onerror=alert(1)>"\'</script>';
    const load = changed(changed(sampleLoad(hostile), 'environment.model', hostile), 'threadMicrosPerTx', {
      [hostile]: 5,
    });
    const checked = checkReport(load);
    if (!checked.ok) throw new Error(checked.reason);
    const made = buildPage([{ name: hostile, report: checked.value }]);
    expect(made).not.toContain('<img');
    expect(made.match(/<\/script>/g)?.length).toBe(1);
  });

  it('does without load reports', () => {
    expect(buildPage([{ name: 'micro.json', report: sampleMicro() }])).not.toContain('Throughput');
  });
});
