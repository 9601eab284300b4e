import { parseArgs } from 'node:util';
import { sampleChannelOptionsSchema, startSampleChannel } from './start-sample-channel.ts';

const HELP = `Usage: npm run sample-channel -- [options] [directory]

The sample channel: a local stand-in for YouTube that the real yt-dlp can list and download. It stores its generated audio in the
directory.

Options:
  --options JSON      all options, see startSampleChannel
  --until-input-ends  also ends when its standard input ends

It prints one JSON line with its addresses and serves until it is stopped.
`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      options: { type: 'string' },
      'until-input-ends': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const options: unknown =
    values.options === undefined
      ? { directory: positionals[0] ?? '.sonotheque/sample-channel' }
      : JSON.parse(values.options);
  const channel = await startSampleChannel(sampleChannelOptionsSchema.parse(options));
  const finish = (): void => {
    void channel.close().then(() => {
      process.exit(0);
    });
  };
  process.once('SIGINT', finish);
  process.once('SIGTERM', finish);
  if (values['until-input-ends']) {
    // A parent that dies in any way closes this pipe, so that no process is left behind.
    process.stdin.resume();
    process.stdin.once('end', finish);
    process.stdin.once('error', finish);
  }
  const { extraArguments, mediaUrl, controlUrl } = channel;
  process.stdout.write(`${JSON.stringify({ extraArguments, mediaUrl, controlUrl })}\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`sample channel: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
