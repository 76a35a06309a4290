import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeSmTestChain, SM_ENCRYPTION_USAGE, keyPem } from '@menglian/certificates/testing/testCertificates';
import { MAX_CONNECTIONS_PER_SECOND } from '../limits.js';
import {
  addressOf,
  makeConsortium,
  makeIdentity,
  makeNetwork,
  pause,
  waitUntil,
  type TestNetwork,
} from '../testNetworks.js';
import { SecondLink } from './testing/secondLink.js';
import {
  dialSecond,
  listenSecond,
  negotiate,
  openStreams,
  secondOptions,
  takeStreams,
  yamuxData,
  type SecondConnection,
  type SecondIdentity,
} from './testing/secondPeer.js';

/* Attacks over sockets, as hostilePeers.test.ts has them for standard chains. What is not about encryption is there. */

const consortium = makeConsortium('sm');
const others = makeConsortium('sm');
const member = makeIdentity(consortium, 'member');
const MESSAGE = Buffer.concat([Buffer.of(0, 0, 0, 4, 1, 0, 1), Buffer.of(42)]);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Node under attack; a friend is linked to it all the time and must not notice anything. */
let victim: TestNetwork;
let friend: TestNetwork;

beforeAll(async () => {
  victim = makeNetwork(makeIdentity(consortium, 'victim'), []);
  await victim.network.start();
  friend = makeNetwork(makeIdentity(consortium, 'friend'), [addressOf(victim)]);
  await friend.network.start();
  await waitUntil('linked', () => victim.network.peers().length === 1 && friend.network.peers().length === 1);
});

beforeEach(async () => {
  // Below the rate at which the victim stops taking connections of one address.
  await pause(1500 / MAX_CONNECTIONS_PER_SECOND);
  victim.log.length = 0;
  victim.messages.length = 0;
});

afterAll(async () => {
  friend.network.broadcast({ group: 1, module: 'consensus' }, Uint8Array.of(7));
  await waitUntil('the friend is heard', () => victim.messages.some(({ payload }) => payload[0] === 7));
  expect(friend.peerEvents.map(({ kind }) => kind)).toEqual(['up']);
  await Promise.all([victim.network.stop(), friend.network.stop()]);
});

function dial(identity: SecondIdentity = member): Promise<SecondConnection> {
  return dialSecond(addressOf(victim), victim.identity.nodeId, identity);
}

async function linked(): Promise<SecondConnection> {
  const connection = await dial();
  openStreams(connection);
  await waitUntil('the member is up', () => victim.network.peers().length === 2);
  return connection;
}

async function expectLine(text: string): Promise<void> {
  await waitUntil(text, () => victim.log.some((line) => line.includes(text)));
  await waitUntil('the others stay', () => victim.network.peers().length === 1);
}

describe('the second implementation', () => {
  it('dials a node, is up, and is heard', async () => {
    const connection = await linked();
    expect(connection.remoteChain).toBe(victim.identity.certificatePem);
    connection.socket.write(connection.link.seal(yamuxData(1, MESSAGE)));
    await waitUntil('it is heard', () => victim.messages.length === 1);
    expect(victim.messages[0]).toMatchObject({ from: member.nodeId, channel: { group: 1, module: 'consensus' } });
    connection.socket.write(connection.link.seal(Buffer.alloc(0)));
    // The victim says its own last record.
    let content = connection.link.open(await connection.readRecord());
    while (content.length > 0) content = connection.link.open(await connection.readRecord());
    await connection.isClosed();
    await expectLine('reason=ClosedByPeer');
  });

  it('is dialled by a node, is up, and hears', async () => {
    const caller = makeIdentity(consortium, 'caller');
    const listener = await listenSecond(caller.nodeId, member);
    const node = makeNetwork(caller, [listener.address]);
    await node.network.start();
    const connection = await listener.connection;
    expect(connection.remoteChain).toBe(caller.certificatePem);
    let heard = await takeStreams(connection);
    await waitUntil('up', () => node.network.peers().length === 1);
    node.network.send(member.nodeId, { group: 1, module: 'sync' }, Uint8Array.of(42));
    while (!heard.includes(MESSAGE))
      heard = Buffer.concat([heard, connection.link.open(await connection.readRecord())]);
    listener.close();
    await node.network.stop();
    await connection.isClosed();
  });
});

describe('certificates', () => {
  const encryption = makeIdentity(consortium, 'member', { keyUsage: SM_ENCRYPTION_USAGE });
  const standard = makeIdentity(makeConsortium(), 'member');
  const past = { notBefore: '20200101000000Z', notAfter: '20200102000000Z' };
  const stranger = makeIdentity(others, 'stranger');
  const { client } = makeSmTestChain();

  it.each<[string, SecondIdentity, string]>([
    ["another consortium's", stranger, 'UnknownAuthority'],
    [
      "another consortium's leaf with our authorities behind it",
      {
        ...stranger,
        certificatePem:
          stranger.certificatePem.split('-----END CERTIFICATE-----\n')[0] +
          '-----END CERTIFICATE-----\n' +
          consortium.agency.pem +
          consortium.chain.pem,
      },
      'BadSignature',
    ],
    ['an expired', makeIdentity(consortium, 'old', past), 'Expired'],
    ["a client's", makeIdentity(consortium, 'sdk', { organizationalUnit: 'sdk' }), 'LeafIsClient'],
    [
      "a client's of another chain",
      { privateKeyPem: keyPem(client.privateKey), certificatePem: client.pem },
      'Unknown',
    ],
    ['an encryption', encryption, 'LeafKeyUsage'],
    ["a standard chain's", { ...member, certificatePem: standard.certificatePem }, 'MixedAlgorithms'],
    ['an empty', { ...member, certificatePem: '' }, 'BadChainLength'],
    ['a too long', { ...member, certificatePem: 'x'.repeat(16_385) }, 'MalformedHandshake'],
    ['a garbled', { ...member, certificatePem: 'x'.repeat(1000) }, 'NoCertificate'],
    ['a stolen', { ...member, privateKeyPem: stranger.privateKeyPem }, 'NotTheCertificatesKey'],
  ])('%s certificate is refused before any protocol', async (_, identity, reason) => {
    const error = await dial(identity).then(
      () => 'accepted',
      (thrown: Error) => thrown.message,
    );
    expect(error).toBe(reason === 'MalformedHandshake' ? 'closed' : 'verdict 1');
    await expectLine(`reason=${reason}`);
  });

  it('a good one of a standard chain is refused where the authorities of both kinds are trusted', async () => {
    const standardConsortium = makeConsortium();
    const identity = makeIdentity(standardConsortium, 'member');
    const authorityPems = [consortium.chain.pem, standardConsortium.chain.pem];
    const tolerant = makeNetwork(makeIdentity(consortium, 'tolerant'), [], { authorityPems });
    await tolerant.network.start();
    const dialled = dialSecond(addressOf(tolerant), tolerant.identity.nodeId, {
      ...member,
      certificatePem: identity.certificatePem,
    });
    await expect(dialled).rejects.toThrow('verdict 1');
    await waitUntil('it is logged', () => tolerant.log.some((line) => line.includes('reason=WrongKeyAlgorithm')));
    await tolerant.network.stop();
  });

  it('the own one, with the own key, is not reported: nodes dial themselves by accident', async () => {
    await expect(dial(victim.identity)).rejects.toThrow('verdict 4');
    expect(victim.log).toEqual([]);
  });
});

describe('bytes in the handshake', () => {
  it.each<[string, (link: SecondLink) => Buffer, string]>([
    ['an ephemeral key of 65,535 bytes', () => Buffer.from('ffff', 'hex'), 'MalformedHandshake'],
    ['no point of the curve', () => Buffer.concat([Buffer.of(0, 64), Buffer.alloc(64, 1)]), 'BadEphemeralKey'],
    ['a message of noise', () => Buffer.concat([Buffer.of(0, 32), Buffer.alloc(32, 9)]), 'MalformedHandshake'],
    [
      'garbage after the key',
      (link) => Buffer.concat([link.ephemeral(), Buffer.alloc(5000, 0x04)]),
      'HandshakeNotAuthentic',
    ],
    [
      'a long record after the key',
      (link) => Buffer.concat([link.ephemeral(), Buffer.from('ffff', 'hex')]),
      'MalformedHandshake',
    ],
    ['four megabytes', (link) => Buffer.concat([link.ephemeral(), Buffer.alloc(4 << 20, 0x2f)]), ''],
  ])('%s end it at once', async (_, bytes, reason) => {
    const connection = await negotiate(addressOf(victim));
    connection.socket.write(bytes(new SecondLink(secondOptions('initiator', member, victim.identity.nodeId))));
    await connection.isClosed();
    await expectLine(`connection refused`);
    expect(victim.log[0]).toContain(`reason=${reason}`);
  });

  it('a peer that hangs up in the middle is reported as that', async () => {
    const connection = await negotiate(addressOf(victim));
    const link = new SecondLink(secondOptions('initiator', member, victim.identity.nodeId));
    connection.socket.end(link.ephemeral());
    await connection.isClosed();
    await expectLine('reason=HandshakeFailed');
  });

  it('failed handshakes, over and over, cost no memory', async () => {
    const used = async () => {
      await pause(50);
      collectGarbage();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const rounds = async (count: number) => {
      for (let i = 0; i < count; i++) {
        await pause(1500 / MAX_CONNECTIONS_PER_SECOND);
        await dial(i % 2 === 0 ? makeIdentity(others, 'stranger') : { ...member, certificatePem: '' }).catch(() => {});
      }
      victim.log.length = 0;
    };
    await rounds(10);
    const before = await used();
    await rounds(20);
    expect((await used()) - before).toBeLessThan(5_000_000);
  });
});

describe('bytes of members after the handshake', () => {
  it.each<[string, (connection: SecondConnection) => Buffer, string]>([
    ['a record that is too short', () => Buffer.of(0, 15), 'BadRecordLength'],
    ['a record of nobody', () => Buffer.concat([Buffer.of(0, 20), Buffer.alloc(20)]), 'RecordNotAuthentic'],
    [
      'a record with a changed bit',
      ({ link }) => {
        const record = link.seal(yamuxData(1, MESSAGE));
        record[20]! ^= 1;
        return record;
      },
      'RecordNotAuthentic',
    ],
    [
      'a record twice',
      ({ link }) => {
        const record = link.seal(yamuxData(1, MESSAGE));
        return Buffer.concat([record, record]);
      },
      'RecordNotAuthentic',
    ],
    [
      'a record left out',
      ({ link }) => {
        link.seal(MESSAGE);
        return link.seal(yamuxData(1, MESSAGE));
      },
      'RecordNotAuthentic',
    ],
  ])('%s ends the link', async (_, bytes, reason) => {
    const connection = await linked();
    connection.socket.write(bytes(connection));
    await connection.isClosed();
    await expectLine(`reason=${reason}`);
  });

  it('an end without the last record is reported: something may be missing', async () => {
    const connection = await linked();
    connection.socket.end(connection.link.seal(yamuxData(1, MESSAGE)));
    await expectLine('reason=CutOff');
    expect(victim.messages).toHaveLength(1);
  });

  it('so is a reset, which a system sends for a process that ends with something unread', async () => {
    const connection = await linked();
    connection.socket.resetAndDestroy();
    await expectLine('reason=CutOff');
  });

  it('nothing is read behind the last record', async () => {
    const connection = await linked();
    const { link } = connection;
    connection.socket.write(Buffer.concat([link.seal(Buffer.alloc(0)), link.seal(yamuxData(1, MESSAGE))]));
    await connection.isClosed();
    await expectLine('reason=ClosedByPeer');
    expect(victim.messages).toHaveLength(0);
  });

  it('a long record that comes byte by byte holds nobody up', async () => {
    const connection = await linked();
    connection.socket.setNoDelay(true);
    const record = connection.link.seal(
      yamuxData(1, Buffer.concat([Buffer.of(0, 0, 0x07, 0xd3, 1, 0, 1), Buffer.alloc(2000)])),
    );
    for (const byte of record) connection.socket.write(Buffer.of(byte));
    await waitUntil('it is heard', () => victim.messages.length === 1);
    connection.socket.destroy();
    await expectLine('reason=CutOff');
  });
});

describe('the other family', () => {
  const standard = makeConsortium();

  it.each([
    ['an SM node', member, makeIdentity(standard, 'standard')],
    ['a standard node', makeIdentity(standard, 'standard'), member],
  ])('%s does not find a common protocol with it', async (_, listening, dialling) => {
    const listener = makeNetwork(listening, []);
    await listener.network.start();
    const dialler = makeNetwork(dialling, [addressOf(listener)]);
    await dialler.network.start();
    await waitUntil('two tries', () => dialler.log.filter((line) => line.includes('peer not reached')).length >= 2);
    expect(dialler.log.find((line) => line.includes('peer not reached'))).toContain('OtherLinkProtocol');
    expect(listener.network.peers()).toEqual([]);
    await Promise.all([listener.network.stop(), dialler.network.stop()]);
  });
});
