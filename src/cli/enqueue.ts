import { enableCompileCache } from 'node:module';
import process from 'node:process';
import { runCommand } from './run-command.ts';

// Node keeps the stripped sources there, so that a later start needs neither the stripper nor its memory.
enableCompileCache();

await runCommand(async (signal) => {
  const { enqueue } = await import('./enqueue/enqueue-command.ts');
  return await enqueue(process.argv.slice(2), process.env, signal);
});
