import type { PartyId } from '@parley/switchboard';
import { FakeRecordingPlane } from './fake-recording-plane.ts';
import { describeRecordingPlane, RECORDINGS_MAX_OF_THE_CONTRACT } from './recording-plane-contract.ts';

describeRecordingPlane('FakeRecordingPlane', async () => {
  const parties = new Set<PartyId>();
  const plane = new FakeRecordingPlane({
    hasParty: (party) => parties.has(party),
    recordingsMax: RECORDINGS_MAX_OF_THE_CONTRACT,
  });
  return {
    plane,
    openParty: async (party) => void parties.add(party),
    closeParty: (party) => {
      parties.delete(party);
      plane.closeParty(party);
    },
    pass: async (ms) => plane.pass(ms),
    dispose: async () => {},
  };
});
