// Prints a JSON Web Token as a back end would issue it, for a Herald with client.auth jwt and this client.jwt.secret.
//   node token.js SECRET UID [SECONDS]
import { createHmac } from 'node:crypto';

const [secret, sub, seconds = '3600'] = process.argv.slice(2);
const iat = Math.floor(Date.now() / 1000);
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const text = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub, iat, exp: iat + Number(seconds) })}`;
console.log(`${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`);
