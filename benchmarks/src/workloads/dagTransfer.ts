import { encodeCall } from '@menglian/cli/client/account';
import type { PlannedCall, Workload, WorkloadContext } from './workload.js';

const DAG_TRANSFER = '0000000000000000000000000000000000005002';
const OPENING_BALANCE = 1_000_000_000n;

/** Transfers of the DagTransfer system contract between users, each with its own next partner. */
export const DAG_TRANSFER_WORKLOAD: Workload = {
  name: 'dag-transfer',
  description: 'userTransfer(string,string,uint256) of the system contract 0x5002',
  async prepare({ suite, users, run }: WorkloadContext) {
    const prefix = `u${Date.now().toString(36)}`;
    const openings: PlannedCall[] = Array.from({ length: users }, (_, index) => ({
      to: DAG_TRANSFER,
      data: encodeCall(suite, 'userAdd(string,uint256)', ['string', 'uint256'], [`${prefix}${index}`, OPENING_BALANCE]),
    }));
    await run(openings, 'opening accounts');
    return (index) => {
      const from = `${prefix}${index % users}`;
      const to = `${prefix}${(index * 7 + 1) % users}`;
      const types = ['string', 'string', 'uint256'];
      return {
        to: DAG_TRANSFER,
        data: encodeCall(suite, 'userTransfer(string,string,uint256)', types, [from, to, 1n]),
      };
    };
  },
};
