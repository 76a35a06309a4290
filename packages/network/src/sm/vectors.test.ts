import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '@menglian/base/bytes';
import { sm3 } from '@menglian/crypto/hashes';
import { sm2PublicKey, sm2Verify } from '@menglian/crypto/sm2';
import { initiate, respond } from './handshake.js';
import {
  extractSecret,
  handshakeSecrets,
  nextSecret,
  recordKey,
  SM_LINK_PROTOCOL,
  trafficSecrets,
} from './keySchedule.js';
import { RecordOpener, RecordSealer } from './records.js';
import { Script } from './testing/script.js';
import { firstParty, messagesOf, secondLink, vectors } from './testing/vectors.js';

const ROLES = ['initiator', 'responder'] as const;

function hexOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && toHex(bytes);
}

describe('the published example', () => {
  it('is of the protocol that is spoken, with keys that belong together and certificates that hold', () => {
    expect(vectors.protocol).toBe(SM_LINK_PROTOCOL);
    for (const role of ROLES) {
      const { privateKey, publicKey, ephemeralPrivateKey, ephemeralPoint, chain } = vectors[role];
      expect(toHex(sm2PublicKey(fromHex(privateKey)))).toBe(publicKey);
      expect(toHex(sm2PublicKey(fromHex(ephemeralPrivateKey)))).toBe(ephemeralPoint);
      expect(firstParty(role).verify(chain)).toMatchObject({ nodeId: publicKey });
    }
  });

  it('is what the first implementation says, byte by byte', async () => {
    const [first, second] = [messagesOf('initiator'), messagesOf('responder')];
    const toInitiator = new Script(...second);
    const initiator = await initiate(toInitiator, firstParty('initiator'));
    expect(toHex(toInitiator.sent)).toBe(toHex(Buffer.concat(first)));
    const toResponder = new Script(...first);
    const responder = await respond(toResponder, firstParty('responder'));
    expect(toHex(toResponder.sent)).toBe(toHex(Buffer.concat(second)));

    expect(initiator.chain).toBe(vectors.responder.chain);
    expect(responder.node.nodeId).toBe(vectors.initiator.publicKey);
    const sides = { initiator, responder };
    for (const { from, content, bytes } of vectors.records) {
      expect(hexOf(sides[from].sealer.seal(fromHex(content)))).toBe(bytes);
      expect(hexOf(sides[from === 'initiator' ? 'responder' : 'initiator'].opener.open(fromHex(bytes)))).toBe(content);
    }
  });

  it('has the keys of the first implementation', () => {
    const { agreement, handshakeKeys, trafficKeys, afterFirstKey, transcriptHash } = vectors;
    const secret = extractSecret(fromHex(agreement.shared));
    expect(toHex(secret)).toBe(agreement.secret);
    const handshake = handshakeSecrets(secret, fromHex(agreement.transcriptHashOfKeys));
    const traffic = trafficSecrets(secret, fromHex(transcriptHash));
    const expected = [
      [handshake.initiator, handshakeKeys.hi],
      [handshake.responder, handshakeKeys.hr],
      [traffic.initiator, trafficKeys.ti],
      [traffic.responder, trafficKeys.tr],
      [nextSecret(traffic.initiator), afterFirstKey.ti],
      [nextSecret(traffic.responder), afterFirstKey.tr],
    ] as const;
    for (const [own, { secret: theirs, key, iv }] of expected) {
      expect(toHex(own)).toBe(theirs);
      expect(toHex(recordKey(own).key)).toBe(key);
      expect(toHex(recordKey(own).initializationVector)).toBe(iv);
    }
  });

  it('is what the second implementation says, with every value in between', () => {
    const [initiator, responder] = [secondLink('initiator'), secondLink('responder')];
    const [keyOfInitiator, identityOfInitiator] = messagesOf('initiator') as [Buffer, Buffer];
    const [keyOfResponder, identityOfResponder, verdict] = messagesOf('responder') as [Buffer, Buffer, Buffer];
    expect(initiator.ephemeral()).toEqual(keyOfInitiator);
    expect(responder.ephemeral()).toEqual(keyOfResponder);
    initiator.agree(keyOfResponder.subarray(2));
    responder.agree(keyOfInitiator.subarray(2));
    expect(responder.identity()).toEqual(identityOfResponder);
    expect(initiator.readIdentity(identityOfResponder)).toBe(vectors.responder.chain);
    expect(initiator.identity()).toEqual(identityOfInitiator);
    expect(responder.readIdentity(identityOfInitiator)).toBe(vectors.initiator.chain);
    for (const side of [initiator, responder]) side.beginTraffic();
    expect(responder.seal(Buffer.of(0))).toEqual(verdict);
    expect(initiator.open(verdict)).toEqual(Buffer.of(0));

    const { agreement, handshakeKeys, trafficKeys, proofs, transcriptHash } = vectors;
    for (const { values } of [initiator, responder]) {
      expect(Object.fromEntries(Object.entries(values).map(([name, value]) => [name, toHex(value)]))).toEqual({
        shared: agreement.shared,
        secret: agreement.secret,
        hashOfKeys: agreement.transcriptHashOfKeys,
        hi: handshakeKeys.hi.secret,
        hr: handshakeKeys.hr.secret,
        ...proofs,
        hashOfAll: transcriptHash,
        ti: trafficKeys.ti.secret,
        tr: trafficKeys.tr.secret,
      });
    }
    for (const { from, content, bytes } of vectors.records) {
      const side = from === 'initiator' ? initiator : responder;
      expect(toHex(side.seal(Buffer.from(content, 'hex')))).toBe(bytes);
    }
  });

  it('has signatures that hold for one role of this protocol alone', () => {
    const { initiator, responder } = vectors;
    const chain = Buffer.from(responder.chain);
    const transcript = Buffer.concat([
      Buffer.of(SM_LINK_PROTOCOL.length),
      Buffer.from(SM_LINK_PROTOCOL),
      Buffer.from(initiator.ephemeralPoint + responder.ephemeralPoint, 'hex'),
      Buffer.of(chain.length >> 8, chain.length & 255),
      chain,
    ]);
    const holds = (role: string, signerId?: Uint8Array) =>
      sm2Verify(
        Buffer.concat([Buffer.from(role), Buffer.of(0), sm3(transcript)]),
        fromHex(vectors.proofs.responderSignature),
        fromHex(responder.publicKey),
        signerId,
      );
    expect(holds('responder', Buffer.from(SM_LINK_PROTOCOL))).toBe(true);
    expect(holds('initiator', Buffer.from(SM_LINK_PROTOCOL))).toBe(false);
    expect(holds('responder')).toBe(false);
  });

  it('goes on with the next key when one has sealed its last record', () => {
    const secret = fromHex(vectors.trafficKeys.ti.secret);
    const [sealer, opener] = [new RecordSealer(secret, 2), new RecordOpener(secret, 2)];
    const records = [0, 1, 2].map((byte) => sealer.seal(Uint8Array.of(byte)));
    const next = new RecordSealer(fromHex(vectors.afterFirstKey.ti.secret));
    expect(records[2]).toEqual(next.seal(Uint8Array.of(2)));
    expect(records.map((record) => opener.open(record)?.[0])).toEqual([0, 1, 2]);
  });
});
