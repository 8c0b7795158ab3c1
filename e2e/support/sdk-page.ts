import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { build } from 'esbuild';

const HTML =
  '<!doctype html><meta charset="utf-8"><title>The SDK</title><body><script src="/page.js"></script></body>';

/** The SDK as an application embeds it, at hand for a test. */
const SCRIPT = `
  import { Device } from '@parley/client';
  import { runPreflight } from '@parley/client/preflight';
  window.sdk = { Device, runPreflight };
`;

/** As much of a preflight as is looked at here. */
interface Preflight extends AsyncIterable<{
  readonly type: string;
  readonly check?: { readonly name: string };
}> {
  readonly report: Promise<{
    readonly verdict: string;
    readonly reasons: readonly string[];
    readonly checks: readonly { readonly name: string; readonly state: string; readonly reason?: string }[];
    readonly samples: readonly unknown[];
    readonly mos: { readonly average: number } | null;
    readonly path: string | null;
    readonly isTurnNeeded: boolean | null;
  }>;
}

/** As much of a device and its calls as is used here. */
interface SdkCall {
  accept(): Promise<void>;
  disconnect(): Promise<unknown>;
  on(name: 'warning', listener: (warning: { readonly name: string }) => void): void;
  samples(): AsyncIterable<{ readonly path: { readonly localType: string | null } | null }>;
}
interface SdkDevice {
  register(): Promise<void>;
  connect(options: { readonly to: string }): Promise<SdkCall>;
  on(name: 'incoming', listener: (call: SdkCall) => void): void;
  disconnectAll(): void;
  destroy(): Promise<void>;
}

declare global {
  interface Window {
    sdk?: {
      readonly Device: new (token: string, options: object) => SdkDevice;
      runPreflight(token: string, options: object): Preflight;
    };
    device?: SdkDevice;
  }
}

/** A folder with a page that holds nothing but the SDK, for a gateway to serve in place of the softphone. */
export class SdkPageFolder implements Disposable {
  readonly path = mkdtempSync(path.join(tmpdir(), 'parley-e2e-sdk-'));

  static async build(): Promise<SdkPageFolder> {
    const { outputFiles } = await build({
      stdin: { contents: SCRIPT, resolveDir: import.meta.dirname },
      bundle: true,
      write: false,
      format: 'iife',
      target: 'es2023',
      conditions: ['@parley/source'],
    });
    const folder = new SdkPageFolder();
    writeFileSync(path.join(folder.path, 'index.html'), HTML);
    writeFileSync(path.join(folder.path, 'page.js'), outputFiles[0]?.text ?? '');
    return folder;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A demo token of the gateway the page came from. */
export async function demoToken(url: string, identity: string): Promise<string> {
  const answer = await fetch(`${url}/demo/token?identity=${identity}`);
  return ((await answer.json()) as { token: string }).token;
}

/** What a test reads of a preflight report. */
export interface ReportRead {
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly checks: Readonly<Record<string, string>>;
  readonly samples: number;
  readonly mos: number | null;
  readonly path: string | null;
  readonly isTurnNeeded: boolean | null;
  /** What was told meanwhile, in its order. */
  readonly progress: readonly string[];
  /** Microphones and peer connections that are still open afterwards. */
  readonly left: number;
}

/** Runs a preflight in a page that holds the SDK. */
export function preflight(page: Page, token: string, options: object = {}): Promise<ReportRead> {
  return page.evaluate(
    async ([given, more]) => {
      const { sdk } = window;
      if (sdk === undefined) throw new Error('this page does not hold the SDK');
      const opened: RTCPeerConnection[] = [];
      const Native = RTCPeerConnection;
      window.RTCPeerConnection = class extends Native {
        constructor(configuration?: RTCConfiguration) {
          super(configuration);
          opened.push(this);
        }
      };
      const run = sdk.runPreflight(given, { durationMs: 3000, ...more });
      const progress: string[] = [];
      for await (const each of run) progress.push(each.check?.name ?? each.type);
      const report = await run.report;
      window.RTCPeerConnection = Native;
      const open = opened.filter(({ connectionState }) => connectionState !== 'closed').length;
      return {
        verdict: report.verdict,
        reasons: report.reasons,
        checks: Object.fromEntries(report.checks.map(({ name, state, reason }) => [name, reason ?? state])),
        samples: report.samples.length,
        mos: report.mos?.average ?? null,
        path: report.path,
        isTurnNeeded: report.isTurnNeeded,
        progress,
        left: open + window.probe.open().length,
      };
    },
    [token, options] as const,
  );
}
