import { utf8Bytes } from '@menglian/base/bytes';
import { encodeAbi, selector } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { hexOf } from '../hex.js';
import { auditChains } from './auditChains.js';
import { ACCOUNT, HotScenario } from './testing/hotScenario.js';

const suite = await loadSuite('ecdsa');
const OWNER = '0a'.repeat(20);

/** One chain of users, one epoch that is booked and one that is open; each node tells of its state. */
function scenario(): HotScenario {
  const one = new HotScenario(suite, 1);
  one.pay(0, 10n, 20n);
  one.close(0);
  one.settle(0, 1n);
  one.pay(0, 4n);
  one.hot.onCall = () => answer(one.hot.height, ['address', ...sums(4)], [OWNER, 30n, 30n, 0n, 0n]);
  one.users[0]!.onCall = () =>
    answer(one.users[0]!.height, ['bytes32', 'address', ...sums(6)], [one.hot.identity, OWNER, 2n, 4n, 0n, 1n, 0n, 0n]);
  return one;
}

const sums = (count: number) => Array.from({ length: count }, () => 'uint256');

function answer(height: number, types: readonly string[], values: Parameters<typeof encodeAbi>[1]) {
  return { currentBlockNumber: height, output: hexOf(encodeAbi(types, values)), status: '0x0' };
}

function chainsOf({ hot, users }: HotScenario) {
  return {
    account: ACCOUNT,
    hot: { label: 'hot', client: hot.client },
    users: users.map((user, index) => ({ label: `users ${index}`, client: user.client })),
  };
}

describe('an audit of running chains', () => {
  it('reads each up to the height of what its node says', async () => {
    const one = scenario();
    const seen: string[] = [];
    const onBlock = (label: string, number: number, last: number) => seen.push(`${label} ${number}/${last}`);
    const report = await auditChains({ ...chainsOf(one), onBlock });
    expect(report).toMatchObject({ isRight: true, findings: [], hot: { balance: 30n, lastBlock: 3 } });
    expect(report.shadows[0]).toMatchObject({
      label: 'users 0',
      identity: hexOf(one.users[0]!.identity),
      lastBlock: 4,
    });
    expect(seen).toEqual(['users 0 1/4', 'users 0 2/4', 'users 0 3/4', 'users 0 4/4', 'hot 1/3', 'hot 2/3', 'hot 3/3']);
  });

  it('goes on while the chains do', async () => {
    const one = scenario();
    const { height } = one.hot;
    const call = one.hot.onCall;
    one.hot.onCall = (request) => {
      const told = call(request);
      one.close(0);
      one.settle(0, 2n);
      one.confirm(0, 2n);
      one.users[0]!.onCall = () =>
        answer(
          one.users[0]!.height,
          ['bytes32', 'address', ...sums(6)],
          [one.hot.identity, OWNER, 3n, 0n, 0n, 0n, 0n, 2n],
        );
      return told;
    };
    one.confirm(0, 1n);
    const report = await auditChains(chainsOf(one));
    expect(report.findings).toEqual([]);
    expect(report.hot.lastBlock).toBe(height);
    expect(report.shadows[0]).toMatchObject({ settled: { amountIn: 30n }, unsettled: { amountIn: 4n } });
  });

  it('says when a node tells of another state than its chain', async () => {
    const one = scenario();
    one.hot.onCall = ({ data }) => {
      const wanted = hexOf(selector((bytes) => suite.hash(bytes), 'account(string)'));
      expect(data.startsWith(wanted)).toBe(true);
      return answer(one.hot.height, ['address', ...sums(4)], [OWNER, 31n, 30n, 0n, 0n]);
    };
    expect((await auditChains(chainsOf(one))).findings).toEqual([
      { code: 'state-differs', chain: 'hot', subject: 'balance', expected: '30', found: '31' },
    ]);
  });

  it('needs no state where the contracts are switched off', async () => {
    const one = scenario();
    one.hot.onCall = () => ({ currentBlockNumber: one.hot.height, output: '0x', status: '0x1a' });
    expect((await auditChains(chainsOf(one))).isRight).toBe(true);
  });

  it('believes no other chain than those that are trusted', async () => {
    const one = scenario();
    const identities = [one.hot, ...one.users].map(({ identity }) => hexOf(identity));
    expect((await auditChains({ ...chainsOf(one), trusted: new Set(identities) })).isRight).toBe(true);
    const report = await auditChains({ ...chainsOf(one), trusted: new Set(identities.slice(0, 1)) });
    expect(report.findings).toEqual([{ code: 'other-chain', chain: 'users 0', blockNumber: 0, found: identities[1] }]);
  });

  it('names what is wrong with a block 0', async () => {
    const one = scenario();
    const [genesis] = one.hot.blocks;
    genesis!.header = { ...genesis!.header, extraData: [utf8Bytes('2-')] };
    const { findings } = await auditChains(chainsOf(one));
    expect(findings.at(-1)).toMatchObject({ code: 'not-proven', chain: 'hot', blockNumber: 0 });
  });

  it('refuses one chain under two names', async () => {
    const one = scenario();
    const { hot, users, account } = chainsOf(one);
    await expect(auditChains({ account, hot, users: [...users, { ...users[0]!, label: 'again' }] })).rejects.toThrow(
      'users 0 and again are one chain',
    );
  });
});
