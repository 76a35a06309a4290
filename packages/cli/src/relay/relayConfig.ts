import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { failure, type Result, success } from '@menglian/base/result';
import { ConfigReader } from '@menglian/node/config/configReader';
import { describeProblems, type IniDocument, parseIni } from '@menglian/node/config/ini';
import { HighestNode } from '@menglian/relay/highestNode';
import { CHAINS_MAX } from '@menglian/relay/limits';
import type { Account } from '@menglian/sdk/account/account';
import { accountFromPem } from '@menglian/sdk/account/pem';
import { Client } from '@menglian/sdk/client';
import { httpTransport } from '@menglian/sdk/http';
import { SdkError } from '@menglian/sdk/sdkError';
import { MAX_GROUP_ID } from '@menglian/types/limits';

/** A key file has some hundred bytes. */
const KEY_FILE_BYTES_MAX = 65_536;

/** The password of an encrypted key: never on the command line and in no file, where others see it. */
export const PASSWORD_VARIABLE = 'MENGLIAN_RELAY_PASSWORD';

const POLL_MS = 500;
const POLL_MS_MIN = 50;
const POLL_MS_MAX = 600_000;
const CLEAR_SECONDS = 10;
const CLEAR_SECONDS_MAX = 86_400;
const CHAIN_SECTION = /^chain\.\d{1,6}$/;
/** As the contract LightClients takes it. */
const CHAIN_NAME = /^[\w. -]{1,64}$/;

export interface RelayConfig {
  readonly pollMs: number;
  /** 0: epochs are closed by others. */
  readonly clearSeconds: number;
  readonly chains: readonly { readonly name: string; readonly client: Client }[];
}

interface ChainSection {
  readonly name: string;
  readonly groupId: number;
  readonly urls: readonly string[];
  readonly keyFile: string;
}

/**
 * Reads `relay.ini` and the key files it names. No node is asked.
 * @returns or every problem of the file, a line each
 */
export async function readRelayConfig(path: string, password: string | undefined): Promise<Result<RelayConfig>> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return failure(`${path}, the configuration of the relay, cannot be read: name it with --config <path>`);
  }
  const document = parseIni(text, path);
  if (!document.ok) return failure(describeProblems(document.reason));
  const reader = new ConfigReader(document.value, path);
  const pollMs = reader.integer('relay', 'poll_ms', POLL_MS, POLL_MS_MIN, POLL_MS_MAX);
  const clearSeconds = reader.integer('relay', 'clear_seconds', CLEAR_SECONDS, 0, CLEAR_SECONDS_MAX);
  const sections = readSections(reader, document.value);
  const problems = reader.finish();
  if (problems.length > 0) return failure(describeProblems(problems));
  const chains: RelayConfig['chains'][number][] = [];
  for (const { name, groupId, urls, keyFile } of sections) {
    const account = await readAccount(resolve(dirname(path), keyFile), password);
    if (!account.ok) return account;
    const { suite } = account.value;
    const nodes = urls.map((url) => httpTransport(url));
    const transport = new HighestNode(nodes, groupId, () => performance.now());
    const client = new Client(suite, { transport, groupId, account: account.value });
    chains.push({ name, client });
  }
  return success({ pollMs, clearSeconds, chains });
}

function readSections(reader: ConfigReader, document: IniDocument): readonly ChainSection[] {
  const keyFile = reader.text('relay', 'key_file', '');
  const names = [...document.keys()].filter((name) => CHAIN_SECTION.test(name));
  const sections = names.map((section): ChainSection => {
    const name = reader.text(section, 'name', section);
    if (!CHAIN_NAME.test(name)) reader.refuse(section, 'name', 'must be 1 to 64 letters, digits, blanks, _ . or -');
    const groupId = reader.integer(section, 'group_id', 1, 1, MAX_GROUP_ID);
    const urls = reader.list(section, 'url', 'like http://127.0.0.1:8545', readUrl);
    if (urls.length === 0) reader.missing(section, 'url.0', 'must name a node of the chain, http://host:port');
    const ownKeyFile = reader.text(section, 'key_file', keyFile);
    if (ownKeyFile === '') reader.missing(section, 'key_file', 'must name the PEM of who signs, here or in [relay]');
    return { name, groupId, urls, keyFile: ownKeyFile };
  });
  if (sections.length < 2 || sections.length > CHAINS_MAX) {
    reader.missing('chain.N', 'url.N', `must be there for 2 to ${CHAINS_MAX} chains; found ${sections.length}`);
  }
  const doubled = sections.find(({ name }, index) => sections.findIndex((other) => other.name === name) < index);
  if (doubled !== undefined)
    reader.missing('chain.N', 'name', `must be another for each chain; ${doubled.name} is not`);
  return sections;
}

function readUrl(text: string): string | undefined {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) ? text : undefined;
}

/** The key says of which suite it is; the chain says later whether that is its own. */
async function readAccount(path: string, password: string | undefined): Promise<Result<Account>> {
  let text: string;
  try {
    if (statSync(path).size > KEY_FILE_BYTES_MAX) return failure(`${path} is no key file: too large`);
    text = readFileSync(path, 'utf8');
  } catch {
    return failure(`${path}, the key of the relay, cannot be read; make one in menglian console: newAccount ${path}`);
  }
  try {
    return success(await accountFromPem(text, 'ecdsa', password));
  } catch (error) {
    if (!(error instanceof SdkError)) throw error;
    if (error.code === 'OtherSuite') return success(await accountFromPem(text, 'sm', password));
    return failure(`${path}: ${error.message}; a password is read from ${PASSWORD_VARIABLE}`);
  }
}
