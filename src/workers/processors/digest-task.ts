import type { Config } from '../../config/config.ts';
import type { Database } from '../../database/database.ts';
import { writeDigest } from '../../reports/collection/digest.ts';
import { lastHours } from '../../reports/collection/report.ts';
import { makeReport } from '../../reports/collection/make-report.ts';
import { messagesOf } from '../../text/messages/messages-of.ts';
import { appendVersionLog, collectionEnded } from '../../reports/version-log.ts';
import { postToWebhook } from '../../alerts/webhook.ts';
import { formatNotice } from '../../alerts/formats.ts';
import type { JobResult } from '../../queues/catalogue.ts';
import type { JobContext } from '../processor.ts';

const DAY_HOURS = 24;

/**
 * Makes the maintenance task of every day: the report of the last 24 hours is kept, its digest goes to the webhook, and
 * the version log gets its line. A run that is repeated sends no digest that was delivered; only a crash between delivery
 * and the record of it sends one twice.
 */
export function createDigestTask({
  config,
  database,
}: {
  readonly config: Pick<Config, 'alerts' | 'azure' | 'language' | 'versionLogFile'>;
  readonly database: Database;
}): (context: Pick<JobContext, 'signal' | 'logger' | 'scheduledFor'>) => Promise<JobResult> {
  const messages = messagesOf(config.language);
  return async ({ signal, logger, scheduledFor }) => {
    const at = scheduledFor ?? new Date();
    const { name, report } = await makeReport(
      { database, configured: undefined, hasMirror: config.azure !== undefined },
      lastHours(DAY_HOURS, at),
      at,
      messages,
    );
    const { webhook } = config.alerts;
    if (webhook !== undefined && !(await database.reports.isDelivered(name))) {
      const { title, text } = writeDigest(report, messages);
      const notice = {
        kind: 'info' as const,
        title,
        text,
        fields: { event: 'digest', key: name, at: at.toISOString(), totals: report.totals },
      };
      await postToWebhook(webhook.url, formatNotice(webhook.format, notice), { signal });
      await database.reports.markDelivered(name, new Date());
    }
    const details = collectionEnded(report.totals.new);
    await appendVersionLog(config.versionLogFile, 'COLLECTE_JOURNALIERE_FIN', details, (error) => {
      logger.warn({ err: error }, 'The version log could not be written');
    });
    logger.info({ report: name, inserted: report.totals.inserted }, 'The report of the day was made');
    return { report: name, inserted: report.totals.inserted, told: webhook !== undefined };
  };
}
