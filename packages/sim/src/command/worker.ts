/** A process that runs the seeds that it is sent, and answers with what came of each. */
import { runUnit, type UnitOfWork } from './unitOfWork.js';

process.on('message', (units: readonly UnitOfWork[]) => void work(units));
process.on('disconnect', () => process.exit(0));

async function work(units: readonly UnitOfWork[]): Promise<void> {
  for (const unit of units) process.send!({ report: await runUnit(unit) });
  process.send!({ cpuMs: process.cpuUsage().user / 1000 + process.cpuUsage().system / 1000 });
}
