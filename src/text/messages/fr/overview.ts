import { createFormats } from '../formats.ts';
import type { overview as english } from '../en/overview.ts';

const { number, decimal, count } = createFormats('fr');

const videos = (value: number) => count(value, { one: 'vidéo', many: 'de vidéos', other: 'vidéos' });

/** `45 s`, `12 min`, `3,5 h`, `2,1 jours`. */
function duration(seconds: number): string {
  if (seconds < 90) return `${number(Math.round(seconds))}\u00a0s`;
  if (seconds < 90 * 60) return `${number(Math.round(seconds / 60))}\u00a0min`;
  if (seconds < 48 * 3600) return `${decimal(seconds / 3600)}\u00a0h`;
  return `${decimal(seconds / 86_400)}\u00a0jours`;
}

export const overview: typeof english = {
  title: videos,
  asOf: 'État au',
  away: (reason) => `${reason} Ce que vous voyez est plus ancien\u00a0:`,
  duration,
  unknown: '?',
  none: '–',
  trouble: {
    title: 'À surveiller',
    nothing: "Rien n'est en pause et aucune adresse de sortie ne se repose.",
    pausedBy: (queue, user) => `${queue} est en pause, à la demande de ${user}`,
    pausedInBoard: (queue) => `${queue} est en pause depuis Bull Board`,
    aPerson: "quelqu'un",
    fault: (queue, time) => `${queue} est en pause depuis ${time}`,
    backPressure: (queue, time) => `${queue} attend les étapes suivantes depuis ${time}`,
    onHosts: (hosts) => `sur ${hosts}`,
    rests: (address, time) => `L'adresse de sortie ${address} se repose encore ${time}`,
    probed: (address) => `L'adresse de sortie ${address} est mise à l'essai`,
    since: 'depuis',
    because: 'à cause de',
    probe: 'essai avec',
    drift: (objects) =>
      `${count(objects, { one: 'objet diffère', many: "d'objets diffèrent", other: 'objets diffèrent' })} entre le bucket et le miroir`,
    driftAdvice: '`npm run sync -- --verify` en donne la liste, `npm run sync` les copie de nouveau.',
    failed: (value) =>
      `${count(value, { one: 'vidéo a échoué', many: 'de vidéos ont échoué', other: 'vidéos ont échoué' })} définitivement`,
    showFailed: 'Voir lesquelles, pourquoi, et que faire',
    warning: 'Avertissement',
  },
  actions: {
    endRest: 'Mettre fin au repos',
    skipItem: 'Ignorer cet élément',
    resume: 'Reprendre',
    pause: 'Mettre en pause',
    pauseAll: 'Mettre tout le travail en pause',
    resumeAll: 'Tout reprendre',
    collectNow: 'Collecter maintenant',
    with: (action, target) => `${action}\u00a0: ${target}`,
  },
  notices: {
    rest_ended: 'Le repos est terminé\u00a0: le prochain départ est un essai.',
    not_resting: 'Elle ne se repose plus.',
    skipped: "L'élément est ignoré.",
    item_paused: 'La liste de lecture est en pause.',
    nothing_to_skip: "Il n'y a plus rien à ignorer.",
    paused: 'En pause\u00a0: les tâches en cours se terminent, aucune autre ne commence.',
    resumed: 'Le travail reprend.',
    not_paused: "Ce n'était pas en pause.",
    run_added: 'Un worker fait la collecte maintenant.',
    run_exists: 'Une collecte de cette source attend ou est en cours.',
    no_sources:
      'Le fichier des sources ne peut pas être lu sur la machine de ce tableau de bord\u00a0: utilisez `npm run collect` là où il se trouve.',
    run_disabled: 'Cette source ne peut pas être collectée\u00a0: `npm run collect -- --list` dit pourquoi.',
    unknown: 'Élément inconnu.',
  },
  figures: {
    audioStored: 'audio enregistré',
    sizeStored: 'taille enregistrée',
    hours: (value) => `${decimal(value)}\u00a0h`,
  },
  throughput: {
    title: 'Débit',
    lastHour: 'dernière heure',
    lastDay: 'dernier jour',
    period: 'période',
    stored: 'enregistrées',
    perHour: 'vidéos par heure',
    realTime: "heures d'audio par heure",
    failedAttempts: 'tentatives échouées',
    timeLeft: (waiting) =>
      `durée pour ${count(waiting, { one: 'vidéo en attente', many: 'de vidéos en attente', other: 'vidéos en attente' })}`,
    done: "rien n'attend",
    unknownTime: "rien n'est enregistré",
    chart: 'Vidéos enregistrées et tentatives échouées au cours du dernier jour, par pas de dix minutes',
    time: 'heure',
    asTable: 'Sous forme de tableau, heure par heure',
    hour: 'heure à partir de',
    audioHours: "heures d'audio",
  },
  queues: {
    title: "Étapes et files d'attente",
    queue: 'file',
    waiting: 'en attente',
    active: 'en cours',
    delayed: 'différées',
    failed: 'échouées',
    completed: 'terminées',
    oldest: 'plus ancienne attente',
    change: 'modifier',
    isPaused: 'en pause',
    failedRuns:
      "Les échecs de collect sont des collectes dont la source n'a pas pu être lue. Chaque source est collectée de nouveau selon son horaire\u00a0: `npm run health` dit où en est chacune.",
  },
  stores: {
    title: 'Zone de transit et miroir',
    staging: 'zone de transit',
    stagingFill: (files, bytes, maxBytes) => `${files}, ${bytes} sur ${maxBytes}`,
    files: (value, max) => `${number(value)} fichiers sur ${number(max)}`,
    notHere: 'pas sur cette machine',
    free: 'libre sur son disque',
    mirrorWaiting: 'en attente du miroir',
    mirrorOldest: 'plus ancien enregistrement en attente',
    mirrorDrift: 'écart à la dernière comparaison',
    noComparison: 'pas encore comparé',
    noMirror: 'pas de miroir',
    incomplete: 'comparaison incomplète',
  },
  egress: {
    title: 'Adresses de sortie',
    address: 'adresse',
    state: 'état',
    starts: 'départs de la dernière heure',
    next: 'prochain départ',
    reason: 'motif',
    serves: 'servie',
    rests: (time) => `se repose encore ${time}`,
    probed: "à l'essai",
    of: (used, budget) => `${number(used)} sur ${number(budget)}`,
    now: 'maintenant',
    in: (time) => `dans ${time}`,
  },
  playlists: {
    title: 'Listes de lecture',
    playlist: 'liste de lecture',
    announced: 'annoncées',
    found: 'trouvées',
    complete: 'complète',
    yes: 'oui',
    incomplete: 'non, incomplète',
    paused: 'en pause',
    failed: 'échec',
    unread: 'pas encore lue',
    all: (total) =>
      `Voir ${count(total, { one: 'liste de lecture', many: 'de listes de lecture', other: 'listes de lecture' })}`,
  },
  failures: {
    title: 'Vidéos en échec',
    reason: 'motif',
    videos: 'vidéos',
    advice: 'que faire',
    latest: 'Derniers échecs',
    video: 'vidéo',
    stage: 'étape',
    error: 'erreur',
    retries: 'Prochaines reprises',
    when: 'quand',
    now: 'maintenant',
    in: (time) => `dans ${time}`,
  },
  firstRun: {
    title: "L'archive est vide",
    intro:
      "Donnez l'adresse d'une liste de lecture, d'une chaîne ou d'un podcast, ou un fichier qui en contient une par ligne.",
    lines: 'Listes de lecture, une par ligne, comme dans playlist.txt',
    file: 'Ou un fichier, tel que playlist.txt',
    add: 'Ajouter et commencer',
    next: 'La suite',
    steps: [
      'Un worker lit chaque liste de lecture et enregistre ses vidéos.',
      'Chaque vidéo est téléchargée et devient un fichier audio vérifié.',
      "Le fichier est envoyé dans le bucket, puis copié vers le miroir s'il y en a un.",
      "Cette page montre l'avancement et dit que faire en cas d'échec.",
    ],
    viewer: 'Un opérateur peut ajouter des listes de lecture ici ou dans playlist.txt.',
    tooLarge:
      'Le fichier est trop grand\u00a0: 32\u00a0ko au plus peuvent être ajoutés ici. Indiquez-le plutôt dans PLAYLIST_FILE.',
  },
};
