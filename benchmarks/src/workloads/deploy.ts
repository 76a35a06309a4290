import { fromHex } from '@menglian/base/bytes';
import type { Address } from '@menglian/types/address';
import type { WorkloadContext } from './workload.js';

/** Deploys a contract without arguments. @returns its address @throws Error when the chain refuses it */
export async function deploy({ client, account }: WorkloadContext, bytecode: string): Promise<Address> {
  const receipt = await client.receipt(await client.send(account, undefined, fromHex(bytecode)));
  if (receipt.status !== '0x0') throw new Error(`the contract was not deployed: ${receipt.statusMsg}`);
  return receipt.contractAddress.slice(2);
}
