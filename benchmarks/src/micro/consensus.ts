import { keccak_256 } from '@noble/hashes/sha3.js';
import { invariant } from '@menglian/base/invariant';
import { EngineChain, engineCrypto, ENGINE_GROUP } from '@menglian/compliance/engineChain';
import { EngineGroup } from '@menglian/compliance/engineGroup';
import { createPbft } from '@menglian/pbft/createPbft';
import type { MicroCase } from './microCase.js';
import { packageVersion } from './packageVersion.js';

const SEALERS = 4;
const TRANSACTIONS = 300;
const TRANSACTIONS_A_BLOCK = 3;
const DONE_WITHIN_MS = 600_000;
const HASHES = 5000;

export const CONSENSUS_CASE: MicroCase = {
  name: 'consensus-step',
  description: {
    en: 'one input of the PBFT engine, recorded from a group of four, with signatures as cheap as a hash; against hashing 200 bytes',
    zh: 'PBFT 引擎处理一个输入（录自四节点，签名代价等同一次哈希）；以 200 字节哈希为参照',
  },
  async prepare() {
    const group = new EngineGroup({
      statementsIn: () => [],
      create: (options, components) => createPbft(options, components),
      rule: 'byzantine',
      sealers: SEALERS,
      maxTransactions: TRANSACTIONS_A_BLOCK,
    });
    group.startAll();
    group.submit(TRANSACTIONS);
    group.runUntilDone(DONE_WITHIN_MS);
    const [recorded] = group.hosts;
    invariant(recorded !== undefined, 'benchmarks/host');
    const { nodeId, inputs } = recorded;
    const { sealers, observers, rotateEvery } = recorded.chain.state;
    const data = new Uint8Array(200);
    let engine: ReturnType<typeof createPbft>;
    let chain: EngineChain;
    return {
      ours: {
        name: 'menglian',
        version: '',
        prepare() {
          chain = new EngineChain({ sealers, observers, rotateEvery }, TRANSACTIONS_A_BLOCK);
          const options = { ...ENGINE_GROUP, nodeId, head: chain.head(), records: [] };
          engine = createPbft(options, { crypto: engineCrypto(nodeId), chain });
        },
        run() {
          invariant(engine.ok, 'benchmarks/engine');
          for (const input of inputs) {
            // The host stores before it says so, and the engine looks at the chain then.
            if (input.kind === 'stored')
              while (chain.height < input.head.height) chain.append(recorded.chain.block(chain.height + 1)!);
            engine.value.step(input);
          }
          return inputs.length;
        },
      },
      others: [
        {
          name: '@noble/hashes',
          version: packageVersion('@noble/hashes'),
          run() {
            for (let index = 0; index < HASHES; index++) {
              data[0] = index;
              keccak_256(data);
            }
            return HASHES;
          },
        },
      ],
    };
  },
};
