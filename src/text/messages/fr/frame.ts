import type { frame as english } from '../en/frame.ts';

export const frame: typeof english = {
  skipLink: 'Aller au contenu',
  navigationLabel: 'Pages',
  navigation: {
    overview: "Vue d'ensemble",
    videos: 'Vidéos',
    playlists: 'Listes de lecture',
    feeds: 'Flux',
    queues: 'Files',
    health: 'Collecte',
    reports: 'Rapports',
    metrics: 'Métriques',
    api: 'API',
  },
  roles: { viewer: 'observateur', operator: 'opérateur' },
  logOut: 'Se déconnecter',
  languageLabel: 'Langue',
  connection: {
    lost: "Le tableau de bord ne répond pas\u00a0: ce que montre cette page n'est peut-être plus à jour.",
    loggedOut: 'Votre session est terminée. Rechargez la page pour vous reconnecter.',
  },
  login: {
    title: 'Connexion',
    name: 'Nom',
    password: 'Mot de passe',
    submit: 'Se connecter',
    incomplete: 'Le nom et le mot de passe sont nécessaires.',
    wrong: 'Le nom ou le mot de passe est incorrect.',
    tooEarly: (waitSeconds) =>
      `Plusieurs connexions avec ce nom depuis votre adresse ont échoué. Réessayez dans ${String(waitSeconds)}\u00a0s.`,
    needed: 'Connectez-vous sur /login ou par HTTP Basic.',
  },
  problems: {
    notFound: 'Page introuvable',
    notFoundText: "Il n'y a rien à cette adresse. Ce qu'elle montrait a peut-être été supprimé.",
    notAllowed: 'Action non autorisée',
    viewersOnlyRead:
      "Seuls les opérateurs peuvent modifier quelque chose\u00a0; ce compte est celui d'un observateur.",
    foreignOrigin: "La requête venait d'une page d'un autre site et a été rejetée.",
    localOnly:
      'Sans connexion, le tableau de bord ne répond que sur localhost. Définissez DASHBOARD_USER et DASHBOARD_PASSWORD, ou DASHBOARD_USERS_FILE.',
    cannotBeShown: 'Cette page ne peut pas être affichée',
    unexpected: "Une erreur inattendue s'est produite. Le journal du tableau de bord donne les détails.",
    unreadable: "La requête n'a pas pu être lue.",
    home: "Aller à la vue d'ensemble",
  },
};
