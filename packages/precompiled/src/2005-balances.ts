import { ContractKind } from './framework/systemContract.js';

export const balances = new ContractKind<undefined>({
  name: 'Balances',
  countsInput: true,
  unknown: new Uint8Array(0),
  functions: [],
});
