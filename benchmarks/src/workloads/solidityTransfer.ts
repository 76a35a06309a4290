import { fromHex } from '@menglian/base/bytes';
import { encodeCall } from '@menglian/cli/client/account';
import { PEER_TRANSFER_BYTECODE } from './peerTransferBytecode.js';
import type { PlannedCall, Workload, WorkloadContext } from './workload.js';

const OPENING_BALANCE = 1_000_000_000n;

/** Transfers of a Solidity contract that keeps balances by name, its functions registered as parallel. */
export const SOLIDITY_TRANSFER_WORKLOAD: Workload = {
  name: 'solidity-transfer',
  description: 'transfer(string,string,uint256) of configs/contracts/PeerTransfer.sol',
  async prepare({ suite, client, account, users, run }: WorkloadContext) {
    const deployed = await client.receipt(await client.send(account, undefined, fromHex(PEER_TRANSFER_BYTECODE)));
    if (deployed.status !== '0x0') throw new Error(`the contract was not deployed: ${deployed.statusMsg}`);
    const to = deployed.contractAddress.slice(2);
    await run([{ to, data: encodeCall(suite, 'enableParallel()', [], []) }], 'registering functions');
    const openings: PlannedCall[] = Array.from({ length: users }, (_, index) => ({
      to,
      data: encodeCall(suite, 'set(string,uint256)', ['string', 'uint256'], [`user${index}`, OPENING_BALANCE]),
    }));
    await run(openings, 'opening accounts');
    return (index) => {
      const from = `user${index % users}`;
      const partner = `user${(index * 7 + 1) % users}`;
      const types = ['string', 'string', 'uint256'];
      return { to, data: encodeCall(suite, 'transfer(string,string,uint256)', types, [from, partner, 1n]) };
    };
  },
};
