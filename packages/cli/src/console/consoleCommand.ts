import { Command, InvalidArgumentError } from 'commander';
import { MAX_GROUP_ID } from '@menglian/types/limits';
import type { Language, Localized } from '../language.js';

const DESCRIPTION: Localized = {
  en: 'talk to a chain: one command, or a conversation if none is given',
  zh: '操作一条链：执行一条命令，不带命令则进入交互模式',
};

const EXAMPLES: Localized = {
  en: `
Examples:
  menglian console                                         converse with the node at 127.0.0.1:8545
  menglian console getBlockNumber --rpc http://10.0.0.1:8545 --group 1
  menglian console deploy HelloWorld.sol --pem account.pem --json
  menglian console help                                    all commands
  menglian console help deploy                             one of them`,
  zh: `
示例：
  menglian console                                         连接 127.0.0.1:8545 的节点，进入交互模式
  menglian console getBlockNumber --rpc http://10.0.0.1:8545 --group 1
  menglian console deploy HelloWorld.sol --pem account.pem --json
  menglian console help                                    全部命令
  menglian console help deploy                             某个命令的用法`,
};

const TEXTS: Readonly<Record<string, Localized>> = {
  words: { en: 'a command of the console and its arguments', zh: '控制台命令及其参数' },
  rpc: { en: 'JSON-RPC of a node, or of several with commas', zh: '节点的 JSON-RPC 地址，多个以逗号分隔' },
  channel: {
    en: 'channel port of a node, or of several with commas, instead of --rpc; for messages between clients',
    zh: '节点的 channel 地址（代替 --rpc，收发链上消息时需要），多个以逗号分隔',
  },
  sdk: { en: 'folder of certificates for the channel', zh: '连接 channel 所用证书的目录' },
  group: { en: 'number of the group', zh: '群组编号' },
  pem: {
    en: 'key file of the account that signs; without it a new account for this session',
    zh: '签名账户的 PEM 私钥文件；不给则使用本次会话的临时账户',
  },
  keystore: { en: 'the same with a keystore or .p12 file', zh: '同上，使用 keystore 或 .p12 文件' },
  passwordFile: { en: 'file that holds its password; else it is asked', zh: '存放其口令的文件；不给则提示输入' },
  solc: { en: 'a compiler: a soljson file, or a folder that holds some', zh: '编译器：soljson 文件或其所在目录' },
  json: { en: 'print one JSON value', zh: '输出一个 JSON 值' },
};

const DEFAULT_RPC = 'http://127.0.0.1:8545';

/** Where the chain builder puts it, below the folder that it is run in. */
const DEFAULT_SDK_FOLDER = 'nodes/127.0.0.1/sdk';

export interface ConsoleOptions {
  /** one or several, with commas */
  readonly rpc: string;
  /** host:port, one or several, with commas */
  readonly channel?: string;
  readonly sdk: string;
  readonly group: number;
  readonly pem?: string;
  readonly keystore?: string;
  readonly passwordFile?: string;
  readonly solc?: string;
  readonly json: boolean;
}

/** `menglian console`. */
export function consoleCommand(language: Language): Command {
  const text = (name: string) => TEXTS[name]![language];
  return new Command('console')
    .description(DESCRIPTION[language])
    .argument('[command...]', text('words'))
    .option('--rpc <urls>', text('rpc'), DEFAULT_RPC)
    .option('--channel <nodes>', text('channel'))
    .option('--sdk <folder>', text('sdk'), DEFAULT_SDK_FOLDER)
    .option('--group <number>', text('group'), groupNumber, 1)
    .option('--pem <file>', text('pem'))
    .option('--keystore <file>', text('keystore'))
    .option('--password-file <file>', text('passwordFile'))
    .option('--solc <path>', text('solc'))
    .option('--json', text('json'), false)
    .addHelpText('after', EXAMPLES[language])
    .action(async (words: readonly string[], options: ConsoleOptions) => {
      // Other commands must not wait for all of this.
      const { runConsole } = await import('./runConsole.js');
      process.exitCode = await runConsole(words, options, language);
    });
}

function groupNumber(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= MAX_GROUP_ID) return number;
  throw new InvalidArgumentError(`1 … ${MAX_GROUP_ID}`);
}
