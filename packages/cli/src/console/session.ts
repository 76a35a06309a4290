import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { type Account, randomAccount } from '@menglian/sdk/account/account';
import { Client } from '@menglian/sdk/client';
import type { Hex } from '@menglian/sdk/hex';
import type { Amop } from '@menglian/sdk/node/channel/amop';
import type { Transport } from '@menglian/sdk/transport';
import type { Caller } from '@menglian/sdk/transaction/requests';
import type { Language } from '../language.js';
import type { ConsoleHome, Deployment } from './home.js';
import type { Terminal } from './terminal.js';
import { transact } from './transact.js';

/** How often a node is asked for a receipt. */
const POLL_MS = 100;

export interface SessionOptions {
  readonly transport: Transport;
  /** Messages between clients, where the transport is the channel. */
  readonly amop?: Amop;
  readonly groupId: number;
  readonly language: Language;
  readonly home: ConsoleHome;
  readonly terminal: Terminal;
  /** A compiler that the person names: a file or a folder. */
  readonly solc?: string;
  /** Holds the password of key files, for those who cannot be asked. */
  readonly passwordFile?: string;
  /** Where contracts are looked for. */
  readonly folder: string;
}

/** What one run of the console knows: the node, the group, accounts, contracts. */
export class Session {
  readonly options: SessionOptions;
  /** Those that can sign, the current one first. */
  accounts: readonly Account[] = [];
  groupId: number;
  isEnded = false;
  /** Addresses of accounts that were made for this session and are in no file. */
  readonly #temporary = new Set<string>();
  /** Of the command that runs: the transaction that it sent last. */
  sentHash: string | undefined;
  #chain: Promise<{ suite: CryptoSuite; chainId: number }> | undefined;
  readonly #clients = new Map<number, Client>();
  #amopAccount: Account | undefined;
  readonly #acceptedKeys = new Map<string, readonly Hex[]>();

  constructor(options: SessionOptions) {
    this.options = options;
    this.groupId = options.groupId;
  }

  get language(): Language {
    return this.options.language;
  }

  /** A method that no group answers. @returns what the node wrote */
  ask(method: string, ...params: readonly unknown[]): Promise<unknown> {
    return this.options.transport.request({ method, params });
  }

  /** A method of the group. */
  askGroup(method: string, ...params: readonly unknown[]): Promise<unknown> {
    return this.ask(method, this.groupId, ...params);
  }

  /** The client of the group: its algorithms are those that the node names. */
  async client(): Promise<Client> {
    const known = this.#clients.get(this.groupId);
    if (known !== undefined) return known;
    const { suite, chainId } = await this.#chainFacts();
    const { transport } = this.options;
    const client = new Client(suite, { transport, chainId, groupId: this.groupId, pollMs: POLL_MS });
    this.#clients.set(this.groupId, client);
    return client;
  }

  /** For contracts and services: what they send is signed by the current account, and waited for in sight. */
  async caller(): Promise<Caller> {
    const [client, account] = await Promise.all([this.client(), this.account()]);
    return {
      suite: client.suite,
      account,
      call: (request) => client.call(request),
      sendTransaction: (request) => client.sendTransaction({ account, ...request }),
      execute: (request, options) => transact(this, request, options?.abi),
      getBlockNumber: () => client.getBlockNumber(),
      getLogs: (filter) => client.getLogs(filter),
      watchLogs: (filter, listener) => client.watchLogs(filter, listener),
    };
  }

  /** Who signs: the account that was loaded, or a new one that ends with the session. */
  async account(): Promise<Account> {
    if (this.accounts.length === 0) {
      const { suite } = await this.#chainFacts();
      this.use(await randomAccount(suite.name), { isTemporary: true });
    }
    return this.accounts[0]!;
  }

  /** Who proves to be allowed on private topics: their keys are those of ecdsa on every chain. */
  async amopAccount(): Promise<Account> {
    const account = await this.account();
    if (account.suite.name === 'ecdsa') return account;
    this.#amopAccount ??= await randomAccount('ecdsa');
    return this.#amopAccount;
  }

  /** One more key that may receive messages of a private topic. @returns all of the topic */
  acceptKey(topic: string, publicKey: Hex): readonly Hex[] {
    const keys = [...new Set([...(this.#acceptedKeys.get(topic) ?? []), publicKey])];
    this.#acceptedKeys.set(topic, keys);
    return keys;
  }

  /** Whether the key of the current account ends with this session. */
  get isAccountTemporary(): boolean {
    return this.#temporary.has(this.accounts[0]?.address ?? '');
  }

  /** Makes it the current account. */
  use(account: Account, { isTemporary = false } = {}): void {
    if (isTemporary) this.#temporary.add(account.address);
    this.accounts = [account, ...this.accounts.filter(({ address }) => address !== account.address)];
  }

  /** Tells chains and groups apart: the hash of the first block. */
  async chainKey(): Promise<string> {
    return String(await this.askGroup('getBlockHashByNumber', '0x0'));
  }

  /** Those of this group, newest first. */
  async deployments(): Promise<readonly Deployment[]> {
    const all = this.options.home.deployments();
    if (all.length === 0) return [];
    const chain = await this.chainKey();
    return all.filter((one) => one.chain === chain && one.groupId === this.groupId);
  }

  close(): void {
    this.options.transport.close();
  }

  /** Asked once: a chain does not change its algorithms. */
  #chainFacts(): Promise<{ suite: CryptoSuite; chainId: number }> {
    this.#chain ??= this.#askChainFacts().catch((error: unknown) => {
      this.#chain = undefined;
      throw error;
    });
    return this.#chain;
  }

  async #askChainFacts(): Promise<{ suite: CryptoSuite; chainId: number }> {
    const loaded = await loadSuite('ecdsa');
    const { suite, chainId } = await new Client(loaded, { transport: this.options.transport }).getClientVersion();
    return { suite: suite === 'ecdsa' ? loaded : await loadSuite(suite), chainId };
  }
}
