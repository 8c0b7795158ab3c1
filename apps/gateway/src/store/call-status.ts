export type { CallStatus, FinalStatus } from '@parley/switchboard';
