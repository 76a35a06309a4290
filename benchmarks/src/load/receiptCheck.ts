import { RpcConnection } from './rpcConnection.js';

/** How many transactions of a load had their receipts read, and how many of them had failed in execution. */
export interface ReceiptCheck {
  readonly checked: number;
  readonly failed: number;
}

const SAMPLE = 500;

interface ReceiptAnswer {
  readonly result?: { readonly status: string } | null;
}

/** Reads receipts of up to 500 transactions, evenly spread over a load: being in a block is not yet to have succeeded. */
export async function checkReceipts(url: string, groupId: number, hashes: readonly string[]): Promise<ReceiptCheck> {
  const step = Math.max(1, Math.floor(hashes.length / SAMPLE));
  const sample = hashes.filter((_, index) => index % step === 0).slice(0, SAMPLE);
  const requests = sample.map(
    (hash, id) => `{"jsonrpc":"2.0","method":"getTransactionReceipt","params":[${groupId},"${hash}"],"id":${id}}`,
  );
  const connection = new RpcConnection(url);
  try {
    const answer = await connection.post(Buffer.from(`[${requests.join(',')}]`));
    const receipts = JSON.parse(answer.toString('utf8')) as ReceiptAnswer[];
    return { checked: sample.length, failed: receipts.filter(({ result }) => result?.status !== '0x0').length };
  } finally {
    connection.close();
  }
}
