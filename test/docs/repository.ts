import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Absolute path of a file of the repository. */
export function pathOf(path: string): string {
  return join(ROOT, path);
}

export function read(path: string): string {
  return readFileSync(pathOf(path), 'utf8');
}

/** Files that git tracks or would track. */
export function trackedFiles(): string[] {
  return execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((path) => path !== '' && existsSync(pathOf(path)));
}

/** The part of a page under a heading, up to the next heading of the same or a higher level. */
export function section(page: string, heading: string): string {
  const lines = page.split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (start < 0) throw new Error(`no heading "${heading}"`);
  const level = lines[start]!.indexOf(' ');
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= level);
  return lines.slice(start, length < 0 ? undefined : start + 1 + length).join('\n');
}

/** The cells of every row of every table in the text, without heads and rules. */
export function tableRows(text: string): string[][] {
  const rows: string[][] = [];
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    if (!line.startsWith('|') || /^\|[-| ]+$/.test(line) || /^\|[-| ]+$/.test(lines[index + 1] ?? '')) continue;
    rows.push(
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
  }
  return rows;
}

/** Words in backticks. */
export function codeWords(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
}

/** The string literals of a union type, by its declaration in a source file. */
export function unionWords(path: string, type: string): string[] {
  // Comments go first: they may hold semicolons and quotation marks.
  const code = read(path).replaceAll(/\/\*[\s\S]*?\*\//g, '');
  const declaration = new RegExp(`export type ${type} =([^;]*);`).exec(code)?.[1];
  if (declaration === undefined) throw new Error(`no type ${type} in ${path}`);
  return [...declaration.matchAll(/'([^']+)'/g)].map((match) => match[1]!);
}
