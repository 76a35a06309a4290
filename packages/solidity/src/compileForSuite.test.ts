import { toHex, utf8Bytes } from '@menglian/base/bytes';
import { keccak256, sm3 } from '@menglian/crypto/hashes';
import { describe, expect, it } from 'vitest';
import { compiled, compilerOf, inputOf, VERSIONS } from '../test/support.js';
import { compileForSuite } from './compileForSuite.js';
import type { StandardInput } from './standardJson.js';
import { SuiteCompiler } from './suiteCompiler.js';

const NEWEST = VERSIONS.at(-1)!;

function compile(text: string, version: string = NEWEST) {
  return compileForSuite(inputOf(text), compilerOf(version), 'sm');
}

/** Codes and lines of what is wrong. */
function refused(text: string, version: string = NEWEST): unknown {
  const result = compile(text, version);
  return result.ok ? 'compiled' : result.reason.map(({ code, at }) => [code, at?.line]);
}

describe.each(VERSIONS)('solc %s', (version) => {
  const library = `library Lib { function twice(uint256 a) public pure returns (uint256) { return 2 * a; } }
    contract Inner { function one() public pure returns (uint256) { return Lib.twice(1); } }
    contract Outer { function make() public returns (Inner) { return new Inner(); } event E(uint256 a); }`;

  it('keeps ABI, metadata, their hash in the code and the placeholders of libraries', () => {
    const [plain, sm] = [compiled(version, 'ecdsa', inputOf(library)), compiled(version, 'sm', inputOf(library))];
    for (const name of Object.keys(plain)) {
      const [a, b] = [plain[name]!, sm[name]!];
      expect(b.abi).toEqual(a.abi);
      expect(b.metadata).toBe(a.metadata);
      const size = Number.parseInt(a.evm.deployedBytecode.object.slice(-4), 16) * 2;
      expect(size).toBeGreaterThan(64);
      expect(b.evm.deployedBytecode.object.slice(-4 - size)).toBe(a.evm.deployedBytecode.object.slice(-4 - size));
      const placeholders = (code: string) => [...code.matchAll(/_[^0-9a-f][\w.:$]{38}/g)].map(([text]) => text);
      expect(placeholders(b.evm.bytecode.object)).toEqual(placeholders(a.evm.bytecode.object));
    }
    expect(sm['Outer']!.evm.bytecode.object).toContain('__');
    expect(sm['Outer']!.evm.methodIdentifiers).toEqual({ 'make()': toHex(sm3(utf8Bytes('make()'))).slice(0, 8) });
  });

  it('leaves no trace of keccak-256', () => {
    const text = `contract C { event E(uint256 a); bytes32 public constant role = keccak256("role");
      function longName(uint256 a) public returns (bytes4) { emit E(a); return this.longName.selector; } }`;
    const { bytecode } = compiled(version, 'sm', inputOf(text))['C']!.evm;
    for (const [hash, isThere] of [
      [keccak256, false],
      [sm3, true],
    ] as const) {
      expect(bytecode.object.includes(toHex(hash(utf8Bytes('E(uint256)'))))).toBe(isThere);
      expect(bytecode.object.includes(toHex(hash(utf8Bytes('longName(uint256)'))).slice(0, 8))).toBe(isThere);
    }
  });

  it('makes the same bytes of the same input, whatever was compiled before', () => {
    const first = compile(library, version);
    compile('contract Other { function f() public {} }', version);
    compile('contract Wrong {', version);
    const again = compile(library, version);
    expect(again).toEqual(first);
    expect(first.ok).toBe(true);
  });

  it('takes addresses with capitals as ever', () => {
    const text = `contract C { address public a = 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed; }`;
    expect(refused(text, version)).toBe('compiled');
  });

  it('says what the compiler says', () => {
    expect(refused('contract C {', version)).toEqual([['S04', undefined]]);
  });
});

describe('hashes that people wrote', () => {
  const inContract = (line: string) => `contract C {\n  ${line}\n}`;

  it.each([
    ['a selector of a standard', 'bytes4 constant ID = 0x01ffc9a7;'],
    ['an identifier of a standard', 'bytes4 constant ID = 0x80ac58cd;'],
    ['a selector of this source', 'function f(uint) public pure returns (uint256) { return 0xb3de648b; }'],
    ['the same in decimal', 'function f(uint) public pure returns (uint256) { return 3017696395; }'],
    ['the same as a text', 'function f(uint) public pure returns (bytes memory) { return hex"b3de648b"; }'],
    ['the same in escapes', String.raw`bytes4 constant X = "\xb3\xde\x64\x8b"; function f(uint) public {}`],
    [
      'the same with arguments',
      `function f(uint) public pure { bytes memory a = hex"b3de648b${'00'.repeat(32)}"; a; }`,
    ],
    ['at the left of a word', `function f() public pure { assembly { mstore(0, 0x08c379a0${'0'.repeat(56)}) } }`],
    ['at the left of less', `function f() public pure { assembly { mstore(0, 0xa9059cbb${'0'.repeat(24)}) } }`],
    ['the hash of nothing', `bytes32 x = 0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470;`],
    ['the first element of a list', `uint x = 0x290decd9548b62a8d60345a988386fc84ba6bc95484008f6362f93160ef3e563;`],
    ['a topic of a standard', 'bytes32 x = 0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef;'],
    [
      'a place by ERC-1967 that is checked',
      'bytes32 constant P = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc; constructor() { assert(P == bytes32(uint256(keccak256("eip1967.proxy.implementation")) - 1)); }',
    ],
  ])('are refused with their line: %s', (_, line) => {
    const text = inContract(line);
    expect(refused(text)).toEqual([['S05', 2]]);
    expect(refused(text.replace(/\n\}$/, ' // suite-independent\n}'))).toBe('compiled');
  });

  it.each([
    ['an unknown selector', 'bytes4 constant ID = 0x12345679;'],
    ['one that is called', 'function f(address a) public { (bool ok,) = a.call(hex"12345679"); ok; }'],
    ['one of a comparison', 'function f() public pure returns (bool) { return msg.sig ==\n 0x12345679; }'],
    ['one in assembly', 'function f() public pure { assembly ("memory-safe") { mstore(0, 0x12345679) } }'],
    ['a topic in assembly', `function f() public { assembly { log1(0, 0, 0x${'9c'.repeat(32)}) } }`],
  ])('are refused when nobody knows what they are of: %s', (_, line) => {
    expect(refused(inContract(line))).toEqual([['S06', line.includes('\n') ? 3 : 2]]);
  });

  it.each([
    ['a mask', 'bytes4 constant ID = 0xffffffff; uint constant M = 0xffffffff00000000;'],
    [
      'a place that is only used',
      'bytes32 constant P = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;',
    ],
    ['an address', 'address constant A = 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed;'],
    ['a number', 'uint32 constant N = 0x12345679; uint constant D = 1e18; uint constant T = 1_000_000_000;'],
    ['a text', 'string constant S = "0x01ffc9a7"; // 0x01ffc9a7 /* 0x01ffc9a7'],
    ['a comment', '/* 0x01ffc9a7 \n " */ uint constant A = 7;'],
  ])('are not seen where there are none: %s', (_, line) => {
    expect(refused(inContract(line))).toBe('compiled');
  });

  it('are translated on request, as if they had been written by name', () => {
    const text = (receiver: string, either: string, empty: string, call: string) => `
      interface One { function one() external; function two(uint256 a) external; }
      interface Receiver { function onERC721Received(address a, address b, uint256 c, bytes calldata d) external; }
      contract C {
        bytes4 constant RECEIVER = ${receiver}; bytes4 constant EITHER = ${either}; bytes32 constant EMPTY = ${empty};
        function f() public pure returns (bytes4, bytes4, bytes32, bytes memory) {
          return (RECEIVER, EITHER, EMPTY, ${call});
        }
      }`;
    const selector = (signature: string) => toHex(keccak256(utf8Bytes(signature))).slice(0, 8);
    const either = (BigInt(`0x${selector('one()')}`) ^ BigInt(`0x${selector('two(uint256)')}`)).toString(16);
    const numbers = text(
      '0x150b7a02',
      `0x${either.padStart(8, '0')}`,
      `0x${toHex(keccak256(new Uint8Array()))}`,
      `hex"${selector('one()')}"`,
    );
    const names = text(
      'Receiver.onERC721Received.selector',
      'type(One).interfaceId',
      'keccak256("")',
      'abi.encodePacked(bytes4(keccak256("one()")))',
    );
    const codes = [numbers, names].map((text) => {
      const compilation = compileForSuite(inputOf(text), compilerOf(NEWEST), 'sm', { translatesWrittenHashes: true });
      if (!compilation.ok) throw new Error(JSON.stringify(compilation.reason));
      const translations = compilation.value.warnings.filter((one) => one.includes('taken for'));
      expect(translations.length).toBe(text === numbers ? 4 : 0);
      return compilation.value.output.contracts!['test.sol']!['C']!.evm.deployedBytecode.object;
    });
    expect(codes[0]).toContain(toHex(sm3(new Uint8Array())));
    expect(codes[0]).toContain(toHex(sm3(utf8Bytes('one()'))).slice(0, 8));
    for (const selector of ['150b7a02', either]) expect(codes[0]).not.toContain(selector);
  });

  it('are not translated where there is no room', () => {
    const input = inputOf(inContract('bytes4 constant ID = bytes4(uint32(33540519));'));
    const result = compileForSuite(input, compilerOf(NEWEST), 'sm', { translatesWrittenHashes: true });
    expect(result).toMatchObject({ ok: false, reason: [{ code: 'S05' }] });
  });

  it('are named with what to write instead', () => {
    const result = compile(inContract('bytes4 constant ID = 0x150b7a02;'));
    expect(!result.ok && result.reason[0]).toMatchObject({
      at: { source: 'test.sol', line: 2 },
      advice: expect.stringContaining('bytes4(keccak256("onERC721Received(address,address,uint256,bytes)"))'),
    });
  });

  it('are warned of if they may be other things', () => {
    const hash = `0x${'9c'.repeat(32)}`;
    const result = compile(
      inContract(`bytes32 constant H = ${hash};\n function f(bytes32 h) public pure { ecrecover(h, 0, h, h); }`),
    );
    const warnings = result.ok ? result.value.warnings.filter((one) => one.startsWith('test.sol:')) : [];
    expect(warnings).toEqual([
      expect.stringMatching(/^test.sol:2: .*0x9c/),
      expect.stringMatching(/^test.sol:3: ecrecover/),
    ]);
  });

  it('are refused if their text looks like an address', () => {
    const digits = '5aaeb6053f3e94c9b9a09f33669435e7ef1beaed';
    const hashed = (text: string) => inContract(`bytes32 public x = keccak256("${text}");`);
    expect(refused(hashed(digits))).toEqual([['S07', undefined]]);
    expect(refused(hashed(`0x${digits}`))).toBe('compiled');
  });
});

describe('what is no contract', () => {
  it.each<[string, StandardInput]>([
    ['Yul', { language: 'Yul', sources: { a: { content: '{}' } } }],
    ['a source without its text', { language: 'Solidity', sources: { a: { urls: ['a.sol'] } as object } }],
  ])('is refused: %s', (_, input) => {
    const result = compileForSuite(input, compilerOf(NEWEST), 'sm');
    expect(!result.ok && result.reason[0]!.code).toBe('S03');
  });

  it.each(['', 'throw new Error("no")', 'module.exports = {}', '}{', 'exports.cwrap = () => () => ""'])(
    'is no compiler: %s',
    (text) => {
      const opened = SuiteCompiler.open(text);
      expect(!opened.ok && opened.reason.code).toBe('S01');
    },
  );

  it('is a compiler whose hash function is not found', () => {
    const text = `module.exports = { _solidity_version: 1, _solidity_compile: 1, cwrap: (name) => () =>
      name === 'solidity_version' ? '9.9.9' : '{}' };`;
    const opened = SuiteCompiler.open(text);
    expect(opened).toMatchObject({ ok: true, value: { version: '9.9.9' } });
    const result = opened.ok && compileForSuite(inputOf('contract C {}'), opened.value, 'sm');
    expect(result).toMatchObject({ ok: false, reason: [{ code: 'S02', message: expect.stringContaining('9.9.9') }] });
  });
});
