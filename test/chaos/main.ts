/** `npm run chaos`: runs the whole pipeline while processes are killed and requests fail, then checks the invariant. */
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../src/cli/command/run-command.ts';
import { UserError } from '../../src/runtime/user-error.ts';
import { makeRunDirectory } from '../support/run-directory.ts';
import { parseChaosOptions } from './options.ts';
import { formatReport, hasPassed } from './report.ts';
import { runChaos } from './run-chaos.ts';
import { openChaosEnvironment } from './chaos-environment.ts';
import { formatSteadyReport, isSteady } from './steady/report.ts';
import { runSteady } from './steady/run-steady.ts';

const RUNS = fileURLToPath(new URL('../../.sonotheque/chaos', import.meta.url));
const log = (line: string) => {
  process.stderr.write(`${line}\n`);
};

await runCommand(async (signal) => {
  const options = parseChaosOptions();
  const run = makeRunDirectory(RUNS);
  log(`Starting the servers; seed ${String(options.seed)}. Logs are in ${run.directory}`);
  const environment = await openChaosEnvironment(options, run.directory);
  let isClean = false;
  try {
    const chaosRun = { options, environment, directory: run.directory, signal, log };
    if (options.steady === undefined) {
      const report = await runChaos(chaosRun);
      process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : formatReport(report));
      isClean = hasPassed(report);
    } else {
      const report = await runSteady(chaosRun, options.steady);
      process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : formatSteadyReport(report));
      isClean = isSteady(report);
    }
    return isClean ? 0 : 1;
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new UserError('Interrupted: nothing was checked.', { cause: error });
  } finally {
    await environment.close();
    // After a failure the data stay until the next run.
    if (isClean && !options.keep) await run.remove();
  }
});
