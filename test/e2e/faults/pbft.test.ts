import { it } from 'vitest';
import { stopClustersAfterEach, survivesFaultsUnderLoad } from './tour.js';

stopClustersAfterEach();

it('four nodes of PBFT survive faults of processes, network and clocks under load', async () => {
  await survivesFaultsUnderLoad(4, 'pbft');
}, 1_200_000);
