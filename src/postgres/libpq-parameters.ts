/**
 * What becomes of a parameter of a connection URL. A setting that is taken is kept by both clients, our own and the one in
 * PostgreSQL's programs; one that either cannot keep is refused by its name.
 */
export type Fate =
  /** Read, and kept by both. */
  | { readonly fate: 'kept' }
  /** Only with one of these values, which say what both do anyway; `hint` is for all others. */
  | { readonly fate: 'only'; readonly values: readonly string[]; readonly hint: string }
  /** Dropped with a notice: Lifeboat sets its own. */
  | { readonly fate: 'own' }
  /** Dropped with a notice: an ORM's or a driver's, which PostgreSQL does not know. */
  | { readonly fate: 'foreign' }
  | { readonly fate: 'refused'; readonly hint: string }

const kept = { fate: 'kept' } as const
const own = { fate: 'own' } as const
const refused = (hint: string): Fate => ({ fate: 'refused', hint })
const only = (values: readonly string[], hint: string): Fate => ({ fate: 'only', values, hint })

const KERBEROS = refused(
  'Lifeboat does not speak Kerberos: remove it, and let the user in with a password or a certificate.',
)
const OAUTH = refused(
  'Lifeboat does not speak OAuth: remove it, and let the user in with a password or a certificate.',
)
const WHOLE_URL = refused(
  'Remove it, and write what it stands for into the URL, the only place that is read.',
)
const GONE = 'Remove it: newer versions of PostgreSQL do not have it.'

/** Every parameter of libpq, of PostgreSQL 12 to 18. */
export const LIBPQ_PARAMETERS: Readonly<Record<string, Fate>> = {
  host: kept,
  hostaddr: refused('Write the address in the place of the host.'),
  port: kept,
  dbname: kept,
  user: kept,
  password: kept,
  passfile: WHOLE_URL,
  service: WHOLE_URL,
  servicefile: WHOLE_URL,
  require_auth: kept,
  channel_binding: kept,
  connect_timeout: kept,
  options: kept,
  client_encoding: own,
  application_name: own,
  fallback_application_name: own,
  keepalives: own,
  keepalives_idle: own,
  keepalives_interval: own,
  keepalives_count: own,
  tcp_user_timeout: own,
  replication: refused('Remove it: a backup is taken in ordinary sessions.'),
  sslmode: kept,
  sslrootcert: kept,
  sslcert: kept,
  sslkey: kept,
  sslcrl: kept,
  sslcrldir: refused('Write the lists into one file, and name it with sslcrl=<file>.'),
  sslpassword: refused('Give a key without a passphrase: openssl pkey -in client.key -out plain.key.'),
  sslcertmode: only(['allow'], 'Remove it: a client certificate is used where sslcert and sslkey name one.'),
  sslsni: only(['1'], 'Remove it: the name of the host is always sent.'),
  sslnegotiation: only(['postgres'], 'Remove it: TLS is asked for first, which every server understands.'),
  sslcompression: only(['0'], 'Remove it: nothing is compressed by TLS.'),
  sslkeylogfile: refused('Remove it: whoever has that file can read the connection.'),
  ssl_min_protocol_version: kept,
  ssl_max_protocol_version: kept,
  requiressl: refused('Write sslmode=require.'),
  requirepeer: refused('Remove it: who a socket belongs to is not looked at.'),
  gssencmode: only(
    ['disable', 'prefer'],
    'Remove it, and write sslmode=verify-full: Lifeboat does not speak Kerberos.',
  ),
  krbsrvname: KERBEROS,
  gsslib: KERBEROS,
  gssdelegation: only(['0'], 'Remove it: Lifeboat does not speak Kerberos.'),
  min_protocol_version: only(['3.0'], 'Remove it: version 3.0 of the protocol is spoken.'),
  max_protocol_version: only(['3.0'], 'Remove it: version 3.0 of the protocol is spoken.'),
  target_session_attrs: only(
    ['any'],
    'Remove it: Lifeboat connects to the one server that the URL names, and says what it is.',
  ),
  load_balance_hosts: only(['disable'], 'Remove it: Lifeboat connects to the one server that the URL names.'),
  scram_client_key: refused('Write the password into the URL.'),
  scram_server_key: refused('Write the password into the URL.'),
  oauth_issuer: OAUTH,
  oauth_client_id: OAUTH,
  oauth_client_secret: OAUTH,
  oauth_scope: OAUTH,
  authtype: refused(GONE),
  tty: refused(GONE),
}

/** Of other drivers, with a meaning that is a promise: what libpq calls it has to be said. */
const PROMISES: Readonly<Record<string, Fate>> = {
  ssl: only(['true'], 'Write sslmode=verify-full, require or disable.'),
  sslaccept: only(['accept_invalid_certs'], 'Write sslmode=verify-full.'),
  sslidentity: refused('Write sslcert=<file> and sslkey=<file>.'),
  pgbouncer: kept,
}

/** What ORMs and drivers put into the URL for themselves; libpq refuses it. */
const FOREIGN = new Set(
  `schema currentSchema search_path schema_search_path connection_limit pool_timeout pool pool_size max_pool_size
   min_pool_size max min pool_mode socket_timeout statement_cache_size statement_timeout prepared_statements
   prepareThreshold preparedStatementCacheQueries idle_timeout max_lifetime uselibpqcompat charset encoding
   serverVersion workaround supa timezone reconnect queue_limit binary_parameters default_query_exec_mode
   timeout`.split(/\s+/),
)

/** Undefined for a parameter that nobody knows. */
export function fateOf(parameter: string): Fate | undefined {
  if (Object.hasOwn(LIBPQ_PARAMETERS, parameter)) return LIBPQ_PARAMETERS[parameter]
  if (Object.hasOwn(PROMISES, parameter)) return PROMISES[parameter]
  return FOREIGN.has(parameter) ? { fate: 'foreign' } : undefined
}

/** What a name in the environment would be to libpq, where it asks something of the connection that a URL may leave open. */
export const LIBPQ_VARIABLES: Readonly<Record<string, string>> = {
  PGHOSTADDR: 'hostaddr',
  PGSERVICE: 'service',
  PGREQUIREAUTH: 'require_auth',
  PGCHANNELBINDING: 'channel_binding',
  PGOPTIONS: 'options',
  PGSSLMODE: 'sslmode',
  PGREQUIRESSL: 'requiressl',
  PGSSLNEGOTIATION: 'sslnegotiation',
  PGSSLCERT: 'sslcert',
  PGSSLKEY: 'sslkey',
  PGSSLCERTMODE: 'sslcertmode',
  PGSSLROOTCERT: 'sslrootcert',
  PGSSLCRL: 'sslcrl',
  PGSSLCRLDIR: 'sslcrldir',
  PGREQUIREPEER: 'requirepeer',
  PGSSLMINPROTOCOLVERSION: 'ssl_min_protocol_version',
  PGSSLMAXPROTOCOLVERSION: 'ssl_max_protocol_version',
  PGGSSENCMODE: 'gssencmode',
  PGTARGETSESSIONATTRS: 'target_session_attrs',
}
