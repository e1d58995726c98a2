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

/** Answers with the number of users who differed. 256 buckets do for a million users; a bucket may hold 10,000. */
export async function check(herald, table) {
  const { buckets } = await herald.post('/presence/digest', { buckets: 256 });
  const theirs = new Map(buckets.map(({ bucket, hash }) => [bucket, hash]));
  const ours = await table.digest();
  let differed = 0;
  for (const bucket of new Set([...theirs.keys(), ...ours.keys()])) {
    if (theirs.get(bucket) === ours.get(bucket)) continue;
    const users = await table.onlineIn(bucket);
    const { online, offline } = await herald.post('/presence/reconcile', { bucket, users });
    await table.apply([...online, ...offline]);
    differed += online.length + offline.length;
  }
  return differed;
}
