// Builds the addon of packages/crypto where there is a C compiler; says in one line where it cannot, and ends well.
//   node scripts/buildAddon.mjs             for this machine, only when sources have changed
//   node scripts/buildAddon.mjs --prebuild  into packages/crypto/prebuilds, to be shipped; fails where it cannot
//   node scripts/buildAddon.mjs --check [n] n rounds of native/test/*.c under the compiler's sanitizers
// For another machine: CC=aarch64-linux-gnu-gcc TARGET=linux-arm64 node scripts/buildAddon.mjs --prebuild
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

const NATIVE = join(import.meta.dirname, '..', 'packages', 'crypto', 'native');
const NAME = 'secp256k1.node';
const SOURCES = ['addon.c', 'ecdsa.c', 'keccak.c', 'sm2/sm2.c', 'sm2/vectors.c', 'sm3.c', 'sm4/sm4Gcm.c', 'vectors.c'];
// Without the last one, compilers gather the words of a number into vectors and back, which takes twice the time.
const ARGUMENTS = ['-std=gnu11', '-O2', '-fPIC', '-fvisibility=hidden', '-Wall', '-Wextra', '-pthread'];
ARGUMENTS.push('-fno-tree-slp-vectorize');

const isPrebuild = process.argv.includes('--prebuild');
const target = process.env.TARGET ?? `${process.platform}-${process.arch}`;
const compiler = process.env.CC ?? 'cc';
const folder = join(NATIVE, isPrebuild ? '../prebuilds' : 'build', target);
const addon = join(folder, NAME);
const stampFile = join(folder, 'sources.sha256');

/** Every file that can change the binary, and how it is compiled. */
function digestOfSources() {
  const hash = createHash('sha256').update(JSON.stringify([compiler, ARGUMENTS, process.version]));
  for (const name of readdirSync(NATIVE, { recursive: true }).toSorted()) {
    if (/\.[ch]$/.test(name)) hash.update(name).update(readFileSync(join(NATIVE, name)));
  }
  return hash.digest('hex');
}

/** Node's own headers: they lie beside its program, or where npm's settings say. The addon uses `node_api.h` alone. */
function findHeaders() {
  const candidates = [join(dirname(realpathSync(process.execPath)), '..', 'include', 'node')];
  if (process.env.npm_config_nodedir) candidates.push(join(process.env.npm_config_nodedir, 'include', 'node'));
  return candidates.find((path) => existsSync(join(path, 'node_api.h')));
}

/** @returns why there is no addon, or undefined */
function build() {
  if (target.startsWith('win32')) return 'not tried on Windows';
  const headers = findHeaders();
  if (headers === undefined) return 'the headers of Node are not installed';
  mkdirSync(folder, { recursive: true });
  // Renamed into place when whole: several builds may run at once, and nodes may be using the old one.
  const unfinished = join(folder, `${NAME}.${process.pid}`);
  const linking = target.startsWith('darwin') ? ['-bundle', '-undefined', 'dynamic_lookup'] : ['-shared'];
  const sources = SOURCES.map((name) => join(NATIVE, name));
  const includes = [`-I${headers}`, `-I${join(NATIVE, 'tables')}`];
  const run = spawnSync(compiler, [...ARGUMENTS, ...linking, ...includes, ...sources, '-o', unfinished], {
    encoding: 'utf8',
  });
  if (run.error !== undefined) return `no C compiler (${compiler}: ${run.error.code})`;
  if (run.status !== 0) {
    rmSync(unfinished, { force: true });
    return `the compiler failed (${run.stderr.trim().split('\n', 1)[0]})`;
  }
  if (run.stderr !== '') process.stderr.write(run.stderr);
  renameSync(unfinished, addon);
  return undefined;
}

/** What the programs of native/test are compiled with. */
const CHECKED = {
  hostile: ['keccak.c', 'vectors.c'],
  hostileSm2: ['sm2/vectors.c', 'sm3.c', 'vectors.c'],
  hostileSm4: [],
};

/** Address and undefined behaviour by the compiler, magnitudes of field elements by libsecp256k1 itself. */
function check(rounds) {
  mkdirSync(folder, { recursive: true });
  const sanitizing = ['-O1', '-g1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-DVERIFY'];
  const options = { stdio: 'inherit' };
  for (const [name, others] of Object.entries(CHECKED)) {
    const program = join(folder, `${name}.${process.pid}`);
    const sources = [`test/${name}.c`, ...others].map((file) => join(NATIVE, file));
    const compiled = spawnSync(
      compiler,
      [...ARGUMENTS, ...sanitizing, `-I${join(NATIVE, 'tables')}`, ...sources, '-o', program],
      options,
    );
    const run = compiled.status === 0 ? spawnSync(program, [rounds], options) : compiled;
    rmSync(program, { force: true });
    if (run.status !== 0) return run.status ?? 1;
  }
  return 0;
}

const digest = digestOfSources();
const checkAt = process.argv.indexOf('--check');
if (checkAt > 0) {
  process.exitCode = check(process.argv[checkAt + 1] ?? '300');
} else if (!existsSync(addon) || !existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== digest) {
  const reason = build();
  if (reason === undefined) {
    writeFileSync(stampFile, digest);
    process.stdout.write(`crypto addon for ${target} built\n`);
  } else {
    // An addon of older sources must not stay behind.
    rmSync(addon, { force: true });
    process.stdout.write(`crypto addon for ${target} not built: ${reason}; signatures are checked without it\n`);
    if (isPrebuild) process.exitCode = 1;
  }
}
