/**
 * Links of SM chains a second time, for tests: written from docs/links-sm.md alone, over OpenSSL's SM3, SM4-CTR and SM2
 * agreement and a GHASH of its own, so that nothing but signatures is shared with what it is held against. Slow and
 * trusting: it looks at no certificate but its key's.
 */
import { createCipheriv, createECDH, createHash, createHmac } from 'node:crypto';
import { sm2Sign, sm2Verify } from '@menglian/crypto/sm2';

const PROTOCOL = Buffer.from('/menglian/sm-links/1');
const RECORDS_PER_KEY = 1_048_576;

export interface SecondOptions {
  readonly role: 'initiator' | 'responder';
  /** 32 bytes */
  readonly ephemeralKey: Buffer;
  /** 32 bytes */
  readonly privateKey: Buffer;
  readonly chain: string;
  /** Of a certificate: X ‖ Y in 64 bytes. */
  keyOf(chain: string): Buffer;
  readonly recordsPerKey?: number;
}

/** What a side that knows all keys may do wrong in its identity. */
export interface Lies {
  readonly verdict?: number;
  /** Instead of the length of the chain. */
  readonly chainBytes?: number;
  /** Signs in the other role. */
  readonly signsAs?: 'initiator' | 'responder';
  /** Of someone else, or from elsewhere; the mac is right. */
  readonly signature?: Buffer;
  /** Changes signature or mac, 96 bytes, when both are made. */
  proof?(proof: Buffer): void;
}

/** What is read and written during the handshake and after it; every intermediate value by its name in the document. */
export class SecondLink {
  readonly values: Record<string, Buffer> = {};
  readonly #options: SecondOptions;
  readonly #publicKey: Buffer;
  readonly #transcript: Buffer[] = [Buffer.of(PROTOCOL.length), PROTOCOL];
  #send: Direction | undefined;
  #receive: Direction | undefined;

  constructor(options: SecondOptions) {
    this.#options = options;
    const agreement = createECDH('SM2');
    agreement.setPrivateKey(options.ephemeralKey);
    this.#publicKey = agreement.getPublicKey().subarray(1);
  }

  /** The first message of either side. */
  ephemeral(): Buffer {
    return Buffer.concat([Buffer.of(0, 64), this.#publicKey]);
  }

  /** @param remote the other side's point */
  agree(remote: Buffer): void {
    const { role, ephemeralKey } = this.#options;
    const agreement = createECDH('SM2');
    agreement.setPrivateKey(ephemeralKey);
    const shared = agreement.computeSecret(Buffer.concat([Buffer.of(4), remote]));
    const [initiatorKey, responderKey] = role === 'initiator' ? [this.#publicKey, remote] : [remote, this.#publicKey];
    this.#transcript.push(initiatorKey!, responderKey!);
    const salt = sm3(Buffer.concat(this.#transcript.slice(0, 2)));
    const secret = hmac(salt, shared);
    const hash = this.#hash();
    const hi = expand(secret, 'initiator handshake', hash, 32);
    const hr = expand(secret, 'responder handshake', hash, 32);
    Object.assign(this.values, { shared, secret, hashOfKeys: hash, hi, hr });
    this.#useSecrets(hi, hr);
  }

  /** The own identity as a record. */
  identity(lies: Lies = {}): Buffer {
    const { role, privateKey, chain } = this.#options;
    const text = Buffer.from(chain);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(lies.chainBytes ?? text.length);
    this.#transcript.push(length, text);
    const signed = signedBytes(lies.signsAs ?? role, this.#hash());
    const signature = lies.signature ?? Buffer.from(sm2Sign(signed, privateKey, PROTOCOL));
    this.#transcript.push(signature);
    const mac = hmac(this.#finishedKey(role), this.#hash());
    this.#transcript.push(mac);
    Object.assign(this.values, { [`${role}Signature`]: signature, [`${role}Mac`]: mac });
    const proof = Buffer.concat([signature, mac]);
    lies.proof?.(proof);
    return this.seal(Buffer.concat([Buffer.of(lies.verdict ?? 0), length, text, proof]));
  }

  /** @param record the other side's identity. @returns its chain. @throws on any difference */
  readIdentity(record: Buffer): string {
    const content = this.open(record);
    const role = this.#options.role === 'initiator' ? 'responder' : 'initiator';
    const length = content.readUInt16BE(1);
    if (content[0] !== 0 || content.length !== 1 + 2 + length + 96) throw new Error('no identity');
    const chain = content.subarray(3, 3 + length).toString();
    const signature = content.subarray(3 + length, 67 + length);
    const mac = content.subarray(67 + length);
    this.#transcript.push(content.subarray(1, 3 + length));
    if (!sm2Verify(signedBytes(role, this.#hash()), signature, this.#options.keyOf(chain), PROTOCOL)) {
      throw new Error('wrong signature');
    }
    this.#transcript.push(signature);
    if (!mac.equals(hmac(this.#finishedKey(role), this.#hash()))) throw new Error('wrong mac');
    this.#transcript.push(mac);
    Object.assign(this.values, { [`${role}Signature`]: signature, [`${role}Mac`]: mac });
    return chain;
  }

  /** When both identities were sent and read. */
  beginTraffic(): void {
    const hash = this.#hash();
    const ti = expand(this.values['secret']!, 'initiator traffic', hash, 32);
    const tr = expand(this.values['secret']!, 'responder traffic', hash, 32);
    Object.assign(this.values, { hashOfAll: hash, ti, tr });
    this.#useSecrets(ti, tr);
  }

  seal(content: Buffer): Buffer {
    const { key, nonce } = this.#send!.next();
    const header = Buffer.alloc(2);
    header.writeUInt16BE(content.length + 16);
    const ciphertext = sm4Counter(key, nonce, content);
    return Buffer.concat([header, ciphertext, gcmTag(key, nonce, header, ciphertext)]);
  }

  open(record: Buffer): Buffer {
    const { key, nonce } = this.#receive!.next();
    const header = record.subarray(0, 2);
    const ciphertext = record.subarray(2, -16);
    if (header.readUInt16BE() !== record.length - 2) throw new Error('wrong length');
    if (!gcmTag(key, nonce, header, ciphertext).equals(record.subarray(-16))) throw new Error('wrong tag');
    return sm4Counter(key, nonce, ciphertext);
  }

  #useSecrets(initiator: Buffer, responder: Buffer): void {
    const { role, recordsPerKey } = this.#options;
    const [own, other] = role === 'initiator' ? [initiator, responder] : [responder, initiator];
    this.#send = new Direction(own, recordsPerKey);
    this.#receive = new Direction(other, recordsPerKey);
  }

  #finishedKey(role: 'initiator' | 'responder'): Buffer {
    return expand(this.values[role === 'initiator' ? 'hi' : 'hr']!, 'finished', Buffer.alloc(0), 32);
  }

  #hash(): Buffer {
    return sm3(Buffer.concat(this.#transcript));
  }
}

/** Keys and nonces of one direction. */
class Direction {
  #secret: Buffer;
  #number = 0;
  readonly #recordsPerKey: number;

  constructor(secret: Buffer, recordsPerKey = RECORDS_PER_KEY) {
    this.#secret = secret;
    this.#recordsPerKey = recordsPerKey;
  }

  next(): { key: Buffer; nonce: Buffer } {
    if (this.#number === this.#recordsPerKey) {
      this.#secret = expand(this.#secret, 'next', Buffer.alloc(0), 32);
      this.#number = 0;
    }
    const nonce = expand(this.#secret, 'iv', Buffer.alloc(0), 12);
    const number = Buffer.alloc(4);
    number.writeUInt32BE(this.#number++);
    for (let i = 0; i < 4; i++) nonce[8 + i]! ^= number[i]!;
    return { key: expand(this.#secret, 'key', Buffer.alloc(0), 16), nonce };
  }
}

function signedBytes(role: string, hash: Buffer): Buffer {
  return Buffer.concat([Buffer.from(role), Buffer.of(0), hash]);
}

function sm3(data: Buffer): Buffer {
  return createHash('sm3').update(data).digest();
}

function hmac(key: Buffer, message: Buffer): Buffer {
  return createHmac('sm3', key).update(message).digest();
}

function expand(secret: Buffer, label: string, context: Buffer, length: number): Buffer {
  const parts = [Buffer.of(0, length), Buffer.of(label.length), Buffer.from(label), Buffer.of(context.length), context];
  return hmac(secret, Buffer.concat([...parts, Buffer.of(1)])).subarray(0, length);
}

function sm4Counter(key: Buffer, nonce: Buffer, data: Buffer): Buffer {
  return createCipheriv('sm4-ctr', key, Buffer.concat([nonce, Buffer.of(0, 0, 0, 2)])).update(data);
}

/** NIST SP 800-38D, 7.1, with numbers as large as blocks. */
function gcmTag(key: Buffer, nonce: Buffer, additional: Buffer, ciphertext: Buffer): Buffer {
  const encrypt = (block: Buffer) => createCipheriv('sm4-ecb', key, null).setAutoPadding(false).update(block);
  const h = BigInt(`0x${encrypt(Buffer.alloc(16)).toString('hex')}`);
  const lengths = Buffer.alloc(16);
  lengths.writeUInt32BE(additional.length * 8, 4);
  lengths.writeUInt32BE(ciphertext.length * 8, 12);
  let sum = 0n;
  for (const block of [...blocksOf(additional), ...blocksOf(ciphertext), lengths]) {
    sum = multiply(sum ^ BigInt(`0x${block.toString('hex')}`), h);
  }
  const mask = BigInt(`0x${encrypt(Buffer.concat([nonce, Buffer.of(0, 0, 0, 1)])).toString('hex')}`);
  return Buffer.from((sum ^ mask).toString(16).padStart(32, '0'), 'hex');
}

function blocksOf(data: Buffer): Buffer[] {
  return Array.from({ length: Math.ceil(data.length / 16) }, (_, i) =>
    Buffer.concat([data.subarray(16 * i, 16 * i + 16), Buffer.alloc(16)]).subarray(0, 16),
  );
}

/** 6.3: the highest bit is the power 0. */
function multiply(x: bigint, y: bigint): bigint {
  let product = 0n;
  let power = y;
  for (let bit = 127n; bit >= 0n; bit--) {
    if ((x >> bit) & 1n) product ^= power;
    power = power & 1n ? (power >> 1n) ^ (0xe1n << 120n) : power >> 1n;
  }
  return product;
}
