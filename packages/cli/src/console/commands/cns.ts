import { failure, type Result, success } from '@menglian/base/result';
import { readAbi } from '@menglian/sdk/abi/abi';
import { Cns, type CnsEntry } from '@menglian/sdk/services/cns';
import { address, contract, text } from '../arguments/kinds.js';
import { badValue, optional, required, rest } from '../arguments/parameters.js';
import { command, type Room } from '../command.js';
import { callContract } from '../contracts/callContract.js';
import { deployContract, deployedMembers } from '../contracts/deployContract.js';
import { findContract } from '../contracts/findContract.js';
import { outlineAnswer, tableAnswer } from '../output/answer.js';
import { changedAnswer } from '../output/systemAnswers.js';
import { PROBLEM, problem, type Problem } from '../problem.js';
import { problemOfError } from '../sdkProblem.js';
import type { Session } from '../session.js';

const version = text('1.0');
const versionExpected = { en: 'at most 128 characters, without a colon', zh: '最多 128 个字符，不含冒号' };

function checkVersion(value: string): Problem | undefined {
  return value.length <= 128 && !value.includes(':')
    ? undefined
    : badValue('version', value, versionExpected, 'deployByCNS HelloWorld.sol 1.0');
}

async function entries(session: Session, name: string, version: string | undefined): Promise<readonly CnsEntry[]> {
  const all = await new Cns(await session.caller()).list(name);
  return version === undefined ? all : all.filter((entry) => entry.version === version);
}

/** What `name` or `name:version` means: the version registered last if none is said. */
async function resolved(session: Session, word: string): Promise<Result<CnsEntry, Problem>> {
  const [name = '', version] = word.split(':', 2);
  const entry = (await entries(session, name, version)).at(-1);
  if (entry !== undefined) return success(entry);
  const message = { en: `nothing is registered under ${word}`, zh: `CNS 中没有 ${word}` };
  const advice = { en: 'see `queryCNS <name>` for its versions', zh: '用 queryCNS <名称> 查看已注册的版本' };
  return failure(problem(PROBLEM.noName, message, advice, `queryCNS ${name}`));
}

export const CNS: Room = {
  title: { en: 'Names of contracts (CNS)', zh: '合约命名服务（CNS）' },
  commands: [
    command({
      name: 'deployByCNS',
      en: 'deploys a contract and registers it under its name',
      zh: '部署合约并注册到 CNS',
      parameters: [
        required('contract', contract, 'the contract', '合约'),
        required('version', version, 'a new version', '新版本号'),
        rest('arguments', '"hello"', 'of the constructor', '构造函数参数'),
      ],
      examples: ['HelloWorld.sol 1.0'],
      run: async (session, [word, versionText, given]) => {
        const wrong = checkVersion(versionText);
        if (wrong !== undefined) return failure(wrong);
        const found = await findContract(session, word);
        if (!found.ok) return found;
        const { name } = found.value;
        // Asked first: a contract that cannot be registered should not be deployed.
        if ((await entries(session, name, versionText)).length > 0) return failure(taken(name, versionText));
        const deployed = await deployContract(session, found.value, given, `deployByCNS ${word} ${versionText}`);
        if (!deployed.ok) return deployed;
        const { address, contract } = deployed.value;
        try {
          await new Cns(await session.caller()).register({ name, version: versionText, address, abi: contract.abi });
        } catch (error) {
          return failure(onlyDeployed(problemOfError(error, session.sentHash), address, [word, versionText]));
        }
        return success(outlineAnswer({ ...deployedMembers(deployed.value), version: versionText }));
      },
    }),
    command({
      name: 'callByCNS',
      en: 'calls a contract by its name',
      zh: '按 CNS 名称调用合约',
      parameters: [
        required(
          'name',
          text('HelloWorld:1.0'),
          'name, or name:version; else the last version',
          '名称或 名称:版本；默认最新注册的版本',
        ),
        required('function', text('set'), 'its name, or name(types) of one of several', '函数名，重载时写 name(types)'),
        rest('arguments', '"hello"', 'of the function', '函数参数'),
      ],
      examples: ['HelloWorld get', 'HelloWorld:1.0 set "hello"'],
      run: async (session, [word, name, given]) => {
        const entry = await resolved(session, word);
        if (!entry.ok) return entry;
        const place = address.read({ text: entry.value.address, isQuoted: false });
        if (place === undefined) return failure(badValue('address', entry.value.address, address.expected));
        return callContract(
          session,
          { address: place, abi: readAbi(entry.value.abi) },
          name,
          given,
          `callByCNS ${word}`,
        );
      },
    }),
    command({
      name: 'queryCNS',
      en: 'versions and addresses of a name',
      zh: '查询名称的版本与地址',
      parameters: [
        required('name', text('HelloWorld'), 'name, or name:version', '名称或 名称:版本'),
        optional('version', version, 'only this one', '只查此版本'),
      ],
      examples: ['HelloWorld', 'HelloWorld 1.0'],
      run: async (session, [word, second]) => {
        const [name = '', version = second] = word.split(':', 2);
        const found = await entries(session, name, version);
        const columns = [
          { en: 'name', zh: '名称' },
          { en: 'version', zh: '版本' },
          { en: 'address', zh: '地址' },
        ];
        const rows = found.map((entry) => [entry.name, entry.version, entry.address]);
        return success(tableAnswer(found, columns, rows));
      },
    }),
    command({
      name: 'registerCNS',
      en: 'registers a contract that is deployed already',
      zh: '将已部署的合约注册到 CNS',
      parameters: [
        required('contract', contract, 'the contract, for its name and ABI', '合约，用于取名称与 ABI'),
        required('address', address, 'where it is', '合约地址'),
        required('version', version, 'a new version', '新版本号'),
      ],
      examples: [`HelloWorld.sol ${address.example} 1.1`],
      run: async (session, [word, place, versionText]) => {
        const wrong = checkVersion(versionText);
        if (wrong !== undefined) return failure(wrong);
        const found = await findContract(session, word);
        if (!found.ok) return found;
        const { name, abi } = found.value;
        const done = await new Cns(await session.caller()).register({
          name,
          version: versionText,
          address: place,
          abi,
        });
        return success(changedAnswer(done));
      },
    }),
  ],
};

/** Half is done: the address must not be lost. */
function onlyDeployed(why: Problem, address: string, [word, version]: readonly [string, string]): Problem {
  const { message, advice } = why;
  return {
    ...why,
    message: {
      en: `deployed at ${address}, but not registered: ${message.en}`,
      zh: `已部署到 ${address}，但未能注册：${message.zh}`,
    },
    advice: { en: `${advice.en}; then register it`, zh: `${advice.zh}；然后再注册` },
    example: `registerCNS ${word} ${address} ${version}`,
  };
}

function taken(name: string, version: string): Problem {
  const message = { en: `${name} ${version} is registered already`, zh: `${name} ${version} 已注册` };
  const advice = { en: 'take another version: names are never overwritten', zh: '换一个版本号：已注册的不能覆盖' };
  return problem(PROBLEM.noName, message, advice, `deployByCNS ${name}.sol ${version}.1`);
}
