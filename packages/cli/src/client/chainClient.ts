import { setTimeout as sleep } from 'node:timers/promises';
import { fromHex, toHex } from '@menglian/base/bytes';
import type { Address } from '@menglian/types/address';
import { rawText, type Account } from './account.js';
import type { RpcClient } from './rpcClient.js';

/** The members of a receipt that callers here read. */
export interface ReceiptAnswer {
  readonly status: string;
  readonly statusMsg: string;
  readonly contractAddress: string;
  readonly blockNumber: string;
  readonly output: string;
  readonly gasUsed: string;
}

/** How long a transaction may take to be in a block, and how often its receipt is asked for. */
const RECEIPT_TIMEOUT_MS = 60_000;
const RECEIPT_POLL_MS = 50;

/** Sends transactions to one group and waits for their receipts. */
export class ChainClient {
  readonly rpc: RpcClient;
  readonly groupId: number;
  readonly #chainId: number;

  constructor(rpc: RpcClient, target: { readonly chainId: number; readonly groupId: number }) {
    this.rpc = rpc;
    this.groupId = target.groupId;
    this.#chainId = target.chainId;
  }

  async blockNumber(): Promise<number> {
    return Number(await this.rpc.call('getBlockNumber', this.groupId));
  }

  /** Signs and sends. @param to undefined deploys. @returns the transaction's hash */
  async send(account: Account, to: Address | undefined, data: Uint8Array): Promise<string> {
    const blockNumber = await this.blockNumber();
    const target = { chainId: this.#chainId, groupId: this.groupId, blockNumber, to };
    return (await this.rpc.call('sendRawTransaction', this.groupId, rawText(account.sign(target, data)))) as string;
  }

  /** Waits until the transaction is in a block. @throws Error when that takes too long */
  async receipt(hash: string): Promise<ReceiptAnswer> {
    const deadline = performance.now() + RECEIPT_TIMEOUT_MS;
    for (;;) {
      const receipt = (await this.rpc.call('getTransactionReceipt', this.groupId, hash)) as ReceiptAnswer | null;
      if (receipt !== null) return receipt;
      if (performance.now() > deadline)
        throw new Error(`transaction ${hash} is in no block after ${RECEIPT_TIMEOUT_MS} ms`);
      await sleep(RECEIPT_POLL_MS);
    }
  }

  /** Runs a call without a transaction. @returns its status and output */
  async call(from: Address, to: Address, data: Uint8Array): Promise<{ status: number; output: Uint8Array }> {
    const request = { from: `0x${from}`, to: `0x${to}`, data: `0x${toHex(data)}`, value: '0x0' };
    const answer = (await this.rpc.call('call', this.groupId, request)) as { status: string; output: string };
    return { status: Number(answer.status), output: fromHex(answer.output) };
  }
}
