/** The HTTP status that a text mentions, as a number or as its reason phrase: Windmill makes every error of a gateway a 400. */

/** Reason phrases that servers put into a page or a plain body, in the languages that Apache, Tomcat and IIS come in. */
const REASONS: readonly (readonly [RegExp, number])[] = [
  [/(?:unauthorized|authorization required|nicht autorisiert|non autorisé|no autorizado)(?!\p{L})/giu, 401],
  [/payment required(?!\p{L})/giu, 402],
  [
    /(?:forbidden|(?:access|permission) (?:is )?denied|(?:zugriff|zugang) verweigert|accès (?:refusé|interdit)|acceso (?:denegado|prohibido)|accesso negato|acesso negado)(?!\p{L})/giu,
    403,
  ],
  [
    /(?:(?:page |file )?not found|(?:objekt )?nicht gefunden|(?:objet )?non trouvé|no encontrado|non trovato|não encontrado)(?!\p{L})/giu,
    404,
  ],
  [/(?:method )?not allowed(?!\p{L})/giu, 405],
  [/proxy authentication required(?!\p{L})/giu, 407],
  [/(?:(?:request entity|payload|content|request) too (?:large|long)|anfrage zu groß)(?!\p{L})/giu, 413],
  [/(?:too many requests|zu viele anfragen|trop de requêtes|demasiadas (?:solicitudes|peticiones))(?!\p{L})/giu, 429],
  [
    /(?:internal server error|interner serverfehler|erreur interne(?: du serveur)?|error interno(?: del servidor)?|服务器内部错误|内部服务器错误|サーバー内部エラー)(?!\p{L})/giu,
    500,
  ],
  [/(?:bad gateway|proxy error|passerelle (?:incorrecte|invalide)|pasarela (?:no válida|incorrecta))(?!\p{L})/giu, 502],
  [
    /(?:service (?:temporarily )?unavailable|dienst nicht verfügbar|service (?:non disponible|indisponible)|servicio no disponible)(?!\p{L})/giu,
    503,
  ],
  [/gateway time-?out(?!\p{L})/giu, 504],
];

/** A text without the reason phrases of statuses: they say no more than a number does. */
export const withoutReasons = (text: string): string =>
  REASONS.reduce((rest, [phrase]) => rest.replace(phrase, " "), text);

/** Whether a text begins with a reason phrase. */
const beginsWith = (head: string, phrase: RegExp): boolean => head.search(phrase) === 0;

const PUNCTUATION = /^[^\p{L}\p{N}]{0,3}/u;
/** What may stand before a status at the beginning of a text. */
const LEAD =
  /^(?:HTTP(?:\/[\d.]{1,3})?\s|HTTP (?:error|status) |error(?: code)?:? |status(?: code)?:? |bad response status code |request failed with status code |\p{L}{1,20} HTTP )?([45]\d\d)\b(?![.:]\d|\s*(?:tokens|ms|s\b|requests))/iu;
const LATER = /\b(?:error|status|fehler|erreur)(?: code)?:? ([45]\d\d)\b|\bHTTP(?: error)? ([45]\d\d)\b/i;

/** The HTTP status that a message mentions in its first words, or null. */
export function statusIn(message: string): number | null {
  const head = message.slice(0, 300).replace(PUNCTUATION, "");
  const number = LEAD.exec(head)?.[1] ?? LATER.exec(head)?.slice(1).find(Boolean);
  if (number) return Number(number);
  return REASONS.find(([phrase]) => beginsWith(head, phrase))?.[1] ?? null;
}
