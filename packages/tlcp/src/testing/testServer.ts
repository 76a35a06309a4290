import { SeededRandom } from '@menglian/base/seededRandom';
import { failure, success } from '@menglian/base/result';
import { sm2PublicKey } from '@menglian/crypto/sm2';
import { Alert } from '../alert.js';
import type { HandshakeOptions } from '../handshake/serverHandshake.js';
import type { ClientAuthentication, TlcpIdentity } from '../identity.js';
import { ServerConnection, type ConnectionEvent } from '../serverConnection.js';
import { SessionCache } from '../sessionCache.js';
import { keyOf, testCertificate, type TestClient } from './testClient.js';

const SIGNING_KEY = Buffer.alloc(32, 0x33);
const ENCRYPTION_KEY = Buffer.alloc(32, 0x44);

export const TEST_IDENTITY: TlcpIdentity = {
  signingKey: SIGNING_KEY,
  signingPublicKey: sm2PublicKey(SIGNING_KEY),
  signingChain: [testCertificate('server signs', SIGNING_KEY), Buffer.from('agency')],
  encryptionKey: ENCRYPTION_KEY,
  encryptionCertificate: testCertificate('server decrypts', ENCRYPTION_KEY),
};

/** Lets in who shows certificates of `TestClient`, as many as come. */
export const TEST_CLIENTS: ClientAuthentication = {
  authorityNames: [Buffer.from('chain')],
  verify: ([signing, encryption]) => {
    if (signing === undefined || !Buffer.from(signing).includes('client signs') || signing.length !== 76) {
      return failure({ alert: Alert.badCertificate, reason: 'not a client of the tests' });
    }
    return success({
      certificate: signing,
      signingKey: keyOf(signing),
      encryptionKey: encryption === undefined ? undefined : keyOf(encryption),
    });
  },
};

export function testOptions(changes: Partial<HandshakeOptions> = {}): HandshakeOptions {
  const random = new SeededRandom(38_636);
  return {
    identity: TEST_IDENTITY,
    clients: TEST_CLIENTS,
    sessions: new SessionCache(() => 0),
    random: (length) => random.bytes(length),
    ...changes,
  };
}

/** A client and a server that talk until neither has anything to say. */
export class TestPair {
  readonly client: TestClient;
  readonly server: ServerConnection;
  readonly events: ConnectionEvent[] = [];

  constructor(client: TestClient, options: HandshakeOptions = testOptions()) {
    this.client = client;
    this.server = new ServerConnection(options);
  }

  /** Gives bytes to the server, and carries what follows. */
  deliver(bytes: Uint8Array): void {
    for (const event of this.server.receive(bytes)) {
      this.events.push(event);
      if (event.kind !== 'send') continue;
      const answer = this.client.receive(event.bytes);
      if (answer.length > 0) this.deliver(answer);
    }
  }

  handshake(): this {
    this.deliver(this.client.hello());
    return this;
  }

  /** Why it ended; 'goodbye' after an end without a fault, undefined while it lasts. */
  get end(): string | undefined {
    const end = this.events.find((event) => event.kind === 'end');
    return end === undefined ? undefined : (end.reason ?? 'goodbye');
  }

  /** Contents that reached the server. */
  get data(): Uint8Array[] {
    return this.events.flatMap((event) => (event.kind === 'data' ? [event.bytes] : []));
  }
}
