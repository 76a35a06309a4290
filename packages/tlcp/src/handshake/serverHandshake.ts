/**
 * The server's side of the handshake as a state machine: messages in, steps out. It knows no records and no sockets
 * (GB/T 38636-2020, 6.4.4 and 6.4.5; docs/tlcp.md tells where others differ).
 */
import { concatBytes, EMPTY_BYTES } from '@menglian/base/bytes';
import { equalSecrets } from '@menglian/crypto/constantTime';
import { sm2SignAs } from '@menglian/crypto/sm2';
import { derSignature } from '@menglian/crypto/sm2Der';
import { Alert, type Fault } from '../alert.js';
import { CIPHER_SUITES, Version, type CipherSuite } from '../cipherSuites.js';
import type { ClientAuthentication, TlcpIdentity, VerifiedClient } from '../identity.js';
import { masterSecret, RANDOM_BYTES, sessionKeys, verifyData, type Randoms, type SessionKeys } from '../keySchedule.js';
import { RecordProtection } from '../recordProtection.js';
import type { Session, SessionCache } from '../sessionCache.js';
import { provesPossession } from './certificateVerify.js';
import { agreedExchange, encryptedExchange, type KeyExchangeHalf } from './keyExchange.js';
import { encodeHandshake, HandshakeType, type HandshakeMessage } from './handshakeReader.js';
import {
  encodeCertificateRequest,
  encodeCertificates,
  encodeServerHello,
  encodeSignature,
  parseCertificates,
  parseClientHello,
  parseSignature,
  TASSL_SIGNATURE,
  type ClientHello,
} from './messages.js';

export interface HandshakeOptions {
  readonly identity: TlcpIdentity;
  /** undefined: clients are not asked who they are */
  readonly clients: ClientAuthentication | undefined;
  readonly sessions: SessionCache;
  /** bytes that nobody can guess */
  readonly random: (length: number) => Uint8Array;
}

/** What the connection has to do, in order. */
export type Step =
  | { readonly kind: 'send'; readonly message: Uint8Array }
  /** says so in a record of its own, and encrypts what follows */
  | { readonly kind: 'protect'; readonly protection: RecordProtection }
  | { readonly kind: 'done'; readonly session: Session };

type State =
  | 'clientHello'
  | 'certificate'
  | 'clientKeyExchange'
  | 'certificateVerify'
  | 'changeCipherSpec'
  | 'finished'
  | 'done';

const SESSION_ID_BYTES = 32;
/** The message for which a state waits; ChangeCipherSpec is no message of the handshake. */
const AWAITED: Readonly<Partial<Record<State, number>>> = {
  clientHello: HandshakeType.clientHello,
  certificate: HandshakeType.certificate,
  clientKeyExchange: HandshakeType.clientKeyExchange,
  certificateVerify: HandshakeType.certificateVerify,
  finished: HandshakeType.finished,
};

export class ServerHandshake {
  readonly #options: HandshakeOptions;
  readonly #transcript: Uint8Array[] = [];
  #state: State = 'clientHello';
  #steps: Step[] = [];
  /** Of the agreement; the fields below are set by the hello. */
  #version: Version = Version.tlcp;
  #suite: CipherSuite = CIPHER_SUITES[0]!;
  #randoms: Randoms = { client: EMPTY_BYTES, server: EMPTY_BYTES };
  #sessionId: Uint8Array = EMPTY_BYTES;
  #isResumed = false;
  #exchange: KeyExchangeHalf | undefined;
  #client: VerifiedClient | undefined;
  #master: Uint8Array = EMPTY_BYTES;
  #keys: SessionKeys | undefined;

  constructor(options: HandshakeOptions) {
    this.#options = options;
  }

  /** Of records; the client's own choice before the hello. */
  get version(): Version {
    return this.#version;
  }

  /** Whether the hello has settled the version. */
  get hasVersion(): boolean {
    return this.#state !== 'clientHello';
  }

  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** Id under which the session may be kept. */
  get sessionId(): Uint8Array {
    return this.#sessionId;
  }

  receive(message: HandshakeMessage): readonly Step[] | Fault {
    if (message.type !== AWAITED[this.#state]) {
      return { alert: Alert.unexpectedMessage, reason: `message ${message.type} came where ${this.#state} must` };
    }
    this.#steps = [];
    const fault = this.#handle(message);
    return fault ?? this.#steps;
  }

  /** The client encrypts from here on. @returns what decrypts it */
  receiveChangeCipherSpec(): RecordProtection | Fault {
    if (this.#state !== 'changeCipherSpec') {
      return { alert: Alert.unexpectedMessage, reason: 'the client changed to encryption too early' };
    }
    this.#state = 'finished';
    return this.#protection('client');
  }

  #handle(message: HandshakeMessage): Fault | undefined {
    const { body } = message;
    switch (this.#state) {
      case 'clientHello':
        this.#transcript.push(message.bytes);
        return this.#onClientHello(body);
      case 'certificate':
        this.#transcript.push(message.bytes);
        return this.#onCertificate(body);
      case 'clientKeyExchange':
        this.#transcript.push(message.bytes);
        return this.#onClientKeyExchange(body);
      case 'certificateVerify': {
        const fault = this.#onCertificateVerify(body);
        this.#transcript.push(message.bytes);
        return fault;
      }
      default:
        return this.#onFinished(message);
    }
  }

  #onClientHello(body: Uint8Array): Fault | undefined {
    const hello = parseClientHello(body);
    if (hello === undefined) return { alert: Alert.decodeError, reason: 'malformed ClientHello' };
    const version = chooseVersion(hello.version);
    if (version === undefined) {
      const reason = `the client speaks version 0x${hello.version.toString(16).padStart(4, '0')}, not TLCP`;
      return { alert: Alert.protocolVersion, reason };
    }
    const session = this.#resumable(hello, version);
    const suite = session?.suite ?? this.#chooseSuite(hello);
    if (!hello.canLeavePlain) return { alert: Alert.handshakeFailure, reason: 'the client insists on compression' };
    if (suite === undefined) {
      return { alert: Alert.handshakeFailure, reason: 'the client offers no cipher suite of SM; is it set to SM?' };
    }
    if (version === Version.tls12 && hello.signatures?.includes(TASSL_SIGNATURE) === false) {
      return { alert: Alert.handshakeFailure, reason: 'the client does not check signatures of SM2 with SM3' };
    }
    this.#version = version;
    this.#suite = suite;
    // Copied: the record it came in is not ours to keep.
    this.#randoms = { client: hello.random.slice(), server: this.#options.random(RANDOM_BYTES) };
    this.#isResumed = session !== undefined;
    this.#sessionId = session === undefined ? this.#options.random(SESSION_ID_BYTES) : hello.sessionId.slice();
    this.#sendServerHello(hello);
    if (session === undefined) this.#sendKeyExchange(hello);
    else this.#resume(session);
    return undefined;
  }

  /** Only what was agreed on as it is offered now, so that nobody is led to less than both sides can. */
  #resumable(hello: ClientHello, version: Version): Session | undefined {
    if (hello.sessionId.length !== SESSION_ID_BYTES) return undefined;
    const session = this.#options.sessions.get(hello.sessionId);
    const isOffered = session?.version === version && hello.cipherSuites.includes(session.suite.code);
    return isOffered ? session : undefined;
  }

  #chooseSuite(hello: ClientHello): CipherSuite | undefined {
    // An agreed secret needs a client with two certificates.
    const isPossible = (suite: CipherSuite) => suite.keyExchange === 'encrypted' || this.#options.clients !== undefined;
    return CIPHER_SUITES.find((suite) => hello.cipherSuites.includes(suite.code) && isPossible(suite));
  }

  #sendServerHello({ knowsRenegotiation }: ClientHello): void {
    const hello = {
      version: this.#version,
      random: this.#randoms.server,
      sessionId: this.#sessionId,
      cipherSuite: this.#suite.code,
      knowsRenegotiation,
    };
    this.#send(HandshakeType.serverHello, encodeServerHello(hello));
  }

  #sendKeyExchange(hello: ClientHello): void {
    const { identity, clients, random } = this.#options;
    const [signing, ...above] = identity.signingChain;
    this.#send(HandshakeType.certificate, encodeCertificates([signing!, identity.encryptionCertificate, ...above]));
    const exchange =
      this.#suite.keyExchange === 'encrypted'
        ? encryptedExchange(identity, hello.version, random)
        : agreedExchange(identity, this.#version, hello.groups, random);
    this.#exchange = exchange;
    const toSign = concatBytes(this.#randoms.client, this.#randoms.server, exchange.signed);
    const signature = sm2SignAs(toSign, identity.signingKey, identity.signingPublicKey, undefined, random(32));
    this.#send(
      HandshakeType.serverKeyExchange,
      concatBytes(exchange.parameters, encodeSignature(this.#version, derSignature(signature))),
    );
    if (clients !== undefined) {
      this.#send(HandshakeType.certificateRequest, encodeCertificateRequest(this.#version, clients.authorityNames));
    }
    this.#send(HandshakeType.serverHelloDone, EMPTY_BYTES);
    this.#state = clients === undefined ? 'clientKeyExchange' : 'certificate';
  }

  #resume(session: Session): void {
    this.#client = session.client;
    this.#master = session.masterSecret;
    this.#sendFinished();
    this.#state = 'changeCipherSpec';
  }

  #onCertificate(body: Uint8Array): Fault | undefined {
    const certificates = parseCertificates(body);
    if (certificates === undefined) return { alert: Alert.decodeError, reason: 'malformed Certificate' };
    if (certificates.length === 0) return { alert: Alert.handshakeFailure, reason: 'the client shows no certificate' };
    const verified = this.#options.clients!.verify(certificates);
    if (!verified.ok) return verified.reason;
    if (this.#suite.keyExchange === 'agreed' && verified.value.encryptionKey === undefined) {
      const reason = `${this.#suite.name} needs a client with a second certificate, for encryption`;
      return { alert: Alert.badCertificate, reason };
    }
    this.#client = verified.value;
    this.#state = 'clientKeyExchange';
    return undefined;
  }

  #onClientKeyExchange(body: Uint8Array): Fault | undefined {
    const secret = this.#exchange!.readSecret(body, this.#client);
    if (!(secret instanceof Uint8Array)) return secret;
    this.#exchange = undefined;
    this.#master = masterSecret(secret, this.#randoms);
    this.#state = this.#client === undefined ? 'changeCipherSpec' : 'certificateVerify';
    return undefined;
  }

  #onCertificateVerify(body: Uint8Array): Fault | undefined {
    const signature = parseSignature(this.#version, body);
    if (signature === undefined) return { alert: Alert.decodeError, reason: 'malformed CertificateVerify' };
    if (!provesPossession(this.#version, concatBytes(...this.#transcript), signature, this.#client!.signingKey)) {
      return { alert: Alert.decryptError, reason: "the client did not prove that it has its certificate's key" };
    }
    this.#state = 'changeCipherSpec';
    return undefined;
  }

  #onFinished({ body, bytes }: HandshakeMessage): Fault | undefined {
    const expected = verifyData(this.#master, 'client', concatBytes(...this.#transcript));
    if (!equalSecrets(expected, body)) {
      return { alert: Alert.decryptError, reason: 'the handshakes of both sides differ' };
    }
    this.#transcript.push(bytes);
    if (!this.#isResumed) this.#sendFinished();
    this.#state = 'done';
    this.#transcript.length = 0;
    this.#keys = undefined;
    const session = {
      version: this.#version,
      suite: this.#suite,
      masterSecret: this.#master,
      client: this.#client,
    };
    if (!this.#isResumed) this.#options.sessions.set(this.#sessionId, session);
    this.#steps.push({ kind: 'done', session });
    return undefined;
  }

  #sendFinished(): void {
    this.#steps.push({ kind: 'protect', protection: this.#protection('server') });
    const data = verifyData(this.#master, 'server', concatBytes(...this.#transcript));
    this.#send(HandshakeType.finished, data);
  }

  #protection(side: 'client' | 'server'): RecordProtection {
    this.#keys ??= sessionKeys(this.#master, this.#randoms, this.#suite.mode);
    return new RecordProtection(this.#suite.mode, this.#keys[side], this.#version, this.#options.random);
  }

  #send(type: number, body: Uint8Array): void {
    const message = encodeHandshake(type, body);
    this.#transcript.push(message);
    this.#steps.push({ kind: 'send', message });
  }
}

/** TLS 1.2 and what is newer of it: clients of TLS 1.3 offer 1.2 in this place too. */
function chooseVersion(offered: number): Version | undefined {
  if (offered === Version.tlcp) return Version.tlcp;
  return offered >= Version.tls12 && offered < 0x0400 ? Version.tls12 : undefined;
}
