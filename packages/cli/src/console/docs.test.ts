import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ROOMS } from './commands/all.js';
import { PROBLEM } from './problem.js';

/** docs/console.md, which people read before they have the console. */
const page = readFileSync(new URL('../../../../docs/console.md', import.meta.url), 'utf8');

it('has a row for every problem, and for no other', () => {
  const rows = [...page.matchAll(/^\| (C\d\d) \|/gm)].map((match) => match[1]!);
  expect(rows).toEqual(Object.values(PROBLEM));
});

it('names every command below its subject, and no other', () => {
  const rows = ROOMS.map(
    ({ title, commands }) => `| ${title.en} | ${commands.map(({ name }) => `\`${name}\``).join(', ')} |`,
  );
  const table = page.slice(page.indexOf('## Commands'));
  expect(table.split('\n').filter((line) => line.startsWith('| '))).toEqual(['| subject | commands |', ...rows]);
});
