import process from 'node:process';
import { gatherEnvironment } from '../config/load.ts';
import { printResult } from './command/output.ts';
import { createCommand, EXIT_UNHEALTHY, runCommand } from './command/run-command.ts';
import { formatFindings } from './doctor/finding.ts';
import { runChecks } from './doctor/run-checks.ts';

const command = createCommand(
  'doctor',
  'Checks every tool and server that is needed: its version, where it is, and whether it can be reached.',
  ['npm run doctor', 'npm run doctor --silent -- --json'],
)
  .option('--json', 'print one JSON object')
  .addHelpText('after', '\nExits with 3 when something required is missing; warnings do not count.\n')
  .allowExcessArguments(false);

await runCommand(async () => {
  const { json = false } = command.parse().opts<{ json?: boolean }>();
  const findings = await runChecks(gatherEnvironment(process.env));
  const healthy = findings.every((finding) => finding.state !== 'missing');
  printResult(json, { healthy, findings }, formatFindings(findings));
  return healthy ? 0 : EXIT_UNHEALTHY;
});
