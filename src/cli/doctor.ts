import process from 'node:process';
import { z } from 'zod';
import { gatherEnvironment } from '../config/load.ts';
import { formatFindings } from './doctor/doctor-text.ts';
import { examine } from './doctor/examine.ts';
import { createCommand, runCommand } from './run-command.ts';

const EXIT_UNHEALTHY = 3;

const command = createCommand(
  'doctor',
  'Looks at every tool and server that is needed: versions, where they are, whether they answer.',
  ['npm run doctor', 'npm run doctor --silent -- --json'],
)
  .option('--json', 'print one JSON object')
  .addHelpText('after', '\nExits with 3 when something required is missing.\n')
  .allowExcessArguments(false);

const optionsSchema = z.object({ json: z.boolean().default(false) });

await runCommand(async () => {
  const options = optionsSchema.parse(command.parse().opts());
  const findings = await examine(gatherEnvironment(process.env));
  const healthy = findings.every((finding) => finding.state !== 'missing');
  process.stdout.write(
    options.json ? `${JSON.stringify({ healthy, findings }, undefined, 2)}\n` : formatFindings(findings),
  );
  return healthy ? 0 : EXIT_UNHEALTHY;
});
