import { SdkError } from '@menglian/sdk/sdkError';

/** What chains and the ways to them refuse is to be waited for. All else is a fault of ours: thrown. */
export function refusalOf(error: unknown): SdkError {
  if (error instanceof SdkError) return error;
  throw error;
}

/** The refusals among what was done at once, in order. */
export function refusalsOf(results: readonly PromiseSettledResult<unknown>[]): readonly SdkError[] {
  return results.flatMap((result) => (result.status === 'rejected' ? refusalOf(result.reason) : []));
}
