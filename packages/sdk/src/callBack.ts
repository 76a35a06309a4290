/**
 * Calls a function of the caller's. What it throws is thrown again where nobody catches it: it must not end a subscription
 * or keep others from hearing.
 */
export function callBack<T>(listener: (value: T) => void, value: T): void {
  try {
    listener(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
