import { createCommand, runCommand } from './command/run-command.ts';

const command = createCommand(
  'notify',
  'Sends a message to the alert webhook, for scripts and workflows around this program.',
  ["npm run notify -- 'The daily collection failed' 'https://example.org/run/1'"],
)
  .argument('<title>', 'a few words')
  .argument('[text]', 'what happened', '')
  .addHelpText('after', '\nALERT_WEBHOOK_URL and ALERT_WEBHOOK_FORMAT set its URL and the message format.\n');

await runCommand(async (signal) => {
  const [title = '', text = ''] = command.parse().processedArgs as [string?, string?];
  const { notify } = await import('./notify/notify-command.ts');
  return await notify(title, text, signal);
});
