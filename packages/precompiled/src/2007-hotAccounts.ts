import { ContractKind } from './framework/systemContract.js';

export const hotAccounts = new ContractKind<undefined>({
  name: 'HotAccounts',
  countsInput: true,
  unknown: new Uint8Array(0),
  functions: [],
});
