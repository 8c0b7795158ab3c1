/** Tries the line before anybody calls: devices, socket, token, the ways to the SFU, and a call with oneself. */
export { runPreflight, type Preflight, type PreflightOptions } from './preflight/preflight.ts';
export type {
  PreflightCheck,
  PreflightCheckName,
  PreflightFinding,
  PreflightProgress,
  PreflightReason,
  PreflightReport,
} from './preflight/report.ts';
