/** Of `configs/contracts/HelloWorld.sol`. */
export const HELLO_WORLD_ABI = [
  {
    type: 'function',
    name: 'set',
    inputs: [{ name: 'n', type: 'string' }],
    outputs: [],
    stateMutability: 'nonpayable',
  },
  { type: 'function', name: 'get', inputs: [], outputs: [{ name: '', type: 'string' }], stateMutability: 'view' },
  { type: 'function', name: 'fail', inputs: [], outputs: [], stateMutability: 'nonpayable' },
  { type: 'constructor', inputs: [], stateMutability: 'nonpayable' },
  {
    type: 'event',
    name: 'Changed',
    inputs: [
      { name: 'who', type: 'address', indexed: true },
      { name: 'value', type: 'string', indexed: false },
    ],
  },
] as const;
