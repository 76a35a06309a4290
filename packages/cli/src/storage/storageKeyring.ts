import { setTimeout as delay } from 'node:timers/promises';
import { success, failure, type Result } from '@menglian/base/result';
import { utf8Bytes } from '@menglian/base/bytes';
import type { StorageSecurity } from '@menglian/node/config/storageSecurity';
import {
  openKeyring,
  plainRandomBytes,
  readMasterSecret,
  type OpenKeyring,
} from '@menglian/node/config/storageSecurityKeys';
import { makeDataKey } from '@menglian/storage/encryption/dataKey';
import {
  newMaster,
  openKeyManager,
  PASSPHRASE_CHARACTERS_MIN,
  type MasterSecret,
} from '@menglian/storage/encryption/keyManager';
import { rewrap, withKey } from '@menglian/storage/encryption/keyring';
import { readKeyringFile, writeKeyringFile } from '@menglian/storage/encryption/keyringFile';
import type { StorageAlgorithm } from '@menglian/storage/encryption/valueCipher';
import type { Localized } from '../language.js';
import { askHidden } from './hiddenPrompt.js';
import type { StorageFolders } from './storageFolders.js';

/** Asks without showing the answer; undefined where nobody can be asked. */
export type AskSecret = (question: Localized) => Promise<string | undefined>;

/** Where secrets come from, and time: given by the command, by tests otherwise. */
export interface SecretSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly ask: AskSecret;
  readonly now: () => Date;
  readonly pause: (milliseconds: number) => Promise<void>;
}

const PASSPHRASE: Localized = { en: 'Passphrase of the storage: ', zh: '存储口令：' };
const NEW_PASSPHRASE: Localized = { en: 'New passphrase of the storage: ', zh: '新的存储口令：' };
const AGAIN: Localized = { en: 'Once more: ', zh: '再次输入：' };

export function terminalSecrets(language: 'en' | 'zh'): SecretSources {
  return {
    environment: process.env,
    ask: (question) => askHidden(question[language]),
    now: () => new Date(),
    pause: (milliseconds) => delay(milliseconds),
  };
}

/** @returns undefined when there is no keyring yet */
export async function openExistingKeyring(
  { security, inFolder }: StorageFolders,
  sources: SecretSources,
): Promise<Result<OpenKeyring> | undefined> {
  const path = inFolder(security.keyringFile);
  const keyring = await readKeyringFile(path);
  if (keyring === undefined || !keyring.ok) return keyring;
  const secret = await readSecret(security, inFolder, sources, [PASSPHRASE]);
  return secret.ok ? openKeyring(path, keyring.value, secret.value) : secret;
}

/** Makes a keyring with one new key where there is none. */
export async function createKeyring(
  { security, inFolder }: StorageFolders,
  sources: SecretSources,
): Promise<Result<OpenKeyring>> {
  const path = inFolder(security.keyringFile);
  const { algorithm, keySource } = security;
  const secret = await readNewSecret(security, inFolder, sources);
  if (!secret.ok) return secret;
  const manager = openKeyManager(newMaster(keySource, algorithm, plainRandomBytes), secret.value, plainRandomBytes);
  if (!manager.ok) return manager;
  const key = makeDataKey(algorithm, plainRandomBytes);
  const empty = { master: manager.value.master, keys: [] };
  const keyring = await withKey(empty, manager.value, key, sources.now().toISOString());
  if (!keyring.ok) return keyring;
  await writeKeyringFile(path, keyring.value);
  return success({ path, keyring: keyring.value, manager: manager.value, keys: [key] });
}

/** Adds a key, with which everything is encrypted from then on. @returns its id */
export async function addDataKey(
  open: OpenKeyring,
  algorithm: StorageAlgorithm,
  sources: SecretSources,
): Promise<Result<string>> {
  const key = makeDataKey(algorithm, plainRandomBytes);
  const keyring = await withKey(open.keyring, open.manager, key, sources.now().toISOString());
  if (!keyring.ok) return keyring;
  await writeKeyringFile(open.path, keyring.value);
  return success(key.id);
}

/** Locks the same keys with another secret. @param next the configuration with the source of the new secret */
export async function changeMaster(
  open: OpenKeyring,
  next: StorageSecurity,
  inFolder: (path: string) => string,
  sources: SecretSources,
): Promise<Result<void>> {
  const secret = await readNewSecret(next, inFolder, sources);
  if (!secret.ok) return secret;
  const master = newMaster(next.keySource, next.algorithm, plainRandomBytes);
  const manager = openKeyManager(master, secret.value, plainRandomBytes);
  if (!manager.ok) return manager;
  await writeKeyringFile(open.path, await rewrap(open.keyring, open.keys, manager.value));
  return success(undefined);
}

/** Keeps the last key only. The caller knows that no value needs the others. */
export async function dropOldKeys(open: OpenKeyring): Promise<void> {
  await writeKeyringFile(open.path, { ...open.keyring, keys: open.keyring.keys.slice(-1) });
}

async function readNewSecret(
  security: StorageSecurity,
  inFolder: (path: string) => string,
  sources: SecretSources,
): Promise<Result<MasterSecret>> {
  const secret = await readSecret(security, inFolder, sources, [NEW_PASSPHRASE, AGAIN]);
  if (!secret.ok || secret.value.kind === 'file' || secret.value.bytes.length >= PASSPHRASE_CHARACTERS_MIN) {
    return secret;
  }
  return failure(
    `the passphrase has ${secret.value.bytes.length} characters; choose one of at least ${PASSPHRASE_CHARACTERS_MIN}`,
  );
}

/** @param questions the answers to all of them must be equal */
async function readSecret(
  security: StorageSecurity,
  inFolder: (path: string) => string,
  sources: SecretSources,
  questions: readonly Localized[],
): Promise<Result<MasterSecret>> {
  const isInVariable = (sources.environment[security.passphraseVariable] ?? '') !== '';
  const isGiven = isInVariable || security.passphraseDescriptor > 0;
  if (security.keySource === 'file' || isGiven) return readMasterSecret(security, inFolder, sources.environment);
  let typed: string | undefined;
  for (const question of questions) {
    const answer = await sources.ask(question);
    if (answer === undefined || answer === '') return readMasterSecret(security, inFolder, sources.environment);
    if (typed !== undefined && typed !== answer) return failure('the two passphrases differ; begin again');
    typed = answer;
  }
  return success({ kind: 'passphrase', bytes: utf8Bytes(typed ?? '') });
}
