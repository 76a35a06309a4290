/** Stable codes of what can go wrong at start; `message` is a sentence for the operator. */
export type NetworkErrorCode =
  | 'network/port-in-use'
  | 'network/listen-failed'
  | 'network/bad-key'
  | 'network/bad-certificate'
  | 'network/bad-address'
  | 'network/too-many-peers';

export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  constructor(
    readonly code: NetworkErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
