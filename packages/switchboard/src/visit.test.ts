import { describe, expect, it } from 'vitest';
import type { ConferenceExit } from './conference-state.ts';
import { CALL_SID, CALLER, Scene, sidOf } from './scene.test.kit.ts';

const room = (attributes = '', dial = ''): string =>
  `<Dial ${dial}><Conference ${attributes}>room</Conference></Dial>`;
const AFTER = { answers: { '/after': '<Pause length="9"/>' } };

function showOut(scene: Scene, why: ConferenceExit): void {
  const { visitId } = scene.of('enterConference').at(-1) ?? { visitId: 0 };
  scene.feed({ type: 'conferenceLeft', visitId, why });
}

describe('a call that goes into a conference', () => {
  it('[CF1] [D14] is answered, and enters on the terms of its document', () => {
    const scene = new Scene(
      room('muted="true" startConferenceOnEnter="false" endConferenceOnExit="true" maxParticipants="3"'),
    );
    expect(scene.words(CALLER)).toEqual(['answered']);
    expect(scene.of('record').map(({ change }) => change.type)).toEqual(['opened', 'answered']);
    expect(scene.of('enterConference')).toMatchObject([
      {
        name: 'room',
        entrant: {
          callSid: CALL_SID,
          party: CALLER,
          person: { identity: 'bob' },
          isMuted: true,
          startsConference: false,
          endsConference: true,
          participantsMax: 3,
          video: false,
        },
      },
    ]);
    expect(scene.isOver).toBe(false);
  });

  it('[CF1] [D7] what stands beside the conference is refused, with the callbacks it asked for', () => {
    const scene = new Scene(
      '<Dial><Client statusCallback="/events">jenny</Client><Conference>room</Conference></Dial>',
    );
    expect(scene.callbacks(sidOf(1))).toEqual(['0 completed failed']);
    expect(scene.invited).toEqual([]);
    expect(scene.of('enterConference')).toHaveLength(1);
  });

  it('[CF1] sees with <Video>, and is known under the callerId', () => {
    const scene = new Scene('<Dial callerId="support"><Conference name="room"><Video/></Conference></Dial>');
    expect(scene.of('enterConference')).toMatchObject([
      { entrant: { video: true, person: { identity: 'support' } } },
    ]);
  });

  it('[CF2] goes on with the next verb when the conference has ended', () => {
    const scene = new Scene(`${room()}<Pause length="5"/>`);
    scene.pass(4000);
    showOut(scene, 'ended');
    expect(scene.of('leaveConference')).toEqual([]);
    expect(scene.isOver).toBe(false);
    scene.pass(5000);
    expect(scene.isOver).toBe(true);
  });

  it('[CF2] asks the action, which learns that it was answered and nothing about a leg', () => {
    const scene = new Scene(room('', 'action="/after"'), AFTER);
    showOut(scene, 'removed');
    const { url, params } = scene.lastAsked();
    expect(url).toBe('/after');
    expect(params).toMatchObject({ DialCallStatus: 'answered', CallStatus: 'in-progress' });
    expect(Object.keys(params).filter((name) => name.startsWith('Dial'))).toEqual(['DialCallStatus']);
  });

  it('[CF2] leaves at the time limit, and not before', () => {
    const scene = new Scene(`${room('', 'timeLimit="60"')}<Pause length="5"/>`);
    scene.pass(59_999);
    expect(scene.of('leaveConference')).toEqual([]);
    scene.pass(1);
    expect(scene.of('leaveConference')).toEqual([{ type: 'leaveConference', party: CALLER }]);
    expect(scene.isOver).toBe(false);
  });

  it('[CF2] leaves with the star where the dial says so, and other keys are for nobody', () => {
    const scene = new Scene(
      `${room('', 'hangupOnStar="true"')}<Gather action="/after" numDigits="1" timeout="3"/>`,
      AFTER,
    );
    scene.press('5');
    expect(scene.of('leaveConference')).toEqual([]);
    scene.press('*');
    expect(scene.of('leaveConference')).toHaveLength(1);
    // The gather asks anew: what was pressed in the conference is not taken for an answer.
    expect(scene.asked).toHaveLength(1);
    const deaf = new Scene(room());
    deaf.press('*');
    expect(deaf.of('leaveConference')).toEqual([]);
  });

  it('[CF2] leaves when the caller hangs up, whose action is asked once', () => {
    const scene = new Scene(room('', 'action="/after"'), AFTER);
    scene.pass(3000);
    scene.hangup();
    expect(scene.of('leaveConference')).toHaveLength(1);
    expect(scene.lastAsked()).toMatchObject({ url: '/after', params: { CallStatus: 'completed' } });
    expect(scene.legEnd(CALL_SID)).toMatchObject({ status: 'completed', durationMs: 3000 });
  });

  it('[CF2] leaves when REST gives the call another document', () => {
    const scene = new Scene(room('', 'action="/after"'), AFTER);
    const application = { type: 'url', url: '/other', method: 'POST' } as const;
    scene.feed({ type: 'modify', leg: CALL_SID, change: { type: 'document', application } });
    expect(scene.of('leaveConference')).toHaveLength(1);
    expect(scene.lastAsked().url).toBe('/other');
  });

  it.each([
    ['ended', 'remote-hangup', 'remote'],
    ['removed', 'replaced', 'server'],
    ['full', 'busy', 'remote'],
    ['overload', 'overload', 'server'],
    ['failed', 'server', 'server'],
  ] as const)('[CF2] [CA10] a caller whose call ends with it is told why: %s', (why, reason, by) => {
    const scene = new Scene(room());
    showOut(scene, why);
    expect(scene.end()).toMatchObject({ reason, by });
    expect(scene.legEnd(CALL_SID)).toMatchObject({ status: 'completed' });
  });

  it('[CF3] a full conference is notified, and the next verb follows', () => {
    const scene = new Scene(`${room()}<Pause length="5"/>`);
    showOut(scene, 'full');
    expect(scene.notified).toEqual([13240]);
    expect(scene.isOver).toBe(false);
    const asking = new Scene(room('', 'action="/after"'), AFTER);
    showOut(asking, 'full');
    expect(asking.lastAsked().params).toMatchObject({ DialCallStatus: 'busy' });
  });

  it('[CF2] what is said about a conference she has left means nothing', () => {
    const scene = new Scene(`${room('', 'timeLimit="10"')}${room()}`);
    const [first] = scene.of('enterConference');
    scene.pass(10_000);
    expect(scene.of('enterConference')).toHaveLength(2);
    scene.feed({ type: 'conferenceLeft', visitId: first?.visitId ?? 0, why: 'ended' });
    expect(scene.isOver).toBe(false);
  });
});
