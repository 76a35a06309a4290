import { parseHex, toHex, utf8Bytes } from '@menglian/base/bytes';
import { keccak256 } from '@menglian/crypto/hashes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { Account } from '../../account/account.js';
import { bytesOf, type Hex, hexOf } from '../../hex.js';
import type { Ports } from '../../ports.js';
import { record, text } from '../../rpc/reader.js';
import { sdkError } from '../../sdkError.js';
import { type Frame, readJson } from './frame.js';

/**
 * Topics on which only those receive whom the publisher knows by their keys. A node asks the publisher about each node that
 * has subscribers; the publisher sends a random text there, and whoever signs it with an accepted key is let in. Facts:
 * docs/amop.md, "Private topics".
 */

/** What nodes know these names by. */
export const RESERVED_PREFIX = '#!$';
const TOPIC_PREFIX = '#!$TopicNeedVerify_';
const VERIFY_PREFIX = '#!$VerifyChannel_';
const PUSH_PREFIX = '#!$PushChannel_';

/** Keys that one topic accepts. */
const KEYS_MAX = 1000;

const PUBLIC_KEY_BYTES = 64;
const SIGNATURE_BYTES = 65;

/** Some clients write the recovery number 0 or 1 as 27 or 28. */
const RECOVERY_BASE = 27;

/** Where messages of the topic go. */
export function privateName(topic: string): string {
  return TOPIC_PREFIX + topic;
}

/** Where the subscriber is asked for its signature. */
export function verifyName(topic: string, ports: Ports): string {
  return `${VERIFY_PREFIX}${privateName(topic)}_${toHex(ports.random(16))}`;
}

/** By which nodes know whom to ask. @param name of `privateName` */
export function pushName(name: string): string {
  return PUSH_PREFIX + name;
}

/** What a subscriber answers to a random text. */
export function signText(account: Account, content: Uint8Array): Uint8Array {
  return bytesOf(account.signDigest(keccak256(content)), 'the signature');
}

/** @throws SdkError `BadArgument` */
export function checkKeys(publicKeys: readonly Hex[]): readonly Hex[] {
  if (publicKeys.length === 0 || publicKeys.length > KEYS_MAX) {
    throw sdkError('BadArgument', `${publicKeys.length} public keys`, `give between 1 and ${KEYS_MAX}`);
  }
  return publicKeys.map((key) => hexOf(bytesOf(key, 'the public key', PUBLIC_KEY_BYTES)));
}

/** Whether one of these keys signed the text. */
export async function isSignedByOne(
  publicKeys: readonly Hex[],
  content: Uint8Array,
  answer: Uint8Array,
): Promise<boolean> {
  if (answer.length !== SIGNATURE_BYTES) return false;
  const suite = await loadSuite('ecdsa');
  const signature = Uint8Array.from(answer);
  if (signature[64]! >= RECOVERY_BASE) signature[64]! -= RECOVERY_BASE;
  const key = suite.recover(keccak256(content), signature);
  return key !== undefined && publicKeys.includes(hexOf(key));
}

/** A text that nobody knows beforehand. */
export function randomText(ports: Ports): Uint8Array {
  return utf8Bytes(toHex(ports.random(16)));
}

/** Frame 0x37: a node asks whether those behind another node may receive. */
export interface Certification {
  readonly nodeId: string;
  /** `privateName` of the topic. */
  readonly topic: string;
  /** Where the subscriber is asked. */
  readonly topicForCert: string;
}

const certification = record({ nodeId: text, topic: text, topicForCert: text });

/** @returns undefined when the frame is none */
export function readCertification(frame: Frame): Certification | undefined {
  try {
    const read = certification(readJson(frame.data), 'certification');
    const isNode = parseHex(read.nodeId)?.length === PUBLIC_KEY_BYTES;
    return isNode && read.topicForCert.startsWith(VERIFY_PREFIX) ? read : undefined;
  } catch {
    return undefined;
  }
}

/** Frame 0x38. */
export function verdictText({ nodeId, topic }: Certification, isAccepted: boolean): Uint8Array {
  return utf8Bytes(JSON.stringify({ checkResult: isAccepted ? 0 : 1, nodeId, topic }));
}
