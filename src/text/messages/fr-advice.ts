import {
  ERROR_CLASSES,
  isErrorClass,
  isFinal,
  type ErrorClass,
  type Outcome,
} from '../../domain/error-classes.ts';

/** What `domain/error-classes.ts` says in English. */
const ADVICE: Readonly<Record<ErrorClass, string>> = {
  network: 'La connexion a échoué. Vérifiez le réseau si cela continue.',
  timeout:
    'Le serveur ou le programme a mis trop de temps. Augmentez le délai maximal si cela se produit souvent.',
  stall: "Le transfert n'avançait plus et a été interrompu.",
  server_error: 'Le serveur a répondu par une erreur interne.',
  truncated_media: "L'audio téléchargé est plus court qu'annoncé.",
  broken_media: "L'audio téléchargé ne peut pas être décodé.",
  extraction:
    'Le site a changé et cette version de yt-dlp ne sait plus le lire. Mettez-la à jour\u00a0: `npm run update-yt-dlp`.',
  storage_mismatch:
    'Les données enregistrées diffèrent des données envoyées. Vérifiez les disques du stockage si cela continue.',
  object_missing: "L'objet n'est plus dans le stockage. Si cela continue, téléchargez de nouveau la vidéo.",
  staged_file_missing: 'Le fichier en attente a disparu.',
  worker_lost: "Le worker s'est arrêté pendant cette tâche. Vérifiez-le si cela se reproduit.",
  source_format: "La réponse de la source n'est pas valide ou n'a pas le format documenté.",
  unknown: 'La cause est inconnue. Le message et le journal donnent des détails.',
  bot_check: 'Le site demande une vérification anti-robot. Réduisez le débit ou configurez des cookies.',
  rate_limited: 'Le site limite cette adresse.',
  outage:
    'Beaucoup de vidéos échouent de la même façon\u00a0: le réseau ou le site est en panne, ou yt-dlp est trop ancien pour ce site. Vérifiez le réseau et mettez yt-dlp à jour.',
  address_unusable:
    'Le fichier de cookies de cette adresse de sortie est inutilisable\u00a0; les autres continuent. Corrigez-le, puis lancez `npm run retry -- --end-rest ADDRESS`.',
  disk_full: "Le disque est plein. Libérez de l'espace dans le répertoire d'attente.",
  tool_missing: 'Il manque un programme. `npm run doctor` indique lequel.',
  credentials: "L'accès a été refusé. Vérifiez les clés dans l'environnement.",
  storage_missing: "Le bucket ou le conteneur n'existe pas et ne peut pas être créé. Créez-le.",
  storage_full: "Le stockage d'objets est plein. Libérez-y de l'espace.",
  record_unavailable: 'MongoDB est injoignable. Démarrez-le ou vérifiez MONGO_URL.',
  redis_full: 'La mémoire de Redis est pleine. Augmentez `maxmemory` ou ajoutez de la mémoire.',
  redis_unavailable: 'Redis ne répond pas. Démarrez-le ou vérifiez REDIS_URL.',
  cookies_unusable:
    "Le fichier de cookies de EGRESS ou de YTDLP_EXTRA_ARGS manque, n'est pas au format Netscape ou n'est plus valable. Exportez-le de nouveau.",
  local_configuration: "Cette machine n'est pas bien configurée. Lancez `npm run doctor`.",
  private:
    "Son propriétaire l'a rendue privée. Demandez l'accès et configurez des cookies, ou retirez-la de la liste.",
  removed: "Elle a été supprimée à la source. Il n'y a rien à télécharger.",
  members_only: "Elle est réservée aux membres de la chaîne. Configurez les cookies d'un membre.",
  payment_required: "Elle est payante. Configurez les cookies d'un compte qui l'a achetée.",
  sign_in_required:
    "Le site ne la montre qu'aux comptes connectés. Configurez des cookies et mettez yt-dlp à jour.",
  age_restricted: "Elle exige le compte d'un adulte connecté. Configurez des cookies.",
  geo_blocked: 'Elle est bloquée dans le pays de cette adresse. Utilisez un proxy dans un autre pays.',
  drm: 'Elle est protégée par des DRM et ne peut pas être archivée.',
  unsupported: 'Cette URL ou cet identifiant ne peut pas être téléchargé.',
  no_audio: "Elle n'a pas de son.",
  wrong_duration:
    "Le site fournit un fichier complet dont la durée n'est ni celle de la vidéo ni celle de son format. Vérifiez-la à la source.",
  never_available:
    "Elle est restée annoncée ou en direct plus longtemps que UNAVAILABLE_MAX_DAYS, sans qu'un enregistrement paraisse. Vérifiez-la à la source.",
  too_large:
    "La taille ou la durée dépasse la limite\u00a0: MAX_SIZE_BYTES, MAX_OUTPUT_BYTES ou MAX_DURATION_SECONDS pour l'audio, celle de la source dans sources.yaml pour le reste. Augmentez la limite.",
  too_complex:
    "Sa lecture demande plus de temps, de mémoire ou d'espace disque que toute chose ordinaire\u00a0: elle est abîmée ou faite pour nuire. Vérifiez-la à la source.",
  playlist_missing:
    "La liste de lecture ou la chaîne n'existe pas ou est privée. Vérifiez l'orthographe de sa ligne dans le fichier des listes de lecture\u00a0; elle est relue selon son calendrier.",
  source_refused: 'La source a refusé la requête. Vérifiez sa clé et ses réglages dans sources.yaml.',
  source_missing: "La source n'a rien à cette URL. Vérifiez l'URL dans sources.yaml.",
  source_settings: 'Les réglages de la source dans sources.yaml ne sont pas valables. Corrigez-les.',
  address_refused:
    "Cette URL ne doit pas être demandée\u00a0: elle est privée, sur un autre hôte, ou le site l'interdit aux robots.",
  object_name:
    "Le bucket et le conteneur n'acceptent pas tous deux ce nom. Renommez l'objet dans le bucket ou retirez-le.",
  blob_archived:
    "Le blob est dans le niveau archive d'Azure : il ne peut être ni lu ni remplacé. Changez son niveau (réhydratation) ou supprimez-le dans Azure.",
  invalid_payload:
    "La tâche n'a pas été créée par ce programme, ou l'a été par une autre version. Retirez-la dans le tableau de bord.",
  poison:
    "Chaque worker qui s'en chargeait s'est arrêté. Consultez le journal du système (mémoire, plantages).",
  premiere: "Elle n'est pas encore publiée. Un nouvel essai aura lieu quand elle devrait l'être.",
  source_limited: 'La source demande une pause. Elle est sollicitée de nouveau après la pause.',
  recording_pending:
    "Le direct est terminé, mais l'enregistrement est encore en préparation. Un nouvel essai aura lieu quand il devrait être prêt.",
  live: "Le direct n'est pas terminé. Un nouvel essai aura lieu quand il devrait l'être.",
  shutdown: 'Le worker a été arrêté. La tâche est retournée dans sa file.',
  back_pressure: "L'espace d'attente est plein\u00a0: des fichiers terminés attendent leur envoi.",
  egress_rest:
    'Le budget de toutes les adresses de sortie est épuisé, ou elles se reposent. Voir `npm run status`.',
  isolation:
    'Plusieurs workers se sont arrêtés pendant cette tâche\u00a0; la prochaine fois, elle sera traitée seule.',
  postponed: "Elle attend la fin d'une autre tâche.",
};

/** What happens by itself while the outcome lasts. */
const AUTOMATIC: Readonly<Record<Outcome, string>> = {
  transient: ' Un nouvel essai a lieu automatiquement.',
  throttled: ' Les téléchargements se reposent et reprennent automatiquement.',
  operator: ' Le travail reprend automatiquement.',
  permanent: '',
  later: '',
  interrupted: '',
  snooze: ' La suite est automatique.',
};

/** `adviceFor` in French. */
export function adviceInFrench(
  errorClass: string | null | undefined,
  state: 'open' | 'failed' = 'open',
): string {
  const known = errorClass && isErrorClass(errorClass) ? errorClass : 'unknown';
  if (state === 'open') return `${ADVICE[known]}${AUTOMATIC[ERROR_CLASSES[known].outcome]}`;
  if (isFinal(known)) return ADVICE[known];
  return `${ADVICE[known]} Ensuite, \`npm run retry -- --class ${known}\` relance.`;
}
