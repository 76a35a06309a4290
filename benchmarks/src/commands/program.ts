import type { Language, Localized } from '@menglian/cli/language';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { channelCommand } from './channel.js';
import { faultsCommand } from './faults.js';
import { gateCommand } from './gate.js';
import { groupScalingCommand } from './groupScaling.js';
import { growthCommand } from './growth.js';
import { idleGroupsCommand } from './idleGroups.js';
import { isolationCommand } from './isolation.js';
import { listCommand } from './list.js';
import { loadCommands, tpsCommand } from './load.js';
import { microCommand } from './micro.js';
import { EXIT_REFUSED } from './refusal.js';
import { reportCommand } from './report.js';

const DESCRIPTION: Localized = {
  en: 'Benchmarks of Menglian: whole chains of real processes, and single stages against npm libraries',
  zh: '盟链性能测试：真实多进程链，以及各环节与 npm 库的对比',
};

const EXAMPLES: Localized = {
  en: `
Examples:
  npm run bench -- list                                    everything that can be measured
  npm run bench -- dag-transfer --nodes 4 --json dag.json  one workload on a fresh chain
  npm run bench -- dag-transfer --help                     all its options`,
  zh: `
示例：
  npm run bench -- list                                    全部可测项目
  npm run bench -- dag-transfer --nodes 4 --json dag.json  在全新链上运行一个工作负载
  npm run bench -- dag-transfer --help                     该负载的全部选项`,
};

const HELP: Localized = { en: 'show this help', zh: '显示帮助' };
const HINT: Localized = { en: '(add --help to see what is possible)', zh: '（加 --help 查看用法）' };

/** `chooseLanguage` has read it already: here it is only checked. */
function checkLanguage(text: string): string {
  if (/^(en|zh)/i.test(text)) return text;
  throw new InvalidArgumentError('en, zh');
}

/** Everything `npm run bench --` understands. */
export function createProgram(language: Language): Command {
  const program = new Command('npm run bench --')
    .description(DESCRIPTION[language])
    .addHelpText('after', EXAMPLES[language]);
  const commands = [
    listCommand(language),
    ...loadCommands(language),
    tpsCommand(language),
    faultsCommand(language),
    channelCommand(language),
    groupScalingCommand(language),
    isolationCommand(language),
    idleGroupsCommand(language),
    microCommand(language),
    growthCommand(language),
    gateCommand(language),
    reportCommand(language),
  ];
  for (const command of commands) program.addCommand(command);
  for (const command of [program, ...commands]) {
    command
      .helpOption('-h, --help', HELP[language])
      .showHelpAfterError(HINT[language])
      .option('--lang <en|zh>', 'language of messages / 提示语言', checkLanguage)
      .exitOverride();
  }
  return program.helpCommand('help [command]', HELP[language]);
}

/** Runs a command line. Sets the exit code. @param args without program and script */
export async function runProgram(args: readonly string[], language: Language): Promise<void> {
  try {
    await createProgram(language).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has said already what is wrong.
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_REFUSED;
  }
}
