import { iniText, section, type Line } from '@menglian/node/config/iniText';
import { SUPPORTED_VERSION } from '@menglian/node/config/nodeConfig';
import { endpoint, type ChainPlan, type PlannedNode } from './chainPlan.js';

/** `config.ini` of a node: every peer of the chain, its own address included, as 2.x lists them. */
export function nodeConfigText(plan: ChainPlan, node: PlannedNode): string {
  const { options } = plan;
  const any = options.ipv6 === true ? '::' : '0.0.0.0';
  const prefix = options.sm === true ? 'gm' : '';
  return iniText([
    section('rpc', [
      ['channel_listen_ip', any],
      ['channel_listen_port', node.ports.channel],
      ['jsonrpc_listen_ip', options.publicRpc === true ? any : '127.0.0.1'],
      ['jsonrpc_listen_port', node.ports.rpc],
      ['disable_dynamic_group', false],
    ]),
    section('p2p', [
      ['listen_ip', any],
      ['listen_port', node.ports.p2p],
      'nodes to connect to; the own address may be among them',
      ...plan.nodes.map(({ host, ports }, index): Line => [`node.${index}`, endpoint(host, ports.p2p)]),
    ]),
    section('certificate_blacklist', ['crl.0=<node id of 128 hexadecimal digits>: a node that is never let in']),
    section('certificate_whitelist', [
      'cal.0=<node id of 128 hexadecimal digits>: when any is listed, only those are let in',
    ]),
    section('group', [
      ['group_data_path', 'data/'],
      ['group_config_path', 'conf/'],
    ]),
    section('network_security', [
      'directory of key and certificates',
      ['data_path', 'conf/'],
      ['key', `${prefix}node.key`],
      ['cert', `${prefix}node.crt`],
      ['ca_cert', `${prefix}ca.crt`],
    ]),
    section('storage_security', [
      ['enable', false],
      ['key_manager_ip', ''],
      ['key_manager_port', ''],
      ['cipher_data_key', ''],
    ]),
    section('chain', [
      ['id', plan.chainId],
      ['sm_crypto', options.sm === true],
      ['sm_crypto_channel', options.smChannel === true],
      ['rsa_crypto_channel', options.chainCertificatesOnChannel !== true],
    ]),
    section('compatibility', ['format of the data; never change it', ['supported_version', SUPPORTED_VERSION]]),
    section('log', [
      ['enable', true],
      ['log_path', './log'],
      ['enable_statistic', options.statistics === true],
      ['stat_flush_interval', 60],
      'trace, debug, info, warning or error',
      ['level', options.debugLog === true ? 'debug' : 'info'],
      'MB of one log file',
      ['max_log_file_size', 200],
      ['flush', options.withoutFlush !== true],
      ['enable_console_output', false],
    ]),
    section('flow_control', ['limit_req=1000', 'outgoing_bandwidth_limit=2']),
  ]);
}
