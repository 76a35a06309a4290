import { Agent, request } from 'node:http';

/** How long a node may take to answer. */
const ANSWER_TIMEOUT_MS = 60_000;

/**
 * One kept-alive connection to a node's JSON-RPC, for bodies that exist already: it costs a fraction of `fetch`, which
 * matters where the generator shares the processors with the nodes it measures. One request at a time.
 */
export class RpcConnection {
  readonly #port: number;
  readonly #host: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  /** @param url for example `http://127.0.0.1:8545` */
  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#host = hostname;
    this.#port = Number(port);
  }

  /** @returns body of the answer @throws Error when the node cannot be reached or answers another status than 200 */
  async post(body: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          host: this.#host,
          port: this.#port,
          method: 'POST',
          agent: this.#agent,
          timeout: ANSWER_TIMEOUT_MS,
          headers: { 'Content-Type': 'application/json', 'Content-Length': body.length },
        },
        (incoming) => {
          const chunks: Buffer[] = [];
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
          incoming.on('error', reject);
          incoming.on('end', () => {
            const answer = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
            if (incoming.statusCode === 200) resolve(answer);
            else reject(new Error(`a node answered with status ${incoming.statusCode}: ${answer.toString('utf8')}`));
          });
        },
      );
      outgoing.on('timeout', () => outgoing.destroy(new Error(`a node did not answer in ${ANSWER_TIMEOUT_MS} ms`)));
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
