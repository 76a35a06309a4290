import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex } from '@menglian/base/bytes';
import { sm2EphemeralKey } from '@menglian/crypto/sm2KeyExchange';
import { Refusal, type HandshakeRefusal } from '../admission.js';
import { initiate, respond, type HandshakeParty } from './handshake.js';
import type { Role } from './keySchedule.js';
import { Script } from './testing/script.js';
import { SecondLink, type Lies } from './testing/secondLink.js';
import { firstParty, messagesOf, secondLink, vectors } from './testing/vectors.js';

/* The handshake against everything that may come instead of it. Sockets are in smHostilePeers.test.ts. */

const ROLES = ['initiator', 'responder'] as const;
const RUN = { initiator: initiate, responder: respond };
const EVERY_BYTE = process.env['MENGLIAN_LONG'] === '1';

function otherOf(role: Role): Role {
  return role === 'initiator' ? 'responder' : 'initiator';
}

/** @returns why `role` ended when the other side said this; `closed` when it went on waiting */
async function outcome(role: Role, incoming: Uint8Array, party = firstParty(role)): Promise<HandshakeRefusal | string> {
  const script = new Script(incoming);
  try {
    await RUN[role](script, party);
    return 'accepted';
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    return error instanceof Error ? error.message : 'no error';
  }
}

/** Everything that the other side of `role` says in the published example. */
function script(role: Role): Buffer {
  return Buffer.concat(messagesOf(otherOf(role)));
}

function withFreshKey(party: HandshakeParty): HandshakeParty {
  return { ...party, ephemeral: sm2EphemeralKey(randomBytes(32)) };
}

describe.each(ROLES)('what the other side says to the %s', (role) => {
  it('is taken as it is in the example', async () => {
    expect(await outcome(role, script(role))).toBe('accepted');
  });

  it('is never taken when a byte of it is another', async () => {
    const good = script(role);
    for (let at = 0; at < good.length; at += EVERY_BYTE || at < 70 || at > good.length - 20 ? 1 : 29) {
      const bad = Buffer.from(good);
      bad[at]! ^= 1 << (at % 8);
      const reason = await outcome(role, bad);
      expect(['MalformedHandshake', 'BadEphemeralKey', 'HandshakeNotAuthentic', 'closed'], `byte ${at}`).toContain(
        reason,
      );
    }
  });

  it('is never taken when it ends early', async () => {
    const good = script(role);
    for (let length = 0; length < good.length; length += EVERY_BYTE || length > good.length - 20 ? 1 : 41) {
      expect(await outcome(role, good.subarray(0, length)), `${length} bytes`).toBe('closed');
    }
  });

  it('is never taken again', async () => {
    expect(await outcome(role, script(role), withFreshKey(firstParty(role)))).toBe('HandshakeNotAuthentic');
  });

  it('is not what it says itself', async () => {
    expect(await outcome(role, Buffer.concat(messagesOf(role)))).toBe('BadEphemeralKey');
  });

  it.each<[string, Buffer, string]>([
    ['a key of no bytes', Buffer.from('0000', 'hex'), 'MalformedHandshake'],
    ['a key with a leading 04', Buffer.concat([Buffer.of(0, 65, 4), Buffer.alloc(64)]), 'MalformedHandshake'],
    ['the largest length', Buffer.from('ffff', 'hex'), 'MalformedHandshake'],
    ['zeros', Buffer.concat([Buffer.of(0, 64), Buffer.alloc(64)]), 'BadEphemeralKey'],
    ['coordinates above the field', Buffer.concat([Buffer.of(0, 64), Buffer.alloc(64, 0xff)]), 'BadEphemeralKey'],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'MalformedHandshake'],
    ['noise', Buffer.concat([Buffer.of(0, 32), randomBytes(32)]), 'MalformedHandshake'],
  ])('is not %s', async (_, bytes, reason) => {
    expect(await outcome(role, bytes)).toBe(reason);
  });

  it('is nothing that chance says, from the start or behind a good key', async () => {
    const key = script(role).subarray(0, 66);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (bytes, behindKey) => {
        const reason = await outcome(role, behindKey ? Buffer.concat([key, bytes]) : bytes);
        expect(['MalformedHandshake', 'BadEphemeralKey', 'HandshakeNotAuthentic', 'closed']).toContain(reason);
      }),
    );
  });

  it.each([0, 16, 16_500, 65_535])('is no record of %i bytes after the key, and none is waited for', async (length) => {
    const header = Buffer.of(length >> 8, length & 255);
    const key = script(role).subarray(0, 66);
    expect(await outcome(role, Buffer.concat([key, header]))).toBe('MalformedHandshake');
  });
});

/** `role` meets someone who holds all keys and lies. @returns why it ended, and what it said about it */
async function meet(
  role: Role,
  lies: Lies & { readonly liar?: SecondLink; readonly verdicts?: Buffer },
  party = firstParty(role),
): Promise<{ reason: string; said: Buffer }> {
  const liar = lies.liar ?? secondLink(otherOf(role));
  const own = secondLink(role);
  const ownKey = own.ephemeral();
  const key = liar.ephemeral();
  liar.agree(ownKey.subarray(2));
  if (role === 'responder') liar.readIdentity(messagesOf('responder')[1]!);
  const script = new Script(key, liar.identity(lies));
  let reason = 'accepted';
  try {
    await RUN[role](script, party);
  } catch (error) {
    reason = error instanceof Refusal ? error.reason : 'closed';
  }
  const saidBefore = role === 'initiator' ? 66 : 66 + messagesOf('responder')[1]!.length;
  const record = script.sent.subarray(saidBefore);
  if (record.length !== 19) return { reason, said: record };
  if (role === 'responder') liar.beginTraffic();
  return { reason, said: liar.open(record) };
}

describe.each(ROLES)('someone who knows all keys of the handshake lies to the %s', (role) => {
  const wrongKey = () =>
    new SecondLink({
      role: otherOf(role),
      ephemeralKey: Buffer.from(vectors[otherOf(role)].ephemeralPrivateKey, 'hex'),
      privateKey: randomBytes(32).fill(1, 0, 1),
      chain: vectors[otherOf(role)].chain,
      keyOf: () => Buffer.from(vectors[role].publicKey, 'hex'),
    });
  const withChain = (chain: string) =>
    new SecondLink({
      role: otherOf(role),
      ephemeralKey: Buffer.from(vectors[otherOf(role)].ephemeralPrivateKey, 'hex'),
      privateKey: Buffer.from(vectors[otherOf(role)].privateKey, 'hex'),
      chain,
      keyOf: () => Buffer.from(vectors[role].publicKey, 'hex'),
    });

  it.each<[string, () => Parameters<typeof meet>[1], string, number | undefined]>([
    ['about the signature', () => ({ liar: wrongKey() }), 'NotTheCertificatesKey', 1],
    ['about its role', () => ({ signsAs: role }), 'NotTheCertificatesKey', 1],
    ['about the length of its chain', () => ({ chainBytes: 5 }), 'BadChainLength', 1],
    ['about a chain that there is not', () => ({ liar: withChain('') }), 'BadChainLength', 1],
    ['with a chain of nothing', () => ({ liar: withChain('hello') }), 'NoCertificate', 1],
    ['with a chain that is too long', () => ({ liar: withChain('x'.repeat(16_385)) }), 'MalformedHandshake', undefined],
    ['with the longest chain', () => ({ liar: withChain('x'.repeat(16_384)) }), 'NoCertificate', 1],
    ['with a changed signature', () => ({ proof: (bytes) => (bytes[5]! ^= 1) }), 'HandshakeNotAuthentic', undefined],
    ['with a changed mac', () => ({ proof: (bytes) => (bytes[95]! ^= 1) }), 'HandshakeNotAuthentic', undefined],
    ['with a verdict in front of its identity', () => ({ verdict: 1 }), 'MalformedHandshake', undefined],
  ])('%s', async (_, lies, reason, verdict) => {
    const result = await meet(role, lies());
    expect(result.reason).toBe(reason);
    expect(result.said).toEqual(verdict === undefined ? Buffer.alloc(0) : Buffer.of(verdict));
  });

  it.each([
    ['OnDenyList', 2],
    ['NotOnAllowList', 3],
    ['SelfConnection', 4],
  ] as const)('and if it does not, but is %s, it is told %i', async (reason, verdict) => {
    const party = { ...firstParty(role), refusal: () => reason };
    expect(await meet(role, {}, party)).toEqual({ reason, said: Buffer.of(verdict) });
  });
});

describe('verdicts', () => {
  it.each([
    [1, 'RefusedByPeerCertificate'],
    [2, 'RefusedByPeerDenyList'],
    [3, 'RefusedByPeerAllowList'],
    [4, 'SelfConnection'],
    [5, 'RefusedByPeer'],
    [255, 'RefusedByPeer'],
  ])('%i is read as %s by both sides', async (byte, reason) => {
    const initiator = secondLink('initiator');
    const [keyOfResponder, identityOfResponder] = messagesOf('responder') as [Buffer, Buffer];
    initiator.agree(keyOfResponder.subarray(2));
    initiator.readIdentity(identityOfResponder);
    expect(await outcome('responder', Buffer.concat([initiator.ephemeral(), initiator.seal(Buffer.of(byte))]))).toBe(
      reason,
    );

    const responder = secondLink('responder');
    const [keyOfInitiator, identityOfInitiator] = messagesOf('initiator') as [Buffer, Buffer];
    responder.agree(keyOfInitiator.subarray(2));
    const identity = responder.identity();
    responder.readIdentity(identityOfInitiator);
    responder.beginTraffic();
    const said = Buffer.concat([responder.ephemeral(), identity, responder.seal(Buffer.of(byte))]);
    expect(await outcome('initiator', said)).toBe(reason);
  });

  it('of the responder count only under the traffic key', async () => {
    const responder = secondLink('responder');
    responder.agree(messagesOf('initiator')[0]!.subarray(2));
    const said = [responder.ephemeral(), responder.identity(), responder.seal(Buffer.of(0))];
    expect(await outcome('initiator', Buffer.concat(said))).toBe('HandshakeNotAuthentic');
  });
});

describe('someone between the two', () => {
  it('who has keys of its own on both sides cannot pass an identity on', async () => {
    const middle = sm2EphemeralKey(randomBytes(32));
    const between = (role: Role) =>
      new SecondLink({
        role,
        ephemeralKey: Buffer.from(middle.privateKey),
        privateKey: randomBytes(32).fill(1, 0, 1),
        chain: vectors[role].chain,
        keyOf: (chain) =>
          Buffer.from(vectors[chain === vectors.initiator.chain ? 'initiator' : 'responder'].publicKey, 'hex'),
      });
    // The honest responder's identity, made for the key of the one between.
    const toResponder = between('initiator');
    const responderSays = new Script(toResponder.ephemeral());
    await respond(responderSays, firstParty('responder')).catch(() => {});
    toResponder.agree(responderSays.sent.subarray(2, 66));
    expect(toResponder.readIdentity(responderSays.sent.subarray(66))).toBe(vectors.responder.chain);
    // Shown to the honest initiator under the keys that it shares with the one between: signed for another transcript.
    const stolen = toResponder.values['responderSignature']!;
    const toInitiator = between('responder');
    toInitiator.agree(fromHexBuffer(vectors.initiator.ephemeralPoint));
    const identity = toInitiator.identity({ signature: stolen });
    expect(await outcome('initiator', Buffer.concat([toInitiator.ephemeral(), identity]))).toBe(
      'NotTheCertificatesKey',
    );
  });
});

function fromHexBuffer(text: string): Buffer {
  return Buffer.from(fromHex(text));
}
