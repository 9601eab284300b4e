import { createCommand, runCommand } from './command/run-command.ts';

const command = createCommand(
  'health',
  'Shows for every configured source, the worst first, whether its documents are fresh and complete, and if not, why.',
  ['npm run health', 'npm run health --silent -- --json | jq \'.sources[] | select(.state == "stale")\''],
)
  .option('--json', 'print one JSON object')
  .addHelpText(
    'after',
    '\nExits with 3 when a source is stale, failing or was never collected. UI_LANGUAGE=fr shows it in French.\n',
  )
  .allowExcessArguments(false);

await runCommand(async (_signal, closeAtEnd) => {
  const { json = false } = command.parse().opts<{ json?: boolean }>();
  const { health } = await import('./health/health-command.ts');
  return await health(json, closeAtEnd);
});
