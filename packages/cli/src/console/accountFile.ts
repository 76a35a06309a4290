import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { failure, type Result, success } from '@menglian/base/result';
import type { SuiteName } from '@menglian/crypto/suite';
import type { Account } from '@menglian/sdk/account/account';
import { accountFromPem, pemOfAccount } from '@menglian/sdk/account/pem';
import { accountFromKeystore, keystoreOfAccount } from '@menglian/sdk/node/keystore';
import { accountFromPkcs12, pkcs12OfAccount } from '@menglian/sdk/node/pkcs12';
import { hasCode } from '@menglian/sdk/sdkError';
import { PROBLEM, problem, type Problem } from './problem.js';
import { problemOfError } from './sdkProblem.js';
import type { Session } from './session.js';

/** Key files have some hundred bytes. */
const KEY_FILE_BYTES_MAX = 65_536;

const PKCS12_ENDING = '.p12';

/** How a PEM of a key begins that needs a password. */
const ENCRYPTED_PEM = '-----BEGIN ENCRYPTED PRIVATE KEY-----';

/** How binary key files begin. */
const DER_SEQUENCE = 0x30;

/** Characters of a path that a problem repeats. */
const PATH_CHARACTERS_SHOWN_MAX = 200;

/** The account of a PEM, PKCS#12 or keystore file. No problem repeats anything of what the file holds. */
export async function loadAccountFile(session: Session, path: string): Promise<Result<Account, Problem>> {
  if (/^(0x)?[0-9a-fA-F]{64}$/.test(path)) return failure(keyInsteadOfFile());
  const file = resolve(session.options.folder, path);
  if (!existsSync(file) || !statSync(file).isFile()) return failure(unreadable(path, 'is not there', '不存在'));
  if (statSync(file).size > KEY_FILE_BYTES_MAX)
    return failure(unreadable(path, 'is no key file: too large', '过大，不是私钥文件'));
  const bytes = readFileSync(file);
  const text = bytes.toString('utf8');
  const suite = (await session.client()).suite.name;
  try {
    const isPem = text.includes('-----BEGIN');
    if (isPem && !text.includes(ENCRYPTED_PEM)) return success(await accountFromPem(text, suite));
    const isKeystore = text.trimStart().startsWith('{');
    const isKeyFile = isPem || isKeystore || bytes[0] === DER_SEQUENCE;
    if (!isKeyFile) return failure(unreadable(path, 'is no key file', '不是私钥文件'));
    const password = await passwordFor(session, path);
    if (password === undefined) return failure(noPassword(path));
    if (isPem) return success(await accountFromPem(text, suite, password));
    if (isKeystore) return success(await accountFromKeystore(text, password, suite));
    return success(await accountFromPkcs12(bytes, password, suite));
  } catch (error) {
    return failure(hasCode(error, 'OtherSuite') ? otherSuite(path, suite) : problemOfError(error));
  }
}

/** Writes the key, for its owner's eyes only, and never over another file: encrypted in a `.json` or a `.p12`. */
export async function saveAccount(session: Session, account: Account, path: string): Promise<Problem | undefined> {
  const file = resolve(session.options.folder, path);
  if (existsSync(file)) return unwritable(path, true);
  let content: string | Uint8Array = '';
  if (isEncryptedName(path)) {
    const password = await passwordFor(session, path);
    if (password === undefined || password === '') return noPassword(path);
    const isPkcs12 = path.endsWith(PKCS12_ENDING);
    content = isPkcs12 ? pkcs12OfAccount(account, password) : await keystoreOfAccount(account, password);
  } else content = pemOfAccount(account);
  try {
    writeFileSync(file, content, { mode: 0o600, flag: 'wx' });
    return undefined;
  } catch (error) {
    return unwritable(path, (error as NodeJS.ErrnoException).code === 'EEXIST');
  }
}

export function isEncryptedName(path: string): boolean {
  return path.endsWith('.json') || path.endsWith(PKCS12_ENDING);
}

/** From the file that the person named, else typed. Never from the command line: others see it there. */
async function passwordFor(session: Session, path: string): Promise<string | undefined> {
  const { passwordFile, terminal, folder } = session.options;
  if (passwordFile !== undefined) {
    const file = resolve(folder, passwordFile);
    if (!existsSync(file) || statSync(file).size > KEY_FILE_BYTES_MAX) return undefined;
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  }
  return terminal.askSecret(session.language === 'zh' ? `${path} 的口令：` : `password of ${path}: `);
}

function unwritable(path: string, isThere: boolean): Problem {
  const message = isThere
    ? { en: `${path} exists already`, zh: `${path} 已存在` }
    : { en: `${path} cannot be written`, zh: `无法写入 ${path}` };
  const advice = { en: 'take another name, in a folder that exists', zh: '换一个文件名，并确认目录存在' };
  return problem(PROBLEM.fileExists, message, advice, 'newAccount operator.pem');
}

function noPassword(path: string): Problem {
  const message = { en: `${path} needs a password`, zh: `${path} 需要口令` };
  const advice = {
    en: 'type it at a terminal when asked, or start the console with --password-file <file>',
    zh: '在终端按提示输入，或以 --password-file <文件> 启动控制台',
  };
  return problem(PROBLEM.noPassword, message, advice);
}

function unreadable(path: string, en: string, zh: string): Problem {
  const shown = path.slice(0, PATH_CHARACTERS_SHOWN_MAX);
  const advice = { en: 'give a .pem, .p12 or keystore file', zh: '请给出 .pem、.p12 或 keystore 文件' };
  return problem(PROBLEM.badKeyFile, { en: `${shown} ${en}`, zh: `${shown} ${zh}` }, advice, 'loadAccount account.pem');
}

/** @param suite of the chain */
function otherSuite(path: string, suite: SuiteName): Problem {
  const message =
    suite === 'sm'
      ? {
          en: `${path} holds a key on secp256k1, and this is an SM chain`,
          zh: `${path} 是 secp256k1 私钥，而此链为国密链`,
        }
      : { en: `${path} holds a key of SM2, and this is no SM chain`, zh: `${path} 是 SM2 私钥，而此链不是国密链` };
  const advice = {
    en: `load a key ${suite === 'sm' ? 'of SM2' : 'on secp256k1'}, or make one with newAccount`,
    zh: `请加载 ${suite === 'sm' ? 'SM2' : 'secp256k1'} 私钥，或用 newAccount 新建`,
  };
  return problem(PROBLEM.otherSuite, message, advice, 'newAccount operator.pem');
}

function keyInsteadOfFile(): Problem {
  const message = { en: 'this looks like a key, not like a file', zh: '这像是私钥而不是文件名' };
  const advice = {
    en: 'keys are read from files only, so that they are on no screen and in no history; treat this one as known',
    zh: '私钥只从文件读取，以免留在屏幕与历史中；请视此私钥为已泄露',
  };
  return problem(PROBLEM.badKeyFile, message, advice, 'loadAccount account.pem');
}
