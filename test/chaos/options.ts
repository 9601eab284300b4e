import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { createCommand } from '../../src/cli/command/run-command.ts';
import { AUDIO_SOURCES } from './worker-options.ts';

const optionsSchema = z.object({
  items: z.number(),
  workers: z.number(),
  seed: z.number(),
  provider: z.enum(AUDIO_SOURCES),
  staging: z.enum(['directory', 's3']),
  durationLimit: z.number(),
  steady: z.number().optional(),
  rate: z.number(),
  json: z.boolean(),
  keep: z.boolean(),
});

/** How a chaos run is made. */
export type ChaosOptions = z.output<typeof optionsSchema>;

/** Reads the command line. @throws CommanderError for anything that is wrong with it. */
export function parseChaosOptions(): ChaosOptions {
  const command = createCommand(
    'chaos',
    'Sends items through the whole pipeline while workers and servers are killed and requests fail, then checks that nothing is lost, broken or there twice.',
    [
      'npm run chaos -- --items 200',
      'npm run chaos -- --items 10000 --workers 4 --seed 7',
      'npm run chaos --silent -- --items 1000 --provider real --json',
      'npm run chaos -- --steady 30 --rate 3 --workers 2',
    ],
  )
    .option('--items <number>', 'how many items', countUpTo(100_000), 200)
    .option('--workers <number>', 'worker processes', countUpTo(16), 2)
    .option(
      '--seed <number>',
      'decides which is killed when and which exchange fails how',
      countUpTo(2 ** 31),
      1,
    )
    .addOption(
      new Option('--provider <name>', 'prepared files at once, or the real yt-dlp against the sample channel')
        .choices(AUDIO_SOURCES)
        .default('instant'),
    )
    .addOption(
      new Option('--staging <form>', 'where finished files wait for their upload')
        .choices(['directory', 's3'])
        .default('directory'),
    )
    .option('--duration-limit <seconds>', 'no more kills after so long', countUpTo(86_400), 1_800)
    .addOption(
      new Option(
        '--steady <minutes>',
        'instead: nothing is killed, prepared files at an even rate for so long; memory, open files, threads and Redis must stay flat',
      )
        .argParser(countUpTo(10_080))
        .conflicts('provider'),
    )
    .option('--rate <number>', 'items a second of a steady run', countUpTo(100), 3)
    .option('--json', 'print one JSON object at the end', false)
    .option('--keep', 'keep logs and data afterwards', false)
    .allowExcessArguments(false);
  return optionsSchema.parse(command.parse().opts());
}

function countUpTo(most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < 1 || value > most) {
      throw new InvalidArgumentError(`It is a whole number from 1 to ${String(most)}.`);
    }
    return value;
  };
}
