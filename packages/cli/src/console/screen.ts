import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** A terminal, or nothing while a password is typed. */
export class Screen extends Writable {
  isMuted = false;
  readonly #output: NodeJS.WriteStream;

  constructor(output: NodeJS.WriteStream) {
    super();
    this.#output = output;
    output.on('resize', () => this.emit('resize'));
  }

  get isTTY(): boolean {
    return true;
  }

  get columns(): number {
    return this.#output.columns;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (!this.isMuted) this.#output.write(chunk);
    done();
  }
}

/** Asks where no conversation runs. @returns undefined unless a person sits there */
export async function askSecretOnce(
  question: string,
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
): Promise<string | undefined> {
  if (input.isTTY !== true || output.isTTY !== true) return undefined;
  const screen = new Screen(output);
  screen.isMuted = true;
  const lines = createInterface({ input, output: screen, terminal: true, historySize: 0 });
  output.write(question);
  try {
    return await lines.question('');
  } finally {
    lines.close();
    output.write('\n');
  }
}
