import { Command } from 'commander';
import type { Language, Localized } from '../language.js';

const DESCRIPTION: Localized = {
  en: 'run one node in the foreground; SIGTERM or Ctrl-C stops it cleanly',
  zh: '在前台运行一个节点；SIGTERM 或 Ctrl-C 可安全停止',
};

const CONFIG: Localized = { en: "the node's configuration", zh: '节点配置文件' };

const EXAMPLES: Localized = {
  en: '\nExample:\n  menglian node --config nodes/127.0.0.1/node0/config.ini',
  zh: '\n示例：\n  menglian node --config nodes/127.0.0.1/node0/config.ini',
};

/** `menglian node`. */
export function nodeCommand(language: Language): Command {
  return new Command('node')
    .description(DESCRIPTION[language])
    .option('-c, --config <path>', CONFIG[language], 'config.ini')
    .addHelpText('after', EXAMPLES[language])
    .action(async ({ config }: { config: string }) => {
      // The node is large: other commands must not wait for it.
      const { runNode } = await import('@menglian/node/runNode');
      process.exitCode = await runNode(config);
    });
}
