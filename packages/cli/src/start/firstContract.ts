import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Client } from '@menglian/sdk/client';
import type { Contract } from '@menglian/sdk/contract';
import type { Address } from '@menglian/sdk/hex';
import { ExecutionError } from '@menglian/sdk/transaction/executionError';
import { HELLO_WORLD_ABI, HELLO_WORLD_BYTECODE, HELLO_WORLD_BYTECODE_SM } from './helloWorld.js';
import { StartProblem } from './startProblem.js';
import type { StartTexts } from './texts.js';

export interface FirstContractComponents {
  readonly texts: StartTexts;
  readonly say: (text: string) => void;
}

/**
 * Deploys HelloWorld in a group that has none yet; on every start writes a text and reads it back.
 * @param notePath file that keeps the contract's address
 * @throws StartProblem when the contract does not do as it should
 */
export async function useFirstContract(
  client: Client,
  notePath: string,
  { texts, say }: FirstContractComponents,
): Promise<void> {
  try {
    const contract = existsSync(notePath) ? notedContract(client, notePath) : await deploy();
    say(texts.calling);
    await contract.execute.set([`Hello from block ${await client.getBlockNumber()}`]);
    say(texts.answered(await contract.read.get()));
  } catch (error) {
    if (error instanceof ExecutionError) throw new StartProblem(texts.contractFailed(error.message));
    throw error;
  }

  async function deploy(): Promise<Contract<typeof HELLO_WORLD_ABI>> {
    say(texts.deploying(client.groupId));
    const bytecode = client.suite.name === 'sm' ? HELLO_WORLD_BYTECODE_SM : HELLO_WORLD_BYTECODE;
    const contract = await client.deploy({ abi: HELLO_WORLD_ABI, bytecode: `0x${bytecode}` });
    const { address, receipt } = contract;
    writeFileSync(notePath, `${JSON.stringify({ address })}\n`);
    say(texts.deployed(address, receipt.blockNumber));
    return contract;
  }
}

function notedContract(client: Client, notePath: string): Contract<typeof HELLO_WORLD_ABI> {
  const { address } = JSON.parse(readFileSync(notePath, 'utf8')) as { address: Address };
  return client.contract({ address, abi: HELLO_WORLD_ABI });
}
