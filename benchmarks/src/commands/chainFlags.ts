import { refuseOptions } from '@menglian/cli/chain/refusedOptions';
import type { Language, Localized } from '@menglian/cli/language';
import type { Command } from 'commander';

const TEXTS = {
  nodes: { en: 'nodes of the chain, all on this machine', zh: '链的节点数，全部在本机' },
  engine: { en: 'consensus: pbft, rpbft or raft', zh: '共识：pbft、rpbft 或 raft' },
  batch: { en: 'transactions in one JSON-RPC batch', zh: '每个 JSON-RPC 批次的交易数' },
  uncommitted: { en: 'most transactions sent and not yet in a block', zh: '已发送而未上链的交易数上限' },
  ports: { en: 'first ports of the chain', zh: '链的起始端口' },
  json: { en: 'write the figures as JSON, too', zh: '同时以 JSON 写出结果' },
  sm: { en: 'a chain with SM algorithms', zh: '国密链' },
} as const satisfies Readonly<Record<string, Localized>>;

/** The options that every command with a chain of its own takes. */
export function addChainFlags(command: Command, language: Language): Command {
  return command
    .option('--nodes <n>', TEXTS.nodes[language], '4')
    .option('--engine <name>', TEXTS.engine[language], 'pbft')
    .option('--consensus <name>', `= --engine`)
    .option('--batch <n>', TEXTS.batch[language], '100')
    .option('--uncommitted <n>', TEXTS.uncommitted[language], '20000')
    .option('--ports <p2p,channel,rpc>', TEXTS.ports[language], '31300,21200,18545')
    .option('--sm', TEXTS.sm[language])
    .option('--json <file>', TEXTS.json[language]);
}

/** Why no chain with SM algorithms can be measured, as long as the chain builder refuses them. */
export function smRefusal(sm: unknown): Localized | undefined {
  if (sm !== true || refuseOptions({ sm: true }) === undefined) return undefined;
  return {
    en: '--sm asks for a chain with SM algorithms, which this version of the node cannot build yet',
    zh: '--sm 要求国密链，本版本节点尚不能建立国密链',
  };
}
