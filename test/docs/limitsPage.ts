import { read, trackedFiles } from './repository.js';

interface Bound {
  readonly name: string;
  /** as it is written in the source */
  readonly value: string;
  readonly reason: string;
}

const INTRODUCTION = `# Limits

What bounds a node, package by package: every constant of the files \`limits.ts\`, and further constants that are called a
limit and say why. Most are not settings. Those of \`executor\`, \`evm\`, \`precompiled\` and the block limit decide what is in
a block: they are rules of the chain and the same on every node. A constant without a reason is explained by the one above.

**This page is made from the sources** by \`npx vitest run test/docs -u\`, reasons included; a test fails when it is out of
date. To change a limit, change the source.
`;

/** Constants of other files than limits.ts count when they are called so and say why they are there. */
const BOUND_NAME = /(^|_)(MAX|LIMIT)(_|$)|_TIMEOUT_MS$/;

const CONSTANT = /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?(?:export )?const ([A-Z][A-Z0-9_]*)(?:: [^=]+)? = ([^;]+);/g;

/** docs/limits.md as it should be. */
export function limitsPage(): string {
  const paths = trackedFiles()
    .filter(
      (path) => /^packages\/(?!compliance|sim)[^/]+\/src\/.*\.ts$/.test(path) && !/\.test\.ts$|\/testing\//.test(path),
    )
    .toSorted();
  const sections = new Map<string, string[]>();
  for (const path of paths) {
    const [, name] = path.split('/');
    const rows = boundsOf(path).map(({ name, value, reason }) => `| \`${name}\` | \`${value}\` | ${reason} |`);
    if (rows.length === 0) continue;
    const table = [`\`${path}\``, '', '| bound | value | why |', '|---|---|---|', ...rows, ''];
    sections.set(name!, [...(sections.get(name!) ?? []), ...table]);
  }
  const text = [...sections].map(([name, lines]) => `## ${name}\n\n${lines.join('\n')}`);
  return [INTRODUCTION, ...text].join('\n');
}

function boundsOf(path: string): Bound[] {
  const isLimitsFile = path.endsWith('/limits.ts');
  const bounds: Bound[] = [];
  const source = read(path);
  for (const match of source.matchAll(CONSTANT)) {
    const [, comment, name, value] = match;
    const isTopLevel = match.index === 0 || source[match.index - 1] === '\n';
    const reason = textOf(comment ?? '');
    if (!isTopLevel || (!isLimitsFile && (!BOUND_NAME.test(name!) || reason === ''))) continue;
    bounds.push({ name: name!, value: value!.replaceAll(/\s+/g, ' ').replace(', }', ' }'), reason });
  }
  return bounds.filter(({ value }) => /\d|[A-Z]_[A-Z]/.test(value));
}

/** A doc comment as one line of a table. */
function textOf(comment: string): string {
  return comment
    .replaceAll(/^\/\*\*|\*\/\s*$/g, '')
    .replaceAll(/\n\s*\*/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll('|', '\\|')
    .trim();
}
