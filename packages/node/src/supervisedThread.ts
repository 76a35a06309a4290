import { Worker, type Transferable } from 'node:worker_threads';

/** A thread of the node and its end, which it may also find by itself. */
export class SupervisedThread<To extends { readonly kind: string }, From> {
  readonly #worker: Worker;
  readonly #ended: Promise<void>;
  #isStopping = false;

  /**
   * @param options.file of this package's folder of compiled code
   * @param options.onFailed told of an exception, and of an end that nobody asked for
   */
  constructor(options: {
    readonly file: string;
    readonly name: string;
    readonly data: unknown;
    readonly stackMb?: number;
    readonly onMessage: (message: From) => void;
    readonly onFailed: (message: string) => void;
  }) {
    const { file, name, data, stackMb, onMessage, onFailed } = options;
    this.#worker = new Worker(new URL(file, import.meta.url), {
      workerData: data,
      name,
      ...(stackMb === undefined ? {} : { resourceLimits: { stackSizeMb: stackMb } }),
    });
    this.#worker.on('message', onMessage);
    this.#worker.on('error', (error) => onFailed(error.stack ?? error.message));
    this.#ended = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        if (!this.#isStopping) onFailed(`the thread ${name} ended with code ${code}`);
        resolve();
      });
    });
  }

  /** True from the call of `stop` on. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  post(message: To, transferred: readonly Transferable[] = []): void {
    this.#worker.postMessage(message, transferred);
  }

  /** Asks it to stop, and ends it when it has not after so long. */
  async stop(message: To, timeoutMs: number): Promise<void> {
    this.#isStopping = true;
    this.post(message);
    const timer = setTimeout(() => void this.#worker.terminate(), timeoutMs);
    await this.#ended;
    clearTimeout(timer);
  }
}
