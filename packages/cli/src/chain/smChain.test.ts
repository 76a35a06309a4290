import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readNodeCredentials, readSmCredentials } from '@menglian/certificates/credentials';
import {
  issueChainAuthority,
  issueSmAgency,
  issueSmChainAuthority,
  issueSmNode,
  validityOfDays,
} from '@menglian/certificates/issue';
import { publicKeyText } from '@menglian/certificates/keys';
import { readNodeFiles } from '@menglian/node/nodeFiles';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildChain } from './buildChain.js';
import type { ChainOptions } from './chainOptions.js';

const scratch = mkdtempSync(join(tmpdir(), 'menglian-sm-build-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function build(name: string, options: ChainOptions): Promise<string> {
  const built = await buildChain({ output: join(scratch, name), hosts: '127.0.0.1:1', sm: true, ...options });
  if (!built.ok) throw new Error(built.reason.message.en);
  return built.value.folder;
}

async function refusal(options: ChainOptions): Promise<string> {
  const built = await buildChain({ output: join(scratch, 'never'), hosts: '127.0.0.1:1', sm: true, ...options });
  return built.ok ? 'accepted' : built.reason.message.en;
}

/** SM2 certificates need the program's version 3 or later. */
const hasOpenssl = (() => {
  try {
    return /^OpenSSL [3-9]/.test(execFileSync('openssl', ['version'], { encoding: 'utf8' }));
  } catch {
    return false;
  }
})();

const read = (...parts: string[]) => readFileSync(join(...parts), 'utf8');
const blocksIn = (text: string) => text.match(/-----BEGIN CERTIFICATE-----/g)?.length ?? 0;

function filesBelow(folder: string, prefix = ''): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) =>
      entry.isDirectory() ? filesBelow(join(folder, entry.name), `${prefix}${entry.name}/`) : [prefix + entry.name],
    )
    .toSorted();
}

function section(text: string, name: string): string[] {
  const body = text.split(`[${name}]\n`)[1]?.split('\n\n')[0] ?? '';
  return body.split('\n').flatMap((line) => (/^ *;|^ *$/.test(line) ? [] : [line.trim()]));
}

function named(folder: string, name: string) {
  return { path: name, text: read(folder, name) };
}

/** The pair of a node (`gmnode`, `gmennode`) or client (`gmsdk`, `gmensdk`), judged as its holder judges it. */
function pairOf(folder: string, who: 'node' | 'sdk') {
  return readSmCredentials(
    {
      signingKey: named(folder, `gm${who}.key`),
      signingCertificate: named(folder, `gm${who}.crt`),
      encryptionKey: named(folder, `gmen${who}.key`),
      encryptionCertificate: named(folder, `gmen${who}.crt`),
      authority: named(folder, 'gmca.crt'),
    },
    Date.now(),
  );
}

function nodeOf(folder: string, prefix: string, algorithm: 'sm2' | 'secp256k1') {
  const files = {
    key: named(folder, `${prefix}node.key`),
    certificate: named(folder, `${prefix}node.crt`),
    authority: named(folder, `${prefix}ca.crt`),
  };
  return readNodeCredentials(files, algorithm, Date.now());
}

describe('an SM chain', () => {
  let folder: string;
  const nodes = ['node0', 'node1'];

  beforeAll(async () => {
    folder = await build('chain', { hosts: '127.0.0.1:2' });
  });

  it('has the files of 2.x', () => {
    expect(filesBelow(join(folder, '127.0.0.1/node0/conf'))).toEqual(
      [
        'channel_cert/ca.crt',
        'channel_cert/cert.cnf',
        'channel_cert/node.crt',
        'channel_cert/node.key',
        'gmca.crt',
        'gmennode.crt',
        'gmennode.key',
        'gmnode.crt',
        'gmnode.key',
        'gmnode.nodeid',
        'gmnode.serial',
        'group.1.genesis',
        'group.1.ini',
        'origin_cert/ca.crt',
        'origin_cert/node.crt',
        'origin_cert/node.key',
      ].toSorted(),
    );
    expect(filesBelow(join(folder, '127.0.0.1/sdk'))).toEqual(
      [
        'ca.crt',
        'cert.cnf',
        'gm/gmca.crt',
        'gm/gmensdk.crt',
        'gm/gmensdk.key',
        'gm/gmsdk.crt',
        'gm/gmsdk.key',
        'gm/gmsdk.publickey',
        'sdk.crt',
        'sdk.key',
      ].toSorted(),
    );
    expect(filesBelow(join(folder, 'gmcert'))).toEqual(
      [
        'agency-gm/gmagency.crt',
        'agency-gm/gmagency.key',
        'agency-gm/gmca.crt',
        'agency-gm/gmcert.cnf',
        'agency-gm/gmsm2.param',
        'gmca.crt',
        'gmca.key',
        'gmca.srl',
        'gmcert.cnf',
        'gmsm2.param',
      ].toSorted(),
    );
    expect(filesBelow(join(folder, 'cert'))).toContain('agency/channel/ca.crt');
    for (const path of filesBelow(folder).filter((one) => one.endsWith('.key'))) {
      expect([path, statSync(join(folder, path)).mode & 0o777]).toEqual([path, 0o600]);
    }
  });

  it('has certificates of every node and client that lead to its authority, and so many in each file', () => {
    for (const node of nodes) {
      const conf = join(folder, '127.0.0.1', node, 'conf');
      expect(pairOf(conf, 'node')).toMatchObject({
        ok: true,
        value: {
          signing: { commonName: node, agency: 'agency-gm', organizationalUnits: ['node'] },
          encryption: { commonName: node, agency: 'agency-gm', organizationalUnits: ['ennode'] },
        },
      });
      expect(nodeOf(conf, 'gm', 'sm2')).toMatchObject({ ok: true });
      expect(nodeOf(join(conf, 'origin_cert'), '', 'secp256k1')).toMatchObject({
        ok: true,
        value: { node: { commonName: node, agency: 'agency' } },
      });
      expect(read(conf, 'gmnode.nodeid')).toBe(`${publicKeyText(read(conf, 'gmnode.key'))}\n`);
      expect(read(conf, 'gmnode.serial')).toMatch(/^[0-9A-F]{16}$/);
      expect(['gmca.crt', 'gmnode.crt', 'gmennode.crt'].map((name) => blocksIn(read(conf, name)))).toEqual([1, 3, 1]);
    }
    const sdk = join(folder, '127.0.0.1/sdk/gm');
    expect(pairOf(sdk, 'sdk')).toMatchObject({
      ok: true,
      value: { signing: { commonName: 'sdk', organizationalUnits: ['sdk'] } },
    });
    expect(read(sdk, 'gmsdk.publickey')).toBe(`${publicKeyText(read(sdk, 'gmsdk.key'))}\n`);
    expect(['gmca.crt', 'gmsdk.crt', 'gmensdk.crt'].map((name) => blocksIn(read(sdk, name)))).toEqual([1, 3, 1]);
  });

  it('names its files and algorithms in config.ini, and its nodes by their SM keys in the genesis', () => {
    const config = read(folder, '127.0.0.1/node0/config.ini');
    expect(section(config, 'network_security')).toEqual([
      'data_path=conf/',
      'key=gmnode.key',
      'cert=gmnode.crt',
      'ca_cert=gmca.crt',
    ]);
    expect(section(config, 'chain')).toEqual([
      'id=1',
      'sm_crypto=true',
      'sm_crypto_channel=false',
      'rsa_crypto_channel=true',
    ]);
    const genesis = nodes.map((node) => read(folder, '127.0.0.1', node, 'conf/group.1.genesis'));
    expect(genesis[0]).toBe(genesis[1]);
    const ids = nodes.map((node) => read(folder, '127.0.0.1', node, 'conf/gmnode.nodeid').trim());
    expect(section(genesis[0]!, 'consensus').slice(-2)).toEqual(ids.map((id, index) => `node.${index}=${id}`));
  });

  it('is read by a node without a complaint', () => {
    for (const node of nodes) {
      const files = readNodeFiles(join(folder, '127.0.0.1', node, 'config.ini'));
      if (!files.ok) throw new Error(files.reason);
      expect(files.value.config.suite).toBe('sm');
      expect(files.value.identity.nodeId).toBe(read(folder, '127.0.0.1', node, 'conf/gmnode.nodeid').trim());
      expect(files.value.identity.agency).toBe('agency-gm');
    }
  });
});

describe('an SM chain and openssl', () => {
  it('lets a further agency, node and client be made with openssl and the files of the chain', async () => {
    if (!hasOpenssl) return;
    const folder = await build('further', { chainCertificatesOnChannel: true });
    const gmcert = join(folder, 'gmcert');
    const work = mkdtempSync(join(scratch, 'openssl-'));
    const openssl = (text: string) => execFileSync('openssl', text.split(' '), { cwd: work, stdio: 'pipe' });
    const issue = (name: string, unit: string, section: string, authority: string) => {
      openssl(`genpkey -paramfile ${gmcert}/gmsm2.param -out ${name}.key`);
      const subject = `/CN=${name.replace(/^en/, '')}/O=fisco-bcos/OU=${unit}`;
      const identity = 'distid:1234567812345678';
      openssl(
        `req -new -sm3 -sigopt ${identity} -subj ${subject} -key ${name}.key -config ${gmcert}/gmcert.cnf -out ${name}.csr`,
      );
      openssl(
        `x509 -req -sm3 -days 100 -in ${name}.csr -vfyopt ${identity} -sigopt ${identity} -out ${name}.crt` +
          ` -CA ${authority}.crt -CAkey ${authority}.key -CAcreateserial -extfile ${gmcert}/gmcert.cnf -extensions ${section}`,
      );
    };
    const check = (who: 'node' | 'sdk') => {
      const authority = read(gmcert, 'gmca.crt');
      writeFileSync(join(work, `gm${who}.crt`), read(work, `${who}.crt`) + read(work, 'gmagency.crt') + authority);
      writeFileSync(join(work, `gm${who}.key`), read(work, `${who}.key`));
      writeFileSync(join(work, `gmen${who}.crt`), read(work, `en${who}.crt`));
      writeFileSync(join(work, `gmen${who}.key`), read(work, `en${who}.key`));
      writeFileSync(join(work, 'gmca.crt'), authority);
      return pairOf(work, who);
    };
    issue('gmagency', 'agency', 'v3_agency_root', `${gmcert}/gmca`);
    for (const who of ['node', 'sdk']) {
      issue(who, who, 'v3_req', `${work}/gmagency`);
      issue(`en${who}`, `en${who}`, 'v3enc_req', `${work}/gmagency`);
    }
    expect(check('node')).toMatchObject({ ok: true, value: { signing: { commonName: 'node', agency: 'gmagency' } } });
    expect(check('sdk')).toMatchObject({ ok: true, value: { signing: { commonName: 'sdk' } } });
    expect(nodeOf(work, 'gm', 'sm2')).toMatchObject({ ok: true });
  });

  it('agree on authorities, too', async () => {
    if (!hasOpenssl) return;
    const given = mkdtempSync(join(scratch, 'authority-'));
    const openssl = (text: string) => execFileSync('openssl', text.split(' '), { cwd: given, stdio: 'pipe' });
    openssl('genpkey -algorithm EC -pkeyopt ec_paramgen_curve:SM2 -out gmca.key');
    const identity = '-sigopt distid:1234567812345678';
    openssl(`req -new -x509 -days 100 -sm3 ${identity} -key gmca.key -out gmca.crt -subj /CN=ours/O=x`);
    const folder = await build('openssl', { chainCertificatesOnChannel: true, smAuthority: given });
    expect(pairOf(join(folder, '127.0.0.1/node0/conf'), 'node')).toMatchObject({ ok: true });
  });

  it('do not agree where openssl signs with another identity than 1234567812345678', async () => {
    if (!hasOpenssl) return;
    const given = mkdtempSync(join(scratch, 'identity-'));
    const openssl = (text: string) => execFileSync('openssl', text.split(' '), { cwd: given, stdio: 'pipe' });
    for (const name of ['gmroot', 'gmca'])
      openssl(`genpkey -algorithm EC -pkeyopt ec_paramgen_curve:SM2 -out ${name}.key`);
    openssl('req -new -x509 -sm3 -key gmroot.key -out gmroot.crt -subj /CN=root');
    openssl('req -new -sm3 -key gmca.key -out gmca.csr -subj /CN=ours');
    writeFileSync(join(given, 'extensions'), 'basicConstraints=CA:true\n');
    openssl(
      'x509 -req -sm3 -in gmca.csr -CA gmroot.crt -CAkey gmroot.key -CAcreateserial -out gmca.crt -extfile extensions',
    );
    expect(await refusal({ chainCertificatesOnChannel: true, smAuthority: given })).toContain(
      'gmroot.crt has not signed gmca.crt',
    );
  });
});

describe('the options for SM chains', () => {
  it('-N: the SM authority signs nodes itself; -R: no RSA; -G: SM on the channel; -Z: copies for clients too', async () => {
    const folder = await build('options', {
      withoutAgencies: true,
      chainCertificatesOnChannel: true,
      smChannel: true,
      copySdk: true,
    });
    expect(filesBelow(join(folder, 'gmcert'))).toEqual(
      ['gmca.crt', 'gmca.key', 'gmca.srl', 'gmcert.cnf', 'gmsm2.param'].toSorted(),
    );
    const conf = join(folder, '127.0.0.1/node0/conf');
    expect(pairOf(conf, 'node')).toMatchObject({ ok: true, value: { signing: { agency: 'gmchain' } } });
    expect(blocksIn(read(conf, 'gmnode.crt'))).toBe(2);
    expect(filesBelow(conf).filter((path) => path.startsWith('channel_cert'))).toEqual([]);
    expect(section(read(folder, '127.0.0.1/node0/config.ini'), 'chain')).toEqual([
      'id=1',
      'sm_crypto=true',
      'sm_crypto_channel=true',
      'rsa_crypto_channel=false',
    ]);
    expect(filesBelow(join(folder, '127.0.0.1/node0/sdk'))).toEqual(filesBelow(join(folder, '127.0.0.1/sdk')));
    expect(filesBelow(join(folder, '127.0.0.1/sdk'))).toContain('sdk.publickey');
    expect(pairOf(join(folder, '127.0.0.1/sdk/gm'), 'sdk')).toMatchObject({ ok: true });
  });

  it('-f: several agencies', async () => {
    const file = join(scratch, 'hosts.txt');
    writeFileSync(file, '127.0.0.1:1 red 1\n127.0.0.2:1 blue 1\n');
    const built = await buildChain({
      output: join(scratch, 'agencies'),
      file,
      sm: true,
      chainCertificatesOnChannel: true,
    });
    if (!built.ok) throw new Error(built.reason.message.en);
    const agencyOf = (host: string) => {
      const pair = pairOf(join(built.value.folder, host, 'node0/conf'), 'node');
      return pair.ok ? pair.value.signing.agency : pair.reason;
    };
    expect([agencyOf('127.0.0.1'), agencyOf('127.0.0.2')]).toEqual(['red-gm', 'blue-gm']);
  });

  it('-G and -K need -g', async () => {
    const { sm: _, ...ordinary } = { sm: true, hosts: '127.0.0.1:1', output: join(scratch, 'never') };
    const asked = async (options: ChainOptions) => {
      const built = await buildChain({ ...ordinary, ...options });
      return built.ok ? 'accepted' : `${built.reason.message.en}: ${built.reason.example}`;
    };
    expect(await asked({ smChannel: true })).toBe(
      '-G is for chains with SM algorithms, which -g asks for: menglian chain build -l 127.0.0.1:4 -o nodes -g -G',
    );
    expect(await asked({ smAuthority: 'gmcert' })).toMatch(/^-K is for chains with SM .* -g -K gmcert$/);
  });
});

describe('an existing SM authority', () => {
  const cheap = { chainCertificatesOnChannel: true } as const;
  const validity = validityOfDays(100, Date.now());
  let counter = 0;

  function folderOf(files: Readonly<Record<string, string>>): string {
    const folder = join(scratch, `authority${counter++}`);
    mkdirSync(folder);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return folder;
  }

  const refusalOf = (files: Readonly<Record<string, string>>) => refusal({ ...cheap, smAuthority: folderOf(files) });

  it('signs the agencies of the new chain, and may stand below a root', async () => {
    const root = issueSmChainAuthority(validity);
    const middle = issueSmAgency(root, 'member', validity);
    const folder = await build('existing', {
      ...cheap,
      smAuthority: folderOf({
        'gmca.crt': middle.certificatePem,
        'gmca.key': middle.privateKeyPem,
        'gmroot.crt': root.certificatePem,
      }),
    });
    const conf = join(folder, '127.0.0.1/node0/conf');
    expect(read(conf, 'gmca.crt')).toBe(root.certificatePem);
    expect(read(folder, 'gmcert/gmroot.crt')).toBe(root.certificatePem);
    expect(pairOf(conf, 'node')).toMatchObject({ ok: true });
  });

  it('of a chain signs a node that joins it', async () => {
    const first = await build('first', cheap);
    const later = await build('later', {
      ...cheap,
      authority: join(first, 'cert'),
      smAuthority: join(first, 'gmcert'),
    });
    const conf = join(later, '127.0.0.1/node0/conf');
    for (const [file, prefix, algorithm] of [
      ['gmca.crt', 'gm', 'sm2'],
      ['origin_cert/ca.crt', 'origin_cert/', 'secp256k1'],
    ] as const) {
      expect(read(conf, file)).toBe(read(first, '127.0.0.1/node0/conf', file));
      expect(nodeOf(conf, prefix, algorithm)).toMatchObject({ ok: true });
    }
    expect(read(conf, 'gmnode.nodeid')).not.toBe(read(first, '127.0.0.1/node0/conf/gmnode.nodeid'));
  });

  it('is refused, in words, when it cannot sign', async () => {
    const { certificatePem, privateKeyPem } = issueSmChainAuthority(validity);
    const other = issueSmChainAuthority(validity);
    const old = issueSmChainAuthority({ notBefore: new Date(0), notAfter: new Date(1000) });
    const { signing } = issueSmNode({ certificatePem, privateKeyPem }, 'node0', validity);
    const ordinary = await issueChainAuthority(validity);
    const good = { 'gmca.crt': certificatePem, 'gmca.key': privateKeyPem };
    expect(await refusalOf({ 'gmca.crt': certificatePem })).toContain('needs the files gmca.key and gmca.crt');
    expect(await refusalOf({ ...good, 'gmca.crt': 'hello' })).toContain('gmca.crt is not a certificate in PEM form');
    expect(await refusalOf({ ...good, 'gmca.key': 'hello' })).toContain('gmca.key is not an unencrypted private key');
    expect(await refusalOf({ ...good, 'gmca.key': other.privateKeyPem })).toContain('does not belong to gmca.crt');
    expect(await refusalOf({ ...good, 'gmca.key': ordinary.privateKeyPem })).toContain('does not belong to gmca.crt');
    expect(await refusalOf({ 'gmca.crt': signing.certificatePem, 'gmca.key': signing.privateKeyPem })).toContain(
      'is no authority',
    );
    expect(await refusalOf({ 'gmca.crt': old.certificatePem, 'gmca.key': old.privateKeyPem })).toContain(
      'gmca.crt expired on 1970-01-01',
    );
    expect(await refusalOf({ ...good, 'gmroot.crt': other.certificatePem })).toContain(
      'gmroot.crt has not signed gmca.crt',
    );
    expect(await refusalOf({ 'gmca.crt': ordinary.certificatePem, 'gmca.key': ordinary.privateKeyPem })).toContain(
      'nodes take no authority with this kind of key (secp256k1); it may be SM2',
    );
    const swapped = folderOf({ 'ca.crt': certificatePem, 'ca.key': privateKeyPem });
    expect(await refusal({ ...cheap, authority: swapped })).toContain('this kind of key (sm2); it may be secp256k1');
  });
});
