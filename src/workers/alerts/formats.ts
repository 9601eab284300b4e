import type { AlertFormat } from '../../config/environment.ts';
import type { WebhookMessage } from '../../runtime/webhook.ts';
import type { AlertChange } from './alert.ts';

/**
 * Writes a change in the form that a service expects:
 * slack https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks,
 * ntfy https://docs.ntfy.sh/publish/, apprise https://github.com/caronc/apprise-api (`/notify/KEY`).
 */
export function formatAlert(format: AlertFormat, change: AlertChange): WebhookMessage {
  const { event, alert, at } = change;
  const isOver = event === 'resolved';
  const title = isOver ? `Resolved: ${alert.title}` : alert.title;
  const text = isOver ? `It is over. It was: ${alert.message}` : alert.message;
  switch (format) {
    case 'json':
      return json({
        source: 'sonotheque',
        event,
        key: alert.key,
        title,
        message: text,
        since: alert.since.toISOString(),
        at: at.toISOString(),
      });
    case 'slack':
      return json({
        text: `${isOver ? ':white_check_mark:' : ':warning:'} *${escapeSlack(title)}*\n${escapeSlack(text)}`,
      });
    case 'apprise':
      return json({ title, body: text, type: isOver ? 'success' : 'warning', format: 'text' });
    case 'ntfy':
      return {
        contentType: 'text/plain; charset=utf-8',
        headers: {
          title: `Sonotheque: ${title}`,
          tags: isOver ? 'white_check_mark' : 'warning',
          priority: isOver ? 'default' : 'high',
        },
        body: text,
      };
  }
}

function json(body: object): WebhookMessage {
  return { contentType: 'application/json', body: JSON.stringify(body) };
}

/** Slack's control characters: a message of another program must not call a whole channel (`<!channel>`). */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
