import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8Bytes, utf8Text } from '@menglian/base/bytes';
import { drawBytes } from '../testing/drawBytes.js';
import { makeDataKey, type DataKey } from './dataKey.js';
import { newMaster, openKeyManager, type KeyManager, type MasterSecret } from './keyManager.js';
import {
  KEYRING_KEYS_MAX,
  keyringText,
  parseKeyring,
  rewrap,
  unlock,
  withKey,
  type Keyring,
  type WrappedKey,
} from './keyring.js';
import { readKeyringFile, writeKeyringFile } from './keyringFile.js';
import { STORAGE_ALGORITHMS, type StorageAlgorithm } from './valueCipher.js';

const random = drawBytes('keyring');
const FILE: MasterSecret = { kind: 'file', bytes: random(32) };
const CREATED = '2026-11-21T00:00:00.000Z';

function managerOf(secret: MasterSecret, algorithm: StorageAlgorithm): KeyManager {
  const manager = openKeyManager(newMaster(secret.kind, algorithm, random), secret, random);
  if (!manager.ok) throw new Error(manager.reason);
  return manager.value;
}

async function keyringOf(manager: KeyManager, keys: readonly DataKey[]): Promise<Keyring> {
  let keyring: Keyring = { master: manager.master, keys: [] };
  for (const key of keys) {
    const longer = await withKey(keyring, manager, key, CREATED);
    if (!longer.ok) throw new Error(longer.reason);
    keyring = longer.value;
  }
  return keyring;
}

describe.each(STORAGE_ALGORITHMS)('a keyring of %s', (algorithm) => {
  it.each<MasterSecret>([FILE, { kind: 'passphrase', bytes: utf8Bytes('correct horse battery') }])(
    'opens with its $kind only, after a way through its file',
    async (secret) => {
      const keys = [makeDataKey(algorithm, random), makeDataKey('aes', random)];
      const written = await keyringOf(managerOf(secret, algorithm), keys);
      const read = parseKeyring(keyringText(written));
      expect(read).toEqual({ ok: true, value: written });
      const again = openKeyManager(written.master, secret, random);
      expect(again.ok && (await unlock(written, again.value))).toEqual({ ok: true, value: keys });
      const wrong = openKeyManager(written.master, { ...secret, bytes: utf8Bytes('correct horse batterz') }, random);
      const refused = wrong.ok && (await unlock(written, wrong.value));
      expect(refused).toMatchObject({ ok: false, reason: expect.stringContaining(`does not open data key`) });
      expect(JSON.stringify(refused)).not.toContain('horse');
    },
  );

  it('keeps its keys when the master key changes', async () => {
    const keys = [makeDataKey(algorithm, random), makeDataKey(algorithm, random)];
    const old = managerOf(FILE, algorithm);
    const next = managerOf({ kind: 'file', bytes: random(32) }, 'sm4');
    const changed = await rewrap(await keyringOf(old, keys), keys, next);
    expect(await unlock(changed, next)).toEqual({ ok: true, value: keys });
    expect((await unlock(changed, old)).ok).toBe(false);
  });
});

describe('a keyring', () => {
  it('does not open when a key of it is said to be another', async () => {
    const manager = managerOf(FILE, 'aes');
    const keyring = await keyringOf(manager, [makeDataKey('aes', random), makeDataKey('aes', random)]);
    const [first, second] = keyring.keys as [WrappedKey, WrappedKey];
    const changes: WrappedKey[] = [
      { ...first, id: '00000000' },
      { ...first, created: '2027-01-01T00:00:00.000Z' },
      { ...first, algorithm: 'sm4' },
      { ...first, wrapped: second.wrapped },
      { ...first, wrapped: first.wrapped.map((byte, at) => (at === 20 ? byte ^ 1 : byte)) },
    ];
    for (const change of changes) expect((await unlock({ ...keyring, keys: [change] }, manager)).ok).toBe(false);
  });

  it('says what is wrong with a file, whatever is in it', async () => {
    const text = keyringText(await keyringOf(managerOf(FILE, 'aes'), [makeDataKey('aes', random)]));
    const reasonOf = (changed: string) => {
      const parsed = parseKeyring(changed);
      return parsed.ok ? undefined : parsed.reason;
    };
    expect(reasonOf('')).toContain('not JSON');
    expect(reasonOf('null')).toContain('not a keyring');
    expect(reasonOf(text.replace('menglian-keyring-1', 'menglian-keyring-2'))).toContain('menglian-keyring-1');
    expect(reasonOf(text.replace('"rounds": 0', '"rounds": 1'))).toContain('master key');
    expect(reasonOf(text.replace('"keys": [', '"keys": [{},'))).toContain('key 1 cannot be read');
    expect(reasonOf(text.replace(/"keys": \[.*\]/s, '"keys": []'))).toContain('1 to 100 keys');
    expect(reasonOf(text.replace(/("keys": \[)(.*)(\])/s, '$1$2,$2$3'))).toContain('twice');
    expect(reasonOf('x'.repeat(1_000_000))).toContain('larger');
    fc.assert(fc.property(fc.json(), (json) => !parseKeyring(json).ok));
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 3 }), (at, put) => {
        parseKeyring(text.slice(0, at) + put + text.slice(at + 1));
      }),
    );
  });

  it('asks for as much work as ours, and not for more than a node can do', async () => {
    const manager = managerOf(FILE, 'aes');
    const { keys } = await keyringOf(manager, [makeDataKey('aes', random)]);
    for (const [rounds, isRead] of [
      [99_999, false],
      [100_000, true],
      [2_000_000, true],
      [2_000_001, false],
    ] as const) {
      const text = keyringText({ master: { ...manager.master, kind: 'passphrase', rounds }, keys });
      expect(parseKeyring(text).ok).toBe(isRead);
    }
  });

  it('has a limit', async () => {
    const manager = managerOf(FILE, 'aes');
    const keyring = await keyringOf(manager, [makeDataKey('aes', random)]);
    const full = { ...keyring, keys: new Array<WrappedKey>(KEYRING_KEYS_MAX).fill(keyring.keys[0]!) };
    const refused = await withKey(full, manager, makeDataKey('aes', random), CREATED);
    expect(refused).toMatchObject({ ok: false, reason: expect.stringContaining('rotate-key --drop') });
  });

  it('names the other kind of secret', async () => {
    const { master } = managerOf(FILE, 'aes');
    const refused = openKeyManager(master, { kind: 'passphrase', bytes: utf8Bytes('x') }, random);
    expect(refused).toMatchObject({ ok: false, reason: expect.stringContaining('key_source=file') });
  });

  it('takes another keeper of the master key, which never gives it away', async () => {
    const kept = new Map<string, Uint8Array>();
    const remote: KeyManager = {
      master: managerOf(FILE, 'aes').master,
      wrap: async (key, context) => {
        kept.set(utf8Text(context), key);
        return new Uint8Array(60);
      },
      unwrap: async (_wrapped, context) => kept.get(utf8Text(context)),
    };
    const keys = [makeDataKey('aes', random), makeDataKey('aes', random)];
    const keyring = await keyringOf(remote, keys);
    expect(await unlock(keyring, remote)).toEqual({ ok: true, value: keys });
    kept.set([...kept.keys()][0]!, random(32));
    expect((await unlock(keyring, remote)).ok).toBe(false);
  });

  it('is a file for its owner, replaced as a whole', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'menglian-keyring-'));
    const path = join(folder, 'keyring.json');
    expect(await readKeyringFile(path)).toBeUndefined();
    const manager = managerOf(FILE, 'aes');
    const first = await keyringOf(manager, [makeDataKey('aes', random)]);
    await writeKeyringFile(path, first);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    // What a write that was cut short leaves.
    await writeFile(`${path}.new`, 'half');
    const second = await keyringOf(manager, [makeDataKey('aes', random)]);
    await writeKeyringFile(path, second);
    expect(await readKeyringFile(path)).toEqual({ ok: true, value: second });
    await writeFile(path, (await readFile(path, 'utf8')).slice(0, 100));
    expect(await readKeyringFile(path)).toMatchObject({ ok: false, reason: expect.stringContaining(path) });
    await rm(folder, { recursive: true });
  });
});
