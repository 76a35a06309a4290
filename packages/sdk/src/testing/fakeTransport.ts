import { answeredError } from '../rpc/rpcError.js';
import type { RpcRequest, Transport } from '../transport.js';

export type Answers = (method: string, params: readonly unknown[]) => unknown;

/** What a node refuses. */
export class Refusal {
  constructor(
    readonly code: number,
    readonly message: string,
  ) {}
}

/** Answers from a function and remembers what was asked. */
export class FakeTransport implements Transport {
  readonly asked: RpcRequest[] = [];
  readonly #answers: Answers;

  constructor(answers: Answers) {
    this.#answers = answers;
  }

  async request(request: RpcRequest): Promise<unknown> {
    this.asked.push(request);
    const answer = await this.#answers(request.method, request.params);
    if (answer instanceof Refusal) throw answeredError(answer);
    return answer;
  }

  close(): void {}
}
