import { Option } from 'commander';
import { createCommand, runCommand, wholeNumber } from './command/run-command.ts';
import { FORMATS, type ReportOptions } from './report/report-options.ts';

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
  const options = command.parse().opts<ReportOptions>();
  const { report } = await import('./report/report-command.ts');
  return await report(options, closeAtEnd);
});
