import { utf8Text } from '@menglian/base/bytes';
import { type Ports, PLATFORM_PORTS } from './ports.js';
import { badAnswer, closedError, resultOf } from './rpc/answer.js';
import { hasCode, SdkError, sdkError } from './sdkError.js';
import { attemptsOf, type RpcRequest, type Transport } from './transport.js';

/** Nodes that one transport may know. */
const URLS_MAX = 100;

/** How long one node may take to answer, if not said. */
const ANSWER_TIMEOUT_MS = 10_000;

/** Requests of one body; nodes take 10,000. */
const BATCH_REQUESTS_MAX = 1000;

/** Characters of one body; nodes take 32 MiB. */
const BATCH_CHARACTERS_MAX = 8 * 1024 * 1024;

/** Requests that wait for their turn to travel with others. */
const PENDING_MAX = 100_000;

/** What programs ask by the hundred: requests of one turn of the event loop travel in one body. */
const TOGETHER: ReadonlySet<string> = new Set([
  'sendRawTransaction',
  'sendRawTransactionAndGetProof',
  'getTransactionReceipt',
]);

/** Bytes of an answer. */
const ANSWER_BYTES_MAX = 256 * 1024 * 1024;

export interface HttpOptions {
  readonly timeoutMs?: number;
  /** How to fetch: that of the platform if not said. */
  readonly fetch?: typeof globalThis.fetch;
  readonly ports?: Ports;
}

interface Pending {
  readonly request: RpcRequest;
  readonly characters: number;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/**
 * JSON-RPC over HTTP. Asks one node as long as it answers, and the next when it cannot be reached; what a node refuses is
 * refused. Transactions that are sent in one turn of the event loop travel in one body, and so do questions for receipts.
 * @param urls for example `http://127.0.0.1:8545`, the preferred first
 */
export function httpTransport(urls: string | readonly string[], options: HttpOptions = {}): Transport {
  return new HttpTransport(typeof urls === 'string' ? [urls] : urls, options);
}

class HttpTransport implements Transport {
  readonly #urls: readonly string[];
  readonly #timeoutMs: number;
  readonly #fetch: typeof globalThis.fetch;
  readonly #ports: Ports;
  /** Requests under way; undefined once closed. */
  #active: Set<AbortController> | undefined = new Set();
  /** Index of the node that answered last. */
  #current = 0;
  #pending: Pending[] = [];

  constructor(urls: readonly string[], options: HttpOptions) {
    if (urls.length === 0 || urls.length > URLS_MAX) {
      throw sdkError('BadArgument', `${urls.length} urls`, `give between 1 and ${URLS_MAX}`);
    }
    for (const url of urls) {
      if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
        throw sdkError('BadArgument', `not a url: ${JSON.stringify(url)}`, 'write it like http://127.0.0.1:8545');
      }
    }
    this.#urls = urls;
    this.#timeoutMs = options.timeoutMs ?? ANSWER_TIMEOUT_MS;
    this.#ports = options.ports ?? PLATFORM_PORTS;
    // Browsers refuse a `fetch` that is called as a method of something else.
    this.#fetch = options.fetch ?? globalThis.fetch.bind(globalThis);
  }

  request(request: RpcRequest): Promise<unknown> {
    return TOGETHER.has(request.method) ? this.#queue(request) : this.#ask(request);
  }

  close(): void {
    const active = this.#active ?? [];
    this.#active = undefined;
    for (const request of active) request.abort();
  }

  async #ask(request: RpcRequest): Promise<unknown> {
    const attempts = attemptsOf(request, this.#urls.length);
    const { value, lost } = await this.#post({ jsonrpc: '2.0', ...request, id: 1 }, attempts);
    return resultOf(value, lost);
  }

  #queue(request: RpcRequest): Promise<unknown> {
    if (this.#pending.length >= PENDING_MAX) {
      return Promise.reject(sdkError('TooMany', 'too many requests wait to be sent', 'await some of them first'));
    }
    return new Promise((resolve, reject) => {
      const characters = request.params.reduce((sum: number, one) => sum + String(one).length, 0);
      this.#pending.push({ request, characters, resolve, reject });
      if (this.#pending.length === 1) this.#ports.after(0, () => this.#flush());
    });
  }

  #flush(): void {
    const waiting = this.#pending;
    this.#pending = [];
    let batch: Pending[] = [];
    let characters = 0;
    for (const one of waiting) {
      const isFull = batch.length >= BATCH_REQUESTS_MAX || characters + one.characters > BATCH_CHARACTERS_MAX;
      if (isFull && batch.length > 0) {
        void this.#send(batch);
        batch = [];
        characters = 0;
      }
      batch.push(one);
      characters += one.characters;
    }
    void this.#send(batch);
  }

  async #send(batch: readonly Pending[]): Promise<void> {
    try {
      const body = batch.map(({ request }, id) => ({ jsonrpc: '2.0', ...request, id }));
      const { value, lost } = await this.#post(body, this.#urls.length);
      if (!Array.isArray(value)) throw badAnswer('something else than an array to a batch');
      const answers = new Map((value as ({ id?: unknown } | null)[]).map((answer) => [answer?.id, answer]));
      for (const [id, one] of batch.entries()) {
        try {
          one.resolve(resultOf(answers.get(id), lost));
        } catch (error) {
          one.reject(error);
        }
      }
    } catch (error) {
      for (const one of batch) one.reject(error);
    }
  }

  /** @returns the answer, and why the nodes asked before did not give it */
  async #post(body: unknown, attempts: number): Promise<{ value: unknown; lost: SdkError | undefined }> {
    const text = JSON.stringify(body);
    let lost: SdkError | undefined;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const index = this.#current;
      const url = this.#urls[index]!;
      try {
        return { value: await this.#postTo(url, text), lost };
      } catch (error) {
        if (this.#active === undefined) throw closedError();
        if (!hasCode(error, 'NoConnection') && !hasCode(error, 'Timeout')) throw error;
        lost = error;
        // Others may have moved on meanwhile.
        if (this.#current === index) this.#current = (index + 1) % this.#urls.length;
      }
    }
    throw lost!;
  }

  async #postTo(url: string, body: string): Promise<unknown> {
    const active = this.#active;
    if (active === undefined) throw closedError();
    const request = new AbortController();
    active.add(request);
    let isLate = false;
    const stopTimer = this.#ports.after(this.#timeoutMs, () => {
      isLate = true;
      request.abort();
    });
    let text: string;
    try {
      const response = await this.#fetch(url, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json' },
        signal: request.signal,
        // No node sends clients elsewhere.
        redirect: 'error',
      });
      if (!response.ok) throw new Error(`HTTP status ${response.status}`);
      text = await textOf(response);
    } catch (error) {
      if (error instanceof SdkError) throw error;
      if (isLate) {
        const problem = `${placeOf(url)} did not answer within ${this.#timeoutMs} ms`;
        throw sdkError('Timeout', problem, 'see whether the node is busy, or allow more time with timeoutMs', error);
      }
      const advice = 'see that the node runs, and that jsonrpc_listen_ip and port are these';
      throw sdkError('NoConnection', `${placeOf(url)} cannot be reached`, advice, error);
    } finally {
      stopTimer();
      active.delete(request);
    }
    try {
      return JSON.parse(text);
    } catch (error) {
      throw badAnswer('text that is not JSON', error);
    }
  }
}

/** Where a node is, without what a url may hold beside that: errors are logged, and names, passwords and tokens are not for logs. */
function placeOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return pathname === '/' ? origin : `${origin}${pathname}`;
}

/** Reads the body, but not without end. */
async function textOf(response: Response): Promise<string> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > ANSWER_BYTES_MAX) {
      await reader.cancel();
      throw badAnswer(`more than ${ANSWER_BYTES_MAX} bytes`);
    }
    chunks.push(value);
  }
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return utf8Text(whole);
}
