// Compares our table with Herald's and mends what differs: for a million users that is some kilobytes if all is well.

/** Asks Herald. */
export class Herald {
  constructor(url, token) {
    this.url = url;
    this.headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  }

  async post(path, body) {
    const answer = await fetch(this.url + path, {
      method: 'POST', headers: this.headers, body: JSON.stringify(body), signal: AbortSignal.timeout(10_000),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()).data;
  }
}

/**
 * Answers with the number of users who differed. 256 buckets do for a million users; a bucket may hold 10,000. A bucket
 * that Herald refuses holds up no others.
 */
export async function check(herald, table) {
  const { buckets } = await herald.post('/presence/digest', { buckets: 256 });
  const theirs = new Map(buckets.map(({ bucket, hash }) => [bucket, hash]));
  const ours = await table.digest();
  let differed = 0;
  let failure;
  for (const bucket of new Set([...theirs.keys(), ...ours.keys()])) {
    if (theirs.get(bucket) === ours.get(bucket)) continue;
    try {
      differed += await mend(herald, table, bucket);
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure) throw failure;
  return differed;
}

async function mend(herald, table, bucket) {
  const asked = await table.onlineIn(bucket);
  const users = asked.map(({ uid }) => uid);
  const { online, offline } = await herald.post('/presence/reconcile', { bucket, users });
  const unknown = new Set(offline.filter(({ version }) => version === 0).map(({ uid }) => uid));
  await table.apply([...online, ...offline.filter(({ version }) => version > 0)]);
  await table.forget(asked.filter(({ uid }) => unknown.has(uid)));
  return online.length + offline.length;
}
