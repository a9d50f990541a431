/**
 * What the words of an error can be about. A row that matches less than words (a type, a status, a page) names the topics that it
 * explains, and yields to a message about anything else: then nothing is known, and that is what is said.
 */
export const TOPICS = {
  rate: /\brate|\blimit(?:s|ed)? (?:exceeded|reached)|too many (?!tokens)|throttl|slow down|frequen|per (?:minute|second|hour|day)\b|\b[rt]p[md]\b|concurren|频率|限流|限速|速率|频繁/i,
  money:
    /quota|credit(?!ential)|balance|billing|budget|spend|payment|\bpaid\b|subscri|arrears|overdue|recharge|top.?up|purchas|upgrade|funds|\bplan\b|余额|额度|欠费|充值|баланс|средств|guthaben|残高/i,
  key: /\b(?:api|access|auth\w*|bearer|secret|subscription|virtual)?[ _-]?keys?\b|\btokens?\b(?= (?:is|has|was|not|invalid|expired|missing))|auth|credential|bearer|\bjwt\b|sign.?in|log.?(?:in|on)\b|password|令牌|密钥|认证|身份|登录|認証|キー|schlüssel|anmeld|ключ/i,
  permission:
    /permission|permitted|forbidden|denied|\bnot allowed|not authori[sz]ed|\baccess\b|scope|\brole\b|\brights?\b|restrict|\bpolicy\b|blocked|prohibit|权限|无权|禁止|verweigert|verboten|refusé|denegado|запрещ/i,
  model: /model|deployment|\bengine\b|checkpoint|模型|模型|модел/i,
  tools: /\btools?\b|function.?call|工具/i,
  size: /\bcontext|max_?(?:completion_|output_|new_)?tokens|\btokens\b|too (?:long|large|big)|\blength\b|\bsize\b|exceeds?\b|\bbytes\b|\blonger\b|\blarger\b|过长|超出/i,
  field:
    /parameter|\bfield|argument|propert|unsupported|unrecogni[sz]ed|\bunknown (?:name|key|input)|temperature|top_p|stream_options|reasoning|extra input|参数/i,
  form: /messages?\b(?=.{0,40}(?:must|role|content|should|order|array))|\brole|content.?type|\bjson\b|\bbody\b|pars(?:e|ing)|malformed|syntax|validation|required|missing|\bschema\b|format|invalid request|格式/i,
  content:
    /safety|moderat|flagged|harmful|inappropriate|guardrail|sensitive|content (?:policy|filter|management)|terms of service|violat|敏感|违规|审核/i,
  place: /region|country|territory|\blocation|geograph|地区|区域/i,
  identity: /verif(?:y|ied|ication)|organi[sz]ation|\bproject\b|\baccount\b|账户|账号|аккаунт|konto/i,
  memory: /memory|\boom\b|\bgpu\b|cuda|vram|insufficient .{0,20}resources|内存|显存|speicher/i,
  trust: /certificate|\bssl\b|\btls\b|handshake|x509|self.signed/i,
  tunnel: /tunnel|ngrok/i,
  time: /time.?d?.?out|deadline|too long to|超时/i,
  load: /overload|\bbusy|capacity|unavailable|maintenance|queue|saturat|饱和|繁忙|wartung/i,
  link: /connect|upstream|backend|unreachable|\breset\b|\bdns\b|resolv|origin\b|proxy|gateway|\bpeer\b|\bhost\b/i,
  path: /\bpath\b|\broutes?\b|\burl\b|endpoint|not found|\bmethod\b|ressource|resource|recurso|risorsa|operation/i,
  address: /\bip\b|client address|allow.?list|white.?list|网段/i,
  inside: /exception|crash|panic|traceback|database|\bsql|null pointer|assert|stack trace|数据库/i,
  robots: /captcha|challenge|\bbots?\b|robot|javascript|firewall|\bwaf\b/i,
} as const satisfies Record<string, RegExp>;

export type Topic = keyof typeof TOPICS;

/**
 * Words that carry no cause: courtesy, advice to wait, names of servers, a status and its reason phrase. A message of these alone says
 * no more than its status does.
 */
export const EMPTY_WORDS: ReadonlySet<string> = new Set(
  `a an and the this that is are was were be been being has have had do does did not no or of on in at to for from by with as it its you your we our us i
   can could cannot may might will would should must please sorry about again later soon now some any more than there here when while if but so then
   error errors err fault failure failed fail failing http https html status code codes message msg title type none null undefined unknown_error
   server servers service services api request requests response responses result client web site page website
   bad internal gateway proxy unavailable temporarily temporary time out timeout forbidden unauthorized authorization required found many too large long
   entity payload content allowed acceptable media unsupported method conflict gone payment implemented version http_error unprocessable
   try retry retrying wait seconds second minutes minute moment few help contact support administrator admin operator information details detail see visit
   side end our us fulfil unexpected unexpectedly occurred occurs occur happened wrong something went encountered complete completed processing process processed handle handled
   handling fulfill serve perform performing able unable problem problems issue issues generic general unknown other ok back go
   nginx openresty apache debian ubuntu caddy traefik envoy haproxy iis kong cloudflare cloudfront tomcat jetty gunicorn uvicorn microsoft azure application
   access accessing squid powered copyright état estado stato statut der die das le la les el los fehler erreur
   reference ref id request_id ray trace host port utc gmt`
    .split(/\s+/)
    .filter(Boolean),
);
