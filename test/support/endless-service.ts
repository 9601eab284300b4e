import { runService } from '../../src/cli/command/run-command.ts';

/** A service that ignores the request to stop: a separate process, for tests of what ends it. */
await runService(async () => {
  setInterval(() => undefined, 1_000);
  console.log('It runs.');
  await new Promise<never>(() => undefined);
});
