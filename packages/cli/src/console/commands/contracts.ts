import { failure, type Result, success } from '@menglian/base/result';
import type { Abi, AbiFunction } from '@menglian/sdk/abi/abi';
import { decodeEvent } from '@menglian/sdk/abi/events';
import { decodeOutput, encodeCall, encodeDeployment, signatureText } from '@menglian/sdk/abi/functions';
import { readAbi } from '@menglian/sdk/abi/abi';
import { typeText } from '@menglian/sdk/abi/values';
import type { Receipt } from '@menglian/sdk/rpc/shapes';
import { checkExecution } from '@menglian/sdk/transaction/executionError';
import type { CryptoSuite } from '@menglian/crypto/suite';
import { chooseFunction, readAbiValues } from '../arguments/abiValues.js';
import { address, contract, contractAddress, integer, text } from '../arguments/kinds.js';
import { optional, required, rest } from '../arguments/parameters.js';
import type { Token } from '../arguments/tokens.js';
import { command, type Outcome, type Room } from '../command.js';
import type { Contract } from '../contracts/artifact.js';
import { findContract } from '../contracts/findContract.js';
import { type Answer, outlineAnswer, tableAnswer, textAnswer } from '../output/answer.js';
import { PROBLEM, problem, type Problem } from '../problem.js';
import type { Session } from '../session.js';
import { transact } from '../transact.js';
import { jsonValue, namedValues, valueText } from '../values.js';

const argumentsOf = rest(
  'arguments',
  '"hello"',
  'by the types of the contract: 7, true, 0x…, "text", [1,2], (1,"a")',
  '按合约类型书写：7、true、0x…、"文本"、[1,2]、(1,"a")',
);

const contractParameter = required('contract', contract, 'the contract', '合约');

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

const DEPLOYMENTS_SHOWN = 20;

export const CONTRACTS: Room = {
  title: { en: 'Contracts', zh: '合约' },
  commands: [
    command({
      name: 'deploy',
      en: 'compiles a contract if need be, and deploys it',
      zh: '部署合约，必要时先编译',
      details: {
        en:
          'A .sol file is compiled with the newest installed solc that its pragma allows. A .abi file with a .bin beside it,\n' +
          'or a .json file of a build tool, needs no compiler. File.sol:Name picks one of several contracts.',
        zh:
          '.sol 文件用符合 pragma 的最新已安装 solc 编译；.abi 与同名 .bin，或构建工具的 .json 无需编译器。\n' +
          'File.sol:Name 指定文件中的某个合约。',
      },
      parameters: [contractParameter, argumentsOf],
      examples: ['HelloWorld.sol', 'build/Token.json "gold" 1000000', 'Bank.sol:Vault [1,2,3]'],
      run: async (session, [word, given]) => {
        const found = await findContract(session, word);
        if (!found.ok) return found;
        const deployed = await deployContract(session, found.value, given, `deploy ${word}`);
        return deployed.ok ? success(outlineAnswer(deployedMembers(deployed.value))) : deployed;
      },
    }),
    command({
      name: 'call',
      en: 'calls a function: reads at once, or sends a transaction and waits',
      zh: '调用合约函数：只读函数立即返回，其余发送交易并等待回执',
      parameters: [
        contractParameter,
        required('address', contractAddress, 'where it is', '合约地址'),
        required(
          'function',
          text('set', 'functions'),
          'its name, or name(types) of one of several',
          '函数名，重载时写 name(types)',
        ),
        argumentsOf,
      ],
      examples: ['HelloWorld latest get', 'HelloWorld.sol latest set "hello"'],
      run: async (session, [word, place, name, given]) => {
        const found = await calledContract(session, word, place);
        return found.ok ? callContract(session, found.value, name, given, `call ${word} ${place}`) : found;
      },
    }),
    command({
      name: 'listAbi',
      en: 'functions and events of a contract',
      zh: '合约的函数与事件',
      parameters: [contractParameter],
      examples: ['HelloWorld.sol'],
      run: async (session, [word]) => {
        const found = await findContract(session, word);
        if (!found.ok) return found;
        const { abi } = found.value;
        const rows = abi.flatMap((item) => {
          if (item.type !== 'function' && item.type !== 'event') return [];
          const returned = item.type === 'function' ? item.outputs.map(typeText).join(', ') : '';
          const kind = item.type === 'function' ? item.stateMutability : 'event';
          return [[signatureText(item), kind, returned]];
        });
        const columns = [
          { en: 'signature', zh: '签名' },
          { en: 'kind', zh: '类型' },
          { en: 'returns', zh: '返回' },
        ];
        return success(tableAnswer(abi, columns, rows));
      },
    }),
    command({
      name: 'listDeployContractAddress',
      aliases: ['getDeployLog'],
      en: 'contracts that you deployed with the console on this chain, newest first',
      zh: '本机控制台在此链上部署过的合约，最新在前',
      parameters: [
        optional('contract', text('HelloWorld', 'contracts'), 'only those of this name', '只列出该名称'),
        optional('count', integer(1, 500), `how many (${DEPLOYMENTS_SHOWN})`, `数量（默认 ${DEPLOYMENTS_SHOWN}）`),
      ],
      examples: ['', 'HelloWorld 5'],
      run: async (session, [name, count = DEPLOYMENTS_SHOWN]) => {
        const all = (await session.deployments()).filter((one) => name === undefined || one.name === name);
        const shown = all.slice(0, count);
        const columns = [
          { en: 'when', zh: '时间' },
          { en: 'contract', zh: '合约' },
          { en: 'address', zh: '地址' },
          { en: 'transaction', zh: '交易' },
        ];
        const json = shown.map(({ at, name, address, transactionHash }) => ({ at, name, address, transactionHash }));
        return success(
          tableAnswer(
            json,
            columns,
            json.map((one) => Object.values(one)),
          ),
        );
      },
    }),
    command({
      name: 'getCode',
      en: 'the code at an address',
      zh: '查询地址上的合约代码',
      parameters: [required('address', address, 'of a contract', '合约地址')],
      examples: [address.example],
      run: async (session, [place]) => {
        const code = String(await session.askGroup('getCode', place));
        const none = { en: 'There is no contract at this address.', zh: '该地址没有合约。' };
        return success(textAnswer(code, code === '0x' ? none : { en: code, zh: code }));
      },
    }),
  ],
};
