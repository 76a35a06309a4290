import { it } from 'vitest';
import { changesMembersUnderLoad, stopMembersAfterEach } from './membership.js';

stopMembersAfterEach();

it('members of an rPBFT group come and go under load', async () => {
  await changesMembersUnderLoad(5, 'rpbft');
}, 300_000);
