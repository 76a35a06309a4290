import { median } from '../measure/percentiles.js';

/** How long one thing takes, milliseconds: the median of so many, one after the other. */
export async function medianMs(count: number, run: () => Promise<void>): Promise<number> {
  const values: number[] = [];
  for (let done = 0; done < count; done++) {
    const startedAtMs = performance.now();
    await run();
    values.push(performance.now() - startedAtMs);
  }
  return median(values);
}

/** How many a second when so many are under way at each moment. @param run gets the number of who runs it, from 0 */
export async function perSecond(
  { count, underWay }: { readonly count: number; readonly underWay: number },
  run: (runner: number) => Promise<void>,
): Promise<number> {
  let begun = 0;
  const startedAtMs = performance.now();
  const runInTurn = async (runner: number) => {
    while (begun < count) {
      begun += 1;
      await run(runner);
    }
  };
  await Promise.all(Array.from({ length: underWay }, async (_, runner) => runInTurn(runner)));
  return (count * 1000) / (performance.now() - startedAtMs);
}
