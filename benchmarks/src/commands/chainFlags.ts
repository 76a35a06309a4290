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

/** The options of a command that chooses the kind of its chain and sends it one load. */
export function addChainFlags(command: Command, language: Language): Command {
  command
    .option('--nodes <n>', TEXTS.nodes[language], '4')
    .option('--engine <name>', TEXTS.engine[language], 'pbft')
    .option('--consensus <name>', `= --engine`)
    .option('--batch <n>', TEXTS.batch[language], '100')
    .option('--uncommitted <n>', TEXTS.uncommitted[language], '20000')
    .option('--sm', TEXTS.sm[language]);
  return addPlaceFlags(command, language);
}

/** The options of every command with a chain of its own: where that listens, and where the figures go. */
export function addPlaceFlags(command: Command, language: Language): Command {
  return command
    .option('--ports <p2p,channel,rpc>', TEXTS.ports[language], '31300,21200,18545')
    .option('--json <file>', TEXTS.json[language]);
}
