/**
 * Module hooks that put a mutant in the place of the module it changes, for processes of the command: the test runner has
 * its own way. A module asked for by whatever name becomes a small one that takes everything from the real one but what the
 * mutant replaces.
 */
import { mutantOf } from '../mutants/mutants.js';

interface Resolved {
  readonly url: string;
  readonly format?: string;
  readonly shortCircuit?: boolean;
}

interface Loaded {
  readonly format: string;
  readonly source: string;
  readonly shortCircuit: true;
}

const REAL = '?real';
const TABLE = new URL('../mutants/mutants.js', import.meta.url).href;

let name = '';
let target = '';

/** @param data name of the mutant, and the address of the module that it changes */
export function initialize(data: { readonly name: string; readonly target: string }): void {
  ({ name, target } = data);
}

export async function resolve(
  specifier: string,
  context: { readonly parentURL?: string },
  next: (specifier: string, context: object) => Promise<Resolved>,
): Promise<Resolved> {
  const resolved = await next(specifier, context);
  if (resolved.url !== target || specifier.endsWith(REAL)) return resolved;
  return { ...resolved, url: `${target}?mutant`, format: 'module', shortCircuit: true };
}

export async function load(
  url: string,
  context: object,
  next: (url: string, context: object) => Promise<Loaded>,
): Promise<Loaded> {
  if (url !== `${target}?mutant`) return next(url, context);
  const replaced = mutantOf(name)!.exports.map((one) => `export const ${one} = changed.${one};`);
  const source = [
    `import * as actual from ${JSON.stringify(target + REAL)};`,
    `import { mutantOf } from ${JSON.stringify(TABLE)};`,
    `export * from ${JSON.stringify(target + REAL)};`,
    `const changed = mutantOf(${JSON.stringify(name)}).change(actual);`,
    ...replaced,
  ].join('\n');
  return { format: 'module', source, shortCircuit: true };
}
