// Calls the contract that `npm start` deployed: a signed transaction, its receipt, and a read. Run it beside the chain:
//   node docs/examples/firstContract.mjs "some text"
import { readFileSync } from 'node:fs';
import { Account, abiText, encodeCall } from '@menglian/cli/client/account';
import { ChainClient } from '@menglian/cli/client/chainClient';
import { RpcClient } from '@menglian/cli/client/rpcClient';
import { decodeAbi } from '@menglian/codec/abi';
import { loadSuite } from '@menglian/crypto/loadSuite';

const [text = 'Hi', url = 'http://127.0.0.1:8545', note = '.menglian/first-contract.json'] = process.argv.slice(2);
const { address } = JSON.parse(readFileSync(note, 'utf8'));
const suite = await loadSuite('ecdsa');
const account = Account.generate(suite);
const client = new ChainClient(new RpcClient(url), { chainId: 1, groupId: 1 });

const data = encodeCall(suite, 'set(string)', ['string'], [abiText(text)]);
const receipt = await client.receipt(await client.send(account, address, data));
process.stdout.write(`block ${Number(receipt.blockNumber)}, ${receipt.statusMsg}, gas ${Number(receipt.gasUsed)}\n`);

const { output } = await client.call(account.address, address, encodeCall(suite, 'get()', [], []));
process.stdout.write(`${Buffer.from(decodeAbi(['string'], output).value[0], 'latin1').toString('utf8')}\n`);
