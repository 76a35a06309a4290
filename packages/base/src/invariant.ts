/** What must hold did not. The node stops rather than tell something false: nothing may catch this and go on. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
  constructor(
    /** Stable name of the broken rule, `package/rule`, to search the code and the docs for. */
    readonly code: string,
    detail?: string,
  ) {
    super(detail === undefined ? `broken invariant ${code}` : `broken invariant ${code}: ${detail}`);
  }
}

/** Stops the caller when `condition` is false. Cheap enough to stay on in production. */
export function invariant(condition: boolean, code: string, detail?: string): asserts condition {
  if (!condition) throw new InvariantError(code, detail);
}
