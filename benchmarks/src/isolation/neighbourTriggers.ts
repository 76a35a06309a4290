/** Files in a node's folder that tell `neighbourPreload.ts` what to do, as long as they are there. */
export const CRASH_FILE = 'bench-crash-neighbour';
export const STALL_FILE = 'bench-stall-neighbour';
export const FRAMES_FILE = 'bench-send-frames';

/** Which group the preload acts in. */
export const NEIGHBOUR_VARIABLE = 'MENGLIAN_BENCH_NEIGHBOUR';

const PRELOAD = new URL('../../dist/isolation/neighbourPreload.js', import.meta.url).href;

/** Variables of a node's process that let a benchmark end or hold its thread of a group, or send rubbish to the others for it. */
export function neighbourEnvironment(groupId: number, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...environment,
    NODE_OPTIONS: `${environment['NODE_OPTIONS'] ?? ''} --import ${PRELOAD}`.trim(),
    [NEIGHBOUR_VARIABLE]: String(groupId),
  };
}
