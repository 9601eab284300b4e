import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { loadSources } from '../../collectors/sources-file.ts';
import { lastHours } from '../../reports/collection/report.ts';
import { makeReport, type MadeReport } from '../../reports/collection/make-report.ts';
import { formatReportMarkdown } from '../../reports/collection/report-markdown.ts';
import type { Messages } from '../../text/messages/en.ts';
import { messagesOf } from '../../text/messages/messages-of.ts';
import { UserError } from '../../runtime/user-error.ts';
import type { CloseAtEnd } from '../command/run-command.ts';
import { commandConfig } from '../command/config.ts';
import { openRecords } from '../command/servers.ts';
import { userPath } from '../command/user-path.ts';
import type { Format, ReportOptions } from './report-options.ts';

/** Creates a report on the collected documents. @returns the exit code */
export async function report(
  { format, days, output }: ReportOptions,
  closeAtEnd: CloseAtEnd,
): Promise<number> {
  const config = commandConfig();
  const configured = await loadSources(config.collect);
  const database = await openRecords(config, { name: 'sonotheque-report', writes: true }, closeAtEnd);
  const at = new Date();
  const dependencies = { database, configured, hasMirror: config.azure !== undefined };
  const messages = messagesOf(config.language);
  const made = await makeReport(dependencies, lastHours(days * 24, at), at, messages);
  const text = write(made, format, messages);
  if (output === undefined) {
    process.stdout.write(text);
    return 0;
  }
  const file = userPath(output);
  await writeFile(file, text).catch((error: unknown) => {
    throw new UserError(`${output} cannot be written. Name another file with --output.`, { cause: error });
  });
  process.stderr.write(`Written: ${path.resolve(file)}\n`);
  return 0;
}

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
