// Whatever a call does, it is free at once: hung up, ended by REST, or given another document.
import { describe, expect, it } from 'vitest';
import { askRest } from './rest.ts';
import { become, soon } from './soon.ts';
import { Stage } from './stage.ts';
import { ended, reached } from './test-phone.ts';

/** What a call is in the middle of, and how one sees that it is. */
const MIDDLES: Readonly<
  Record<string, { readonly verbs: string; readonly sounds: boolean; readonly rings?: true }>
> = {
  Say: { verbs: '<Say loop="0">A long story that does not come to an end.</Say>', sounds: true },
  Play: { verbs: '<Play digits="1234567890123456789012345678901234567890" loop="0"/>', sounds: true },
  Pause: { verbs: '<Pause length="60"/>', sounds: false },
  Gather: { verbs: '<Gather timeout="60"/>', sounds: false },
  'a prompt of Gather': {
    verbs: '<Gather timeout="60"><Play digits="1234567890" loop="0"/></Gather>',
    sounds: true,
  },
  'ringback of the gateway': {
    verbs: '<Dial timeout="60" ringTone="us"><Client>jenny</Client></Dial>',
    sounds: true,
    rings: true,
  },
  'music before a conference': {
    verbs: '<Dial><Conference startConferenceOnEnter="false">blue</Conference></Dial>',
    sounds: true,
  },
  'a document before a conference': {
    verbs: '<Dial><Conference startConferenceOnEnter="false" waitUrl="/wait">blue</Conference></Dial>',
    sounds: true,
  },
};

describe.each(Object.entries(MIDDLES))('in the middle of %s', (_, { verbs, sounds, rings = false }) => {
  const inTheMiddle = async (stage: Stage) => {
    stage.application.on('/wait', '<Say loop="0">You are number one in the line.</Say>');
    const jenny = rings ? await stage.phone('jenny') : undefined;
    const call = await stage.alice();
    const hers = await jenny?.rings();
    if (sounds) {
      await become(
        () => stage.media?.sounds(call) === true,
        () => 'something to be heard',
        // Each gateway makes its own, and the longest takes a second of a core to itself.
        15_000,
      );
    } else if (verbs.startsWith('<Pause')) {
      // Which answers nobody.
      await stage.application.request('/voice');
      await become(
        () => call.parameters.CallSid !== '',
        () => 'the name of the call',
      );
    } else await reached(call, 'answered');
    return { call, hers };
  };

  it('[TN21] hung up: free at once', async () => {
    await using stage = await Stage.open(verbs);
    const { call, hers } = await inTheMiddle(stage);
    await call.disconnect();
    await stage.quiet();
    if (hers !== undefined) expect(await ended(hers)).toMatchObject({ reason: 'cancelled' });
    expect(stage.media?.sounding).toBe(0);
    expect(stage.gateway.counts()).toMatchObject({
      calls: { calls: 0, parts: 0 },
      conferences: { conferences: 0 },
      media: { parties: 0 },
    });
  });

  it('[TN21] [D25] ended by REST: free at once', async () => {
    await using stage = await Stage.open(verbs);
    const { call } = await inTheMiddle(stage);
    await askRest(stage, `/Calls/${call.parameters.CallSid}`, { Status: 'completed' });
    expect(await ended(call)).toMatchObject({ reason: 'replaced', by: 'server' });
    await stage.quiet();
    expect(stage.media?.sounding).toBe(0);
  });

  it('[TN21] [CL11] [D27] given another document by REST: that one runs, and nothing of the first is heard', async () => {
    await using stage = await Stage.open(verbs);
    stage.application.on('/other', '<Gather timeout="60"/>');
    const { call, hers } = await inTheMiddle(stage);
    await askRest(stage, `/Calls/${call.parameters.CallSid}`, { Url: stage.application.url('/other') });
    await stage.application.request('/other');
    await soon(
      () => (call.store.getSnapshot().phase === 'answered' && stage.media?.sounding === 0 ? true : undefined),
      () => `silence (${stage.media?.sounding} sound)`,
    );
    if (hers !== undefined) expect(await ended(hers)).toMatchObject({ reason: 'replaced' });
    expect(stage.gateway.counts().conferences).toEqual({ conferences: 0, participants: 0 });
    await call.disconnect();
  });
});
