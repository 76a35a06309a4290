import type { Address } from '@menglian/types/address';
import type { WorkloadContext } from './workload.js';

/** Deploys a contract without arguments. @returns its address @throws SdkError when the chain refuses it */
export async function deploy({ client }: WorkloadContext, bytecode: string): Promise<Address> {
  const { address } = await client.deploy({ abi: [], bytecode: `0x${bytecode}` });
  return address.slice(2);
}
