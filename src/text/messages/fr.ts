import type { Messages } from './en.ts';
import { adviceInFrench } from './fr-advice.ts';
import { createFormats } from './formats.ts';
import { feedTexts } from './fr/feeds.ts';
import { frame } from './fr/frame.ts';
import { overview } from './fr/overview.ts';
import { playlistTexts } from './fr/playlists.ts';
import { tokenTexts } from './fr/tokens.ts';
import { video } from './fr/video.ts';
import { videoTexts } from './fr/videos.ts';

const format = createFormats('fr');
const { number, decimal, count, plural, bytes } = format;

const documents = (value: number) =>
  count(value, { one: 'document', many: 'de documents', other: 'documents' });
const newDocuments = (value: number) =>
  count(value, { one: 'nouveau document', many: 'de nouveaux documents', other: 'nouveaux documents' });
const NOT_READ = { one: "n'a pas été lue", other: "n'ont pas été lues" };
const hours = (value: number) => `${number(value)}\u00a0h`;

/**
 * The French texts. `\u00a0` is the space before a colon or a unit, where no line may break. One word for one thing:
 *
 * | English | French | English | French |
 * |---|---|---|---|
 * | video | vidéo (f) | worker | worker (m) |
 * | playlist | liste de lecture (f) | egress address | adresse de sortie (f) |
 * | channel | chaîne (f) | rest | repos (m), se reposer |
 * | queue | file (f) | pause, paused | mettre en pause, en pause |
 * | job | tâche (f) | staging | espace d'attente (m) |
 * | stage | étape (f) | bucket, object, blob | bucket, objet, blob (m) |
 * | round | tour (m) | mirror, mirrored | miroir (m), en miroir |
 * | attempt | tentative (f) | drift | écart (m) |
 * | retry | réessayer, nouvel essai (m) | snapshot | instantané (m) |
 * | discovered | trouvée | source | source (f) |
 * | downloaded | téléchargée | run | collecte (f) |
 * | stored | enregistrée | document | document (m) |
 * | failed, failure | en échec, échec (m) | feed | flux (m) |
 * | skip, skipped | ignorer, ignorée | token | jeton (m) |
 * | forget (a playlist) | oublier | viewer, operator | observateur, opérateur (m) |
 * | advice | conseil (m) | dashboard | tableau de bord (m) |
 * | throughput | débit (m) | log in, log out | se connecter, se déconnecter |
 */
export const fr: Messages = {
  language: 'fr',
  ownName: 'Français',
  format,
  frame,
  overview,
  playlists: playlistTexts,
  feeds: feedTexts,
  tokens: tokenTexts,
  video,
  videos: videoTexts,
  advice: adviceInFrench,
  words: {
    source: 'source',
    kind: 'type',
    state: 'état',
    documents: 'documents',
    new: 'nouveaux',
    updated: 'modifiés',
    duplicates: 'doublons',
    rejected: 'rejetés',
    added: 'ajoutés',
    runs: 'collectes',
    failed: 'échecs',
    received: 'reçu',
    reason: 'motif',
    items: 'éléments',
    lastSuccess: 'dernier succès',
    lastNewItem: 'dernière nouveauté',
    limit: 'limite',
    nextRun: 'prochaine collecte',
    when: 'quand',
    class: 'classe',
    error: 'erreur',
    started: 'début',
    status: 'statut',
    note: 'remarque',
    before: 'avant',
    after: 'après',
    growth: 'croissance',
    total: 'total',
    from: 'du',
    to: 'au',
    problems: 'problèmes',
    report: 'rapport',
  },
  health: {
    title: 'Santé des collectes',
    sources: 'Sources',
    latestRuns: 'Dernières collectes',
    noSources: "Aucune source n'est configurée. Leur liste est dans sources.yaml.",
    noRuns: 'Aucune collecte pour le moment.',
    documents,
    summary: (states, total) => `${states}\u00a0; ${documents(total)} au total.`,
    asOf: 'État au',
    states: {
      ok: 'OK',
      warning: 'à surveiller',
      failing: 'en échec',
      stale: 'obsolète',
      never: 'jamais collectée',
      disabled: 'désactivée',
    },
    stateCounts: {
      ok: (value) => `${number(value)} OK`,
      warning: (value) => `${number(value)} à surveiller`,
      failing: (value) => `${number(value)} en échec`,
      stale: (value) => count(value, { one: 'obsolète', other: 'obsolètes' }),
      never: (value) => count(value, { one: 'jamais collectée', other: 'jamais collectées' }),
      disabled: (value) => count(value, { one: 'désactivée', other: 'désactivées' }),
    },
    someUnhealthy:
      'Des sources ne vont pas bien. Vérifiez que les workers tournent (`npm run status`) et pourquoi les collectes échouent (`npm run report`).',
    causes: {
      missingKey: (variable) => `il manque ${variable}`,
      switchedOff: 'désactivée dans le fichier des sources',
      neverCollected: "Elle n'a pas encore été collectée\u00a0: vérifiez que les workers tournent.",
      late: (limit) =>
        `Aucun succès depuis plus de ${hours(limit)}\u00a0: vérifiez que les workers tournent.`,
      parts: (failed, all) =>
        `${count(failed, { one: 'partie', other: 'parties' })} sur ${number(all)} ${plural(failed, NOT_READ)}.`,
      partsForLong: (failed, limit) =>
        `${count(failed, { one: 'partie', other: 'parties' })} ${plural(failed, NOT_READ)} depuis plus de ${hours(limit)}.`,
      part: (name, note) => `${name}\u00a0: ${note}`,
      allRejected: (items) =>
        `${count(items, { one: 'élément a été trouvé, et il a été rejeté', other: 'éléments ont été trouvés, et tous ont été rejetés' })}\u00a0: \`npm run report\` dit pourquoi.`,
      partial: (note) => `La dernière collecte est incomplète\u00a0: ${note}.`,
      nothingNew: (limit) =>
        `Elle est lue sans erreur, mais n'a rien apporté de nouveau depuis plus de ${hours(limit)}. Vérifiez sur le site si elle a changé d'adresse.`,
      nothingEver: "Elle est lue sans erreur, mais n'a jamais rien apporté. Vérifiez ses réglages.",
    },
  },
  runs: {
    statuses: {
      running: 'en cours',
      success: 'succès',
      partial: 'partielle',
      failed: 'échec',
      skipped: 'omise',
    },
    triggers: { schedule: 'planifiée', manual: 'manuelle', catch_up: 'rattrapage' },
  },
  report: {
    title: 'Rapport de collecte',
    list: 'Rapports',
    noReports: 'Aucun rapport pour le moment. Il en est créé un chaque jour, et un par `npm run report`.',
    period: (from, to) => `Du ${from} au ${to}`,
    growth: 'Croissance\u00a0: documents ajoutés chaque jour',
    growthChart: 'Documents ajoutés chaque jour',
    noGrowth: (from, to) => `Aucun du ${from} au ${to}.`,
    audioFound: 'audios trouvés',
    sources: 'Sources',
    kinds: 'Types de sources',
    credit:
      "Un contenu présent dans deux sources compte pour celle qui l'a eu la première\u00a0; pour l'autre, c'est un doublon.",
    rejected: 'Éléments rejetés',
    problems: 'Problèmes',
    noProblems: 'Aucun sur cette période.',
    audio: 'Audio',
    videos: 'vidéos',
    audioStored: 'audio enregistré',
    sizeStored: 'taille enregistrée',
    mirrored: 'en miroir',
    notMirrored: 'pas encore en miroir',
    noMirror: 'sans miroir',
    failedVideos: 'en échec',
    snapshot: 'Dernier instantané',
    noSnapshot: 'Aucun instantané pour le moment.',
    unknownSize: 'taille inconnue',
    verified: 'vérifié',
    notVerified: 'non vérifié',
    verifiedAt: (moment) => `vérifié le ${moment}`,
    totals: (total) => `Documents\u00a0: **${number(total)}**`,
    counts: (counts) =>
      `Nouveaux\u00a0: **${number(counts.new)}**, modifiés\u00a0: ${number(counts.updated)}, doublons\u00a0: ${number(counts.duplicate)}, rejetés\u00a0: ${number(counts.rejected)}`,
    audioLine: (length, size, unmirrored) =>
      `Audio\u00a0: ${decimal(length)}\u00a0h, ${bytes(size)}, ${unmirrored === null ? 'sans miroir' : `${number(unmirrored)} pas encore en miroir`}`,
  },
  digest: {
    title: (inserted, unhealthy) =>
      `Collecte : +${String(inserted)} ${inserted < 2 ? 'document' : 'documents'}${unhealthy === 0 ? '' : `, ${String(unhealthy)} ${unhealthy < 2 ? 'source' : 'sources'} en alerte`}`,
    counts: (counts, total) =>
      `${newDocuments(counts.new)}, ${count(counts.updated, { one: 'modifié', other: 'modifiés' })}, ${count(counts.duplicate, { one: 'doublon', other: 'doublons' })}, ${count(counts.rejected, { one: 'rejeté', other: 'rejetés' })}\u00a0; ${documents(total)} au total.`,
    audio: (videos, length, size, failed) =>
      `Audio\u00a0: ${count(videos, { one: 'vidéo', other: 'vidéos' })}, ${decimal(length)}\u00a0h, ${bytes(size)}\u00a0; ${number(failed)} en échec.`,
    snapshot: (name, isVerified) =>
      `Dernier instantané\u00a0: ${name}, ${isVerified ? 'vérifié' : 'non vérifié'}.`,
    line: (label, text) => `${label}\u00a0: ${text}`,
  },
  collect: {
    before: 'Avant la collecte',
    after: 'Après la collecte',
    newInDay: (value) => `${newDocuments(value)} au cours des dernières 24 heures`,
  },
};
