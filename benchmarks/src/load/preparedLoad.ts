import type { Hex } from '@menglian/sdk/hex';

/** A transaction ready to send. */
export interface PreparedTransaction {
  /** RLP as `0x…` */
  readonly raw: Hex;
  /** `0x…` */
  readonly hash: string;
}

/** Transactions that go to a node in one request. */
export interface PreparedBatch {
  /** body of the JSON-RPC batch; its bytes lie outside the heap that the collector of JavaScript walks */
  readonly body: Buffer;
  /** of its first transaction among all of the load */
  readonly first: number;
  readonly count: number;
}

/** Everything that is sent, made beforehand so that the generator takes little of the processors while it measures. */
export interface PreparedLoad {
  readonly batches: readonly PreparedBatch[];
  /** of each transaction by its hash, `0x…` */
  readonly indexes: ReadonlyMap<string, number>;
}

/** @param batchSize transactions in one JSON-RPC batch */
export function prepareLoad(
  transactions: Iterable<PreparedTransaction>,
  { groupId, batchSize }: { readonly groupId: number; readonly batchSize: number },
): PreparedLoad {
  const batches: PreparedBatch[] = [];
  const indexes = new Map<string, number>();
  let requests: string[] = [];
  const flush = () => {
    if (requests.length === 0) return;
    const body = Buffer.from(`[${requests.join(',')}]`, 'latin1');
    batches.push({ body, first: indexes.size - requests.length, count: requests.length });
    requests = [];
  };
  for (const { raw, hash } of transactions) {
    requests.push(sendRequest(groupId, raw, requests.length));
    indexes.set(hash, indexes.size);
    if (requests.length === batchSize) flush();
  }
  flush();
  return { batches, indexes };
}

function sendRequest(groupId: number, raw: string, id: number): string {
  return `{"jsonrpc":"2.0","method":"sendRawTransaction","params":[${groupId},"${raw}"],"id":${id}}`;
}
