/**
 * Records and secrets once more for the tests, written apart from the server: with OpenSSL's SM3, HMAC and SM4, and GHASH
 * by the definition.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';

export function sm3Of(bytes: Uint8Array): Buffer {
  return createHash('sm3').update(bytes).digest();
}

function hmacOf(key: Uint8Array, ...parts: Uint8Array[]): Buffer {
  const mac = createHmac('sm3', key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

export function prf(secret: Uint8Array, label: string, seed: Uint8Array, length: number): Buffer {
  const labelled = Buffer.concat([Buffer.from(label), seed]);
  const blocks: Buffer[] = [];
  let a = hmacOf(secret, labelled);
  while (blocks.length * 32 < length) {
    blocks.push(hmacOf(secret, a, labelled));
    a = hmacOf(secret, a);
  }
  return Buffer.concat(blocks).subarray(0, length);
}

/** One direction: seals and opens the fragments of records, each with the next number. */
export interface TestCipher {
  seal(type: number, content: Uint8Array): Buffer;
  open(type: number, fragment: Uint8Array): Buffer;
}

/** @param keys both directions of the key block, in its order */
export function testCiphers(
  mode: 'gcm' | 'cbc',
  version: number,
  master: Uint8Array,
  randoms: { client: Uint8Array; server: Uint8Array },
): { client: TestCipher; server: TestCipher } {
  const macBytes = mode === 'cbc' ? 32 : 0;
  const saltBytes = mode === 'gcm' ? 4 : 16;
  const total = 2 * (macBytes + 16 + saltBytes);
  const block = prf(master, 'key expansion', Buffer.concat([randoms.server, randoms.client]), total);
  const side = (index: 0 | 1) => {
    const mac = block.subarray(index * macBytes, (index + 1) * macBytes);
    const key = block.subarray(2 * macBytes + index * 16, 2 * macBytes + (index + 1) * 16);
    const salt = block.subarray(2 * macBytes + 32 + index * saltBytes, 2 * macBytes + 32 + (index + 1) * saltBytes);
    return mode === 'cbc' ? cbcCipher(mac, key, version) : gcmCipher(key, salt, version);
  };
  return { client: side(0), server: side(1) };
}

function headerOf(count: bigint, type: number, version: number, length: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeBigUInt64BE(count);
  header[8] = type;
  header.writeUInt16BE(version, 9);
  header.writeUInt16BE(length, 11);
  return header;
}

/** @param extraBlocks of padding beyond the least, for `seal` */
export function cbcCipher(mac: Buffer, key: Buffer, version: number, extraBlocks = 0): TestCipher {
  let count = 0n;
  return {
    seal: (type, content) => {
      const tag = hmacOf(mac, headerOf(count++, type, version, content.length), content);
      const padding = 16 - ((content.length + 32) % 16) + 16 * extraBlocks;
      return sealCbc(key, Buffer.concat([content, tag, Buffer.alloc(padding, padding - 1)]), count);
    },
    open: (type, fragment) => {
      const decipher = createDecipheriv('sm4-cbc', key, fragment.subarray(0, 16)).setAutoPadding(false);
      const bytes = Buffer.concat([decipher.update(fragment.subarray(16)), decipher.final()]);
      const padding = bytes.at(-1)! + 1;
      const content = bytes.subarray(0, bytes.length - padding - 32);
      const tag = hmacOf(mac, headerOf(count++, type, version, content.length), content);
      if (!tag.equals(bytes.subarray(content.length, content.length + 32))) throw new Error('wrong checksum');
      return content;
    },
  };
}

/** Bytes that are padded already. @param count makes the vector, which the tests may guess */
export function sealCbc(key: Buffer, padded: Buffer, count: bigint): Buffer {
  const vector = sm3Of(Buffer.from(`vector ${count}`)).subarray(0, 16);
  const cipher = createCipheriv('sm4-cbc', key, vector).setAutoPadding(false);
  return Buffer.concat([vector, cipher.update(padded), cipher.final()]);
}

function gcmCipher(key: Buffer, salt: Buffer, version: number): TestCipher {
  let count = 0n;
  return {
    seal: (type, content) => {
      const explicit = Buffer.alloc(8);
      // Not the record's number: a client may choose any.
      explicit.writeBigUInt64BE(0xabcd_0000_0000_0000n + count);
      const header = headerOf(count++, type, version, content.length);
      const nonce = Buffer.concat([salt, explicit]);
      const encrypted = counterMode(key, nonce, content);
      return Buffer.concat([explicit, encrypted, gcmTag(key, nonce, header, encrypted)]);
    },
    open: (type, fragment) => {
      const nonce = Buffer.concat([salt, fragment.subarray(0, 8)]);
      const encrypted = fragment.subarray(8, fragment.length - 16);
      const header = headerOf(count++, type, version, encrypted.length);
      const tag = gcmTag(key, nonce, header, encrypted);
      if (!tag.equals(fragment.subarray(fragment.length - 16))) throw new Error('wrong checksum');
      return counterMode(key, nonce, encrypted);
    },
  };
}

function counterBlock(nonce: Buffer, counter: number): Buffer {
  const block = Buffer.alloc(16);
  nonce.copy(block);
  block.writeUInt32BE(counter, 12);
  return block;
}

function counterMode(key: Buffer, nonce: Buffer, bytes: Uint8Array): Buffer {
  return createCipheriv('sm4-ctr', key, counterBlock(nonce, 2)).update(bytes);
}

function gcmTag(key: Buffer, nonce: Buffer, header: Buffer, encrypted: Uint8Array): Buffer {
  const ecb = (block: Buffer) => createCipheriv('sm4-ecb', key, null).setAutoPadding(false).update(block);
  const h = toNumber(ecb(Buffer.alloc(16)));
  const lengths = Buffer.alloc(16);
  lengths.writeUInt32BE(header.length * 8, 4);
  lengths.writeUInt32BE(encrypted.length * 8, 12);
  const input = Buffer.concat([padded(header), padded(encrypted), lengths]);
  let y = 0n;
  for (let offset = 0; offset < input.length; offset += 16) {
    y = multiply(y ^ toNumber(input.subarray(offset, offset + 16)), h);
  }
  const tag = y ^ toNumber(ecb(counterBlock(nonce, 1)));
  return Buffer.from(tag.toString(16).padStart(32, '0'), 'hex');
}

function padded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((16 - (bytes.length % 16)) % 16)]);
}

function toNumber(block: Buffer): bigint {
  return BigInt(`0x${block.toString('hex')}`);
}

/** In GF(2^128) as GCM writes it, the first bit the lowest power (NIST SP 800-38D, algorithm 1). */
function multiply(x: bigint, y: bigint): bigint {
  let z = 0n;
  let v = y;
  for (let i = 127n; i >= 0n; i--) {
    if ((x >> i) & 1n) z ^= v;
    v = v & 1n ? (v >> 1n) ^ (0xe1n << 120n) : v >> 1n;
  }
  return z;
}
