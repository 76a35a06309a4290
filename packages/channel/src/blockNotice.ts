import { utf8Bytes } from '@menglian/base/bytes';

/** The topic by which a session asks for notices of a group's blocks. */
export function blockTopic(groupId: number): string {
  return `_block_notify_${groupId}`;
}

/** Data of a block notice: the topic behind its length, which counts itself, and what the session's version reads. */
export function blockNotice(protocol: number, groupId: number, number: number): Uint8Array {
  const topic = utf8Bytes(blockTopic(groupId));
  const content = protocol === 1 ? `${groupId},${number}` : `{"blockNumber":${number},"groupID":${groupId}}\n`;
  return Buffer.concat([Buffer.of(topic.length + 1), topic, utf8Bytes(content)]);
}
