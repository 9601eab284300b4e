import { about, duration, number } from './quantities.ts';
import { SECONDS_A_VIDEO, type ScaleInputs } from './scale-inputs.ts';
import { MEGABYTES_A_VIDEO, STARTS_AN_HOUR } from './scale-steps.ts';

/** Prices that were assumed, in dollars or euros. */
const AZURE = { hot: 0.018, cool: 0.01, cold: 0.0036, archive: 0.00099, writes: 0.055, reads: 0.0044 };
const DISK = { eurosAMonth: 39, terabytes: 20 };

/** The part of docs/scale.md about money. */
export function costs(inputs: ScaleInputs): string {
  const videos = (1_000 * 3_600) / SECONDS_A_VIDEO;
  const gigabytes = (videos * MEGABYTES_A_VIDEO) / 1_000;
  const usable = (DISK.eurosAMonth / DISK.terabytes) * 2;
  const dollars = (value: number) => `$${value.toFixed(2)}`;
  const tier = (name: string, price: number) =>
    `| ${name} | ${number(gigabytes)} GB × $${String(price)} | ${dollars(gigabytes * price)} a month |`;
  return `1,000 hours are ${number(videos)} videos of ${String(SECONDS_A_VIDEO / 60)} minutes, ${number(gigabytes)} GB as MP3 of 320 kbps; with \`AUDIO_PROFILE=original\` about 40 % of it.

| | computed as | cost |
| --- | --- | ---: |
${[
  tier('Azure, hot', AZURE.hot),
  tier('Azure, cool', AZURE.cool),
  tier('Azure, cold', AZURE.cold),
  tier('Azure, archive', AZURE.archive),
  `| Azure, writing it once (hot) | ${number(videos)} × $${String(AZURE.writes)} ÷ 10,000 | ${dollars((videos * AZURE.writes) / 10_000)} |`,
  `| Azure, reading each once (hot) | ${number(videos)} × $${String(AZURE.reads)} ÷ 10,000 | ${dollars((videos * AZURE.reads) / 10_000)} |`,
  `| MinIO, rented disks, each byte twice | ${number(gigabytes)} GB × €${usable.toFixed(2)} ÷ 1,000 | €${((gigabytes * usable) / 1_000).toFixed(2)} a month |`,
  `| processors | ${number(videos)} × ${about(inputs.cpuSecondsAVideo)} s | ${about((videos * inputs.cpuSecondsAVideo) / 3_600)} hours of one |`,
  `| one address | ${number(videos)} ÷ ${String(STARTS_AN_HOUR)} an hour | ${duration((videos / STARTS_AN_HOUR) * 3_600)} |`,
].join('\n')}

The prices are assumptions. Azure: list prices of block blobs in East US with local redundancy, from [Azure's page](https://azure.microsoft.com/pricing/details/storage/blobs/) as the
[API Evangelist](https://github.com/api-evangelist/microsoft-azure-blob-storage/blob/main/plans/microsoft-azure-blob-storage-plans-pricing.yml) recorded it on 5 May 2026; cooler tiers cost more for each operation and for reading, and have a shortest time of storage; what leaves
Azure, as in a restore, is charged in addition. Disks: €${String(DISK.eurosAMonth)} a month for two of 10 TB beside a server at Hetzner, as the [Tor Project's wiki](https://gitlab.torproject.org/tpo/tpa/wiki-replica/-/blame/5e250b7c04db9725fc69fc26554bf5348862faa5/tsa/howto/ganeti.mdwn) noted it; the server itself (€79 there) comes once, not for
each terabyte. Prices change: put in those of the day.
`;
}
