import { it } from 'vitest';
import { stopClustersAfterEach, survivesFaultsUnderLoad } from './tour.js';

stopClustersAfterEach();

it('three nodes of Raft survive faults of processes, network and clocks under load', async () => {
  await survivesFaultsUnderLoad(3, 'raft');
}, 1_200_000);
