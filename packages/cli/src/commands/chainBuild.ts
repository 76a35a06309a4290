import { SUPPORTED_VERSION } from '@menglian/node/config/nodeConfig';
import { Command } from 'commander';
import { buildChain } from '../chain/buildChain.js';
import { DEFAULT_DAYS, DEFAULT_OUTPUT, DEFAULT_PORTS } from '../chain/chainOptions.js';
import type { Language, Localized } from '../language.js';

interface OptionText {
  readonly flags: string;
  /** member of ChainOptions */
  readonly member: string;
  readonly text: Localized;
}

/** The options of build_chain.sh, its letters unchanged. */
const OPTIONS: readonly OptionText[] = [
  option(
    '-l, --hosts <ip:n,…>',
    'hosts',
    'n nodes on each host, one agency, group 1',
    '各主机的节点数，一个机构，群组 1',
  ),
  option(
    '-f, --file <path>',
    'file',
    'file with a line per host: ip:n agency groups [ports]',
    '主机文件，每行：ip:n 机构 群组 [端口]',
  ),
  option(
    '-o, --output <folder>',
    'output',
    `folder to make (${DEFAULT_OUTPUT}); must not exist`,
    `输出目录（${DEFAULT_OUTPUT}），不得已存在`,
  ),
  option(
    '-p, --ports <p2p,channel,rpc>',
    'ports',
    `first ports (${DEFAULT_PORTS}); node k takes each plus k`,
    `起始端口（${DEFAULT_PORTS}），第 k 个节点各加 k`,
  ),
  option(
    '-i, --public-rpc',
    'publicRpc',
    'JSON-RPC listens on all addresses: anybody who reaches the port can use it',
    'JSON-RPC 监听所有地址',
  ),
  option('-C, --chain-id <number>', 'chainId', 'chain id (1)', '链 ID（1）'),
  option(
    '-c, --consensus <name>',
    'consensus',
    'pbft, raft (nodes may stop, not lie) or rpbft (sealers take turns)',
    '共识：pbft、raft（容忍停机）或 rpbft（轮换共识节点）',
  ),
  option('-s, --storage <name>', 'storage', 'rocksdb: the embedded database', '存储：rocksdb（内嵌数据库）'),
  option('-v, --data-version <a.b.c>', 'supportedVersion', 'format of the data', '数据格式版本'),
  option(
    '-X, --days <number>',
    'days',
    `life of the certificates (${DEFAULT_DAYS} days)`,
    `证书有效天数（${DEFAULT_DAYS}）`,
  ),
  option(
    '-k, --authority <folder>',
    'authority',
    'use ca.key and ca.crt of this folder instead of new ones',
    '使用已有 CA 目录（ca.key、ca.crt）',
  ),
  option(
    '-N, --without-agencies',
    'withoutAgencies',
    'the chain CA signs the nodes itself',
    '节点证书由链 CA 直接签发',
  ),
  option(
    '-R, --chain-certificates',
    'chainCertificatesOnChannel',
    'clients use secp256k1 certificates instead of RSA ones',
    'SDK 使用 secp256k1 证书而非 RSA',
  ),
  option('-6, --ipv6', 'ipv6', 'listen on IPv6', '监听 IPv6'),
  option('-d, --containers', 'containers', 'scripts start containers', '脚本以容器运行节点'),
  option(
    '-D, --deploy-layout',
    'deployLayout',
    'one folder per node, named by address and port',
    '每节点独立目录，以地址和端口命名',
  ),
  option('-Z, --copy-sdk', 'copySdk', "copy the client's files into every node's folder", '将 sdk 目录复制到每个节点'),
  option('-T, --debug-log', 'debugLog', 'log level debug', '日志级别 debug'),
  option('-S, --statistics', 'statistics', 'statistics log on', '开启统计日志'),
  option('-F, --without-flush', 'withoutFlush', 'log without flushing every line', '日志不逐行刷盘'),
  option('-E, --free-storage', 'freeStorage', 'gas schedule FreeStorage', '启用 FreeStorage gas 规则'),
  option('-z, --archives', 'archives', 'an archive of each host', '为每台主机打包'),
  option('-g, --sm', 'sm', 'chain with SM algorithms: SM2, SM3, SM4', '国密链：SM2、SM3、SM4'),
  option(
    '-G, --sm-channel',
    'smChannel',
    'clients use SM certificates too (TLCP); with -g',
    'SDK 也使用国密证书（国密 SSL），与 -g 同用',
  ),
  option(
    '-K, --sm-authority <folder>',
    'smAuthority',
    'use gmca.key and gmca.crt of this folder instead of new ones; with -g',
    '使用已有国密 CA 目录（gmca.key、gmca.crt），与 -g 同用',
  ),
  option('--groups <number>', 'groups', 'groups 1 to n on all nodes of -l (1)', '-l 的所有节点加入群组 1 至 n（1）'),
  option('-e, --executable <path>', 'executable', 'executable of 2.x; not needed', '2.x 可执行文件，不需要'),
  option(
    '-t, --openssl-configuration <path>',
    'opensslConfiguration',
    'openssl configuration; not needed',
    'openssl 配置，不需要',
  ),
];

function option(flags: string, member: string, en: string, zh: string): OptionText {
  return { flags, member, text: { en, zh } };
}

const DESCRIPTION: Localized = {
  en: "make keys, certificates, configuration and start scripts of a chain, in the layout of 2.x's build_chain.sh",
  zh: '生成一条链的密钥、证书、配置和启动脚本，目录布局与 2.x 的 build_chain.sh 相同',
};

const EXAMPLES: Localized = {
  en: `
Examples:
  menglian chain build -l 127.0.0.1:4 -p 30300,20200,8545 -o nodes
      four nodes on this machine; then: bash nodes/127.0.0.1/start_all.sh
  menglian chain build -l 10.0.0.1:1,10.0.0.2:1,10.0.0.3:1,10.0.0.4:1 -o consortium
      one node on each of four machines; copy each folder to its machine`,
  zh: `
示例：
  menglian chain build -l 127.0.0.1:4 -p 30300,20200,8545 -o nodes
      本机四个节点；然后执行：bash nodes/127.0.0.1/start_all.sh
  menglian chain build -l 10.0.0.1:1,10.0.0.2:1,10.0.0.3:1,10.0.0.4:1 -o consortium
      四台机器各一个节点；将各目录复制到对应机器`,
};

const VERSIONS: Localized = { en: 'list the data formats nodes can write', zh: '列出节点支持的数据格式版本' };

const PUBLIC_RPC: Localized = {
  en: 'JSON-RPC listens on all addresses and knows no passwords: let a firewall decide who reaches its ports',
  zh: 'JSON-RPC 监听所有地址且没有口令：请用防火墙限制可访问端口的主机',
};

const DONE: Localized = { en: 'All completed. Files in', zh: '全部完成，文件位于' };

/** `menglian chain build`. */
export function chainBuildCommand(language: Language): Command {
  const command = new Command('build').description(DESCRIPTION[language]).addHelpText('after', EXAMPLES[language]);
  for (const { flags, text } of OPTIONS) command.option(flags, text[language]);
  command.option('-q, --versions', VERSIONS[language]);
  return command.action(async () => {
    if (command.opts()['versions'] === true) {
      process.stdout.write(`${SUPPORTED_VERSION}\n`);
      return;
    }
    const built = await buildChain(chainOptions(command.opts()));
    if (built.ok) {
      if (command.opts()['publicRpc'] === true) process.stderr.write(`[WARN] ${PUBLIC_RPC[language]}\n`);
      process.stdout.write(`[INFO] ${DONE[language]} ${built.value.folder}\n`);
      return;
    }
    const { message, example } = built.reason;
    process.stderr.write(`[ERROR] ${message[language]}\n${example === undefined ? '' : `        ${example}\n`}`);
    process.exitCode = 1;
  });
}

/** Values by the names of ChainOptions, from the long names that commander gives them. */
function chainOptions(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const chosen: Record<string, unknown> = {};
  for (const { flags, member } of OPTIONS) {
    const long = /--([a-z0-9-]+)/.exec(flags)![1]!;
    const value = values[long.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())];
    if (value !== undefined) chosen[member] = value;
  }
  return chosen;
}
