import { expect, it } from 'vitest';
import { TraceContext } from '../src/calls/trace-context.ts';
import { ACCOUNT, EVENTS, Stage } from './conformance/stage.ts';
import { reached } from './conformance/test-phone.ts';

const DIAL = `<Response><Dial><Client ${EVENTS}>jenny</Client></Dial></Response>`;
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = `00-${TRACE}-00f067aa0ba902b7-01`;

async function feedbackOf(stage: Stage, callSid: string): Promise<{ status: number; body: object }> {
  const answer = await fetch(
    `${stage.gateway.url}/2010-04-01/Accounts/${ACCOUNT.sid}/Calls/${callSid}/Feedback.json`,
    { headers: { authorization: `Basic ${btoa(`${ACCOUNT.sid}:${ACCOUNT.authToken}`)}` } },
  );
  return { status: answer.status, body: (await answer.json()) as object };
}

it('[QY30] what a person thinks of a call is kept with her leg, also after the call; the last word counts', async () => {
  await using stage = await Stage.open(DIAL);
  const [alice, jenny] = await stage.phones('alice', 'jenny');
  const call = await alice.device.connect({ to: 'jenny' });
  const answered = await jenny.answers();
  await reached(call, 'joined');
  const { CallSid } = call.parameters;
  expect(await feedbackOf(stage, CallSid)).toMatchObject({ status: 404 });
  await call.postFeedback(5);
  await call.disconnect();
  await answered.ended;
  await call.postFeedback(2, 'choppy-audio');
  expect(await feedbackOf(stage, CallSid)).toMatchObject({
    status: 200,
    body: { sid: CallSid, account_sid: ACCOUNT.sid, quality_score: 2, issues: ['choppy-audio'] },
  });
  expect(await feedbackOf(stage, answered.parameters.CallSid)).toMatchObject({ status: 404 });
  expect(stage.logged('what she thinks of a call')).toHaveLength(2);
});

it('[QY32] one trace goes from the caller to the document’s server, its callbacks, the callee and the log', async () => {
  await using stage = await Stage.open(DIAL);
  const [alice, jenny] = await stage.phones('alice', 'jenny');
  const call = await alice.device.connect({ to: 'jenny', traceparent: PARENT });
  const answered = await jenny.answers();
  await reached(call, 'joined');
  await call.disconnect();
  await answered.ended;
  await stage.quiet();
  const headers = stage.application.asked.map(({ headers: sent }) => String(sent['traceparent']));
  expect(headers.length).toBeGreaterThanOrEqual(5);
  for (const header of headers) expect(header).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
  // Every step has an id of its own, and none is the caller's.
  expect(new Set([...headers, PARENT]).size).toBe(headers.length + 1);
  expect([call, answered].map(({ store }) => store.getSnapshot().traceId)).toEqual([TRACE, TRACE]);
  expect(stage.logged('a call has begun')).toEqual([
    expect.objectContaining({ callSid: call.parameters.CallSid, traceId: TRACE }),
  ]);
});

it('[QY32] a call without a trace begins one; what cannot be read is no trace', () => {
  expect(TraceContext.from(undefined).next()).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  for (const broken of ['', 'x', PARENT.replace('00-', '01-'), `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`]) {
    expect(TraceContext.from(broken).traceId).not.toBe(TRACE);
  }
  expect(TraceContext.from(PARENT).traceId).toBe(TRACE);
});
