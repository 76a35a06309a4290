import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compiled, forVersion, inputOf, Observed, step, SUITES, VERSIONS, words } from '../test/support.js';

const source = (name: string) => readFileSync(new URL(`../test/contracts/${name}.sol`, import.meta.url), 'utf8');

const LONG_NAME = /function (aFunctionWith\w+)/.exec(source('everything'))![1]!;

/** Signatures and texts whose hashes people see. */
const TEXTS = [
  'Error(string)',
  'Panic(uint256)',
  'Bumped(address,uint256)',
  'Named(string,uint256,bytes32)',
  'Plain()',
  'Long(uint256[],string,bytes32,bytes32,address)',
  'MINTER_ROLE',
  'onReceived(address,uint256)',
  'a name',
  `${LONG_NAME}(uint256)`,
];

/** Calls whose answers are known, and those that need only be the same. */
const KNOWN: readonly (readonly [ReturnType<typeof step>, string])[] = [
  [step('literals(string,string)', 'MINTER', '_ROLE'), words(true, true, true, true, true)],
  [step('literals(string,string)', 'MINTER', '_ROL'), words(false, false, false, true, false)],
  [step('reduced(string)', 'reduce me'), words(true)],
  [step('selectors(string)', 'selectors(string)'), words(true, true, true)],
  [step('interfaceIdentifier(string,string,string)', 'bump(uint256)', 'counted()', 'refuse(uint256)'), words(true)],
  [step('encoded(string,uint256)', 'bump(uint256)', 5n), words(true, true, true)],
  [step('places(uint256,uint256)', 99n, 0n), words(true, true, true)],
  [step('longText(uint256)', 4n), words(true)],
  [step('list(uint256)', 1n), words(8)],
  [step('numbered(uint256)', 99n), words(1234)],
  [step('calls(uint256)', 2n), words(42, 44, true, true)],
  [step('created(uint256)', 10n), words(11, 11)],
  [step('libraries(uint256)', 21n), words(42, true)],
  [step('system(string)', 'somebody'), words(0, 77, 0, 2n ** 256n - 50_001n)],
  [step('refused(uint256)', 9n), words(9)],
  [step('overloaded(uint256)', 1n), words(1)],
  [step('overloaded(uint8)', 1n), words(2)],
  [step('overloaded(string)', 'x'), words(3)],
];

const SAME = [
  step('set(string,uint256)', 'a name', 5n),
  step('named(string)', 'a name'),
  step('MINTER()'),
  step('RECEIVED()'),
  step('long()'),
  step('refused(uint256)', 1n),
  step('refused(uint256)', 2n),
  step('refused(uint256)', 3n),
  step('require_(bool)', true),
  step('require_(bool)', false),
  step('hashes(string)', 'MINTER_ROLE'),
  step(`${LONG_NAME}(uint256)`, 6n),
  step('unknown()'),
];

const CASES = VERSIONS.flatMap((version) => [
  { version, name: 'without optimizer', optimizer: { enabled: false } },
  { version, name: 'with optimizer', optimizer: { enabled: true, runs: 200 } },
]);

describe('a contract with all that hashes can be in', () => {
  it.each(CASES)('does the same on both suites: $version $name', async ({ version, optimizer }) => {
    const text = forVersion(source('everything'), version);
    const seen: unknown[] = [];
    for (const suite of SUITES) {
      const contracts = compiled(version, suite, inputOf(text, { optimizer }));
      const observed = await Observed.on(suite, TEXTS);
      observed.deploy(linked(contracts, observed));
      const answers = KNOWN.map(([call]) => observed.run(call));
      expect(answers).toEqual(KNOWN.map(([, output]) => expect.objectContaining({ status: 0, output })));
      seen.push([answers, ...SAME.map((call) => observed.run(call))]);
    }
    expect(seen[1]).toEqual(seen[0]);
  });
});

/** The contract with the address of its library, which is deployed first. */
function linked(contracts: ReturnType<typeof compiled>, observed: Observed): string {
  const address = observed.deploy(contracts['Words']!.evm.bytecode.object);
  const { object, linkReferences } = contracts['Everything']!.evm.bytecode;
  let code = object;
  for (const { start, length } of linkReferences!['test.sol']!['Words']!)
    code = code.slice(0, start * 2) + address + code.slice((start + length) * 2);
  return code;
}
