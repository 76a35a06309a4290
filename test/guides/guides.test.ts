import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { freePorts } from '../e2e/cluster.js';
import { IS_SM } from '../e2e/suite.js';
import { pathOf } from '../docs/repository.js';

/**
 * Goal: what a guide tells people to type works and says what the guide says. Method: every block of commands (`sh`) of a page runs
 * in order in a folder of its own, with free ports in the place of those on the page; the block after it (`text`) is what it prints,
 * where `…` stands for anything and other lines may stand between. In a run for SM chains the same commands build SM chains.
 */

const GUIDES = 'docs/guides';
/** The ports of the first node on every page, and how many nodes have ports after it. */
const FIRST_PORTS = [30_300, 20_200, 8545] as const;
const NODES_MAX = 4;
/** What guides use of the project's folder. */
const LINKED = ['node_modules', 'packages', 'configs', 'docs', 'package.json'];
const COMMAND_TIMEOUT_MS = 120_000;

/** Programs that readers of a page have, and the machine of a test perhaps not: there the step is left out. */
const ELSEWHERE = ['openssl'].filter((program) => spawnSync(program, ['version']).status !== 0);

interface Step {
  readonly commands: string;
  readonly prints: readonly string[];
}

function stepsOf(page: string): Step[] {
  const blocks = [...page.matchAll(/```(sh|text)\n([\s\S]*?)```/g)].map(([, kind, body]) => ({ kind, body: body! }));
  return blocks.flatMap(({ kind, body }, index) => {
    if (kind !== 'sh') return [];
    const next = blocks[index + 1];
    return [{ commands: body, prints: next?.kind === 'text' ? next.body.trimEnd().split('\n') : [] }];
  });
}

/** The first line that is not printed after those before it, or undefined. */
function missingLine(prints: readonly string[], output: string): string | undefined {
  const lines = output.split('\n');
  let at = 0;
  for (const wanted of prints) {
    const pattern = wanted.split('…').map((text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
    const regExp = new RegExp(`^${pattern.join('.*')}$`);
    while (at < lines.length && !regExp.test(lines[at]!)) at += 1;
    if (at === lines.length) return wanted;
    at += 1;
  }
  return undefined;
}

/** The chains of a page, of the suite of this run. `npm start` builds first, which was done for the tests. */
function withSuite({ commands: written, prints }: Step): Step {
  const commands = written.replaceAll('npm start -- ', 'node packages/cli/dist/start.js ');
  if (!IS_SM) return { commands, prints };
  return {
    commands: commands.replaceAll('chain build -l', 'chain build -g -l').replaceAll('start.js ', 'start.js --sm '),
    prints: prints.map((line) => line.replaceAll('2.11.0', '2.11.0…')),
  };
}

const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) {
    // A page that failed half way leaves its nodes running.
    const stop = `for script in $(find . -name stop_all.sh -not -path './node_modules/*'); do bash "$script"; done`;
    const end = '[ ! -f start.pid ] || { kill -INT $(cat start.pid) && tail --pid=$(cat start.pid) -f /dev/null; }';
    for (const script of [end, stop]) {
      await promisify(execFile)('bash', ['-c', script], { cwd: folder, timeout: COMMAND_TIMEOUT_MS }).catch(() => {});
    }
    rmSync(folder, { recursive: true, force: true });
  }
});

describe.each(readdirSync(pathOf(GUIDES)).filter((name) => name.endsWith('.md')))('docs/guides/%s', (name) => {
  it('does what it says', { timeout: 300_000 }, async () => {
    const first = await freePorts(FIRST_PORTS.length * NODES_MAX);
    const withPorts = (text: string) =>
      text.replaceAll(/\b\d{4,5}\b/g, (digits) => {
        const place = FIRST_PORTS.findIndex((port) => Number(digits) >= port && Number(digits) < port + NODES_MAX);
        return place < 0 ? digits : String(first + place * NODES_MAX + Number(digits) - FIRST_PORTS[place]!);
      });
    const folder = mkdtempSync(join(tmpdir(), 'menglian-guide-'));
    folders.push(folder);
    for (const linked of LINKED) symlinkSync(pathOf(linked), join(folder, linked));
    const steps = stepsOf(readFileSync(pathOf(join(GUIDES, name)), 'utf8'));
    expect(steps.length).toBeGreaterThan(0);
    for (const { commands, prints } of steps.map(withSuite)) {
      if (ELSEWHERE.some((program) => commands.includes(`${program} `))) continue;
      const { stdout, stderr } = await promisify(execFile)('bash', ['-ec', withPorts(commands)], {
        cwd: folder,
        timeout: COMMAND_TIMEOUT_MS,
        env: { ...process.env, NO_COLOR: '1' },
      });
      expect(missingLine(prints.map(withPorts), stdout), `${commands}\nprinted\n${stdout}\n${stderr}`).toBeUndefined();
    }
  });
});
