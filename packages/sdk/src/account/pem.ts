import { equalBytes, fromHex, toHex } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import type { SuiteName } from '@menglian/crypto/suite';
import { sdkError } from '../sdkError.js';
import { Account } from './account.js';
import { derInside, type DerItem, derItems, DerTag } from './der.js';

/** id-ecPublicKey, 1.2.840.10045.2.1 */
const EC_PUBLIC_KEY = '2a8648ce3d0201';

/** secp256k1 is 1.3.132.0.10, the curve of SM2 1.2.156.10197.1.301. */
const CURVES: Readonly<Record<SuiteName, string>> = { ecdsa: '2b8104000a', sm: '2a811ccf5501822d' };

/** A key file has some hundred characters. */
const PEM_CHARACTERS_MAX = 65_536;

const KEY_BYTES = 32;

/**
 * The account of a PEM file: `PRIVATE KEY` (PKCS#8, as the script for accounts of 2.x writes it) or `EC PRIVATE KEY`
 * (SEC 1).
 * @throws SdkError `BadKey`, without anything of the text
 */
export async function accountFromPem(pem: string, suite: SuiteName = 'ecdsa'): Promise<Account> {
  const key = pemKey(pem, suite);
  if (key === undefined) {
    const advice = 'give a PEM of PRIVATE KEY or EC PRIVATE KEY, not encrypted, of the curve of the suite';
    throw sdkError('BadKey', 'the PEM holds no private key that this suite can use', advice);
  }
  return new Account(await loadSuite(suite), key);
}

/** The account as the script for accounts of 2.x writes it, except for the public key, which nobody needs there. */
export function pemOfAccount(account: Account): string {
  const curve = element(DerTag.objectIdentifier, fromHex(CURVES[account.suite.name]));
  const algorithm = element(DerTag.sequence, element(DerTag.objectIdentifier, fromHex(EC_PUBLIC_KEY)), curve);
  const key = element(DerTag.octetString, account.exportPrivateKey());
  const sec1 = element(DerTag.sequence, element(DerTag.integer, Uint8Array.of(1)), key);
  const version = element(DerTag.integer, Uint8Array.of(0));
  const pkcs8 = element(DerTag.sequence, version, algorithm, element(DerTag.octetString, sec1));
  const base64 = btoa(String.fromCharCode(...pkcs8));
  return `-----BEGIN PRIVATE KEY-----\n${base64.replaceAll(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`;
}

/** Contents here are below 128 bytes, so that lengths take one byte. */
function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = contents.flatMap((one) => [...one]);
  return Uint8Array.of(tag, content.length, ...content);
}

function pemKey(pem: string, suite: SuiteName): Uint8Array | undefined {
  if (typeof pem !== 'string' || pem.length > PEM_CHARACTERS_MAX) return undefined;
  const match = /-----BEGIN (EC )?PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END (EC )?PRIVATE KEY-----/.exec(pem);
  const bytes = match === null ? undefined : fromBase64(match[2]!);
  const [outer] = (bytes && derItems(bytes)) ?? [];
  return match?.[1] === undefined ? pkcs8Key(outer, suite) : sec1Key(outer, suite);
}

function pkcs8Key(outer: DerItem | undefined, suite: SuiteName): Uint8Array | undefined {
  const [, algorithm, octets] = derInside(outer, DerTag.sequence);
  const [identifier, curve] = derInside(algorithm, DerTag.sequence);
  if (identifier === undefined || toHex(identifier.content) !== EC_PUBLIC_KEY) return undefined;
  if (curve === undefined || toHex(curve.content) !== CURVES[suite]) return undefined;
  return sec1Key(derInside(octets, DerTag.octetString)[0], undefined);
}

/** @param suite whose curve it must name; undefined when something around it has */
function sec1Key(outer: DerItem | undefined, suite: SuiteName | undefined): Uint8Array | undefined {
  const [, key, parameters] = derInside(outer, DerTag.sequence);
  if (suite !== undefined) {
    const [curve] = derInside(parameters, DerTag.context0);
    if (curve === undefined || !equalBytes(curve.content, fromHex(CURVES[suite]))) return undefined;
  }
  if (key?.tag !== DerTag.octetString || key.content.length > KEY_BYTES) return undefined;
  // Some writers drop leading zero bytes.
  const padded = new Uint8Array(KEY_BYTES);
  padded.set(key.content, KEY_BYTES - key.content.length);
  return padded;
}

function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text.replaceAll(/\s/g, '')), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
