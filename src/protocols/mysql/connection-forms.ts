import type { EndpointPlace } from '../../protocol/grant-rules.js';
import { optionFile } from './option-file.js';

/** What a client needs to reach an endpoint and to know that it is the right one. */
export interface ConnectionFacts extends EndpointPlace {
  readonly password: string;
}

/** The file that the forms below name; anyone who uses one writes it into the directory where the client runs. */
const CA_FILE = 'doorwarden-ca.pem';
/** What MySQL's and MariaDB's programs read by themselves in the folder that `MYSQL_HOME` names. */
const HOME_FILE = 'my.cnf';
const MARIADB_VERIFYING = { 'ssl-verify-server-cert': '1' };
/** Connector/J reads authorities from a key store only, and wants a password for it; what is in it is no secret. */
const TRUST_STORE = 'doorwarden-ca.p12';
const TRUST_STORE_PASSWORD = 'doorwarden';

/**
 * A connection as drivers take it, each with the endpoint's authority and its host verified, so that it works as it is
 * where TLS is required.
 */
export function connectionForms(facts: ConnectionFacts) {
  const { host, port, username, password, database, ca } = facts;
  const dsn = dsnOf(facts);
  const named = database === null ? {} : { database };
  return {
    dsn,
    env: {
      MYSQL_HOST: host,
      MYSQL_TCP_PORT: String(port),
      MYSQL_USER: username,
      MYSQL_PWD: password,
      ...(database === null ? {} : { MYSQL_DATABASE: database }),
      MYSQL_SSL_CA: CA_FILE,
      DATABASE_URL: dsn,
    },
    files: {
      [CA_FILE]: ca,
      'doorwarden-mariadb.cnf': optionFile({ ...facts, caFile: CA_FILE }, { client: MARIADB_VERIFYING }),
      'doorwarden-mysql.cnf': optionFile({ ...facts, caFile: CA_FILE }, { client: { 'ssl-mode': 'VERIFY_IDENTITY' } }),
      // For both: with `ssl-ca` alone MySQL's programs verify that the authority has signed the certificate.
      [HOME_FILE]: optionFile({ ...facts, caFile: CA_FILE }, { 'client-mariadb': MARIADB_VERIFYING }),
    },
    folderEnv: ['MYSQL_HOME'],
    programs: [
      // On many systems `mysql` is MariaDB's: what it reads has to suit both.
      { name: 'mariadb', args: [`--defaults-file=${HOME_FILE}`] },
      { name: 'mysql', args: [`--defaults-file=${HOME_FILE}`] },
    ],
    clients: {
      mariadb: commandLine('mariadb', ['--ssl-ca', '--ssl-verify-server-cert'], facts),
      mysql: commandLine('mysql', ['--ssl-ca', '--ssl-mode=VERIFY_IDENTITY'], facts),
      mysql2: { uri: dsn, options: { host, port, user: username, password, ...named, ssl: tlsOfMysql2(ca) } },
      pymysql: {
        options: {
          host,
          port,
          user: username,
          password,
          ...named,
          charset: 'utf8mb4',
          ssl_ca: CA_FILE,
          ssl_verify_cert: true,
          ssl_verify_identity: true,
        },
      },
      sqlalchemy: { url: sqlalchemyUrl(facts) },
      jdbc: {
        mariadb: `jdbc:mariadb://${placeOf(facts)}/${mariadbJdbcDatabase(database)}?${query({ user: username, password, sslMode: 'verify-full', useSsl: 'true', serverSslCert: CA_FILE })}`,
        mysql: `jdbc:mysql://${placeOf(facts)}/${mysqlJdbcDatabase(database)}?${query({
          user: username,
          password,
          sslMode: 'VERIFY_IDENTITY',
          trustCertificateKeyStoreUrl: `file:${TRUST_STORE}`,
          trustCertificateKeyStoreType: 'PKCS12',
          trustCertificateKeyStorePassword: TRUST_STORE_PASSWORD,
        })}`,
        mysqlTrustStore: `keytool -importcert -noprompt -alias doorwarden -file ${CA_FILE} -keystore ${TRUST_STORE} -storetype PKCS12 -storepass ${TRUST_STORE_PASSWORD}`,
      },
    },
  };
}

/**
 * mysql2 takes any host for the authority's unless it is told. Where the host is an address it looks for the name
 * `localhost` instead, which every endpoint's certificate has.
 */
function tlsOfMysql2(ca: string) {
  return { ca, verifyIdentity: true };
}

/**
 * `mysql://user:password@host:port/database?ssl={"ca":…,"verifyIdentity":true}`, every part escaped as URLs need it. mysql2 and what stands on it
 * take it whole; others take what comes before the question mark.
 */
function dsnOf(facts: ConnectionFacts): string {
  return `mysql://${addressOf(facts)}/${encodeURIComponent(facts.database ?? '')}?${query({ ssl: JSON.stringify(tlsOfMysql2(facts.ca)) })}`;
}

/**
 * SQLAlchemy takes a path as it stands and decodes its query, whose fields go to PyMySQL: a name that needs escaping goes
 * there.
 */
function sqlalchemyUrl(facts: ConnectionFacts): string {
  const database = facts.database ?? '';
  const isPlain = encodeURIComponent(database) === database;
  const fields = { charset: 'utf8mb4', ssl_ca: CA_FILE, ...(isPlain ? {} : { database }) };
  return `mysql+pymysql://${addressOf(facts)}/${isPlain ? database : ''}?${query(fields)}`;
}

/** MariaDB's driver decodes nothing and reads up to the question mark: a name with one cannot be written. */
function mariadbJdbcDatabase(database: string | null): string {
  return database === null || /\?|address=/i.test(database) ? '' : database;
}

/** MySQL's driver decodes the name, and cuts white space off its ends afterwards. */
function mysqlJdbcDatabase(database: string | null): string {
  return database === null || database.trim() !== database ? '' : encodeURIComponent(database);
}

function addressOf(facts: ConnectionFacts): string {
  return `${encodeURIComponent(facts.username)}:${encodeURIComponent(facts.password)}@${placeOf(facts)}`;
}

function placeOf({ host, port }: ConnectionFacts): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function query(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
}

/** A line for a POSIX shell. The password goes by the environment: arguments are seen by every user of a machine. */
function commandLine(program: string, [ca, ...verifying]: readonly string[], facts: ConnectionFacts): string {
  const { host, port, username, password, database } = facts;
  const options = [`--host=${host}`, `--port=${port}`, '--protocol=TCP', `--user=${username}`, `${ca}=${CA_FILE}`];
  const words = [program, ...options, ...verifying, ...(database === null ? [] : [database])];
  return `MYSQL_PWD=${shellWord(password)} ${words.map(shellWord).join(' ')}`;
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
