/** An error that a node answered: its JSON-RPC number and text. */
export class RpcAnswerError extends Error {
  override readonly name = 'RpcAnswerError';
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(`the node answered ${code}: ${message}`);
  }
}

export interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

/** How long a node may take to answer. */
const ANSWER_TIMEOUT_MS = 60_000;

/** JSON-RPC of one node, word by word: tests see what the node wrote, which the SDK reads, words and splits differently. */
export class RpcClient {
  readonly url: string;

  /** @param url for example `http://127.0.0.1:8545` */
  constructor(url: string) {
    this.url = url;
  }

  /** @throws RpcAnswerError, or what `fetch` throws when the node cannot be reached */
  async call(method: string, ...params: unknown[]): Promise<unknown> {
    const answer = (await this.#post({ jsonrpc: '2.0', method, params, id: 1 })) as Answer;
    if (answer.error !== undefined) throw new RpcAnswerError(answer.error.code, answer.error.message);
    return answer.result;
  }

  /** Sends many requests in one body. @returns results and errors in the order of the calls */
  async batch(calls: readonly RpcCall[]): Promise<unknown[]> {
    const body = calls.map(({ method, params }, id) => ({ jsonrpc: '2.0', method, params, id }));
    const answers = (await this.#post(body)) as Answer[];
    return answers.map(({ result, error }) =>
      error === undefined ? result : new RpcAnswerError(error.code, error.message),
    );
  }

  async #post(body: unknown): Promise<unknown> {
    const response = await fetch(this.url, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    });
    return response.json();
  }
}
