import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { failure, type Result, success } from '@menglian/base/result';
import type { Account } from '@menglian/sdk/account/account';
import { accountFromPem, pemOfAccount } from '@menglian/sdk/account/pem';
import { SdkError } from '@menglian/sdk/sdkError';
import { PROBLEM, problem, type Problem } from './problem.js';
import { problemOfError } from './sdkProblem.js';
import type { Session } from './session.js';

/** Key files have some hundred bytes. */
const KEY_FILE_BYTES_MAX = 65_536;

/** Where a hidden part of a name begins: a key that was given in place of a file must not be repeated. */
const PATH_CHARACTERS_SHOWN_MAX = 200;

/** The account of a PEM file. No problem repeats anything of what the file holds. */
export async function loadAccountFile(session: Session, path: string): Promise<Result<Account, Problem>> {
  if (/^(0x)?[0-9a-fA-F]{64}$/.test(path)) return failure(keyInsteadOfFile());
  const file = resolve(session.options.folder, path);
  if (!existsSync(file) || !statSync(file).isFile()) return failure(unreadable(path, 'is not there', '不存在'));
  if (statSync(file).size > KEY_FILE_BYTES_MAX)
    return failure(unreadable(path, 'is no key file: too large', '过大，不是私钥文件'));
  const text = readFileSync(file, 'latin1');
  if (!text.includes('-----BEGIN')) return failure(notPem(path));
  const { suite } = await session.client();
  try {
    const account = await accountFromPem(text, suite.name);
    return success(account);
  } catch (error) {
    if (!(error instanceof SdkError)) throw error;
    return failure(problemOfError(error));
  }
}

/** Writes the key, for its owner's eyes only, and never over another file. */
export function saveAccount(session: Session, account: Account, path: string): Problem | undefined {
  const file = resolve(session.options.folder, path);
  try {
    writeFileSync(file, pemOfAccount(account), { mode: 0o600, flag: 'wx' });
    return undefined;
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    const message = isThere
      ? { en: `${path} exists already`, zh: `${path} 已存在` }
      : { en: `${path} cannot be written`, zh: `无法写入 ${path}` };
    const advice = { en: 'take another name, in a folder that exists', zh: '换一个文件名，并确认目录存在' };
    return problem(PROBLEM.fileExists, message, advice, 'newAccount operator.pem');
  }
}

function unreadable(path: string, en: string, zh: string): Problem {
  const shown = path.slice(0, PATH_CHARACTERS_SHOWN_MAX);
  const advice = { en: 'give a PEM file of a private key', zh: '请给出 PEM 私钥文件' };
  return problem(PROBLEM.badKeyFile, { en: `${shown} ${en}`, zh: `${shown} ${zh}` }, advice, 'loadAccount account.pem');
}

function notPem(path: string): Problem {
  const advice = {
    en: 'give a PEM file; a .p12 becomes one with: openssl pkcs12 -in account.p12 -nodes -nocerts -out account.pem',
    zh: '请给出 PEM 文件；.p12 可转换：openssl pkcs12 -in account.p12 -nodes -nocerts -out account.pem',
  };
  const message = { en: `${path} is no PEM file`, zh: `${path} 不是 PEM 文件` };
  return problem(PROBLEM.badKeyFile, message, advice, 'loadAccount account.pem');
}

function keyInsteadOfFile(): Problem {
  const message = { en: 'this looks like a key, not like a file', zh: '这像是私钥而不是文件名' };
  const advice = {
    en: 'keys are read from files only, so that they are on no screen and in no history; treat this one as known',
    zh: '私钥只从文件读取，以免留在屏幕与历史中；请视此私钥为已泄露',
  };
  return problem(PROBLEM.badKeyFile, message, advice, 'loadAccount account.pem');
}
