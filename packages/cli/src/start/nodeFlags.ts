import { availableParallelism } from 'node:os';

/** Up to so many cores, threads beside a node's own take from the node more than they save it. */
export const FEW_CORES_MAX = 4;

/**
 * Options of Node.js for machines with few cores. Garbage is collected by the thread that made it: threads that help share
 * the same cores, and wait for each other. And a function is compiled when it is four times as hot as usual: in its first
 * seconds a node would otherwise spend a third of its time on compiling (benchmarks/README.md, "Few cores").
 */
export const FEW_CORES_FLAGS: readonly string[] = ['--single-threaded-gc', '--interrupt-budget=270000'];

/** What stands between `node` and the command of a node that is to run on this machine. */
export function nodeFlags(cores = availableParallelism()): readonly string[] {
  return cores <= FEW_CORES_MAX ? FEW_CORES_FLAGS : [];
}
