import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { failure, type Result, success } from '@menglian/base/result';
import { both, PROBLEM, problem, type Problem } from '../problem.js';

/** Files that one contract may be made of. */
const SOURCES_MAX = 512;

/** Of one of them. */
const SOURCE_BYTES_MAX = 2_000_000;

/** Sources by the names that the compiler knows them by. */
export interface Sources {
  readonly main: string;
  readonly texts: ReadonlyMap<string, string>;
}

/** Reads a file and all that it imports, from beside it or from `node_modules` above it. */
export function readSources(path: string): Result<Sources, Problem> {
  const main = resolve(path);
  const texts = new Map<string, string>();
  const waiting = [{ name: main, file: main }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (texts.has(next.name)) continue;
    if (texts.size >= SOURCES_MAX) return failure(unreadable(path, `imports more than ${SOURCES_MAX} files`));
    if (!existsSync(next.file)) return failure(unreadable(next.file, 'is not there'));
    if (statSync(next.file).size > SOURCE_BYTES_MAX)
      return failure(unreadable(next.file, `is larger than ${SOURCE_BYTES_MAX} bytes`));
    const text = readFileSync(next.file, 'utf8');
    texts.set(next.name, text);
    for (const target of importsOf(text)) waiting.push(importedFile(target, next));
  }
  return success({ main, texts });
}

function importsOf(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ' ');
  return [...code.matchAll(/\bimport\s+(?:[^"';]*?\bfrom\s+)?["']([^"']{1,1000})["']/g)].map((match) => match[1]!);
}

/** The compiler names what begins with a dot by the place of the importing file, all else as it is written. */
function importedFile(target: string, from: { name: string; file: string }): { name: string; file: string } {
  if (target.startsWith('.')) {
    const isAbsolute = from.name.startsWith('/');
    const name = join(dirname(from.name), target);
    return { name: isAbsolute ? name : name.replaceAll('\\', '/'), file: join(dirname(from.file), target) };
  }
  const beside = join(dirname(from.file), target);
  if (existsSync(beside)) return { name: target, file: beside };
  for (let folder = dirname(from.file); ; folder = dirname(folder)) {
    const file = join(folder, 'node_modules', target);
    if (existsSync(file)) return { name: target, file };
    if (dirname(folder) === folder) return { name: target, file: beside };
  }
}

function unreadable(path: string, english: string): Problem {
  const message = both(`${path} ${english}`);
  const advice = {
    en: 'see that the file and all that it imports are there',
    zh: '检查该文件及其 import 的文件是否存在、大小是否合理',
  };
  return problem(PROBLEM.badContractFile, { ...message, zh: `无法读取源文件：${message.zh}` }, advice);
}
