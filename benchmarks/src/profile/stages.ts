/** What a node does with its time, by the part of the code that does it. */

interface StageRule {
  readonly stage: string;
  /** of the address of a script */
  readonly pattern: RegExp;
}

const PACKAGES = String.raw`/packages/`;

/** The first that matches counts. */
const RULES: readonly StageRule[] = [
  rule('signature', 'crypto/(dist/ecdsa|dist/sm2|native)|node_modules/(secp256k1|@noble/curves)/'),
  rule('hash', 'crypto/|node_modules/(hash-wasm|@noble/hashes)/|^wasm:'),
  rule('decode', 'types/|codec/'),
  rule('ingest', 'rpc/'),
  rule(
    'network',
    'network/|node_modules/(@libp2p|@chainsafe|@multiformats|libp2p|it-|uint8array|multiformats|protons)',
  ),
  rule('gossip and pool', 'txpool/|sync/|node/dist/group/(gossip|inbox|pace|peerConduct)'),
  rule('execute', 'executor/|evm/|precompiled/|ledger/dist/state'),
  rule('store', 'ledger/|storage/|node_modules/(classic-level|abstract-level)/'),
  rule('consensus', 'pbft/|raft/|consensus-core/|node/dist/group/'),
  rule('threads', 'node/'),
  rule('bytes', 'base/'),
];

/** @param paths below `packages/`, or alternatives that begin elsewhere, joined by `|` */
function rule(stage: string, paths: string): StageRule {
  const alternatives = paths.split(/\|(?![^(]*\))/).map((path) => {
    if (path.startsWith('^') || path.startsWith('node_modules')) return path;
    return PACKAGES + path;
  });
  return { stage, pattern: new RegExp(alternatives.join('|')) };
}

/** @param url of a script. @returns undefined for what belongs to whoever called it: Node.js itself, native functions */
export function stageOfScript(url: string): string | undefined {
  return RULES.find(({ pattern }) => pattern.test(url))?.stage;
}
