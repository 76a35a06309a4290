import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyCertificateChain } from '@menglian/certificates/verifyCertificateChain';
import { readNodeFiles, type NodeFiles } from '@menglian/node/nodeFiles';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueAgency, issueChainAuthority, validityOfDays } from '@menglian/certificates/issue';
import { publicKeyText } from '@menglian/certificates/keys';
import { buildChain } from './buildChain.js';
import type { ChainOptions } from './chainOptions.js';

const scratch = mkdtempSync(join(tmpdir(), 'menglian-build-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

async function build(name: string, options: ChainOptions): Promise<string> {
  const built = await buildChain({ output: join(scratch, name), ...options });
  if (!built.ok) throw new Error(built.reason.message.en);
  return built.value.folder;
}

/** The sentence with which the request was refused. */
async function refusal(options: ChainOptions): Promise<string> {
  const built = await buildChain(options);
  return built.ok ? 'accepted' : built.reason.message.en;
}

/** Every path below a folder, folders with a slash at their end, sorted. */
function tree(folder: string, prefix = ''): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = prefix + entry.name;
      return entry.isDirectory() ? [`${path}/`, ...tree(join(folder, entry.name), `${path}/`)] : [path];
    })
    .toSorted();
}

const read = (...parts: string[]) => readFileSync(join(...parts), 'utf8');
const subjectOf = (pem: string) => new X509Certificate(pem).subject.replaceAll('\n', ', ');
const blocksOf = (pem: string) => pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? [];

function nodeFiles(folder: string, ...node: string[]): NodeFiles {
  const files = readNodeFiles(join(folder, ...node, 'config.ini'));
  if (!files.ok) throw new Error(files.reason);
  return files.value;
}

/** What the nodes of the others say about the certificate that a node shows. */
function verdictOf(folder: string, ...node: string[]): string {
  const verified = verifyCertificateChain(
    read(folder, ...node, 'conf/node.crt'),
    [read(folder, ...node, 'conf/ca.crt')],
    Date.now(),
  );
  if (!verified.ok) return verified.reason;
  expect(verified.value.nodeId).toBe(nodeFiles(folder, ...node).identity.nodeId);
  return `${verified.value.commonName} of ${verified.value.agency}`;
}

/** One file a section, as 2.x and its tools read them; a key that stands twice is an error there. */
function iniOf(text: string): Record<string, Record<string, string>> {
  const sections: Record<string, Record<string, string>> = {};
  let section: Record<string, string> = {};
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '' || line.startsWith(';')) continue;
    const name = /^\[(.+)\]$/.exec(line)?.[1];
    if (name !== undefined) {
      expect(sections).not.toHaveProperty(name);
      section = sections[name] = {};
      continue;
    }
    const [key = '', ...value] = line.split('=');
    expect(section).not.toHaveProperty([key]);
    section[key] = value.join('=');
  }
  return sections;
}

const NODE_FILES = [
  'conf/',
  'conf/ca.crt',
  'conf/channel_cert/',
  'conf/channel_cert/ca.crt',
  'conf/channel_cert/cert.cnf',
  'conf/channel_cert/node.crt',
  'conf/channel_cert/node.key',
  'conf/group.1.genesis',
  'conf/group.1.ini',
  'conf/node.crt',
  'conf/node.key',
  'conf/node.nodeid',
  'config.ini',
  'scripts/',
  'scripts/load_new_groups.sh',
  'scripts/monitor.sh',
  'scripts/reload_sdk_allowlist.sh',
  'scripts/reload_whitelist.sh',
  'start.sh',
  'stop.sh',
];

describe('a chain of four nodes on one machine', () => {
  let folder: string;
  let host: string;
  const nodes = ['node0', 'node1', 'node2', 'node3'];

  beforeAll(async () => {
    folder = await build('ordinary', { hosts: '127.0.0.1:4' });
    host = join(folder, '127.0.0.1');
  });

  it('lies in the tree of 2.x', () => {
    expect(tree(folder)).toEqual(
      [
        'cert.cnf',
        'cert/',
        'cert/ca.crt',
        'cert/ca.key',
        'cert/ca.srl',
        'cert/cert.cnf',
        'cert/agency/',
        'cert/agency/agency.crt',
        'cert/agency/agency.key',
        'cert/agency/agency.srl',
        'cert/agency/ca.crt',
        'cert/agency/cert.cnf',
        'cert/agency/channel/',
        'cert/agency/channel/ca.crt',
        'cert/agency/channel/ca.key',
        'cert/agency/channel/ca.srl',
        'cert/agency/channel/cert.cnf',
        '127.0.0.1/',
        '127.0.0.1/.transTest.sh',
        '127.0.0.1/fisco-bcos',
        '127.0.0.1/sdk/',
        '127.0.0.1/sdk/ca.crt',
        '127.0.0.1/sdk/cert.cnf',
        '127.0.0.1/sdk/sdk.crt',
        '127.0.0.1/sdk/sdk.key',
        '127.0.0.1/start_all.sh',
        '127.0.0.1/stop_all.sh',
        ...nodes.flatMap((node) => [`127.0.0.1/${node}/`, ...NODE_FILES.map((path) => `127.0.0.1/${node}/${path}`)]),
      ].toSorted(),
    );
  });

  it('shows keys to their owner alone and lets scripts be run', () => {
    for (const path of tree(folder)) {
      const mode = statSync(join(folder, path)).mode & 0o777;
      if (path.endsWith('.key')) expect([path, mode]).toEqual([path, 0o600]);
      else if (/\.sh$|\/fisco-bcos$|\/$/.test(path)) expect([path, mode & 0o700]).toEqual([path, 0o700]);
      else expect([path, mode & 0o111]).toEqual([path, 0]);
    }
    expect(statSync(folder).mode & 0o055).toBe(0o055);
  });

  it('has certificates with the subjects of 2.x, each chain leading to the authority', () => {
    const subjects = (path: string) => blocksOf(read(folder, path)).map(subjectOf);
    expect(subjects('cert/ca.crt')).toEqual(['CN=chain, O=fisco-bcos, OU=chain']);
    expect(subjects('cert/agency/agency.crt')).toEqual(['CN=agency, O=fisco-bcos, OU=agency']);
    expect(subjects('cert/agency/channel/ca.crt')).toEqual(['CN=agency, O=fisco-bcos, OU=chain']);
    expect(subjects('127.0.0.1/sdk/sdk.crt')).toEqual(['CN=FISCO-BCOS, O=fisco-bcos, OU=agency']);
    for (const node of nodes) {
      expect(subjects(`127.0.0.1/${node}/conf/node.crt`)).toEqual([
        `CN=${node}, O=fisco-bcos, OU=node`,
        'CN=agency, O=fisco-bcos, OU=agency',
        'CN=chain, O=fisco-bcos, OU=chain',
      ]);
      expect(subjects(`127.0.0.1/${node}/conf/channel_cert/node.crt`)).toEqual([
        'CN=FISCO-BCOS, O=fisco-bcos, OU=agency',
      ]);
      expect(read(host, node, 'conf/ca.crt')).toBe(read(folder, 'cert/ca.crt'));
      expect(verdictOf(host, node)).toBe(`${node} of agency`);
    }
  });

  it('has RSA certificates on the channel, below the authority of the agency', () => {
    const authority = new X509Certificate(read(folder, 'cert/agency/channel/ca.crt'));
    for (const [path, name] of [['sdk', 'sdk'], ...nodes.map((node) => [`${node}/conf/channel_cert`, 'node'])]) {
      const leaf = new X509Certificate(read(host, path!, `${name}.crt`));
      expect(leaf.publicKey.asymmetricKeyType).toBe('rsa');
      expect(leaf.verify(authority.publicKey)).toBe(true);
      expect(read(host, path!, `${name}.key`)).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
      expect(read(host, path!, 'ca.crt')).toBe(read(folder, 'cert/agency/channel/ca.crt'));
    }
  });

  it('has a node id file for each key: 128 digits and a newline', () => {
    const ids = nodes.map((node) => read(host, node, 'conf/node.nodeid'));
    for (const [index, node] of nodes.entries()) {
      expect(ids[index]).toMatch(/^[0-9a-f]{128}\n$/);
      expect(ids[index]).toBe(`${publicKeyText(read(host, node, 'conf/node.key'))}\n`);
    }
    expect(new Set(ids).size).toBe(4);
  });

  it('has a config.ini with the values of 2.x', () => {
    const peers = Object.fromEntries(nodes.map((_, index) => [`node.${index}`, `127.0.0.1:${30300 + index}`]));
    for (const [index, node] of nodes.entries()) {
      expect(iniOf(read(host, node, 'config.ini'))).toEqual({
        rpc: {
          channel_listen_ip: '0.0.0.0',
          channel_listen_port: `${20200 + index}`,
          jsonrpc_listen_ip: '127.0.0.1',
          jsonrpc_listen_port: `${8545 + index}`,
          disable_dynamic_group: 'false',
        },
        p2p: { listen_ip: '0.0.0.0', listen_port: `${30300 + index}`, ...peers },
        certificate_blacklist: {},
        certificate_whitelist: {},
        group: { group_data_path: 'data/', group_config_path: 'conf/' },
        network_security: { data_path: 'conf/', key: 'node.key', cert: 'node.crt', ca_cert: 'ca.crt' },
        storage_security: { enable: 'false', key_manager_ip: '', key_manager_port: '', cipher_data_key: '' },
        chain: { id: '1', sm_crypto: 'false', sm_crypto_channel: 'false', rsa_crypto_channel: 'true' },
        compatibility: { supported_version: '2.11.0' },
        log: {
          enable: 'true',
          log_path: './log',
          enable_statistic: 'false',
          stat_flush_interval: '60',
          level: 'info',
          max_log_file_size: '200',
          flush: 'true',
          enable_console_output: 'false',
        },
        flow_control: {},
      });
    }
  });

  it('has one genesis, the same bytes on every node', () => {
    const [first, ...others] = nodes.map((node) => read(host, node, 'conf/group.1.genesis'));
    for (const other of others) expect(other).toBe(first);
    const { group, ...rest } = iniOf(first!);
    const ids = nodes.map((node, index) => [`node.${index}`, read(host, node, 'conf/node.nodeid').trim()]);
    expect(rest).toEqual({
      consensus: {
        consensus_type: 'pbft',
        max_trans_num: '1000',
        consensus_timeout: '3',
        epoch_sealer_num: '4',
        epoch_block_num: '1000',
        ...Object.fromEntries(ids),
      },
      state: { type: 'storage' },
      tx: { gas_limit: '300000000' },
      evm: { enable_free_storage: 'false' },
    });
    expect(group!['id']).toBe('1');
    expect(group!['timestamp']).toMatch(/^\d{10}000$/);
    expect(Math.abs(Number(group!['timestamp']) - Date.now())).toBeLessThan(600_000);
  });

  it('has the settings of a group as 2.x writes them, but for the shorter wait of the leader', () => {
    expect(iniOf(read(host, 'node0/conf/group.1.ini'))).toEqual({
      consensus: {
        ttl: '2',
        min_block_generation_time: '10',
        enable_dynamic_block_size: 'true',
        enable_ttl_optimization: 'true',
        enable_prepare_with_txsHash: 'true',
        broadcast_prepare_by_tree: 'true',
        prepare_status_broadcast_percent: '33',
        max_request_missedTxs_waitTime: '100',
        max_request_prepare_waitTime: '100',
      },
      storage: {
        type: 'rocksdb',
        binary_log: 'false',
        cached_storage: 'true',
        max_capacity: '32',
        scroll_threshold_multiple: '2',
        max_forward_block: '10',
        max_retry: '60',
        topic: 'DB',
        db_type: 'mysql',
        db_ip: '127.0.0.1',
        db_port: '3306',
        db_username: '',
        db_passwd: '',
        db_name: '',
      },
      tx_pool: { limit: '150000', memory_limit: '512', notify_worker_num: '2', txs_expiration_time: '600' },
      sync: {
        max_block_sync_memory_size: '512',
        idle_wait_ms: '200',
        sync_block_by_tree: 'true',
        send_txs_by_tree: 'true',
        gossip_interval_ms: '1000',
        gossip_peers_number: '3',
        txs_max_gossip_peers_num: '5',
      },
      flow_control: {},
      sdk_allowlist: {},
    });
  });

  it('is read by a node without a complaint', () => {
    const read = nodes.map((node) => nodeFiles(host, node));
    for (const [index, { config, groups }] of read.entries()) {
      expect(config).toMatchObject({ chainId: 1, rpc: { port: 8545 + index }, p2p: { port: 30300 + index } });
      expect(groups.map(({ genesis }) => genesis)).toEqual([read[0]!.groups[0]!.genesis]);
    }
    expect(read[0]!.groups[0]!.genesis.sealers).toEqual(read.map(({ identity }) => identity.nodeId).toSorted());
  });

  it('is not built a second time over itself', async () => {
    const before = tree(folder);
    expect(await refusal({ hosts: '127.0.0.1:4', output: folder })).toContain(
      'exists already; choose another folder with -o, or remove it',
    );
    expect(tree(folder)).toEqual(before);
  });

  it('lets further nodes be signed with openssl as the scripts of 2.x do it', () => {
    if (!hasOpenssl) return;
    const agency = join(folder, 'cert/agency');
    const work = mkdtempSync(join(scratch, 'openssl-'));
    const openssl = (...parts: string[]) =>
      execFileSync(
        'openssl',
        parts.flatMap((part) => part.split(' ')),
        { cwd: work, stdio: 'pipe' },
      );
    openssl('ecparam', '-name', 'secp256k1', '-genkey', '-noout', '-out', 'node.key');
    const subject = '/CN=node9/O=fisco-bcos/OU=node';
    openssl(
      'req',
      '-new',
      '-sha256',
      '-subj',
      subject,
      '-key',
      'node.key',
      '-config',
      `${agency}/cert.cnf`,
      '-out',
      'node.csr',
    );
    openssl(
      'x509 -req -sha256 -days 100 -in node.csr -out node.crt',
      `-CA ${agency}/agency.crt -CAkey ${agency}/agency.key -CAserial ${agency}/agency.srl`,
      `-extfile ${agency}/cert.cnf -extensions v3_req`,
    );
    const chain = read(work, 'node.crt') + read(agency, 'agency.crt') + read(agency, 'ca.crt');
    expect(verifyCertificateChain(chain, [read(folder, 'cert/ca.crt')], Date.now())).toMatchObject({
      ok: true,
      value: { commonName: 'node9', agency: 'agency' },
    });
  });
});

describe('agencies and groups of a file', () => {
  it('get their own authorities, files and sealers', async () => {
    const file = join(scratch, 'hosts.txt');
    writeFileSync(file, '127.0.0.1:2 red 1,2\n127.0.0.2:1 blue 1\n127.0.0.1:1 blue 2 31000,32000,33000\n');
    const folder = await build('agencies', { file, chainCertificatesOnChannel: true, copySdk: true });
    expect(verdictOf(folder, '127.0.0.1/node0')).toBe('node0 of red');
    expect(verdictOf(folder, '127.0.0.1/node2')).toBe('node2 of blue');
    expect(verdictOf(folder, '127.0.0.2/node0')).toBe('node0 of blue');
    const places = ['127.0.0.1/node0', '127.0.0.1/node1', '127.0.0.2/node0', '127.0.0.1/node2'];
    const files = places.map((place) => nodeFiles(folder, place));
    expect(files.map(({ groups }) => groups.map(({ genesis }) => genesis.groupId).join())).toEqual([
      '1,2',
      '1,2',
      '1',
      '2',
    ]);
    const peers = ['127.0.0.1:30300', '127.0.0.1:30301', '127.0.0.2:30300', '127.0.0.1:31000'];
    for (const { config } of files) expect(config.p2p.peers).toEqual(peers);
    const idsOf = (...indexes: number[]) => indexes.map((index) => files[index]!.identity.nodeId);
    expect(files[0]!.groups[0]!.genesis.sealers).toEqual(idsOf(0, 1, 2).toSorted());
    expect(files[0]!.groups[1]!.genesis).toEqual(files[3]!.groups[0]!.genesis);
    const second = iniOf(read(folder, '127.0.0.1/node2/conf/group.2.genesis'));
    expect(second['consensus']).toMatchObject({ epoch_sealer_num: '3', 'node.0': idsOf(0)[0], 'node.2': idsOf(3)[0] });
    const first = iniOf(read(folder, '127.0.0.2/node0/conf/group.1.genesis'));
    expect(first['group']!['timestamp']).toBe(second['group']!['timestamp']);

    // -R: the client's certificate is the chain's, with its public key beside it; -Z: copied to every node.
    expect(tree(join(folder, '127.0.0.1/sdk'))).toEqual(['ca.crt', 'sdk.crt', 'sdk.key', 'sdk.publickey']);
    const sdk = read(folder, '127.0.0.1/sdk/sdk.crt');
    expect(blocksOf(sdk).map(subjectOf)).toEqual([
      'CN=sdk, O=fisco-bcos, OU=sdk',
      'CN=red, O=fisco-bcos, OU=agency',
      'CN=chain, O=fisco-bcos, OU=chain',
    ]);
    expect(verifyCertificateChain(sdk, [read(folder, 'cert/ca.crt')], Date.now())).toMatchObject({
      reason: 'LeafIsClient',
    });
    expect(read(folder, '127.0.0.1/sdk/sdk.publickey')).toBe(
      `${publicKeyText(read(folder, '127.0.0.1/sdk/sdk.key'))}\n`,
    );
    for (const place of places) {
      const host = place.split('/')[0]!;
      expect(tree(join(folder, place, 'sdk'))).toEqual(['ca.crt', 'sdk.crt', 'sdk.key', 'sdk.publickey']);
      expect(read(folder, place, 'sdk/sdk.key')).toBe(read(folder, host, 'sdk/sdk.key'));
      expect(statSync(join(folder, place, 'sdk/sdk.key')).mode & 0o777).toBe(0o600);
      expect(existsSync(join(folder, place, 'conf/channel_cert'))).toBe(false);
      expect(iniOf(read(folder, place, 'config.ini'))['chain']).toMatchObject({ rsa_crypto_channel: 'false' });
    }
    expect(existsSync(join(folder, 'cert/red/channel'))).toBe(false);
  });
});

describe('the options of build_chain.sh', () => {
  const cheap = { hosts: '127.0.0.1:1', chainCertificatesOnChannel: true } as const;

  it('-N: the chain authority signs the nodes, and no agency is left', async () => {
    const folder = await build('N', { hosts: '127.0.0.1:1', withoutAgencies: true });
    expect(tree(join(folder, 'cert'))).toEqual(['ca.crt', 'ca.key', 'ca.srl', 'cert.cnf']);
    expect(verdictOf(folder, '127.0.0.1/node0')).toBe('node0 of chain');
    expect(blocksOf(read(folder, '127.0.0.1/node0/conf/node.crt'))).toHaveLength(2);
    expect(existsSync(join(folder, '127.0.0.1/node0/conf/channel_cert/node.crt'))).toBe(true);
  });

  it('-i, -C, -E, -T, -S, -F, -X change the values they name', async () => {
    const folder = await build('values', {
      ...cheap,
      publicRpc: true,
      chainId: '77',
      freeStorage: true,
      debugLog: true,
      statistics: true,
      withoutFlush: true,
      days: '10',
    });
    const { rpc, chain, log } = iniOf(read(folder, '127.0.0.1/node0/config.ini'));
    expect(rpc).toMatchObject({ jsonrpc_listen_ip: '0.0.0.0', channel_listen_ip: '0.0.0.0' });
    expect(chain).toMatchObject({ id: '77' });
    expect(log).toMatchObject({ level: 'debug', enable_statistic: 'true', flush: 'false' });
    expect(iniOf(read(folder, '127.0.0.1/node0/conf/group.1.genesis'))['evm']).toEqual({ enable_free_storage: 'true' });
    const { config, groups } = nodeFiles(folder, '127.0.0.1/node0');
    expect([config.chainId, groups[0]!.genesis.freeStorage]).toEqual([77, true]);
    const end = Date.parse(new X509Certificate(read(folder, '127.0.0.1/node0/conf/node.crt')).validTo);
    expect(Math.abs(end - Date.now() - 10 * 86_400_000)).toBeLessThan(600_000);
  });

  it.each(['raft', 'rpbft'] as const)('-c %s: the genesis names the consensus', async (consensus) => {
    const folder = await build(consensus, { ...cheap, consensus });
    const { genesis, electionTimeoutMs } = nodeFiles(folder, '127.0.0.1/node0').groups[0]!;
    expect(genesis).toMatchObject({ consensusType: consensus, epochSealerCount: genesis.sealers.length });
    expect(electionTimeoutMs).toBe(1000);
  });

  it('-6: nodes listen on IPv6 and name each other with brackets', async () => {
    const folder = await build('ipv6', { ...cheap, hosts: '[::1]:2', ipv6: true });
    const { rpc, p2p } = iniOf(read(folder, '::1/node1/config.ini'));
    expect(rpc).toMatchObject({ channel_listen_ip: '::', jsonrpc_listen_ip: '127.0.0.1' });
    expect(p2p).toEqual({ listen_ip: '::', listen_port: '30301', 'node.0': '[::1]:30300', 'node.1': '[::1]:30301' });
    expect(nodeFiles(folder, '::1/node1').config.p2p.peers).toHaveLength(2);
  });

  it('-D: each node has a folder that needs nothing beside it', async () => {
    const folder = await build('D', { ...cheap, hosts: '127.0.0.1:2', deployLayout: true });
    const host = join(folder, '127.0.0.1');
    expect(readdirSync(host).toSorted()).toEqual(
      [
        '.transTest.sh',
        'node_127.0.0.1_30300',
        'node_127.0.0.1_30301',
        'sdk',
        'start_all.sh',
        'stop_all.sh',
      ].toSorted(),
    );
    expect(readdirSync(join(host, 'node_127.0.0.1_30300')).toSorted()).toEqual(
      ['conf', 'config.ini', 'fisco-bcos', 'scripts', 'start.sh', 'stop.sh'].toSorted(),
    );
    expect(verdictOf(host, 'node_127.0.0.1_30301')).toBe('node1 of agency');
  });

  it('-d: scripts start containers and no executable lies beside them', async () => {
    const folder = await build('d', { ...cheap, containers: true });
    expect(existsSync(join(folder, '127.0.0.1/fisco-bcos'))).toBe(false);
    expect(read(folder, '127.0.0.1/node0/start.sh')).toContain('docker run');
    expect(read(folder, '127.0.0.1/node0/stop.sh')).toContain('docker stop');
  });
});

describe('an existing authority', () => {
  const cheap = { hosts: '127.0.0.1:1', chainCertificatesOnChannel: true } as const;
  const validity = validityOfDays(100, Date.now());
  let counter = 0;

  function folderOf(files: Readonly<Record<string, string>>): string {
    const folder = join(scratch, `authority${counter++}`);
    mkdirSync(folder);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return folder;
  }

  const refusalOf = (files: Readonly<Record<string, string>>) =>
    refusal({ ...cheap, authority: folderOf(files), output: join(scratch, `never${counter}`) });

  it('signs the agencies of the new chain', async () => {
    const authority = await issueChainAuthority(validity);
    const given = folderOf({ 'ca.crt': authority.certificatePem, 'ca.key': authority.privateKeyPem });
    const folder = await build('existing', { ...cheap, authority: given });
    expect(read(folder, 'cert/ca.crt')).toBe(authority.certificatePem);
    expect(read(folder, 'cert/ca.key')).toBe(authority.privateKeyPem);
    expect(verdictOf(folder, '127.0.0.1/node0')).toBe('node0 of agency');
  });

  it('may stand below a root, which is then what nodes trust', async () => {
    const root = await issueChainAuthority(validity);
    const middle = await issueAgency(root, 'member', validity);
    const given = folderOf({
      'ca.crt': middle.certificatePem,
      'ca.key': middle.privateKeyPem,
      'root.crt': root.certificatePem,
    });
    const folder = await build('root', { ...cheap, authority: given });
    expect(read(folder, '127.0.0.1/node0/conf/ca.crt')).toBe(root.certificatePem);
    expect(read(folder, 'cert/root.crt')).toBe(root.certificatePem);
    expect(verdictOf(folder, '127.0.0.1/node0')).toBe('node0 of agency');
  });

  it('may have been made by openssl', async () => {
    if (!hasOpenssl) return;
    const given = folderOf({});
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: given, stdio: 'pipe' });
    openssl('ecparam', '-name', 'secp256k1', '-genkey', '-out', 'ca.key');
    openssl(...'req -new -x509 -days 100 -sha256 -key ca.key -out ca.crt -subj /CN=ours/O=x'.split(' '));
    const folder = await build('openssl', { ...cheap, authority: given });
    expect(verdictOf(folder, '127.0.0.1/node0')).toBe('node0 of agency');
  });

  it('is refused, in words, when it cannot sign', async () => {
    const { certificatePem, privateKeyPem } = await issueChainAuthority(validity);
    const other = await issueChainAuthority(validity);
    const old = await issueChainAuthority({ notBefore: new Date(0), notAfter: new Date(1000) });
    const future = await issueChainAuthority({
      notBefore: new Date(Date.now() + 1e9),
      notAfter: new Date(Date.now() + 2e9),
    });
    const leaf = read(scratch, 'existing/127.0.0.1/node0/conf/node.crt');
    const leafKey = read(scratch, 'existing/127.0.0.1/node0/conf/node.key');
    const encrypted = generateKeyPairSync('ec', {
      namedCurve: 'secp256k1',
      privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    }).privateKey;
    const good = { 'ca.crt': certificatePem, 'ca.key': privateKeyPem };

    expect(await refusal({ ...cheap, authority: join(scratch, 'nowhere'), output: join(scratch, 'n') })).toContain(
      'needs the files ca.key and ca.crt',
    );
    expect(await refusalOf({ 'ca.crt': certificatePem })).toContain('needs the files ca.key and ca.crt');
    expect(await refusalOf({ ...good, 'ca.crt': 'hello' })).toContain('ca.crt is not a certificate in PEM form');
    expect(await refusalOf({ ...good, 'ca.key': 'hello' })).toContain('ca.key is not an unencrypted private key');
    expect(await refusalOf({ ...good, 'ca.key': encrypted })).toContain('ca.key is not an unencrypted private key');
    expect(await refusalOf({ ...good, 'ca.key': other.privateKeyPem })).toContain('does not belong to ca.crt');
    expect(await refusalOf({ 'ca.crt': leaf, 'ca.key': leafKey })).toContain('is no authority');
    expect(await refusalOf({ 'ca.crt': old.certificatePem, 'ca.key': old.privateKeyPem })).toContain('expired on');
    expect(await refusalOf({ 'ca.crt': future.certificatePem, 'ca.key': future.privateKeyPem })).toContain(
      'is not valid before',
    );
    expect(await refusalOf({ ...good, 'root.crt': other.certificatePem })).toContain('root.crt has not signed ca.crt');
    expect(await refusalOf({ ...good, 'root.crt': 'hello' })).toContain('root.crt is not a certificate');
  });

  it('is refused when its key is of a kind that nodes do not take', async () => {
    if (!hasOpenssl) return;
    const given = folderOf({});
    const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: given, stdio: 'pipe' });
    openssl('genpkey', '-algorithm', 'ed25519', '-out', 'ca.key');
    openssl('req', '-new', '-x509', '-days', '100', '-key', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=ours');
    expect(await refusal({ ...cheap, authority: given, output: join(scratch, 'ed') })).toContain('secp256k1');
  });
});

describe('a chain that cannot be written', () => {
  const cheap = { hosts: '127.0.0.1:1', chainCertificatesOnChannel: true } as const;

  /** What stands in a new folder after a failed build into it. */
  async function leftAfter(options: (folder: string) => ChainOptions, sentence: string): Promise<string[]> {
    const folder = mkdtempSync(join(scratch, 'failed-'));
    expect(await refusal({ ...cheap, ...options(folder) })).toContain(sentence);
    return tree(folder);
  }

  it('leaves nothing behind when the parent is a file', async () => {
    writeFileSync(join(scratch, 'file'), '');
    expect(await leftAfter(() => ({ output: join(scratch, 'file/nodes') }), 'cannot be written')).toEqual([]);
    expect(tree(scratch).filter((path) => path.startsWith('file'))).toEqual(['file']);
  });

  it('leaves nothing behind when a folder fails half-way, not even the parents it made', async () => {
    // Name of the host and port together are longer than a file name may be.
    const label = 'a'.repeat(62);
    const hosts = [label, label, label, label].join('.');
    const options = (folder: string) => ({ hosts, deployLayout: true, output: join(folder, 'a/b/nodes') });
    expect(await leftAfter(options, '(ENAMETOOLONG)')).toEqual([]);
  });

  it('leaves the chain alone that another build put there meanwhile', async () => {
    for (let round = 0; round < 6; round++) {
      const output = join(mkdtempSync(join(scratch, 'race-')), 'a/b/nodes');
      const both = await Promise.all([buildChain({ ...cheap, output }), buildChain({ ...cheap, output })]);
      const reasons = both.flatMap((built) => (built.ok ? [] : [built.reason.message.en]));
      expect(reasons).toEqual([expect.stringContaining('exists already')]);
      expect(verdictOf(output, '127.0.0.1/node0')).toBe('node0 of agency');
      expect(readdirSync(join(output, '..'))).toEqual(['nodes']);
    }
  });

  it('leaves a link that leads nowhere alone', async () => {
    const make = (folder: string) => {
      symlinkSync('nowhere', join(folder, 'nodes'));
      return { output: join(folder, 'nodes') };
    };
    expect(await leftAfter(make, 'exists already')).toEqual(['nodes']);
  });

  it('is refused before any work when the file of -f cannot be read', async () => {
    expect(await refusal({ file: join(scratch, 'missing.txt'), output: join(scratch, 'm') })).toContain(
      'missing.txt of -f cannot be read (ENOENT)',
    );
    expect(await refusal({ file: scratch, output: join(scratch, 'm') })).toContain('cannot be read');
    expect(await refusal({ hosts: '127.0.0.1', file: join(scratch, 'missing.txt') })).toContain('one of the two');
  });
});
