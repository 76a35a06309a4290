import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'vitest';
import { keccak256 } from '@menglian/crypto/hashes';
import { compileForSuite } from '../compileForSuite.js';
import { HashSwitch } from '../hashSwitch.js';
import { runSoljson } from '../soljson.js';
import { prepareInput } from '../standardJson.js';
import { SuiteCompiler } from '../suiteCompiler.js';

function walk(dir: string, out: string[] = []): string[] {
  for (const n of readdirSync(dir)) {
    const p = join(dir, n);
    if (statSync(p).isDirectory()) {
      if (n !== 'node_modules' && n !== 'mocks') walk(p, out);
    } else if (n.endsWith('.sol')) out.push(p);
  }
  return out;
}
for (const [pkg, v, full] of [
  ['oz2', '0.5.17', 1],
  ['oz3', '0.6.12', 1],
  ['oz4', '0.8.26', 1],
  ['oz5', '0.8.26', 1],
] as const)
  it(pkg, { timeout: 900_000 }, () => {
    if (process.env.ONLY && process.env.ONLY !== pkg) return;
    const root = `/tmp/oz/node_modules/${pkg}`;
    const sources = Object.fromEntries(
      walk(root).map((p) => [
        p.replace(`/tmp/oz/node_modules/${pkg}`, '@openzeppelin/contracts'),
        { content: readFileSync(p, 'utf8') },
      ]),
    );
    const text = readFileSync(`/work/main/node_modules/solc-${v}/soljson.js`, 'utf8');
    const compiler = SuiteCompiler.open(text);
    if (!compiler.ok) throw 1;
    const input = {
      language: 'Solidity',
      sources,
      settings: { evmVersion: pkg === 'oz5' ? 'paris' : 'istanbul', optimizer: { enabled: true, runs: 200 } },
    };
    let t = performance.now();
    const p = compileForSuite(input, compiler.value, 'ecdsa');
    console.log(
      pkg,
      'plain',
      (performance.now() - t) | 0,
      p.ok ? 'ok' : p.reason.slice(0, 3).map((x) => x.message.slice(0, 300)),
    );
    t = performance.now();
    const r = compileForSuite(input, compiler.value, 'sm', { translatesWrittenHashes: true });
    console.log(
      pkg,
      'sm',
      (performance.now() - t) | 0,
      r.ok
        ? ['ok', r.value.warnings.filter((w) => w.startsWith('@'))]
        : r.reason
            .map((x) => `${x.at?.source}:${x.at?.line} ${x.code} ${x.message} => ${x.advice}`.slice(0, 250))
            .join('\n'),
    );
    const k = runSoljson(text, new HashSwitch(keccak256));
    const u = runSoljson(text, undefined);
    if (!k.ok || !u.ok) throw 2;
    const i = JSON.stringify(prepareInput(input, v));
    console.log(pkg, 'keccak switch same', k.value.compile(i) === u.value.compile(i));
  });
