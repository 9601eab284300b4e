import type { AlertFormat } from '../config/environment.ts';
import type { WebhookMessage } from './webhook.ts';
import type { AlertChange } from './alert.ts';

/** Something to tell, before it has the form of a service. */
export interface Notice {
  /** Trouble that began, trouble that is over, or news that call for nothing. */
  readonly tone: 'trouble' | 'over' | 'news';
  /** A few words in ASCII: some services take it as a header. */
  readonly title: string;
  readonly text: string;
  /** What our own JSON form has besides title and message. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What each tone looks like in each service. */
const TONES = {
  trouble: { emoji: ':warning:', apprise: 'warning', tag: 'warning', priority: 'high' },
  over: { emoji: ':white_check_mark:', apprise: 'success', tag: 'white_check_mark', priority: 'default' },
  news: { emoji: ':newspaper:', apprise: 'info', tag: 'newspaper', priority: 'low' },
} as const;

/** An alert that began or is over, as something to tell. */
export function alertNotice({ event, alert, at }: AlertChange): Notice {
  const isOver = event === 'resolved';
  return {
    tone: isOver ? 'over' : 'trouble',
    title: isOver ? `Resolved: ${alert.title}` : alert.title,
    text: isOver ? `It is over. It was: ${alert.message}` : alert.message,
    fields: { event, key: alert.key, since: alert.since.toISOString(), at: at.toISOString() },
  };
}

/**
 * Writes a notice in the form that a service expects:
 * slack https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks,
 * ntfy https://docs.ntfy.sh/publish/, apprise https://github.com/caronc/apprise-api (`/notify/KEY`).
 */
export function formatNotice(format: AlertFormat, { tone, title, text, fields }: Notice): WebhookMessage {
  const look = TONES[tone];
  switch (format) {
    case 'json':
      return json({ source: 'sonotheque', ...fields, title, message: text });
    case 'slack':
      return json({ text: `${look.emoji} *${escapeSlack(title)}*\n${escapeSlack(text)}` });
    case 'apprise':
      return json({ title, body: text, type: look.apprise, format: 'text' });
    case 'ntfy':
      return {
        contentType: 'text/plain; charset=utf-8',
        headers: { title: `Sonotheque: ${printable(title)}`, tags: look.tag, priority: look.priority },
        body: text,
      };
  }
}

function json(body: object): WebhookMessage {
  return { contentType: 'application/json', body: JSON.stringify(body) };
}

/** What a header can carry. */
function printable(text: string): string {
  return text.replaceAll(/[^ -~]/g, '?');
}

/** Slack's control characters: a message of another program must not call a whole channel (`<!channel>`). */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
