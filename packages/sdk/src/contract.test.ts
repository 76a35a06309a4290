import { loadSuite } from '@menglian/crypto/loadSuite';
import { describe, expect, it } from 'vitest';
import { encodeCall, functionFor } from './abi/functions.js';
import { functionOf } from './abi/signature.js';
import { Client } from './client.js';
import { createContract } from './contract.js';
import type { Address } from './hex.js';
import { FakeTransport } from './testing/fakeTransport.js';

const suite = await loadSuite('ecdsa');
const ADDRESS: Address = `0x${'ab'.repeat(20)}`;

const OVERLOADED = [
  {
    type: 'function',
    name: 'get',
    inputs: [{ name: 'at', type: 'uint8' }],
    outputs: [{ name: '', type: 'bool' }],
    stateMutability: 'view',
  },
  {
    type: 'function',
    name: 'get',
    inputs: [{ name: 'at', type: 'uint256' }],
    outputs: [{ name: '', type: 'uint256' }],
    stateMutability: 'view',
  },
  // Not of `read`, though it is of the name.
  {
    type: 'function',
    name: 'get',
    inputs: [{ name: 'at', type: 'uint16' }],
    outputs: [],
    stateMutability: 'nonpayable',
  },
  { type: 'event', name: 'Changed', inputs: [{ name: 'to', type: 'bool' }] },
  { type: 'event', name: 'Changed', inputs: [{ name: 'to', type: 'string' }] },
] as const;

/** A contract whose functions answer the number 1. */
function contractOf() {
  const transport = new FakeTransport(() => ({
    currentBlockNumber: '0x1',
    output: `0x${'1'.padStart(64, '0')}`,
    status: '0x0',
  }));
  const client = new Client(suite, { transport, chainId: 1 });
  const asked = () => transport.asked.map(({ params }) => (params[1] as { data: string }).data);
  return { contract: createContract(client, ADDRESS, OVERLOADED), asked };
}

describe('a contract with several functions of a name', () => {
  it('has each by its signature', async () => {
    const { contract, asked } = contractOf();
    const isSet: boolean = await contract.read['get(uint8)']([5n]);
    const value: bigint = await contract.read['get(uint256)']([5n]);
    expect([isSet, value]).toEqual([true, 1n]);
    expect(asked()).toEqual([
      encodeCall(suite, functionOf('get(uint8)'), [5n]),
      encodeCall(suite, functionFor(OVERLOADED, 'get(uint256)', []), [5n]),
    ]);
  });

  it('takes the name where the arguments tell which one, and asks for the signature where they do not', async () => {
    const { contract, asked } = contractOf();
    expect(await contract.read.get([500n])).toBe(1n);
    await expect(contract.read.get([5n])).rejects.toThrow(
      'several functions get take these arguments (BadArgument); call get(uint8) or get(uint256) by that text',
    );
    expect(asked()).toHaveLength(1);
    expect(await contract.simulate.get([5n])).toBeUndefined();
  });

  it('has events of one name by their signature only', () => {
    const { contract } = contractOf();
    expect(Object.keys(contract.events)).toEqual(['Changed(bool)', 'Changed(string)']);
    expect(contract.events['Changed(bool)'].decode([])).toEqual([]);
  });
});
