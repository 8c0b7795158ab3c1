/**
 * What bindings for a framework stand on, beside the stores: `@parley/react` and `@parley/vue` are made of it, and so may be
 * yours. Nothing of it knows a framework, and nothing of it is needed without one.
 *
 * @module @parley/client/bindings
 */
export { announceCalls, ENGLISH_ANNOUNCEMENTS, type AnnouncerWords } from './bindings/announcer.ts';
export { EndRecord, recordOf, type LastEnd } from './bindings/end-record.ts';
export {
  PreflightRuns,
  type PreflightRequest,
  type PreflightState,
  type PreflightStep,
} from './bindings/preflight-runs.ts';
export { isSameSelection, type Selector } from './bindings/selection.ts';
export { isDialpadKey, watchShortcuts, type CallShortcuts } from './bindings/shortcuts.ts';
