import { stringify } from 'yaml';
import { GdeltUpstream } from '../../upstreams/gdelt.ts';
import { generatedReviews, KaggleUpstream } from '../../upstreams/kaggle.ts';
import { OpenWeatherMapUpstream } from '../../upstreams/openweathermap.ts';
import { RssUpstream } from '../../upstreams/rss.ts';
import type { RssFeed } from '../../upstreams/rss-xml.ts';
import { startUpstreams } from '../../upstreams/upstream.ts';
import { WebUpstream } from '../../upstreams/web.ts';

export interface StandInServices {
  /** The text of a sources file with one source of each kind. */
  readonly sources: string;
  /** The addresses of the stand-ins, and the keys that they accept. */
  readonly variables: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

const DATASET = 'demo/reviews';
const WEATHER_KEY = 'the-key-of-the-demo';
const KAGGLE_LOGIN = { username: 'demo', key: 'the-key-of-the-demo' };
const ARTICLES = 12;

/** Starts a stand-in for each service, with generated content that does not change while it runs. */
export async function startStandIns(): Promise<StandInServices> {
  const rss = new RssUpstream();
  rss.setFeed('news', feed('news'), { validators: true });
  rss.setFeed('culture', feed('culture'));
  const gdelt = new GdeltUpstream();
  gdelt.publishGenerated(new Date(), { slots: 3 });
  const kaggle = new KaggleUpstream();
  const { username, key } = KAGGLE_LOGIN;
  kaggle.expectedAuthorization = `Basic ${Buffer.from(`${username}:${key}`).toString('base64')}`;
  await kaggle.publish(DATASET, { files: { 'reviews.csv': generatedReviews(250) } });
  const web = new WebUpstream();
  const weather = new OpenWeatherMapUpstream(WEATHER_KEY);
  // Two servers, because credentials for Kaggle must not reach the store from which the downloads come.
  const store = await startUpstreams([kaggle.storage]);
  kaggle.storageAddress = store.addressOf('kaggle-storage');
  const services = await startUpstreams([rss, gdelt, kaggle.api, web, web.robots, weather]);
  return {
    sources: sourcesFile(services.addressOf('rss'), services.addressOf('web')),
    variables: {
      OWM_API_URL: services.addressOf('openweathermap'),
      OWM_API_KEY: WEATHER_KEY,
      KAGGLE_API_URL: services.addressOf('kaggle'),
      KAGGLE_USERNAME: username,
      KAGGLE_KEY: key,
      GDELT_URL: services.addressOf('gdelt'),
      COLLECT_ALLOW_PRIVATE_ADDRESSES: 'true',
    },
    close: async () => {
      await Promise.all([services.close(), store.close()]);
    },
  };
}

/** Written as a person would write it, with the default schedules. */
function sourcesFile(rss: string, web: string): string {
  const sources = [
    {
      id: 'news',
      kind: 'rss',
      label: 'Two feeds',
      settings: {
        feeds: [
          { name: 'News', url: `${rss}/news.xml` },
          { name: 'Culture', url: `${rss}/culture.xml` },
        ],
      },
    },
    {
      id: 'weather',
      kind: 'openweathermap',
      label: 'Weather of two cities',
      settings: {
        locations: [
          { id: 'cotonou', name: 'Cotonou', latitude: 6.3703, longitude: 2.3912 },
          { id: 'paris', name: 'Paris', latitude: 48.8566, longitude: 2.3522 },
        ],
      },
    },
    { id: 'events', kind: 'gdelt', label: 'Events of the world', settings: {} },
    { id: 'reviews', kind: 'kaggle', label: 'A dataset', settings: { datasets: [{ ref: DATASET }] } },
    {
      id: 'site',
      kind: 'web',
      label: 'A news site',
      settings: { sites: [{ url: `${web}/data`, take: 'json-ld' }] },
    },
  ];
  return stringify({ sources });
}

function feed(name: string): RssFeed {
  const items = Array.from({ length: ARTICLES }, (_, index) => ({
    guid: `${name}-${String(index)}`,
    title: `Article ${String(index + 1)} of ${name}`,
    link: `https://news.example/${name}/${String(index + 1)}`,
    description: `What happened on day ${String(index + 1)}.`,
    pubDate: new Date(Date.UTC(2026, 0, index + 1)).toUTCString(),
  }));
  return { title: name, link: 'https://news.example/', items };
}
