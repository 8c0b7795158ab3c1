import type { CallControl, CallRefusal } from './call-control.ts';

const refused: CallRefusal = {
  refused: 'unsupported',
  message: 'this gateway does not make or modify calls for REST',
};

/** For a gateway whose calls REST can only read. */
export const absentCallControl: CallControl = {
  create: async () => refused,
  modify: async () => refused,
  conferences: {
    list: () => [],
    end: async () => refused,
    participants: () => [],
    setParticipant: async () => refused,
    removeParticipant: async () => refused,
  },
};
