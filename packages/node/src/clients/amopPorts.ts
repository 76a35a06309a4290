import { randomInt } from 'node:crypto';
import type { AmopPorts, CertificationRequest } from '@menglian/amop/ports';
import { MessageType } from '@menglian/channel/messageTypes';
import type { ChannelSession } from '@menglian/channel/session';
import type { NodeId } from '@menglian/types/address';
import type { LogLevel } from '../config/nodeConfig.js';

/** AMOP's way to sessions, peers and time. */
export function amopPorts(components: {
  readonly session: (number: number) => ChannelSession | undefined;
  readonly sendToPeer: (to: NodeId, payload: Uint8Array) => boolean;
  readonly onAnswer: (delivery: number, result: number, body: Uint8Array) => void;
  readonly log: (level: LogLevel, text: string) => void;
}): AmopPorts {
  const { session, onAnswer } = components;
  const ask = (to: number, delivery: number, type: number, sequence: Uint8Array, data: Uint8Array): boolean => {
    const asked = session(to)?.ask({ type, sequence, result: 0, data }, (answer) => {
      // A session that has ended is told of by itself.
      if (answer !== undefined) onAnswer(delivery, answer.result, answer.data);
    });
    return asked ?? false;
  };
  return {
    sendToPeer: components.sendToPeer,
    reply: (to, sequence, result, data) =>
      session(to)?.send({ type: MessageType.AmopResponse, sequence, result, data }),
    pushUnicast: (to, delivery, sequence, body) => ask(to, delivery, MessageType.AmopRequest, sequence, body),
    pushMulticast: (to, sequence, data) =>
      session(to)?.send({ type: MessageType.AmopMulticast, sequence, result: 0, data }),
    pushCertification: (to, delivery, request) =>
      ask(to, delivery, MessageType.CertifyTopic, certificationSequence(delivery), certificationText(request)),
    after: (delayMs, callback) => {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    nowMs: () => performance.now(),
    random: (below) => randomInt(below),
    log: (level, text) => components.log(level, `[AMOP] ${text}`),
  };
}

/** A number of the node's own, as 32 digits. */
function certificationSequence(delivery: number): Uint8Array {
  return Buffer.from(String(delivery).padStart(32, '0'));
}

function certificationText({ nodeId, topic, topicForCert }: CertificationRequest): Uint8Array {
  return Buffer.from(`${JSON.stringify({ nodeId, topic, topicForCert })}\n`);
}
