import { it } from 'vitest';
import { changesMembersUnderLoad, stopMembersAfterEach } from './membership.js';

stopMembersAfterEach();

it('members of a Raft group come and go under load', async () => {
  await changesMembersUnderLoad(3, 'raft');
}, 300_000);
