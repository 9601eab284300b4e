import { enableCompileCache } from 'node:module';
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runCommand } from './run-command.ts';

// This process mostly waits: for yt-dlp, MongoDB and Redis. It may run for hours beside others on a small machine,
// so it is made small rather than fast: a young generation that does not grow and no optimised code save 75 of 195 MB
// for 5,000 entries and cost no time (bench/enqueue.ts).
for (const flag of ['--semi-space-growth-factor=1', '--optimize-for-size', '--no-opt', '--no-maglev']) {
  setFlagsFromString(flag);
}
// Node keeps the stripped sources there, so that a later start needs neither the stripper nor its memory.
enableCompileCache();

await runCommand(async (signal) => {
  const { enqueue } = await import('./enqueue/enqueue-command.ts');
  return await enqueue(process.argv.slice(2), process.env, signal);
});
