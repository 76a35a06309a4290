import { fromHex } from '@menglian/base/bytes';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { decodeAbi, selector } from '@menglian/codec/abi';
import { signatureText } from '@menglian/sdk/abi/signature';
import { hexOf } from '@menglian/sdk/hex';
import type { RpcClient } from '../e2e/rpcClient.js';
import { PAY, SHADOW_ACCOUNTS } from './paymentLoad.js';

const BATCH = 50;
const SUCCESS = 1n;

interface BlockAnswer {
  readonly transactions: readonly { readonly hash: string; readonly to: string | null; readonly input: string }[];
}

interface ReceiptsAnswer {
  readonly transactionReceipts?: readonly { readonly status: string; readonly output: string }[];
}

export interface PaymentCount {
  readonly payments: number;
  readonly totals: ReadonlyMap<string, bigint>;
}

/** What each merchant was paid in a group, by its transactions alone: no log, no state and no code of the chain is asked. */
export async function countPayments(suite: CryptoSuite, client: RpcClient, groupId: number): Promise<PaymentCount> {
  const height = Number(await client.call('getBlockNumber', groupId));
  const payment = hexOf(selector((data) => suite.hash(data), signatureText(PAY)));
  const totals = new Map<string, bigint>();
  const seen = new Set<string>();
  for (let first = 1; first <= height; first += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, height - first + 1) }, (_, index) => String(first + index));
    const blocks = await client.batch(
      numbers.map((number) => ({ method: 'getBlockByNumber', params: [groupId, number, true] })),
    );
    for (const [index, answer] of blocks.entries()) {
      const { transactions } = answer as BlockAnswer;
      if (transactions.length === 0) continue;
      const params = [groupId, numbers[index]!, '0', '-1', false];
      const { transactionReceipts } = (await client.call(
        'getBatchReceiptsByBlockNumberAndRange',
        ...params,
      )) as ReceiptsAnswer;
      for (const [place, { hash, to, input }] of transactions.entries()) {
        if (to?.toLowerCase() !== SHADOW_ACCOUNTS || !input.startsWith(payment)) continue;
        const { status, output } = transactionReceipts![place]!;
        if (status !== '0x0' || BigInt(output) !== SUCCESS) continue;
        if (seen.has(hash)) throw new Error(`${hash} is in two blocks`);
        seen.add(hash);
        const values = decodeAbi(['string', 'uint256', 'bytes32'], fromHex(input.slice(payment.length)));
        if (!values.ok) throw new Error(`${hash} paid with arguments that nobody can read`);
        const [merchant, amount] = values.value as [string, bigint];
        totals.set(merchant, (totals.get(merchant) ?? 0n) + amount);
      }
    }
  }
  return { payments: seen.size, totals };
}
