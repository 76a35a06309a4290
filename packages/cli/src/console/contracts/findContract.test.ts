import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SuiteName } from '@menglian/crypto/suite';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { ConsoleHome } from '../home.js';
import type { Session } from '../session.js';
import { fakeSoljson } from '../testing/fakeSoljson.js';
import { testSession } from '../testing/testSession.js';
import { contractWords, findContract } from './findContract.js';

const ABI = [{ type: 'function', name: 'get', inputs: [], outputs: [{ type: 'string' }], stateMutability: 'view' }];
const root = mkdtempSync(join(tmpdir(), 'menglian-contracts-'));
let folder = '';
let count = 0;

beforeEach(() => {
  folder = join(root, String(count++));
  mkdirSync(join(folder, 'contracts'), { recursive: true });
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function write(name: string, content: unknown): void {
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
}

let suite: SuiteName = 'ecdsa';
beforeEach(() => {
  suite = 'ecdsa';
});

function session(solc?: string): Session {
  const home = new ConsoleHome(join(folder, 'home'));
  return testSession({ folder, home, suite, answer: () => '0x00', ...(solc !== undefined && { solc }) });
}

const find = (word: string, solc?: string) => findContract(session(solc), word);

describe('contracts that need no compiler', () => {
  it('are an ABI with bytecode beside it', async () => {
    write('A.abi', ABI);
    write('A.bin', '0xABCD\n');
    for (const word of ['A', 'A.abi', 'A.bin', join(folder, 'A.abi')]) {
      expect(await find(word)).toMatchObject({ ok: true, value: { name: 'A', bytecode: '0xabcd' } });
    }
  });

  it.each([
    ['bytecode as text', { abi: ABI, bytecode: '0xabcd' }],
    ['bytecode as an object', { abi: ABI, bytecode: { object: 'abcd' } }],
    ['output of solc', { abi: ABI, evm: { bytecode: { object: 'abcd' } } }],
    ['bin', { abi: ABI, bin: 'abcd' }],
  ])('are artifacts: %s', async (_, artifact) => {
    write('contracts/A.json', artifact);
    expect(await find('A')).toMatchObject({ ok: true, value: { name: 'A', bytecode: '0xabcd' } });
  });

  it('have the name that the artifact says', async () => {
    write('x.json', { contractName: 'Token', abi: ABI });
    expect(await find('x.json')).toMatchObject({ ok: true, value: { name: 'Token', bytecode: undefined } });
  });

  it.each([
    ['A.json', '{', 'is not JSON'],
    ['A.json', '7', 'has no `abi`'],
    ['A.json', '{}', 'has no ABI that can be read'],
    ['A.json', { abi: [7] }, 'has no ABI that can be read'],
    ['A.json', { abi: ABI, bytecode: '0x60__$abc$__' }, 'not linked'],
    ['A.json', { abi: ABI, bytecode: 'xyz' }, 'not hexadecimal'],
    ['A.bin', '00', 'is no contract'],
  ])('%s with %j is refused', async (name, content, sentence) => {
    write(name, content);
    const found = await find(name);
    expect(found).toMatchObject({ ok: false, reason: { code: 'C06' } });
    expect(!found.ok && found.reason.message.en).toContain(sentence);
  });

  it('are looked for, and the places named', async () => {
    const found = await find('Nothing');
    expect(found).toMatchObject({ ok: false, reason: { code: 'C05' } });
    expect(!found.ok && found.reason.advice.en).toContain('contracts/solidity');
  });

  it('are offered by Tab', () => {
    write('A.sol', '');
    write('contracts/B.sol', '');
    write('notes.txt', '');
    expect(contractWords(folder, [])).toEqual(['A.sol', 'contracts/B.sol']);
  });
});

describe('contracts that are compiled', () => {
  const source = (pragma: string) => `pragma solidity ${pragma};\ncontract A {}`;

  it('say exactly what to install', async () => {
    write('A.sol', source('^0.4.25'));
    const found = await find('A.sol', join(folder, 'contracts'));
    expect(found).toMatchObject({ ok: false, reason: { code: 'C07' } });
    expect(!found.ok && found.reason.advice.en).toContain(
      `npm install solc-0.4.26@npm:solc@0.4.26 --prefix ${join(folder, 'home', 'solc')}`,
    );
  });

  it('take the newest that the pragma allows', async () => {
    for (const version of ['0.4.24', '0.4.26', '0.5.17']) {
      const contracts = { A: { abi: ABI, evm: { bytecode: { object: version.replaceAll('.', '') } } } };
      write(`soljson-v${version}+commit.00.js`, fakeSoljson(contracts));
    }
    write('A.sol', source('^0.4.20'));
    expect(await find('A.sol', folder)).toMatchObject({ ok: true, value: { bytecode: '0x0426' } });
    expect(await find('A.sol', join(folder, 'soljson-v0.4.24+commit.00.js'))).toMatchObject({
      ok: true,
      value: { bytecode: '0x0424' },
    });
    write('A.sol', source('^0.8.0'));
    const none = await find('A.sol', folder);
    expect(!none.ok && none.reason.message.en).toContain('there is only 0.5.17, 0.4.26, 0.4.24');
  });

  it('find compilers among the packages of a project', async () => {
    const place = join(folder, 'node_modules', 'solc-0.4.26');
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'package.json'), '{"name":"solc","version":"0.4.26"}');
    writeFileSync(join(place, 'soljson.js'), fakeSoljson({ A: { abi: ABI, evm: { bytecode: { object: '01' } } } }));
    write('A.sol', source('0.4.26'));
    expect(await find('A.sol')).toMatchObject({ ok: true, value: { bytecode: '0x01' } });
  });

  it('may be one of several in a file', async () => {
    const one = { abi: ABI, evm: { bytecode: { object: '01' } } };
    write('soljson-v0.4.26.js', fakeSoljson({ B: one, C: { ...one, evm: { bytecode: { object: '02' } } } }));
    write('A.sol', source('^0.4.25'));
    expect(await find('A.sol', folder)).toMatchObject({
      ok: false,
      reason: { code: 'C09', example: 'deploy A.sol:B' },
    });
    expect(await find('A.sol:C', folder)).toMatchObject({ ok: true, value: { name: 'C', bytecode: '0x02' } });
    expect(await find('A.sol:D', folder)).toMatchObject({ ok: false, reason: { code: 'C09' } });
  });

  it('give what they import to the compiler', async () => {
    const echo = `exports._version = exports._compileStandard = 1;
      exports.cwrap = (name) => (input) => name === 'version' ? '0.4.26' : JSON.stringify({
        errors: [{ severity: "error", message: Object.keys(JSON.parse(input).sources).join(" ") }] });`;
    write('soljson-v0.4.26.js', echo);
    write('B.sol', 'import "./contracts/C.sol";');
    write('contracts/C.sol', 'import {A} from "../A.sol"; // import "x.sol";');
    write('A.sol', `${source('^0.4.25')}\nimport "./B.sol";`);
    const found = await find('A.sol', folder);
    expect(found).toMatchObject({ ok: false, reason: { code: 'C08' } });
    for (const name of ['A.sol', 'B.sol', 'contracts/C.sol']) {
      expect(!found.ok && found.reason.message.en).toContain(join(folder, name));
    }
  });

  it('are refused when something that they import is missing', async () => {
    write('A.sol', `${source('^0.4.25')}\nimport "./B.sol";`);
    const found = await find('A.sol', folder);
    expect(!found.ok && [found.reason.code, found.reason.message.en]).toEqual([
      'C06',
      `${join(folder, 'B.sol')} is not there`,
    ]);
  });

  describe('for SM chains', () => {
    const gm = () => (suite = 'sm');

    it('have the selectors of SM3', async () => {
      gm();
      write('A.sol', `${source('0.4.26').slice(0, -2)}{ function get() public pure returns (uint256) { return 1; } }`);
      const found = await find('A.sol', fileURLToPath(import.meta.resolve('solc-0.4.26/soljson.js')));
      expect(found).toMatchObject({ ok: true, value: { name: 'A', bytecode: expect.stringContaining('299f7f9d') } });
    });

    it('are refused with number and line where a hash is written', async () => {
      gm();
      write('A.sol', `pragma solidity 0.4.26;\ncontract A {\n  bytes4 constant ID = 0x01ffc9a7;\n}`);
      const found = await find('A.sol', fileURLToPath(import.meta.resolve('solc-0.4.26/soljson.js')));
      expect(!found.ok && [found.reason.code, found.reason.message.en]).toEqual([
        'C08',
        expect.stringContaining(`${join(folder, 'A.sol')}:3: S05 0x01ffc9a7`),
      ]);
    });

    it('need a compiler whose hash function is found', async () => {
      gm();
      write('soljson-v0.4.26.js', fakeSoljson({ A: { abi: ABI, evm: { bytecode: { object: '01' } } } }));
      write('A.sol', source('^0.4.25'));
      const found = await find('A.sol', folder);
      expect(!found.ok && [found.reason.code, found.reason.message.en]).toEqual([
        'C07',
        expect.stringContaining('S02'),
      ]);
    });
  });

  it('survive a file that is no compiler', async () => {
    write('soljson-v0.4.26.js', 'process.on("uncaughtException", () => {}); throw new Error("no");');
    write('A.sol', source('^0.4.25'));
    const before = process.listenerCount('uncaughtException');
    expect(await find('A.sol', folder)).toMatchObject({ ok: false, reason: { code: 'C07' } });
    expect(process.listenerCount('uncaughtException')).toBe(before);
  });
});
