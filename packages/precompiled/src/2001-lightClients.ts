import { ContractKind } from './framework/systemContract.js';

export const lightClients = new ContractKind<undefined>({
  name: 'LightClients',
  countsInput: true,
  unknown: new Uint8Array(0),
  functions: [],
});
