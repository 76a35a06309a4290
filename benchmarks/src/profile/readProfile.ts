import { stageOfScript } from './stages.js';

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

/** What V8 writes: a tree of calls, and which of its nodes ran in each sample. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** microseconds from the sample before */
  readonly timeDeltas: readonly number[];
}

/** Of the time that is not idle; collecting garbage on the thread itself is `gc`, all else without a script `runtime`. */
const SPECIAL: ReadonlyMap<string, string> = new Map([
  ['(garbage collector)', 'gc'],
  ['(program)', 'runtime'],
  ['(root)', 'runtime'],
]);

/**
 * Microseconds by stage in which the thread was not idle. By the clock: where other threads wait for the processor, too, only
 * the shares mean something.
 */
export function stageMicros({ nodes, samples, timeDeltas }: CpuProfile): Map<string, number> {
  const stages = stagesOfNodes(nodes);
  const micros = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const stage = stages.get(id);
    // The time from a sample to the next is that of what ran in the first.
    if (stage !== undefined) micros.set(stage, (micros.get(stage) ?? 0) + Math.max(0, timeDeltas[index + 1] ?? 0));
  }
  return micros;
}

/** Of each node the stage of the nearest caller that has one, itself first; idle ones are not there. */
function stagesOfNodes(nodes: readonly ProfileNode[]): Map<number, string> {
  const parents = new Map<number, ProfileNode>();
  for (const node of nodes) for (const child of node.children ?? []) parents.set(child, node);
  const stages = new Map<number, string>();
  for (const node of nodes) {
    if (node.callFrame.functionName === '(idle)') continue;
    const special = SPECIAL.get(node.callFrame.functionName);
    let caller: ProfileNode | undefined = node;
    let stage = special;
    for (; stage === undefined && caller !== undefined; caller = parents.get(caller.id))
      stage = stageOfScript(caller.callFrame.url);
    stages.set(node.id, stage ?? 'runtime');
  }
  return stages;
}

/**
 * Splits what each kind of thread used into stages, by the shares of its profiles. Threads without a profile, such as those
 * of V8 and libuv, are stages of their own; what rounds to nothing is left out.
 * @param threadMicros by kind of thread, for example a transaction @param profiled stages by kind of thread
 */
export function splitByStage(
  threadMicros: Readonly<Record<string, number>>,
  profiled: ReadonlyMap<string, ReadonlyMap<string, number>>,
): Record<string, number> {
  const split = new Map<string, number>();
  const add = (stage: string, micros: number) => split.set(stage, (split.get(stage) ?? 0) + micros);
  for (const [kind, micros] of Object.entries(threadMicros)) {
    const stages = profiled.get(kind);
    const total = [...(stages?.values() ?? [])].reduce((sum, value) => sum + value, 0);
    if (stages === undefined || total === 0) add(`(${kind})`, micros);
    else for (const [stage, value] of stages) add(stage, (micros * value) / total);
  }
  const rounded = [...split].map(([stage, micros]) => [stage, Math.round(micros * 10) / 10] as const);
  const shown = rounded.filter(([, micros]) => micros > 0);
  return Object.fromEntries(shown.toSorted((a, b) => b[1] - a[1]));
}
