import { toHex } from '@menglian/base/bytes';
import { createPbft } from '@menglian/pbft/createPbft';
import { decodeMessage as decodePbft } from '@menglian/pbft/messageCodec';
import { createRaft } from '@menglian/raft/createRaft';
import { decodeMessage as decodeRaft } from '@menglian/raft/messageCodec';
import { describeConsensusEngine } from './consensusEngine.js';
import { digestOf } from './engineChain.js';

describeConsensusEngine('pbft', {
  kind: 'pbft',
  create: (options, components) => createPbft(options, components),
  rule: 'byzantine',
  statementsIn(payload) {
    const decoded = decodePbft(payload);
    if (!decoded.ok) throw new Error(decoded.reason);
    const message = decoded.value;
    switch (message.kind) {
      case 'prePrepare': {
        const { epoch, height } = message.proposal;
        const slot = `prePrepare ${epoch} ${height} ${message.view}`;
        return [{ slot, content: toHex(digestOf(message.proposal)) }];
      }
      case 'prepare':
      case 'commit': {
        const slot = `${message.kind} ${message.epoch} ${message.height} ${message.view}`;
        return [{ slot, content: toHex(message.digest) }];
      }
      case 'checkpoint':
        return [{ slot: `result ${message.epoch} ${message.height}`, content: toHex(message.headerHash) }];
      default:
        return [];
    }
  },
});

describeConsensusEngine('raft', {
  kind: 'raft',
  create: (options, components) => createRaft(options, components),
  rule: 'crash',
  statementsIn(payload, to) {
    const decoded = decodeRaft(payload);
    if (!decoded.ok) throw new Error(String(decoded.reason));
    const message = decoded.value;
    switch (message.kind) {
      case 'voteResponse':
        return message.isGranted ? [{ slot: `vote ${message.term}`, content: to }] : [];
      case 'append':
        return message.entries.map((entry) => ({
          slot: `entry ${entry.term} ${entry.index}`,
          content: JSON.stringify(entry, (_key, value: unknown) =>
            value instanceof Uint8Array ? toHex(value) : value,
          ),
        }));
      case 'result':
        return [{ slot: `result ${message.height}`, content: toHex(message.headerHash) }];
      default:
        return [];
    }
  },
});
