import { enableCompileCache } from 'node:module';
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';

// This process mostly waits: for yt-dlp, MongoDB and Redis. It may run for hours beside others on a small machine, so
// it is made small rather than fast, before anything else is loaded: a young generation that does not grow, no
// optimised code. With 5,000 entries that is about 100 MB instead of 195, in the same time.
const SMALL = [
  '--semi-space-growth-factor=1',
  '--heap-growing-percent=5',
  '--optimize-for-size',
  '--max-lazy',
  '--no-opt',
  '--no-maglev',
  '--no-sparkplug',
];
for (const flag of SMALL) setFlagsFromString(flag);
// Node keeps the stripped sources there, so that a later start needs neither the stripper nor its memory.
enableCompileCache();

const { runCommand } = await import('./run-command.ts');
await runCommand(async (signal) => {
  const { enqueue } = await import('./enqueue/enqueue-command.ts');
  return await enqueue(process.argv.slice(2), process.env, signal);
});
