/** How links are cut. `reset` ends connections and refuses new ones; `silence` keeps them and lets nothing through. */
export type CutStyle = 'reset' | 'silence';

/** Whether nothing comes from one node to another one. */
export type CutOff = (from: number, to: number) => boolean;

/** A network between the nodes of a cluster that a test can cut and heal. */
export interface FaultyNetwork {
  /** `ip:port` at which one node finds another one. */
  peerAddress(dialler: number, listener: number): string;
  /** Replaces what was cut before. What was held back in silence arrives when it is healed, as TCP has it. */
  cut(isCutOff: CutOff, style: CutStyle): void;
  heal(): void;
  close(): Promise<void>;
}

/** Both directions of every link of this node. */
export function isolation(node: number): CutOff {
  return (from, to) => from === node || to === node;
}

/** Everything between nodes of different parts. */
export function partition(parts: readonly (readonly number[])[]): CutOff {
  const partOf = (node: number) => parts.findIndex((part) => part.includes(node));
  return (from, to) => partOf(from) !== partOf(to);
}

/** The node hears the others, and they do not hear it. */
export function muteness(node: number): CutOff {
  return (from) => from === node;
}

/** The others hear the node, and it does not hear them. */
export function deafness(node: number): CutOff {
  return (_, to) => to === node;
}
