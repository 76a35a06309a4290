import { toHex, utf8Bytes } from '@menglian/base/bytes';
import { failure, success, type Result } from '@menglian/base/result';
import type { NamedText } from '@menglian/certificates/credentials';
import { pemText, readPemBlocks } from '@menglian/certificates/pem';
import { decryptPkcs8, type Pkcs8Refusal } from '@menglian/crypto/pkcs8Encryption';
import type { MasterSecret } from '@menglian/storage/encryption/keyManager';
import type { StorageSecurity } from './storageSecurity.js';
import { readMasterSecret, type Environment } from './storageSecurityKeys.js';

const WHY: Readonly<Record<Pkcs8Refusal, string>> = {
  Malformed: 'is no encrypted PKCS #8 key in distinguished encoding',
  Unsupported: 'is encrypted in another way than PBES2 with PBKDF2 and AES-256-CBC or SM4-CBC',
  WrongPassword: 'is not opened by the secret of [storage_security]',
};

/**
 * A private key file as the rest of the node reads it: one that is encrypted is opened with the passphrase of the storage, or
 * with the hexadecimal digits in its key file.
 * @returns the text in clear, a secret; or a sentence that names the file
 */
export function openKeyText(
  file: NamedText,
  security: StorageSecurity,
  inFolder: (path: string) => string,
  environment: Environment,
): Result<NamedText> {
  const blocks = readPemBlocks(file.text, 1);
  const block = blocks.ok ? blocks.value[0] : undefined;
  // What else may be wrong with it, its reader says.
  if (block?.label !== 'ENCRYPTED PRIVATE KEY') return success(file);
  const secret = readMasterSecret(security, inFolder, environment);
  if (!secret.ok) return failure(`${file.path} is encrypted; ${secret.reason}`);
  const opened = decryptPkcs8(block.der, passwordOf(secret.value));
  if (!opened.ok) {
    return failure(
      `${file.path} ${WHY[opened.reason]}; give the one that it was encrypted with, or encrypt it again with: openssl pkcs8 -topk8 -v2 aes-256-cbc`,
    );
  }
  return success({ path: file.path, text: pemText('PRIVATE KEY', opened.value) });
}

/** The file's digits are what `openssl -passin file:` takes. */
function passwordOf({ kind, bytes }: MasterSecret): Uint8Array {
  return kind === 'file' ? utf8Bytes(toHex(bytes)) : bytes;
}
