import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { RLP } from '@ethereumjs/rlp';
import { FOREIGN } from './foreignAlgorithms.js';

/**
 * A client of FISCO BCOS 2.x written from its public formats alone. It uses no package of this repository, so that an
 * error in our codecs cannot hide by being made on both sides.
 */

export interface Header {
  readonly parentHash: string;
  readonly stateRoot: string;
  readonly transactionsRoot: string;
  readonly receiptsRoot: string;
  readonly dbHash: string;
  readonly logsBloom: string;
  readonly number: number;
  readonly gasLimit: string;
  readonly gasUsed: string;
  readonly timestamp: string;
  readonly extraData: readonly string[];
  readonly sealer: string;
  readonly sealerList: readonly string[];
  readonly hash: string;
  readonly signatureList: readonly { readonly index: string; readonly signature: string }[];
}

export interface Log {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
}

export interface Receipt {
  readonly transactionHash: string;
  readonly transactionIndex: string;
  readonly blockHash: string;
  readonly root: string;
  readonly gasUsed: string;
  readonly contractAddress: string;
  readonly logsBloom: string;
  readonly status: string;
  readonly output: string;
  readonly remainGas: string;
  readonly logs: readonly Log[];
}

type Proof = readonly { readonly left: readonly string[]; readonly right: readonly string[] }[];

const CHAIN_ID = 1;
const GROUP_ID = 1;
const RECEIPT_TIMEOUT_MS = 30_000;

export class ForeignClient {
  readonly #url: string;
  readonly #key = FOREIGN.newKey();

  constructor(url: string) {
    this.#url = url;
  }

  /** 20 bytes */
  get address(): Uint8Array {
    return FOREIGN.hash(this.#key.publicKey).subarray(12);
  }

  async rpc<T>(method: string, ...params: unknown[]): Promise<T> {
    const body = JSON.stringify({ jsonrpc: '2.0', method, params, id: 1 });
    const response = await fetch(this.#url, { method: 'POST', body });
    const { result, error } = (await response.json()) as { result: T; error?: { code: number; message: string } };
    if (error !== undefined) throw new Error(`${error.code} ${error.message}`);
    return result;
  }

  /** Signs and sends. @param to 20 bytes, or undefined to deploy. @returns the hash that the client computed itself */
  async send(to: Uint8Array | undefined, data: Uint8Array): Promise<string> {
    const head = Number(await this.rpc<string>('getBlockNumber', GROUP_ID));
    const fields = [
      randomBytes(31),
      22_000_000_000n,
      4_300_000n,
      head + 500,
      to ?? new Uint8Array(0),
      0,
      data,
      CHAIN_ID,
      GROUP_ID,
      new Uint8Array(0),
    ].map((field) =>
      field instanceof Uint8Array ? withoutLeadingZeros(field, field === data || field === to) : field,
    );
    const { before, scalars } = this.#key.sign(FOREIGN.hash(RLP.encode(fields)));
    const scalar = (start: number) => withoutLeadingZeros(scalars.subarray(start, start + 32), false);
    const signed = RLP.encode([...fields, before, scalar(0), scalar(32)]);
    const hash = await this.rpc<string>('sendRawTransaction', GROUP_ID, hex(signed));
    if (hash !== hex(FOREIGN.hash(signed))) throw new Error('the node computed another hash');
    return hash;
  }

  async receipt(hash: string): Promise<Receipt> {
    const deadline = performance.now() + RECEIPT_TIMEOUT_MS;
    for (;;) {
      const receipt = await this.rpc<Receipt | null>('getTransactionReceipt', GROUP_ID, hash);
      if (receipt !== null) return receipt;
      if (performance.now() > deadline) throw new Error('no receipt');
      await sleep(20);
    }
  }

  async call(to: Uint8Array, data: Uint8Array): Promise<{ status: string; output: string }> {
    return this.rpc('call', GROUP_ID, { from: hex(this.address), to: hex(to), data: hex(data), value: '0x0' });
  }
}

/** RLP integers have no leading zeros; byte strings keep theirs. */
function withoutLeadingZeros(bytes: Uint8Array, isText: boolean): Uint8Array {
  const first = bytes.findIndex((byte) => byte !== 0);
  return isText || first <= 0 ? bytes : bytes.subarray(first);
}

export function hex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString('hex')}`;
}

export function unhex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replace(/^0x/, ''), 'hex'));
}

/** The address of the n-th contract that an account makes, counted from 0. */
export function contractAddress(creator: Uint8Array, count: number): string {
  return hex(FOREIGN.hash(RLP.encode([creator, count])).subarray(12));
}

/** Call data of a function without arguments or with one string. */
export function callData(signature: string, text?: string): Uint8Array {
  const selector = FOREIGN.hash(Buffer.from(signature)).subarray(0, 4);
  return text === undefined ? selector : Uint8Array.from(Buffer.concat([selector, encodeString(text)]));
}

export function topicOf(signature: string): string {
  return hex(FOREIGN.hash(Buffer.from(signature)));
}

function encodeString(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'utf8');
  const padded = Buffer.alloc(Math.ceil(bytes.length / 32) * 32);
  bytes.copy(padded);
  return Buffer.concat([word(32), word(bytes.length), padded]);
}

/** @param data ABI encoding of one string */
export function decodeString(data: string): string {
  const bytes = Buffer.from(unhex(data));
  const length = bytes.readUInt32BE(60);
  return bytes.subarray(64, 64 + length).toString('utf8');
}

function word(value: number): Buffer {
  const buffer = Buffer.alloc(32);
  buffer.writeUInt32BE(value, 28);
  return buffer;
}

export function headerHash(header: Header): string {
  return hex(
    FOREIGN.hash(
      RLP.encode([
        unhex(header.parentHash),
        unhex(header.stateRoot),
        unhex(header.transactionsRoot),
        unhex(header.receiptsRoot),
        unhex(header.dbHash),
        unhex(header.logsBloom),
        header.number,
        BigInt(header.gasLimit),
        BigInt(header.gasUsed),
        BigInt(header.timestamp),
        header.extraData.map(unhex),
        BigInt(header.sealer),
        header.sealerList.map(unhex),
      ]),
    ),
  );
}

/** Node ids whose signatures of a block hold; each must stand at its index in the list of sealers. */
export function signers(header: Header): Set<string> {
  const found = new Set<string>();
  for (const { index, signature } of header.signatureList) {
    const nodeId = header.sealerList[Number(index)]!;
    if (FOREIGN.isSignedBy(unhex(header.hash), unhex(signature), nodeId)) found.add(nodeId);
  }
  return found;
}

export function receiptHash(receipt: Receipt): string {
  return hex(
    FOREIGN.hash(
      RLP.encode([
        unhex(receipt.root),
        BigInt(receipt.gasUsed),
        unhex(receipt.contractAddress),
        unhex(receipt.logsBloom),
        BigInt(receipt.status),
        unhex(receipt.output),
        BigInt(receipt.remainGas),
        receipt.logs.map(({ address, topics, data }) => [unhex(address), topics.map(unhex), unhex(data)]),
      ]),
    ),
  );
}

/** The root to which a Merkle proof leads. */
export function rootOf(leafHash: string, index: number, proof: Proof): string {
  let node = Buffer.concat([RLP.encode(index), unhex(leafHash)]);
  for (const { left, right } of proof) {
    node = Buffer.from(FOREIGN.hash(Buffer.concat([...left.map(unhex), node, ...right.map(unhex)])));
  }
  return hex(node);
}
