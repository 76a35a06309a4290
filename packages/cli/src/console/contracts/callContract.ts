import { failure, type Result, success } from '@menglian/base/result';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { type Abi, type AbiFunction, readAbi } from '@menglian/sdk/abi/abi';
import { decodeEvent } from '@menglian/sdk/abi/events';
import { decodeOutput, encodeCall } from '@menglian/sdk/abi/functions';
import { typeText } from '@menglian/sdk/abi/values';
import type { Receipt } from '@menglian/sdk/rpc/shapes';
import { checkExecution } from '@menglian/sdk/transaction/executionError';
import { chooseFunction } from '../arguments/abiValues.js';
import type { Token } from '../arguments/tokens.js';
import type { Outcome } from '../command.js';
import { type Answer, outlineAnswer, tableAnswer } from '../output/answer.js';
import { PROBLEM, problem, type Problem } from '../problem.js';
import type { Session } from '../session.js';
import { transact } from '../transact.js';
import { jsonValue, namedValues, valueText } from '../values.js';
import { findContract } from './findContract.js';

/**
 * Calls what only reads, sends what changes something.
 * @param line what stands before the function's name, for examples
 */
export async function callContract(
  session: Session,
  place: { readonly address: `0x${string}`; readonly abi: Abi },
  name: string,
  given: readonly Token[],
  line: string,
): Promise<Outcome> {
  const chosen = chooseFunction(place.abi, name, given, line);
  if (!chosen.ok) return chosen;
  const { found, values } = chosen.value;
  const client = await session.client();
  const data = encodeCall(client.suite, found, values);
  if (found.stateMutability === 'view' || found.stateMutability === 'pure') {
    const from = (await session.account()).address;
    const result = await client.call({ from, to: place.address, data });
    checkExecution(client.suite, found.name, result, { abi: place.abi });
    return success(readAnswer(found, decodeOutput(found, result.output)));
  }
  const receipt = await transact(session, { to: place.address, data }, place.abi);
  return success(executedAnswer(client.suite, found, receipt, place.abi));
}

function readAnswer(found: AbiFunction, output: unknown): Answer {
  const values = outputsOf(found, output);
  const json = found.outputs.length === 1 ? jsonValue(values[0]) : namedValues(found.outputs, values);
  const rows = found.outputs.map((parameter, index) => [
    parameter.name || String(index),
    typeText(parameter),
    valueText(values[index]),
  ]);
  const columns = [
    { en: 'output', zh: '返回值' },
    { en: 'type', zh: '类型' },
    { en: 'value', zh: '值' },
  ];
  return tableAnswer(json, columns, rows);
}

function executedAnswer(suite: CryptoSuite, found: AbiFunction, receipt: Receipt, abi: Abi): Answer {
  const { transactionHash, blockNumber, gasUsed } = receipt;
  // A contract of another interface may have answered: then what it returned stays bytes.
  const values = receipt.output === '0x' ? [] : outputsOf(found, decodeOutput(found, receipt.output));
  const events = receipt.logs.map((log) => {
    for (const item of abi) {
      const args = item.type === 'event' ? decodeEvent(suite, item, log) : undefined;
      if (args !== undefined && item.type === 'event') return { event: item.name, ...(jsonValue(args) as object) };
    }
    return { address: log.address, topics: log.topics, data: log.data };
  });
  return outlineAnswer({
    transactionHash,
    blockNumber,
    gasUsed: jsonValue(gasUsed),
    ...(found.outputs.length > 0 && { returned: namedValues(found.outputs, values) }),
    ...(events.length > 0 && { events }),
  });
}

function outputsOf({ outputs }: AbiFunction, output: unknown): readonly unknown[] {
  return outputs.length > 1 ? (output as readonly unknown[]) : outputs.length === 1 ? [output] : [];
}

/** The name under which a contract is remembered, of a word that means it: a path, `File.sol:Name` or the name. */
export function nameOfContract(word: string): string {
  return /:(\w+)$/.exec(word)?.[1] ?? word.replace(/^.*[/\\]/, '').replace(/\.(sol|json|abi|bin)$/, '');
}

/** The contract that `call` means: by what was deployed with the console, else by its file. */
export async function calledContract(
  session: Session,
  word: string,
  place: string,
): Promise<Result<{ readonly address: `0x${string}`; readonly abi: Abi }, Problem>> {
  const name = nameOfContract(word);
  const deployments = await session.deployments();
  const deployed = deployments.find((one) => (place === 'latest' ? one.name === name : one.address === place));
  if (deployed !== undefined && (deployed.name === name || place === 'latest')) {
    return success({ address: deployed.address, abi: readAbi(deployed.abi) });
  }
  if (place === 'latest') {
    const message = { en: `no ${name} was deployed here yet`, zh: `尚未在此部署过 ${name}` };
    const advice = { en: 'deploy it, or give its address', zh: '请先部署，或给出合约地址' };
    return failure(problem(PROBLEM.noContract, message, advice, `deploy ${word}`));
  }
  const found = await findContract(session, word);
  return found.ok ? success({ address: place as `0x${string}`, abi: found.value.abi }) : found;
}
