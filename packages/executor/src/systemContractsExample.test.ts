import { readFileSync } from 'node:fs';
import { toHex } from '@menglian/base/bytes';
import { type AbiValue, encodeAbi } from '@menglian/codec/abi';
import { parameterTypes } from '@menglian/precompiled/framework/signature';
import { expect, it } from 'vitest';
import { NEW, OLD } from './testing/systemCasesOfRoutes.js';
import { ROOT } from './testing/systemPage.js';
import { ALICE, callData, type ContractCall, DEPLOY, newChain, runBlock } from './testing/systemScenario.js';
import { systemAddress } from '@menglian/precompiled/addresses';

/** The table in docs/examples/contractUpgrade.md is run from top to bottom. */

const PAGE = readFileSync(new URL('docs/examples/contractUpgrade.md', ROOT), 'utf8');
const NAMES: Readonly<Record<string, string>> = {
  V1: OLD,
  V2: NEW,
  anna: 'aa'.repeat(20),
  bert: '22'.repeat(20),
  carla: '44'.repeat(20),
};

interface Step {
  readonly text: string;
  readonly call: ContractCall;
  readonly answer: string;
}

const steps = [...PAGE.matchAll(/^\| [^|]*\| `(0x[0-9a-f]+ [^`]+)` \| (\w+) \|$/gm)].map(([, text, answer]): Step => {
  const [target, signature, ...words] = text!.split(' ');
  const types = parameterTypes(signature!);
  const values = words.map((word, index): AbiValue =>
    types[index] === 'uint256' ? BigInt(word) : (NAMES[word] ?? word),
  );
  return { text: text!, call: [ALICE, Number(target), signature!, ...values], answer: answer! };
});

it('the upgrade in the example goes as the page says', () => {
  expect(steps.length).toBeGreaterThan(20);
  const chain = newChain();
  runBlock(chain, [DEPLOY, DEPLOY]);
  for (const { text, call, answer } of steps) {
    if (text.includes(' route(')) {
      const { status, output } = chain.call(ALICE.address, { to: systemAddress(0x2000), data: callData(call) });
      expect([text, status, toHex(output.subarray(12, 32))]).toEqual([text, 0, NAMES[answer]]);
      continue;
    }
    const [receipt] = runBlock(chain, [call]).receipts;
    const expected = toHex(encodeAbi(['int256'], [BigInt(answer)]));
    expect([text, receipt!.status, toHex(receipt!.output)]).toEqual([text, 0, expected]);
  }
});
