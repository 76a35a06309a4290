import { describe, expect, it } from 'vitest';
import { splitByStage, stageMicros } from './readProfile.js';
import { stageOfScript } from './stages.js';

const AT = 'file:///home/user/menglian/packages';

describe('stages', () => {
  it.each([
    [`${AT}/crypto/dist/ecdsa/addon.js`, 'signature'],
    [`${AT}/crypto/dist/hashes.js`, 'hash'],
    ['wasm://wasm/e6b53466', 'hash'],
    ['file:///x/node_modules/@noble/curves/abstract/curve.js', 'signature'],
    ['file:///x/node_modules/hash-wasm/dist/index.esm.js', 'hash'],
    [`${AT}/types/dist/transaction.js`, 'decode'],
    [`${AT}/rpc/dist/dispatcher.js`, 'ingest'],
    ['file:///x/node_modules/@libp2p/tcp/dist/src/index.js', 'network'],
    [`${AT}/node/dist/group/gossip.js`, 'gossip and pool'],
    [`${AT}/evm/dist/interpreter.js`, 'execute'],
    [`${AT}/ledger/dist/stateDigest.js`, 'execute'],
    [`${AT}/ledger/dist/commitBatch.js`, 'store'],
    [`${AT}/node/dist/group/effectRunner.js`, 'consensus'],
    [`${AT}/node/dist/groupSupervisor.js`, 'threads'],
    [`${AT}/base/dist/bytes.js`, 'bytes'],
    ['node:internal/streams', undefined],
    ['', undefined],
    ['file:///home/types/evm/x.js', undefined],
  ])('of %s is %s', (url, stage) => {
    expect(stageOfScript(url)).toBe(stage);
  });
});

describe('profiles', () => {
  const frame = (functionName: string, url = '') => ({ functionName, url });
  const profile = {
    nodes: [
      { id: 1, callFrame: frame('(root)'), children: [2, 3, 4, 7] },
      { id: 2, callFrame: frame('(idle)') },
      { id: 3, callFrame: frame('(garbage collector)') },
      { id: 4, callFrame: frame('submit', `${AT}/node/dist/group/gossip.js`), children: [5] },
      { id: 5, callFrame: frame('recover', `${AT}/crypto/dist/ecdsa/native.js`), children: [6] },
      { id: 6, callFrame: frame('ecdsaRecover') },
      { id: 7, callFrame: frame('toString', 'node:internal/process') },
    ],
    samples: [2, 3, 4, 6, 6, 7, 99],
    timeDeltas: [0, 1000, 10, 20, 30, 40, 50],
  };

  it('count what ran to the nearest caller of ours, and leave out idling', () => {
    expect(Object.fromEntries(stageMicros(profile))).toEqual({
      gc: 10,
      'gossip and pool': 20,
      signature: 70,
      runtime: 50,
    });
  });

  it('that are empty have no time', () => {
    expect(stageMicros({ nodes: [], samples: [], timeDeltas: [] }).size).toBe(0);
  });
});

describe('the time of threads', () => {
  it('is split by the shares of their stages', () => {
    const profiled = new Map([
      ['group', new Map([['signature', 3]]).set('store', 1)],
      ['main', new Map([['store', 5]])],
      ['empty', new Map<string, number>()],
    ]);
    expect(splitByStage({ group: 100, main: 10, v8: 20, empty: 5, inspector: 0.01 }, profiled)).toEqual({
      signature: 75,
      store: 35,
      '(v8)': 20,
      '(empty)': 5,
    });
  });
});
