import { loadSuite } from '@menglian/crypto/loadSuite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Cluster } from '../e2e/cluster.js';
import { SUITE } from '../e2e/suite.js';
import { recordedCases, type Json, type RecordedAnswer, type RecordedCase } from '../golden/recordedRpc.js';
import { translate } from '../golden/rpcComparison.js';
import { post, RpcReplay, type Place } from '../golden/rpcReplay.js';
import { ConformanceClient, newSeq, rpcBody } from './conformanceClient.js';
import { encodeFrame, TYPE, type Frame } from './frames.js';
import { Sender } from './sender.js';
import { tlsOptions } from './tlsProfiles.js';

/**
 * Goal: over the SDK port a node answers word for word what it answers over HTTP. Method: the transactions of the golden
 * recording are sent over the SDK port of a chain of four processes, then each recorded request goes both ways. Whether
 * the answers are those of the recording, test/golden tests.
 */

const NODES = 4;
/** Views, peers and heights may change between two requests: then both are asked again. */
const ATTEMPTS = 20;

const suite = await loadSuite(SUITE);
const files = recordedCases(SUITE);
let cluster: Cluster;
let replay: RpcReplay;
let client: ConformanceClient;

beforeAll(async () => {
  cluster = await Cluster.build(NODES);
  cluster.startAll();
  await cluster.linked(NODES - 1);
  replay = await RpcReplay.start(suite, cluster);
  const index = cluster.clients.findIndex(({ url }) => url === replay.url());
  const { folder, rpcPort } = cluster;
  const port = rpcPort - NODES + index;
  client = await ConformanceClient.connect(tlsOptions(port, `${folder}/nodes/127.0.0.1/sdk`, 'java'));
  await sendTransactions();
  await replay.settled();
}, 120_000);

afterAll(async () => {
  await client?.close();
  await cluster?.stop();
});

/** Sends the recorded transactions in one write, and compares each receipt with the one that can be asked for. */
async function sendTransactions(): Promise<void> {
  const sent = replay.firstRun().map((number) => ({ number, seq: newSeq(), ...replay.transaction(number) }));
  client.write(
    Buffer.concat(sent.map(({ seq, raw }) => encodeFrame(TYPE.rpc, seq, rpcBody('sendRawTransaction', 1, raw)))),
  );
  for (const { number, seq, hash } of sent) {
    const ofSeq = (frame: Frame) => frame.seq === seq;
    const answer = await client.take(ofSeq, `the answer to transaction ${number}`);
    expect(textOf(answer)).toBe(`{"id":1,"jsonrpc":"2.0","result":"${hash}"}\n`);
    const receipt = await client.take(ofSeq, `the receipt of transaction ${number}`);
    expect(JSON.parse(textOf(receipt))).toEqual(await replay.call('getTransactionReceipt', 1, hash));
    await replay.mined(number);
  }
}

const textOf = ({ data }: Frame) => data.toString('utf8');

/** The recorded request about what stands here in the place of what was recorded. */
function requestBody({ method, body, params }: RecordedCase): string {
  if (method === 'jsonrpc-envelope') return body;
  const isOfBlock = /ByNumber$|ByBlockNumber/.test(method);
  const translated = params.map((value, index) =>
    translate(value, replay, isOfBlock && index === 1 && replay.numbers.has(Number(value)) ? 'blockNumber' : ''),
  );
  const place = method.endsWith('AndIndex') ? placeOf(String(params[1]), String(params[2])) : undefined;
  if (place !== undefined) {
    translated[1] = method.includes('ByBlockNumber') ? place.blockNumber : place.blockHash;
    translated[2] = place.transactionIndex;
  }
  return rpcBody(method, ...translated);
}

/** Where the transaction at this place of the recorded chain stands here. */
function placeOf(block: string, index: string): Place | undefined {
  const vector = replay.vectors.find(
    ({ blockNumber, receipt }) =>
      (blockNumber === block || receipt?.blockHash === block) && receipt?.transactionIndex === index,
  );
  return vector === undefined ? undefined : replay.places.get(vector.transactionHash);
}

/** Asks over HTTP before and after, so that only what was true all the while is compared. */
async function ask(body: string): Promise<{ http: string; channel: string }> {
  for (let attempt = 1; ; attempt++) {
    const { text: before } = await post(replay.url(), body);
    const channel = textOf(await client.ask(TYPE.rpc, body, newSeq()));
    const { text: http } = await post(replay.url(), body);
    if (before === http || attempt === ATTEMPTS) return { http, channel };
  }
}

/** Sent once, a transaction of the recording would be sent twice here. */
function isAccepted({ method, response }: RecordedCase): boolean {
  return method.startsWith('sendRawTransaction') && 'result' in (response as object);
}

it.each([...files.keys()])('%s', async (method) => {
  let resultsCount = 0;
  for (const one of files.get(method)!.filter((each) => !isAccepted(each))) {
    const { http, channel } = await ask(requestBody(one));
    expect([one.name, channel]).toEqual([one.name, http]);
    if ('result' in (JSON.parse(channel) as RecordedAnswer)) resultsCount += 1;
  }
  const isAnswered = (one: RecordedCase) => !isAccepted(one) && 'result' in (one.response as { [key: string]: Json });
  // Two refusals would be alike, too: most of what was answered must be answered here.
  const answered = files.get(method)!.filter(isAnswered).length;
  expect(resultsCount).toBeGreaterThanOrEqual(answered / 2);
});

it('a new transaction that asks for its proof', async () => {
  const { raw, hash } = new Sender().save();
  const { answer, receipt } = await client.transact(raw, 'sendRawTransactionAndGetProof');
  expect(textOf(answer)).toBe(`{"id":1,"jsonrpc":"2.0","result":"${hash}"}\n`);
  expect(JSON.parse(textOf(receipt))).toMatchObject({ status: '0x0' });
  await client.finish();
});
