import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** House rules that a script can check. Each failure names file and rule; docs/style.md says why the rules are there. */

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Layer of each package; imports point down, or sideways where `SIDEWAYS` says so. */
const LAYERS: Readonly<Record<string, number>> = {
  base: 0,
  codec: 0,
  crypto: 0,
  types: 0,
  'consensus-core': 1,
  pbft: 1,
  raft: 1,
  sync: 1,
  evm: 1,
  interchain: 1,
  precompiled: 1,
  storage: 2,
  ledger: 2,
  txpool: 2,
  executor: 2,
  certificates: 2,
  network: 3,
  rpc: 3,
  amop: 3,
  channel: 3,
  solidity: 3,
  tlcp: 3,
  node: 4,
  cli: 5,
  sdk: 5,
  relay: 5,
  compliance: 6,
  sim: 6,
};

/** Imports inside one layer. */
const SIDEWAYS: Readonly<Record<string, readonly string[]>> = {
  codec: ['base'],
  crypto: ['base'],
  types: ['base', 'codec', 'crypto'],
  pbft: ['consensus-core'],
  raft: ['consensus-core'],
  interchain: ['consensus-core'],
  precompiled: ['evm', 'interchain'],
  ledger: ['storage'],
  executor: ['ledger', 'storage'],
  channel: ['rpc', 'tlcp'],
  relay: ['sdk'],
  cli: ['sdk', 'relay'],
};

/** Packages of the root that suites in `compliance` and `testing/` use. */
const TEST_TOOLS: ReadonlySet<string> = new Set(['vitest', 'fast-check']);

/** Ours to write and to read in one go. Tables and test data may be longer. */
const FILE_LINES_MAX = 500;
const LINE_CHARACTERS_MAX = 180;
const BLOB_BYTES_MAX = 1_000_000;

const KNOWN_EXTENSIONS =
  /\.(ts|mjs|js|cjs|cts|c|h|json|md|sol|yaml|yml|sh|txt|ini|svg|png)$|^LICENSE$|COPYING$|^\.[a-z]+(rc|ignore)?$|Dockerfile$|^\.ci\/run$/;

const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== '' && existsSync(join(ROOT, path)));
const text = new Map(
  tracked
    .filter((path) => /\.(ts|mjs|js|cjs|cts|c|h|json|md|sh|yaml)$/.test(path))
    .map((path) => [path, readFileSync(join(ROOT, path), 'utf8')]),
);
const sources = tracked.filter((path) => /^(packages\/[^/]+|benchmarks)\/src\/.*\.ts$/.test(path));
const shipped = sources.filter((path) => !/\.test\.ts$|\/testing\//.test(path));
const packageOf = (path: string) => path.split('/')[1]!;

/** Text without comments: prose may name what code must not use. */
function codeOf(path: string): string {
  return text.get(path)!.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
}

function importsOf(path: string): string[] {
  const statements = /^(?:import|export)\s[^;'"`]*?\sfrom '([^'\n]+)'|^import '([^'\n]+)'|\bimport\('([^'\n]+)'\)/gm;
  return [...text.get(path)!.matchAll(statements)].map((match) => (match[1] ?? match[2] ?? match[3])!);
}

describe('the house', () => {
  it('knows the layer of every package', () => {
    expect([...new Set(sources.filter((path) => path.startsWith('packages/')).map(packageOf))].toSorted()).toEqual(
      Object.keys(LAYERS).toSorted(),
    );
  });

  it('has imports that point down', () => {
    const wrong: string[] = [];
    for (const path of shipped.filter((one) => one.startsWith('packages/'))) {
      const from = packageOf(path);
      for (const target of importsOf(path)) {
        const to = /^@menglian\/([^/]+)\//.exec(target)?.[1];
        if (to === undefined || to === from) continue;
        const isDown = LAYERS[to]! < LAYERS[from]! || (LAYERS[from] === 6 && LAYERS[to]! < 6);
        if (!isDown && !SIDEWAYS[from]?.includes(to)) wrong.push(`${path} imports ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('declares exactly the dependencies that it uses', () => {
    const wrong: string[] = [];
    for (const name of Object.keys(LAYERS)) {
      const manifest = JSON.parse(text.get(`packages/${name}/package.json`)!) as {
        dependencies?: Record<string, string>;
      };
      const declared = Object.keys(manifest.dependencies ?? {});
      const used = new Set(
        sources
          .filter((path) => packageOf(path) === name && !path.endsWith('.test.ts') && path.startsWith('packages/'))
          .flatMap(importsOf)
          .filter((target) => !target.startsWith('.') && !target.startsWith('node:'))
          .map((target) =>
            target
              .split('/')
              .slice(0, target.startsWith('@') ? 2 : 1)
              .join('/'),
          )
          .filter((target) => target !== `@menglian/${name}`),
      );
      for (const target of used)
        if (!declared.includes(target) && !TEST_TOOLS.has(target)) wrong.push(`${name} uses ${target} undeclared`);
      for (const target of declared)
        if (!used.has(target)) wrong.push(`${name} declares ${target} and does not use it`);
      const config = JSON.parse(text.get(`packages/${name}/tsconfig.json`)!) as { references?: { path: string }[] };
      const referenced = (config.references ?? []).map(({ path }) => `@menglian/${path.slice(3)}`);
      const own = declared.filter((target) => target.startsWith('@menglian/'));
      if (referenced.toSorted().join() !== own.toSorted().join())
        wrong.push(`${name}: tsconfig references differ from dependencies`);
    }
    expect(wrong).toEqual([]);
  });

  it('keeps clock, randomness, sockets, disk and promises out of layers 0 and 1', () => {
    const wrong: string[] = [];
    for (const path of shipped.filter((one) => one.startsWith('packages/') && LAYERS[packageOf(one)]! <= 1)) {
      const code = codeOf(path);
      if (/'node:/.test(code)) wrong.push(`${path} imports node:`);
      if (LAYERS[packageOf(path)] === 0 && packageOf(path) === 'crypto') continue;
      const found =
        /\b(Date\.now|new Date|Math\.random|performance\.now|setTimeout|setInterval|Promise|async|await|process\.\w+|globalThis\.crypto)\b/.exec(
          code,
        );
      if (found !== null) wrong.push(`${path} uses ${found[0]}`);
    }
    expect(wrong).toEqual([]);
  });

  it('has files that can be read in one go', () => {
    const wrong: string[] = [];
    for (const path of shipped) {
      const lines = text.get(path)!.split('\n');
      if (lines.length > FILE_LINES_MAX) wrong.push(`${path} has ${lines.length} lines`);
      const long = lines.findIndex(
        (line) => line.length > LINE_CHARACTERS_MAX && !/^\s*'[0-9a-f]+';?$|^\s*\* \||https?:/.test(line),
      );
      if (long >= 0) wrong.push(`${path}:${long + 1} is longer than ${LINE_CHARACTERS_MAX} characters`);
    }
    expect(wrong).toEqual([]);
  });

  it('has no leftovers', () => {
    const leftovers =
      /\bTODO\b|\bFIXME\b|\bXXX\b|\bHACK\b|\bdebugger\b|\.(only|skip|todo)\(|@ts-(ignore|nocheck|expect-error)|\bas any\b|oxlint-disable(?!.* -- )/;
    const wrong = [...text.keys()]
      .filter((path) => /\.(ts|mjs|js)$/.test(path) && path !== 'scripts/tidy.test.ts')
      .filter((path) => leftovers.test(text.get(path)!))
      .map((path) => `${path}: ${leftovers.exec(text.get(path)!)![0]}`);
    for (const path of shipped) if (/\bconsole\.\w+\(/.test(codeOf(path))) wrong.push(`${path}: console`);
    expect(wrong).toEqual([]);
  });

  it('stands alone', () => {
    const foreign =
      /\.\.\/shared\/|\/work\/|\/tmp\/plan|registry\.npmjs|helper session|evm-differences|observed-behaviours|known-failures|precompiles-and-cns|channel-and-amop|sync-and-txpool|build-chain-and|config-and-genesis|consensus-and-execution|recommended-core|simulation-testing|design, section|\b(precompiles|formats|json-rpc|reference) §/;
    const wrong = [...text.keys()].filter((path) => path !== 'scripts/tidy.test.ts' && foreign.test(text.get(path)!));
    expect(wrong).toEqual([]);
  });

  it('exports only what somebody imports', () => {
    const words = new Map<string, Set<string>>();
    for (const [path, content] of text) {
      if (!/\.(ts|mjs|js)$/.test(path)) continue;
      for (const word of new Set(content.match(/[A-Za-z_]\w*/g))) {
        const paths = words.get(word);
        if (paths === undefined) words.set(word, new Set([path]));
        else paths.add(path);
      }
    }
    const wrong: string[] = [];
    for (const path of shipped) {
      for (const [, name] of text.get(path)!.matchAll(/^export (?:async )?(?:function|const|class|enum)\*? (\w+)/gm)) {
        if (words.get(name!)!.size === 1) wrong.push(`${path}: ${name}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('holds only files of known kinds and sizes', () => {
    const wrong = tracked.filter((path) => {
      const size = readFileSync(join(ROOT, path)).length;
      return !KNOWN_EXTENSIONS.test(path) || (size > BLOB_BYTES_MAX && !path.startsWith('test/golden'));
    });
    expect(wrong).toEqual([]);
  });

  it('explains every package', () => {
    const architecture = text.get('ARCHITECTURE.md') ?? '';
    const wrong = Object.keys(LAYERS).filter(
      (name) => !text.has(`packages/${name}/README.md`) || !architecture.includes(`| \`${name}\` |`),
    );
    expect(wrong).toEqual([]);
  });

  it('has links in its pages that lead somewhere', () => {
    const wrong: string[] = [];
    for (const [path, content] of text) {
      if (!path.endsWith('.md')) continue;
      for (const [, target] of content.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
        if (/^[a-z]+:/.test(target!)) continue;
        if (!existsSync(join(ROOT, dirname(path), target!))) wrong.push(`${path} → ${target}`);
      }
      for (const [, target] of content.matchAll(
        /`((?:docs|packages|test|scripts|configs|benchmarks|docker)\/[\w./-]+\.\w+)`/g,
      )) {
        if (!existsSync(join(ROOT, target!))) wrong.push(`${path} → ${target}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});
