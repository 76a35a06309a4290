import { setTimeout as sleep } from 'node:timers/promises';
import type { SeededRandom } from '@menglian/base/seededRandom';
import { callData } from '@menglian/sdk/abi/functions';
import { functionOf } from '@menglian/sdk/abi/signature';
import type { Account } from '@menglian/sdk/account/account';
import { bareAddress, type Hex, hexOf } from '@menglian/sdk/hex';
import { PLATFORM_PORTS } from '@menglian/sdk/ports';
import { systemAddress } from '@menglian/sdk/services/systemContract';
import { transactionFields } from '@menglian/sdk/transaction/fields';
import { CarefulSender, type SignedOperation } from '../e2e/faults/carefulSender.js';
import type { RpcClient } from '../e2e/rpcClient.js';

export const SHADOW_ACCOUNTS = systemAddress(0x2006);
export const PAY = functionOf('pay(string,uint256,bytes32)');
export const AMOUNT_MAX = 10_000;

const RECEIPTS_AT_ONCE = 500;
/** Payments in one request. */
const REQUEST_PAYMENTS = 100;
/** Payments of one group that are on their way. */
const OPEN_PAYMENTS_MAX = 3000;
const REFERENCE: Hex = `0x${'00'.repeat(32)}`;
const SUCCESS = 1n;

export interface PaymentLoadOptions {
  readonly groupId: number;
  readonly payers: readonly Account[];
  readonly merchants: readonly string[];
  readonly random: SeededRandom;
}

/** Payments of random payers to random merchants of one group, by careful clients, as fast as the nodes take them. */
export class PaymentLoad {
  readonly #sender: CarefulSender;
  readonly #options: PaymentLoadOptions;

  constructor(clients: readonly RpcClient[], options: PaymentLoadOptions) {
    this.#options = options;
    this.#sender = new CarefulSender(clients, {
      groupId: options.groupId,
      receiptsAtOnce: RECEIPTS_AT_ONCE,
      check: ({ hash }, { status, output }) => {
        if (status !== '0x0' || BigInt(output) !== SUCCESS) throw new Error(`payment ${hash}: ${status} ${output}`);
      },
    });
  }

  /** Payments that somebody has shown a receipt of. */
  get acknowledged(): ReadonlyMap<string, string> {
    return this.#sender.acknowledged;
  }

  /** Makes so many payments; a payment that no block took in time is made anew. */
  async run(payments: number): Promise<void> {
    this.#sender.start();
    while (this.acknowledged.size < payments) {
      const missing = payments - this.acknowledged.size - this.#sender.openCount;
      const count = Math.min(missing, REQUEST_PAYMENTS, OPEN_PAYMENTS_MAX - this.#sender.openCount);
      if (count > 0) await this.#sender.send(Array.from({ length: count }, () => this.#payment()));
      else await sleep(10);
    }
    await this.#sender.finish();
  }

  #payment(): SignedOperation {
    const { groupId, payers, merchants, random } = this.#options;
    const account = random.pick(payers);
    const amount = BigInt(1 + random.below(AMOUNT_MAX));
    const data = callData(account.suite, PAY, [random.pick(merchants), amount, REFERENCE]);
    const { blockLimit } = this.#sender;
    const to = bareAddress(SHADOW_ACCOUNTS);
    const signed = account.signTransaction(
      transactionFields({ chainId: 1, groupId, blockLimit, to, data }, PLATFORM_PORTS),
    );
    return { raw: hexOf(signed.raw), hash: hexOf(signed.hash), blockLimit };
  }
}
