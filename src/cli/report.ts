import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { loadConfig } from '../config/load.ts';
import { loadSources } from '../collectors/sources-file.ts';
import { openDatabase } from '../database/database.ts';
import { lastHours } from '../reports/collection/gather-report.ts';
import { makeReport, type MadeReport } from '../reports/collection/make-report.ts';
import { formatReportMarkdown } from '../reports/collection/report-markdown.ts';
import { UserError } from '../runtime/user-error.ts';
import { createCommand, runCommand } from './run-command.ts';

const FORMATS = ['html', 'json', 'md'] as const;
const MOST_DAYS = 366;

const command = createCommand(
  'report',
  'Makes the report on what was collected: totals, growth, duplicates, rejected items, health and problems.',
  [
    'npm run report -- --output report.html',
    'npm run report --silent -- --format md --days 7',
    "npm run report --silent -- --format json | jq '.totals'",
  ],
)
  .addOption(new Option('--format <name>', 'how it is written').choices(FORMATS).default('html'))
  .option('--days <number>', 'how many days back it looks', parseDays, 1)
  .option('--output <file>', 'where it is written; standard output when left out')
  .addHelpText('after', '\nEvery report is also kept with the runs; the dashboard shows it.\n')
  .allowExcessArguments(false);

const optionsSchema = z.object({
  format: z.enum(FORMATS),
  days: z.number(),
  output: z.string().min(1).optional(),
});

await runCommand(async () => {
  const { format, days, output } = optionsSchema.parse(command.parse().opts());
  const config = loadConfig(process.env);
  const configured = await loadSources(config.collect);
  const database = await openDatabase(config.mongo, 'sonotheque-report');
  try {
    const at = new Date();
    const sources = { database, configured, hasMirror: config.azure !== undefined };
    const made = await makeReport(sources, lastHours(days * 24, at), at);
    const text = write(made, format);
    if (output === undefined) {
      process.stdout.write(text);
      return 0;
    }
    await writeFile(output, text).catch((error: unknown) => {
      throw new UserError(`${output} cannot be written. Name another file with --output.`, { cause: error });
    });
    process.stderr.write(`Written: ${path.resolve(output)}\n`);
    return 0;
  } finally {
    await database.close();
  }
});

function write({ report, html }: MadeReport, format: (typeof FORMATS)[number]): string {
  switch (format) {
    case 'html':
      return html;
    case 'json':
      return `${JSON.stringify(report, undefined, 2)}\n`;
    case 'md':
      return formatReportMarkdown(report);
  }
}

function parseDays(text: string): number {
  const days = Number(text);
  if (!/^\d+$/.test(text) || days < 1 || days > MOST_DAYS) {
    throw new InvalidArgumentError(`It is a whole number from 1 to ${String(MOST_DAYS)}.`);
  }
  return days;
}
