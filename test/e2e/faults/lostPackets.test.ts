import { it } from 'vitest';
import { stopClustersAfterEach, survivesLostPacketsUnderLoad } from './tour.js';

stopClustersAfterEach();

it('four nodes of PBFT survive a network that loses everything for a while', async () => {
  await survivesLostPacketsUnderLoad(4, 'pbft');
}, 1_200_000);

it('three nodes of Raft survive a network that loses everything for a while', async () => {
  await survivesLostPacketsUnderLoad(3, 'raft');
}, 1_200_000);
