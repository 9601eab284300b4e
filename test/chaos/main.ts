/** `npm run chaos`: the whole pipeline while everything is killed and requests fail; then the invariant is checked. */
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../src/cli/run-command.ts';
import { UserError } from '../../src/runtime/user-error.ts';
import { makeRunDirectory } from '../support/run-directory.ts';
import { parseChaosOptions } from './options.ts';
import { formatReport, isKept } from './report.ts';
import { runChaos } from './run-chaos.ts';
import { setStage } from './stage.ts';
import { formatSteadyReport, isSteady } from './steady/report.ts';
import { runSteady } from './steady/run-steady.ts';

const RUNS = fileURLToPath(new URL('../../.sonotheque/chaos', import.meta.url));
const say = (line: string) => {
  process.stderr.write(`${line}\n`);
};

await runCommand(async (signal) => {
  const options = parseChaosOptions();
  const run = makeRunDirectory(RUNS);
  say(`Starting the servers; seed ${String(options.seed)}. Logs are in ${path.relative('.', run.directory)}`);
  const stage = await setStage(options, run.directory);
  let isClean = false;
  try {
    const setting = { options, stage, directory: run.directory, signal, say };
    if (options.steady === undefined) {
      const report = await runChaos(setting);
      process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : formatReport(report));
      isClean = isKept(report);
    } else {
      const report = await runSteady(setting, options.steady);
      process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : formatSteadyReport(report));
      isClean = isSteady(report);
    }
    return isClean ? 0 : 1;
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new UserError('Interrupted: nothing was checked.', { cause: error });
  } finally {
    await stage.close();
    // What went wrong stays for a look, until the next run.
    if (isClean && !options.keep) await run.remove();
  }
});
