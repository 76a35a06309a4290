import { describe, expect, it } from 'vitest';
import type { ChainOptions } from './chainOptions.js';
import { endpoint, planChain, type ChainPlan } from './chainPlan.js';

function planOf(options: ChainOptions, fileText?: string): ChainPlan {
  const planned = planChain(options, fileText);
  if (!planned.ok) throw new Error(planned.reason.message.en);
  return planned.value;
}

/** The sentence of the refusal with its example below it, as people see it. */
function refusal(options: ChainOptions, fileText?: string): string {
  const planned = planChain(options, fileText);
  if (planned.ok) return 'accepted';
  const { message, example } = planned.reason;
  expect(message.zh).toMatch(/[\u4e00-\u9fff]/);
  expect(message.en).not.toMatch(/[\u4e00-\u9fff]|undefined|NaN/);
  return `${message.en}\n${example ?? ''}`;
}

/** `folder p2p,channel,rpc` of each node. */
function placesOf({ nodes }: ChainPlan): string[] {
  return nodes.map(({ folder, ports }) => `${folder} ${ports.p2p},${ports.channel},${ports.rpc}`);
}

describe('the plan of a chain', () => {
  it('gives node k of a host each first port plus k', () => {
    const plan = planOf({ hosts: '127.0.0.1:3' });
    expect(placesOf(plan)).toEqual([
      '127.0.0.1/node0 30300,20200,8545',
      '127.0.0.1/node1 30301,20201,8546',
      '127.0.0.1/node2 30302,20202,8547',
    ]);
    expect(plan).toMatchObject({ output: 'nodes', agencies: ['agency'], groups: [1], chainId: 1, days: 36_500 });
  });

  it('begins anew on each host, and goes on where a host stands again', () => {
    const plan = planOf({ hosts: '10.0.0.1:2,node.example.org,10.0.0.1', ports: '31000,32000,33000' });
    expect(placesOf(plan)).toEqual([
      '10.0.0.1/node0 31000,32000,33000',
      '10.0.0.1/node1 31001,32001,33001',
      'node.example.org/node0 31000,32000,33000',
      '10.0.0.1/node2 31002,32002,33002',
    ]);
    expect(plan.hosts).toEqual(['10.0.0.1', 'node.example.org']);
  });

  it('puts all nodes of a list into so many groups', () => {
    const plan = planOf({ hosts: '127.0.0.1:2,10.0.0.1', groups: '3' });
    expect(plan.groups).toEqual([1, 2, 3]);
    for (const { groups } of plan.nodes) expect(groups).toEqual([1, 2, 3]);
  });

  it.each(['0', '33', '', '-1', '1.5', 'three'])('refuses %j groups', (groups) => {
    expect(refusal({ hosts: '127.0.0.1:4', groups })).toMatch(/--groups takes a number of 1 to 32.*\n.*--groups 3/);
  });

  it('refuses a number of groups beside a file that says them', () => {
    expect(refusal({ file: 'hosts.txt', groups: '2' }, '10.0.0.1:2 agencyA 1')).toContain('--groups is for -l');
  });

  it('reads agencies, groups and ports of a file', () => {
    const text =
      '10.0.0.1:2 agencyA 1,2\r\n10.0.0.2:1 agency-B 1\n10.0.0.1:1 agencyA 3 31000,32000,33000\n\n10.0.0.1 c.d_e 3\n';
    const plan = planOf({ file: 'hosts.txt' }, text);
    expect(placesOf(plan)).toEqual([
      '10.0.0.1/node0 30300,20200,8545',
      '10.0.0.1/node1 30301,20201,8546',
      '10.0.0.2/node0 30300,20200,8545',
      '10.0.0.1/node2 31000,32000,33000',
      '10.0.0.1/node3 31001,32001,33001',
    ]);
    expect(plan.nodes.map(({ agency, groups }) => `${agency} ${groups.join()}`)).toEqual([
      'agencyA 1,2',
      'agencyA 1,2',
      'agency-B 1',
      'agencyA 3',
      'c.d_e 3',
    ]);
    expect(plan).toMatchObject({ agencies: ['agencyA', 'agency-B', 'c.d_e'], groups: [1, 2, 3] });
  });

  it('names folders by address and port in the deploy layout', () => {
    expect(placesOf(planOf({ hosts: '127.0.0.1:2', deployLayout: true }))).toEqual([
      '127.0.0.1/node_127.0.0.1_30300 30300,20200,8545',
      '127.0.0.1/node_127.0.0.1_30301 30301,20201,8546',
    ]);
  });

  it('takes IPv6 addresses in brackets', () => {
    const plan = planOf({ hosts: '[fd00::1]:2,[fd00::2]', ipv6: true });
    expect(plan.nodes.map(({ host, ports }) => endpoint(host, ports.p2p))).toEqual([
      '[fd00::1]:30300',
      '[fd00::1]:30301',
      '[fd00::2]:30300',
    ]);
  });

  it('takes what it can honour of -c, -s, -v, -C and -X', () => {
    const options = { hosts: '127.0.0.1', consensus: 'pbft', storage: 'rocksdb', supportedVersion: '2.11.0' };
    expect(planOf({ ...options, chainId: '0', days: '1' })).toMatchObject({ chainId: 0, days: 1, consensus: 'pbft' });
    expect(planOf({ ...options, consensus: 'RPBFT' })).toMatchObject({ consensus: 'rpbft' });
  });
});

describe('what a chain cannot be', () => {
  const hosts = '127.0.0.1:4';

  it.each<[string, ChainOptions, string, string]>([
    ['-G', { hosts, smChannel: true }, 'SM algorithms', '-l'],
    ['-K', { hosts, smAuthority: 'gmcert' }, 'SM algorithms', '-l'],
    ['-c pow', { hosts, consensus: 'pow' }, '-c takes pbft, raft or rpbft; found "pow"', '-c pbft'],
    ['-s mysql', { hosts, storage: 'mysql' }, '-s mysql is not built in', '-s rocksdb'],
    ['-z', { hosts, archives: true }, 'with tar yourself', 'tar -czf 127.0.0.1.tar.gz'],
    ['-e', { hosts, executable: './fisco-bcos' }, '-e names an executable', '-l'],
    ['-t', { hosts, opensslConfiguration: 'cert.cnf' }, 'without openssl', '-l'],
    ['-d with -D', { hosts, containers: true, deployLayout: true }, 'choose one', '-d'],
    ['-v 2.9.1', { hosts, supportedVersion: '2.9.1' }, 'the data format 2.11.0 and no other', '-l'],
    ['-C -1', { hosts, chainId: '-1' }, '-C takes a whole number from 0; found "-1"', '-C 1'],
    ['-C 1.5', { hosts, chainId: '1.5' }, 'found "1.5"', '-C 1'],
    ['-C 2^53', { hosts, chainId: '9007199254740992' }, '-C takes', '-C 1'],
    ['-X 0', { hosts, days: '0' }, '-X takes days from 1 to 1000000; found "0"', '-X 36500'],
    ['-X forever', { hosts, days: 'forever' }, 'found "forever"', '-X 36500'],
    ['neither -l nor -f', {}, 'either -l with hosts or -f with a file', '-l 127.0.0.1:4'],
    ['both -l and -f', { hosts, file: 'hosts.txt' }, 'one of the two', '-l 127.0.0.1:4'],
    [
      '-p of two ports',
      { hosts, ports: '30300,20200' },
      'ports are three numbers of 1025 to 65535',
      '-p 30300,20200,8545',
    ],
    ['-p of four ports', { hosts, ports: '30300,20200,8545,1' }, 'found "30300,20200,8545,1"', '-p'],
    ['a port below 1025', { hosts, ports: '30300,20200,80' }, '1025 to 65535', '-p'],
    ['a port above 65535', { hosts, ports: '65536,20200,8545' }, '1025 to 65535', '-p'],
    ['a port that is text', { hosts, ports: 'a,b,c' }, 'found "a,b,c"', '-p'],
    ['ports that run over', { hosts, ports: '65533,20200,8545' }, 'overlap or end above 65535 (65536 > 65535)', '-p'],
    ['ports that overlap', { hosts, ports: '30300,30302,8545' }, '(30302 × 2)', '-p'],
    ['an IPv6 host without -6', { hosts: '[fd00::1]:4' }, 'needs -6', '-6'],
  ])('refuses %s with a sentence and an example', (_, options, sentence, example) => {
    const [message, exampleLine] = refusal(options).split('\n');
    expect(message).toContain(sentence);
    expect(exampleLine).toContain(example);
  });

  it.each([
    '',
    ',',
    '127.0.0.1:0',
    '127.0.0.1:101',
    '127.0.0.1:-1',
    '127.0.0.1:four',
    '127.0.0.1:4:5',
    '127.0.0.1:4,',
    '999.1.1.1:4',
    '1.2.3:1',
    'fd00::1:1',
    '[127.0.0.1]:1',
    '../etc:1',
    'a b:1',
    '-host:1',
    `${'a'.repeat(64)}:1`,
    'höst:1',
  ])('refuses the host %j', (text) => {
    const [message, example] = refusal({ hosts: text }).split('\n');
    expect(message).toContain('is not host:count, with an IP address ([…] around IPv6) or host name');
    expect(example).toContain('-l 127.0.0.1:4');
  });

  it('refuses more nodes than a chain links', () => {
    expect(refusal({ hosts: '10.0.0.1:60,10.0.0.2:41' })).toContain('101 nodes are asked for; at most 100 are built');
    expect(refusal({ hosts: '10.0.0.1:60,10.0.0.2:40' })).toBe('accepted');
  });

  it.each([
    ['', 'names no host'],
    ['\n\n', 'names no host'],
    ['127.0.0.1:4', 'line 1 of the file must have host:count, agency, groups and perhaps ports'],
    ['127.0.0.1:4 a 1\n127.0.0.1:4 a', 'line 2 of the file'],
    ['127.0.0.1:4 a 1 30300,20200,8545 more', 'line 1 of the file'],
    ['nowhere!:4 a 1', '"nowhere!:4" is not host:count'],
    ['127.0.0.1:4 a/b 1', "line 1: an agency's name has 1 to 64 letters"],
    ['127.0.0.1:4 .. 1', "an agency's name"],
    [`127.0.0.1:4 ${'a'.repeat(65)} 1`, "an agency's name"],
    ['127.0.0.1:4 a 0', 'line 1: groups are numbers of 1 to 32767, each once; found "0"'],
    ['127.0.0.1:4 a 32768', 'groups are numbers'],
    ['127.0.0.1:4 a 1,1', 'each once'],
    ['127.0.0.1:4 a 1,', 'groups are numbers'],
    ['127.0.0.1:4 a 1 1,2,3', 'ports are three numbers'],
    ['x'.repeat(200_000), 'too long'],
  ])('refuses the file %j', (text, sentence) => {
    expect(refusal({ file: 'hosts.txt' }, text).split('\n')[0]).toContain(sentence);
  });

  it.each(['ca.key', 'ca.crt', 'ca.srl', 'cert.cnf', 'root.crt'])('refuses an agency named as the file %s', (name) => {
    expect(refusal({ file: 'hosts.txt' }, `127.0.0.1:4 ${name} 1`)).toContain(`an agency cannot be named ${name}`);
  });

  it('keeps what it repeats short and printable', () => {
    const said = refusal({ hosts: `\u0007\u202e${'x'.repeat(10_000)}` });
    expect(said.length).toBeLessThan(300);
    for (const character of ['\u0007', '\u202e']) expect(said).not.toContain(character);
  });
});
