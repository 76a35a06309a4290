import { fromHex } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { verifyMerkleProof } from '@menglian/types/merkle';
import { receiptHash } from '@menglian/types/receipt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cluster } from '../e2e/cluster.js';
import { SUITE } from '../e2e/suite.js';
import { toProof, toReceipt, type JsonReceipt } from './recordedFormats.js';
import {
  isAboutSecondGroup,
  recordedCases,
  SECOND_GROUP,
  type Json,
  type RecordedAnswer,
  type RecordedCase,
} from './recordedRpc.js';
import {
  decompress,
  differences,
  formDifferences,
  inFixedOrder,
  isObject,
  requiredWords,
  translate,
  wireText,
} from './rpcComparison.js';
import { post, recordedSealers, RpcReplay, setBlockTime, type Place } from './rpcReplay.js';

/**
 * Goal: a 2.x HTTP client cannot tell our node from the recorded one. Method: four real processes, every recorded
 * transaction sent again in order, every recorded request sent at the point where it was recorded (during the run where
 * state matters, else after it), and each answer compared: members, JSON types, ways of writing, error codes and texts,
 * and all values that do not depend on the run. Hashes and numbers of blocks and node ids are translated through the
 * transactions and nodes they belong to.
 */

const NODES = 4;

/** How each chain was recorded: numbers are places among its transactions. */
const SCRIPTS = {
  ecdsa: {
    /** 40 transactions that stand in one block */
    batchStart: 24,
    addObserver: 81,
    secondRun: [100, 110],
    /** height when most requests were recorded */
    head: 0x39,
    aboutSecondGroup: 5,
    firstCallHeight: '0x14',
  },
  sm: {
    batchStart: 50,
    addObserver: 104,
    secondRun: undefined,
    head: 0x81,
    aboutSecondGroup: 0,
    firstCallHeight: '0x16',
  },
} as const;

const BATCH_LENGTH = 40;

/** Of deployments whose sender's earlier deployments are not recorded, the addresses differ (golden README). */
const ADDRESS_DEPENDENT = ['contractAddress', 'output', 'logs', 'logsBloom'] as const;

const DIFFERENCES_SHOWN = 20;

const suite = await loadSuite(SUITE);
const script = SCRIPTS[SUITE];
const batch = Array.from({ length: BATCH_LENGTH }, (_, index) => script.batchStart + index);
const files = recordedCases(SUITE);
const found = new Map<string, string[]>();
const compared = new Map<RecordedCase, number>();
let cluster: Cluster;
let replay: RpcReplay;

const casesOf = (method: string) => files.get(method)!;
const isNamed = (pattern: RegExp) => (one: RecordedCase) => pattern.test(one.name);
const isSending = ({ method }: RecordedCase) => method.startsWith('sendRawTransaction');
const isWhileRunning = (one: RecordedCase) =>
  one.method === 'call' || isSending(one) || /^(at genesis|genesis value|after addObserver|deploy: )/.test(one.name);

beforeAll(async () => {
  cluster = await Cluster.build(NODES);
  setBlockTime(cluster, NODES, 100);
  cluster.startAll();
  await cluster.linked(NODES - 1);
  replay = await RpcReplay.start(suite, cluster);
  await compareAll([...files.values()].flat().filter(isNamed(/^(at genesis|genesis value)/)));
  for (const index of replay.firstRun()) await mine(index);
  for (const one of files.get('sendRawTransactionAndGetProof') ?? []) await sendLast(one);
  await replay.noteHead(script.head, recordedHeadHash());
  await compareAll(casesOf('sendRawTransaction').filter((one) => !('result' in (one.response as object))));
  await replay.settled();
  await compareAll([...files.values()].flat().filter((one) => !isAboutSecondGroup(one) && !isWhileRunning(one)));
  if (script.secondRun === undefined) return;
  for (let index: number = script.secondRun[0]; index <= script.secondRun[1]; index++) await mine(index);
  await compareAll(casesOf('getTransactionReceipt').filter(isNamed(/^deploy: /)));
  await playSecondGroup();
}, 120_000);

afterAll(async () => {
  await cluster?.stop();
});

describe('recorded requests', () => {
  it.each([...files.keys()])('%s', (method) => {
    expect((found.get(method) ?? []).slice(0, DIFFERENCES_SHOWN)).toEqual([]);
    expect(
      casesOf(method)
        .filter((one) => compared.get(one) !== 1)
        .map(({ name }) => name),
    ).toEqual([]);
  });
});

/** Makes a second group, asks for it, and removes it again, as the recorded chain did. */
async function playSecondGroup(): Promise<void> {
  for (const [method, name] of SECOND_GROUP) {
    const one = casesOf(method).find((each) => each.name === name)!;
    if (method === 'getBlockByNumber') {
      const { hash } = (one.response as { result: { hash: string } }).result;
      const genesisHash = (await replay.call('getBlockHashByNumber', 2, '0x0')) as string;
      replay.names.set(hash.slice(2), genesisHash.slice(2));
    }
    await compare(one);
  }
}

function recordedHeadHash(): string {
  const [status] = (casesOf('getConsensusStatus')[0]!.response as { result: [{ highestblockHash: string }] }).result;
  return status.highestblockHash;
}

/** Sends one recorded transaction, waits for its block, and asks what was asked then. */
async function mine(index: number): Promise<void> {
  if (batch.includes(index)) {
    if (index !== batch[0]) return;
    await replay.mineTogether(batch);
  } else {
    const { raw, hash } = replay.transaction(index);
    const recorded = casesOf('sendRawTransaction').find(
      ({ params }) => params[1] === replay.vectors[index]!.signedRlp,
    );
    replay.names.set(replay.vectors[index]!.transactionHash.slice(2), hash.slice(2));
    if (recorded === undefined) await replay.send(raw);
    else await compare(recorded, { ...recorded, params: [1, raw] });
    await replay.mined(index);
  }
  const height = replay.vectors[index]!.blockNumber!;
  await compareAll(casesOf('call').filter((one) => callHeight(one) === height));
  if (index === script.addObserver) await compareAll([...files.values()].flat().filter(isNamed(/^after addObserver$/)));
}

/** Height at which a call was recorded; those that were refused do not tell and go with the first ones. */
function callHeight({ response }: RecordedCase): string {
  const { result } = response as { result?: { currentBlockNumber: string } };
  return result?.currentBlockNumber ?? script.firstCallHeight;
}

/** The transaction of the recorded head is in no other file. */
async function sendLast(one: RecordedCase): Promise<void> {
  await compare(one);
  await replay.receipt((one.response as { result: string }).result);
}

async function compareAll(cases: readonly RecordedCase[]): Promise<void> {
  for (const one of cases) await compare(one);
}

/** Sends a recorded request and notes how the answer differs. @param sent what to send, if not the same */
async function compare(one: RecordedCase, sent: RecordedCase = one): Promise<void> {
  const body = requestBody(sent);
  const { status, type, text } = await post(replay.url(askedNode(one)), body);
  const place = `${one.name}`;
  const answer = JSON.parse(text) as Json;
  const lines = [
    ...(status === 200 && type === 'application/json' ? [] : [`${place}: HTTP ${status}, ${type}`]),
    ...(text === wireText(answer) ? [] : [`${place}: not compact, not sorted or without newline`]),
    ...answerDifferences(one, answer, place),
    ...(await proofDifferences(answer as RecordedAnswer, place)),
  ];
  found.set(one.method, [...(found.get(one.method) ?? []), ...lines]);
  compared.set(one, (compared.get(one) ?? 0) + 1);
}

/** The request with blocks named as they are named here. Requests of the envelope go as they are, byte by byte. */
function requestBody({ method, body, params }: RecordedCase): string {
  if (method === 'jsonrpc-envelope') return body;
  const isBlockNumber = /ByNumber$|ByBlockNumber/.test(method);
  const translated = params.map((value, index) =>
    translate(value, replay, isBlockNumber && index === 1 && /^0x/.test(String(value)) ? 'blockNumber' : ''),
  );
  if (/AndIndex$/.test(method)) {
    const place = recordedPlace(String(params[1]), String(params[2]));
    if (place !== undefined) {
      translated[1] = isBlockNumber ? place.blockNumber : place.blockHash;
      translated[2] = place.transactionIndex;
    }
  }
  return JSON.stringify({ jsonrpc: '2.0', method, params: translated, id: 1 });
}

/** Where the transaction at this place of the recorded chain stands here. */
function recordedPlace(block: string, index: string): Place | undefined {
  const vector = replay.vectors.find(
    ({ blockNumber, receipt }) =>
      (blockNumber === block || receipt?.blockHash === block) && receipt?.transactionIndex === index,
  );
  return vector === undefined ? undefined : replay.places.get(vector.transactionHash);
}

/** The recording has answers of other nodes than the first, which they name. */
function askedNode({ response }: RecordedCase): string | undefined {
  const { result } = response as { result?: { NodeID?: string } | [{ nodeId?: string }] };
  if (typeof result !== 'object' || result === null) return undefined;
  const nodeId = 'NodeID' in result ? result.NodeID : Array.isArray(result) ? result[0]?.nodeId : undefined;
  return recordedSealers(SUITE).find((sealer) => sealer === nodeId);
}

function answerDifferences(one: RecordedCase, answer: Json, place: string): string[] {
  if (Array.isArray(one.response) && Array.isArray(answer)) {
    return one.response.flatMap((item, index) =>
      answerDifferences({ ...one, response: item }, answer[index] ?? null, `${place}[${index}]`),
    );
  }
  const { result: recordedResult, error: recordedError, ...recordedRest } = one.response as unknown as RecordedAnswer;
  const { result, error, ...rest } = answer as unknown as RecordedAnswer;
  const envelope = differences(recordedRest as Json, rest as Json, place);
  if (recordedError !== undefined || error !== undefined) {
    return [...envelope, ...errorDifferences(recordedError, error, place)];
  }
  return [...envelope, ...resultDifferences(one, recordedResult!, result ?? null, place)];
}

function errorDifferences(recorded: RecordedAnswer['error'], error: RecordedAnswer['error'], place: string): string[] {
  if (recorded === undefined || error === undefined || error.code !== -32603) {
    return differences((recorded ?? null) as Json, (error ?? null) as Json, `${place}.error`);
  }
  const { message: recordedMessage, ...recordedRest } = recorded;
  const { message, ...rest } = error;
  const words = requiredWords(recordedMessage);
  const isRight = message.startsWith('INTERNAL_ERROR: : INTERNAL_ERROR: : ') && message.includes(words);
  return [
    ...differences(recordedRest as Json, rest as Json, `${place}.error`),
    ...(isRight ? [] : [`${place}.error.message: ${JSON.stringify(message)}, wanted in it: ${words}`]),
  ];
}

function resultDifferences(one: RecordedCase, recorded: Json, result: Json, place: string): string[] {
  const { method, name } = one;
  if (method === 'queryPeers') return formDifferences(recorded, result, place);
  if (name === 'compressed') {
    const unpacked = decompress(result as string);
    const text = unpacked.text === wireText(unpacked.json) ? [] : [`${place}: compressed text is not as sent`];
    const plain = { ...one, name: 'unpacked' };
    return [...text, ...resultDifferences(plain, decompress(recorded as string).json, unpacked.json, place)];
  }
  const isHeight = method === 'getBlockNumber' || /^0x[0-9a-f]{1,4}$/.test(String(recorded));
  const expected = inFixedOrder(method, translate(recorded, replay, isHeight ? 'blockNumber' : ''));
  const actual = inFixedOrder(method, result);
  return differences(...adapted(one, expected, actual), place);
}

/** Puts both sides into a comparable form: positions in blocks, proofs, and what depends on unrecorded deployments. */
function adapted(one: RecordedCase, expected: Json, actual: Json): [Json, Json] {
  if (!isObject(expected) || !isObject(actual)) return [expected, actual];
  const wanted = withPlaces({ ...expected });
  const seen = { ...actual };
  for (const [list, all] of [
    ['transactions', wanted['transactions']],
    ['transactionReceipts', recordedBatchReceipts()],
  ] as const) {
    if (Array.isArray(wanted[list]) && Array.isArray(seen[list])) wanted[list] = sameOrder(all as Json[], seen[list]);
  }
  // The root covers the order inside the block; that it is right, the proofs show.
  const isBatchBlock = Array.isArray(wanted['transactions']) && wanted['transactions'].length > 1;
  const isBatchHeader = wanted['number'] === replay.numbers.get(Number(replay.vectors[script.batchStart]!.blockNumber));
  const isResigned = replay.resignedBlocks.has(Number(wanted['number']));
  if (isBatchBlock || isBatchHeader || isResigned) acceptForm(wanted, seen, 'transactionsRoot');
  for (const proof of ['txProof', 'receiptProof']) {
    if (Array.isArray(wanted[proof]) && Array.isArray(seen[proof])) wanted[proof] = seen[proof];
  }
  for (const part of ['transaction', 'transactionReceipt']) {
    if (isObject(wanted[part] ?? null)) wanted[part] = withPlaces(wanted[part] as { [key: string]: Json });
  }
  if (replay.vectors.some(({ replay: isFull, description }) => isFull === false && description === one.name)) {
    for (const key of ADDRESS_DEPENDENT) acceptForm(wanted, seen, key);
  }
  return [wanted, seen];
}

/** Takes the other value of a member for the recorded one if it is written the same way. */
function acceptForm(recorded: { [key: string]: Json }, seen: { [key: string]: Json }, key: string): void {
  const value = seen[key];
  if (value !== undefined && formDifferences(recorded[key]!, value, key).length === 0) recorded[key] = value;
}

/** The recorded transaction or receipt at the place it has here. */
function withPlaces(value: { [key: string]: Json }): { [key: string]: Json } {
  const place = replay.places.get(String(value['transactionHash'] ?? value['hash']));
  if (place === undefined) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, key in place ? place[key as keyof Place] : item]),
  );
}

/** The recorded entries in the order of ours, at their places. One that is not recorded is left out and so shows up. */
function sameOrder(recorded: readonly Json[], actual: readonly Json[]): Json[] {
  const idOf = (item: Json) => (isObject(item) ? String(item['transactionHash'] ?? item['hash']) : String(item));
  const byId = new Map(recorded.map((item) => [idOf(item), item]));
  return actual.flatMap((item) => {
    const match = byId.get(idOf(item));
    return match === undefined ? [] : [isObject(match) ? withPlaces(match) : match];
  });
}

/** All receipts of the recorded block with 40 transactions, in the form of the batch methods. */
function recordedBatchReceipts(): readonly Json[] {
  const { response } = casesOf('getBatchReceiptsByBlockNumberAndRange').find(
    ({ name }) => name === 'all, not compressed',
  )!;
  return (response as { result: { transactionReceipts: Json[] } }).result.transactionReceipts;
}

/** Merkle proofs cannot equal the recorded ones, because roots hold our state: they must lead to our roots. */
async function proofDifferences({ result }: RecordedAnswer, place: string): Promise<string[]> {
  if (!isObject(result ?? null)) return [];
  const { txProof, receiptProof, transaction, transactionReceipt } = result as { [key: string]: Json };
  const proof = (txProof ?? receiptProof) as unknown as Parameters<typeof toProof>[0] | undefined;
  if (proof === undefined) return [];
  const isBare = proof.every(({ left, right }) => [...left, ...right].every((item) => /^([0-9a-f]{2})+$/.test(item)));
  const subject = (transaction ?? transactionReceipt) as unknown as Place & { hash: string };
  const header = (await replay.call('getBlockHeaderByHash', 1, subject.blockHash, false)) as { [key: string]: string };
  const root = header[txProof === undefined ? 'receiptsRoot' : 'transactionsRoot']!;
  const leaf =
    txProof === undefined
      ? receiptHash(suite, toReceipt(transactionReceipt as unknown as JsonReceipt))
      : fromHex(subject.hash);
  const holds = verifyMerkleProof(suite, Number(subject.transactionIndex), leaf, toProof(proof), fromHex(root));
  return [
    ...(isBare ? [] : [`${place}: proof with 0x`]),
    ...(holds ? [] : [`${place}: the proof does not lead to the root`]),
  ];
}
