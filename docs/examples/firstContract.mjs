// Calls the contract that `npm start` deployed: a signed transaction, its receipt, and a read. Run it beside the chain:
//   node docs/examples/firstContract.mjs "some text"
import { readFileSync } from 'node:fs';
import { randomAccount } from '@menglian/sdk/account/account';
import { createClient } from '@menglian/sdk/client';
import { httpTransport } from '@menglian/sdk/http';

const [text = 'Hi', url = 'http://127.0.0.1:8545', note = '.menglian/first-contract.json'] = process.argv.slice(2);
const { address } = JSON.parse(readFileSync(note, 'utf8'));
const abi = [
  { type: 'function', name: 'set', inputs: [{ type: 'string' }], outputs: [], stateMutability: 'nonpayable' },
  { type: 'function', name: 'get', inputs: [], outputs: [{ type: 'string' }], stateMutability: 'view' },
];

const client = await createClient({ transport: httpTransport(url), account: await randomAccount() });
const contract = client.contract({ address, abi });
const { receipt } = await contract.execute.set([text]);
process.stdout.write(`block ${receipt.blockNumber}, ${receipt.statusName}, gas ${receipt.gasUsed}\n`);
process.stdout.write(`${await contract.read.get()}\n`);
client.close();
