import { existsSync, writeFileSync } from 'node:fs';
import { failure, success, type Result } from '@menglian/base/result';
import { STORAGE_KEY_SIGNAL } from '@menglian/node/config/storageSecurityKeys';
import { StorageError } from '@menglian/storage/errors';
import { STORAGE_ALGORITHMS, type StorageAlgorithm } from '@menglian/storage/encryption/valueCipher';
import { Command, Option } from 'commander';
import type { Language, Localized } from '../language.js';
import { checkData, dropUnneededKeys } from '../storage/checkData.js';
import { convertData } from '../storage/convertData.js';
import { readStorageFolders, type StorageFolders } from '../storage/storageFolders.js';
import {
  addDataKey,
  changeMaster,
  openExistingKeyring,
  terminalSecrets,
  type SecretSources,
} from '../storage/storageKeyring.js';
import { StorageOutput } from '../storage/storageOutput.js';
import * as texts from '../storage/storageTexts.js';

/** A running node looks for the signal five times a second. */
const SIGNAL_WAIT_MS = 3000;
const SIGNAL_POLL_MS = 100;

interface Tools {
  readonly folders: StorageFolders;
  readonly sources: SecretSources;
  readonly output: StorageOutput;
}

interface RotateOptions {
  readonly algorithm?: StorageAlgorithm;
  readonly drop?: boolean;
}

interface MasterOptions {
  readonly newKeySource?: 'passphrase' | 'file';
  readonly newKeyFile?: string;
  readonly newPassphraseEnv?: string;
}

/** `menglian storage`. @param sources replaced by tests */
export function storageCommand(language: Language, sources: SecretSources = terminalSecrets(language)): Command {
  const tool = (name: string, description: Localized, run: (tools: Tools, options: object) => Promise<Result<void>>) =>
    new Command(name)
      .description(description[language])
      .option('-c, --config <path>', texts.CONFIG[language], 'config.ini')
      .action(async (options: { config: string }) => {
        const folders = readStorageFolders(options.config);
        const tools = { sources, output: new StorageOutput(language) };
        const done = folders.ok
          ? await run({ ...tools, folders: folders.value }, options).catch(failureOfDisk)
          : folders;
        if (done.ok) return;
        process.stderr.write(`[ERROR] ${done.reason}\n`);
        process.exitCode = 1;
      });
  const rotateKey = tool('rotate-key', texts.ROTATE_KEY, rotate)
    .addOption(new Option('--algorithm <name>', texts.ALGORITHM[language]).choices(STORAGE_ALGORITHMS))
    .option('--drop', texts.DROP[language]);
  const changeMasterKey = tool('change-master', texts.CHANGE_MASTER, change)
    .addOption(new Option('--new-key-source <kind>', texts.NEW_KEY_SOURCE[language]).choices(['passphrase', 'file']))
    .option('--new-key-file <path>', texts.NEW_KEY_FILE[language])
    .option('--new-passphrase-env <name>', texts.NEW_PASSPHRASE_ENV[language]);
  return new Command('storage')
    .description(texts.STORAGE[language])
    .addHelpText('after', texts.EXAMPLES[language])
    .addCommand(tool('encrypt', texts.ENCRYPT, (tools) => convert('encrypt', tools)))
    .addCommand(tool('decrypt', texts.DECRYPT, (tools) => convert('decrypt', tools)))
    .addCommand(tool('check', texts.CHECK, ({ folders, sources, output }) => checkData(folders, sources, output)))
    .addCommand(rotateKey)
    .addCommand(changeMasterKey);
}

/** What a disk does to us is told as a sentence; all else is an error of this program. */
function failureOfDisk(error: unknown): Result<void> {
  if (error instanceof StorageError) return failure(error.message);
  if (error instanceof Error && 'syscall' in error) return failure(`the disk refuses: ${error.message}`);
  throw error;
}

async function convert(direction: 'encrypt' | 'decrypt', { folders, sources, output }: Tools): Promise<Result<void>> {
  return convertData(direction, folders, sources, output);
}

async function rotate({ folders, sources, output }: Tools, options: RotateOptions): Promise<Result<void>> {
  const open = await openExistingKeyring(folders, sources);
  if (open === undefined) return noKeyring(folders);
  if (!open.ok) return open;
  if (options.drop === true) {
    const dropped = await dropUnneededKeys(folders, open.value);
    if (!dropped.ok) return dropped;
    output.say({
      en: `[INFO] dropped ${dropped.value} keys; key ${open.value.keys.at(-1)!.id} is left`,
      zh: `[INFO] 已删除 ${dropped.value} 个旧密钥；保留密钥 ${open.value.keys.at(-1)!.id}`,
    });
    return success(undefined);
  }
  const added = await addDataKey(open.value, options.algorithm ?? folders.security.algorithm, sources);
  if (!added.ok) return added;
  output.say({
    en: `[INFO] added key ${added.value} to ${open.value.path}; keep a copy of the new keyring`,
    zh: `[INFO] 已在 ${open.value.path} 中加入密钥 ${added.value}；请备份新的密钥环`,
  });
  // A node that runs without encryption has no use for the key.
  const isTaken = folders.security.isEnabled && (await tellNode(folders, sources));
  output.say(isTaken ? texts.NODE_ROTATES : texts.NODE_WILL_ROTATE);
  return success(undefined);
}

/** @returns whether a running node has taken the new keyring */
async function tellNode({ configPath }: StorageFolders, { pause }: SecretSources): Promise<boolean> {
  const signal = `${configPath}${STORAGE_KEY_SIGNAL}`;
  writeFileSync(signal, '');
  for (let waitedMs = 0; waitedMs < SIGNAL_WAIT_MS; waitedMs += SIGNAL_POLL_MS) {
    await pause(SIGNAL_POLL_MS);
    if (!existsSync(signal)) return true;
  }
  return false;
}

async function change({ folders, sources, output }: Tools, options: MasterOptions): Promise<Result<void>> {
  const open = await openExistingKeyring(folders, sources);
  if (open === undefined) return noKeyring(folders);
  if (!open.ok) return open;
  const { security, inFolder } = folders;
  const next = {
    ...security,
    keySource: options.newKeySource ?? security.keySource,
    keyFile: options.newKeyFile ?? security.keyFile,
    passphraseDescriptor: 0,
    passphraseVariable: options.newPassphraseEnv ?? `${security.passphraseVariable}_NEW`,
  };
  if (next.keySource === 'file' && next.keyFile === security.keyFile && security.keySource === 'file') {
    return failure('name the file of the new key with --new-key-file');
  }
  const changed = await changeMaster(open.value, next, inFolder, sources);
  if (!changed.ok) return changed;
  const line = next.keySource === 'file' ? `key_source=file, key_file=${next.keyFile}` : 'key_source=passphrase';
  output.say({
    en: `[INFO] the keyring ${open.value.path} is locked by the new secret; give it at the next start (${line})`,
    zh: `[INFO] 密钥环 ${open.value.path} 已改用新的主密钥；下次启动时请使用（${line}）`,
  });
  return success(undefined);
}

function noKeyring({ security, inFolder }: StorageFolders): Result<void> {
  return failure(
    `there is no keyring ${inFolder(security.keyringFile)}; restore it from a copy, or make one with: menglian storage encrypt`,
  );
}
