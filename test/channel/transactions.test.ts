import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { editFile } from '../e2e/nodeRuns.js';
import { ChannelChain } from './channelChain.js';
import { newSeq, rpcBody, type ConformanceClient } from './conformanceClient.js';
import { encodeFrame, TYPE, type Frame } from './frames.js';
import { Sender, type SignedText } from './sender.js';

/**
 * Goal: a client that sends a transaction over the SDK port gets its receipt pushed, or its refusal in the way that its
 * version of the protocol has for it. Method: three real chains, one of a single node, and one that makes no blocks because
 * its second node never starts, so that transactions stay in the pool; a third node does not belong to its group. Blocks of
 * a further one hold one transaction each.
 */

/** Members of a pushed receipt, in order. */
const RECEIPT_MEMBERS = [
  'blockHash',
  'blockNumber',
  'contractAddress',
  'from',
  'gasUsed',
  'input',
  'logs',
  'logsBloom',
  'output',
  'remainGas',
  'root',
  'status',
  'statusMsg',
  'to',
  'transactionHash',
  'transactionIndex',
] as const;

/** The word in the error of versions 1 and 2, and the status of version 3, for each cause. */
const REFUSALS: Readonly<Record<string, readonly [status: string, message: string]>> = {
  TransactionNonceCheckFail: ['0xf', 'NonceCheckFail'],
  TxPoolNonceCheckFail: ['0xf', 'NonceCheckFail'],
  BlockLimitCheckFailed: ['0x10', 'BlockLimitCheckFail'],
  TransactionPoolIsFull: ['0x1c', 'TxPoolIsFull'],
  // The text is that of 2.x, which looked it up in the wrong table.
  TransactionAlreadyKown: ['0x2710', 'StackUnderflow'],
  TransactionAlreadyInChain: ['0x2711', 'AlreadyInChain'],
  InvalidChainId: ['0x2712', 'InvalidChainId'],
  InvalidGroupId: ['0x2713', 'InvalidGroupId'],
};

const POOL_LIMIT = 5;
/** Index of the node that is no member of the group. */
const OUTSIDER = 2;
const ZERO_HASH = `0x${'0'.repeat(64)}`;
const ZERO_ADDRESS = `0x${'0'.repeat(40)}`;

interface PushedReceipt {
  readonly [member: string]: unknown;
  readonly status: string;
  readonly blockNumber: string;
  readonly contractAddress: string;
  readonly transactionHash: string;
}

interface Proof {
  readonly left: readonly string[];
  readonly right: readonly string[];
}

const sender = new Sender();
let chain: ChannelChain;
let halted: ChannelChain;
let narrow: ChannelChain;

beforeAll(async () => {
  [chain, halted, narrow] = await Promise.all([
    ChannelChain.build(),
    ChannelChain.build({
      agencies: ['agency', 'agency', 'agency'],
      sealers: 2,
      editGroup: (text) => text.replace(/\blimit=150000/, `limit=${POOL_LIMIT}`),
    }),
    ChannelChain.build(),
  ]);
  editFile(narrow.groupPath().replace(/ini$/, 'genesis'), (text) =>
    text.replace(/\bmax_trans_num=\d+/, 'max_trans_num=1'),
  );
  await chain.start(0);
  await narrow.start(0);
  await halted.start(0, OUTSIDER);
});

afterAll(async () => {
  await Promise.all([chain?.stop(), halted?.stop(), narrow?.stop()]);
});

async function clientAt(protocol: 1 | 2 | 3, of: ChannelChain, index = 0): Promise<ConformanceClient> {
  const client = await of.connect('java', index);
  if (protocol > 1) await client.ask(TYPE.handshake, `{"minimumSupport":1,"maximumSupport":${protocol}}`);
  return client;
}

const textOf = ({ data }: Frame) => data.toString('utf8');
const hashAnswer = (hash: string) => `{"id":1,"jsonrpc":"2.0","result":"${hash}"}\n`;
const isReceipt = ({ type }: Frame) => type === TYPE.receipt;

/** Reads a pushed receipt, which is a bare object in indented form with its members in order. */
function readReceipt(frame: Frame, ...more: readonly string[]): PushedReceipt {
  const text = textOf(frame);
  expect(frame.type).toBe(TYPE.receipt);
  expect(text).toMatch(/^\{\n\s+"blockHash" : "0x/);
  expect(text).toMatch(/\n\}\n$/);
  const receipt = JSON.parse(text) as PushedReceipt;
  expect(Object.keys(receipt)).toEqual([...RECEIPT_MEMBERS, ...more].toSorted());
  return receipt;
}

/** A receipt that says why there is none. */
function expectEmptyReceipt(frame: Frame, status: string, statusMsg: string): void {
  expect(readReceipt(frame)).toMatchObject({
    blockHash: ZERO_HASH,
    blockNumber: '0x0',
    contractAddress: ZERO_ADDRESS,
    from: ZERO_ADDRESS,
    input: '0x',
    logs: [],
    status,
    statusMsg,
    to: ZERO_ADDRESS,
    transactionHash: ZERO_HASH,
  });
}

/** What a node says to a transaction that it refuses over HTTP: the whole text, and its word. */
async function refusalOverHttp(of: ChannelChain, raw: string): Promise<{ text: string; word: string }> {
  const body = rpcBody('sendRawTransaction', 1, raw);
  const text = await (await fetch(of.http().url, { method: 'POST', body })).text();
  const { error } = JSON.parse(text) as { error: { code: number; message: string } };
  expect(error.code).toBe(-32603);
  return { text, word: /\[dev::tag_comment\*\] = (\w+)/.exec(error.message)?.[1] ?? error.message };
}

/**
 * Refused at once by versions 1 and 2, by a receipt at version 3.
 * @param make what is sent, each time: a refusal can use up the nonce
 * @returns the word of the refusal
 */
async function expectRefused(of: ChannelChain, make: () => SignedText): Promise<string> {
  const { text, word } = await refusalOverHttp(of, make().raw);
  const withoutHash = (answer: string) => answer.replace(/txHash=[0-9a-f]{8}/, 'txHash=');
  for (const protocol of [1, 2] as const) {
    const client = await clientAt(protocol, of);
    const answer = await client.rpcText(rpcBody('sendRawTransaction', 1, make().raw));
    expect(withoutHash(answer)).toBe(withoutHash(text));
    await client.finish();
  }
  const client = await clientAt(3, of);
  for (const method of ['sendRawTransaction', 'sendRawTransactionAndGetProof']) {
    const { raw, hash } = make();
    const { answer, receipt } = await client.transact(raw, method);
    expect(textOf(answer)).toBe(hashAnswer(hash));
    const [status, statusMsg] = REFUSALS[word]!;
    expectEmptyReceipt(receipt, status, statusMsg);
  }
  await client.finish();
  return word;
}

describe('a transaction that is executed', () => {
  it.each([1, 2, 3] as const)('at version %i is answered with its hash, then with its receipt', async (protocol) => {
    const client = await clientAt(protocol, chain);
    const { raw, hash } = sender.save();
    const { answer, receipt } = await client.transact(raw);
    expect([answer.type, textOf(answer)]).toEqual([TYPE.rpc, hashAnswer(hash)]);
    const pushed = readReceipt(receipt);
    expect(pushed).toMatchObject({ status: '0x0', statusMsg: 'None', transactionHash: hash, transactionIndex: '0x0' });
    expect(pushed).toEqual(await chain.http().call('getTransactionReceipt', 1, hash));
    await client.finish();
  });

  it('has contract, logs and revert in its receipt', async () => {
    const client = await clientAt(3, chain);
    const { contractAddress } = readReceipt((await client.transact(sender.deploy().raw)).receipt);
    expect(contractAddress).toMatch(/^0x(?!0{40})[0-9a-f]{40}$/);
    const set = sender.set(contractAddress, '你好 "quoted" \\ \u0001');
    const pushed = readReceipt((await client.transact(set.raw)).receipt);
    expect(pushed).toEqual(await chain.http().call('getTransactionReceipt', 1, set.hash));
    const [log] = pushed['logs'] as { address: string; data: string; topics: string[] }[];
    expect(Object.keys(log!)).toEqual(['address', 'data', 'topics']);
    expect([log!.address, log!.topics.length]).toEqual([contractAddress, 2]);
    const unknown = sender.save({ to: contractAddress.slice(2), data: Uint8Array.of(1, 2, 3, 4) });
    expect(readReceipt((await client.transact(unknown.raw)).receipt).status).toBe('0x16');
    await client.finish();
  });

  it('sent for its proof has the proofs in its receipt', async () => {
    const client = await clientAt(3, chain);
    const method = 'sendRawTransactionAndGetProof';
    // In one write, so that some of them meet in a block.
    const sent = Array.from({ length: 20 }, () => ({ seq: newSeq(), ...sender.save() }));
    client.write(Buffer.concat(sent.map(({ seq, raw }) => encodeFrame(TYPE.rpc, seq, rpcBody(method, 1, raw)))));
    for (const { seq, hash } of sent) {
      const ofSeq = (frame: Frame) => frame.seq === seq;
      expect(textOf(await client.take(ofSeq, 'the hash'))).toBe(hashAnswer(hash));
      const frame = await client.take(ofSeq, 'the receipt');
      const { txProof, receiptProof, ...pushed } = JSON.parse(textOf(frame)) as Record<string, Proof[] | undefined>;
      const mined = (await chain.http().call('getTransactionByHashWithProof', 1, hash)) as { txProof: Proof[] };
      const proven = (await chain.http().call('getTransactionReceiptByHashWithProof', 1, hash)) as {
        receiptProof: Proof[];
      };
      expect(txProof ?? []).toEqual(mined.txProof);
      expect(receiptProof ?? []).toEqual(proven.receiptProof);
      const members = mined.txProof.length > 0 ? ['txProof', 'receiptProof'] : [];
      readReceipt(frame, ...members);
      expect(pushed).toEqual(await chain.http().call('getTransactionReceipt', 1, hash));
    }
    await client.finish();
  });

  it.each([1, 3] as const)('at version %i is never overtaken by its receipt', async (protocol) => {
    const client = await clientAt(protocol, chain);
    const sent = Array.from({ length: 200 }, () => ({ seq: newSeq(), ...sender.save() }));
    client.write(
      Buffer.concat(sent.map(({ seq, raw }) => encodeFrame(TYPE.rpc, seq, rpcBody('sendRawTransaction', 1, raw)))),
    );
    const hashes = new Set<string>();
    for (let count = 0; count < sent.length; count++) {
      hashes.add(readReceipt(await client.take(isReceipt, 'a receipt')).transactionHash);
    }
    expect([...hashes].toSorted()).toEqual(sent.map(({ hash }) => hash).toSorted());
    for (const { seq } of sent) {
      const types = client.received.filter((frame) => frame.seq === seq).map(({ type }) => type);
      expect(types).toEqual([TYPE.rpc, TYPE.receipt]);
      await client.take((frame) => frame.seq === seq, 'the hash');
    }
    await client.finish();
  });

  it('is told to the connection that sent it and to no other', async () => {
    const [client, other, gone] = [await clientAt(3, chain), await clientAt(3, chain), await clientAt(3, chain)];
    // Whoever leaves before its receipt gets none, and nobody else does in its place.
    gone.send(TYPE.rpc, rpcBody('sendRawTransaction', 1, sender.save().raw));
    await gone.destroy();
    const seq = newSeq();
    other.send(TYPE.rpc, rpcBody('getGroupList'), seq);
    const { raw, hash } = sender.save();
    client.send(TYPE.rpc, rpcBody('sendRawTransaction', 1, raw), seq);
    expect(readReceipt(await client.take(isReceipt, 'a receipt')).transactionHash).toBe(hash);
    await client.takeType(TYPE.rpc);
    await other.takeType(TYPE.rpc);
    await chain.http().call('sendRawTransaction', 1, sender.save().raw);
    expect(await other.settle()).toEqual([]);
    await client.finish();
    await other.finish();
  });

  it('is not mixed up with those of connections that use the same seqs', async () => {
    const seqs = Array.from({ length: 30 }, () => newSeq());
    const parties = await Promise.all(
      ([1, 3, 3] as const).map(async (protocol) => ({
        client: await clientAt(protocol, chain),
        sent: seqs.map((seq) => ({ seq, ...sender.save() })),
      })),
    );
    for (const { client, sent } of parties) {
      client.write(
        Buffer.concat(sent.map(({ seq, raw }) => encodeFrame(TYPE.rpc, seq, rpcBody('sendRawTransaction', 1, raw)))),
      );
    }
    for (const { client, sent } of parties) {
      for (const { seq, hash } of sent) {
        const ofSeq = (frame: Frame) => frame.seq === seq;
        expect(textOf(await client.take(ofSeq, 'the hash'))).toBe(hashAnswer(hash));
        expect(readReceipt(await client.take(ofSeq, 'the receipt')).transactionHash).toBe(hash);
      }
      await client.finish();
    }
  });
});

describe('a transaction that is refused', () => {
  it('for its block limit, chain or group', async () => {
    expect(await expectRefused(chain, () => sender.save({ blockLimit: 100_000n }))).toBe('BlockLimitCheckFailed');
    expect(await expectRefused(chain, () => sender.save({ blockLimit: 0n }))).toBe('BlockLimitCheckFailed');
    expect(await expectRefused(chain, () => sender.save({ chainId: 9n }))).toBe('InvalidChainId');
    expect(await expectRefused(chain, () => sender.save({ groupId: 9n }))).toBe('InvalidGroupId');
  });

  it('because it or its nonce is on the chain', async () => {
    const client = await clientAt(3, chain);
    const sent = sender.save({ nonce: 77n });
    await client.transact(sent.raw);
    await client.finish();
    expect(REFUSALS[await expectRefused(chain, () => sent)]).toBeDefined();
    expect(REFUSALS[await expectRefused(chain, () => sender.save({ nonce: 77n }))]![0]).toBe('0xf');
  });

  it('because it or its nonce is in the pool, or the pool is full', async () => {
    const client = await clientAt(3, halted);
    const sent = Array.from({ length: POOL_LIMIT }, (_, index) => sender.save({ nonce: BigInt(index + 1) }));
    for (const { raw, hash } of sent.slice(0, -1)) {
      expect(await client.rpcText(rpcBody('sendRawTransaction', 1, raw))).toBe(hashAnswer(hash));
    }
    await client.finish();
    expect(await expectRefused(halted, () => sent[0]!)).toBe('TransactionAlreadyKown');
    expect(REFUSALS[await expectRefused(halted, () => sender.save({ nonce: 1n }))]![0]).toBe('0xf');
    await halted.http().call('sendRawTransaction', 1, sent.at(-1)!.raw);
    expect(await expectRefused(halted, () => sender.save())).toBe('TransactionPoolIsFull');
  });

  it('at every version by an error, when it cannot be decoded or its group does not exist', async () => {
    const { raw } = sender.save();
    const requests = ['0x', '0x00', '0xc0', 'zz', raw.slice(0, -10), `${raw}00`, '0x83ffff'].map((text) =>
      rpcBody('sendRawTransaction', 1, text),
    );
    requests.push(rpcBody('sendRawTransaction', 7, raw), rpcBody('sendRawTransaction', 1));
    for (const protocol of [1, 3] as const) {
      const client = await clientAt(protocol, chain);
      for (const body of requests) {
        const text = await (await fetch(chain.http().url, { method: 'POST', body })).text();
        expect(text).toContain('"error"');
        expect(await client.rpcText(body)).toBe(text);
      }
      await client.finish();
    }
  });

  it('for its signature', async () => {
    const { raw } = sender.save();
    // The last bytes are s: another one signs nothing that the sender meant, a greater one than the curve's order nothing.
    const signed = `${raw.slice(0, -64)}${'f'.repeat(64)}`;
    const { text } = await refusalOverHttp(chain, signed);
    const client = await clientAt(1, chain);
    expect(await client.rpcText(rpcBody('sendRawTransaction', 1, signed))).toBe(text);
    await client.finish();
    const late = await clientAt(3, chain);
    const { receipt } = await late.transact(signed);
    expectEmptyReceipt(receipt, '0x2715', 'MalformedTx');
    await late.finish();
  });

  it('by a node that does not belong to its group', async () => {
    const { raw, hash } = sender.save();
    const body = rpcBody('sendRawTransaction', 1, raw);
    const text = await (await fetch(halted.http(OUTSIDER).url, { method: 'POST', body })).text();
    expect(JSON.parse(text)).toMatchObject({ error: { code: -40_009 } });
    for (const protocol of [1, 2] as const) {
      const client = await clientAt(protocol, halted, OUTSIDER);
      expect(await client.rpcText(body)).toBe(text);
      await client.finish();
    }
    const client = await clientAt(3, halted, OUTSIDER);
    const { answer, receipt } = await client.transact(raw);
    expect(textOf(answer)).toBe(hashAnswer(hash));
    expectEmptyReceipt(receipt, '0x2714', 'RequestNotBelongToTheGroup');
    await client.finish();
  });
});

describe('a transaction that no block may take any more', () => {
  const BEFORE = 40;
  /** Those who wait are looked through for such as it every 16 blocks. */
  const BEHIND = 20;

  it.each([1, 2, 3] as const)('at version %i is refused by a receipt, though it was in the pool', async (protocol) => {
    const client = await clientAt(protocol, narrow);
    const head = Number(await client.rpc('getBlockNumber', 1));
    const blockLimit = BigInt(head + 500);
    const others = Array.from({ length: BEFORE + BEHIND }, () => ({ seq: newSeq(), ...sender.save({ blockLimit }) }));
    // One block for each of those before it: its turn comes far behind its limit.
    const late = { seq: newSeq(), ...sender.save({ blockLimit: BigInt(head + BEFORE / 2) }) };
    const sent = others.toSpliced(BEFORE, 0, late);
    client.write(
      Buffer.concat(sent.map(({ seq, raw }) => encodeFrame(TYPE.rpc, seq, rpcBody('sendRawTransaction', 1, raw)))),
    );
    for (const { seq, hash } of sent) {
      const answer = await client.take((frame) => frame.seq === seq && frame.type === TYPE.rpc, 'the hash');
      expect(textOf(answer)).toBe(hashAnswer(hash));
    }
    for (const { seq, hash } of others) {
      const receipt = await client.take((frame) => frame.seq === seq, 'a receipt');
      expect(readReceipt(receipt)).toMatchObject({ status: '0x0', transactionHash: hash });
    }
    expectEmptyReceipt(await client.take(({ seq }) => seq === late.seq, 'the refusal'), '0x1d', 'TransactionRefused');
    expect(await narrow.http().call('getTransactionByHash', 1, late.hash)).toBeNull();
    await client.finish();
  });
});
