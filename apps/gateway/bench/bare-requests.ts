// What undici alone costs a Node process per call: the request for a document and four callbacks, without signatures, without
// a store. Beside `bare-call.ts` the other part of the floor of `pnpm bench:calls`, which starts it:
// bare-requests.ts <url> <calls>. Answers `{ cpuUs }` to its parent.
import { Pool } from 'undici';

const CALLS_AT_ONCE = 16;
const WARM_UP_CALLS = 1000;
const REQUESTS_PER_CALL = 5;
const url = new URL(process.argv[2] ?? '');
const calls = Number(process.argv[3] ?? 2000);
const pool = new Pool(url.origin, { connections: 256, allowH2: false });
// As long as the form of a callback, and headers as long as those that it comes with.
const body = 'CallStatus=in-progress&'.repeat(28);
const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-signature': 'a'.repeat(300) };

await run(Math.max(calls, WARM_UP_CALLS));
const before = process.cpuUsage();
await run(calls);
const { user, system } = process.cpuUsage(before);
process.send?.({ cpuUs: (user + system) / calls });
await pool.destroy();
process.disconnect();

async function run(wanted: number): Promise<void> {
  let left = wanted;
  await Promise.all(
    Array.from({ length: CALLS_AT_ONCE }, async () => {
      while (left > 0) {
        left -= 1;
        for (let sent = 0; sent < REQUESTS_PER_CALL; sent += 1) await post();
      }
    }),
  );
}

function post(): Promise<void> {
  return new Promise((resolve, reject) => {
    pool.dispatch(
      { path: url.pathname, method: 'POST', headers, body },
      {
        onRequestStart() {},
        onResponseStart() {},
        onResponseData() {},
        onResponseEnd: () => resolve(),
        onResponseError: (_, error) => reject(error),
      },
    );
  });
}
