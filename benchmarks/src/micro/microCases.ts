import { CONSENSUS_CASE } from './consensus.js';
import { DECODE_CASE, GOSSIP_CASE, HASH_CASE } from './encodings.js';
import { EVM_CASE, EXECUTE_CASE, EXECUTE_DAG_CASE } from './execution.js';
import type { MicroCase } from './microCase.js';
import { SIGNATURE_BULK_CASE, SIGNATURE_CASE, SIGNATURE_MANY_CASE } from './signatures.js';
import { COMMIT_CASE } from './storing.js';

/** All single stages that can be measured, in the order of a transaction's life. */
export const MICRO_CASES: readonly MicroCase[] = [
  DECODE_CASE,
  HASH_CASE,
  SIGNATURE_CASE,
  SIGNATURE_BULK_CASE,
  SIGNATURE_MANY_CASE,
  GOSSIP_CASE,
  CONSENSUS_CASE,
  EVM_CASE,
  EXECUTE_CASE,
  EXECUTE_DAG_CASE,
  COMMIT_CASE,
];
