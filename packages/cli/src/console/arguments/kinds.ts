import type { Localized } from '../../language.js';
import type { Token } from './tokens.js';

/** Where completion finds words for an argument. */
export type WordSource =
  | 'commands'
  | 'contracts'
  | 'addresses'
  | 'deployments'
  | 'accounts'
  | 'functions'
  | 'nodes'
  | 'groups'
  | 'files';

/** What an argument may be. */
export interface Kind<T> {
  readonly expected: Localized;
  /** One that is right. */
  readonly example: string;
  readonly source?: WordSource;
  readonly choices?: readonly string[];
  /** @returns undefined when the token is none of these */
  read(token: Token): T | undefined;
}

export const EXAMPLE_ADDRESS = '0x2c7536e3605d9c16a7a3d7b1898e529396a65c23';
const EXAMPLE_HASH = '0x3c1d5a2b7e908f64c1a05de7b4f2a6a9f0b37c5d8e1f24a6b9c0d3e7f1a2b4c5';
const EXAMPLE_NODE = '7dcce48da1c464c7025614a54a4e26df7d6f92cd4d315601e057c1659796736c'.repeat(2);

export const integer = (min: number, max = Number.MAX_SAFE_INTEGER): Kind<number> => ({
  expected: { en: `a number from ${min} to ${max}`, zh: `${min} 到 ${max} 之间的整数` },
  example: String(Math.max(min, 1)),
  read: ({ text }) => {
    if (!/^(\d{1,16}|0x[0-9a-fA-F]{1,14})$/.test(text)) return undefined;
    const value = Number(text);
    return value >= min && value <= max ? value : undefined;
  },
});

export const blockNumber: Kind<number> = {
  ...integer(0),
  expected: { en: 'the number of a block, like 7 or 0x7', zh: '区块高度，如 7 或 0x7' },
};

export const hash: Kind<`0x${string}`> = {
  expected: { en: 'a hash: 0x and 64 hexadecimal digits', zh: '哈希：0x 加 64 位十六进制' },
  example: EXAMPLE_HASH,
  read: ({ text }) => (/^0x[0-9a-fA-F]{64}$/.test(text) ? (text.toLowerCase() as `0x${string}`) : undefined),
};

export const address: Kind<`0x${string}`> = {
  expected: { en: 'an address: 0x and 40 hexadecimal digits', zh: '地址：0x 加 40 位十六进制' },
  example: EXAMPLE_ADDRESS,
  source: 'addresses',
  read: ({ text }) => (/^(0x)?[0-9a-fA-F]{40}$/.test(text) ? `0x${text.replace(/^0x/, '').toLowerCase()}` : undefined),
};

/** A contract of this session: `latest` is the one deployed last. */
export const contractAddress: Kind<string> = {
  ...address,
  source: 'deployments',
  expected: {
    en: 'an address: 0x and 40 hexadecimal digits, or `latest`',
    zh: '地址：0x 加 40 位十六进制，或 latest（最近部署的）',
  },
  read: (token) => (token.text === 'latest' ? token.text : address.read(token)),
};

export const nodeId: Kind<string> = {
  expected: { en: 'the id of a node: 128 hexadecimal digits without 0x', zh: '节点 ID：128 位十六进制，不带 0x' },
  example: EXAMPLE_NODE,
  source: 'nodes',
  read: ({ text }) => (/^[0-9a-fA-F]{128}$/.test(text) ? text.toLowerCase() : undefined),
};

/** Characters of a name; nodes have limits of their own. */
const TEXT_CHARACTERS_MAX = 4096;

export const text = (example: string, source?: WordSource): Kind<string> => ({
  expected: { en: `text of 1 to ${TEXT_CHARACTERS_MAX} characters`, zh: `1 到 ${TEXT_CHARACTERS_MAX} 个字符的文本` },
  example,
  ...(source && { source }),
  read: ({ text }) => (text.length > 0 && text.length <= TEXT_CHARACTERS_MAX ? text : undefined),
});

export const contract: Kind<string> = {
  ...text('HelloWorld.sol', 'contracts'),
  expected: {
    en: 'a contract: a .sol, .abi or .json file, or the name of one deployed before',
    zh: '合约：.sol、.abi 或 .json 文件，或此前部署过的合约名',
  },
};

export function choice<const C extends string>(choices: readonly C[]): Kind<C> {
  const list = choices.join(', ');
  return {
    expected: { en: `one of ${list}`, zh: `以下之一：${list}` },
    example: choices[0]!,
    choices,
    read: ({ text }) => choices.find((one) => one === text),
  };
}

export const flag = choice(['true', 'false']);
