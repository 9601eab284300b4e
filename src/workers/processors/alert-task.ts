import { withDeadline } from '../../runtime/deadline.ts';
import { postToWebhook } from '../../alerts/webhook.ts';
import type { Config } from '../../config/config.ts';
import type { JobResult } from '../../queues/catalogue.ts';
import type { JobContext } from '../processor.ts';
import { changesBetween } from '../../alerts/alert.ts';
import { currentAlerts, type AlertDependencies } from '../../alerts/conditions.ts';
import { alertNotice, formatNotice } from '../../alerts/formats.ts';
import { SentAlerts } from '../../alerts/sent-alerts.ts';

/** Less than the lock that keeps a second worker from evaluating at the same time. */
const DEADLINE_MS = 120_000;

/**
 * Makes the maintenance task that sends new and resolved alerts to the webhook. A change is remembered once it is
 * delivered: what could not be delivered is sent with the next run, and a crash in between repeats one message.
 */
export function createAlertTask(
  dependencies: AlertDependencies & { readonly config: Pick<Config, 'alerts' | 'azure' | 'redis'> },
): (context: Pick<JobContext, 'signal' | 'logger'>) => Promise<JobResult> {
  const { config, queues } = dependencies;
  const { webhook } = config.alerts;
  const sent = new SentAlerts(queues.redis, config.redis.prefix);
  return async ({ signal, logger }) => {
    if (webhook === undefined) return { outcome: 'no webhook' };
    const evaluate = async (limits: { readonly signal: AbortSignal }) => {
      const at = new Date();
      const { alerts, isUnknown } = await currentAlerts(dependencies, at, limits.signal);
      const before = await sent.list();
      const keys = new Set(alerts.map(({ key }) => key));
      // Of what is not known at the moment, nothing begins or ends.
      const current = [...alerts, ...before.filter(({ key }) => isUnknown(key) && !keys.has(key))];
      const changes = changesBetween(before, current, at);
      for (const change of changes) {
        await postToWebhook(webhook.url, formatNotice(webhook.format, alertNotice(change)), limits);
        await sent.remember(change);
        logger.info({ alert: change.alert.key, event: change.event }, 'Alert delivered');
      }
      return { active: current.length, sent: changes.length };
    };
    const options = { signal, deadlineMs: DEADLINE_MS, what: 'Evaluating alerts' };
    const result = await sent.runExclusively(() => withDeadline(evaluate, options));
    return result ?? { outcome: 'another worker does it' };
  };
}
