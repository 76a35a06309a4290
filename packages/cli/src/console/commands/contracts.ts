import { success } from '@menglian/base/result';
import { signatureText } from '@menglian/sdk/abi/signature';
import { typeText } from '@menglian/sdk/abi/values';
import { address, contract, contractAddress, integer, text } from '../arguments/kinds.js';
import { optional, required, rest } from '../arguments/parameters.js';
import { command, type Room } from '../command.js';
import { callContract, calledContract } from '../contracts/callContract.js';
import { deployContract, deployedMembers } from '../contracts/deployContract.js';
import { findContract } from '../contracts/findContract.js';
import { outlineAnswer, tableAnswer, textAnswer } from '../output/answer.js';

const argumentsOf = rest(
  'arguments',
  '"hello"',
  'by the types of the contract: 7, true, 0x…, "text", [1,2], (1,"a")',
  '按合约类型书写：7、true、0x…、"文本"、[1,2]、(1,"a")',
);

const contractParameter = required('contract', contract, 'the contract', '合约');

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
