import { loadSuite } from '@menglian/crypto/loadSuite';
import type { CryptoSuite, SuiteName } from '@menglian/crypto/suite';
import { MAX_TRANSACTION_BYTES } from '@menglian/types/limits';
import type { SignedTransaction } from '@menglian/types/transaction';
import type { Abi } from './abi/abi.js';
import type { ConstructorArguments } from './abi/types.js';
import { encodeDeployment } from './abi/functions.js';
import type { Account } from './account/account.js';
import { type Contract, createContract } from './contract.js';
import { type Address, bareAddress, bytesOf, type Hash, type Hex, hexOf } from './hex.js';
import { pollBlocks } from './logs/pollBlocks.js';
import { LogPoller } from './logs/logPoller.js';
import type { Log, LogFilter } from './logs/log.js';
import { type Ports, PLATFORM_PORTS, sleep } from './ports.js';
import { GroupMethods } from './rpc/groupMethods.js';
import { hash as hashReader } from './rpc/reader.js';
import { isAlreadyThere } from './rpc/rpcError.js';
import { receipt as receiptReader, type Receipt } from './rpc/shapes.js';
import { hasCode, SdkError, sdkError } from './sdkError.js';
import { BlockHeight } from './transaction/blockHeight.js';
import { checkExecution, ExecutionError } from './transaction/executionError.js';
import { BLOCK_LIMIT_AHEAD, transactionFields } from './transaction/fields.js';
import type { Caller, ExecuteOptions, TransactionRequest, WaitOptions } from './transaction/requests.js';
import type { LogListener, Transport, Unsubscribe } from './transport.js';

/** Data and extra data of a transaction; its other fields have less than 512 bytes. */
const DATA_BYTES_MAX = MAX_TRANSACTION_BYTES - 512;

/** How long a transaction may take to be in a block, and how often it is asked for, if not said. */
const RECEIPT_TIMEOUT_MS = 60_000;
const POLL_MS = 200;

export interface ClientOptions {
  readonly transport: Transport;
  /** 1 if not said */
  readonly groupId?: number;
  /** Algorithms of the chain; those of the account if not said, without one `ecdsa`. */
  readonly suite?: SuiteName;
  /** Who signs when nobody else is named. */
  readonly account?: Account;
  /** Asked from the node if not said. */
  readonly chainId?: number;
  /** How often a node is asked that does not speak first. */
  readonly pollMs?: number;
  readonly ports?: Ports;
}

export interface DeployRequest<A extends Abi> {
  readonly abi: A;
  readonly bytecode: Hex;
  readonly args?: ConstructorArguments<A>;
  readonly account?: Account;
  readonly timeoutMs?: number;
}

/** @throws SdkError */
export async function createClient(options: ClientOptions): Promise<Client> {
  return new Client(await loadSuite(options.suite ?? options.account?.suite.name ?? 'ecdsa'), options);
}

/** One group of a chain: every method of JSON-RPC, signing and sending, contracts. */
export class Client extends GroupMethods implements Caller {
  readonly suite: CryptoSuite;
  readonly account: Account | undefined;
  readonly ports: Ports;
  readonly #pollMs: number;
  readonly #height: BlockHeight;
  #chainId: Promise<number> | undefined;

  constructor(suite: CryptoSuite, options: ClientOptions) {
    super(options.transport, options.groupId ?? 1);
    this.suite = suite;
    this.account = options.account;
    this.ports = options.ports ?? PLATFORM_PORTS;
    this.#pollMs = options.pollMs ?? POLL_MS;
    this.#height = new BlockHeight(() => this.getBlockNumber(), this.ports);
    this.#chainId = options.chainId === undefined ? undefined : Promise.resolve(options.chainId);
  }

  /** Calls and events of a contract, typed by its ABI. */
  contract<const A extends Abi>(place: { readonly address: Address; readonly abi: A }): Contract<A> {
    return createContract(this, place.address, place.abi);
  }

  /** Builds and signs, without sending. */
  async signTransaction(request: TransactionRequest): Promise<SignedTransaction> {
    const account = request.account ?? this.account;
    if (account === undefined) {
      throw sdkError('BadArgument', 'nobody signs', 'give an account with the request or with the client');
    }
    const data = bytesOf(request.data, 'the data');
    const extraData = bytesOf(request.extraData ?? '0x', 'the extra data');
    if (data.length + extraData.length > DATA_BYTES_MAX) {
      const problem = `a transaction with ${data.length + extraData.length} bytes of data`;
      throw sdkError('BadArgument', problem, `send at most ${DATA_BYTES_MAX}`);
    }
    if (account.suite.name !== this.suite.name) {
      const problem = `the account is of suite ${account.suite.name}, the client of ${this.suite.name}`;
      throw sdkError('BadArgument', problem, 'read the account with the suite of the chain');
    }
    const to = request.to === undefined ? undefined : bareAddress(request.to, '`to`');
    const [chainId, height] = await Promise.all([this.chainId(), request.blockLimit ?? this.#height.get()]);
    const blockLimit = request.blockLimit ?? height + BLOCK_LIMIT_AHEAD;
    const target = { chainId, groupId: this.groupId, blockLimit, to, data, extraData };
    return account.signTransaction(transactionFields(target, this.ports));
  }

  /**
   * Signs and sends. Sent again with a fresh block limit, once, when the height was too old.
   * @returns its hash. @throws SdkError with the word of the refusal
   */
  async sendTransaction(request: TransactionRequest): Promise<Hash> {
    const signed = await this.signTransaction(request);
    try {
      return await this.sendSigned(signed);
    } catch (error) {
      const isStale = error instanceof SdkError && error.code === 'BlockLimitCheckFailed';
      if (!isStale || request.blockLimit !== undefined) throw error;
      this.#height.forget();
      return this.sendSigned(await this.signTransaction(request));
    }
  }

  /** Sends what `signTransaction` gave. Over several nodes it may be sent twice, and is executed once. */
  async sendSigned(signed: SignedTransaction): Promise<Hash> {
    const raw = hexOf(signed.raw);
    const expected = hexOf(signed.hash);
    const { transport } = this;
    let answered: Hash;
    try {
      answered =
        transport.sendTransaction === undefined
          ? await this.sendRawTransaction(raw)
          : hashReader(await transport.sendTransaction(this.groupId, raw, expected), 'result of sendRawTransaction');
    } catch (error) {
      // A node that was lost before it answered may have taken it, and told the others.
      if (isAlreadyThere(error) && (error as SdkError).cause instanceof SdkError) return expected;
      throw error;
    }
    if (answered === expected) return expected;
    const advice = 'see that the suite of the client is the one of the chain';
    throw sdkError('BadAnswer', `the node computed another hash: ${answered}, not ${expected}`, advice);
  }

  /**
   * Waits until the transaction is in a block, whether it succeeded or failed there.
   * @throws SdkError `Timeout`: it may still come; ExecutionError when nodes refused it after they had taken it
   */
  async waitForReceipt(hash: Hash, options: WaitOptions = {}): Promise<Receipt> {
    const timeoutMs = options.timeoutMs ?? RECEIPT_TIMEOUT_MS;
    const pushed = this.transport.pushedReceipt?.(hash);
    const receipt = await (pushed === undefined
      ? this.#pollReceipt(hash, timeoutMs)
      : this.#within(pushed, hash, timeoutMs).then((value) => receiptReader(value, 'receipt')));
    if (receipt.blockNumber === 0 && receipt.status !== 0) throw refusedLater(receipt);
    this.#height.saw(receipt.blockNumber);
    return receipt;
  }

  /** Sends, waits, and checks. @throws ExecutionError when the transaction failed */
  async execute(request: TransactionRequest, options: ExecuteOptions = {}): Promise<Receipt> {
    const receipt = await this.waitForReceipt(await this.sendTransaction(request), options);
    checkExecution(this.suite, 'the transaction', receipt, { ...(options.abi && { abi: options.abi }), receipt });
    return receipt;
  }

  /** Deploys and waits. @throws ExecutionError when the constructor failed */
  async deploy<const A extends Abi>(request: DeployRequest<A>): Promise<Contract<A> & { readonly receipt: Receipt }> {
    const { abi, bytecode, args = [], account, timeoutMs } = request;
    const receipt = await this.execute(
      { data: encodeDeployment(abi, bytecode, args), ...(account && { account }) },
      { abi, ...(timeoutMs !== undefined && { timeoutMs }) },
    );
    if (receipt.contractAddress === null) {
      throw sdkError('BadAnswer', 'the receipt of a deployment has no address', 'ask another node');
    }
    return Object.assign(createContract(this, receipt.contractAddress, abi), { receipt });
  }

  /** Asked once. @throws SdkError `BadArgument` when the chain has the other suite */
  chainId(): Promise<number> {
    this.#chainId ??= this.#askChainId().catch((error: unknown) => {
      this.#chainId = undefined;
      throw error;
    });
    return this.#chainId;
  }

  /** Tells of each new height, beginning with the one that is. */
  watchBlocks(onBlock: (blockNumber: number) => void, onError: (error: unknown) => void = () => {}): Unsubscribe {
    const saw = (blockNumber: number) => {
      this.#height.saw(blockNumber);
      onBlock(blockNumber);
    };
    const pushed = this.transport.watchBlocks?.(this.groupId, saw);
    return pushed ?? pollBlocks(() => this.getBlockNumber(), { pollMs: this.#pollMs, ports: this.ports }, saw, onError);
  }

  /** Gives each log of the filter once, in the order of the chain. Most want `contract.events` instead. */
  watchLogs(filter: LogFilter, listener: LogListener): Unsubscribe {
    return this.transport.watchLogs?.(this.groupId, filter, listener) ?? this.#poller().watch(filter, listener);
  }

  /** Reads the blocks of the filter one by one, up to the height if it names no end. */
  getLogs(filter: LogFilter): Promise<readonly Log[]> {
    return this.#poller().find(filter);
  }

  close(): void {
    this.transport.close();
  }

  async #askChainId(): Promise<number> {
    const { chainId, suite } = await this.getClientVersion();
    if (suite === this.suite.name) return chainId;
    const problem = `the chain is of suite ${suite}, the client of ${this.suite.name}`;
    throw sdkError(
      'BadArgument',
      problem,
      `give the client suite: '${suite}' and an account of it; suiteOfChain tells which`,
    );
  }

  #poller(): LogPoller {
    return new LogPoller(this, { pollMs: this.#pollMs, ports: this.ports });
  }

  /** Nodes that cannot be reached for a while are asked again: the transaction is on its way without us. */
  async #pollReceipt(hash: Hash, timeoutMs: number): Promise<Receipt> {
    const deadlineMs = this.ports.nowMs() + timeoutMs;
    for (;;) {
      let lost: unknown;
      try {
        const receipt = await this.getReceipt(hash);
        if (receipt !== null) return receipt;
      } catch (error) {
        if (!hasCode(error, 'NoConnection') && !hasCode(error, 'Timeout')) throw error;
        lost = error;
      }
      if (this.ports.nowMs() >= deadlineMs) throw late(hash, timeoutMs, lost);
      await sleep(this.ports, this.#pollMs);
    }
  }

  async #within<T>(promise: Promise<T>, hash: Hash, timeoutMs: number): Promise<T> {
    let cancel = () => {};
    const timeout = new Promise<never>((_, reject) => {
      cancel = this.ports.after(timeoutMs, () => reject(late(hash, timeoutMs)));
    });
    return Promise.race([promise, timeout]).finally(() => cancel());
  }
}

function late(hash: Hash, timeoutMs: number, cause?: unknown): SdkError {
  const advice = 'it may still come: wait again; after its block limit it never will';
  return sdkError('Timeout', `transaction ${hash} is in no block after ${timeoutMs} ms`, advice, cause);
}

function refusedLater(receipt: Receipt): ExecutionError {
  const { status, output } = receipt;
  return new ExecutionError('sending the transaction', { status, output, reason: undefined, receipt });
}
