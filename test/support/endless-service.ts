import { runService } from '../../src/cli/run-command.ts';

/** A service that hears no signal to end: a process of its own, for tests of what ends it then. */
await runService(async () => {
  setInterval(() => undefined, 1_000);
  console.log('It runs.');
  await new Promise<never>(() => undefined);
});
