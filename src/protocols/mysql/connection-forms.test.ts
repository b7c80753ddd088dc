import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { connectionForms } from './connection-forms.js';

const facts = {
  host: 'db.example.com',
  port: 33101,
  username: 'dw_x',
  password: `it's "p:/?#%$(id)`,
  database: "my shop's 100% é",
  ca: '-----BEGIN CERTIFICATE-----\nA+/=\n-----END CERTIFICATE-----\n',
};

it('command lines are what a shell takes apart again as it was meant', () => {
  const { mariadb } = connectionForms(facts).clients;
  const shown = mariadb.replace(
    ' mariadb ',
    ` ${process.execPath} -e 'console.log(JSON.stringify([process.env.MYSQL_PWD, ...process.argv.slice(1)]))' -- `,
  );
  const said: unknown = JSON.parse(execFileSync('/bin/sh', ['-c', shown], { encoding: 'utf8' }));
  expect(said).toEqual([
    facts.password,
    '--host=db.example.com',
    '--port=33101',
    '--protocol=TCP',
    '--user=dw_x',
    '--ssl-ca=doorwarden-ca.pem',
    '--ssl-verify-server-cert',
    facts.database,
  ]);
});

it('a DSN gives back what went into it, the authority too', () => {
  const url = new URL(connectionForms(facts).dsn);
  expect([url.username, url.password, url.pathname.slice(1)].map(decodeURIComponent)).toEqual([
    facts.username,
    facts.password,
    facts.database,
  ]);
  expect(JSON.parse(url.searchParams.get('ssl') ?? '')).toEqual({ ca: facts.ca, verifyIdentity: true });
});

it('option files quote what programs would take for a comment or an escape', () => {
  const { files } = connectionForms({ ...facts, database: String.raw`a\n #b` });
  expect(files['doorwarden-mysql.cnf']).toBe(
    String.raw`[client]
host="db.example.com"
port="33101"
protocol="TCP"
user="dw_x"
password="it's "p:/?#%$(id)"
ssl-ca="doorwarden-ca.pem"
ssl-mode="VERIFY_IDENTITY"

[mysql]
database="a\\n #b"
`,
  );
  expect(files['doorwarden-mariadb.cnf']).toContain('ssl-verify-server-cert="1"\n');
  // One file for the programs of both: what only MariaDB's know stands in a group that only they read.
  expect(files['my.cnf']).toMatch(
    /^\[client\]\n[^[]*ssl-ca="doorwarden-ca\.pem"\n\n\[client-mariadb\]\nssl-verify-server-cert="1"\n\n\[mysql\]\n/,
  );
});

it('without a database none is named', () => {
  const { env, files, clients } = connectionForms({ ...facts, database: null });
  expect(files['doorwarden-mysql.cnf']).not.toContain('database');
  expect(env).not.toHaveProperty('MYSQL_DATABASE');
  expect(clients.pymysql.options).not.toHaveProperty('database');
  expect(clients.mariadb).toMatch(/--ssl-verify-server-cert$/);
});

it('the URLs of SQLAlchemy and JDBC name a database as their readers take them apart, or none', () => {
  const named = (database: string) => {
    const { sqlalchemy, jdbc } = connectionForms({ ...facts, database }).clients;
    const { pathname, searchParams } = new URL(sqlalchemy.url);
    return {
      sqlalchemy: [pathname, searchParams.get('database')],
      mariadb: /33101\/([^?]*)\?user=/.exec(jdbc.mariadb)?.[1],
      mysql: decodeURIComponent(/33101\/([^?]*)\?user=/.exec(jdbc.mysql)?.[1] ?? '-'),
    };
  };
  expect(named('shop_2.eu')).toEqual({ sqlalchemy: ['/shop_2.eu', null], mariadb: 'shop_2.eu', mysql: 'shop_2.eu' });
  const { database } = facts;
  expect(named(database)).toEqual({ sqlalchemy: ['/', database], mariadb: database, mysql: database });
  expect(named('why?')).toEqual({ sqlalchemy: ['/', 'why?'], mariadb: '', mysql: 'why?' });
  expect(named(' led')).toEqual({ sqlalchemy: ['/', ' led'], mariadb: ' led', mysql: '' });
});
