import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { fromHex } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { decodeTransaction, verifyTransaction } from '@menglian/types/transaction';
import { describe, expect, it } from 'vitest';
import { Account, accountFromPrivateKey, randomAccount } from './account/account.js';
import { createClient } from './client.js';
import { suiteOfChain } from './suiteOfChain.js';
import { type Hash, type Hex, hexOf } from './hex.js';
import { SdkError, sdkError } from './sdkError.js';
import { type Answers, FakeTransport, Refusal } from './testing/fakeTransport.js';
import { fakePorts } from './testing/fakePorts.js';
import { HELLO_WORLD_ABI } from '../examples/helloWorld.js';
import { ExecutionError } from './transaction/executionError.js';

const suite = await loadSuite('ecdsa');

interface Recording {
  readonly cases: readonly {
    readonly name: string;
    readonly request: { readonly params: readonly unknown[] };
    readonly response: { readonly result?: Record<string, unknown> };
  }[];
}

function golden<T = Recording>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../../../test/golden/${name}.json`, import.meta.url), 'utf8')) as T;
}

const receipts = golden('getTransactionReceipt').cases;
const receiptWith = (test: (result: Record<string, unknown>) => boolean) =>
  receipts.find(({ response }) => !!response.result && test(response.result))!.response.result!;

const HASH: Hash = `0x${'ab'.repeat(32)}`;

async function clientOf(answers: Answers) {
  const transport = new FakeTransport((method, params) => {
    if (method === 'getClientVersion') return golden('getClientVersion').cases[0]!.response.result;
    return answers(method, params);
  });
  const account = await accountFromPrivateKey('11'.repeat(32));
  return { transport, account, client: await createClient({ transport, account, ports: fakePorts() }) };
}

/** A chain that puts each transaction into a block with this receipt, after having been asked a few times. */
function chainWith(receipt: Record<string, unknown>, sent: string[] = []): Answers {
  let asked = 0;
  return (method, params) => {
    if (method === 'getBlockNumber') return '0x64';
    if (method === 'getTransactionReceipt') return ++asked < 3 ? null : receipt;
    sent.push(params[1] as string);
    return hexOf(suite.hash(fromHex(params[1] as string)));
  };
}

async function thrownBy(promise: Promise<unknown>): Promise<SdkError> {
  return promise.then(
    () => {
      throw new Error('did not throw');
    },
    (error: unknown) => error as SdkError,
  );
}

describe('an account', () => {
  it('is of its key, as the chain computes it', async () => {
    const { transactions } = golden<{
      transactions: { privateKey: string; publicKey: string; sender: string }[];
    }>('transactions');
    const { privateKey, publicKey, sender } = transactions[0]!;
    const account = await accountFromPrivateKey(privateKey);
    expect([account.publicKey, account.address]).toEqual([publicKey, sender]);
  });

  it('shows its key nowhere', async () => {
    const secret = '0e8e842b344877663c6380ce4aa32d836ef2056598ccd81118e00ef6068ba3f4';
    const account = await accountFromPrivateKey(secret);
    const shown = [inspect(account, { depth: 9, showHidden: true }), JSON.stringify(account), String(account)].join();
    expect(shown).not.toMatch(/0e8e842b|14, 142, 132/);
    const error = await thrownBy(accountFromPrivateKey(`${secret}zz`));
    expect([error.code, inspect(error).includes('0e8e')]).toEqual(['BadKey', false]);
    expect((await thrownBy(accountFromPrivateKey('00'.repeat(32)))).code).toBe('BadKey');
    expect(account.exportPrivateKey()).toEqual(fromHex(secret));
  });

  it('can be drawn', async () => {
    const draws = [new Uint8Array(32), new Uint8Array(32).fill(7)];
    const account = await randomAccount('ecdsa', { ...fakePorts(), random: () => draws.shift()! });
    expect(account.address).toBe(new Account(suite, new Uint8Array(32).fill(7)).address);
  });
});

describe('a client', () => {
  it('reads all that a real node answered', async () => {
    const cases: [string, (client: Awaited<ReturnType<typeof clientOf>>['client'], params: unknown[]) => unknown][] = [
      [
        'getBlockByNumber',
        (client, [, number, isWhole]) =>
          isWhole === true ? client.getBlock(Number(number)) : client.getBlockWithHashes(Number(number)),
      ],
      [
        'getBlockByHash',
        (client, [, hash, isWhole]) =>
          isWhole === true ? client.getBlock(hash as Hash) : client.getBlockWithHashes(hash as Hash),
      ],
      ['getBlockHeaderByNumber', (client, [, number]) => client.getBlockHeader(Number(number))],
      ['getBlockHeaderByHash', (client, [, hash]) => client.getBlockHeader(hash as Hash)],
      ['getBlockHashByNumber', (client, [, number]) => client.getBlockHash(Number(number))],
      ['getTransactionByHash', (client, [, hash]) => client.getTransaction(hash as Hash)],
      ['getTransactionByBlockNumberAndIndex', (client) => client.getTransactionAt(1, 0)],
      ['getTransactionByBlockHashAndIndex', (client) => client.getTransactionAt(HASH, 0)],
      ['getTransactionReceipt', (client, [, hash]) => client.getReceipt(hash as Hash)],
      ['getTransactionByHashWithProof', (client, [, hash]) => client.getTransactionWithProof(hash as Hash)],
      ['getTransactionReceiptByHashWithProof', (client, [, hash]) => client.getReceiptWithProof(hash as Hash)],
      ['getPendingTransactions', (client) => client.getPendingTransactions()],
      ['getPendingTxSize', (client) => client.getPendingTransactionCount()],
      ['getTotalTransactionCount', (client) => client.getTransactionCount()],
      ['getCode', (client) => client.getCode(`0x${'00'.repeat(20)}`)],
      ['getSystemConfigByKey', (client) => client.getSystemConfig('tx_count_limit')],
      ['getSealerList', (client) => client.getSealerList()],
      ['getObserverList', (client) => client.getObserverList()],
      ['getGroupPeers', (client) => client.getGroupPeers()],
      ['getPbftView', (client) => client.getPbftView()],
      ['getConsensusStatus', (client) => client.getConsensusStatus()],
      ['getSyncStatus', (client) => client.getSyncStatus()],
      ['getClientVersion', (client) => client.getClientVersion()],
      ['getNodeInfo', (client) => client.getNodeInfo()],
      ['getPeers', (client) => client.getPeers()],
      ['getNodeIDList', (client) => client.getNodeIdList()],
      ['getGroupList', (client) => client.getGroupList()],
      ['queryPeers', (client) => client.queryPeers()],
      ['queryGroupStatus', (client) => client.queryGroupStatus(1)],
      ['stopGroup', (client) => client.stopGroup(2)],
      ['call', (client) => client.call({ to: `0x${'00'.repeat(20)}`, data: '0x' })],
    ];
    let count = 0;
    for (const [method, ask] of cases) {
      for (const { name, request, response } of golden(method).cases) {
        if (response.result === undefined) continue;
        // Compressed receipts and misused parameters have no typed method.
        const { client, transport } = await clientOf(() => response.result);
        const result = await Promise.resolve(ask(client, [...request.params])).catch((error: unknown) => error);
        expect(result, `${method}: ${name}`).not.toBeInstanceOf(Error);
        expect(transport.asked.length === 0 || transport.asked.some((one) => one.method === method), method).toBe(true);
        count += 1;
      }
    }
    expect(count).toBeGreaterThan(60);
  });

  it('refuses what is not of the protocol', async () => {
    const { client } = await clientOf(() => ({ blockNumber: '0x1', status: 'zero' }));
    expect((await thrownBy(client.getBlockNumber())).message).toContain('an object as result of getBlockNumber');
    expect((await thrownBy(client.getReceipt(HASH))).code).toBe('BadAnswer');
  });

  it('tells what a node refused, and what to try', async () => {
    const { client } = await clientOf(() => new Refusal(-40001, 'GroupID does not exist'));
    const error = await thrownBy(client.getBlockNumber());
    expect([error.code, error.message]).toEqual([
      -40001,
      'the node answered: GroupID does not exist (-40001); ask getGroupList which groups this node runs',
    ]);
  });

  it('signs what the node can read, each with another nonce, and asks for the height once', async () => {
    const sent: string[] = [];
    const { client, account, transport } = await clientOf(chainWith({}, sent));
    const to: Hex = `0x${'ab'.repeat(20)}`;
    await Promise.all([client.sendTransaction({ to, data: '0x1234' }), client.sendTransaction({ data: '0x' })]);
    const decoded = sent.map((raw) => {
      const transaction = decodeTransaction(suite, fromHex(raw));
      if (!transaction.ok) throw new Error(transaction.reason);
      expect(verifyTransaction(suite, transaction.value)?.sender).toBe(account.address.slice(2));
      return transaction.value;
    });
    expect(decoded[0]).toMatchObject({ chainId: 1n, groupId: 1n, blockLimit: 600n, to: to.slice(2) });
    expect(decoded[1]!.to).toBeUndefined();
    expect(decoded[0]!.nonce).not.toBe(decoded[1]!.nonce);
    expect(transport.asked.filter(({ method }) => method === 'getBlockNumber')).toHaveLength(1);
    expect(transport.asked.filter(({ method }) => method === 'getClientVersion')).toHaveLength(1);
  });

  it('signs anew with a fresh height when the block limit was refused', async () => {
    let height = 0x10;
    const sent: string[] = [];
    const { client } = await clientOf((method, params) => {
      if (method === 'getBlockNumber') return height;
      sent.push(params[1] as string);
      const transaction = decodeTransaction(suite, fromHex(params[1] as string));
      const limit = transaction.ok ? Number(transaction.value.blockLimit) : 0;
      if (sent.length === 1) height = 5000;
      const comment = '[dev::tag_comment*] = BlockLimitCheckFailed, txBlockLimit=1, txHash=09f90ead...';
      if (limit < height) return new Refusal(-32603, `INTERNAL_ERROR: : INTERNAL_ERROR: : ${comment}\n`);
      return hexOf(suite.hash(fromHex(params[1] as string)));
    });
    await client.sendTransaction({ data: '0x' });
    expect(sent).toHaveLength(2);
    const error = await thrownBy(client.sendTransaction({ data: '0x', blockLimit: 7 }));
    expect([error.code, sent.length]).toEqual(['BlockLimitCheckFailed', 3]);
  });

  it('takes a refusal as news that a lost node had done its work', async () => {
    const lost = new SdkError('NoConnection', 'x', 'y');
    const refused = new SdkError('TransactionAlreadyKown', 'x', 'y', lost);
    const { client } = await clientOf((method) => (method === 'getBlockNumber' ? 1 : Promise.reject(refused)));
    expect(await client.sendTransaction({ data: '0x' })).toMatch(/^0x[0-9a-f]{64}$/);
    refused.cause = undefined;
    expect((await thrownBy(client.sendTransaction({ data: '0x' }))).code).toBe('TransactionAlreadyKown');
  });

  it('waits for the receipt, but not for ever', async () => {
    const { client } = await clientOf(chainWith(receiptWith(({ status }) => status === '0x0')));
    expect(await client.waitForReceipt(HASH)).toMatchObject({ isSuccess: true, statusName: 'None' });
    const late = await clientOf(() => null);
    expect((await thrownBy(late.client.waitForReceipt(HASH))).code).toBe('Timeout');
  });

  it('goes on waiting when no node can be reached for a while', async () => {
    let asked = 0;
    const receipt = receiptWith(({ status }) => status === '0x0');
    const { client } = await clientOf(() =>
      ++asked < 4 ? Promise.reject(sdkError('NoConnection', 'x', 'y')) : receipt,
    );
    expect((await client.waitForReceipt(HASH)).isSuccess).toBe(true);
    const gone = await clientOf(() => Promise.reject(sdkError('NoConnection', 'x', 'y')));
    const error = await thrownBy(gone.client.waitForReceipt(HASH));
    expect([error.code, (error.cause as SdkError).code]).toEqual(['Timeout', 'NoConnection']);
  });

  it('signs for the suite of its account', async () => {
    const sm = await loadSuite('sm');
    const sent: string[] = [];
    const transport = new FakeTransport((_method, params) => {
      sent.push(params[1] as string);
      return hexOf(sm.hash(fromHex(params[1] as string)));
    });
    const account = await accountFromPrivateKey('22'.repeat(32), 'sm');
    const client = await createClient({ transport, account, chainId: 1, groupId: 2 });
    await client.sendTransaction({ data: '0x1234', blockLimit: 9 });
    const decoded = decodeTransaction(sm, fromHex(sent[0]!));
    expect(decoded.ok && verifyTransaction(sm, decoded.value)?.sender).toBe(account.address.slice(2));
  });

  it('says why a contract refused', async () => {
    const { client } = await clientOf(chainWith(receiptWith(({ status }) => status === '0x16')));
    const error = await thrownBy(client.execute({ to: `0x${'ab'.repeat(20)}`, data: '0x' }));
    expect(error).toBeInstanceOf(ExecutionError);
    expect([error.code, error.message]).toEqual([
      'RevertInstruction',
      'the transaction failed: not today (RevertInstruction); the contract refused: look at its conditions',
    ]);
    expect((error as ExecutionError).receipt?.status).toBe(22);
  });

  it('says when suites do not fit', async () => {
    const { client, account } = await clientOf(() => 1);
    const other = await accountFromPrivateKey('22'.repeat(32), 'sm');
    const request = { data: '0x' as const, blockLimit: 9 };
    expect((await thrownBy(client.sendTransaction({ ...request, account: other }))).message).toContain('suite sm');
    const version = { ...golden('getClientVersion').cases[0]!.response.result, 'FISCO-BCOS Version': '2.11.0 gm' };
    const transport = new FakeTransport(() => version);
    expect(await suiteOfChain(transport)).toBe('sm');
    const ofChain = await createClient({ transport, account });
    expect((await thrownBy(ofChain.sendTransaction(request))).message).toContain("give the client suite: 'sm'");
  });

  it('says when nobody signs', async () => {
    const client = await createClient({ transport: new FakeTransport(() => 1) });
    expect((await thrownBy(client.sendTransaction({ data: '0x' }))).message).toContain('nobody signs');
  });
});

describe('a contract', () => {
  const contracts = golden<{ HelloWorld: { address?: string } }>('contracts');
  const calls = golden('call').cases;
  const recorded = (name: string) => calls.find((one) => one.name === name)!;

  it('reads', async () => {
    expect(contracts.HelloWorld).toBeDefined();
    const { request, response } = recorded('HelloWorld get');
    const asked = request.params[1] as { to: Hex; data: Hex };
    const { client, transport, account } = await clientOf(() => response.result);
    const contract = client.contract({ address: asked.to, abi: HELLO_WORLD_ABI });
    const text: string = await contract.read.get();
    expect(text.length).toBeGreaterThan(0);
    expect(transport.asked[0]!.params[1]).toEqual({ ...asked, from: account.address });
  });

  it('writes, waits, and gives events', async () => {
    const receipt = receiptWith(({ status, logs }) => status === '0x0' && (logs as unknown[]).length > 0);
    const { client } = await clientOf(chainWith(receipt));
    const address = (receipt['logs'] as { address: Hex }[])[0]!.address;
    const contract = client.contract({ address, abi: HELLO_WORLD_ABI });
    const executed = await contract.execute.set(['hi']);
    expect(executed.result).toBeUndefined();
    const [event] = contract.events.Changed.decode(executed.receipt);
    expect(event).toMatchObject({ name: 'Changed', args: { who: receipt['from'] }, logIndex: 0 });
    expect(typeof event!.args.value).toBe('string');
  });

  it('refuses arguments before anything is sent', async () => {
    const { client, transport } = await clientOf(() => null);
    const contract = client.contract({ address: `0x${'ab'.repeat(20)}`, abi: HELLO_WORLD_ABI });
    const error = await thrownBy(contract.write.set([1n as unknown as string]));
    expect([error.message, transport.asked]).toEqual(['set, argument n is 1 (BadArgument); give text', []]);
  });

  it('is deployed with its bytecode', async () => {
    const receipt = receiptWith(({ contractAddress }) => !/^0x0+$/.test(contractAddress as string));
    const sent: string[] = [];
    const { client } = await clientOf(chainWith(receipt, sent));
    const contract = await client.deploy({ abi: HELLO_WORLD_ABI, bytecode: '0x6001' });
    expect([contract.address, contract.receipt.status]).toEqual([receipt['contractAddress'], 0]);
    const decoded = decodeTransaction(suite, fromHex(sent[0]!));
    expect(decoded.ok && hexOf(decoded.value.data)).toBe('0x6001');
  });
});
