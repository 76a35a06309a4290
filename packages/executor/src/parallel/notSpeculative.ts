/** Ends the speculative run of a transaction that only the coordinator can execute, in block order. */
export class NotSpeculative extends Error {
  override readonly name = 'NotSpeculative';
}
