import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { Option } from 'commander';
import { loadConfig } from '../config/load.ts';
import { loadSources } from '../collectors/sources-file.ts';
import { openDatabase } from '../database/database.ts';
import { lastHours } from '../reports/collection/report.ts';
import { makeReport, type MadeReport } from '../reports/collection/make-report.ts';
import { formatReportMarkdown } from '../reports/collection/report-markdown.ts';
import type { Messages } from '../text/messages/en.ts';
import { messagesOf } from '../text/messages/messages-of.ts';
import { UserError } from '../runtime/user-error.ts';
import { createCommand, runCommand, wholeNumber } from './command/run-command.ts';

const FORMATS = ['html', 'json', 'md'] as const;
type Format = (typeof FORMATS)[number];
const MAX_DAYS = 366;

const command = createCommand(
  'report',
  'Creates a report on the collected documents: totals, growth, duplicates, rejected items, health and problems.',
  [
    'npm run report -- --output report.html',
    'npm run report --silent -- --format md --days 7',
    "npm run report --silent -- --format json | jq '.totals'",
  ],
)
  .addOption(new Option('--format <name>', 'format of the report').choices(FORMATS).default('html'))
  .option('--days <number>', 'the length of the period up to now', wholeNumber(1, MAX_DAYS), 1)
  .option('--output <file>', 'write it to this file instead of standard output')
  .addHelpText(
    'after',
    '\nEvery report is also stored in MongoDB and shown by the dashboard. UI_LANGUAGE=fr writes it in French.\n',
  )
  .allowExcessArguments(false);

await runCommand(async (_signal, closeAtEnd) => {
  const { format, days, output } = command.parse().opts<{ format: Format; days: number; output?: string }>();
  const config = loadConfig(process.env);
  const configured = await loadSources(config.collect);
  const database = closeAtEnd(await openDatabase(config.mongo, 'sonotheque-report'));
  const at = new Date();
  const dependencies = { database, configured, hasMirror: config.azure !== undefined };
  const messages = messagesOf(config.language);
  const made = await makeReport(dependencies, lastHours(days * 24, at), at, messages);
  const text = write(made, format, messages);
  if (output === undefined) {
    process.stdout.write(text);
    return 0;
  }
  await writeFile(output, text).catch((error: unknown) => {
    throw new UserError(`${output} cannot be written. Name another file with --output.`, { cause: error });
  });
  process.stderr.write(`Written: ${path.resolve(output)}\n`);
  return 0;
});

function write({ report, html }: MadeReport, format: Format, messages: Messages): string {
  switch (format) {
    case 'html':
      return html;
    case 'json':
      return `${JSON.stringify(report, undefined, 2)}\n`;
    case 'md':
      return formatReportMarkdown(report, messages);
  }
}
