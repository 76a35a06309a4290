/**
 * CPU seconds of single transactions that are made to cost as much as they can under the default gas limit of 300 million.
 * `npx tsc -b packages/executor && node packages/executor/bench/worstCases.mjs`
 */
import { assemble } from '@menglian/evm/testing/assembler';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { deploying, TestChain } from '@menglian/executor/testing/testChain';

const suite = await loadSuite('ecdsa');
const NO_CODE = `PUSH20 0x${'ab'.repeat(20)}`;
const system = (digits) => `PUSH20 0x${digits.padStart(40, '0')}`;
const loop = (body) => `:again ${body} POP @again JUMP`;
/** Selector of openTable(string), then a name of no characters. */
const OPEN_TABLE = '0xf23f63c9 224 SHL 0 MSTORE 32 4 MSTORE';

const PROGRAMS = {
  'nothing, for ever': ':again @again JUMP',
  'MULMOD of large numbers': loop('0 NOT 1 0 NOT SUB 0 NOT MULMOD'),
  'EXP of large numbers': loop('0 NOT 0 NOT EXP'),
  'SHA3 of 100 kB': loop('100000 0 SHA3'),
  'SLOAD of ever new slots': '0 :again 1 ADD DUP1 SLOAD POP @again JUMP',
  'SSTORE to ever new slots': '0 :again 1 ADD DUP1 DUP1 SSTORE @again JUMP',
  'EXTCODESIZE of ever new addresses': '0 :again 1 ADD DUP1 EXTCODESIZE POP @again JUMP',
  'calls of itself that burn their gas': loop('0 0 0 0 0 ADDRESS GAS CALL'),
  'calls of an address without code': loop(`0 0 0 0 0 ${NO_CODE} GAS CALL`),
  'the same with 3 MB of data': loop(`0 0 3000000 0 0 ${NO_CODE} GAS CALL`),
  'creations from 1 MB of zeros': loop('1000000 0 0 CREATE'),
  'calls of SystemConfig with 300 kB': loop(`0 0 300000 0 0 ${system('1000')} GAS CALL`),
  'openTable of a missing table': `${OPEN_TABLE} ${loop(`0 0 68 0 0 ${system('1001')} GAS CALL`)}`,
};

for (const [name, program] of Object.entries(PROGRAMS)) {
  const chain = new TestChain(suite, suite);
  const account = chain.account(1);
  const deployed = chain.run(chain.sign(account, { data: deploying(assemble(program)) }));
  const transaction = chain.sign(account, { to: deployed.receipts[0].contractAddress });
  chain.execute([transaction]);
  const before = process.cpuUsage();
  const { receipts } = chain.execute([transaction]);
  const { user, system: kernel } = process.cpuUsage(before);
  const seconds = ((user + kernel) / 1e6).toFixed(2);
  process.stdout.write(`${name.padEnd(40)}status ${receipts[0].status}${seconds.padStart(9)} s\n`);
}
