import process from 'node:process';
import { loadConfig } from '../config/load.ts';
import { postToWebhook } from '../alerts/webhook.ts';
import { UserError } from '../runtime/user-error.ts';
import { formatNotice } from '../alerts/formats.ts';
import { createCommand, runCommand } from './run-command.ts';

const EXIT_USAGE = 2;

const command = createCommand(
  'notify',
  'Sends a message through the alert webhook, for scripts and workflows around this program.',
  ["npm run notify -- 'The daily collection failed' 'https://example.org/run/1'"],
)
  .argument('<title>', 'a few words')
  .argument('[text]', 'what happened', '')
  .addHelpText(
    'after',
    '\nALERT_WEBHOOK_URL and ALERT_WEBHOOK_FORMAT say where it goes and in which form.\n',
  );

await runCommand(async (signal) => {
  const [title = '', text = ''] = command.parse().processedArgs as [string?, string?];
  const { webhook } = loadConfig(process.env).alerts;
  if (webhook === undefined) {
    throw new UserError('There is nobody to notify: set ALERT_WEBHOOK_URL.', { exitCode: EXIT_USAGE });
  }
  const fields = { event: 'message', at: new Date().toISOString() };
  await postToWebhook(webhook.url, formatNotice(webhook.format, { tone: 'trouble', title, text, fields }), {
    signal,
  });
  return 0;
});
