import { ContractKind } from './framework/systemContract.js';

export const shadowAccounts = new ContractKind<undefined>({
  name: 'ShadowAccounts',
  countsInput: true,
  unknown: new Uint8Array(0),
  functions: [],
});
