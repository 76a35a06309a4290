import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeDataKey } from '@menglian/storage/encryption/dataKey';
import { openEncryptedStore } from '@menglian/storage/encryption/openEncryptedStore';
import { STORAGE_ALGORITHMS } from '@menglian/storage/encryption/valueCipher';
import { openLevelStore } from '@menglian/storage/levelStore';
import type { KeyValueStore } from '@menglian/storage/ports';
import { CrashDisk } from '@menglian/storage/testing/crashStore';
import { drawBytes } from '@menglian/storage/testing/drawBytes';
import { describeKeyValueStore } from './keyValueStore.js';

const randomBytes = drawBytes('compliance');

for (const algorithm of STORAGE_ALGORITHMS) {
  const keys = [makeDataKey(algorithm, randomBytes)];
  const encrypted = async (inner: KeyValueStore): Promise<KeyValueStore> => {
    const store = await openEncryptedStore(inner, { keys, storeName: 'group1', path: 'the store', randomBytes });
    if (!store.ok) throw new Error(store.reason.message);
    return store.value;
  };

  describeKeyValueStore(
    `LevelDB under ${algorithm}`,
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'menglian-encrypted-'));
      return {
        async open() {
          const store = await openLevelStore(join(folder, 'db'));
          if (!store.ok) throw new Error(store.reason.message);
          return encrypted(store.value);
        },
        dispose: () => rm(folder, { recursive: true }),
      };
    },
    { survivesClose: true },
  );

  describeKeyValueStore(
    `simulated disk under ${algorithm}`,
    async () => {
      const disk = new CrashDisk();
      return { open: async () => encrypted(await disk.open()), dispose: async () => {} };
    },
    { survivesClose: true },
  );
}
