import { createCommand, runCommand } from './command/run-command.ts';

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
  const { doctor } = await import('./doctor/doctor-command.ts');
  return await doctor(json);
});
