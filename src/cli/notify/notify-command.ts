import { postToWebhook } from '../../alerts/webhook.ts';
import { formatNotice } from '../../alerts/formats.ts';
import { usageError } from '../command/run-command.ts';
import { commandConfig } from '../command/config.ts';

/** Sends a message to the alert webhook. @returns the exit code */
export async function notify(title: string, text: string, signal: AbortSignal): Promise<number> {
  const { webhook } = commandConfig().alerts;
  if (webhook === undefined) throw usageError('No webhook is configured: set ALERT_WEBHOOK_URL.');
  const fields = { event: 'message', at: new Date().toISOString() };
  const notice = formatNotice(webhook.format, { kind: 'problem', title, text, fields });
  await postToWebhook(webhook.url, notice, { signal });
  return 0;
}
