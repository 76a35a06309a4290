import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLevelStore } from '@menglian/storage/levelStore';
import { openMemoryStore } from '@menglian/storage/memoryStore';
import { CrashDisk } from '@menglian/storage/testing/crashStore';
import { describeKeyValueStore } from './keyValueStore.js';

describeKeyValueStore('memory', async () => ({ open: async () => openMemoryStore(), dispose: async () => {} }), {
  survivesClose: false,
});

describeKeyValueStore(
  'LevelDB',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'menglian-storage-'));
    return {
      async open() {
        const store = await openLevelStore(join(folder, 'db'));
        if (!store.ok) throw new Error(store.reason.message);
        return store.value;
      },
      dispose: () => rm(folder, { recursive: true }),
    };
  },
  { survivesClose: true },
);

describeKeyValueStore(
  'simulated disk',
  async () => {
    const disk = new CrashDisk();
    return { open: () => disk.open(), dispose: async () => {} };
  },
  { survivesClose: true },
);
