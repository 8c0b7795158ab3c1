import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  NOTHING_CHOSEN,
  ROLES,
  selectedFor,
  stepChoice,
  type ChoiceInput,
  type ChoiceOutput,
  type ChoiceState,
} from '../core/device-choice.ts';

const device = (
  kind: string,
  deviceId: string,
  groupId = `group of ${deviceId}`,
  label = `The ${deviceId}`,
) => ({
  kind,
  deviceId,
  groupId,
  label,
});
const headset = device('audioinput', 'headset');
const webcam = device('audioinput', 'webcam');
const alias = (of: typeof headset) => device(of.kind, 'default', of.groupId, `Default - ${of.label}`);

function run(...inputs: ChoiceInput[]): { state: ChoiceState; outputs: readonly ChoiceOutput[] } {
  let state = NOTHING_CHOSEN;
  let outputs: readonly ChoiceOutput[] = [];
  for (const input of inputs) ({ state, outputs } = stepChoice(state, input));
  return { state, outputs };
}
const listed = (...devices: ReturnType<typeof device>[]): ChoiceInput => ({ type: 'listed', devices });
const wanted = (...deviceIds: string[]): ChoiceInput => ({ type: 'wanted', role: 'microphone', deviceIds });
const uses = (outputs: readonly ChoiceOutput[]) =>
  outputs.flatMap((output) =>
    output.type === 'use' && output.role === 'microphone' ? [output.deviceIds] : [],
  );

describe('which device is used', () => {
  it('[DV1] lists real devices, without the names a browser has for the default, and knows which that is', () => {
    const { state } = run(listed(alias(webcam), headset, webcam, device('audiooutput', 'loudspeaker')));
    expect(state.devices?.map(({ deviceId }) => deviceId)).toEqual(['headset', 'webcam', 'loudspeaker']);
    expect(selectedFor(state, 'microphone')).toMatchObject([{ deviceId: 'webcam' }]);
    expect(selectedFor(state, 'ringtone')).toMatchObject([{ kind: 'speaker', deviceId: 'loudspeaker' }]);
  });

  it('[DV1] takes devices without a name for devices that are not known yet', () => {
    const { state, outputs } = run(listed(device('audioinput', '', '', '')), listed(headset));
    expect(outputs).toEqual([]);
    expect(state.devices).toHaveLength(1);
  });

  it('[DV2] replaces a lost device by the default, and uses it again when it is back', () => {
    const chosen = [listed(headset, webcam), wanted('webcam')];
    expect(uses(run(...chosen).outputs)).toEqual([['webcam']]);
    const lost = run(...chosen, listed(headset));
    expect(uses(lost.outputs)).toEqual([[]]);
    expect(lost.outputs[0]).toMatchObject({ type: 'changed', added: [], lost: [{ deviceId: 'webcam' }] });
    expect(lost.state.wanted.microphone).toMatchObject([{ deviceId: 'webcam' }]);
    expect(uses(run(...chosen, listed(headset), listed(webcam, headset)).outputs)).toEqual([['webcam']]);
  });

  it('[DV2] follows the default of the system, and only where the default is meant', () => {
    const first = listed(alias(headset), headset, webcam);
    const other = listed(alias(webcam), headset, webcam);
    expect(uses(run(first, other).outputs)).toEqual([[]]);
    expect(uses(run(first, wanted('headset'), other).outputs)).toEqual([]);
  });

  it('[DV2] uses what is plugged in where there was nothing left', () => {
    expect(
      uses(run(listed(headset), listed(device('videoinput', 'camera')), listed(headset)).outputs),
    ).toEqual([[]]);
  });

  it('[DV50] a chosen device that was in use and is gone is lost, until it is back or another is chosen', () => {
    const isLost = (...inputs: ChoiceInput[]) => run(...inputs).state.used.microphone.isLost;
    const chosen = [listed(headset, webcam), wanted('webcam')];
    expect(isLost(...chosen)).toBe(false);
    const gone = [...chosen, listed(headset)];
    expect(isLost(...gone)).toBe(true);
    expect(isLost(...gone, listed(headset, device('videoinput', 'camera')))).toBe(true);
    expect(isLost(...gone, { type: 'wanted', role: 'speaker', deviceIds: [] })).toBe(true);
    // A browser that tells no names any more has not plugged it in.
    expect(isLost(...gone, listed(device('audioinput', '', '', '')))).toBe(true);
    expect(isLost(...chosen, listed(device('audioinput', '', '', '')))).toBe(false);
    expect(isLost(...gone, listed(headset, webcam))).toBe(false);
    expect(isLost(...gone, wanted('headset'))).toBe(false);
    expect(isLost(...gone, wanted())).toBe(false);
    // One of two is as lost as one of one.
    expect(isLost(listed(headset, webcam), wanted('webcam', 'headset'), listed(headset))).toBe(true);
  });

  it('[DV50] what is not chosen, and what an earlier visit has chosen and is not there, is not lost', () => {
    expect(run(listed(headset, webcam), listed(webcam)).state.used.microphone.isLost).toBe(false);
    const remembered: ChoiceInput = {
      type: 'remembered',
      wanted: { microphone: [{ deviceId: 'headset', label: headset.label }] },
    };
    expect(run(remembered, listed(webcam)).state.used.microphone.isLost).toBe(false);
    expect(
      run(remembered, listed(webcam), listed(headset), listed(webcam)).state.used.microphone.isLost,
    ).toBe(true);
  });

  it('[DV3] knows a device by its name where the browser has given it another id', () => {
    const renamed = device('audioinput', 'another id', 'another group', headset.label);
    const remembered: ChoiceInput = {
      type: 'remembered',
      wanted: { microphone: [{ deviceId: 'headset', label: headset.label }] },
    };
    expect(uses(run(remembered, listed(webcam, renamed)).outputs)).toEqual([['another id']]);
  });

  it('[DV2] whatever comes and goes: used is what is wanted and there, or the default; and nothing is said twice', () => {
    const ids = ['one', 'two', 'three'];
    const kinds = ['audioinput', 'videoinput', 'audiooutput'];
    const some = fc.subarray(kinds.flatMap((kind) => ids.map((id) => device(kind, `${kind} ${id}`))));
    const input: fc.Arbitrary<ChoiceInput> = fc.oneof(
      some.map((devices) => ({ type: 'listed' as const, devices })),
      fc.record({
        type: fc.constant('wanted' as const),
        role: fc.constantFrom(...ROLES),
        deviceIds: fc.subarray(kinds.flatMap((kind) => ids.map((id) => `${kind} ${id}`))),
      }),
    );
    fc.assert(
      fc.property(fc.array(input, { maxLength: 30 }), (inputs) => {
        let state = NOTHING_CHOSEN;
        const told = new Map<string, readonly string[]>();
        for (const each of inputs) {
          const step = stepChoice(state, each);
          state = step.state;
          for (const output of step.outputs)
            if (output.type === 'use') told.set(output.role, output.deviceIds);
          for (const role of ROLES) {
            const kind = role === 'ringtone' ? 'speaker' : role;
            const there = (state.devices ?? []).filter((known) => known.kind === kind);
            const expected = state.wanted[role].filter(({ deviceId }) =>
              there.some((known) => known.deviceId === deviceId),
            );
            expect(state.used[role].deviceIds).toEqual(expected.map(({ deviceId }) => deviceId));
            expect(told.get(role) ?? []).toEqual(state.used[role].deviceIds);
          }
          expect(uses(stepChoice(state, { type: 'remembered', wanted: {} }).outputs)).toEqual([]);
        }
      }),
    );
  });
});
