import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { readRefusals } from './batchAnswer.js';
import { Load } from './load.js';
import { LoadLedger } from './loadLedger.js';
import { runOneAtATime } from './oneAtATime.js';
import { prepareLoad, type PreparedTransaction } from './preparedLoad.js';
import { checkReceipts } from './receiptCheck.js';

function transactions(count: number): PreparedTransaction[] {
  return Array.from({ length: count }, (_, index) => ({ raw: `0x${index}`, hash: `0xhash${index}` }));
}

interface Request {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/** A node that puts what it gets into a block each time it is asked for one that does not exist yet. */
class FakeNode {
  readonly server: Server;
  readonly blocks: string[][] = [];
  readonly batchSizes: number[] = [];
  #pool: string[] = [];

  constructor(refuses: (raw: string) => boolean = () => false) {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as Request | Request[];
        if (Array.isArray(body)) this.batchSizes.push(body.length);
        const answer = (one: Request) => ({ id: one.id, ...this.#answer(one, refuses) });
        response.end(JSON.stringify(Array.isArray(body) ? body.map(answer) : answer(body)));
      });
    });
  }

  async url(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  #answer({ method, params }: Request, refuses: (raw: string) => boolean): object {
    switch (method) {
      case 'sendRawTransaction': {
        const raw = String(params[1]);
        if (refuses(raw)) return { error: { code: -1, message: 'NoTxPool' } };
        this.#pool.push(`0xhash${raw.slice(2)}`);
        return { result: `0xhash${raw.slice(2)}` };
      }
      case 'getBlockByNumber': {
        const height = Number(params[1]);
        if (height > this.blocks.length && this.#pool.length > 0) {
          this.blocks.push(this.#pool);
          this.#pool = [];
        }
        const hashes = this.blocks[height - 1];
        if (hashes === undefined) return { error: { code: -2, message: 'no such block' } };
        return { result: { number: `0x${height.toString(16)}`, timestamp: '0x1', transactions: hashes } };
      }
      default:
        return { result: { blockNumber: '0x1', status: String(params[1]).endsWith('3') ? '0x16' : '0x0' } };
    }
  }
}

let nodes: FakeNode[] = [];
afterEach(() => {
  for (const { server } of nodes) {
    server.closeAllConnections();
    server.close();
  }
  nodes = [];
});

async function start(refuses?: (raw: string) => boolean): Promise<{ node: FakeNode; url: string }> {
  const node = new FakeNode(refuses);
  nodes.push(node);
  return { node, url: await node.url() };
}

describe('a prepared load', () => {
  it('is whole batches of JSON-RPC', () => {
    const { batches, indexes } = prepareLoad(transactions(5), { groupId: 7, batchSize: 2 });
    expect(batches.map(({ first, count }) => [first, count])).toEqual([
      [0, 2],
      [2, 2],
      [4, 1],
    ]);
    expect(JSON.parse(batches[1]!.body.toString())).toEqual([
      { jsonrpc: '2.0', method: 'sendRawTransaction', params: [7, '0x2'], id: 0 },
      { jsonrpc: '2.0', method: 'sendRawTransaction', params: [7, '0x3'], id: 1 },
    ]);
    expect([...indexes]).toEqual(transactions(5).map(({ hash }, index) => [hash, index]));
  });
});

describe('answers of batches', () => {
  it('tell who was refused', () => {
    expect(readRefusals(Buffer.from('[{"id":0,"result":"0x"},{"id":1,"result":"0x"}]'), 2)).toEqual([]);
    const answer = '[{"id":1,"error":{"code":1,"message":"full"}},{"id":0,"result":"0x"}]';
    expect(readRefusals(Buffer.from(answer), 2)).toEqual([{ index: 1, message: 'full' }]);
    expect(readRefusals(Buffer.from('{"id":null,"error":{"message":"no"}}'), 2)).toEqual([
      { index: 0, message: 'no' },
      { index: 1, message: 'no' },
    ]);
    expect(() => readRefusals(Buffer.from('[{"id":9,"error":{}}]'), 2)).toThrow('without the id');
    expect(() => readRefusals(Buffer.from('"error"'), 1)).not.toThrow();
  });
});

describe('the ledger of a load', () => {
  it('counts each transaction once', () => {
    const ledger = new LoadLedger(prepareLoad(transactions(4), { groupId: 1, batchSize: 2 }));
    ledger.onSent(0, 2, 100);
    ledger.onSent(2, 2, 200);
    expect(ledger.uncommitted).toBe(4);
    ledger.onRefused(3, 'full');
    ledger.onRefused(3, 'full');
    expect(ledger.onBlock(['0xhash0', '0xother', '0xhash0', '0xhash3', '0xhash2'], 250)).toBe(2);
    expect([ledger.committed, ledger.refused, ledger.uncommitted]).toEqual([2, 1, 1]);
    expect([...ledger.latenciesMs()]).toEqual([50, 150]);
    expect([...ledger.reasons]).toEqual([['full', 1]]);
  });
});

describe('a load', () => {
  it('sends everything and sees it in blocks', async () => {
    const { node, url } = await start();
    const prepared = prepareLoad(transactions(250), { groupId: 1, batchSize: 100 });
    const result = await new Load([url, url], { groupId: 1, uncommittedMax: 100 }).run(prepared, 0, () => {});
    expect(node.batchSizes).toEqual([100, 100, 50]);
    expect(result).toMatchObject({ committed: 250, refused: 0, refusals: {}, blocks: node.blocks.length });
    expect(result.latenciesMs.length).toBe(250);
  });

  it('counts refusals and does not wait for them', async () => {
    const { url } = await start((raw) => raw.endsWith('5'));
    const prepared = prepareLoad(transactions(100), { groupId: 1, batchSize: 10 });
    const result = await new Load([url], { groupId: 1, uncommittedMax: 20 }).run(prepared, 0, () => {});
    expect(result).toMatchObject({ committed: 90, refused: 10, refusals: { NoTxPool: 10 } });
  });

  it('keeps to a rate', async () => {
    const { url } = await start();
    const prepared = prepareLoad(transactions(60), { groupId: 1, batchSize: 2 });
    const options = { groupId: 1, uncommittedMax: 1, ratePerSecond: 300 };
    const result = await new Load([url], options).run(prepared, 0, () => {});
    expect(result.committed).toBe(60);
    // The last batch is due after 58 / 300 of a second.
    expect(result.elapsedMs).toBeGreaterThan(190);
  });

  it('sends one at a time', async () => {
    const { node, url } = await start((raw) => raw === '0x1');
    const prepared = prepareLoad(transactions(3), { groupId: 1, batchSize: 1 });
    const result = await runOneAtATime([url], 1, prepared, () => {});
    expect(node.batchSizes).toEqual([1, 1, 1]);
    expect(result).toMatchObject({ committed: 2, refused: 1, blocks: 1 });
  });

  it('has its receipts looked at', async () => {
    const { url } = await start();
    const hashes = transactions(20).map(({ hash }) => hash);
    expect(await checkReceipts(url, 1, hashes)).toEqual({ checked: 20, failed: 2 });
  });
});
