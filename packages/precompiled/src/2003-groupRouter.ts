import { ContractKind } from './framework/systemContract.js';

export const groupRouter = new ContractKind<undefined>({
  name: 'GroupRouter',
  countsInput: true,
  unknown: new Uint8Array(0),
  functions: [],
});
