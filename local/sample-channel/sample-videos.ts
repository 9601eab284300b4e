import type { VideoDefinition } from './definitions.ts';

/** Short readings. Two ids differ only in letter case, and one begins with a hyphen: YouTube has such ids. */
const READINGS = [
  {
    id: 'sample00001',
    title: 'The weaver bird',
    voice: 'en-gb',
    text: 'At the edge of the village stood a tall palm, and in the palm lived forty weaver birds. Each morning they tied a new knot, and each evening the wind undid one of them.',
  },
  {
    id: 'sample00002',
    title: 'Le marché du samedi',
    voice: 'fr-fr',
    text: 'Le samedi, le marché ouvre avant le soleil. On y vend du maïs, des piments, du tissu bleu, et les nouvelles de toute la semaine, qui ne coûtent rien.',
  },
  {
    id: 'sample00003',
    title: 'Counting to twenty',
    voice: 'en-us',
    text: 'One, two, three, four, five, six, seven, eight, nine, ten. Eleven, twelve, thirteen, fourteen, fifteen, sixteen, seventeen, eighteen, nineteen, twenty.',
  },
  {
    id: 'sample00004',
    title: 'Der Fluss im Regen',
    voice: 'de',
    text: 'Wenn der Regen kommt, steigt der Fluss über die kleine Brücke. Dann warten wir am Ufer, bis das Wasser wieder klar ist, und erzählen uns Geschichten.',
  },
  {
    id: 'sample00005',
    title: 'Hadithi ya sungura',
    voice: 'sw',
    text: 'Hapo zamani sungura na kobe walikuwa marafiki. Siku moja walishindana mbio mpaka mtoni, na kobe akafika kwanza kwa sababu hakulala njiani.',
  },
  {
    id: 'sample00006',
    title: 'La casa de las ventanas',
    voice: 'es',
    text: 'En la calle larga hay una casa con cien ventanas. Nadie sabe quién vive dentro, pero cada noche se enciende una luz distinta.',
  },
  {
    id: 'sample00007',
    title: 'Notes on a drum',
    voice: 'en-gb-scotland',
    text: 'The low drum speaks first. The middle drum answers, and the small drum asks the same question again until everybody dances.',
  },
  {
    id: 'sample00008',
    title: 'O barco e a maré',
    voice: 'pt',
    text: 'O barco saiu cedo com a maré. Voltou ao fim da tarde com pouco peixe, muita água e uma história comprida para contar.',
  },
  {
    id: 'sampleFlaky',
    title: 'A recording that needs three attempts',
    voice: 'it',
    text: 'Chi prova una volta sola non sa se la porta è chiusa. Chi prova tre volte trova la maniglia, apre piano ed entra.',
  },
  {
    id: 'sampleCase1',
    title: 'Capital letters',
    voice: 'nl',
    text: 'Een hoofdletter is groter dan een kleine letter, maar ze maken dezelfde klank. Toch zijn het twee verschillende namen.',
  },
  {
    id: 'samplecase1',
    title: 'Small letters',
    voice: 'pl',
    text: 'Mała litera stoi cicho w środku zdania. Nikt jej nie zauważa, a bez niej żadne słowo nie byłoby całe.',
  },
  {
    id: '-sampledash',
    title: 'A name that begins with a hyphen',
    voice: 'sv',
    text: 'Ett namn kan börja med ett streck. Den som läser det måste veta att det inte är en fråga utan bara ett namn.',
  },
];

/** The videos of the sample channel, half of them m4a (AAC), half webm (Opus). */
export const SAMPLE_VIDEOS: readonly VideoDefinition[] = READINGS.map(({ id, title, voice, text }, index) => {
  // Semitones above 220 Hz, so that the files differ where espeak-ng is not installed.
  const toneHz = Math.round(220 * 2 ** (index / 12));
  return {
    id,
    title,
    container: index % 2 === 0 ? 'm4a' : 'webm',
    audio: { kind: 'speech', voice, text, toneHz },
  };
});

/** The video that fails twice before it succeeds. */
export const FLAKY_VIDEO_ID = 'sampleFlaky';
/** The private video of the first playlist: it has a row and a title, but cannot be played. */
export const PRIVATE_VIDEO_ID = 'err-private';
