import { createCommand } from '../../src/cli/run-command.ts';

/** How the demo is run. */
export interface DemoOptions {
  /** One JSON object on standard output at the end; progress goes to standard error. */
  readonly json: boolean;
  /** The servers' data stay after the end. */
  readonly keep: boolean;
  /** Documents are collected instead of audio. */
  readonly collect: boolean;
}

/** Reads the command line. @throws CommanderError for anything unknown. */
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
    .option('--collect', 'show the collection of documents instead, from stand-ins of all services', false)
    .option('--keep', "keep the servers' data afterwards", false);
  command.parse();
  return command.opts<DemoOptions>();
}
