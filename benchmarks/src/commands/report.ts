import { writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Language, Localized } from '@menglian/cli/language';
import { Command } from 'commander';
import { buildPage } from '../report/buildPage.js';
import type { NamedReport } from '../report/namedReport.js';
import { readReport, type AnyReport } from '../report/readReport.js';
import { outputProblem } from './outputFile.js';
import { refuse } from './refusal.js';

const TEXTS = {
  description: {
    en: 'a page with charts that compares files written with --json; opens from the disk',
    zh: '由 --json 写出的文件生成对比图表页面，可直接从磁盘打开',
  },
  files: { en: 'of workloads, microbenchmarks and growth', zh: '工作负载、微基准或增长测试的结果' },
  out: { en: 'the page to write', zh: '输出的页面' },
  written: { en: 'written:', zh: '已写出：' },
  examples: {
    en: '\nExample:\n  npm run bench -- report before.json after.json micro.json --out page.html',
    zh: '\n示例：\n  npm run bench -- report before.json after.json micro.json --out page.html',
  },
} as const satisfies Readonly<Record<string, Localized>>;

/** `npm run bench -- report`. */
export function reportCommand(language: Language): Command {
  return new Command('report')
    .description(TEXTS.description[language])
    .argument('<file...>', TEXTS.files[language])
    .option('--out <file>', TEXTS.out[language], 'benchmarks.html')
    .addHelpText('after', TEXTS.examples[language])
    .action((files: string[], { out }: { out: string }) => {
      const reports: NamedReport<AnyReport>[] = [];
      for (const file of files) {
        const read = readReport(file);
        if (!read.ok) return refuse(read.reason, language);
        reports.push({ name: basename(file), report: read.value });
      }
      if (files.some((file) => resolve(file) === resolve(out))) return refuse(overwrites(out), language);
      const problem = outputProblem(out);
      if (problem !== undefined) return refuse(problem, language);
      writeFileSync(out, buildPage(reports));
      process.stdout.write(`${TEXTS.written[language]} ${out}\n`);
    });
}

function overwrites(path: string): Localized {
  return {
    en: `--out ${path} is one of the files to read`,
    zh: `--out ${path} 是输入文件之一`,
  };
}
