import { Command } from 'commander';
import { chainBuildCommand } from './commands/chainBuild.js';
import { nodeCommand } from './commands/node.js';
import { chooseLanguage, type Localized } from './language.js';

/** The `menglian` command. */

const DESCRIPTION: Localized = {
  en: 'Menglian, a consortium blockchain that clients of FISCO BCOS 2.x connect to',
  zh: '盟链：兼容 FISCO BCOS 2.x 客户端的联盟区块链',
};

const CHAIN: Localized = { en: 'build chains', zh: '建链' };

const VERSION = '0.1.0';

const language = chooseLanguage(process.argv.slice(2), process.env);
const chain = new Command('chain').description(CHAIN[language]).addCommand(chainBuildCommand(language));
const program = new Command('menglian')
  .description(DESCRIPTION[language])
  .version(VERSION)
  .option('--lang <en|zh>', 'language of messages / 提示语言')
  .addCommand(chain)
  .addCommand(nodeCommand(language));
await program.parseAsync();
