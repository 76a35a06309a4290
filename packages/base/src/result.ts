/**
 * Operating errors are values. A function that reads what others sent returns a Result and never throws on it;
 * exceptions are left for broken invariants and misuse by our own code.
 */
export type Result<T, R = string> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: R };

export function success<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function failure<R>(reason: R): { readonly ok: false; readonly reason: R } {
  return { ok: false, reason };
}
