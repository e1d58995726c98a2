// Our own table of who is online, in PostgreSQL.
import { readFileSync } from 'node:fs';
import pg from 'pg';

const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8');
const DIGEST = read('digest.sql');

// The higher version wins, so it does not matter in which order statements come; what another hand changed without one
// is put right, too.
const APPLY = `
  insert into presence (uid, online, version, since)
  select * from unnest($1::text[], $2::boolean[], $3::bigint[], $4::bigint[])
  on conflict (uid) do update
    set online = excluded.online, version = excluded.version, since = coalesce(excluded.since, presence.since)
    where presence.version <= excluded.version`;

// Of whom Herald never told, unless it has in the meantime.
const FORGET = `
  update presence p set online = false, version = 0
  from unnest($1::text[], $2::bigint[]) as asked(uid, version)
  where p.uid = asked.uid and p.version = asked.version`;

export class Table {
  constructor(url) {
    this.pool = new pg.Pool({ connectionString: url, max: 8 });
    this.pool.on('error', (error) => console.error(error.message));
  }

  create() {
    return this.pool.query(read('schema.sql'));
  }

  /** Statements are {uid, online, version, since}. */
  apply(statements, client = this.pool) {
    const newest = new Map();
    for (const user of statements) {
      if (!(newest.get(user.uid)?.version >= user.version)) newest.set(user.uid, user);
    }
    const users = [...newest.values()];
    const column = (name) => users.map((user) => user[name] ?? null);
    return client.query(APPLY, [column('uid'), column('online'), column('version'), column('since')]);
  }

  /** Users are {uid, version}, as they were when Herald was asked. */
  forget(users) {
    return this.pool.query(FORGET, [users.map(({ uid }) => uid), users.map(({ version }) => version)]);
  }

  /** What a webhook says and that it was taken is one transaction: after a crash it comes again. */
  async take(id, statements) {
    const client = await this.pool.connect();
    try {
      await client.query('begin');
      const { rowCount } = await client.query('insert into webhook (id) values ($1) on conflict do nothing', [id]);
      if (rowCount > 0) await this.apply(statements, client);
      await client.query('commit');
      client.release();
    } catch (error) {
      client.release(error);
      throw error;
    }
  }

  /** Our hash of each bucket in which somebody is online. */
  async digest() {
    const { rows } = await this.pool.query(DIGEST);
    return new Map(rows.map(({ bucket, hash }) => [bucket, hash]));
  }

  async onlineIn(bucket) {
    const { rows } = await this.pool.query(
      'select uid, version from presence where online and substr(md5(uid), 1, 2) = $1', [bucket]);
    return rows;
  }

  /** Whom we do not know is offline. */
  async status(uids) {
    const { rows } = await this.pool.query('select uid, online, since from presence where uid = any($1)', [uids]);
    const known = new Map(rows.map((row) => [row.uid, row]));
    return uids.map((uid) => ({
      uid, online: known.get(uid)?.online ?? false, since: Number(known.get(uid)?.since ?? 0),
    }));
  }

  /** Herald tries an event for days, not for a month. */
  forgetWebhooks() {
    return this.pool.query("delete from webhook where taken_at < now() - interval '30 days'");
  }
}
