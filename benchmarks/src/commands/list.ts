import type { Language, Localized } from '@menglian/cli/language';
import { Command } from 'commander';
import { WORKLOADS } from '../workloads/workloads.js';

const DESCRIPTION: Localized = { en: 'name everything that can be measured', zh: '列出全部可测项目' };

const WORKLOADS_TITLE: Localized = { en: 'Workloads on a chain of real processes:', zh: '真实多进程链上的工作负载：' };

/** `npm run bench -- list`. */
export function listCommand(language: Language): Command {
  return new Command('list').description(DESCRIPTION[language]).action(() => {
    process.stdout.write(`${WORKLOADS_TITLE[language]}\n${rows(WORKLOADS, language)}`);
  });
}

function rows(
  items: readonly { readonly name: string; readonly description: Localized }[],
  language: Language,
): string {
  const width = Math.max(...items.map(({ name }) => name.length));
  return items.map(({ name, description }) => `  ${name.padEnd(width)}  ${description[language]}\n`).join('');
}
