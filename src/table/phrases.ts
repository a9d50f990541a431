/**
 * Sentences of any wording: a subject and what is said of it, near each other in one sentence, in either order. Rows use them as their
 * `gist`, below words that they know for certain; two gists that fit equally well are no knowledge.
 */

/** What errors are about. Other languages stand behind English. */
const SUBJECTS = {
  key: "\\b(?:api|access|auth\\w*|bearer|secret|subscription|virtual|id)?[ _-]?(?:keys?|apikeys?)\\b|\\b(?:access |bearer |auth\\w* |id |this |the |your )?token\\b|\\bcredentials?\\b|\\bauthori[sz]ation\\b|\\bauthentication\\b|\\bjwt\\b|密钥|令牌|キー|키|ключ|токен|schl[üu]ssel|\\bcl[ée]\\b|\\bclave\\b|\\bchiave\\b|\\bchave\\b",
  model:
    "(?:^|[^\\p{L}\\d/])(?:gpt|claude|gemini|gemma|llama|qwen|mistral|mixtral|deepseek|grok|kimi|glm|phi)-?\\d[\\w.:-]*|\\bmodels?\\b|\\bdeployment\\b|模型|モデル|모델|модел|\\bmodell\\b|\\bmod[èe]le\\b|\\bmodelo\\b|\\bmodello\\b",
  money:
    "\\bcredits?\\b|\\bbalance\\b|\\bquota\\b|\\bfunds\\b|\\bprepaid\\b|\\bbudget\\b|\\bspend(?:ing)? cap\\b|\\bsubscription\\b|\\bpayment(?: method)?\\b|\\bbilling\\b|余额|额度|残高|잔액|баланс|средств|guthaben|kontingent|\\bsaldo\\b|\\bcrédits?\\b|\\bcréditos\\b|\\bcard\\b|\\bfonds\\b|\\bfondos\\b",
  requests:
    "\\brequests?\\b|\\bconcurren\\w*|\\bcalls?\\b|\\brate\\b|\\b[rt]p[md]\\b|\\btokens per\\b|请求|リクエスト|요청|запрос|\\banfragen\\b|\\brequêtes\\b|\\bsolicitudes\\b|\\bpeticiones\\b|\\brequisições\\b|\\brichieste\\b|\\bzapyta\\w*",
  rights:
    "\\broles?\\b|\\bpermissions?\\b|\\bscopes?\\b|\\bprivileges?\\b|\\brights\\b|权限|権限|права|berechtigung\\w*|\\bdroits\\b|\\bpermisos?\\b",
  provider: "\\bprovider\\b|\\bupstream\\b",
  tools: "\\btools?\\b|\\bfunction[ -]?call\\w*\\b|\\btool[ -]?(?:use|choice|call\\w*)\\b|工具|ツール",
  prompt:
    "\\bprompt\\b|\\binput\\b|\\bcontext\\b|\\bconversation\\b|\\bmessages?\\b|\\btokens\\b|上下文|输入|コンテキスト|kontext|\\bcontexte\\b|\\bcontexto\\b",
  server:
    "\\bservers?\\b|\\bservice\\b|\\bmodels?\\b|\\bengine\\b|\\bbackend\\b|\\bcapacity\\b|\\bsystem\\b|服务|サーバー|서버|сервер|\\bdienst\\b|\\bserveur\\b|\\bservidor\\b",
  memory:
    "\\bmemory\\b|\\bvram\\b|\\bkv cache\\b|\\bcuda\\d*\\b|\\bgpu\\b|内存|显存|メモリ|메모리|памят|speicher|\\bmémoire\\b|\\bmemoria\\b",
  body: "\\brequest body\\b|\\bpayload\\b|\\brequest size\\b|\\bbody size\\b",
  link: "\\brequest\\b|\\bupstream\\b|\\bresponse\\b|\\bconnection\\b|\\bmodel\\b|\\bbackend\\b|\\bserver\\b|请求|连接",
  text: "\\bcontent\\b|\\bprompt\\b|\\binput\\b|\\brequest\\b|\\bmessage\\b|\\bcontenu\\b|\\bcontenido\\b|\\bconteúdo\\b|\\binhalt\\b|内容|输入|コンテンツ|контент",
  option:
    "\\b(?:temperature|top_p|stream_options|tool_choice|response_format|reasoning_effort|parallel_tool_calls|thinking)\\b",
  field:
    "\\bparameters?\\b|\\bfields?\\b|\\barguments?\\b|\\bproperty\\b|[`'\"](?:temperature|top_p|stop|stream_options|tool_choice|response_format|reasoning_effort|parallel_tool_calls|seed|n|user)[`'\"]|\\b(?:temperature|top_p|stream_options|tool_choice|response_format|reasoning_effort|parallel_tool_calls|thinking)\\b|参数|パラメータ|параметр",
} as const;
export type Subject = keyof typeof SUBJECTS;

/** What is said of them. */
const PREDICATES = {
  absent:
    "\\bmissing\\b|\\bno (?=\\S{0,8} ?\\b(?:api|key|token|auth))|not (?:provided|supplied|sent|given|set|present|specified)|\\babsent\\b|\\bempty\\b|未提供|缺少|fehlt|ausente|manquante?|\\bfalta\\b|отсутствует",
  invalid:
    "\\binvalid\\b|\\bincorrect\\b|not (?:valid|recogni[sz]ed|accepted)|\\bwrong\\b|malformed|\\bunknown\\b|\\bfail(?:ed|ure|s)?\\b|(?:supply|use|provide|enter|pass) (?:a |your )?valid|\\binvalido\\b|\\brejected\\b|should match|not found|does(?: not|n't) exist|不正确|无效|错误|無効|正しくありません|유효하지|잘못된|неверн|недействит|ungültig|falsch|invalide|non valide|incorrecte|inválid[oa]|no válid[oa]|incorrect[oa]|non valid[oa]",
  lacking:
    "do(?:es)? not (?:permit|allow|have|include)|\\black(?:s|ing)?\\b|insufficient|not (?:granted|sufficient|enough)|\\bmissing\\b|不足|fehl\\w*|insuffisants?",
  needy:
    "requires? (?:\\S+ ){0,3}(?:approval|access|acceptance|subscription|agreement|application)|wait ?list|\\bgated\\b|not (?:been )?(?:enabled|activated|opened) for your|未开通|未激活",
  broke:
    "\\bclosed\\b|unexpected(?:ly)?|not valid|malformed|interrupted|disconnected|invalid response|returned (?:an? )?(?:error|empty|invalid)|\\bcrashed\\b",
  expired: "\\bexpired\\b|过期|期限切れ|만료|истек|abgelaufen|expirée?|expirad[oa]|caducad[oa]|scadut[oa]",
  disabled:
    "\\bdisabled\\b|\\bblocked\\b|\\brevoked\\b|\\bsuspended\\b|\\bbanned\\b|\\bdeactivated\\b|\\bpaused\\b|禁用|封禁|停用|заблокирован|gesperrt|deaktiviert|désactivée?|bloqueada?",
  gone: "(?:could not|cannot) be found|(?:was|been|is) (?:removed|withdrawn|sunset|shut down)|\\bsunset\\b|\\bdeleted\\b|not found|\\boffline\\b|does(?: not|n't) exist|\\bunknown\\b|\\bdeprecated\\b|\\bretired\\b|decommissioned|end of (?:its )?life|no longer|(?:shut|switched) (?:down|off)|not (?:available|served|installed|deployed)|no such|不存在|未找到|已下线|見つかりません|存在しません|찾을 수 없|не найден|не существует|nicht (?:gefunden|verfügbar)|existiert nicht|introuvable|n'existe pas|no (?:existe|encontrad[oa])|não (?:existe|encontrad[oa])|non (?:esiste|trovato)",
  barred:
    "no access|(?:limited|restricted|reserved) (?:to|for)|not (?:have )?(?:access|permission|allowed|permitted|authori[sz]ed|entitled|include|included)|does not include access|无权|没有权限|权限不足|kein(?:en)? zugriff|pas accès|sin acceso|нет доступа",
  spent:
    "no (?:remaining|more)|\\blapsed\\b|\\bno .{0,20} left\\b|\\breached\\b|\\bdeclined\\b|\\bupdate\\b|\\brecharge\\b|insufficient|exceeded|exhausted|used up|run(?:s|ning)? out|out of|depleted|not enough|too low|negative|\\benter\\b|\\badd\\b|\\bincluded\\b.{0,20}for|不足|用尽|用完|부족|недостаточно|исчерпан|aufgebraucht|erschöpft|nicht ausreichend|insuffisants?|épuisé|insuficiente|agotad[oa]|insufficiente|esaurito",
  many: "limit of \\d[\\d,.]*\\b|may only send|too fast|limit (?:hit|reached)|przekroczon\\w*|too many|(?:reached|hit|exceeded) (?:\\S+ ){0,4}limits?\\b|limit(?:s|ed)? (?:was |is |has been )?(?:exceeded|reached|hit)|\\bexceeded\\b|\\blimiting\\b|hit the limit|slow down|throttl\\w*|arrest|过于频繁|过多|频率|多すぎ|너무 많|слишком много|zu viele|überschritten|trop de|dépassée?|demasiad[oa]s|excedid[oa]|superado|troppe",
  refused:
    "not (?:currently )?(?:supported|enabled|available|implemented|allowed)|unsupported|do(?:es)?(?: not|n't) support|cannot be used|\\bhas no\\b|can(?:not|'t) (?:use|call)|\\bdisabled\\b|不支持|サポートされていません|지원하지|не поддержива|nicht unterstützt|pas (?:supportée?|pris en charge)|no (?:es )?compatible|não suporta",
  long: "too long|too large|exceed(?:s|ed)?|longer than|window is|too small|larger than|over the (?:maximum|limit)|maximum|过长|超出|超过|超えて|слишком длин|zu lang|trop long|demasiado larg[oa]",
  busy: "overload\\w*|\\bbusy\\b|high demand|maximum load|too many users|at capacity|capacity constraints|no capacity|too much traffic|saturat\\w*|繁忙|饱和|混雑|과부하|перегруж|überlastet|ausgelastet|surchargé|saturad[oa]|sobrecargad[oa]",
  starting:
    "not (?:loaded|ready|started) yet|being (?:downloaded|pulled|deployed|loaded|started)|cold start|provisioning|spinning up|\\bloading\\b|\\bstarting\\b|warming up|scal(?:ed|ing) up|initiali[sz]ing|not ready|正在加载|启动中|загружается|wird geladen|en cours de chargement",
  late: "timed[ -]?out|超时|タイムアウト|délai .{0,10}dépassé|zeitüberschreitung|tiempo de espera",
  unsafe:
    "\\bflagged\\b|violat\\w*|injection|\\bpii\\b|safety|guardrails?|moderation|inappropriate|harmful|sicherheitsfilter|filtre de sécurité|filtro de seguridad|敏感|违规|不当",
  confined:
    "must be|\\binvalid\\b|only .{0,30}(?:allowed|supported|accepted)|not (?:supported|allowed|permitted)|\\bforbidden\\b|only accepts?|unsupported",
  short:
    "\\bneeds\\b|\\bonly\\b.{0,24}(?:free|available|left)|not enough|out of|insufficient|unable to allocate|alloc_failed|failed to allocate|cannot allocate|no (?:free )?space|free space|exceeded|exhausted|不足|부족|не хватает|reicht nicht|insuffisante?|insuficiente",
} as const;
export type Predicate = keyof typeof PREDICATES;

/** Characters of one sentence that may stand between a subject and what is said of it. */
const NEAR = 50;
/** Things that have keys, limits and terms too, and are none of a chat's: files, disks, pictures, audio. */
const ELSEWHERE =
  /\b(?:disk|storage|volume|file|files|upload|attachment|image|audio|sample|certificate of|webhook|cookie|email|username|vector store|batch|fine-?tun)/i;

/** The edge of a word in any script: `\\b` knows the letters of English only. */
const EDGE = "(?:(?<![\\p{L}\\d_])(?=[\\p{L}\\d_])|(?<=[\\p{L}\\d_])(?![\\p{L}\\d_]))";

/** Matches of one side that are looked at. */
const MOST = 40;
const SENTENCE_END = /[.;!?\n。！？](?:\s|$)/;

/** Whether a text says this of that: both stand in one sentence, not far from each other. */
export function says(subject: Subject, predicate: Predicate): { test(text: string): boolean } {
  const [about, said] = [SUBJECTS[subject], PREDICATES[predicate]].map(
    (words) => new RegExp(words.replaceAll("\\b", EDGE), "giu"),
  ) as [RegExp, RegExp];
  return {
    test(text) {
      const places = placesOf(text, about);
      if (places.length === 0 || ELSEWHERE.test(text)) return false;
      return placesOf(text, said).some((one) => places.some((other) => isNear(text, one, other)));
    },
  };
}

type Place = readonly [start: number, end: number];

const placesOf = (text: string, words: RegExp): Place[] => {
  const places: Place[] = [];
  for (const { index, 0: found } of text.matchAll(words)) {
    places.push([index, index + found.length]);
    if (places.length === MOST) break;
  }
  return places;
};

function isNear(text: string, a: Place, b: Place): boolean {
  const [first, second] = a[0] <= b[0] ? [a, b] : [b, a];
  return second[0] - first[1] <= NEAR && !SENTENCE_END.test(text.slice(first[1], Math.max(first[1], second[0])));
}
