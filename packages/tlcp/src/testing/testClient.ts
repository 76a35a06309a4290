/**
 * A client for the tests, written apart from the server's code. It shows certificates of its own making: a text and the
 * public key, which is all that the code under test needs of them.
 */
import { fromBigInt, toBigInt } from '@menglian/base/bytes';
import { Sm2Curve, SM2_ORDER } from '@menglian/crypto/sm2Curve';
import { sm2PublicKey, sm2Sign, sm2Verify } from '@menglian/crypto/sm2';
import { derSignature, parseDerSignature } from '@menglian/crypto/sm2Der';
import { sm2Encrypt } from '@menglian/crypto/sm2Encryption';
import { sm2EphemeralKey, sm2ExchangeAsInitiator, sm2ExchangeAsResponder } from '@menglian/crypto/sm2KeyExchange';
import { prf, sm3Of, testCiphers, type TestCipher } from './testCiphers.js';

/** Names of what a client sends in its handshake; `finished` is changed before it is encrypted. */
export type ClientMessage = 'clientHello' | 'certificate' | 'clientKeyExchange' | 'certificateVerify' | 'finished';

export interface TestClientOptions {
  readonly version: number;
  readonly suites: readonly number[];
  /** none: an empty Certificate where one is asked for */
  readonly hasCertificate: boolean;
  readonly identity: TestIdentity;
  /** of a certificate of the server; 64 bytes */
  readonly publicKeyOf: (certificate: Uint8Array) => Uint8Array;
  /** curve of the key exchange, and with 29 TASSL's role in it */
  readonly group: number;
  /** curves that its hello names before that one */
  readonly otherGroups: readonly number[];
  /** RFC 5746's signalling suite */
  readonly signalsRenegotiation: boolean;
  readonly resume: { readonly sessionId: Uint8Array; readonly master: Uint8Array } | undefined;
  /** changes a message, with its header, before it is sent; the client itself goes on with what it meant */
  readonly change: (name: ClientMessage, message: Buffer) => Buffer;
  /** what the encrypted secret begins with, if not the version */
  readonly secretVersion: number;
  /**
   * what CertificateVerify signs: the messages' hash as a message, the messages, or the hash as it is. Undefined: as is
   * usual under the version
   */
  readonly proof: 'hash' | 'messages' | 'bare' | undefined;
  /** sends the flight of the client in records of so many bytes */
  readonly recordBytes: number;
}

/** What a client shows, in its order, and the keys behind it. */
export interface TestIdentity {
  readonly certificates: readonly Uint8Array[];
  readonly signingKey: Uint8Array;
  readonly encryptionKey: Uint8Array;
}

const SIGNING_KEY = Buffer.alloc(32, 0x11);
const ENCRYPTION_KEY = Buffer.alloc(32, 0x22);

/** A certificate for tests: a text and 64 bytes of key. */
export function testCertificate(text: string, privateKey: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(text), sm2PublicKey(privateKey)]);
}

export function keyOf(certificate: Uint8Array): Uint8Array {
  return certificate.subarray(certificate.length - 64);
}

const IDENTITY: TestIdentity = {
  certificates: [testCertificate('client signs', SIGNING_KEY), testCertificate('client decrypts', ENCRYPTION_KEY)],
  signingKey: SIGNING_KEY,
  encryptionKey: ENCRYPTION_KEY,
};

const DEFAULT_CLIENT: TestClientOptions = {
  version: 0x0101,
  suites: [0xe053],
  hasCertificate: true,
  identity: IDENTITY,
  publicKeyOf: keyOf,
  group: 41,
  otherGroups: [],
  signalsRenegotiation: false,
  resume: undefined,
  change: (_, message) => message,
  secretVersion: 0x0101,
  proof: undefined,
  recordBytes: 16_384,
};

interface TestRecord {
  readonly type: number;
  readonly content: Buffer;
}

export class TestClient {
  readonly options: TestClientOptions;
  readonly #random = Buffer.alloc(32, 0xc1);
  readonly #transcript: Buffer[] = [];
  #received: Buffer = Buffer.alloc(0);
  #messages: Buffer = Buffer.alloc(0);
  #serverRandom: Buffer = Buffer.alloc(32);
  #suite = 0;
  #serverCertificates: Buffer[] = [];
  #serverPoint: Buffer = Buffer.alloc(0);
  #isAsked = false;
  #reading: TestCipher | undefined;
  #writing: TestCipher | undefined;
  #pending: { client: TestCipher; server: TestCipher } | undefined;
  sessionId: Buffer = Buffer.alloc(0);
  master: Uint8Array = Buffer.alloc(0);
  certificateRequest: Buffer = Buffer.alloc(0);
  /** The handshake is done. */
  isOpen = false;
  /** Contents of the records that came after the handshake, and each alert as `level.code`. */
  readonly data: Buffer[] = [];
  readonly alerts: string[] = [];

  constructor(options: Partial<TestClientOptions> = {}) {
    this.options = { ...DEFAULT_CLIENT, ...options };
  }

  /** The first bytes of the connection. */
  hello(): Buffer {
    const { version, suites, group, otherGroups, signalsRenegotiation, resume } = this.options;
    const all = signalsRenegotiation ? [...suites, 0x00ff] : suites;
    const extensions = [
      extension(10, vector(2, Buffer.concat([...otherGroups, group].map((one) => number(2, one))))),
      ...(version === 0x0303 ? [extension(13, vector(2, Buffer.from('07030403', 'hex')))] : []),
    ];
    const body = Buffer.concat([
      number(2, version),
      this.#random,
      vector(1, resume?.sessionId ?? Buffer.alloc(0)),
      vector(2, Buffer.concat(all.map((suite) => number(2, suite)))),
      Buffer.from([1, 0]),
      vector(2, Buffer.concat(extensions)),
    ]);
    return this.#records(22, this.#message('clientHello', 1, body));
  }

  /** @returns what it answers */
  receive(bytes: Uint8Array): Buffer {
    this.#received = Buffer.concat([this.#received, bytes]);
    const answers: Buffer[] = [];
    while (this.#received.length >= 5 && this.#received.length >= 5 + this.#received.readUInt16BE(3)) {
      const end = 5 + this.#received.readUInt16BE(3);
      const record = this.#received.subarray(0, end);
      this.#received = this.#received.subarray(end);
      const type = record[0]!;
      const content = this.#reading?.open(type, record.subarray(5)) ?? record.subarray(5);
      answers.push(this.#onRecord({ type, content }));
    }
    return Buffer.concat(answers);
  }

  /** One record. */
  seal(type: number, content: Uint8Array): Buffer {
    const fragment = this.#writing?.seal(type, content) ?? Buffer.from(content);
    return Buffer.concat([Buffer.from([type]), number(2, this.options.version), vector(2, fragment)]);
  }

  /** The cipher for what the client sends, to be replaced by one that misbehaves. */
  replaceWriting(make: (mac: Buffer, key: Buffer) => TestCipher): void {
    const keys = prf(this.master, 'key expansion', Buffer.concat([this.#serverRandom, this.#random]), 96);
    this.#writing = make(keys.subarray(0, 32), keys.subarray(64, 80));
  }

  #onRecord({ type, content }: TestRecord): Buffer {
    if (type === 23) this.data.push(content);
    if (type === 21) this.alerts.push(`${content[0]}.${content[1]}`);
    if (type === 20) this.#reading = this.#keys().server;
    if (type !== 22) return Buffer.alloc(0);
    this.#messages = Buffer.concat([this.#messages, content]);
    const answers: Buffer[] = [];
    while (this.#messages.length >= 4 && this.#messages.length >= 4 + this.#messages.readUIntBE(1, 3)) {
      const message = this.#messages.subarray(0, 4 + this.#messages.readUIntBE(1, 3));
      this.#messages = this.#messages.subarray(message.length);
      answers.push(this.#onMessage(message));
    }
    return Buffer.concat(answers);
  }

  #onMessage(message: Buffer): Buffer {
    const body = message.subarray(4);
    if (message[0] === 20) return this.#onFinished(message);
    this.#transcript.push(message);
    switch (message[0]) {
      case 2:
        this.#serverRandom = body.subarray(2, 34);
        this.sessionId = body.subarray(35, 35 + body[34]!);
        this.#suite = body.readUInt16BE(35 + body[34]!);
        if (this.options.resume !== undefined && this.sessionId.equals(this.options.resume.sessionId)) {
          this.master = this.options.resume.master;
        }
        break;
      case 11:
        for (let offset = 3; offset < body.length; offset += 3 + body.readUIntBE(offset, 3)) {
          this.#serverCertificates.push(body.subarray(offset + 3, offset + 3 + body.readUIntBE(offset, 3)));
        }
        break;
      case 12:
        this.#checkServerKeyExchange(body);
        break;
      case 13:
        this.#isAsked = true;
        this.certificateRequest = body;
        break;
      case 14:
        return this.#flight();
      default:
        throw new Error(`message ${message[0]}`);
    }
    return Buffer.alloc(0);
  }

  get #isAgreed(): boolean {
    return this.#suite === 0xe051 || this.#suite === 0xe011;
  }

  #checkServerKeyExchange(body: Buffer): void {
    const parameters = this.#isAgreed ? body.subarray(0, 69) : Buffer.alloc(0);
    this.#serverPoint = parameters.subarray(5);
    if (this.#isAgreed && parameters.readUInt16BE(1) !== this.options.group)
      throw new Error('wrong number of the curve');
    const encryption = this.#serverCertificates[1]!;
    const signed = this.#isAgreed ? parameters : vector(3, encryption);
    const tail = body.subarray(parameters.length + (this.options.version === 0x0303 ? 2 : 0));
    const signature = parseDerSignature(tail.subarray(2));
    const message = Buffer.concat([this.#random, this.#serverRandom, signed]);
    if (
      signature === undefined ||
      !sm2Verify(message, signature, this.options.publicKeyOf(this.#serverCertificates[0]!))
    ) {
      throw new Error('wrong signature of the server');
    }
  }

  /** All that the client sends in one go. */
  #flight(): Buffer {
    const { hasCertificate, identity, version } = this.options;
    const messages: Buffer[] = [];
    if (this.#isAsked) {
      const list = hasCertificate ? identity.certificates.map((one) => vector(3, one)) : [];
      messages.push(this.#message('certificate', 11, vector(3, Buffer.concat(list))));
    }
    messages.push(this.#message('clientKeyExchange', 16, this.#keyExchange()));
    if (this.#isAsked && hasCertificate) {
      const transcript = Buffer.concat(this.#transcript);
      const hash = sm3Of(transcript);
      const proof = this.options.proof ?? (version === 0x0303 ? 'bare' : 'hash');
      const signature =
        proof === 'bare'
          ? signHash(hash, identity.signingKey)
          : sm2Sign(proof === 'hash' ? hash : transcript, identity.signingKey);
      const algorithm = version === 0x0303 ? Buffer.from([7, 3]) : Buffer.alloc(0);
      messages.push(
        this.#message('certificateVerify', 15, Buffer.concat([algorithm, vector(2, derSignature(signature))])),
      );
    }
    return Buffer.concat([this.#records(22, Buffer.concat(messages)), this.#finish()]);
  }

  #keyExchange(): Buffer {
    const randoms = Buffer.concat([this.#random, this.#serverRandom]);
    let secret: Uint8Array;
    let body: Buffer;
    if (this.#isAgreed) {
      const ephemeral = sm2EphemeralKey(Buffer.alloc(32, 0x77));
      const isTassl = this.options.group === 29;
      const shared = (isTassl ? sm2ExchangeAsInitiator : sm2ExchangeAsResponder)(
        { privateKey: this.options.identity.encryptionKey, ephemeralPrivateKey: ephemeral.privateKey },
        { publicKey: this.options.publicKeyOf(this.#serverCertificates[1]!), ephemeralPublicKey: this.#serverPoint },
        48,
      );
      secret = shared!.key;
      const point = vector(1, Buffer.concat([Buffer.from([4]), ephemeral.publicKey]));
      const parameters = Buffer.concat([Buffer.from([3]), number(2, this.options.group), point]);
      body = isTassl ? parameters : vector(2, parameters);
    } else {
      secret = Buffer.concat([number(2, this.options.secretVersion), Buffer.alloc(46, 0x5e)]);
      body = vector(
        2,
        sm2Encrypt(secret, this.options.publicKeyOf(this.#serverCertificates[1]!), Buffer.alloc(32, 0x33), 'asn1'),
      );
    }
    this.master = prf(secret, 'master secret', randoms, 48);
    return body;
  }

  #keys(): { client: TestCipher; server: TestCipher } {
    const mode = this.#suite === 0xe053 || this.#suite === 0xe051 ? 'gcm' : 'cbc';
    const randoms = { client: this.#random, server: this.#serverRandom };
    this.#pending ??= testCiphers(mode, this.options.version, this.master, randoms);
    return this.#pending;
  }

  #finish(): Buffer {
    const change = this.seal(20, Buffer.from([1]));
    this.#writing = this.#keys().client;
    const data = prf(this.master, 'client finished', sm3Of(Buffer.concat(this.#transcript)), 12);
    return Buffer.concat([change, this.#records(22, this.#message('finished', 20, data))]);
  }

  #onFinished(message: Buffer): Buffer {
    const expected = prf(this.master, 'server finished', sm3Of(Buffer.concat(this.#transcript)), 12);
    if (!message.subarray(4).equals(expected)) throw new Error('wrong end of the server');
    this.#transcript.push(message);
    this.isOpen = true;
    return this.#writing === undefined ? this.#finish() : Buffer.alloc(0);
  }

  #message(name: ClientMessage, type: number, body: Buffer): Buffer {
    const message = Buffer.concat([Buffer.from([type]), vector(3, body)]);
    this.#transcript.push(message);
    return this.options.change(name, message);
  }

  #records(type: number, content: Buffer): Buffer {
    const records: Buffer[] = [];
    for (let offset = 0; offset < content.length; offset += this.options.recordBytes) {
      records.push(this.seal(type, content.subarray(offset, offset + this.options.recordBytes)));
    }
    return Buffer.concat(records);
  }
}

/** SM2's signature with e given, as TASSL makes it under TLS 1.2: no identity, no key in the hash. */
function signHash(hash: Uint8Array, privateKey: Uint8Array): Uint8Array {
  const key = toBigInt(privateKey);
  const nonce = toBigInt(sm3Of(hash)) % SM2_ORDER;
  const r = (toBigInt(hash) + Sm2Curve.BASE.multiply(nonce).toAffine().x) % SM2_ORDER;
  const s = Sm2Curve.Fn.mul(Sm2Curve.Fn.inv(key + 1n), Sm2Curve.Fn.create(nonce - r * key));
  return Buffer.concat([fromBigInt(r, 32), fromBigInt(s, 32)]);
}

export function number(size: number, value: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value, 0, size);
  return bytes;
}

export function vector(size: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([number(size, bytes.length), bytes]);
}

function extension(type: number, content: Buffer): Buffer {
  return Buffer.concat([number(2, type), vector(2, content)]);
}
