/** Loaded before a program (`--import`): when it ends, all modules that it has loaded are written to file descriptor 3. */
import { writeSync } from 'node:fs';
import { registerHooks } from 'node:module';

const loaded = new Set();
registerHooks({
  load: (url, context, next) => {
    loaded.add(url);
    return next(url, context);
  },
});
process.on('exit', () => {
  writeSync(3, [...loaded].join('\n'));
});
