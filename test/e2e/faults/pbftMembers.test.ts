import { it } from 'vitest';
import { changesMembersUnderLoad, stopMembersAfterEach } from './membership.js';

stopMembersAfterEach();

it('members of a PBFT group come and go under load', async () => {
  await changesMembersUnderLoad(4, 'pbft');
}, 300_000);
