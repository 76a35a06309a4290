/** A refusal of one transaction of a batch. */
export interface Refusal {
  /** place in the batch */
  readonly index: number;
  readonly message: string;
}

const ERROR_MARK = Buffer.from('"error"');

interface Answer {
  readonly id?: unknown;
  readonly error?: { readonly message?: unknown };
}

/**
 * The refusals in the answer to a batch. Answers without one are not parsed: whether their transactions were taken shows
 * in the blocks, where each is looked for.
 * @param count requests in the batch, whose ids are 0 … count - 1
 */
export function readRefusals(answer: Buffer, count: number): Refusal[] {
  if (!answer.includes(ERROR_MARK)) return [];
  const parsed = JSON.parse(answer.toString('utf8')) as Answer | Answer[];
  if (!Array.isArray(parsed)) {
    const message = messageOf(parsed);
    return Array.from({ length: count }, (_, index) => ({ index, message }));
  }
  const refusals: Refusal[] = [];
  for (const one of parsed) {
    if (one.error === undefined) continue;
    if (typeof one.id !== 'number' || !Number.isInteger(one.id) || one.id < 0 || one.id >= count)
      throw new Error(`an answer without the id of a request: ${messageOf(one)}`);
    refusals.push({ index: one.id, message: messageOf(one) });
  }
  return refusals;
}

function messageOf({ error }: Answer): string {
  return typeof error?.message === 'string' ? error.message : 'no reason given';
}
