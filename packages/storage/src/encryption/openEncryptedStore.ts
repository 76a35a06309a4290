import { failure, success, type Result } from '@menglian/base/result';
import type { StorageFailure } from '../errors.js';
import type { KeyValueStore } from '../ports.js';
import type { DataKey } from './dataKey.js';
import { EVERYTHING } from './eachEntry.js';
import { EncryptedStore } from './encryptedStore.js';
import { describeSealedProblem } from './sealedProblems.js';
import { looksSealed } from './sealedValue.js';
import { ValueSealer } from './valueSealer.js';

export interface EncryptionOptions {
  /** at least one; the last encrypts */
  readonly keys: readonly DataKey[];
  /** of the store in its node, such as `group1`: its values are of no use in another store */
  readonly storeName: string;
  /** folder of the store, for people */
  readonly path: string;
  readonly randomBytes: (count: number) => Uint8Array;
}

/** Entries looked at from each end of a store: enough that plain ones cannot all look encrypted. */
const SAMPLE_ENTRIES = 8;

/** What a few values of a store look like. */
export type StoreForm = 'empty' | 'plain' | 'encrypted';

export async function formOfStore(store: KeyValueStore): Promise<StoreForm> {
  const samples = await sample(store);
  if (samples.length === 0) return 'empty';
  return samples.some(([, value]) => looksSealed(value)) ? mixedForm(samples) : 'plain';
}

/** One value among plain ones may look encrypted by chance. */
function mixedForm(samples: ReadonlyArray<[Uint8Array, Uint8Array]>): StoreForm {
  const sealed = samples.filter(([, value]) => looksSealed(value)).length;
  return sealed * 2 > samples.length ? 'encrypted' : 'plain';
}

/**
 * Puts encryption before a store, when it is empty or was encrypted with these keys. `inner` stays open on a failure.
 * @returns a sentence for the operator otherwise
 */
export async function openEncryptedStore(
  inner: KeyValueStore,
  { keys, storeName, path, randomBytes }: EncryptionOptions,
): Promise<Result<EncryptedStore, StorageFailure>> {
  const sealer = new ValueSealer(storeName, keys, randomBytes);
  if ((await formOfStore(inner)) === 'plain') {
    return failure({
      code: 'storage/plain',
      message: `${path} is not encrypted, and [storage_security] enable=true asks for it; stop the node and run: menglian storage encrypt`,
    });
  }
  for (const [key, stored] of await sample(inner)) {
    const value = sealer.open(key, stored);
    if (value.ok) continue;
    const code = value.reason === 'unknown-key' ? 'storage/key' : 'storage/corrupt';
    return failure({ code, message: describeSealedProblem(value.reason, key, stored, path) });
  }
  return success(new EncryptedStore(inner, sealer, path));
}

/** For a node without encryption. @returns why it cannot use this store */
export async function refuseEncryptedStore(store: KeyValueStore, path: string): Promise<StorageFailure | undefined> {
  if ((await formOfStore(store)) !== 'encrypted') return undefined;
  return {
    code: 'storage/encrypted',
    message: `${path} is encrypted; set [storage_security] enable=true with the source of its key, or stop the node and run: menglian storage decrypt`,
  };
}

async function sample(store: KeyValueStore): Promise<Array<[Uint8Array, Uint8Array]>> {
  const first = await store.scan({ ...EVERYTHING, limit: SAMPLE_ENTRIES });
  const last = await store.scan({ ...EVERYTHING, limit: SAMPLE_ENTRIES, reverse: true });
  return [...first, ...last];
}
