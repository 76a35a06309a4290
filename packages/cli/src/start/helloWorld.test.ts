import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { compileForSuite } from '@menglian/solidity/compileForSuite';
import { SuiteCompiler } from '@menglian/solidity/suiteCompiler';
import { expect, it } from 'vitest';
import { HELLO_WORLD_BYTECODE, HELLO_WORLD_BYTECODE_SM } from './helloWorld.js';

const SOURCE = new URL('../../../../configs/contracts/HelloWorld.sol', import.meta.url);

it('is what the compiler makes of its source, for both suites', () => {
  const soljson = readFileSync(createRequire(import.meta.url).resolve('solc-0.4.26/soljson.js'), 'utf8');
  const compiler = SuiteCompiler.open(soljson);
  if (!compiler.ok) throw new Error(compiler.reason.message);
  const input = {
    language: 'Solidity',
    sources: { 'HelloWorld.sol': { content: readFileSync(SOURCE, 'utf8') } },
    settings: {
      optimizer: { enabled: true, runs: 200 },
      outputSelection: { '*': { '*': ['evm.bytecode.object', 'abi'] } },
    },
  };
  for (const [suite, bytecode] of [
    ['ecdsa', HELLO_WORLD_BYTECODE],
    ['sm', HELLO_WORLD_BYTECODE_SM],
  ] as const) {
    const compiled = compileForSuite(input, compiler.value, suite);
    if (!compiled.ok) throw new Error(compiled.reason.map(({ message }) => message).join('\n'));
    const { HelloWorld } = compiled.value.output.contracts!['HelloWorld.sol']!;
    // The last 43 bytes are a hash of the source with its name, and lengths.
    const code = (text: string) => text.slice(0, -86);
    expect(code(HelloWorld!.evm!.bytecode!.object!)).toBe(code(bytecode));
  }
});
