import type { Language, Localized } from '@menglian/cli/language';
import { Command } from 'commander';
import { textTable } from '../measure/textTable.js';
import { MICRO_CASES } from '../micro/microCases.js';
import { WORKLOADS } from '../workloads/workloads.js';

const DESCRIPTION: Localized = { en: 'name everything that can be measured', zh: '列出全部可测项目' };

const WORKLOADS_TITLE: Localized = { en: 'Workloads on a chain of real processes:', zh: '真实多进程链上的工作负载：' };

const CASES_TITLE: Localized = {
  en: 'Single stages against npm libraries (npm run bench -- micro NAME):',
  zh: '单个环节与 npm 库对比（npm run bench -- micro 名称）：',
};

/** `npm run bench -- list`. */
export function listCommand(language: Language): Command {
  return new Command('list').description(DESCRIPTION[language]).action(() => {
    process.stdout.write(`${WORKLOADS_TITLE[language]}\n${rows(WORKLOADS, language)}`);
    process.stdout.write(`${CASES_TITLE[language]}\n${rows(MICRO_CASES, language)}`);
  });
}

function rows(
  items: readonly { readonly name: string; readonly description: Localized }[],
  language: Language,
): string {
  const table = textTable(items.map(({ name, description }) => [name, description[language]]));
  return `${table.replaceAll(/^/gm, '  ')}\n`;
}
