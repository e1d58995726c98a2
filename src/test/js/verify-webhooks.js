// Verifies requests of Herald with the npm package standardwebhooks.
//   node verify-webhooks.js FILE     each line: {"secret": …, "headers": {…}, "body": …}
import { readFileSync } from 'node:fs';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

const requests = readFileSync(process.argv[2], 'utf8').split('\n').map((line) => JSON.parse(line));
for (const { secret, headers, body } of requests) {
  new Webhook(secret).verify(body, headers);
}
const { secret, headers, body } = requests[0];
let refused = false;
try {
  new Webhook(secret).verify(body.replace('u', 'v'), headers);
} catch (error) {
  refused = error instanceof WebhookVerificationError;
}
if (!refused) throw new Error('a forged body was believed');
console.log(`verified ${requests.length}`);
