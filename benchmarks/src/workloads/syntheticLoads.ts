import { callData } from '@menglian/sdk/abi/functions';
import { functionOf } from '@menglian/sdk/abi/signature';
import { CPU_HEAVY_BYTECODE } from './contracts/cpuHeavyBytecode.js';
import { DO_NOTHING_BYTECODE } from './contracts/doNothingBytecode.js';
import { IO_HEAVY_BYTECODE } from './contracts/ioHeavyBytecode.js';
import { deploy } from './deploy.js';
import type { Workload } from './workload.js';

const ENABLE_PARALLEL = functionOf('enableParallel()');
const NOTHING = functionOf('nothing()');
const SORT = functionOf('sort(uint256,uint256)');
const READ = functionOf('read(uint256,uint256)');
const WRITE = functionOf('write(uint256,uint256,uint256)');

/** Numbers that one call of `cpu-heavy` sorts. */
const SORTED_NUMBERS = 64n;

/** Slots that one call of `io-heavy` writes or reads, and how many such ranges there are for each user. */
const SLOTS_A_CALL = 20;

/** What everything around a contract costs. */
export const DO_NOTHING_WORKLOAD: Workload = {
  name: 'do-nothing',
  description: {
    en: 'a call of an empty Solidity function: everything but the work of a contract',
    zh: '调用空的 Solidity 函数：除合约执行以外的全部开销',
  },
  transactions: 50_000,
  async prepare(context) {
    const to = await deploy(context, DO_NOTHING_BYTECODE);
    const data = callData(context.suite, NOTHING, []);
    return () => ({ to, data });
  },
};

/** Computation without state, independent call by call. */
export const CPU_HEAVY_WORKLOAD: Workload = {
  name: 'cpu-heavy',
  description: {
    en: `sorting ${SORTED_NUMBERS} numbers in memory with Solidity, every call independent of the others`,
    zh: `用 Solidity 在内存中对 ${SORTED_NUMBERS} 个数排序，各次调用互不相关`,
  },
  transactions: 5_000,
  async prepare(context) {
    const { suite, run } = context;
    const to = await deploy(context, CPU_HEAVY_BYTECODE);
    await run('registeringFunctions', 1, () => ({ to, data: callData(suite, ENABLE_PARALLEL, []) }));
    return (index) => ({ to, data: callData(suite, SORT, [BigInt(index), SORTED_NUMBERS]) });
  },
};

/** Many slots a transaction, writes and reads by turns, over as many ranges as there are users. */
export const IO_HEAVY_WORKLOAD: Workload = {
  name: 'io-heavy',
  description: {
    en: `writing and reading ${SLOTS_A_CALL} storage slots a call by turns`,
    zh: `每次调用轮流写入或读取 ${SLOTS_A_CALL} 个存储槽`,
  },
  transactions: 10_000,
  async prepare(context) {
    const { suite, users, run } = context;
    const to = await deploy(context, IO_HEAVY_BYTECODE);
    await run('registeringFunctions', 1, () => ({ to, data: callData(suite, ENABLE_PARALLEL, []) }));
    return (index) => {
      const start = BigInt(((index >> 1) % users) * SLOTS_A_CALL);
      const count = BigInt(SLOTS_A_CALL);
      if (index % 2 === 1) return { to, data: callData(suite, READ, [start, count]) };
      return { to, data: callData(suite, WRITE, [start, count, BigInt(index)]) };
    };
  },
};
