import type { videoTexts as english } from '../en/videos.ts';
import { createFormats } from '../formats.ts';

const { count, number, plural } = createFormats('fr');

const videos = (value: number) => count(value, { one: 'vidéo', many: 'de vidéos', other: 'vidéos' });
const of = (value: number, one: string, other: string) => `${number(value)} ${plural(value, { one, other })}`;

export const videoTexts: typeof english = {
  title: 'Vidéos',
  count: (value, isExact) => (isExact ? videos(value) : `plus de ${number(value)} vidéos`),
  countedAt: 'Les grands nombres datent du',
  statuses: {
    discovered: 'trouvée',
    downloaded: 'téléchargée',
    stored: 'enregistrée',
    mirrored: 'en miroir',
    retrying: 'nouvel essai prévu',
    failed: 'en échec',
    skipped: 'ignorée',
  },
  skipReasons: {
    too_short: 'trop courte',
    too_long: 'trop longue',
    title_not_included: 'aucun des mots voulus dans le titre',
    title_excluded: 'un mot exclu dans le titre',
    too_old: 'trop ancienne',
    too_new: 'trop récente',
    was_live: 'un ancien direct',
    short: 'un short',
    beyond_newest: 'pas parmi les plus récentes',
    unavailable: 'indisponible',
    ignored: 'ignorée par une personne',
    deleted: 'supprimée par une personne',
  },
  filters: {
    label: 'Filtrer les vidéos',
    text: 'Titre, identifiant ou adresse',
    status: 'Statut',
    playlist: 'Liste de lecture',
    class: 'Motif',
    language: 'Langue',
    channel: 'Identifiant de la chaîne',
    all: 'tous',
    submit: 'Filtrer',
    active: 'Filtres actifs',
    remove: (filter) => `Retirer le filtre ${filter}`,
    clear: 'Retirer tous les filtres',
    chip: (name, value) => `${name}\u00a0: ${value}`,
  },
  sorts: {
    label: 'Trier par',
    changed: 'dernier changement',
    published: 'date de publication',
    title: 'titre',
    duration: 'durée',
    size: 'taille',
  },
  orders: { label: 'Ordre', asc: 'croissant', desc: 'décroissant', usual: 'habituel' },
  columns: {
    select: 'choisir',
    video: 'vidéo',
    status: 'statut',
    reason: 'motif',
    length: 'durée',
    size: 'taille',
    published: 'publiée',
    changed: 'changée',
  },
  select: (title) => `Choisir ${title}`,
  selectAll: 'Tout choisir sur cette page',
  pages: {
    label: 'Pages de la liste',
    first: 'Première page',
    previous: 'Page précédente',
    next: 'Page suivante',
  },
  empty: {
    noMatch: 'Aucune vidéo ne correspond à ces filtres.',
    remove: 'Retirez-en un, ou tous.',
    none: "Il n'y a encore aucune vidéo.",
    add: "Ajoutez une liste de lecture, une chaîne ou une vidéo à la page des listes de lecture\u00a0; ses vidéos apparaissent ici dès qu'elle a été lue.",
    playlists: 'Aller aux listes de lecture',
    pastTheEnd: "Il n'y a plus rien sur cette page.",
  },
  exports: {
    label: 'Télécharger la liste\u00a0:',
    csv: 'en CSV',
    jsonLines: 'en JSON Lines',
    wrongFilter:
      'Un filtre de cette adresse est faux. Choisissez à nouveau les filtres dans la liste des vidéos.',
  },
  actions: {
    retry: 'Réessayer maintenant',
    skip: 'Ignorer',
    unskip: 'Archiver quand même',
    redownload: 'Télécharger à nouveau',
    remirror: 'Copier à nouveau vers Azure',
  },
  bulk: {
    legend: 'Que faire',
    selected: 'avec les vidéos choisies',
    matching: (howMany) => `avec toutes celles qui correspondent\u00a0: ${howMany}`,
    questions: {
      retry: (value) => `Réessayer ${videos(value)} maintenant\u00a0?`,
      skip: (value) => `Ignorer ${videos(value)}\u00a0?`,
      unskip: (value) => `Archiver quand même ${videos(value)}\u00a0?`,
      redownload: (value) => `Télécharger à nouveau ${videos(value)}\u00a0?`,
      remirror: (value) => `Copier à nouveau ${videos(value)} vers Azure\u00a0?`,
    },
    effects: {
      retry: "Chacune recommence à l'étape qui a échoué, et ses essais sont comptés à partir de zéro.",
      skip: "Elles ne sont pas archivées, et aucune lecture ultérieure ne les reprend. Rien de ce qui est archivé n'est supprimé. Cela peut être annulé.",
      unskip:
        "Elles sont téléchargées, y compris celles qu'un filtre avait écartées et celles qui avaient été supprimées.",
      redownload:
        'Elles sont téléchargées une nouvelle fois\u00a0; chaque fichier du bucket est remplacé quand le nouveau est complet.',
      remirror: 'Chacune est comparée à sa copie dans Azure, qui est remplacée si elle diffère.',
    },
    scope: (confirmed) =>
      `Au plus ${videos(confirmed)} ${plural(confirmed, { one: 'est modifiée', other: 'sont modifiées' })}, quelles que soient celles qui correspondent alors.`,
    filters: 'Quelles vidéos',
    allVideos: 'Toutes les vidéos, sans filtre',
    byStatus: 'Les vidéos qui correspondent, par statut',
    columns: { status: 'statut', videos: 'vidéos', happens: 'ce qui se passe' },
    changes: 'est modifiée',
    staysAsItIs: 'reste telle quelle',
    confirm: 'Oui, le faire',
    cancel: 'Non, revenir',
    nothing: "Aucune de ces vidéos n'est dans un état qui le permette.",
    busy: "Deux opérations de ce genre sont en cours. Attendez que l'une soit finie, puis réessayez.",
    audioDeleted: "Son audio est supprimé. La fiche reste, pour qu'aucune lecture de liste ne la ramène.",
    deletionPending:
      'Son audio est en cours de suppression\u00a0: ce qui reste, comme la copie dans Azure, est supprimé en arrière-plan.',
    nothingSelected: "Rien n'a été fait\u00a0: choisissez d'abord des vidéos.",
    notUnderstood:
      "Rien n'a été fait\u00a0: la demande n'a pas été comprise. Choisissez à nouveau dans la liste.",
    tooMany: (limit) =>
      `Rien n'a été fait\u00a0: on peut choisir au plus ${videos(limit)}. Au-delà, utilisez «\u00a0avec toutes celles qui correspondent\u00a0».`,
  },
  run: {
    titles: {
      'videos.retry': 'Nouvel essai de vidéos',
      'videos.skip': 'Vidéos à ignorer',
      'videos.unskip': 'Archivage quand même',
      'videos.redownload': 'Nouveau téléchargement de vidéos',
      'videos.remirror': 'Nouvelles copies dans Azure',
      'videos.undo skip': 'Vidéos à ne plus ignorer',
    },
    progress: (done, total) => `${number(done)} sur ${videos(total)}`,
    states: {
      running: "C'est en cours. Vous pouvez quitter cette page\u00a0: l'opération continue.",
      finished: "C'est fini.",
      interrupted:
        "L'opération a été interrompue. Ce qui est fait reste fait\u00a0; la même opération fait le reste.",
      failed:
        'Une erreur a arrêté cette opération. Ce qui est fait reste fait\u00a0; la même opération fait le reste.',
    },
    by: (user) => `Lancée par ${user}`,
    somebody: "quelqu'un",
    back: 'Aller aux vidéos',
    undo: 'Ne plus les ignorer',
    undoEffect:
      "L'annulation reprend exactement les vidéos que cette opération a changées\u00a0: celles qui étaient en échec le sont à nouveau, les autres sont téléchargées.",
    error: 'Erreur',
  },
  outcomes: {
    retried: (value) => of(value, 'réessayée', 'réessayées'),
    skipped: (value) => of(value, 'ignorée', 'ignorées'),
    unskipped: (value) => of(value, 'est téléchargée maintenant', 'sont téléchargées maintenant'),
    restored: (value) => of(value, 'est comme avant', 'sont comme avant'),
    restarted: (value) => of(value, 'recommencée', 'recommencées'),
    refused: (value) =>
      of(
        value,
        "inchangée\u00a0: ni en échec ni en attente d'un nouvel essai",
        "inchangées\u00a0: ni en échec ni en attente d'un nouvel essai",
      ),
    archived: (value) => of(value, 'inchangée\u00a0: déjà archivée', 'inchangées\u00a0: déjà archivées'),
    deleted: (value) =>
      of(value, 'inchangée\u00a0: supprimée auparavant', 'inchangées\u00a0: supprimées auparavant'),
    not_skipped: (value) => of(value, "inchangée\u00a0: n'est pas ignorée", 'inchangées\u00a0: pas ignorées'),
    on_its_way: (value) =>
      of(value, "inchangée\u00a0: en cours d'archivage", "inchangées\u00a0: en cours d'archivage"),
    not_stored: (value) =>
      of(value, 'inchangée\u00a0: pas enregistrée', 'inchangées\u00a0: pas enregistrées'),
    unknown: (value) => of(value, 'inconnue', 'inconnues'),
    error: (value) =>
      of(
        value,
        "n'a pas pu être modifiée pour le moment\u00a0; réessayez",
        "n'ont pas pu être modifiées pour le moment\u00a0; réessayez",
      ),
  },
  otherOutcome: (value, outcome) => `${number(value)} ${outcome}`,
};
