import { failure, type Result, success } from '@menglian/base/result';
import { encodeDeployment } from '@menglian/sdk/abi/functions';
import type { Receipt } from '@menglian/sdk/rpc/shapes';
import { readAbiValues } from '../arguments/abiValues.js';
import type { Token } from '../arguments/tokens.js';
import { PROBLEM, problem, type Problem } from '../problem.js';
import type { Session } from '../session.js';
import { transact } from '../transact.js';
import { jsonValue } from '../values.js';
import type { Contract } from './artifact.js';

/** A contract that is on the chain now. */
export interface Deployed {
  readonly contract: Contract;
  readonly address: `0x${string}`;
  readonly receipt: Receipt;
}

/**
 * Sends and remembers.
 * @param line what stands before the arguments of the constructor, for examples
 */
export async function deployContract(
  session: Session,
  contract: Contract,
  given: readonly Token[],
  line: string,
): Promise<Result<Deployed, Problem>> {
  const { name, abi, bytecode } = contract;
  if (bytecode === undefined) return failure(noBytecode(name));
  const constructor = abi.find((item) => item.type === 'constructor');
  const values = readAbiValues(constructor?.inputs ?? [], given, line);
  if (!values.ok) return values;
  const chain = await session.chainKey();
  const receipt = await transact(session, { data: encodeDeployment(abi, bytecode, values.value) }, abi);
  const { contractAddress, transactionHash } = receipt;
  if (contractAddress === null) return failure(noAddress(transactionHash));
  session.options.home.addDeployment({
    at: new Date().toISOString(),
    chain,
    groupId: session.groupId,
    name,
    address: contractAddress,
    transactionHash,
    abi,
  });
  return success({ contract, address: contractAddress, receipt });
}

function noBytecode(name: string): Problem {
  const message = { en: `there is no bytecode of ${name}`, zh: `没有 ${name} 的字节码` };
  const advice = {
    en: 'an interface or an abstract contract cannot be deployed; else give the .bin beside the .abi',
    zh: '接口与抽象合约不能部署；否则请在 .abi 旁提供 .bin',
  };
  return problem(PROBLEM.badContractFile, message, advice);
}

function noAddress(transactionHash: string): Problem {
  const message = { en: 'the receipt names no contract', zh: '回执中没有合约地址' };
  const advice = { en: 'ask another node for it', zh: '请向其他节点查询' };
  return problem(PROBLEM.notFound, message, advice, `getTransactionReceipt ${transactionHash}`);
}

/** What people and programs see of a deployment. */
export function deployedMembers({ contract, address, receipt }: Deployed): Record<string, unknown> {
  const { transactionHash, blockNumber, gasUsed } = receipt;
  return {
    contract: contract.name,
    contractAddress: address,
    transactionHash,
    blockNumber,
    gasUsed: jsonValue(gasUsed),
  };
}
