import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { MICRO_CASES } from '../micro/microCases.js';
import { sampleLoad } from '../testing/sampleReports.js';
import { WORKLOADS } from '../workloads/workloads.js';
import { createProgram, runProgram } from './program.js';
import { EXIT_REFUSED } from './refusal.js';

/** Runs a command line in this process. */
async function run(args: readonly string[], language: 'en' | 'zh' = 'en') {
  const [out, errors]: [string[], string[]] = [[], []];
  const { stdout, stderr, exitCode } = process;
  const [writeOut, writeError] = [stdout.write, stderr.write];
  stdout.write = (text) => out.push(String(text)) > 0;
  stderr.write = (text) => errors.push(String(text)) > 0;
  process.exitCode = 0;
  try {
    await runProgram(args, language);
    return { code: process.exitCode as number, stdout: out.join(''), stderr: errors.join('') };
  } finally {
    [stdout.write, stderr.write] = [writeOut, writeError];
    process.exitCode = exitCode;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'menglian-program-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('npm run bench', () => {
  it.each(['en', 'zh'] as const)('lists everything with a sentence in %s', async (language) => {
    const { code, stdout } = await run(['list'], language);
    expect(code).toBe(0);
    for (const { name, description } of [...WORKLOADS, ...MICRO_CASES]) {
      expect(stdout).toContain(`  ${name} `);
      expect(stdout).toContain(description[language]);
    }
  });

  it('has help with examples for every command', async () => {
    for (const command of createProgram('en').commands) {
      const { code, stdout } = await run([command.name(), '--help']);
      expect(code, command.name()).toBe(0);
      expect(stdout).toContain('show this help');
      if (command.name() !== 'list') expect(stdout, command.name()).toMatch(/Examples?:\n {2}npm run bench -- /);
    }
  });

  it.each([
    [['--nonsense'], "unknown option '--nonsense'"],
    [['dag-transfr'], '(Did you mean dag-transfer?)'],
    [['dag-transfer', '--node', '4'], '(Did you mean --nodes?)'],
    [['dag-transfer', 'extra'], 'too many arguments'],
    [['dag-transfer', '--nodes', 'many'], '--nodes takes a whole number from 1 to 64, not "many"'],
    [['dag-transfer', '--engine', 'poa'], '--engine takes pbft, rpbft, raft, not "poa"'],
    [['dag-transfer', '--consensus', 'poa'], '--engine takes pbft, rpbft, raft, not "poa"'],
    [['dag-transfer', '--ports', '1'], '--ports takes three first ports'],
    [['dag-transfer', '--rate', 'fast'], '--rate takes transactions a second'],
    [['tps', '--workload', '../x'], 'there is no workload "../x"; there are dag-transfer,'],
    [['faults', '--measure', 'x'], '--measure knows leader-dead, leader-death, outage, hostile, not "x"'],
    [['channel', '--nodes', '1'], '--nodes takes at least 2'],
    [['channel', '--json', '/'], '"/" is a folder, not a file'],
    [['groups', '--groups', '0'], '--groups takes a whole number from 1 to 64, not "0"'],
    [['groups', '--from', '/no/such/file'], '"/no/such/file" is no file of groups --json'],
    [
      ['isolation', '--attacks', 'idle,rain'],
      '--attacks knows idle, apart, crash, stall, restarts, flood, apartFlood, requests, apartRequests, frames, quota, not "rain"',
    ],
    [['isolation', '--rate', '0'], '--rate takes a whole number from 1 to 1000000, not "0"'],
    [['list', '--lang', 'fr'], 'en, zh'],
    [['micro', 'nothing'], 'there is no microbenchmark "nothing"; there are decode,'],
    [['micro', '--rounds', '0'], '--rounds takes a whole number from 1 to 1000, not "0"'],
    [['gate', '--tolerance', '100'], '--tolerance takes a whole number from 1 to 99, not "100"'],
    [['gate', '--file', '/no/such/file'], '"/no/such/file" cannot be read as JSON'],
    [['growth', '--accounts', '1'], '--accounts takes a whole number from 8 to 10000000, not "1"'],
    [['growth', '--workload', 'x'], 'there is no workload "x"'],
    [['dag-transfer', '--json', '/no/such/folder/x.json'], 'the folder "/no/such/folder" is not there'],
    [['growth', '--json', '/'], '"/" is a folder, not a file'],
    [['micro', 'hash', '--json', '/no/such/folder/x.json'], 'cannot be written'],
    [['report'], "missing required argument 'file'"],
    [['report', '/no/such/file'], '"/no/such/file" cannot be read as JSON'],
    [[], 'Usage: npm run bench --'],
  ])('refuses %j with a sentence and code 2', async (args, sentence) => {
    const { code, stderr } = await run(args);
    expect(stderr).toContain(sentence);
    expect(code).toBe(EXIT_REFUSED);
  });

  it('writes a page, but not over what it reads', async () => {
    const [input, out] = [join(folder, 'a.json'), join(folder, 'page.html')];
    writeFileSync(input, JSON.stringify(sampleLoad()));
    expect(await run(['report', input, '--out', out])).toEqual({ code: 0, stdout: `written: ${out}\n`, stderr: '' });
    expect(readFileSync(out, 'utf8')).toContain('<svg ');
    expect((await run(['report', input, '--out', input])).code).toBe(EXIT_REFUSED);
  });
});
