import { createPrivateKey } from 'node:crypto';
import { utf8Bytes } from '@menglian/base/bytes';
import { PBKDF2_ROUNDS_MAX } from '@menglian/crypto/kdf';
import { keysOfPkcs12, type Pkcs12Key, pkcs12OfKey } from '@menglian/crypto/pkcs12';
import { keyOfPkcs8 } from '@menglian/crypto/pkcs8';
import { decryptPkcs8, roundsOfPkcs8 } from '@menglian/crypto/pkcs8Encryption';
import type { SuiteName } from '@menglian/crypto/suite';
import { Account } from '../account/account.js';
import { CURVES, encryptedKeyOfAccount, OTHER_SUITE, otherSuite } from '../account/pem.js';
import { PLATFORM_PORTS, type Ports } from '../ports.js';
import { sdkError } from '../sdkError.js';
import { loadAccountSuite } from '../account/accountSuite.js';

/** Rounds of the derivation of a file's seal, as OpenSSL writes them. */
const SEAL_ROUNDS_WRITTEN = 2048;

/** Keys of a file that are tried: accounts have one. */
const KEYS_TRIED_MAX = 4;

/**
 * The account of a PKCS#12 file (`.p12`), as the scripts for accounts of 2.x write it. What is not encrypted in the way of
 * ours is opened by OpenSSL; certificates are not looked at.
 * @throws SdkError `BadKey` or `OtherSuite`, with nothing of the file or the password
 */
export async function accountFromPkcs12(
  file: Uint8Array,
  password: string,
  suite: SuiteName = 'ecdsa',
): Promise<Account> {
  let isOfOther = false;
  for (const stored of keysOfPkcs12(file).slice(0, KEYS_TRIED_MAX)) {
    const pkcs8 = open(stored, password);
    const key = pkcs8 && keyOfPkcs8(pkcs8, CURVES[suite]);
    if (key !== undefined) return new Account(await loadAccountSuite(suite), key);
    isOfOther ||= pkcs8 !== undefined && keyOfPkcs8(pkcs8, CURVES[OTHER_SUITE[suite]]) !== undefined;
  }
  if (isOfOther) throw otherSuite('the PKCS#12 file', suite);
  const advice = `see the password; the file must be PKCS#12 with a key of suite ${suite}, on ${CURVES[suite]}`;
  throw sdkError('BadKey', 'the PKCS#12 file does not open', advice);
}

/** The account under a password, as OpenSSL and Java read it: SM4 with suite sm, AES with suite ecdsa. No certificate. */
export function pkcs12OfAccount(account: Account, password: string, ports: Ports = PLATFORM_PORTS): Uint8Array {
  const encrypted = encryptedKeyOfAccount(account, password, 'sha256', ports);
  return pkcs12OfKey(encrypted, password, ports.random(16), SEAL_ROUNDS_WRITTEN);
}

function open({ der, isEncrypted }: Pkcs12Key, password: string): Uint8Array | undefined {
  if (!isEncrypted) return der;
  const opened = decryptPkcs8(der, utf8Bytes(password));
  if (opened.ok) return opened.value;
  return opened.reason === 'Unsupported' ? openByOpenssl(der, password) : undefined;
}

/** Older ways, such as triple DES. OpenSSL would go any number of rounds. */
function openByOpenssl(encrypted: Uint8Array, passphrase: string): Uint8Array | undefined {
  const rounds = roundsOfPkcs8(encrypted);
  if (rounds === undefined || rounds > BigInt(PBKDF2_ROUNDS_MAX)) return undefined;
  try {
    const key = createPrivateKey({ key: Buffer.from(encrypted), format: 'der', type: 'pkcs8', passphrase });
    return new Uint8Array(key.export({ format: 'der', type: 'pkcs8' }));
  } catch {
    // What OpenSSL says may name the key; a wrong password is all that can be said.
    return undefined;
  }
}
