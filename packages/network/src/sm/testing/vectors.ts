import { readFileSync } from 'node:fs';
import { fromHex } from '@menglian/base/bytes';
import { verifyCertificateChain } from '@menglian/certificates/verifyCertificateChain';
import type { HandshakeParty } from '../handshake.js';
import type { Role } from '../keySchedule.js';
import { SecondLink } from './secondLink.js';

interface Party {
  readonly privateKey: string;
  readonly publicKey: string;
  readonly ephemeralPrivateKey: string;
  readonly ephemeralPoint: string;
  /** PEM */
  readonly chain: string;
}

interface DirectionKeys {
  readonly secret: string;
  readonly key: string;
  readonly iv: string;
}

/** The published example of docs/links-sm.md, section 9. */
interface Vectors {
  readonly protocol: string;
  readonly authority: string;
  readonly initiator: Party;
  readonly responder: Party;
  readonly agreement: Readonly<Record<'shared' | 'secret' | 'transcriptHashOfKeys', string>>;
  readonly handshakeKeys: Readonly<Record<'hi' | 'hr', DirectionKeys>>;
  readonly proofs: Readonly<Record<`${Role}${'Signature' | 'Mac'}`, string>>;
  readonly handshake: readonly { readonly from: Role; readonly what: string; readonly bytes: string }[];
  readonly transcriptHash: string;
  readonly trafficKeys: Readonly<Record<'ti' | 'tr', DirectionKeys>>;
  readonly records: readonly {
    readonly from: Role;
    readonly number: number;
    readonly content: string;
    readonly bytes: string;
  }[];
  readonly afterFirstKey: Readonly<Record<'ti' | 'tr', DirectionKeys>>;
}

export const vectors = JSON.parse(readFileSync(new URL('vectors.json', import.meta.url), 'utf8')) as Vectors;

/** When its certificates are valid. */
const NOW_MS = Date.UTC(2030, 0);

/** All bytes of one side's handshake, message by message. */
export function messagesOf(role: Role): Buffer[] {
  return vectors.handshake.filter(({ from }) => from === role).map(({ bytes }) => Buffer.from(bytes, 'hex'));
}

/** One of the two sides of the example for the first implementation. */
export function firstParty(role: Role): HandshakeParty {
  const { privateKey, publicKey, ephemeralPrivateKey, ephemeralPoint, chain } = vectors[role];
  return {
    privateKey: fromHex(privateKey),
    publicKey: fromHex(publicKey),
    certificateChain: chain,
    ephemeral: { privateKey: fromHex(ephemeralPrivateKey), publicKey: fromHex(ephemeralPoint) },
    verify: (text) => {
      const verified = verifyCertificateChain(text, [vectors.authority], NOW_MS);
      return verified.ok ? verified.value : verified.reason;
    },
    refusal: () => undefined,
  };
}

/** The same for the second. */
export function secondLink(role: Role): SecondLink {
  const { privateKey, ephemeralPrivateKey, chain } = vectors[role];
  return new SecondLink({
    role,
    ephemeralKey: Buffer.from(ephemeralPrivateKey, 'hex'),
    privateKey: Buffer.from(privateKey, 'hex'),
    chain,
    keyOf: (text) =>
      Buffer.from(vectors[text === vectors.initiator.chain ? 'initiator' : 'responder'].publicKey, 'hex'),
  });
}
