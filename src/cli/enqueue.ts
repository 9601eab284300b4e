import { enableCompileCache } from 'node:module';
import process from 'node:process';
import { saveMemory } from './command/small-heap.ts';

saveMemory();
// Node caches the sources without their types, so that later starts need neither the type stripper nor its memory.
enableCompileCache();

const { runCommand } = await import('./command/run-command.ts');
await runCommand(async (signal, closeAtEnd) => {
  const { parseEnqueueOptions } = await import('./enqueue/enqueue-options.ts');
  const options = parseEnqueueOptions(process.argv.slice(2));
  const { prepareListing } = await import('./enqueue/prepare-listing.ts');
  const config = await prepareListing(options.inputs);
  const { enqueue } = await import('./enqueue/enqueue-command.ts');
  return await enqueue(config, options, signal, closeAtEnd);
});
