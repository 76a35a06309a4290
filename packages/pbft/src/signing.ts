import { utf8Bytes } from '@menglian/base/bytes';
import { BinaryWriter } from '@menglian/codec/binary';
import type { ConsensusCrypto } from '@menglian/consensus-core/ports';
import type { GroupIdentity } from '@menglian/consensus-core/proposal';
import { writeNewViewContent, writeStatementContent } from './messageCodec.js';
import { type Heartbeat, MESSAGE_CODES, type MessageKind, type NewView, type ViewChangeStatement } from './messages.js';

const ENVELOPE_DOMAIN = utf8Bytes('menglian/pbft/3');

/** Of one envelope: prefix, kind, epoch, height, view, signer, digest. */
const ENVELOPE_BYTES = 114;

const PREFIXES = new WeakMap<GroupIdentity, Uint8Array>();

/** A heartbeat is signed by a node, not by an index: its sender may be ahead of us, with other sealers. */
const NO_INDEX = 0xffff;

type Hash = Pick<ConsensusCrypto, 'hash'>;

export interface Envelope {
  readonly kind: MessageKind;
  /** 0 for what is bound to a block hash. */
  readonly epoch: number;
  readonly height: number;
  readonly view: number;
  readonly signer: number;
  readonly digest: Uint8Array;
}

/**
 * The 32 bytes that a consensus signature covers: domain, chain, group, kind, epoch, height, view, signer and content, so
 * that a signature cannot be replayed in another chain, group, phase, epoch, height or view.
 */
export function envelopeDigest(crypto: Hash, group: GroupIdentity, envelope: Envelope): Uint8Array {
  const writer = new BinaryWriter(ENVELOPE_BYTES);
  writer.bytes(prefixOf(group)).u8(MESSAGE_CODES[envelope.kind]);
  writer.u64(envelope.epoch).u64(envelope.height).u64(envelope.view).u16(envelope.signer).bytes(envelope.digest);
  return crypto.hash(writer.finish());
}

/** Domain, chain and group, which are the same in all that a replica signs and checks. */
function prefixOf(group: GroupIdentity): Uint8Array {
  let prefix = PREFIXES.get(group);
  if (prefix === undefined) {
    prefix = new BinaryWriter().blob(ENVELOPE_DOMAIN).bigint256(group.chainId).u32(group.groupId).finish();
    PREFIXES.set(group, prefix);
  }
  return prefix;
}

type Unsigned<T> = Omit<T, 'signature'>;

export function viewChangeDigest(
  crypto: Hash,
  group: GroupIdentity,
  statement: Unsigned<ViewChangeStatement>,
): Uint8Array {
  const writer = new BinaryWriter();
  writeStatementContent(writer, statement);
  const digest = crypto.hash(writer.finish());
  const { epoch, headHeight: height, view, signer } = statement;
  return envelopeDigest(crypto, group, { kind: 'viewChange', epoch, height, view, signer, digest });
}

/** @param height the height that the new view begins at */
export function newViewDigest(
  crypto: Hash,
  group: GroupIdentity,
  height: number,
  message: Unsigned<NewView>,
): Uint8Array {
  const writer = new BinaryWriter();
  writeNewViewContent(writer, message);
  const { epoch, view, signer } = message;
  const digest = crypto.hash(writer.finish());
  return envelopeDigest(crypto, group, { kind: 'newView', epoch, height, view, signer, digest });
}

export function heartbeatDigest(crypto: Hash, group: GroupIdentity, heartbeat: Unsigned<Heartbeat>): Uint8Array {
  const digest = crypto.hash(new BinaryWriter().bytes(heartbeat.hash).u64(heartbeat.toView).finish());
  const { epoch, height, view } = heartbeat;
  return envelopeDigest(crypto, group, { kind: 'heartbeat', epoch, height, view, signer: NO_INDEX, digest });
}
