// Prints what one complete call costs in the machines alone: start, document, ringing, joined, over.
// Run it after a build: `node packages/switchboard/bench/call.bench.mjs`.
import { parseRcml } from '@parley/rcml';
import { CALL_LIMITS, callDeadlineMs, partyId, startCall, stepCall } from '../dist/index.js';

const CALLS = 20_000;
const ROUNDS = 7;

const documents = {
  'one client': '<Dial><Client>jenny</Client></Dial>',
  'one client, four callbacks':
    '<Dial action="/after"><Client statusCallback="/events" statusCallbackEvent="initiated ringing answered completed">jenny</Client></Dial>',
  'ten clients, four callbacks each':
    `<Dial>${'<Client statusCallback="/events" statusCallbackEvent="initiated ringing answered completed">jenny</Client>'.replace(
      /jenny/,
      '%',
    )}</Dial>`.replace(/<Client.*<\/Client>/, (noun) =>
      Array.from({ length: 10 }, (_, n) => noun.replace('%', `p${n}`)).join(''),
    ),
};

for (const [name, verbs] of Object.entries(documents)) {
  const { document } = parseRcml(`<Response>${verbs}</Response>`);
  const after = parseRcml('<Response/>').document;
  for (let round = 0; round < 2; round++) measure(document, after, CALLS / 4);
  const samples = Array.from({ length: ROUNDS }, () => measure(document, after, CALLS)).toSorted(
    (a, b) => a.us - b.us,
  );
  const { us, outputs } = samples[ROUNDS >> 1];
  console.log(`${name}: ${us.toFixed(1)} µs per call (median of ${ROUNDS} × ${CALLS}), ${outputs} outputs`);
}

function measure(document, after, calls) {
  let outputs = 0;
  const began = performance.now();
  for (let index = 0; index < calls; index++) outputs += oneCall(index, document, after);
  return { us: ((performance.now() - began) * 1000) / calls, outputs: outputs / calls };
}

function oneCall(index, document, after) {
  let legs = 0;
  const rules = {
    ...CALL_LIMITS,
    newCallSid: () => `CA${index}-${++legs}`,
    newRecording: () => ({ sid: 'RE', url: '' }),
  };
  const caller = partyId(`bob${index}`, 'call');
  const facts = {
    sid: `CA${index}`,
    accountSid: 'AC1',
    caller: { party: caller, person: { identity: 'bob' } },
    from: 'client:bob',
    to: 'jenny',
    params: {},
    video: false,
    application: { type: 'url', url: 'https://app.example/voice', method: 'POST' },
  };
  const devices = [];
  const queue = [];
  let nowMs = 0;
  let count = 0;
  let step = startCall(facts, rules, nowMs);
  const take = () => {
    count += step.outputs.length;
    callDeadlineMs(step.state);
    for (const output of step.outputs) {
      if (output.type === 'fetch') {
        const { leg, fetchId, request } = output;
        const answer = request.written === '/after' ? after : document;
        queue.push({ type: 'documentFetched', leg, fetchId, document: answer, foundAt: request.base });
      } else if (output.type === 'findDevices') {
        const contact = { party: partyId(output.identity, 'call'), person: { identity: output.identity } };
        devices.push(contact.party);
        queue.push({ type: 'devicesFound', leg: output.leg, contacts: [contact] });
      }
    }
  };
  const drain = () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      step = stepCall(step.state, next, rules, nowMs);
      take();
    }
  };
  take();
  drain();
  for (const party of devices) queue.push({ type: 'device', party, input: { type: 'alerting' } });
  drain();
  nowMs += 2000;
  queue.push({ type: 'device', party: devices[0], input: { type: 'accept' } });
  drain();
  nowMs += 60_000;
  queue.push({ type: 'device', party: devices[0], input: { type: 'hangup' } });
  drain();
  if (step.state.caller.name !== 'ended') throw new Error('the call is not over');
  return count;
}
