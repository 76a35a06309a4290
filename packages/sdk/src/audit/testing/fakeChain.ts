import { toPrefixedHex, utf8Bytes } from '@menglian/base/bytes';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { bloomOf } from '@menglian/types/bloom';
import { genesisHeader } from '@menglian/types/genesis';
import { type BlockHeader, headerHash } from '@menglian/types/header';
import { merkleRoot } from '@menglian/types/merkle';
import { type Log, type Receipt, receiptHash } from '@menglian/types/receipt';
import { ZERO_ADDRESS } from '@menglian/types/address';
import { toHex } from '@menglian/base/bytes';
import { Client } from '../../client.js';
import { FakeTransport, Refusal } from '../../testing/fakeTransport.js';

const NOTHING = new Uint8Array(0);

interface FakeBlock {
  header: BlockHeader;
  receipts: readonly Receipt[];
  transactionHashes: readonly Uint8Array[];
  signatures: readonly { readonly index: number; readonly signature: Uint8Array }[];
}

export interface FakeChainOptions {
  readonly groupId: number;
  readonly consensusType?: 'pbft' | 'raft';
  /** Seeds of the keys of its sealers. */
  readonly sealers?: readonly number[];
  /** What remains of an account's gas, in every receipt. */
  readonly remainGas?: bigint;
}

/** A chain that a test writes block by block, and the node that tells of it. Everything it holds may be changed. */
export class FakeChain {
  readonly suite: CryptoSuite;
  readonly identity: Uint8Array;
  readonly blocks: FakeBlock[] = [];
  /** What the node answers instead of the truth. */
  lie: (method: string, params: readonly unknown[], truth: unknown) => unknown = (_method, _params, truth) => truth;
  /** Answers of `call`. */
  onCall: (request: { readonly to: string; readonly data: string }) => unknown = () => new Refusal(-1, 'no calls');
  readonly #groupId: number;
  readonly #remainGas: bigint;
  #sealers: readonly Uint8Array[];

  constructor(suite: CryptoSuite, { groupId, consensusType = 'pbft', sealers, remainGas }: FakeChainOptions) {
    this.suite = suite;
    this.#groupId = groupId;
    this.#remainGas = remainGas ?? 0n;
    this.#sealers = this.#sorted(sealers ?? [1, 2, 3, 4]);
    const header = genesisHeader({
      groupId,
      timestampMs: 1_700_000_000_000 + groupId,
      sealers: this.#sealers.map((key) => toHex(suite.publicKey(key))),
      consensusType,
      maxTransactions: 1000,
      consensusTimeoutSeconds: 3,
      gasLimit: 300_000_000n,
      epochSealerCount: 4,
      epochBlockCount: 1000,
      freeStorage: false,
      stateType: 'storage',
    });
    this.identity = headerHash(suite, header);
    this.blocks.push({ header, receipts: [], transactionHashes: [], signatures: [] });
  }

  /** Number of the last block. */
  get height(): number {
    return this.blocks.length - 1;
  }

  get client(): Client {
    return new Client(this.suite, { transport: this.transport, groupId: this.#groupId, chainId: 1 });
  }

  get transport(): FakeTransport {
    return new FakeTransport((method, params) => this.lie(method, params, this.#answer(method, params)));
  }

  changeSealers(seeds: readonly number[]): void {
    this.#sealers = this.#sorted(seeds);
  }

  /** @param transactions the logs of each. @returns the number of the block */
  add(transactions: readonly (readonly Log[])[] = []): number {
    const number = this.blocks.length;
    const stateRoot = this.suite.hash(utf8Bytes(`state ${number}`));
    const receipts = transactions.map((logs): Receipt => ({
      stateRoot,
      gasUsed: 21_000n,
      contractAddress: ZERO_ADDRESS,
      logsBloom: bloomOf(this.suite, logs),
      status: 0,
      output: NOTHING,
      remainGas: this.#remainGas,
      logs,
    }));
    const transactionHashes = receipts.map((_, index) =>
      this.suite.hash(utf8Bytes(`${this.#groupId} ${number} ${index}`)),
    );
    this.blocks.push(this.#seal(number, receipts, transactionHashes, stateRoot));
    return number;
  }

  /** Changes a block and seals it and all after it again, as if the chain had decided so. */
  rewrite(number: number, change: (receipts: readonly Receipt[]) => readonly Receipt[]): void {
    for (let at = number; at <= this.height; at++) {
      const { receipts, transactionHashes, header } = this.blocks[at]!;
      const next = at === number ? change(receipts) : receipts;
      this.blocks[at] = this.#seal(at, next, transactionHashes.slice(0, next.length), header.stateRoot);
    }
  }

  /** Signs the header of a block anew by these of its sealers; all if not said. */
  sign(header: BlockHeader, by?: readonly number[]): FakeBlock['signatures'] {
    const digest = headerHash(this.suite, header);
    const signers = by ?? this.#sealers.map((_, index) => index);
    return signers.map((index) => ({ index, signature: this.suite.sign(digest, this.#sealers[index]!) }));
  }

  #seal(
    number: number,
    receipts: readonly Receipt[],
    transactionHashes: readonly Uint8Array[],
    stateRoot: Uint8Array,
  ): FakeBlock {
    const { suite } = this;
    const parent = this.blocks[number - 1]!.header;
    const header: BlockHeader = {
      ...parent,
      parentHash: headerHash(suite, parent),
      stateRoot,
      dbHash: stateRoot,
      transactionsRoot: merkleRoot(suite, transactionHashes),
      receiptsRoot: merkleRoot(
        suite,
        receipts.map((receipt) => receiptHash(suite, receipt)),
      ),
      number,
      timestampMs: parent.timestampMs + 1000,
      extraData: [],
      sealerList: this.#sealers.map((key) => toHex(suite.publicKey(key))),
    };
    return { header, receipts, transactionHashes, signatures: this.sign(header) };
  }

  #sorted(seeds: readonly number[]): Uint8Array[] {
    const keyOf = (seed: number) => new Uint8Array(32).fill(seed);
    const idOf = (seed: number) => toHex(this.suite.publicKey(keyOf(seed)));
    return seeds.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1)).map(keyOf);
  }

  #answer(method: string, params: readonly unknown[]): unknown {
    if (method === 'getBlockNumber') return this.height;
    if (method === 'getBlockHashByNumber') return this.#hashOf(Number(params[1]));
    if (method === 'call') return this.onCall(params[1] as { to: string; data: string });
    if (method === 'getTransactionReceipt') return this.#receipt(String(params[1]));
    const number = Number(params[1]);
    const block = this.blocks[number];
    if (block === undefined) return new Refusal(-40004, 'no such block');
    if (method === 'getBlockHeaderByNumber') return headerJson(this.suite, block);
    if (method === 'getBatchReceiptsByBlockNumberAndRange') {
      return this.#batch(block, Number(params[2]), Number(params[3]));
    }
    return new Refusal(-32601, method);
  }

  #hashOf(number: number): unknown {
    const block = this.blocks[number];
    return block === undefined
      ? new Refusal(-40004, 'no such block')
      : toPrefixedHex(headerHash(this.suite, block.header));
  }

  #batch({ header, receipts, transactionHashes }: FakeBlock, from: number, count: number): unknown {
    const blockHash = toPrefixedHex(headerHash(this.suite, header));
    const all = receipts.map((receipt, index) => ({
      contractAddress: `0x${receipt.contractAddress}`,
      from: `0x${ZERO_ADDRESS}`,
      to: `0x${ZERO_ADDRESS}`,
      gasUsed: `0x${receipt.gasUsed.toString(16)}`,
      logs: receipt.logs.map(logJson),
      output: toPrefixedHex(receipt.output),
      status: receipt.status,
      transactionHash: toPrefixedHex(transactionHashes[index]!),
      transactionIndex: index,
    }));
    const blockInfo = {
      blockHash,
      blockNumber: header.number,
      receiptRoot: toPrefixedHex(header.receiptsRoot),
      receiptsCount: receipts.length,
    };
    return { blockInfo, transactionReceipts: all.slice(from, from + count) };
  }

  #receipt(hash: string): unknown {
    for (const { header, receipts, transactionHashes } of this.blocks) {
      const index = transactionHashes.findIndex((one) => toPrefixedHex(one) === hash);
      const receipt = receipts[index];
      if (receipt === undefined) continue;
      return {
        blockHash: toPrefixedHex(headerHash(this.suite, header)),
        blockNumber: header.number,
        contractAddress: `0x${receipt.contractAddress}`,
        from: `0x${ZERO_ADDRESS}`,
        gasUsed: `0x${receipt.gasUsed.toString(16)}`,
        input: '0x',
        logs: receipt.logs.map(logJson),
        logsBloom: toPrefixedHex(receipt.logsBloom),
        output: toPrefixedHex(receipt.output),
        remainGas: `0x${receipt.remainGas.toString(16)}`,
        root: toPrefixedHex(receipt.stateRoot),
        status: receipt.status,
        to: `0x${ZERO_ADDRESS}`,
        transactionHash: hash,
        transactionIndex: index,
      };
    }
    return null;
  }
}

function logJson({ address, topics, data }: Log) {
  return { address: `0x${address}`, topics: topics.map(toPrefixedHex), data: toPrefixedHex(data) };
}

function headerJson(suite: CryptoSuite, { header, signatures }: FakeBlock) {
  return {
    dbHash: toPrefixedHex(header.dbHash),
    extraData: header.extraData.map(toPrefixedHex),
    gasLimit: '0x0',
    gasUsed: '0x0',
    hash: toPrefixedHex(headerHash(suite, header)),
    logsBloom: toPrefixedHex(header.logsBloom),
    number: header.number,
    parentHash: toPrefixedHex(header.parentHash),
    receiptsRoot: toPrefixedHex(header.receiptsRoot),
    sealer: header.sealer,
    sealerList: header.sealerList,
    signatureList: signatures.map(({ index, signature }) => ({ index, signature: toPrefixedHex(signature) })),
    stateRoot: toPrefixedHex(header.stateRoot),
    timestamp: header.timestampMs,
    transactionsRoot: toPrefixedHex(header.transactionsRoot),
  };
}
