import { Command, InvalidArgumentError } from 'commander';
import { auditCommand } from './commands/audit.js';
import { chainBuildCommand } from './commands/chainBuild.js';
import { nodeCommand } from './commands/node.js';
import { relayCommand } from './commands/relay.js';
import { storageCommand } from './commands/storage.js';
import { consoleCommand } from './console/consoleCommand.js';
import { chooseLanguage, type Language, type Localized } from './language.js';

/** The `menglian` command. */

const DESCRIPTION: Localized = {
  en: 'Menglian, a consortium blockchain that clients of FISCO BCOS 2.x connect to',
  zh: '盟链：兼容 FISCO BCOS 2.x 客户端的联盟区块链',
};

const CHAIN: Localized = { en: 'build chains', zh: '建链' };

const EXAMPLES: Localized = {
  en: `
Examples:
  menglian chain build -l 127.0.0.1:4 -o nodes             make a chain of four nodes on this machine
  bash nodes/127.0.0.1/start_all.sh                        start them
  menglian node --config nodes/127.0.0.1/node0/config.ini  or one of them, in the foreground
  menglian console                                         talk to a node: deploy, call, vote, look around
  menglian relay --config relay.ini                        carry messages between chains
  menglian audit hot-account shop --hot … --user …         prove that an account holds what was paid
  menglian chain build --help                              all options of the builder`,
  zh: `
示例：
  menglian chain build -l 127.0.0.1:4 -o nodes             在本机生成四个节点的链
  bash nodes/127.0.0.1/start_all.sh                        启动全部节点
  menglian node --config nodes/127.0.0.1/node0/config.ini  或在前台启动其中一个
  menglian console                                         控制台：部署、调用、治理、查询
  menglian relay --config relay.ini                        在多条链之间传递消息
  menglian audit hot-account shop --hot … --user …         审计：证明账户余额与付款一致
  menglian chain build --help                              建链的全部选项`,
};

const HELP: Localized = { en: 'show this help', zh: '显示帮助' };

const HINT: Localized = { en: '(add --help to see what is possible)', zh: '（加 --help 查看用法）' };

const VERSION = '0.1.0';

/** `chooseLanguage` has read it already: here it is only checked. */
function checkLanguage(text: string): string {
  if (/^(en|zh)/i.test(text)) return text;
  throw new InvalidArgumentError('en, zh');
}

/** Help and errors of a command and all below it. */
function withHelp(command: Command, language: Language): Command {
  command.helpOption('-h, --help', HELP[language]).showHelpAfterError(HINT[language]);
  if (command.commands.length > 0) command.helpCommand('help [command]', HELP[language]);
  for (const below of command.commands) withHelp(below, language);
  return command;
}

const language = chooseLanguage(process.argv.slice(2), process.env);
const chain = new Command('chain').description(CHAIN[language]).addCommand(chainBuildCommand(language));
const program = new Command('menglian')
  .description(DESCRIPTION[language])
  .version(VERSION)
  .addHelpText('after', EXAMPLES[language])
  .option('--lang <en|zh>', 'language of messages / 提示语言', checkLanguage)
  .addCommand(chain)
  .addCommand(nodeCommand(language))
  .addCommand(storageCommand(language))
  .addCommand(relayCommand(language))
  .addCommand(auditCommand(language))
  .addCommand(consoleCommand(language));
await withHelp(program, language).parseAsync();
