import type { AbiValue } from '@menglian/codec/abi';
import { systemAddress } from '../addresses.js';
import { ALICE, CONTRACT } from './systemTester.js';

/** Limits of the contracts and their neighbours, then sizes, bytes and texts that parsers trip over. */
const LENGTHS = [1, 40, 48, 49, 62, 63, 64, 65, 127, 128, 129, 255, 256, 1024, 1025, 65_536];
const TEXTS = [
  '',
  ...LENGTHS.flatMap((length) => ['a'.repeat(length), '\xff'.repeat(length)]),
  ','.repeat(65_536),
  '\0',
  '\xc3\x28',
  '-1',
  '9'.repeat(100),
  '0x',
  `0x${ALICE}`,
  '{}',
  'null',
  '{"a":{"eq":"1"}}',
  '{"limit":{"limit":"1"}}',
  '{"f":"1"}',
  '['.repeat(65_536),
  '{"a":'.repeat(10_000),
  `"${'\\u0000'.repeat(10_000)}"`,
  'f(string,,)',
  '__proto__',
  'constructor',
  'tx_count_limit',
  '_sys_tables_',
  '_sys_table_access_',
  't',
  'k',
];

/** Temporary objects of a block that opened some. */
const OBJECTS = [1, 2, 3, 4].map((number) => systemAddress(0x10000 + number));

/** Values to put in the place of an argument, by its ABI type. Texts are byte strings. */
export const HOSTILE_VALUES: Readonly<Record<string, readonly AbiValue[]>> = {
  string: TEXTS,
  address: ['0'.repeat(40), 'f'.repeat(40), ALICE, CONTRACT, systemAddress(0x1001), ...OBJECTS],
  int256: [0n, 1n, -1n, 99n, 100n, 2n ** 255n - 1n, -(2n ** 255n), 2n ** 63n],
  uint256: [0n, 1n, 2n ** 256n - 1n, 2n ** 255n],
  bool: [false, true],
  bytes: [new Uint8Array(0), new Uint8Array(64), new Uint8Array(65_536).fill(255)],
  bytes32: [new Uint8Array(32), new Uint8Array(32).fill(255), new Uint8Array(32).fill(1)],
};
