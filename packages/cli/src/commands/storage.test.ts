import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { utf8Bytes, utf8Text } from '@menglian/base/bytes';
import { openLevelStore } from '@menglian/storage/levelStore';
import type { KeyValueStore } from '@menglian/storage/ports';
import type { Language, Localized } from '../language.js';
import { storageCommand } from './storage.js';

const PASSPHRASE = 'a passphrase for tests';
const KEY_DIGITS = 'ef'.repeat(32);
const COUNT = 100;

describe('menglian storage', () => {
  let folder: string;
  let config: string;
  let answers: string[];
  let asked: string[];
  let environment: Record<string, string>;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'menglian-storage-command-'));
    config = join(folder, 'config.ini');
    answers = [];
    asked = [];
    environment = { MENGLIAN_STORAGE_PASSPHRASE: PASSPHRASE };
    writeFileSync(join(folder, 'storage.key'), KEY_DIGITS, { mode: 0o600 });
    configure('');
    for (const group of [1, 12]) {
      const store = await open(group);
      const batch = Array.from({ length: COUNT }, (_, i) => ({
        key: utf8Bytes(`key ${i}`),
        value: utf8Bytes(`clear ${i}`),
      }));
      await store.write(batch, { durable: true });
      await store.close();
    }
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
    process.exitCode = undefined;
    vi.restoreAllMocks();
  });

  /** By a key file where the test is not about passphrases, which take time on purpose. */
  function configure(lines: string, source: 'file' | 'passphrase' = 'file'): void {
    const always = `keyring_file=keyring.json\nkey_file=storage.key\nkey_source=${source}`;
    writeFileSync(config, `[storage_security]\n${always}\n${lines}\n`);
  }

  async function open(group: number): Promise<KeyValueStore> {
    const store = await openLevelStore(join(folder, 'data', `group${group}`, 'block'));
    if (!store.ok) throw new Error(store.reason.message);
    return store.value;
  }

  /** As it is on the disk. */
  async function storedAt(group: number, key: string): Promise<string> {
    const store = await open(group);
    const value = utf8Text(store.get(utf8Bytes(key))!);
    await store.close();
    return value;
  }

  async function run(args: readonly string[], language: Language = 'en') {
    const printed = { out: '', error: '' };
    process.exitCode = undefined;
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((printed.out += String(text)), true));
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((printed.error += String(text)), true));
    const ask = async (question: Localized) => {
      asked.push(question[language]);
      return answers.shift();
    };
    const command = storageCommand(language, {
      environment,
      ask,
      now: () => new Date(0),
      pause: async () => {},
    }).exitOverride();
    for (const below of command.commands) below.exitOverride();
    await command
      .parseAsync([...args, ...(args.includes('--help') ? [] : ['-c', config])], { from: 'user' })
      .catch(() => undefined);
    vi.restoreAllMocks();
    return { ...printed, code: process.exitCode ?? 0 };
  }

  it('encrypts, checks and decrypts all groups', async () => {
    const encrypted = await run(['encrypt']);
    expect(encrypted).toMatchObject({ code: 0, error: '' });
    expect(encrypted.out).toMatch(
      /made the keyring .*\n.*group 1: encrypted 100 values\n.*group 12: .*\n\[NEXT\] set .*enable=true/,
    );
    expect(await storedAt(12, 'key 7')).not.toContain('clear');
    expect(readFileSync(join(folder, 'keyring.json'), 'utf8')).not.toContain(KEY_DIGITS);
    configure('enable=true');
    const checked = await run(['check']);
    expect(checked.out).toMatch(/group 1: 100 values read, 0 broken; by key: [0-9a-f]{8}=100\n/);
    const decrypted = await run(['decrypt']);
    expect(decrypted.out).toMatch(/group 1: decrypted 100 values\n.*group 12: .*\n\[NEXT\] set .*enable=false/);
    expect(await storedAt(12, 'key 7')).toBe('clear 7');
    expect((await run(['check'])).out).toContain('by key: plain=100');
  });

  it('names broken values and ends with 1', async () => {
    await run(['encrypt']);
    const store = await open(12);
    await store.write([{ key: utf8Bytes('key 7'), value: store.get(utf8Bytes('key 8')) }], { durable: true });
    await store.close();
    const checked = await run(['check']);
    expect(checked).toMatchObject({ code: 1, error: '[ERROR] 1 values are broken\n' });
    expect(checked.out).toMatch(/group12.*the value at key key%207 is not what was written there/);
    const decrypted = await run(['decrypt']);
    expect(decrypted).toMatchObject({ code: 1, error: expect.stringContaining('key%207') });
    expect(readdirSync(join(folder, 'data', 'group12'))).toEqual(['block']);
  });

  it('says which secret is missing or wrong, and shows none', async () => {
    const missing = (args: string[]) => run(args).then(({ error, code }) => `${code} ${error}`);
    configure('', 'passphrase');
    environment = {};
    expect(await missing(['encrypt'])).toMatch(/^1 .*environment variable MENGLIAN_STORAGE_PASSPHRASE/);
    expect(existsSync(join(folder, 'keyring.json'))).toBe(false);
    expect(await missing(['decrypt'])).toMatch(/^1 .*there is no keyring/);
    expect(await missing(['rotate-key'])).toMatch(/^1 .*there is no keyring/);
    environment = { MENGLIAN_STORAGE_PASSPHRASE: 'short' };
    expect(await missing(['encrypt'])).toMatch(/^1 .*at least 12/);
    environment = { MENGLIAN_STORAGE_PASSPHRASE: PASSPHRASE };
    expect(await missing(['encrypt'])).toBe('0 ');
    environment = { MENGLIAN_STORAGE_PASSPHRASE: 'not the passphrase' };
    for (const args of [['encrypt'], ['decrypt'], ['check'], ['rotate-key']]) {
      expect(await missing(args)).toMatch(/^1 .*the passphrase does not open data key (?!.*not the passphrase)/);
    }
    configure('');
    rmSync(join(folder, 'storage.key'));
    expect(await missing(['check'])).toMatch(/^1 .*storage\.key .*cannot be read: .*openssl rand/);
    const keyFile = join(folder, 'storage.key');
    writeFileSync(keyFile, 'ab'.repeat(32), { mode: 0o644 });
    expect(await missing(['check'])).toMatch(/^1 .*is open to other users; run: chmod 600/);
    chmodSync(keyFile, 0o600);
    expect(await missing(['check'])).toMatch(/^1 .*key_source=passphrase/);
    writeFileSync(keyFile, 'ab');
    expect(await missing(['check'])).toMatch(/^1 .*64 hexadecimal digits/);
  });

  it('asks for a passphrase that is not given, twice for a new one', async () => {
    configure('', 'passphrase');
    environment = {};
    answers = [PASSPHRASE, 'another passphrase'];
    expect((await run(['encrypt'])).error).toContain('the two passphrases differ');
    answers = [PASSPHRASE, PASSPHRASE];
    expect(await run(['encrypt'])).toMatchObject({ code: 0 });
    answers = [PASSPHRASE];
    asked = [];
    expect(await run(['check'], 'zh')).toMatchObject({ code: 0, out: expect.stringContaining('群组 1：读取 100 条') });
    expect(asked).toEqual(['存储口令：']);
  });

  it('adds keys, of another algorithm too, and drops those that no value needs', async () => {
    await run(['encrypt']);
    const rotated = await run(['rotate-key', '--algorithm', 'sm4']);
    expect(rotated.out).toMatch(/added key [0-9a-f]{8} .*\n.*no node has taken it yet/);
    expect(existsSync(`${config}.rotate_storage_key`)).toBe(false);
    configure('enable=true');
    expect((await run(['rotate-key'])).out).toContain('no node has taken it yet');
    expect(existsSync(`${config}.rotate_storage_key`)).toBe(true);
    expect(await run(['rotate-key', '--drop'])).toMatchObject({
      code: 1,
      error: expect.stringMatching(/values of group 1 still need data key [0-9a-f]{8}; start the node/),
    });
    await run(['decrypt']);
    await run(['encrypt']);
    expect(await run(['rotate-key', '--drop'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('dropped 2 keys'),
    });
    expect((await run(['check'])).out).toMatch(/0 broken; by key: [0-9a-f]{8}=100/);
    const keyring = JSON.parse(readFileSync(join(folder, 'keyring.json'), 'utf8')) as { keys: object[] };
    expect(keyring.keys).toEqual([expect.objectContaining({ algorithm: 'aes' })]);
  });

  it('changes the passphrase, and to a file, without touching the data', async () => {
    configure('', 'passphrase');
    await run(['encrypt']);
    const stored = await storedAt(1, 'key 1');
    environment['MENGLIAN_STORAGE_PASSPHRASE_NEW'] = 'the next passphrase';
    expect(await run(['change-master'])).toMatchObject({ code: 0 });
    expect((await run(['check'])).code).toBe(1);
    environment = { MENGLIAN_STORAGE_PASSPHRASE: 'the next passphrase' };
    expect((await run(['check'])).code).toBe(0);
    writeFileSync(join(folder, 'storage.key'), 'cd'.repeat(32), { mode: 0o600 });
    expect((await run(['change-master', '--new-key-source', 'file'])).out).toContain(
      'key_source=file, key_file=storage.key',
    );
    configure('');
    expect((await run(['check'])).code).toBe(0);
    expect(await run(['change-master'])).toMatchObject({ code: 1, error: expect.stringContaining('--new-key-file') });
    expect(await storedAt(1, 'key 1')).toBe(stored);
  });

  it('refuses while the node has its data open', async () => {
    const held = await open(1);
    for (const args of [['encrypt'], ['check']]) {
      expect(await run(args)).toMatchObject({
        code: 1,
        error: expect.stringContaining('another process has this folder'),
      });
    }
    await held.close();
  });

  it('explains itself in both languages', async () => {
    const english = await run(['--help']);
    const chinese = await run(['--help'], 'zh');
    for (const name of ['encrypt', 'decrypt', 'check', 'rotate-key', 'change-master']) {
      expect(english.out).toContain(`menglian storage ${name}`);
      expect(chinese.out).toContain(`menglian storage ${name}`);
    }
    expect(english.out).not.toMatch(/\p{Script=Han}/u);
    expect(chinese.out).toContain('落盘加密');
    expect((await run(['rotate-key', '--help'], 'zh')).out).toContain('新密钥的算法');
  });
});
