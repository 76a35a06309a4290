import { createPrivateKey } from 'node:crypto';
import { fromHex, toHex } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { Account } from '../account/account.js';
import { derInside, type DerItem, derItems, DerTag } from '../account/der.js';
import { sdkError } from '../sdkError.js';

/** Of a file; real ones have 1,000 to 4,000. */
const PKCS12_BYTES_MAX = 1024 * 1024;

/** RFC 7292: pkcs-7 data, pkcs8ShroudedKeyBag, keyBag. */
const DATA = '2a864886f70d010701';
const SHROUDED_KEY_BAG = '2a864886f70d010c0a0102';
const KEY_BAG = '2a864886f70d010c0a0101';

/**
 * The account of a PKCS#12 file (`.p12`), as the script for accounts of 2.x writes it. The key's own encryption is opened by
 * OpenSSL; certificates are not looked at. Suite ecdsa only.
 * @throws SdkError `BadKey`, with nothing of the file or the password
 */
export async function accountFromPkcs12(file: Uint8Array, password: string): Promise<Account> {
  const suite = await loadSuite('ecdsa');
  const key = file.length > PKCS12_BYTES_MAX ? undefined : openKey(file, password);
  if (key === undefined) {
    const advice = 'see the password; the file must be PKCS#12 with a key on secp256k1';
    throw sdkError('BadKey', 'the PKCS#12 file does not open', advice);
  }
  return new Account(suite, key);
}

function openKey(file: Uint8Array, password: string): Uint8Array | undefined {
  for (const bag of safeBags(file)) {
    const [identifier, value] = derInside(bag, DerTag.sequence);
    const kind = identifier?.tag === DerTag.objectIdentifier ? toHex(identifier.content) : '';
    if (value?.tag !== DerTag.context0 || (kind !== SHROUDED_KEY_BAG && kind !== KEY_BAG)) continue;
    const key = decrypt(value.content, kind === SHROUDED_KEY_BAG ? password : undefined);
    if (key !== undefined) return key;
  }
  return undefined;
}

/** Bags of the parts that are not encrypted as a whole: keys are in such a part, encrypted one by one. */
function safeBags(file: Uint8Array): DerItem[] {
  const [outer] = derItems(file) ?? [];
  const [, authenticated] = derInside(outer, DerTag.sequence);
  const safes = contentOf(authenticated).flatMap((item) => derInside(item, DerTag.sequence));
  return safes.flatMap(contentOf).flatMap((item) => derInside(item, DerTag.sequence));
}

/** What is in a ContentInfo of plain data. */
function contentOf(contentInfo: DerItem | undefined): DerItem[] {
  const [kind, content] = derInside(contentInfo, DerTag.sequence);
  if (kind === undefined || toHex(kind.content) !== DATA) return [];
  const [octets] = derInside(content, DerTag.context0);
  return derInside(octets, DerTag.octetString);
}

function decrypt(pkcs8: Uint8Array, passphrase: string | undefined): Uint8Array | undefined {
  try {
    const options = { key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' } as const;
    const key = createPrivateKey(passphrase === undefined ? options : { ...options, passphrase });
    const { crv, d } = key.export({ format: 'jwk' });
    const bytes = Uint8Array.from(Buffer.from(d ?? '', 'base64url'));
    return crv === 'secp256k1' ? fromHex(toHex(bytes).padStart(64, '0')) : undefined;
  } catch {
    // What OpenSSL says may name the key; a wrong password is all that can be said.
    return undefined;
  }
}
