const PRELOAD = new URL('../../dist/faults/hostilePreload.js', import.meta.url).href;

/**
 * Variables of a node's process that make it send hostile view changes.
 * @param perSecond messages to each of the others
 * @param votes whether it leads and votes as an honest node beside that
 */
export function hostileEnvironment(perSecond: number, votes: boolean): NodeJS.ProcessEnv {
  return {
    NODE_OPTIONS: `--import ${PRELOAD}`,
    MENGLIAN_BENCH_HOSTILE_PER_SECOND: String(perSecond),
    MENGLIAN_BENCH_HOSTILE_VOTES: String(votes),
  };
}
