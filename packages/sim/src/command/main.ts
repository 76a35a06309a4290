import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { MUTANTS } from '../mutants/mutants.js';
import { FAULT_CLASSES } from './faultClasses.js';
import { runAll } from './pool.js';
import { Report } from './report.js';
import { commandOf, ruleOf, shrink } from './shrink.js';
import { HELP, languageOf } from './texts.js';
import { runUnit, type Target, TARGETS, tell, type UnitOfWork } from './unitOfWork.js';

const SEARCHES_PER_MUTANT = 5;
const STORY_LINES_OF_A_VIOLATION = 60;
const LOG_INTERVAL_MS = 30_000;
let toldAtMs = performance.now();

const { values } = parseArgs({
  options: {
    engine: { type: 'string', default: 'pbft' },
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    replicas: { type: 'string' },
    processes: { type: 'string' },
    without: { type: 'string' },
    chaos: { type: 'string' },
    json: { type: 'string' },
    lines: { type: 'string' },
    story: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
    lang: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const help = HELP[languageOf(values.lang, process.env)].replace('CLASSES', Object.keys(FAULT_CLASSES).join(', '));
const target = TARGETS.find((one) => one === values.engine);

if (values.help || target === undefined) {
  process.stdout.write(help);
  process.exitCode = values.help ? 0 : 2;
} else if (values.mutants) process.exitCode = await searchForMutants();
else if (values.seed !== undefined) process.exitCode = await runOne(unitOf(target, Number(values.seed)));
else process.exitCode = await runMany(target);

function unitOf(engine: Target, seed: number): UnitOfWork {
  return {
    target: engine,
    seed,
    ...(values.replicas === undefined ? {} : { replicas: Number(values.replicas) }),
    ...(values.without === undefined ? {} : { without: values.without.split(',') }),
    ...(values.chaos === undefined ? {} : { chaosMs: Number(values.chaos) }),
  };
}

/** In place on a terminal; in a log a line now and then. */
function tellProgress(line: string | undefined): void {
  if (line === undefined) return;
  if (process.stderr.isTTY) return void process.stderr.write(`\r${line}`);
  if (performance.now() - toldAtMs < LOG_INTERVAL_MS) return;
  toldAtMs = performance.now();
  process.stderr.write(`${line.trim()}\n`);
}

async function runMany(engine: Target): Promise<number> {
  const from = Number(values.from);
  const last = from + Number(values.seeds) - 1;
  const report = new Report(engine, from, last);
  let seed = from;
  const next = (): UnitOfWork | undefined => (seed > last ? undefined : unitOf(engine, seed++));
  const processes = values.processes === undefined ? undefined : Number(values.processes);
  const { cpuMs } = await runAll(
    next,
    (one) => {
      report.add(one);
      // At once: hours may pass before the report.
      if (one.violation !== undefined) process.stderr.write(`seed ${one.seed}: ${one.violation}\n`);
      tellProgress(report.progress());
    },
    processes,
  );
  if (process.stderr.isTTY) process.stderr.write('\n');
  process.stdout.write(report.text(cpuMs));
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report.json(cpuMs), undefined, 2)}\n`);
  const [first] = report.violations;
  if (first !== undefined) await tellOf(unitOf(engine, first.seed), STORY_LINES_OF_A_VIOLATION);
  for (const { seed: failed } of report.violations) process.stdout.write(`${commandOf(unitOf(engine, failed))}\n`);
  return report.violations.length === 0 ? 0 : 1;
}

async function runOne(unit: UnitOfWork): Promise<number> {
  let run = unit;
  const result = await runUnit(run);
  if (values.shrink && result.violation !== undefined) {
    run = await shrink(run, result.violation);
    process.stdout.write(`${commandOf(run)}\n`);
  }
  if (values.story) return tellOf(run, values.lines === undefined ? Number.POSITIVE_INFINITY : Number(values.lines));
  process.stdout.write(`${JSON.stringify({ ...result, marks: Object.fromEntries(result.marks) }, undefined, 2)}\n`);
  return result.violation === undefined ? 0 : 1;
}

async function tellOf(unit: UnitOfWork, lineCount: number): Promise<number> {
  if (unit.target === 'sync' || unit.target === 'whole') {
    const { violation } = await runUnit(unit);
    process.stdout.write(`${violation ?? 'no violation'}\n`);
    return violation === undefined ? 0 : 1;
  }
  const { lines, violation } = tell(unit, unit.target);
  const shown = lines.slice(-lineCount);
  process.stdout.write(shown.map((line) => `${line}\n`).join(''));
  process.stdout.write(`${violation ?? 'no violation'}\n`);
  return violation === undefined ? 0 : 1;
}

async function searchForMutants(): Promise<number> {
  let missed = 0;
  process.stdout.write('| mutant | median of seeds | searches that found it | what was broken |\n|---|---|---|---|\n');
  for (const { name } of MUTANTS) {
    const { tries, rule } = await searchFor(name);
    const found = tries.filter((one) => one !== null).sort((a, b) => a - b);
    if (found.length === 0) missed++;
    const median = found[Math.floor(found.length / 2)] ?? 'not found';
    process.stdout.write(`| ${name} | ${median} | ${found.length} of ${tries.length} | ${ruleOf(rule)} |\n`);
  }
  process.stdout.write(`${MUTANTS.length} mutants, ${missed} not found\n`);
  return missed === 0 ? 0 : 1;
}

function searchFor(name: string): Promise<{ readonly tries: readonly (number | null)[]; readonly rule: string }> {
  return new Promise((resolve, reject) => {
    const worker = fork(fileURLToPath(new URL('./mutantWorker.js', import.meta.url)));
    worker.on('message', resolve);
    worker.on('exit', (code) => {
      if (code !== 0) reject(new Error(`the search for ${name} ended with code ${code}`));
    });
    worker.send({ name, searches: SEARCHES_PER_MUTANT });
  });
}
