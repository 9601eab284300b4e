import type { feedTexts as english } from '../en/feeds.ts';
import { createFormats } from '../formats.ts';

const { number } = createFormats('fr');

/** Les flux pour les lecteurs de podcasts. */
export const feedTexts: typeof english = {
  title: 'Flux',
  opmlTitle: 'Sonothèque',
  description: (title) => `L'audio de «\u00a0${title}\u00a0», dans cette archive.`,
  source: (address) => `Source\u00a0: ${address}`,
  intro:
    "Un lecteur de podcasts abonné à un flux reçoit l'audio de sa liste de lecture, le plus récent d'abord, puis chaque nouvelle vidéo dès qu'elle est archivée.",
  withLogin: 'Avec identification',
  withLoginHint: 'Pour les lecteurs qui demandent un nom et un mot de passe\u00a0: ceux du tableau de bord.',
  secretTitle: 'Sans identification\u00a0: adresses secrètes',
  secretHint:
    'Qui connaît une adresse secrète peut écouter ce flux. Créez-en une par personne ou par lecteur, pour pouvoir les révoquer une par une.',
  allSecretHint:
    "Qui connaît une telle adresse peut écouter tous les flux. C'est celle d'une liste (OPML) que les lecteurs importent.",
  opml: 'Tous les flux, en une liste pour les lecteurs (OPML)',
  allFeeds: 'Tous les flux',
  name: 'Pour qui, ou pour quel lecteur',
  make: 'Créer une adresse secrète',
  revoke: 'Révoquer cette adresse',
  revokeNamed: (name) => `Révoquer cette adresse\u00a0: ${name}`,
  made: "La nouvelle adresse. Elle n'est affichée que maintenant\u00a0: copiez-la dans le lecteur.",
  copyLabel: 'Adresse secrète',
  again: 'Si elle est perdue, créez-en une autre et révoquez celle-ci.',
  revoked: "L'adresse est révoquée.",
  gone: "Cette adresse n'existe plus.",
  full: (most) => `Le flux a déjà ${number(most)} adresses. Révoquez-en une d'abord.`,
  nameNeeded: "Dites pour qui ou pour quel lecteur est l'adresse, en 100 caractères au plus.",
  none: "Pas encore d'adresse secrète.",
  columns: {
    name: 'pour',
    madeAt: 'créée',
    madeBy: 'par',
    lastUsed: 'dernière utilisation',
    action: 'action',
  },
  neverUsed: 'jamais',
  subscribe: "S'abonner",
  noPlaylists: "Il n'y a pas encore de flux\u00a0: chaque liste de lecture en a un.",
  playlists: 'Listes de lecture',
};
