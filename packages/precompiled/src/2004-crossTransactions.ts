import { ContractKind } from './framework/systemContract.js';

export const crossTransactions = new ContractKind<undefined>({
  name: 'CrossTransactions',
  countsInput: true,
  unknown: new Uint8Array(0),
  functions: [],
});
