import { once } from 'node:events';
import { connect, type AddressInfo, type Server } from 'node:net';
import { toHex } from '@menglian/base/bytes';
import { makeSmTestChain } from '@menglian/certificates/testing/testCertificates';
import { TestClient } from '@menglian/tlcp/testing/testClient';
import { clientIdentityOf, pairOf, publicKeyOf } from '@menglian/tlcp/testing/testConsortium';
import { afterEach, describe, expect, it } from 'vitest';
import { createCarrier } from './carrier.js';
import type { ClientStream } from './clientStream.js';
import { encodeFrame } from './frame.js';

const CHAIN = makeSmTestChain();

let server: Server | undefined;
const clients: { readonly stream: ClientStream; readonly publicKey: string | undefined }[] = [];
const refusals: string[] = [];

async function connected(chain = CHAIN) {
  server = createCarrier(
    { pair: pairOf(CHAIN), isSameAgency: true },
    {
      onClient: (stream, publicKey) => clients.push({ stream, publicKey }),
      onRefused: (_, reason) => refusals.push(reason),
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new TestClient({
    suites: [0xe011],
    publicKeyOf,
    identity: clientIdentityOf(chain),
  });
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('data', (bytes) => void socket.write(client.receive(bytes)));
  socket.on('error', () => undefined);
  socket.write(client.hello());
  return { client, socket };
}

afterEach(() => {
  for (const { stream } of clients.splice(0)) stream.destroy();
  refusals.length = 0;
  server?.close();
});

describe('the carrier of SM chains', () => {
  it('knows a client by the key of its signing certificate, and carries each frame in a record of its own', async () => {
    const { client, socket } = await connected();
    while (!client.isOpen) await once(socket, 'data');
    expect(clients.map(({ publicKey }) => publicKey)).toEqual([toHex(publicKeyOf(CHAIN.client.der))]);
    const frame = encodeFrame({ type: 0x13, sequence: new Uint8Array(32), result: 0, data: Buffer.from('{}') });
    const { stream } = clients[0]!;
    stream.write(frame);
    stream.write(frame);
    while (client.data.length < 2) await once(socket, 'data');
    expect(client.data.map((bytes) => Buffer.from(bytes))).toEqual([Buffer.from(frame), Buffer.from(frame)]);
    socket.write(client.seal(23, frame));
    const [received] = (await once(stream, 'data')) as [Buffer];
    expect(received.equals(frame)).toBe(true);
    socket.destroy();
  });

  it('says why a client is refused', async () => {
    const { client, socket } = await connected(makeSmTestChain());
    await once(socket, 'close');
    expect([client.alerts, clients]).toEqual([['2.48'], []]);
    expect(refusals).toEqual([expect.stringContaining('trusted')]);
  });
});
