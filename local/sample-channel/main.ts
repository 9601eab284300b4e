import { parseArgs } from 'node:util';
import {
  startSampleChannel,
  type SampleChannelOptions,
  sampleChannelOptionsSchema,
} from './start-sample-channel.ts';

/**
 * The sample channel as a process of its own: `node main.ts DIRECTORY` or `node main.ts --options JSON`.
 * Prints one JSON line with its addresses and serves until SIGINT, SIGTERM, or, with `--until-input-ends`, the
 * end of standard input: a parent that dies closes that pipe, so no orphan is left.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { options: { type: 'string' }, 'until-input-ends': { type: 'boolean', default: false } },
});
const options: SampleChannelOptions =
  values.options === undefined
    ? { directory: positionals[0] ?? '.sonotheque/sample-channel' }
    : sampleChannelOptionsSchema.parse(JSON.parse(values.options));

const channel = await startSampleChannel(options);
const { extraArguments, mediaUrl, controlUrl } = channel;
process.stdout.write(`${JSON.stringify({ extraArguments, mediaUrl, controlUrl })}\n`);

const finish = (): void => {
  void channel.close().then(() => {
    process.exit(0);
  });
};
process.once('SIGINT', finish);
process.once('SIGTERM', finish);
if (values['until-input-ends']) {
  process.stdin.resume();
  process.stdin.once('end', finish);
  process.stdin.once('error', finish);
}
