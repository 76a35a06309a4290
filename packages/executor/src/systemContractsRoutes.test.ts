import { fromByteString, toHex } from '@menglian/base/bytes';
import { type AbiValue, decodeAbi, encodeAbi } from '@menglian/codec/abi';
import { systemAddress } from '@menglian/precompiled/addresses';
import type { Address } from '@menglian/types/address';
import { TransactionStatus } from '@menglian/types/status';
import { describe, expect, it } from 'vitest';
import { answering, forwarder, MORTAL } from './testing/contracts.js';
import {
  BOBS,
  DEPLOYED,
  ENABLE,
  NEW,
  OLD,
  PREPARED,
  registering,
  ROUTE,
  ROUTE_OF,
  ROUTED,
  SET_ROUTE,
  SET_SHARE,
} from './testing/systemCasesOfRoutes.js';
import {
  ALICE,
  type Block,
  BOB,
  callData,
  CAROL,
  type ContractCall,
  newChain,
  runBlock,
  suite,
} from './testing/systemScenario.js';
import { deploying, type TestChain } from './testing/testChain.js';

const CONTRACT = systemAddress(0x2000);

function prepared(...more: readonly Block[]): TestChain {
  const chain = newChain();
  for (const block of [...PREPARED, ...more]) runBlock(chain, block);
  return chain;
}

function asking(...call: readonly [signature: string, ...args: AbiValue[]]): Uint8Array {
  return callData([ALICE, 0x2000, ...call]);
}

/** The address that a sender is led to, by an RPC call. */
function routed(chain: TestChain, sender: Address): string {
  const { status, output } = chain.call(CAROL.address, { to: CONTRACT, data: asking(ROUTE, 'shop', sender) });
  expect(status).toBe(0);
  return toHex(output.subarray(12, 32));
}

/** @returns the receipt of the only transaction */
function only(chain: TestChain, call: ContractCall) {
  return runBlock(chain, [call]).receipts[0]!;
}

const REFUSED = encodeAbi(['int256'], [-51_905n]);

const SENDERS = Array.from({ length: 300 }, (_, index) =>
  toHex(suite.hash(Uint8Array.of(index & 255, index >> 8)).subarray(0, 20)),
);

describe('a chain', () => {
  const ASK: ContractCall = [CAROL, 0x2000, ROUTE_OF, 'shop'];

  it('has no routes before it decided so: the address is an account without code', () => {
    const chain = newChain();
    const size = deploying(answering(`PUSH20 0x${CONTRACT} EXTCODESIZE`));
    const [deployed] = runBlock(chain, [...DEPLOYED, { from: ALICE, data: size }]).receipts.slice(-1);
    const codeSize = () => chain.call(ALICE.address, { to: deployed!.contractAddress }).output.at(-1);
    expect(only(chain, ASK).status).toBe(TransactionStatus.CallAddressError);
    expect(codeSize()).toBe(0);

    const [, sameBlock] = runBlock(chain, [ENABLE, ASK]).receipts;
    expect(sameBlock!.status).toBe(TransactionStatus.CallAddressError);
    expect(only(chain, ASK).status).toBe(0);
    expect(codeSize()).toBe(1);

    only(chain, [ALICE, 0x1000, 'setValueByKey(string,string)', 'enable_cns_route', 'off']);
    expect(only(chain, ASK).status).toBe(TransactionStatus.CallAddressError);
  });
});

describe('a share', () => {
  it('moves senders to the next version and none of them back, as it rises', () => {
    const chain = prepared(ROUTED);
    let moved = new Set<string>();
    for (const share of [0n, 1n, 100n, 500n, 999n, 1000n]) {
      only(chain, [ALICE, 0x2000, SET_SHARE, 'shop', share]);
      const next = new Set(SENDERS.filter((sender) => routed(chain, sender) === NEW));
      expect([...moved].filter((sender) => !next.has(sender))).toEqual([]);
      const expected = (SENDERS.length * Number(share)) / 1000;
      expect(Math.abs(next.size - expected)).toBeLessThanOrEqual(3 * Math.sqrt(SENDERS.length / 4));
      moved = next;
    }
    expect(moved.size).toBe(SENDERS.length);
  });

  it('leads a sender to the same version in every block, and after the same share was set again', () => {
    const chain = prepared(ROUTED, [[ALICE, 0x2000, SET_SHARE, 'shop', 500n]]);
    const first = SENDERS.map((sender) => routed(chain, sender));
    only(chain, [ALICE, 0x2000, SET_SHARE, 'shop', 0n]);
    expect(SENDERS.every((sender) => routed(chain, sender) === OLD)).toBe(true);
    only(chain, [ALICE, 0x2000, SET_SHARE, 'shop', 500n]);
    expect(SENDERS.map((sender) => routed(chain, sender))).toEqual(first);
  });
});

describe('a version that destroyed itself', () => {
  it('can be left in one transaction', () => {
    const chain = prepared();
    const { contractAddress } = runBlock(chain, [{ from: ALICE, data: deploying(MORTAL) }]).receipts[0]!;
    only(chain, registering(ALICE, 'shop', '3', contractAddress));
    only(chain, [ALICE, 0x2000, SET_ROUTE, 'shop', '2', '3', 1000n]);
    chain.run(chain.sign(CAROL, { to: contractAddress, data: Uint8Array.of(1) }));
    expect(chain.call(CAROL.address, { to: routed(chain, CAROL.address) }).status).toBe(
      TransactionStatus.CallAddressError,
    );
    expect(only(chain, [ALICE, 0x2000, SET_SHARE, 'shop', 0n]).output.at(-1)).toBe(1);
    expect(routed(chain, CAROL.address)).toBe(NEW);
  });
});

describe('a name', () => {
  it('is not taken by who registers a version of it, first or later', () => {
    const chain = prepared(ROUTED);
    only(chain, registering(BOB, 'shop', 'last', `0x${BOBS}`));
    expect(only(chain, [BOB, 0x2000, SET_ROUTE, 'shop', 'last', 'last', 0n]).output).toEqual(REFUSED);
    expect(routed(chain, CAROL.address)).toBe(OLD);
  });

  it('goes over to another manager with the contracts', () => {
    const chain = prepared(ROUTED);
    const grants = [OLD, NEW].map((one): ContractCall => [
      ALICE,
      0x1007,
      'grantManager(address,address)',
      one,
      BOB.address,
    ]);
    runBlock(chain, grants);
    expect(only(chain, [BOB, 0x2000, SET_ROUTE, 'shop', '2', 'stolen', 1000n]).output.at(-1)).toBe(1);
    expect(routed(chain, CAROL.address)).toBe(BOBS);
    expect(only(chain, [ALICE, 0x2000, SET_SHARE, 'shop', 0n]).output).toEqual(REFUSED);
  });

  it('is looked up by contracts as by clients, in a static call too', () => {
    const chain = prepared(ROUTED);
    const { receipts } = runBlock(chain, [{ from: CAROL, data: deploying(forwarder('STATICCALL', CONTRACT)) }]);
    const data = asking(ROUTE, 'shop', CAROL.address);
    const { output } = chain.call(CAROL.address, { to: receipts[0]!.contractAddress, data });
    expect(output[31]).toBe(1);
    const found = decodeAbi(['address', 'string', 'string'], output.subarray(32));
    expect(found).toEqual({ ok: true, value: [OLD, '1', 'abi 1'] });
  });
});

describe('every change', () => {
  it('leaves an event with the hash of the name and the sender, and what holds now', () => {
    const chain = prepared();
    const { logs } = only(chain, [ALICE, 0x2000, SET_ROUTE, 'shop', '1', '2', 50n]);
    const topicOf = (text: string) => toHex(suite.hash(fromByteString(text)));
    expect(logs).toHaveLength(1);
    expect(logs[0]!.address).toBe(CONTRACT);
    expect(logs[0]!.topics.map(toHex)).toEqual([
      topicOf('RouteChanged(bytes32,address,string,string,string,uint256)'),
      topicOf('shop'),
      ALICE.address.padStart(64, '0'),
    ]);
    expect(decodeAbi(['string', 'string', 'string', 'uint256'], logs[0]!.data)).toEqual({
      ok: true,
      value: ['shop', '1', '2', 50n],
    });
    const back = only(chain, [ALICE, 0x2000, SET_SHARE, 'shop', 0n]).logs;
    expect(decodeAbi(['string', 'string', 'string', 'uint256'], back[0]!.data)).toMatchObject({
      value: ['shop', '1', '2', 0n],
    });
  });

  it('that is refused, and every question, leaves none', () => {
    const chain = prepared(ROUTED);
    const calls: Block = [
      [BOB, 0x2000, SET_SHARE, 'shop', 5n],
      [ALICE, 0x2000, SET_SHARE, 'shop', 5000n],
      [ALICE, 0x2000, ROUTE_OF, 'shop'],
      [ALICE, 0x2000, ROUTE, 'shop', BOB.address],
    ];
    expect(runBlock(chain, calls).receipts.flatMap(({ logs }) => logs)).toEqual([]);
  });
});
