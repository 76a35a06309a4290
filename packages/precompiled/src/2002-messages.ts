import { ContractKind } from './framework/systemContract.js';

export const messages = new ContractKind<undefined>({
  name: 'Messages',
  countsInput: true,
  unknown: new Uint8Array(0),
  functions: [],
});
