/** How a run is to be made; numbers are checked already. */
export interface LoadRunOptions {
  readonly nodes: number;
  /** as `-c` of the chain builder takes it */
  readonly consensus: string;
  /** a chain with SM algorithms */
  readonly sm: boolean;
  /** fresh chains, one after the other */
  readonly runs: number;
  readonly transactions: number;
  /** sent before anything is measured, so that the code of the nodes is compiled */
  readonly warmUp: number;
  readonly users: number;
  /** accounts that sign */
  readonly senders: number;
  readonly batchSize: number;
  readonly uncommittedMax: number;
  readonly rate: Rate | undefined;
  /** for profiles of the nodes' threads; undefined samples nothing */
  readonly profileFolder: string | undefined;
  /** first of the ports, as `menglian chain build -p` takes them */
  readonly ports: string;
}

/** Arrivals a second: a number, or a share of what the same chain took just before, as fast as it could. */
export type Rate =
  | { readonly kind: 'perSecond'; readonly perSecond: number }
  | { readonly kind: 'shareOfPeak'; readonly percent: number };
