import { concatBytes, EMPTY_BYTES, equalBytes, fromHex, toByteString, utf8Bytes } from '@menglian/base/bytes';
import type { SeededRandom } from '@menglian/base/seededRandom';
import { decodeAbi, decodeAbiLenient, encodeAbi } from '@menglian/codec/abi';
import { parseAbiType } from '@menglian/codec/abiType';
import { BinaryReader, BinaryWriter } from '@menglian/codec/binary';
import { decodeRlp, encodeRlp } from '@menglian/codec/rlp';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { decodeBlock, decodeReceipts, decodeSignatures, encodeBlock, sectionsOfBlock } from '@menglian/types/block';
import { decodeHeader, encodeHeader } from '@menglian/types/header';
import { decodeReceipt, encodeReceipt } from '@menglian/types/receipt';
import { decodeLegacyTransaction, decodeTransaction, signTransaction } from '@menglian/types/transaction';
import { decodeTransactionTable, encodeTransactionTable } from '@menglian/types/transactionTable';
import { recordedFormats, toFields, toHeader, toReceipt } from '../golden/recordedFormats.js';

/** A decoder under attack. */
export interface Subject {
  readonly name: string;
  /** Valid inputs to begin from. */
  readonly samples: readonly Uint8Array[];
  /** Decodes once; of a success it checks what must hold. @returns the reason, or undefined for a success */
  readonly run: (bytes: Uint8Array) => string | undefined | Promise<string | undefined>;
  /** Where changed bytes alone would be stopped at the door, as by a checksum. */
  readonly mutate?: (random: SeededRandom, samples: readonly Uint8Array[]) => Uint8Array;
}

export interface Decoded<T> {
  readonly ok: boolean;
  readonly value?: T;
  readonly reason?: string;
}

/** Whatever decodes must encode to the same bytes: one value, one encoding, one hash. */
export function canonical<T>(decode: (bytes: Uint8Array) => Decoded<T>, encode: (value: T) => Uint8Array) {
  return (bytes: Uint8Array): string | undefined => {
    const decoded = decode(bytes);
    if (!decoded.ok) return decoded.reason;
    if (!equalBytes(encode(decoded.value as T), bytes)) throw new Error('decoded what is no encoding');
    return undefined;
  };
}

/** The canonical form of whatever decodes must decode to the same hashes. */
function stable(suite: CryptoSuite, decode: typeof decodeTransaction) {
  return (bytes: Uint8Array): string | undefined => {
    const decoded = decode(suite, bytes);
    if (!decoded.ok) return decoded.reason;
    const { raw, hash, signingHash, signature } = decoded.value;
    const again = decode(suite, raw);
    if (!again.ok || !equalBytes(again.value.raw, raw)) throw new Error('raw is not canonical');
    if (!equalBytes(again.value.hash, hash) || !equalBytes(again.value.signingHash, signingHash)) {
      throw new Error('raw has other hashes');
    }
    if (signature.length !== suite.signatureLength) throw new Error('signature of another suite');
    return undefined;
  };
}

const ABI_TYPES = ['uint256', 'string[]', '(address,bytes)[2]', 'bytes4', 'uint8[][]', 'bool', 'string'];

function abiSamples(): Uint8Array[] {
  const address = 'd953862a17ff8562b1cfccde9f24ed0f612bf0be';
  const values = (text: string, length: number) => [
    BigInt(length),
    Array.from({ length }, () => text),
    [
      [address, utf8Bytes(text)],
      [address, EMPTY_BYTES],
    ],
    fromHex('08c379a0'),
    Array.from({ length }, () => [1n, 2n, 3n]),
    length > 1,
    text,
  ];
  return [encodeAbi(ABI_TYPES, values('alice', 2)), encodeAbi(ABI_TYPES, values('x'.repeat(100), 5)), EMPTY_BYTES];
}

/** A layout as messages between nodes have it. */
function readMessage(bytes: Uint8Array): string | undefined {
  const reader = new BinaryReader(bytes);
  const message = new BinaryWriter();
  const version = reader.u8();
  const view = reader.u64();
  const value = reader.bigint256();
  const flag = reader.bool();
  const blobs = Array.from({ length: reader.count(64, 4) }, () => reader.blob(4096));
  const kind = reader.u16();
  const hash = reader.bytes(32);
  const reason = reader.end();
  if (reason !== undefined) return reason;
  message.u8(version).u64(view).bigint256(value).bool(flag).u32(blobs.length);
  for (const blob of blobs) message.blob(blob);
  if (!equalBytes(message.u16(kind).bytes(hash).finish(), bytes)) throw new Error('decoded what is no encoding');
  return undefined;
}

function messageSample(blobs: readonly Uint8Array[]): Uint8Array {
  const message = new BinaryWriter().u8(1).u64(7).bigint256(9n).bool(true).u32(blobs.length);
  for (const blob of blobs) message.blob(blob);
  return message.u16(3).bytes(new Uint8Array(32).fill(5)).finish();
}

export async function fuzzSubjects(): Promise<Subject[]> {
  const ecdsa = await loadSuite('ecdsa');
  const sm = await loadSuite('sm');
  const recorded = recordedFormats('ecdsa');
  const ordinary = recorded.vectors.map((vector) => fromHex(vector.signedRlp)).filter((raw) => raw.length < 2000);
  const national = recorded.vectors
    .slice(0, 12)
    .map((vector) => signTransaction(sm, toFields(vector.fields), fromHex(vector.privateKey)).raw);
  const receipts = [...recorded.receipts.values()].map(toReceipt);
  const headers = [...recorded.headers.values()];
  const blocks = [1, 3, 8].map((count) => ({
    header: toHeader(headers[count]!),
    hash: fromHex(headers[count]!.hash),
    transactions: ordinary.slice(0, count),
    signatures: [{ index: 2, signature: new Uint8Array(65).fill(7) }],
    receipts: receipts.slice(0, count),
  }));
  const encodedBlocks = blocks.map(encodeBlock);
  const legacy = ordinary.map((raw) => {
    const items = decodeRlp(raw);
    if (!items.ok || items.value instanceof Uint8Array) throw new Error('not a list');
    return encodeRlp(items.value.toSpliced(7, 3));
  });

  return [
    { name: 'transaction', samples: ordinary, run: stable(ecdsa, decodeTransaction) },
    { name: 'transaction of suite sm', samples: national, run: stable(sm, decodeTransaction) },
    { name: 'transaction of the legacy form', samples: legacy, run: stable(ecdsa, decodeLegacyTransaction) },
    { name: 'receipt', samples: receipts.map(encodeReceipt), run: canonical(decodeReceipt, encodeReceipt) },
    {
      name: 'header',
      samples: headers.map((header) => encodeHeader(toHeader(header))),
      run: canonical(decodeHeader, encodeHeader),
    },
    { name: 'block', samples: encodedBlocks, run: canonical(decodeBlock, encodeBlock) },
    { name: 'sections of a block', samples: encodedBlocks, run: runSections },
    {
      name: 'transaction table',
      samples: blocks.map((block) => encodeTransactionTable(block.transactions)),
      run: canonical(decodeTransactionTable, encodeTransactionTable),
    },
    { name: 'RLP', samples: [...ordinary.slice(0, 20), ...encodedBlocks], run: canonical(decodeRlp, encodeRlp) },
    { name: 'ABI', samples: abiSamples(), run: (bytes) => reasonOf(decodeAbi(ABI_TYPES, bytes)) },
    { name: 'lenient ABI', samples: abiSamples(), run: (bytes) => reasonOf(decodeAbiLenient(ABI_TYPES, bytes)) },
    {
      name: 'ABI type',
      samples: [...ABI_TYPES, '((bool,uint8)[3],string)[][2]'].map(utf8Bytes),
      run: (bytes) => (parseAbiType(toByteString(bytes)) === undefined ? 'not a type' : undefined),
    },
    {
      name: 'binary layout',
      samples: [messageSample([]), messageSample([utf8Bytes('a'), new Uint8Array(300)])],
      run: readMessage,
    },
  ];
}

function runSections(bytes: Uint8Array): string | undefined {
  const sections = sectionsOfBlock(bytes);
  if (!sections.ok) return sections.reason;
  const { header, transactionTable, signatures, receipts } = sections.value;
  const parts = [
    decodeHeader(header),
    decodeTransactionTable(transactionTable),
    decodeSignatures(signatures),
    decodeReceipts(receipts),
  ];
  const whole = decodeBlock(bytes);
  if (whole.ok !== parts.every((part) => part.ok)) throw new Error('sections and block differ');
  return reasonOf(whole);
}

export function reasonOf(decoded: Decoded<unknown>): string | undefined {
  return decoded.ok ? undefined : decoded.reason;
}

/** Inputs that grow with `size`, each meant to make one decoder do as much work as its bytes allow. */
export function growingInputs(size: number): Record<string, Uint8Array> {
  const items = new Uint8Array(size).fill(0x80);
  const listOf = (content: Uint8Array) => concatBytes(listPrefix(content.length), content);
  const word = (value: number) => encodeAbi(['uint256'], [BigInt(value)]);
  const words = Math.floor(size / 32);
  return {
    string: encodeRlp(new Uint8Array(size)),
    'wide list': listOf(items),
    'deep list': deepList(size),
    'list of lists': listOf(items.map((_, index) => (index % 2 === 0 ? 0xc1 : 0xc0))),
    'record of a long string': listOf(concatBytes(new Uint8Array(6).fill(0x80), encodeRlp(new Uint8Array(size)))),
    'record of a wide list': listOf(concatBytes(new Uint8Array(10).fill(0x80), listOf(items))),
    'record of ones': listOf(new Uint8Array(size).fill(1)),
    table: encodeTransactionTable(Array.from({ length: Math.ceil(size / 8) }, () => new Uint8Array(4).fill(1))),
    'array of words': concatBytes(...[0, 32, 0, 0, 0, 0, 0].map(word), ...Array.from({ length: words }, () => word(0))),
    'words that say 32': concatBytes(...Array.from({ length: words }, () => word(32))),
    'words that say 1': concatBytes(...Array.from({ length: words }, () => word(1))),
    'text of a type': utf8Bytes('('.repeat(size)),
    ones: new Uint8Array(size).fill(0xff),
  };
}

/** Lists within lists, about `size` bytes, written from the inside. */
function deepList(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let start = size;
  for (;;) {
    const length = size - start;
    const prefix = listPrefix(length);
    if (start < prefix.length) return bytes.subarray(start);
    start -= prefix.length;
    bytes.set(prefix, start);
  }
}

function listPrefix(length: number): Uint8Array {
  if (length <= 55) return new Uint8Array([0xc0 + length]);
  if (length <= 0xff) return new Uint8Array([0xf8, length]);
  if (length <= 0xffff) return new Uint8Array([0xf9, length >> 8, length]);
  return new Uint8Array([0xfa, length >> 16, length >> 8, length]);
}
