import { readFileSync } from 'node:fs';
import { toPrefixedHex } from '@menglian/base/bytes';
import { loadSuite } from '@menglian/crypto/loadSuite';
import { genesisHeader } from '@menglian/types/genesis';
import { headerHash } from '@menglian/types/header';
import { describe, expect, it } from 'vitest';
import { readGroupGenesis, readGroupTuning } from './groupConfig.js';
import { describeProblems, parseIni } from './ini.js';
import { readNodeConfig } from './nodeConfig.js';

const suite = await loadSuite('ecdsa');
const nodeId = 'ab'.repeat(64);
const golden = JSON.parse(readFileSync(new URL('../../../../test/golden/genesis.json', import.meta.url), 'utf8')) as {
  groupGenesisIni: string;
  nodeIds: string[];
};

const { cases } = JSON.parse(
  readFileSync(new URL('../../../../test/golden/getBlockHashByNumber.json', import.meta.url), 'utf8'),
) as { cases: { request: { params: unknown[] }; response: { result?: string } }[] };
const recordedGenesisHash = cases.find(({ request }) => ['0', '0x0'].includes(String(request.params[1])))?.response
  .result;

/** The sentences of all problems, or '' when the text is accepted. */
function problemsOf(read: () => { ok: boolean; reason?: unknown }): string {
  const result = read();
  return result.ok ? '' : describeProblems(result.reason as never);
}

const nodeProblems = (text: string) => problemsOf(() => readNodeConfig(text, 'config.ini'));
const genesisProblems = (text: string) => problemsOf(() => readGroupGenesis(text, 'group.1.genesis'));
const tuningProblems = (text: string) => problemsOf(() => readGroupTuning(text, 'group.1.ini'));

describe('ini files', () => {
  it('are read as 2.x writes them', () => {
    const parsed = parseIni('; comment\n[a]\n  x = 1 ; not a comment\r\n# comment\ny=\n[b]\nx=2=3\n', 'f');
    expect(parsed.ok && [...parsed.value].map(([name, values]) => [name, [...values]])).toEqual([
      [
        'a',
        [
          ['x', { text: '1 ; not a comment', line: 3 }],
          ['y', { text: '', line: 5 }],
        ],
      ],
      ['b', [['x', { text: '2=3', line: 7 }]]],
    ]);
  });

  it('are refused with file, line, what was found and what is allowed', () => {
    const problems = problemsOf(() => parseIni('x=1\n[a]\n[a]\nnonsense\nk=1\nk=2\n[]\n', 'f.ini')).split('\n');
    expect(problems).toEqual([
      'f.ini:1: key x stands before the first [section]',
      'f.ini:3: section [a] stands twice; keep one and move its keys there',
      'f.ini:4: found "nonsense"; a line is [section], key=value, or a comment after ; or #',
      'f.ini:6: key k stands twice in its section; keep one',
      'f.ini:7: found "[]"; a section is written [name]',
    ]);
  });

  it('do not make errors large or unprintable', () => {
    const problems = problemsOf(() => parseIni(`\u0007${'x'.repeat(10_000)}`, 'f'));
    expect(problems.length).toBeLessThan(200);
    expect(problems).not.toContain('\u0007');
    expect(problemsOf(() => parseIni('x'.repeat(2_000_000), 'f'))).toContain('at most');
  });
});

describe('config.ini', () => {
  it('has the defaults of 2.x', () => {
    const config = readNodeConfig('', 'config.ini');
    expect(config.ok && config.value).toMatchObject({
      rpc: { address: '127.0.0.1', port: 8545 },
      p2p: { address: '0.0.0.0', port: 30_300, peers: [] },
      chainId: 1,
      groupDataPath: 'data/',
      groupConfigPath: 'conf/',
    });
  });

  it.each([
    ['', 'ecdsa', 'chain', 'node.key', 'ca.crt'],
    ['rsa_crypto_channel=true', 'ecdsa', 'rsa', 'node.key', 'ca.crt'],
    ['sm_crypto=true', 'sm', 'chain', 'gmnode.key', 'gmca.crt'],
    ['sm_crypto=true\nrsa_crypto_channel=true', 'sm', 'rsa', 'gmnode.key', 'gmca.crt'],
    ['sm_crypto=true\nrsa_crypto_channel=true\nsm_crypto_channel=true', 'sm', 'sm', 'gmnode.key', 'gmca.crt'],
  ])(
    'chooses algorithms, certificates of the channel and names of files by [chain] %j',
    (lines, suite, family, key, authority) => {
      const config = readNodeConfig(`[chain]\n${lines}`, 'config.ini');
      expect(config.ok && config.value).toMatchObject({ suite, channel: { family }, security: { key, authority } });
    },
  );

  it('reads lists and the legacy names of sections', () => {
    const text = `[p2p]\nnode.0=127.0.0.1:30300\nnode.1=[::1]:30301\nnode.7=host.example:1\n[crl]\ncrl.0=${nodeId.toUpperCase()}\n`;
    const config = readNodeConfig(text, 'config.ini');
    expect(config.ok && config.value.p2p.peers).toEqual(['127.0.0.1:30300', '[::1]:30301', 'host.example:1']);
    expect(config.ok && config.value.denyList).toEqual([nodeId]);
  });

  it.each([
    [
      '[rpc]\njsonrpc_listen_port=80',
      'config.ini:2: [rpc] jsonrpc_listen_port="80" must be a whole number of 1025 to 65535',
    ],
    ['[rpc]\njsonrpc_listen_port=abc', 'must be a whole number'],
    ['[rpc]\njsonrpc_listen_prot=8545', 'unknown key "jsonrpc_listen_prot"; known in [rpc]:'],
    ['[rcp]\nx=1', 'section [rcp] is not known'],
    ['[p2p]\nnode.0=nowhere', 'must be ip:port, host:port or [ipv6]:port'],
    ['[p2p]\nnode.0=127.0.0.1:99999', 'must be ip:port'],
    ['[chain]\nsm_crypto=maybe', 'must be true or false'],
    ['[chain]\nsm_crypto_channel=true', 'can be true only with sm_crypto=true'],
    ['[chain]\nid=-1', 'must be a whole number'],
    ['[log]\nlevel=loud', 'must be trace or debug or info or warning or error'],
    ['[log]\nenable=maybe', 'must be true or false'],
    ['[compatibility]\nsupported_version=2.0.0', 'must be 2.11.0'],
    ['[certificate_whitelist]\ncal.0=12', 'a node id of 128 hexadecimal digits'],
    ['[storage_security]\nenable=true\nkey_manager_ip=127.0.0.1', 'belongs to the key manager of 2.x'],
  ])('refuses %j', (text, sentence) => {
    expect(nodeProblems(text)).toContain(sentence);
  });

  it('tells all problems at once, in the order of the file', () => {
    const lines = nodeProblems('[rpc]\njsonrpc_listen_port=1\nnope=1\n[chain]\nid=x\n').split('\n');
    expect(lines.map((line) => line.split(':')[1])).toEqual(['2', '3', '5']);
  });
});

describe('group.N.genesis', () => {
  it('is read from the recorded chain, its nodes in ascending order', () => {
    const genesis = readGroupGenesis(golden.groupGenesisIni, 'group.1.genesis');
    expect(genesis.ok && genesis.value.genesis).toMatchObject({
      groupId: 1,
      timestampMs: 1_795_227_296_000,
      sealers: golden.nodeIds.toSorted(),
      consensusType: 'pbft',
      maxTransactions: 1000,
      gasLimit: 300_000_000n,
      freeStorage: false,
    });
  });

  it('chooses the consensus, in any case, with what belongs to it', () => {
    const nodes = `node.0=${nodeId}\nnode.1=${'cd'.repeat(64)}\n[group]\nid=1\ntimestamp=1`;
    const read = (keys: string) => {
      const result = readGroupGenesis(`[consensus]\n${keys}\n${nodes}`, 'group.1.genesis');
      return result.ok ? result.value : undefined;
    };
    expect(read('consensus_type=RPBFT\nepoch_sealer_num=1\nepoch_block_num=20')?.genesis).toMatchObject({
      consensusType: 'rpbft',
      epochSealerCount: 1,
      epochBlockCount: 20,
    });
    expect(read('consensus_type=rPBFT')?.genesis).toMatchObject({ epochSealerCount: 2, epochBlockCount: 1000 });
    expect(read('consensus_type=Raft')).toMatchObject({ genesis: { consensusType: 'raft' }, electionTimeoutMs: 1000 });
    expect(read('consensus_type=raft\nmin_elect_time=5000')?.electionTimeoutMs).toBe(5000);
    expect(read('')?.genesis.consensusType).toBe('pbft');
  });

  it('gives the same genesis hash for the same nodes in another order', () => {
    const nodes = golden.groupGenesisIni.match(/node\.\d+ *= *[0-9a-f]{128}/g)!;
    const ids = nodes.map((line) => line.split('=')[1]!.trim());
    const hashes = [ids, ids.toReversed(), [...ids.slice(2), ...ids.slice(0, 2)]].map((order) => {
      let index = 0;
      const text = golden.groupGenesisIni.replaceAll(
        /(node\.\d+ *= *)[0-9a-f]{128}/g,
        (_, key: string) => key + order[index++],
      );
      expect(text).toContain(`${nodes[0]!.split('=')[0]!}=${order[0]}`);
      const genesis = readGroupGenesis(text, 'group.1.genesis');
      return genesis.ok ? toPrefixedHex(headerHash(suite, genesisHeader(genesis.value.genesis))) : 'refused';
    });
    expect(ids).toHaveLength(4);
    expect(new Set(hashes)).toEqual(new Set([recordedGenesisHash]));
  });

  it.each([
    ['', 'node.0 is missing'],
    [`[consensus]\nnode.0=${nodeId}\n[group]\nid=1`, 'timestamp is missing'],
    [`[consensus]\nnode.0=${nodeId}\n[group]\ntimestamp=1`, '[group] id is missing'],
    [
      '[consensus]\nconsensus_type=pow',
      'group.1.genesis:2: [consensus] consensus_type="pow" must be pbft or raft or rpbft',
    ],
    ['[consensus]\nepoch_sealer_num=0', 'epoch_sealer_num="0" must be a whole number of 1 to 100000'],
    [
      '[consensus]\n\nepoch_block_num=1',
      'group.1.genesis:3: [consensus] epoch_block_num="1" must be a whole number of 2',
    ],
    ['[consensus]\nmin_elect_time=9', 'must be a whole number of 100 to 3600000'],
    ['[consensus]\nmin_elect_time=3000\nmax_elect_time=2000', 'must be at least min_elect_time, 3000'],
    [`[consensus]\nnode.0=${nodeId}\nnode.1=${nodeId}\n[group]\nid=1\ntimestamp=1`, 'names the same node twice'],
    [`[consensus]\nnode.0=12\n[group]\nid=1\ntimestamp=1`, 'must be a node id of 128 hexadecimal digits'],
    [`[consensus]\nnode.0=${nodeId}\n[group]\nid=99999\ntimestamp=1`, 'must be a whole number of 1 to 32767'],
  ])('refuses %j', (text, sentence) => {
    expect(genesisProblems(text)).toContain(sentence);
  });
});

describe('group.N.ini', () => {
  it('has defaults when the file is missing', () => {
    const tuning = readGroupTuning(undefined, 'group.1.ini');
    expect(tuning.ok && tuning.value).toEqual({
      minBlockGenerationTimeMs: 500,
      poolTransactionsMax: 102_400,
      poolBytesMax: 512 * 1024 * 1024,
      transactionExpirationMs: 600_000,
      parallelExecution: true,
      snapshots: { interval: 1000, maxBytes: 128 * 1024 * 1024, minimumHeight: 3000 },
      storage: {
        cacheBytes: 32 * 1024 * 1024,
        stateCacheBytes: 16 * 1024 * 1024,
        writeBufferBytes: 64 * 1024 * 1024,
        tableBytes: 2 * 1024 * 1024,
      },
      diskQuotaBytes: 0,
      requestsPerSecond: 0,
      sdkAllowList: [],
    });
  });

  it.each([
    ['[storage]\ntype=mysql', 'must be rocksdb or leveldb'],
    ['[storage]\nmax_capacity=0', 'must be a whole number'],
    ['[storage]\nwrite_buffer=2000', 'must be a whole number of 1 to 1024'],
    ['[storage]\ntable_size=0', 'must be a whole number of 1 to 256'],
    ['[storage]\nquota_mb=-1', 'must be a whole number of 0'],
    ['[tx_pool]\nlimit=0', 'must be a whole number'],
    ['[tx_pool]\ntxs_expiration_time=0', 'must be a whole number of 1'],
    ['[consensus]\nmin_block_generation_time=5000', 'must be a whole number of 0 to 1000'],
    ['[tx_pol]\nlimit=1', 'section [tx_pol] is not known'],
  ])('refuses %j', (text, sentence) => {
    expect(tuningProblems(text)).toContain(sentence);
  });
});
