import type { SuiteName } from '@menglian/crypto/suite';
import type { MasterKind } from '@menglian/storage/encryption/keyManager';
import type { StorageAlgorithm } from '@menglian/storage/encryption/valueCipher';
import type { ConfigReader } from './configReader.js';

/** `[storage_security]`: whether the data of the groups is encrypted, and what opens it. Paths are as written. */
export interface StorageSecurity {
  readonly isEnabled: boolean;
  /** of keys made from now on; each key says its own */
  readonly algorithm: StorageAlgorithm;
  readonly keySource: MasterKind;
  readonly keyFile: string;
  /** name of the environment variable that holds the passphrase */
  readonly passphraseVariable: string;
  /** number of an open file descriptor that holds it instead; 0: none */
  readonly passphraseDescriptor: number;
  readonly keyringFile: string;
}

/** Above those for input, output and errors. */
const DESCRIPTOR_MIN = 3;
const DESCRIPTOR_MAX = 255;

/** What 2.x asks a service for, with the data key in the service's encryption. */
const KEYS_OF_2X = ['key_manager_ip', 'key_manager_port', 'cipher_data_key'];

export function readStorageSecurity(reader: ConfigReader, suite: SuiteName): StorageSecurity {
  const section = 'storage_security';
  const isEnabled = reader.boolean(section, 'enable', false);
  for (const key of KEYS_OF_2X) {
    // Files of 2.x with encryption off may keep their values.
    if (reader.text(section, key, '') === '' || !isEnabled) continue;
    reader.refuse(
      section,
      key,
      'belongs to the key manager of 2.x, which is not asked yet: leave it empty and set key_source=passphrase or key_source=file',
    );
  }
  const passphraseVariable = reader.text(section, 'passphrase_env', 'MENGLIAN_STORAGE_PASSPHRASE');
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(passphraseVariable)) {
    reader.refuse(section, 'passphrase_env', 'must be the name of an environment variable, not the passphrase itself');
  }
  return {
    isEnabled,
    algorithm: reader.choice(section, 'algorithm', suite === 'sm' ? 'sm4' : 'aes', ['aes', 'sm4']),
    keySource: reader.choice(section, 'key_source', 'passphrase', ['passphrase', 'file']),
    keyFile: reader.text(section, 'key_file', 'conf/storage.key'),
    passphraseVariable,
    passphraseDescriptor: reader.integer(section, 'passphrase_fd', 0, DESCRIPTOR_MIN, DESCRIPTOR_MAX),
    keyringFile: reader.text(section, 'keyring_file', 'conf/storage_keyring.json'),
  };
}
