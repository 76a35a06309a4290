import { DAG_TRANSFER_WORKLOAD, HOT_8_WORKLOAD, LATENCY_WORKLOAD } from './dagTransfer.js';
import { ERC20_WORKLOAD, HOT_8_ERC20_WORKLOAD } from './erc20.js';
import { SMALL_BANK_WORKLOAD } from './smallBank.js';
import { HOT_8_SOLIDITY_WORKLOAD, SOLIDITY_TRANSFER_WORKLOAD } from './solidityTransfer.js';
import { CPU_HEAVY_WORKLOAD, DO_NOTHING_WORKLOAD, IO_HEAVY_WORKLOAD } from './syntheticLoads.js';
import type { Workload } from './workload.js';

/** All that can be measured on a chain, in the order in which `list` names them. */
export const WORKLOADS: readonly Workload[] = [
  DAG_TRANSFER_WORKLOAD,
  SOLIDITY_TRANSFER_WORKLOAD,
  ERC20_WORKLOAD,
  HOT_8_WORKLOAD,
  HOT_8_SOLIDITY_WORKLOAD,
  HOT_8_ERC20_WORKLOAD,
  SMALL_BANK_WORKLOAD,
  DO_NOTHING_WORKLOAD,
  CPU_HEAVY_WORKLOAD,
  IO_HEAVY_WORKLOAD,
  LATENCY_WORKLOAD,
];
