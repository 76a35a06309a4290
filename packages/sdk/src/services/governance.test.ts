import { toByteString, utf8Bytes } from '@menglian/base/bytes';
import { encodeAbi } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { Client } from '../client.js';
import { type Address, hexOf } from '../hex.js';
import { FakeTransport } from '../testing/fakeTransport.js';
import { Governance } from './governance.js';

const suite = await loadSuite('ecdsa');
const WHO: Address = `0x${'11'.repeat(20)}`;
const VOTER: Address = `0x${'22'.repeat(20)}`;

/** A committee whose contract answers this text. */
function governanceOf(text: string): Governance {
  const output = hexOf(encodeAbi(['string'], [toByteString(utf8Bytes(text))]));
  const transport = new FakeTransport(() => ({ currentBlockNumber: '0x1', output, status: '0x0' }));
  return new Governance(new Client(suite, { transport, chainId: 1 }));
}

describe('votes that wait for others', () => {
  it('are listed by what they are for', async () => {
    const answered = {
      grant: [{ block_limit: '10012', voter: VOTER }],
      update_weight: [{ block_limit: '10013', target: '3', voter: VOTER }],
    };
    expect(await governanceOf(`${JSON.stringify(answered)}\n`).votesOnMember(WHO)).toEqual([
      { subject: 'grant', voter: VOTER, blockLimit: 10_012, weight: undefined },
      { subject: 'update_weight', voter: VOTER, blockLimit: 10_013, weight: 3 },
    ]);
    const onThreshold = { '0.600000': [{ block_limit: '9', voter: VOTER }] };
    expect(await governanceOf(JSON.stringify(onThreshold)).votesOnThreshold()).toEqual([
      { subject: '0.600000', voter: VOTER, blockLimit: 9, weight: undefined },
    ]);
  });

  it('may be none', async () => {
    expect(await governanceOf('null\n').votesOnMember(WHO)).toEqual([]);
    expect(await governanceOf('null\n').votesOnThreshold()).toEqual([]);
  });

  it.each(['7', '[]', '{"grant":7}', '{"grant":[{"voter":"x"}]}', 'no JSON'])(
    'are refused when they are %s',
    async (text) => {
      await expect(governanceOf(text).votesOnMember(WHO)).rejects.toMatchObject({ code: 'BadAnswer' });
    },
  );
});
