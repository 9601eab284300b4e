import { createCommand } from '../../src/cli/command/run-command.ts';

export interface DemoOptions {
  /** Print one JSON object on standard output at the end; progress goes to standard error. */
  readonly json: boolean;
  /** Keep the servers' data at the end. */
  readonly keep: boolean;
  /** Collect documents instead of audio. */
  readonly collect: boolean;
}

/** @throws CommanderError for an unknown option. */
export function parseDemoOptions(): DemoOptions {
  const command = createCommand(
    'demo',
    'Shows the whole pipeline on this machine: a sample channel, real servers, checked MP3s, a mirror.',
    [
      'npm run demo',
      'npm run demo -- --collect',
      'npm run demo -- --keep',
      'npm run demo --silent -- --json',
    ],
  )
    .option('--json', 'print one JSON object at the end', false)
    .option('--collect', 'collect documents instead, from local stand-ins for all services', false)
    .option('--keep', "keep the servers' data afterwards", false);
  command.parse();
  return command.opts<DemoOptions>();
}
