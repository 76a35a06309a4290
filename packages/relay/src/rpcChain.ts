/** One chain over JSON-RPC, by the client for programs. */
import type { Client } from '@menglian/sdk/client';
import type { Hash, Hex } from '@menglian/sdk/hex';
import { messageBundleBytes } from '@menglian/sdk/proof/messageBundle';
import type { ReceiptWithProof } from '@menglian/sdk/rpc/shapes';
import { sdkError, SdkError } from '@menglian/sdk/sdkError';
import { LightClients } from '@menglian/sdk/services/lightClients';
import { Messages } from '@menglian/sdk/services/messages';
import { type ShadowAccount, ShadowAccounts } from '@menglian/sdk/services/shadowAccounts';
import { UNSETTLED_EPOCHS_MAX } from '@menglian/interchain/limits';
import { isMarked, messagePlace, receiptsOfBlock } from './blockReceipts.js';
import { EPOCH_EMPTY, hasNumber, INTERCHAIN_OFF, UNSETTLED_EPOCHS_FULL } from './codes.js';
import { BLOCKS_SEARCHED_MAX, MESSAGES_SEARCHED_MAX } from './limits.js';
import type { KnownChain, MarkedBlock, MessagePlace, RelayChain } from './ports.js';

/** Shadow accounts that a node is asked about at a time. */
const SHADOWS_AT_ONCE = 64;

/** Whether an epoch with payments is open, and may be closed. */
function isClosable(shadow: ShadowAccount | undefined): boolean {
  if (shadow === undefined || shadow.openCount === 0n) return false;
  return shadow.openEpoch - shadow.settledEpoch <= UNSETTLED_EPOCHS_MAX;
}

export class RpcChain implements RelayChain {
  readonly name: string;
  readonly #client: Client;
  readonly #clients: LightClients;
  readonly #messages: Messages;
  readonly #shadows: ShadowAccounts;
  #identity: Promise<Hash> | undefined;

  constructor(name: string, client: Client) {
    this.name = name;
    this.#client = client;
    this.#clients = new LightClients(client);
    this.#messages = new Messages(client);
    this.#shadows = new ShadowAccounts(client);
  }

  identity(): Promise<Hash> {
    this.#identity ??= this.#client.getBlockHash(0).catch((error: unknown) => {
      this.#identity = undefined;
      throw error;
    });
    return this.#identity;
  }

  blockNumber(): Promise<number> {
    return this.#client.getBlockNumber();
  }

  lastSent(to: Hash): Promise<bigint> {
    return this.#reading(this.#messages.lastSent(to));
  }

  sentAt(to: Hash, sequence: bigint): Promise<number | undefined> {
    return this.#messages.sentAt(to, sequence);
  }

  async messagesIn(blockNumber: number, to: Hash): Promise<readonly MessagePlace[]> {
    const receipts = await receiptsOfBlock(this.#client, blockNumber);
    return receipts.flatMap((receipt) => messagePlace(this.#client.suite, receipt, to) ?? []);
  }

  async bundle(blockNumber: number, transactions: readonly Hash[]): Promise<Hex> {
    const [header, ...receipts] = await Promise.all([
      this.#client.getBlockHeader(blockNumber),
      ...transactions.map((hash) => this.#receiptWithProof(hash)),
    ]);
    return messageBundleBytes(header, receipts);
  }

  async mark(): Promise<MarkedBlock> {
    const { receipt } = await this.#messages.mark();
    const { blockNumber, transactionHash } = receipt;
    return { blockNumber, transactionHash };
  }

  async findMarked(above: number, upTo: number): Promise<MarkedBlock | undefined> {
    const lowest = Math.max(above + 1, upTo - BLOCKS_SEARCHED_MAX + 1, 1);
    for (let blockNumber = upTo; blockNumber >= lowest; blockNumber--) {
      const receipts = await receiptsOfBlock(this.#client, blockNumber);
      const marked = receipts.find((receipt) => isMarked(this.#client.suite, receipt));
      if (marked !== undefined) return { blockNumber, transactionHash: marked.transactionHash };
    }
    return undefined;
  }

  async sealersOf(blockNumber: number): Promise<readonly string[]> {
    return (await this.#client.getBlockHeader(blockNumber)).sealerList;
  }

  async lastTaken(from: Hash): Promise<bigint> {
    return (await this.inbox(from)).lastTaken;
  }

  /** Number of the last message taken from a chain, and how many its receivers refused. */
  inbox(from: Hash): ReturnType<Messages['inbox']> {
    return this.#reading(this.#messages.inbox(from));
  }

  async deliver(from: Hash, bundle: Hex): Promise<number> {
    return (await this.#messages.deliver(from, bundle)).count;
  }

  async failedMessages(from: Hash): Promise<readonly bigint[]> {
    const { lastTaken, failed } = await this.inbox(from);
    const found: bigint[] = [];
    const lowest = lastTaken > MESSAGES_SEARCHED_MAX ? lastTaken - MESSAGES_SEARCHED_MAX : 0n;
    for (let sequence = lastTaken; sequence > lowest && BigInt(found.length) < failed; sequence--) {
      if ((await this.#messages.stateOf(from, sequence)) === 'failed') found.push(sequence);
    }
    return found.toReversed();
  }

  async retry(from: Hash, sequence: bigint, bundle: Hex): Promise<boolean> {
    return (await this.#messages.retry(from, sequence, bundle)).count > 0;
  }

  knows(chain: Hash): Promise<KnownChain | undefined> {
    return this.#reading(this.#clients.get(chain));
  }

  believedSealers(chain: Hash, blockNumber: number): Promise<readonly string[]> {
    return this.#clients.sealersAt(chain, blockNumber);
  }

  tryUpdate(chain: Hash, bundle: Hex): Promise<void> {
    return this.#clients.tryUpdate(chain, bundle);
  }

  async update(chain: Hash, bundle: Hex): Promise<void> {
    await this.#clients.update(chain, bundle);
  }

  async closableAccounts(): Promise<readonly string[]> {
    const listed = await this.#reading(this.#shadows.list());
    const accounts: string[] = [];
    for (let start = 0; start < listed.length; start += SHADOWS_AT_ONCE) {
      const some = listed.slice(start, start + SHADOWS_AT_ONCE);
      const shadows = await Promise.all(some.map(async ({ account }) => this.#shadows.get(account)));
      accounts.push(...some.filter((_, index) => isClosable(shadows[index])).map(({ account }) => account));
    }
    return accounts;
  }

  async close(account: string): Promise<boolean> {
    try {
      await this.#shadows.close(account);
      return true;
    } catch (error) {
      if (hasNumber(error, EPOCH_EMPTY) || hasNumber(error, UNSETTLED_EPOCHS_FULL)) return false;
      throw error;
    }
  }

  async #receiptWithProof(hash: Hash): Promise<ReceiptWithProof> {
    const receipt = await this.#client.getReceiptWithProof(hash);
    if (receipt !== null) return receipt;
    throw sdkError('NotFound', `a node of ${this.name} has no receipt of ${hash}`, 'it may be behind: ask again');
  }

  /** The contracts answer only on chains that have switched them on. */
  async #reading<T>(asked: Promise<T>): Promise<T> {
    try {
      return await asked;
    } catch (error) {
      if (!(error instanceof SdkError) || error.code !== 'CallAddressError') throw error;
      const problem = `${this.name} takes no part in messages between chains: enable_interchain is not on`;
      throw new SdkError(INTERCHAIN_OFF, problem, 'who may change settings runs: menglian relay register', error);
    }
  }
}
