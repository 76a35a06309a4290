import { answeredError } from '@menglian/sdk/rpc/rpcError';
import { SdkError } from '@menglian/sdk/sdkError';
import { describe, expect, it } from 'vitest';
import { problemOfError } from './sdkProblem.js';

describe('what nodes refuse, in Chinese', () => {
  it('says what is full and what to do', () => {
    const { code, message, advice } = problemOfError(answeredError({ code: -32603, message: 'OverGroupDiskQuota' }));
    expect(code).toBe('OverGroupDiskQuota');
    expect([message.zh, advice.zh]).toEqual([
      expect.stringContaining('磁盘配额'),
      expect.stringContaining('换一个节点'),
    ]);
  });

  it('says that a group was stopped', () => {
    const { message, advice } = problemOfError(new SdkError(-41002, 'the node stopped the group', 'subscribe again'));
    expect([message.zh, advice.zh]).toEqual([expect.stringContaining('停止'), expect.stringContaining('重新订阅')]);
  });
});
